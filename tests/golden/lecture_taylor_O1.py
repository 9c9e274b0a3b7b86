import math


def lecture_taylor(x: float):
    """Taylor coefficients of lecture in x, from 0 to 3."""
    if x.__class__ is not float:
        x = float(+x)
    # values
    a = x**2
    b = math.exp(a)
    c = a + b
    d = math.sqrt(c)
    e = math.cos(c)
    f = d + e
    # coefficients
    a_1 = 2.0 * x                                              # a = x**2
    b_1 = a_1 * b                                              # b = exp(a)
    g = a_1 * b_1 + 2.0 * b                                    # b = exp(a)
    b_2 = g / 2.0                                              # b = exp(a)
    b_3 = (a_1 / 2.0 * g + 2.0 * b_1) / 3.0                    # b = exp(a)
    c_1 = a_1 + b_1                                            # c = a + b
    c_2 = 1.0 + b_2                                            # c = a + b
    h = 0.5 / d                                                # d = sqrt(c)
    d_1 = c_1 * h                                              # d = sqrt(c)
    i = d_1 * h                                                # d = sqrt(c)
    j = c_1 / d                                                # d = sqrt(c)
    k = 2.0 * c_2                                              # d = sqrt(c)
    d_2 = (k * h - j * i) / 2.0                                # d = sqrt(c)
    m = 3.0 * b_3                                              # d = sqrt(c)
    n = -j * (d_2 * h - d_1 / d * i) - k / d * i               # d = sqrt(c)
    d_3 = (n + m * h) / 3.0                                    # d = sqrt(c)
    o = math.sin(c)                                            # e = cos(c)
    p = c_1 * o                                                # e = cos(c)
    q = c_1 * e                                                # e = cos(c)
    e_2 = (-c_1 * q - k * o) / 2.0                             # e = cos(c)
    r = -c_1 / 2.0 * (k * e - c_1 * p) - k * q - m * o         # e = cos(c)
    e_3 = r / 3.0                                              # e = cos(c)
    f_1 = d_1 - p                                              # f = d + e
    f_2 = d_2 + e_2                                            # f = d + e
    f_3 = d_3 + e_3                                            # f = d + e
    return f, f_1, f_2, f_3
