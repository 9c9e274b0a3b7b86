GRAVITY = 9.81


def polynomial_grad(x: float, coefficient: float = 2.0):
    """Value of polynomial, and its derivative in x, coefficient."""
    if x.__class__ is not float:
        x = float(+x)
    if coefficient.__class__ is not float:
        coefficient = float(+coefficient)
    # forward sweep
    a = x**3
    b = coefficient * a
    c = x**2
    d = b - c
    f = d + GRAVITY
    # reverse sweep
    x_bar = coefficient * 3 * c - 2 * x        # c = x**2; a = x**3
    return f, (x_bar, a)
