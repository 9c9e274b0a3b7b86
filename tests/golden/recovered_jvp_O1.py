import math


def recovered_jvp(x: float, w: float, x_dot: float, w_dot: float):
    """Value of recovered, and its derivative in the direction x_dot, w_dot."""
    if not (x.__class__ is w.__class__ is x_dot.__class__ is w_dot.__class__ is float):
        x, w, x_dot, w_dot = float(+x), float(+w), float(+x_dot), float(+w_dot)
    try:
        y = math.log(x)
        y_dot = x_dot / x
    except ValueError:
        y = w * x
        y_dot = w_dot * x + x_dot * w
    a = y * y
    a_dot = 2.0 * y_dot * y
    return a, a_dot
