def f(x: float, y: float):
    if x < 0.0:
        t = -x
    elif x < y:
        t = x * 2.0
    else:
        t = y
    if t >= 10.0:
        u = t - 10.0
    else:
        u = t
    if u == 0.0:
        raise ValueError(f'zero at {x}')
    v = 1.0 / u
    w = v
    return w
