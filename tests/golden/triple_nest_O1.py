import math


def triple_nest_grad(x: float, n: int):
    """Value of triple_nest, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    s = 0.0
    passes = []
    for i in range(n):
        passes1 = []
        for j in range(i):
            passes2 = []
            for k in range(j):
                a = x * s + k
                passes2.append((s, a))
                b = math.sin(a)
                s = s * 0.5 + b
            passes1.append(passes2)
            s = s + x
        passes.append(passes1)
    # reverse sweep
    s_bar = 1.0
    x_bar = 0.0
    for passes_i in reversed(passes):
        for passes_j in reversed(passes_i):
            x_bar += s_bar
            for s_i, a_i in reversed(passes_j):
                a_bar = s_bar * math.cos(a_i)
                x_bar += a_bar * s_i
                s_bar = a_bar * x + s_bar * 0.5
    return s, x_bar
