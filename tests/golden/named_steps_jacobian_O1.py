import math


def named_steps_jacobian(x: float, w: float):
    """Value of named_steps, and its derivatives in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
    # values
    t = x * w
    a = math.sin(t)
    t1 = a + t
    b = t1 * t1
    c = 1.0 + b
    u = t1 / c
    d = u * x
    # tangents
    e = math.cos(t)                    # a = sin(t)
    t_dx = w * e + w                   # t1 = a + t; a = sin(t)
    t_dw = x * e + x                   # t1 = a + t; a = sin(t)
    b_dx = 2.0 * t_dx * t1             # b = t1 * t1
    b_dw = 2.0 * t_dw * t1             # b = t1 * t1
    u_dx = t_dx / c - b_dx / c * u     # u = t1 / c
    u_dw = t_dw / c - b_dw / c * u     # u = t1 / c
    d_dx = u_dx * x + u                # d = u * x
    d_dw = u_dw * x                    # d = u * x
    return d, (d_dx, d_dw)
