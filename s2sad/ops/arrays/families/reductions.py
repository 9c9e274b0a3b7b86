"""Reductions: sums, means, extrema, along axes or over all."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp, Facts, array


def spread(value: str, facts: Facts) -> str:
    """A reduced array, spread over the axes of `a` that were reduced."""
    if facts.literal("keepdims") or facts.ndim("a") == 0:
        return f"np.broadcast_to({value}, a.shape)"
    if facts.literal("axis") is None:
        return f"np.full(a.shape, {value})"
    return f"np.broadcast_to(np.expand_dims({value}, axis), a.shape)"


FAMILY: tuple[ArrayOp, ...] = (
    array(
        "np.sum",
        "a, axis=None, *, keepdims=False",
        linear="a",
        a=lambda facts: spread("y_bar", facts),
    ),
)

METHODS: dict[str, str] = {"sum": "np.sum"}
SYNONYMS: dict[str, str] = {}
