import math


def guarded_grad(x: float):
    """Value of guarded at x, and dguarded/dx."""
    if x.__class__ is not float:
        x = float(+x)
    # forward sweep
    if x < 0.0:
        raise ValueError(f'negative: {x}')
    a = math.sqrt(x)
    b = 1.0 + x
    c = x / b
    d = math.asin(c)
    e = a + d
    # reverse sweep
    f = (1.0 / math.sqrt((1.0 - c) * (1.0 + c)) if abs(c) != 1.0 else math.inf) / b
    x_bar = f - f * c + (0.5 / a if a else math.inf)
    return e, x_bar
