def f(x: float, y: float, n: int):
    a = x
    b = y
    for i in range(n):
        a, b = b, a
    p = a
    q = b
    for i in range(n):
        r = p + q
        p = q
        q = r
    return p, q
