import numpy as np
from numba import njit
from numba.extending import overload


def _exact(n):
    """n. Compiled integers have 64 bits: stop before one could overflow."""
    return n


@overload(_exact)
def _exact_compiled(n):
    def checked(n):
        if not -2147483648 <= n <= 2147483648:
            raise OverflowError
        return n

    return checked


def _row(n):
    """Room for n numbers: a list, compiled an array."""
    return [0.0] * n


@overload(_row)
def _row_compiled(n):
    return lambda n: np.empty(max(n, 0))


@njit(cache=True)
def _power_loop_grad(x, n):
    # forward sweep
    n = _exact(n)
    y_in = _row(n)
    y = 1.0
    for k in range(n):
        y_in[k] = y
        y = y * x
    # reverse sweep
    y_bar = 1.0
    x_bar = 0.0
    for k in range(len(y_in) - 1, -1, -1):
        y_i = y_in[k]
        x_bar += y_bar * y_i
        y_bar *= x
    return y, x_bar


def power_loop_grad(x: float, n: int):
    """Value of power_loop, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    try:
        return _power_loop_grad(x, n)
    except (ArithmeticError, IndexError, ValueError):
        # Python raises it, or goes on with integers without end
        pass
    return _power_loop_grad.py_func(x, n)
