"""The families of array primitives, one in a file."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp
from s2sad.ops.arrays.families import (
    building,
    creation,
    differences,
    elementwise,
    factorisations,
    fft,
    linalg,
    products,
    reductions,
    scipy_linalg,
    selection,
    shaping,
    special,
)

_FAMILIES = (
    building,
    elementwise,
    reductions,
    differences,
    shaping,
    creation,
    products,
    linalg,
    factorisations,
    fft,
    selection,
    special,
    scipy_linalg,
)

DECLARATIONS: tuple[ArrayOp, ...] = tuple(op for f in _FAMILIES for op in f.FAMILY)

# Methods of arrays: `x.sum(axis=0)` is `np.sum(x, axis=0)`.
METHODS: dict[str, str] = {
    method: name for family in _FAMILIES for method, name in family.METHODS.items()
}

# Other names of the same functions.
SYNONYMS: dict[str, str] = {
    name: meant for family in _FAMILIES for name, meant in family.SYNONYMS.items()
}

# Parameters under other names, by function.
KEYWORDS: dict[str, dict[str, str]] = {
    name: others
    for family in _FAMILIES
    for name, others in getattr(family, "KEYWORDS", {}).items()
}
