"""The same elements in another shape or order."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp, array, constant

FAMILY: tuple[ArrayOp, ...] = (
    array(
        "np.reshape", "a, shape", linear="a", view="maybe", a="np.reshape(y_bar, a.shape)"
    ),
    array("np.broadcast_to", "a, shape", linear="a", view="always", a="y_bar"),
    array(
        "np.expand_dims",
        "a, axis",
        linear="a",
        view="always",
        a="np.reshape(y_bar, a.shape)",
    ),
    array("np.full", "shape, fill_value, *, dtype=None", linear="fill_value",
          fill_value="np.sum(y_bar)"),
    constant("np.zeros", "shape, dtype=None"),
)  # fmt: skip

METHODS: dict[str, str] = {"reshape": "np.reshape"}
SYNONYMS: dict[str, str] = {}
