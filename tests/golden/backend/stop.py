def f(x: float, n: int):
    y = 1.0
    y_in = []
    for i in range(n):
        y_in.append(y)
        c = y > 100.0
        y = y * x
        if c:
            break
    for z_i in reversed(y_in):
        y = y + z_i
    return y
