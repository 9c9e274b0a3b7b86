

def power_loop_vjp(x: float, n: int, power_loop_bar: float):
    """Value of power_loop, and power_loop_bar times its derivative in x."""
    if not (x.__class__ is power_loop_bar.__class__ is float):
        x, power_loop_bar = float(+x), float(+power_loop_bar)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    y = 1.0
    y_in = []
    for _ in range(n):
        y_in.append(y)
        y = y * x
    # reverse sweep
    y_bar = power_loop_bar
    x_bar = 0.0
    for y_i in reversed(y_in):
        x_bar += y_bar * y_i
        y_bar *= x
    return y, x_bar
