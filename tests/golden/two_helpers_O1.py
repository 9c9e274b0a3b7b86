import math


def smooth_fwd(x):
    """smooth, and its record for smooth_rev."""
    total = 0.0
    a_rec = []
    b_rec = []
    for k in range(1, 5):
        a = -k * x
        a_rec.append(a)
        b = math.exp(a * x)
        b_rec.append(b)
        c = b / k
        total = total + c
    return total, (a_rec, b_rec)


def smooth_rev(rec, total_bar):
    """The adjoint of smooth, from its record."""
    a, b = rec
    x_bar = 0.0
    for k, a_i, b_i in zip(reversed(range(1, 5)), reversed(a), reversed(b)):
        c = total_bar / k * b_i * a_i
        x_bar += c
        x_bar += c
    return x_bar


def two_helpers_grad(x: float):
    """Value of two_helpers at x, and dtwo_helpers/dx."""
    if x.__class__ is not float:
        x = float(+x)
    # forward sweep
    a, smooth_rec = smooth_fwd(x)
    b = 2.0 * x
    c, smooth_rec1 = smooth_fwd(b)
    d = a * c
    # reverse sweep
    b_bar = smooth_rev(smooth_rec1, a)
    e = smooth_rev(smooth_rec, c)
    x_bar = b_bar * 2.0 + e    # b = 2.0 * x
    return d, x_bar
