"""Arrays from their elements, and sums over the axes along which one was broadcast."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp, array

FAMILY: tuple[ArrayOp, ...] = (
    array(
        "np.array",
        "object: list, dtype=None",
        linear="object",
        object=lambda facts: f"y_bar[{facts.which}]",
    ),
    array("_sum_to", "a, shape", linear="a", a="np.broadcast_to(y_bar, a.shape)"),
)

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
