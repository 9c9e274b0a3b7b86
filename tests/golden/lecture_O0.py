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
    f_bar = 1.0
    d_bar = f_bar                                              # f = d + e
    e_bar = f_bar                                              # f = d + e
    c_bar = d_bar * (0.5 * c**-0.5) + e_bar * -math.sin(c)     # e = cos(c); d = sqrt(c)
    b_bar = c_bar                                              # c = a + b
    a_bar = b_bar * math.exp(a) + c_bar                        # c = a + b; b = exp(a)
    x_bar = a_bar * (2 * x)                                    # a = x**2
    return f, x_bar
