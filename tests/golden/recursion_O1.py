

def factorial_fwd(n, x):
    """factorial, and its record for factorial_rev."""
    if n == 0:
        result = 1.0
        b = 0.0
        factorial_rec = None
    else:
        a = n - 1
        b, factorial_rec = factorial_fwd(a, x)
        result = (x + n) * b
    return result, (n, x, b, factorial_rec)


def factorial_rev(rec, result_bar):
    """The adjoint of factorial, from its record."""
    n, x, b, factorial_rec = rec
    if not n:
        x_bar = 0.0
    else:
        a = factorial_rev(factorial_rec, result_bar * (x + n))
        x_bar = a + result_bar * b
    return x_bar


def recursion_grad(x: float, n: int):
    """Value of recursion, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    a, factorial_rec = factorial_fwd(n, x)
    b = a * x
    # reverse sweep
    c = factorial_rev(factorial_rec, x)
    x_bar = a + c
    return b, x_bar
