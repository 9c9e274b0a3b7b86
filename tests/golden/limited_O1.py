import math


def limited_grad(x: float, n: int):
    """Value of limited, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    k = 0
    x_in = []
    while k < n and abs(x) > 0.1 and not (x > 3.0 or x < -3.0):
        x_in.append(x)
        a = math.sin(x)
        x = x - 0.3 * a
        k = k + 1
    d = k < n and x > 0.0
    if d:
        b = k * x
        x = b * x
    else:
        b = 0.0
    c = x * k
    # reverse sweep
    x_bar = 2.0 * k * b if d else 1.0 * k      # c = x * k
    for x_i in reversed(x_in):
        x_bar -= x_bar * 0.3 * math.cos(x_i)
    return c, x_bar
