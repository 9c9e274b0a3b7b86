

def power_loop_taylor(x: float, n: int):
    """Taylor coefficients of power_loop in x, from 0 to 3."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    y = 1.0
    y_1 = 0.0
    y_2 = 0.0
    y_3 = 0.0
    for _ in range(n):
        y_3 = y_2 + y_3 * x
        y_2 = y_1 + y_2 * x
        y_1 = y + y_1 * x
        y = y * x
    return y, y_1, y_2, y_3
