"""Exponentials and logarithms (NIST DLMF 4.2, 4.7)."""

from __future__ import annotations

from s2sad.ops.intervals import rising
from s2sad.ops.primitive import Declaration, elementary, smooth

FAMILY: tuple[Declaration, ...] = (
    elementary("exp", interval=rising("exp", (0.0, 1.0), low=0.0)),
    elementary("exp2", "2**x", interval=rising("exp2", (0.0, 1.0), low=0.0)),
    elementary("expm1", "exp(x) - 1", interval=rising("expm1", (0.0, 0.0), low=-1.0)),
    elementary("log", interval=rising("log", (1.0, 0.0))),
    # One division after the other: x * log(w) can underflow to 0.
    smooth(
        "log_base",
        "math.log(x, w)",
        "log(x) / log(w)",
        stable=("1.0 / x / math.log(w)", "-y / w / math.log(w)"),
        literal=("1.0 / x / math.log(w)", "-math.log(x) / w / math.log(w)**2"),
    ),
    elementary("log1p", "log(1 + x)", interval=rising("log1p", (0.0, 0.0))),
    elementary("log2", "log(x) / log(2)", interval=rising("log2", (1.0, 0.0))),
    elementary("log10", "log(x) / log(10)", interval=rising("log10", (1.0, 0.0))),
)
