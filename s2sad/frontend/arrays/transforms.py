"""Fourier transforms of several axes that pad or crop: one axis after the other, as NumPy does.

np.fft.fft2(x, s=(4, 8))    →    np.fft.fft(np.fft.fft(x, 8, 1), 4, 0)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.values import Value, is_none
from s2sad.ir.nodes import Lit
from s2sad.ir.types import INT

if TYPE_CHECKING:
    from s2sad.frontend.arrays.special import Special

_NAMES = ("a", "s", "axes", "norm")
# What is done along the last axis, and along the others.
OF_SEVERAL = {
    "fft2": ("fft", "fft"), "fftn": ("fft", "fft"),
    "ifft2": ("ifft", "ifft"), "ifftn": ("ifft", "ifft"),
    "rfft2": ("rfft", "fft"), "rfftn": ("rfft", "fft"),
    "irfft2": ("irfft", "ifft"), "irfftn": ("irfft", "ifft"),
}  # fmt: skip


def one_by_one(
    arrays: Special, name: str, args: list[Value], named: dict[str, Value], node: ast.AST
) -> Value | None:
    """A transform whose sizes are given; None of any other."""
    given = dict(zip(_NAMES, args, strict=False)) | named
    sizes = given.get("s")
    if sizes is None or is_none(sizes) or not given.keys() <= set(_NAMES):
        return None
    lengths = arrays.frame.static_items(sizes, node)
    axes = _axes(arrays, name, given.get("axes"), len(lengths or ()), node)
    if lengths is None or axes is None or len(axes) != len(lengths) or not lengths:
        return None
    if any(isinstance(n, Lit) and n.value == -1 for n in lengths):
        return None  # the size of its axis
    last, others = OF_SEVERAL[name]
    steps = [(last, lengths[-1], axes[-1])]
    before = [(others, n, k) for n, k in zip(lengths[:-1], axes[:-1], strict=True)]
    # To real numbers it is the last that halves, and from the first on; others go backward.
    steps = [*before, *steps] if last == "irfft" else [*steps, *before[::-1]]
    norm = {"norm": given["norm"]} if "norm" in given else {}
    array = given["a"]
    for function, n, axis in steps:
        array = arrays.call(f"numpy.fft.{function}", [array, n, axis], norm, node)
    return array


def _axes(
    arrays: Special, name: str, axes: Value | None, count: int, node: ast.AST
) -> tuple[Value, ...] | None:
    if axes is not None and not is_none(axes):
        return arrays.frame.static_items(axes, node)
    first = -2 if name.endswith("2") else -count
    return tuple(Lit(k, INT) for k in range(first, 0))


def text_of(value: Value | None) -> str:
    """A literal text, without its quotes."""
    match value:
        case Lit(str() as text):
            return text.strip("'\"")
        case _:
            return ""
