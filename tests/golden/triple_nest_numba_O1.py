import math

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


def _finite(y):
    """y. Where math raises in Python, compiled code goes on with inf or nan: it stops."""
    return y


@overload(_finite)
def _finite_compiled(y):
    def checked(y):
        if not math.isfinite(y):
            raise ArithmeticError
        return y

    return checked


def _row(n):
    """Room for n numbers: a list, compiled an array."""
    return [0.0] * n


@overload(_row)
def _row_compiled(n):
    return lambda n: np.empty(max(n, 0))


@njit(cache=True)
def _triple_nest_grad(x, n):
    # forward sweep
    n = _exact(n)
    s = 0.0
    passes = []
    for i in range(n):
        passes1 = []
        for j in range(i):
            s_in = _row(j)
            a_rec = _row(j)
            for k in range(j):
                s_in[k] = s
                a = x * s + k
                a_rec[k] = a
                b = _finite(math.sin(a))
                s = s * 0.5 + b
            passes1.append((s_in, a_rec))
            s = s + x
        passes.append(passes1)
    # reverse sweep
    s_bar = 1.0
    x_bar = 0.0
    for k in range(len(passes) - 1, -1, -1):
        c = passes[k]
        for k in range(len(c) - 1, -1, -1):
            s_i1, a_i = c[k]
            x_bar += s_bar
            for k in range(len(s_i1) - 1, -1, -1):
                s_i = s_i1[k]
                a_i1 = a_i[k]
                a_bar = s_bar * _finite(math.cos(a_i1))
                x_bar += a_bar * s_i
                s_bar = a_bar * x + s_bar * 0.5
    return s, x_bar


def triple_nest_grad(x: float, n: int):
    """Value of triple_nest, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    try:
        return _triple_nest_grad(x, n)
    except (ArithmeticError, IndexError, ValueError):
        # Python raises it, or goes on with integers without end
        pass
    return _triple_nest_grad.py_func(x, n)
