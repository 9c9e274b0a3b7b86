def f(x: float, n: int):
    y = 1.0
    for i in range(n):
        y = y * x
        if y > 100.0:
            break
        y = y + 1.0
    return y
