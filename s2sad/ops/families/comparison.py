"""Comparisons and tests: truth values, which carry no derivative."""

from __future__ import annotations

from s2sad.ops.intervals import fixed
from s2sad.ops.primitive import Declaration, flat

_TRUTH = fixed(0.0, 1.0)
_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}

FAMILY: tuple[Declaration, ...] = (
    *(flat(name, f"x {sign} w", interval=_TRUTH, cheap=True) for name, sign in _SIGNS.items()),
    flat("not_", "not x", params="x", interval=_TRUTH, cheap=True),
    *(
        flat(name, f"math.{name}(x)", params="x", interval=_TRUTH)
        for name in ("isfinite", "isinf", "isnan")
    ),
    flat("isclose", "math.isclose(x, w)", interval=_TRUTH),
    flat(
        "isclose_within",
        "math.isclose(x, w, rel_tol=r, abs_tol=a)",
        params="x w r a",
        interval=_TRUTH,
        raises=True,
    ),
)
