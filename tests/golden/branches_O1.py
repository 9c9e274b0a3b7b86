import math


def branches_grad(x: float):
    """Value of branches at x, and dbranches/dx."""
    if x.__class__ is not float:
        x = float(+x)
    # forward sweep
    if x > 1.0:
        y = math.log(x)
    elif x > 0.0:
        y = x * x
    else:
        y = -x
    a = y * 3.0
    # reverse sweep
    if x > 1.0:
        x_bar = 3.0 / x
    else:
        x_bar = 6.0 * x if x > 0.0 else -3.0
    return a, x_bar
