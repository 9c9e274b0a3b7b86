"""Sizes of axes as far as they are known, and the types that are made of them.

3            a known size
"x.0"        a size that is never 1, though it may be 0
"?n"         a size of which nothing is known but that it equals itself
"?"          nothing is known; it equals nothing, not even itself
"x.0.m2"     max(x.0 - 2, 0): a slice, a difference
"x.0.p1"     x.0 + 1; "x.0.m2.p1" is max(x.0 - 2, 0) + 1
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

Dim: TypeAlias = "int | str"
UNKNOWN = "?"

_SYMBOL = re.compile(r"(.+?)(?:\.m(\d+))?(?:\.p(\d+))?")


class ShapeError(ValueError):
    """NumPy would raise for every size that is possible; the text begins with its error."""


class Undetermined(ValueError):
    """The rank or the dtype of a result depends on a value."""


@dataclass(frozen=True)
class Arr:
    """An array, or a scalar of NumPy (no dims): both keep to their dtype."""

    dtype: str
    dims: tuple[Dim, ...]


@dataclass(frozen=True)
class Num:
    """A number of Python whose value is not known: bool, int, float, complex."""

    kind: str


@dataclass(frozen=True, eq=False)
class Known:
    """A literal: None, a number, a text, a tuple of these, Ellipsis."""

    value: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash(repr(self.value))


@dataclass(frozen=True)
class Size:
    """An int that is the size of an axis."""

    dim: Dim


@dataclass(frozen=True)
class Sizes:
    """A tuple of ints that are sizes of axes: a shape."""

    dims: tuple[Dim, ...]


Type: TypeAlias = "Arr | Num | Known | Size | Sizes"
Result: TypeAlias = "Arr | Num | tuple[Arr | Num, ...]"


class Symbol(NamedTuple):
    """max(base - minus, 0) + plus."""

    base: str
    minus: int
    plus: int

    def __str__(self) -> str:
        minus = f".m{self.minus}" if self.minus else ""
        return f"{self.base}{minus}{f'.p{self.plus}' if self.plus else ''}"


@cache
def symbol(dim: str) -> Symbol:
    found = _SYMBOL.fullmatch(dim)
    assert found is not None
    return Symbol(found[1], int(found[2] or 0), int(found[3] or 0))


def shifted(dim: Dim, by: int) -> Dim:
    """dim + by, not below 0."""
    if isinstance(dim, int):
        return max(dim + by, 0)
    if dim == UNKNOWN:
        return dim
    base, minus, plus = symbol(dim)
    if by >= -plus:
        return str(Symbol(base, minus, plus + by))
    return str(Symbol(base, minus - plus - by, 0))


def evaluate(dim: Dim, values: Mapping[str, int]) -> int:
    if isinstance(dim, int):
        return dim
    base, minus, plus = symbol(dim)
    return max(values[base] - minus, 0) + plus


def never_one(dim: Dim) -> bool:
    """Is a size known not to be 1, so that it is never broadcast?"""
    if isinstance(dim, int):
        return dim != 1
    base, minus, plus = symbol(dim)
    return plus > 1 or not (base.startswith(UNKNOWN) or minus or plus)


def broadcast_dim(left: Dim, right: Dim) -> Dim:
    """The size of an axis of an elementwise result."""
    if left == right or right == 1:
        return left
    if left == 1:
        return right
    if isinstance(left, int) and isinstance(right, int):
        raise ShapeError(
            f"ValueError: operands could not be broadcast together: {left} and {right}"
        )
    for dim in (left, right):
        if isinstance(dim, int):
            return dim
    for dim in (left, right):
        if never_one(dim):
            return dim
    return UNKNOWN


def broadcast(shapes: Sequence[tuple[Dim, ...]]) -> tuple[Dim, ...]:
    """The dims of an elementwise result."""
    result: list[Dim] = [1] * max(map(len, shapes), default=0)
    for dims in shapes:
        for i, dim in enumerate(reversed(dims), 1):
            result[-i] = broadcast_dim(result[-i], dim)
    return tuple(result)
