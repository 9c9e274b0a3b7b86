import math


def branches_taylor(x: float):
    """Taylor coefficients of branches in x, from 0 to 2."""
    if x.__class__ is not float:
        x = float(+x)
    if x > 1.0:
        y = math.log(x)
        y_1 = 1.0 / x
        y_2 = -y_1 / x / 2.0
    elif x > 0.0:
        y = x * x
        y_1 = 2.0 * x
        y_2 = 1.0
    else:
        y = -x
        y_1 = -1.0
        y_2 = -0.0
    a = y * 3.0
    a_1 = y_1 * 3.0
    a_2 = y_2 * 3.0
    return a, a_1, a_2
