import math


def named_steps_jvp(x: float, w: float, x_dot: float, w_dot: float):
    """Value of named_steps, and its derivative in the direction x_dot, w_dot."""
    if not (x.__class__ is w.__class__ is x_dot.__class__ is w_dot.__class__ is float):
        x, w, x_dot, w_dot = float(+x), float(+w), float(+x_dot), float(+w_dot)
    # values
    t = x * w
    a = math.sin(t)
    t1 = a + t
    b = 1.0 + t1 * t1
    u = t1 / b
    c = u * x
    # tangents
    t_dot = x_dot * w + w_dot * x                      # t = x * w
    t_dot += t_dot * math.cos(t)                       # t1 = a + t; a = sin(t)
    u_dot = t_dot / b - 2.0 * t_dot * t1 / b * u       # u = t1 / b
    c_dot = u_dot * x + x_dot * u                      # c = u * x
    return c, c_dot
