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
    a_dot = x_dot * (2 * x)            # a = x**2
    b_dot = a_dot * b                  # b = exp(a)
    c_dot = a_dot + b_dot              # c = a + b
    d_dot = c_dot * (0.5 * c**-0.5)    # d = sqrt(c)
    e_dot = c_dot * -math.sin(c)       # e = cos(c)
    f_dot = d_dot + e_dot              # f = d + e
    return f, f_dot
