def f_grad(x: float, n: int):
    # forward sweep
    y = 1.0
    passes = []
    for i in range(n):
        z = y
        w = 0.0
        z_w_in = []
        for j in range(i):
            z_w_in.append((z, w))
            z = z * x
            w = w + z
        passes.append((z_w_in, y))
        y = z + w
    # reverse sweep
    x_bar = 0.0
    for passes_i, y_i in reversed(passes):
        for z_i, w_i in reversed(passes_i):
            x_bar += z_i * w_i
        x_bar += y_i
    return y, x_bar
