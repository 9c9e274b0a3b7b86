"""Pieces of rule texts that several families use."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import Facts


def transposed(text: str, ndim: int) -> str:
    """The last two axes exchanged; the text is an atom or in parentheses."""
    before, after = ("", ".T") if ndim == 2 else ("np.swapaxes(", ", -1, -2)")
    inner = text.removeprefix(before).removesuffix(after)
    if text == f"{before}{inner}{after}" and inner.isidentifier():
        return inner
    return f"{before}{text}{after}"


def tuple_text(items: Iterable[object]) -> str:
    """`(0, 1)`, `(0,)`, `()`."""
    made = [str(item) for item in items]
    return f"({made[0]},)" if len(made) == 1 else f"({', '.join(made)})"


def contract(a: str, b: str, a_axes: Sequence[int], b_axes: Sequence[int]) -> str:
    """`np.tensordot` of two arrays over these axes."""
    return f"np.tensordot({a}, {b}, ({tuple_text(a_axes)}, {tuple_text(b_axes)}))"


def permuted(text: str, order: Sequence[int]) -> str:
    """The axes put in this order; nothing if they are in it."""
    if list(order) == list(range(len(order))):
        return text
    if list(order) == [1, 0]:
        return f"{text}.T"
    return f"np.transpose({text}, {tuple_text(order)})"


def letters(count: int, taken: str = "") -> str:
    """So many letters of subscripts that are not taken."""
    return "".join([c for c in string.ascii_letters if c not in taken][:count])


def sliced(text: str, axis: int, part: str, ndim: int) -> str:
    """`text[:, part]`, the part taken along an axis."""
    return f"{text}[{', '.join([*[':'] * (axis % ndim), part])}]"


def integer(facts: Facts, name: str) -> int:
    """The value of an argument that has to be a literal integer."""
    value = facts.literal(name)
    if not isinstance(value, int):
        raise NotDifferentiable(f"{name} = {value!r}", instead=f"a literal int for {name}")
    return value


def conj(text: str, is_complex: bool) -> str:
    """The conjugate of what is complex."""
    return f"np.conj({text})" if is_complex else text


def turned(text: str, facts: Facts, of: str = "a") -> str:
    """The conjugate transpose; the transpose of what is real."""
    return conj(transposed(text, facts.ndim(of)), facts.is_complex(of))
