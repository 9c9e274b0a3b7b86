def f(x: float, n: int):
    u: float
    s = 0.0
    for i in range(n):
        a = x - i
        if a > 0.0:
            t = a * 2.0
        else:
            t = 0.0
            del t
        s = s + t
    v = u if s > 1000.0 else s
    return v
