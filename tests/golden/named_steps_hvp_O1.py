import math


def named_steps_hvp(x: float, w: float, x_dot: float, w_dot: float):
    """Gradient of named_steps, and its Hessian times x_dot, w_dot."""
    if not (x.__class__ is w.__class__ is x_dot.__class__ is w_dot.__class__ is float):
        x, w, x_dot, w_dot = float(+x), float(+w), float(+x_dot), float(+w_dot)
    # values
    t = x * w
    a = math.sin(t)
    t1 = a + t
    b = 1.0 + t1 * t1
    u = t1 / b
    c = x / b
    d = c * u
    e = d * t1
    t_bar = c - e - e
    f = math.cos(t)
    t_bar1 = t_bar + t_bar * f
    w_bar = t_bar1 * x
    x_bar = u + t_bar1 * w
    # tangents
    t_dot = x_dot * w + w_dot * x                              # t = x * w
    t_dot1 = t_dot * f + t_dot                                 # t1 = a + t; a = sin(t)
    g = 2.0 * t_dot1 * t1 / b                                  # u = t1 / b
    u_dot = t_dot1 / b - g * u                                 # u = t1 / b
    c_dot = x_dot / b - g * c                                  # c = x / b
    e_dot = (c_dot * u + u_dot * c) * t1 + t_dot1 * d          # e = d * t1; d = c * u
    t_bar_dot = c_dot - e_dot - e_dot                          # t_bar = c - e - e
    t_bar_dot += t_bar_dot * f - t_dot * a * t_bar
    w_bar_dot = t_bar_dot * x + x_dot * t_bar1                 # w_bar = t_bar1 * x
    x_bar_dot = u_dot + (t_bar_dot * w + w_dot * t_bar1)       # x_bar = u + t_bar1 * w
    return (x_bar, w_bar), (x_bar_dot, w_bar_dot)
