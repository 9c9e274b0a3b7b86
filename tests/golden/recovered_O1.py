import math


def recovered_grad(x: float, w: float):
    """Value of recovered, and its derivative in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
    # forward sweep
    try:
        y = math.log(x)
        path = 0
    except ValueError:
        y = w * x
        path = 1
    a = y * y
    # reverse sweep
    y_bar = 2.0 * y
    if not path:
        x_bar = y_bar / x
        w_bar = 0.0
    else:
        w_bar = y_bar * x
        x_bar = y_bar * w
    return a, (x_bar, w_bar)
