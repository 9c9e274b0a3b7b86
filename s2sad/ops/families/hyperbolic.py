"""Hyperbolic functions and their inverses (NIST DLMF 4.34, 4.37).

tanh: 1 - tanh(x)**2 has no correct digit from |x| = 20; 1 / cosh(x)**2 has them all,
and is below the normal floats from |x| = 355. It is smooth at 0, which a form in abs(x)
is not: its higher derivatives would be wrong there. acosh: the two roots stay apart,
their product would overflow.
"""

from __future__ import annotations

from s2sad.ops.intervals import even, rising
from s2sad.ops.primitive import Declaration, elementary

FAMILY: tuple[Declaration, ...] = (
    elementary("sinh", interval=rising("sinh", (0.0, 0.0))),
    elementary("cosh", interval=even("cosh", 1.0)),
    elementary(
        "tanh",
        stable="0.0 if abs(x) > 355.0 else 1.0 / math.cosh(x)**2",
        interval=rising("tanh", (0.0, 0.0), low=-1.0, high=1.0),
        raises=False,
    ),
    elementary(
        "asinh",
        stable="1.0 / math.hypot(1.0, x)",
        interval=rising("asinh", (0.0, 0.0)),
        raises=False,
    ),
    elementary(
        "acosh",
        guard="{} if x != 1.0 else math.inf",
        interval=rising("acosh", (1.0, 0.0), low=0.0),
    ),
    elementary(
        "atanh",
        stable="1.0 / ((1.0 - x) * (1.0 + x))",
        interval=rising("atanh", (0.0, 0.0)),
    ),
)
