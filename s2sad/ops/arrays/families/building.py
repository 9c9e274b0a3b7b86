"""Arrays from their elements, and sums over the axes along which one was broadcast."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp, array, constant

FAMILY: tuple[ArrayOp, ...] = (
    array(
        "_sum_to",
        "a, shape",
        linear="a",
        a="np.broadcast_to(y_bar, a.shape)",
    ),
    constant("np.size", "a"),
    constant("np.shares_memory", "a, b"),
)

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
