import math


def named_steps_grad(x: float, w: float):
    """Value of named_steps, and its derivative in x, w."""
    if x.__class__ is not float:
        x = float(+x)
    if w.__class__ is not float:
        w = float(+w)
    # forward sweep
    t = x * w
    a = math.sin(t)
    t1 = a + t
    b = 1.0 + t1 * t1
    u = t1 / b
    c = u * x
    # reverse sweep
    d = x / b                          # u = t1 / b
    e = d * u * t1                     # u = t1 / b; b = 1.0 + t1 * t1
    t_bar = d - e - e
    t_bar += t_bar * math.cos(t)       # t1 = a + t; a = sin(t)
    w_bar = t_bar * x                  # t = x * w
    x_bar = u + t_bar * w              # t = x * w
    return c, (x_bar, w_bar)
