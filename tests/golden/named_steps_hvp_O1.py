import math


def named_steps_hvp(x: float, w: float, x_dot: float, w_dot: float):
    """Gradient of named_steps, and its Hessian times x_dot, w_dot."""
    if not (x.__class__ is w.__class__ is x_dot.__class__ is w_dot.__class__ is float):
        x, w, x_dot, w_dot = float(+x), float(+w), float(+x_dot), float(+w_dot)
    # values
    t = x * w
    a = math.sin(t)
    t1 = a + t
    c = t1 * t1
    b = 1.0 + c
    u = t1 / b
    d = x / b
    e = d * u
    f = e * t1
    g = d - f
    t_bar = g - f
    h = math.cos(t)
    i = t_bar * h
    t_bar1 = t_bar + i
    j = t_bar1 * w
    w_bar = t_bar1 * x
    x_bar = u + j
    # tangents
    t_dot = x_dot * w + w_dot * x                      # t = x * w
    t_dot1 = t_dot * h + t_dot                         # t1 = a + t; a = sin(t)
    c_dot = 2.0 * t_dot1 * t1                          # c = t1 * t1
    k = c_dot / b                                      # u = t1 / b
    u_dot = t_dot1 / b - k * u                         # u = t1 / b
    d_dot = x_dot / b - k * d                          # d = x / b
    e_dot = d_dot * u + u_dot * d                      # e = d * u
    f_dot = e_dot * t1 + t_dot1 * e                    # f = e * t1
    g_dot = d_dot - f_dot                              # g = d - f
    t_bar_dot = g_dot - f_dot                          # t_bar = g - f
    i_dot = t_bar_dot * h - t_dot * a * t_bar          # i = t_bar * h; h = cos(t)
    t_bar_dot += i_dot                                 # t_bar1 = t_bar + i
    j_dot = t_bar_dot * w + w_dot * t_bar1             # j = t_bar1 * w
    w_bar_dot = t_bar_dot * x + x_dot * t_bar1         # w_bar = t_bar1 * x
    x_bar_dot = u_dot + j_dot                          # x_bar = u + j
    return (x_bar, w_bar), (x_bar_dot, w_bar_dot)
