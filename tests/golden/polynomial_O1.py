GRAVITY = 9.81


def polynomial_grad(x: float, coefficient: float = 2.0):
    """Value of polynomial, and its derivative in x, coefficient."""
    if x.__class__ is not float:
        x = float(+x)
    if coefficient.__class__ is not float:
        coefficient = float(+coefficient)
    # forward sweep
    coefficient_bar = x**3
    a = x**2
    c = coefficient * coefficient_bar - a + GRAVITY
    # reverse sweep
    x_bar = coefficient * 3 * a - 2 * x        # a = x**2; coefficient_bar = x**3
    return c, (x_bar, coefficient_bar)
