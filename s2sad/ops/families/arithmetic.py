"""The operators on floats, and the sizes and signs that belong to them.

`x % w` is x - w * floor(x / w) (Python reference, 6.7): on each of its smooth pieces
the partial in w is -(x // w). That of `math.fmod` and `math.remainder` is minus their
own rounding of x / w, which is (x - y) / w.
"""

from __future__ import annotations

from s2sad.ops import intervals
from s2sad.ops.primitive import Declaration, smooth, stated

_SIGN = "math.copysign(1.0, x) if x else 0.0"
# Divided by 0 a nan does not raise.
_MINUS_ROUNDED = "(y - x) / w if w else math.nan"

FAMILY: tuple[Declaration, ...] = (
    smooth(
        "add",
        "x + w",
        "x + w",
        result="join",
        interval=intervals.total,
        raises=False,
        cheap=True,
    ),
    smooth(
        "sub",
        "x - w",
        "x - w",
        result="join",
        interval=intervals.difference,
        raises=False,
        cheap=True,
    ),
    smooth(
        "mul",
        "x * w",
        "x * w",
        result="join",
        interval=intervals.product,
        raises=False,
        cheap=True,
    ),
    smooth(
        "div",
        "x / w",
        "x / w",
        literal=("", "-(x / w) / w"),
        interval=intervals.quotient,
        cheap=True,
    ),
    stated(
        "floordiv",
        "x // w",
        (None, None),
        result="join",
        interval=intervals.floor_quotient,
        raises=True,
    ),
    stated(
        "mod",
        "x % w",
        ("1.0", "-(x // w)"),
        result="join",
        interval=intervals.modulo,
        raises=True,
    ),
    stated("neg", "-x", ("-1.0",), result="join", interval=intervals.negative, cheap=True),
    stated("pos", "+x", ("1.0",), result="join", interval=intervals.same, cheap=True),
    stated(
        "abs",
        "abs(x)",
        (_SIGN,),
        result="join",
        interval=intervals.magnitude,
        cheap=True,
    ),
    stated("fabs", "math.fabs(x)", (_SIGN,), interval=intervals.magnitude, cheap=True),
    stated(
        "copysign",
        "math.copysign(x, w)",
        ("math.copysign(1.0, x) * math.copysign(1.0, w) if x else 0.0", None),
        interval=intervals.signed,
    ),
    stated(
        "fmod",
        "math.fmod(x, w)",
        ("1.0", _MINUS_ROUNDED),
        interval=intervals.within,
        raises=True,
    ),
    stated(
        "remainder",
        "math.remainder(x, w)",
        ("1.0", _MINUS_ROUNDED),
        interval=intervals.remainder,
        raises=True,
    ),
    smooth(
        "fma",
        "math.fma(x, w, v)",
        "x * w + v",
        params="x w v",
    ),
)
