"""The parts and neighbours of a float.

`frexp` and `modf` are two primitives each, one for each part of the result. The
mantissa is x * 2**-e, where 2**-e is 2**-53 over the unit in the last place of x (for
normal floats; the slope of smaller ones, which can overflow, is cut off; e is 0 at 0).
"""

from __future__ import annotations

import math

from s2sad.ops.intervals import fixed, neighbour, sign_of_first, step
from s2sad.ops.primitive import Declaration, flat, stated

_UNIT = (-1.0, 1.0)

FAMILY: tuple[Declaration, ...] = (
    stated(
        "ldexp",
        "math.ldexp(x, n)",
        ("math.ldexp(1.0, n) if n < 1024 else math.inf", None),
        params="x n",
        interval=sign_of_first,
        raises=True,
    ),
    stated(
        "frexp_mantissa",
        "math.frexp(x)[0]",
        ("1.1102230246251565e-16 / math.ulp(x) if x else 1.0",),
        interval=sign_of_first,
    ),
    flat(
        "frexp_exponent",
        "math.frexp(x)[1]",
        params="x",
        result="int",
        interval=fixed(-1073.0, 1024.0),
    ),
    stated("modf_fraction", "math.modf(x)[0]", ("1.0",), interval=fixed(*_UNIT)),
    flat(
        "modf_integer",
        "math.modf(x)[1]",
        params="x",
        result="float",
        interval=step(math.trunc),
    ),
    stated("nextafter", "math.nextafter(x, w)", ("1.0", None), interval=neighbour),
    flat(
        "ulp",
        "math.ulp(x)",
        params="x",
        result="float",
        interval=fixed(5e-324, math.inf),
    ),
)
