import math


def lecture_vjp(x: float, lecture_bar: float):
    """Value of lecture, and lecture_bar times its derivative in x."""
    if not (x.__class__ is lecture_bar.__class__ is float):
        x, lecture_bar = float(+x), float(+lecture_bar)
    # forward sweep
    a = x**2
    b = math.exp(a)
    c = a + b
    d = math.sqrt(c)
    e = math.cos(c)
    f = d + e
    # reverse sweep
    c_bar = lecture_bar * (0.5 / d) - lecture_bar * math.sin(c)
    a_bar = c_bar + c_bar * b  # c = a + b; b = exp(a)
    x_bar = a_bar * 2.0 * x    # a = x**2
    return f, x_bar
