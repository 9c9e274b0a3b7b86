"""Functions that work element by element (universal functions)."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp, ufunc

FAMILY: tuple[ArrayOp, ...] = (
    ufunc("np.sin", "x", "np.cos(x)"),
    ufunc("np.cos", "x", "-np.sin(x)"),
    ufunc("np.exp", "x", "y"),
    ufunc("np.log", "x", "1.0 / x"),
    ufunc("np.sqrt", "x", "0.5 / y if y != 0 else np.inf"),
    ufunc("np.tanh", "x", "1.0 - y**2"),
    ufunc("np.maximum", "x, w", "0.5 if x == w else 1.0 if x == y else 0.0",
          "0.5 if x == w else 1.0 if w == y else 0.0"),
)  # fmt: skip

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
