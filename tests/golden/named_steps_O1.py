import math


def named_steps_grad(x: float, w: float):
    """Value of named_steps, and its derivative in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
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
