"""What a compiled text calls: in plain Python next to nothing, in Numba a check.

`HELPERS` are the texts that are pasted into a file; `functions()` the same, made once, for
what is linked in this process.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from s2sad.ops.helpers import HELPERS as SCALAR

_FINITE = '''\
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
'''

_DOT = '''\
def _dot(a, b):
    """a @ b of vectors."""
    return a @ b


@overload(_dot, jit_options={"fastmath": {"reassoc", "contract"}})
def _dot_compiled(a, b):
    def dot(a, b):
        if a.size != b.size:
            raise ValueError
        total = 0.0
        for i in range(a.size):
            total += a[i] * b[i]
        return total

    return dot
'''

_EXACT = '''\
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
'''

_ROW = '''\
def _row(n):
    """Room for n numbers: a list, compiled an array."""
    return [0.0] * n


@overload(_row)
def _row_compiled(n):
    return lambda n: np.empty(max(n, 0))
'''

_ALIKE = '''\
def _alike(a, like):
    """a in the shape of another array: compiled, it has to have that."""
    return np.broadcast_to(a, like.shape)


@overload(_alike, inline="always")
def _alike_compiled(a, like):
    def alike(a, like):
        if a.shape != like.shape:
            raise ValueError
        return a

    return alike
'''

_FITTED = '''\
def _fitted(a, like):
    """a in the shape of another array, to which it is broadcast."""
    return np.broadcast_to(a, like.shape)


@overload(_fitted, inline="always")
def _fitted_compiled(a, like):
    if a.ndim != like.ndim:
        return lambda a, like: np.broadcast_to(a, like.shape)

    def fitted(a, like):
        if a.shape != like.shape:
            return np.broadcast_to(a, like.shape).copy()
        return a

    return fitted
'''

_SUM_TO = f"""\
{SCALAR["_sum_to"].strip()}


@overload(_sum_to)
def _sum_to_compiled(a, shape):
    def summed(a, shape):
        lead = a.ndim - len(shape)
        if lead < 0:
            raise ArithmeticError
        total = np.zeros(shape)
        flat = total.ravel()
        for index, value in np.ndenumerate(a):
            place = 0
            for k, n in enumerate(shape):
                if n != 1 and n != a.shape[lead + k]:
                    raise ArithmeticError
                place = place * n + (index[lead + k] if n != 1 else 0)
            flat[place] += value
        return total

    return summed
"""

_SUM = """\
def _sum(xs):
    return sum(xs)


@overload(_sum)
def _sum_compiled(xs):
    def plain(xs):
        total = 0.0
        for x in xs:
            total += x
        return total

    def compensated(xs):
        total = rest = 0.0  # as Python 3.12 does
        for x in xs:
            both = total + x
            larger, smaller = (total, x) if abs(total) >= abs(x) else (x, total)
            rest += (larger - both) + smaller
            total = both
        return total + rest if math.isfinite(rest) else total

    return plain if sys.version_info < (3, 12) else compensated
"""

_CBRT = """\
@overload(math.cbrt)
def _cbrt_compiled(x):
    return lambda x: np.cbrt(x)
"""

_EXP2 = """\
@overload(math.exp2)
def _exp2_compiled(x):
    return lambda x: 2.0**x
"""

_FMOD = """\
@overload(math.fmod)
def _fmod_compiled(x, y):
    return lambda x, y: np.fmod(float(x), float(y))
"""

_MODF = """\
@overload(math.modf)
def _modf_compiled(x):
    def parts(x):
        if not math.isfinite(x):
            raise ArithmeticError
        return math.copysign(np.fmod(x, 1.0), x), np.trunc(x)

    return parts
"""

_PAD = """\
@overload(np.pad)
def _pad_compiled(a, pad_width):
    if a.ndim == 1 and hasattr(pad_width, "count") and pad_width.count == 2:

        def padded(a, pad_width):
            before, after = pad_width
            if before < 0 or after < 0:
                raise ValueError
            made = np.zeros(before + a.size + after, a.dtype)
            made[before : before + a.size] = a
            return made

        return padded
"""

# What Numba lacks of math, and of NumPy.
OF_MATH: dict[str, str] = {"cbrt": _CBRT, "exp2": _EXP2, "fmod": _FMOD, "modf": _MODF}
OF_NUMPY: dict[str, str] = {"pad": _PAD}

HELPERS: dict[str, str] = {
    "_alike": _ALIKE,
    "_dot": _DOT,
    "_exact": _EXACT,
    "_finite": _FINITE,
    "_fitted": _FITTED,
    "_row": _ROW,
    "_sum": _SUM,
    "_sum_to": _SUM_TO,
}


@cache
def functions() -> dict[str, Callable[..., Any]]:
    """The helpers, and what decorates functions; raises ImportError without Numba."""
    import numpy as np
    from numba import njit
    from numba.extending import overload, register_jitable

    module = ModuleType("s2sad_numba_helpers")
    vars(module).update(math=math, np=np, sys=sys, overload=overload)
    lacking = [text for name, text in OF_MATH.items() if hasattr(math, name)]
    for text in (*HELPERS.values(), *lacking, *OF_NUMPY.values()):
        exec(text, vars(module))
    made = {name: vars(module)[name] for name in HELPERS}
    return {**made, "njit": njit, "register_jitable": register_jitable}
