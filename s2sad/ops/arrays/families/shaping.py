"""The same elements in another shape or order."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp, array, constant

FAMILY: tuple[ArrayOp, ...] = (
    array("np.matmul", "a, b", linear="a b", a="y_bar @ np.transpose(b)", b="np.transpose(a) @ y_bar"),
    array("np.array", "items: list, dtype=None", linear="items", items=lambda facts: f"y_bar[{facts.which}]"),
    array("np.copy", "a", linear="a", a="y_bar"),
    array("np.transpose", "a, axes=None", linear="a", view="always", a="np.transpose(y_bar)"),
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

METHODS: dict[str, str] = {"reshape": "np.reshape", "copy": "np.copy"}
SYNONYMS: dict[str, str] = {}
