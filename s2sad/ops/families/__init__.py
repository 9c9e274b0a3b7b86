"""The declarations, one family a file; `DECLARATIONS` is all of them, in order."""

from __future__ import annotations

from s2sad.ops.families import (
    arithmetic,
    comparison,
    exponential,
    hyperbolic,
    integer,
    powers,
    representation,
    rounding,
    special,
    trigonometric,
    variadic,
)
from s2sad.ops.primitive import Declaration

DECLARATIONS: tuple[Declaration, ...] = (
    *arithmetic.FAMILY,
    *powers.FAMILY,
    *exponential.FAMILY,
    *trigonometric.FAMILY,
    *hyperbolic.FAMILY,
    *special.FAMILY,
    *rounding.FAMILY,
    *representation.FAMILY,
    *variadic.FAMILY,
    *comparison.FAMILY,
    *integer.FAMILY,
)
