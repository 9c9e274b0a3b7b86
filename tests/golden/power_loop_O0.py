

def power_loop_grad(x: float, n: int):
    """Value of power_loop, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    y = 1.0
    y_in = []
    for _ in range(n):
        y_in.append(y)
        y = y * x
    # reverse sweep
    y_bar = 1.0
    x_bar = 0.0
    for y_i in reversed(y_in):
        x_bar += y_bar * y_i
        y_bar = y_bar * x
    return y, x_bar
