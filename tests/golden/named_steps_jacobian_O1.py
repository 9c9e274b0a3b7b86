import math


def named_steps_jacobian(x: float, w: float):
    """Value of named_steps, and its derivatives in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
    # values
    t = x * w
    a = math.sin(t)
    t1 = a + t
    b = 1.0 + t1 * t1
    u = t1 / b
    c = u * x
    # tangents
    d = math.cos(t)                            # a = sin(t)
    t_dx = w * d + w                           # t1 = a + t; a = sin(t)
    t_dw = x * d + x                           # t1 = a + t; a = sin(t)
    u_dx = t_dx / b - 2.0 * t_dx * t1 / b * u  # u = t1 / b
    u_dw = t_dw / b - 2.0 * t_dw * t1 / b * u  # u = t1 / b
    c_dx = u_dx * x + u                        # c = u * x
    c_dw = u_dw * x                            # c = u * x
    return c, (c_dx, c_dw)
