

def power_loop_jvp(x: float, n: int, x_dot: float):
    """Value of power_loop, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    if n.__class__ is not int:
        n = n.__index__()
    y = 1.0
    y_dot = 0.0
    for _ in range(n):
        y_dot = y_dot * x + x_dot * y
        y = y * x
    return y, y_dot
