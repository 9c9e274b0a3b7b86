"""Powers and roots.

`x**w` for a literal integer w needs no logarithm, and folds to `2 * x`, `3 * x**2`, …
by the first branch of its partial; below 1 a power with the exponent w - 1 could
overflow where that with w does not, so that the result is divided instead. At x = 0 the
partial in w is 0, the limit for w > 0 (`0**0` is a jump); at x < 0 a power is defined
for isolated w only: the partial in w is nan there, that in x is right.
"""

from __future__ import annotations

from s2sad.ops import intervals
from s2sad.ops.primitive import Declaration, elementary, smooth

_IN_BASE = "w * x**(w - 1) if w >= 1 else w * {} / x if x else math.inf if w else 0.0"
_IN_EXPONENT = "{} * math.log(x) if x > 0.0 else math.nan if x else 0.0"


def _power(name: str, python: str, result: str) -> Declaration:
    return smooth(
        name,
        python,
        "x**w",
        result=result,
        stable=(_IN_BASE.format("y"), _IN_EXPONENT.format("y")),
        literal=(_IN_BASE.format(python), _IN_EXPONENT.format(python)),
        interval=intervals.power,
    )


FAMILY: tuple[Declaration, ...] = (
    _power("pow", "x**w", "join"),
    _power("math_pow", "math.pow(x, w)", "float"),
    elementary(
        "sqrt",
        literal="0.5 * x**-0.5 if x else math.inf",
        guard="{} if x else math.inf",
        interval=intervals.rising("sqrt", (0.0, 0.0), (1.0, 1.0), low=0.0),
    ),
    elementary(
        "cbrt",
        literal="1.0 / (3.0 * math.cbrt(x)**2) if x else math.inf",
        guard="{} if x else math.inf",
        interval=intervals.rising("cbrt", (0.0, 0.0)),
        raises=False,
    ),
)
