from numba import njit


@njit(cache=True)
def _newton_sqrt_grad(a):
    # forward sweep
    x = a
    x_in = []
    while abs(x * x - a) > 1e-12:
        x_in.append(x)
        b = a / x
        c = x + b
        x = 0.5 * c
    # reverse sweep
    x_bar = 1.0
    a_bar = 0.0
    for k in range(len(x_in) - 1, -1, -1):
        x_i = x_in[k]
        c_bar = x_bar * 0.5
        d = c_bar / x_i
        a_bar += d
        x_bar = c_bar - d * (a / x_i)
    a_bar += x_bar
    return x, a_bar


def newton_sqrt_grad(a: float):
    """Value of newton_sqrt at a, and dnewton_sqrt/da."""
    if a.__class__ is not float:
        a = float(+a)
    try:
        return _newton_sqrt_grad(a)
    except (ArithmeticError, IndexError, ValueError):
        # Python raises it, or goes on with integers without end
        pass
    return _newton_sqrt_grad.py_func(a)
