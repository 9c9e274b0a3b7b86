

def swap_grad(x: float, n: int):
    """Value of swap, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    a = x
    b = 1.0
    b_in = []
    for _ in range(n):
        b_in.append(b)
        b1 = a + b * x
        a = b
        b = b1
    # reverse sweep
    a_bar = 1.0
    b_bar = 0.0
    x_bar = 0.0
    for b_i in reversed(b_in):
        x_bar += b_bar * b_i
        b_bar1 = a_bar + b_bar * x
        a_bar = b_bar
        b_bar = b_bar1
    x_bar += a_bar
    return a, x_bar
