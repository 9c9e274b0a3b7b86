import math


def f(x: float, y: float):
    z = x if x > 0.0 and math.log(x) > y or y < 0.0 else y
    return z
