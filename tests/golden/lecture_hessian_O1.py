import math


def lecture_hessian(x: float):
    """Gradient and Hessian of lecture in x."""
    if x.__class__ is not float:
        x = float(+x)
    # values
    a = x**2
    b = math.exp(a)
    c = a + b
    d = math.sqrt(c)
    e = math.cos(c)
    f = math.sin(c)
    g = 0.5 / d
    c_bar = g - f
    h = c_bar * b
    a_bar = c_bar + h
    i = 2.0 * x
    x_bar = a_bar * i
    # tangents
    c_dot = i + i * b  # c = a + b; b = exp(a)
    c_bar_dot = -c_dot * g / d * g - c_dot * e
    x_bar_dot = (c_bar_dot + (c_bar_dot * b + i * h)) * i + 2.0 * a_bar
    return x_bar, x_bar_dot
