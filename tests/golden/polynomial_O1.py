GRAVITY = 9.81


def polynomial_grad(x: float, coefficient: float = 2.0):
    """Value of polynomial, and its derivative in x, coefficient."""
    if not (x.__class__ is coefficient.__class__ is float):
        x, coefficient = float(+x), float(+coefficient)
    # forward sweep
    a = x**3
    b = x**2
    d = coefficient * a - b + GRAVITY
    # reverse sweep
    x_bar = coefficient * 3.0 * b - 2.0 * x    # b = x**2; a = x**3
    return d, (x_bar, a)
