"""Functions and operators of integers: inactive arguments only (`core.REFUSED`)."""

from __future__ import annotations

import math

from s2sad.ops.intervals import fixed
from s2sad.ops.primitive import Declaration, flat

_BITS = {"bitand": "&", "bitor": "|", "bitxor": "^", "lshift": "<<", "rshift": ">>"}
_COUNT = fixed(0.0, math.inf)

FAMILY: tuple[Declaration, ...] = (
    *(
        flat(name, f"x {sign} w", result="join", raises=True, cheap=True)
        for name, sign in _BITS.items()
    ),
    flat("invert", "~x", params="x", result="join", raises=True, cheap=True),
    flat("comb", "math.comb(x, w)", result="int", interval=_COUNT, raises=True),
    flat("perm", "math.perm(x, w)", result="int", interval=_COUNT, raises=True),
    flat(
        "perm_all",
        "math.perm(x)",
        params="x",
        result="int",
        interval=_COUNT,
        raises=True,
    ),
    flat("pow_modulo", "pow(x, w, m)", params="x w m", result="int", raises=True),
    flat(
        "factorial",
        "math.factorial(x)",
        params="x",
        result="int",
        interval=_COUNT,
        raises=True,
    ),
    flat("isqrt", "math.isqrt(x)", params="x", result="int", interval=_COUNT, raises=True),
    flat("gcd", "math.gcd(*x)", params="*x", result="int", interval=_COUNT, raises=True),
    flat("lcm", "math.lcm(*x)", params="*x", result="int", interval=_COUNT, raises=True),
)
