import math


def f(x: float):
    y = x
    count = 0.0
    while math.log(y * y) > 1.0:
        y = y / 2.0
        count = count + 1.0
    while True:
        t = y * y
        u = math.exp(t)
        if not u > t:
            break
        y = y / 2.0
        if y < 0.1:
            break
        if y < 0.2:
            y = 1.0
        else:
            y = y * 0.5
    return y, count
