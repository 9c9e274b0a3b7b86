import math


def until_it_fails_grad(x: float, n: int):
    """Value of until_it_fails, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    total1 = 1.0
    caught1 = False
    passes = []
    for i in range(n):
        total2 = total1 * x
        try:
            a = math.sqrt(3.0 - i - x)
            total = total2 + a
            caught = False
        except ValueError:
            total = total2
            caught = True
            a = 0.0
        passes.append((total1, caught, a))
        if caught:
            total1 = total
            caught1 = caught
            break
        total1 = total
        caught1 = caught
    if caught1:
        total = total1 * total1
    else:
        total = total1
    # reverse sweep
    total_bar = 2.0 * total1 if caught1 else 1.0
    x_bar = 0.0
    for total_i, caught_i, a_i in reversed(passes):
        if not caught_i:
            x_bar -= total_bar * (0.5 / a_i if a_i else math.inf)
        x_bar += total_bar * total_i
        total_bar *= x
    return total, x_bar
