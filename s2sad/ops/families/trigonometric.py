"""Circular functions, their inverses, and angles (NIST DLMF 4.20, 4.24).

1 - x * x loses digits near x = ±1: hence the stable forms of asin and acos. At ±1 their
slope is infinite. `atan2` is scaled by the hypotenuse, whose square could over- or
underflow; at the origin, where the angle jumps, its partials are 0.
"""

from __future__ import annotations

from s2sad.ops import intervals
from s2sad.ops.intervals import falling, fixed, rising
from s2sad.ops.primitive import Declaration, elementary, smooth

_CIRCLE = "1.0 / math.sqrt((1.0 - x) * (1.0 + x)) if abs(x) != 1.0 else math.inf"
_MINUS_CIRCLE = "-1.0 / math.sqrt((1.0 - x) * (1.0 + x)) if abs(x) != 1.0 else -math.inf"
_RADIUS = "math.hypot(x, w)"
_OVER_RADIUS = f"{{}} / {_RADIUS} / {_RADIUS} if {_RADIUS} else 0.0"

FAMILY: tuple[Declaration, ...] = (
    elementary("sin", interval=fixed(-1.0, 1.0)),
    elementary("cos", interval=fixed(-1.0, 1.0)),
    elementary("tan"),
    elementary(
        "asin",
        stable=_CIRCLE,
        guard="{} if abs(x) != 1.0 else math.inf",
        interval=rising("asin", (0.0, 0.0), low=-1.6, high=1.6),
    ),
    elementary(
        "acos",
        stable=_MINUS_CIRCLE,
        guard="{} if abs(x) != 1.0 else -math.inf",
        interval=falling("acos", (1.0, 0.0), low=0.0, high=3.2),
    ),
    elementary("atan", interval=rising("atan", (0.0, 0.0), low=-1.6, high=1.6), raises=False),
    smooth(
        "atan2",
        "math.atan2(x, w)",
        "atan2(x, w)",
        stable=(_OVER_RADIUS.format("w"), _OVER_RADIUS.format("-x")),
        literal=(_OVER_RADIUS.format("w"), _OVER_RADIUS.format("-x")),
        interval=intervals.angle,
        raises=False,
    ),
    elementary("degrees", "180 * x / pi", interval=rising("degrees", (0.0, 0.0)), raises=False),
    elementary("radians", "pi * x / 180", interval=rising("radians", (0.0, 0.0)), raises=False),
)
