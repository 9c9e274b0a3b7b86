import math


def branches_grad(x: float):
    """Value of branches at x, and dbranches/dx."""
    if x.__class__ is not float:
        x = float(+x)
    # forward sweep
    b = x > 1.0
    if b:
        y = math.log(x)
    else:
        c = x > 0.0
        if c:
            y = x * x
        else:
            y = -x
    a = y * 3.0
    # reverse sweep
    if b:
        x_bar = 3.0 / x
    else:
        x_bar = 6.0 * x if c else -3.0
    return a, x_bar
