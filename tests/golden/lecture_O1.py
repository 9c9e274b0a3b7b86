import math


def lecture_grad(x: float):
    """Value of lecture at x, and dlecture/dx."""
    if x.__class__ is not float:
        x = float(+x)
    # forward sweep
    a = x**2
    b = math.exp(a)
    c = a + b
    d = math.sqrt(c)
    e = math.cos(c)
    f = d + e
    # reverse sweep
    c_bar = 0.5 / d - math.sin(c)      # f = d + e; e = cos(c); d = sqrt(c)
    a_bar = c_bar + c_bar * b          # c = a + b; b = exp(a)
    x_bar = a_bar * 2.0 * x            # a = x**2
    return f, x_bar
