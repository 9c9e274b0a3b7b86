import math


def lecture_jvp(x: float, x_dot: float):
    """Value of lecture, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    # values
    a = x**2
    b = math.exp(a)
    c = a + b
    d = math.sqrt(c)
    e = math.cos(c)
    f = d + e
    # tangents
    a_dot = x_dot * 2.0 * x                            # a = x**2
    c_dot = a_dot + a_dot * b                          # c = a + b; b = exp(a)
    f_dot = c_dot * (0.5 / d) - c_dot * math.sin(c)    # f = d + e; e = cos(c); d = sqrt(c)
    return f, f_dot
