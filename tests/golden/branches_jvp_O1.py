import math


def branches_jvp(x: float, x_dot: float):
    """Value of branches, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    if x > 1.0:
        y = math.log(x)
        y_dot = x_dot / x
    elif x > 0.0:
        y = x * x
        y_dot = 2.0 * x_dot * x
    else:
        y = -x
        y_dot = -x_dot
    a = y * 3.0
    a_dot = y_dot * 3.0
    return a, a_dot
