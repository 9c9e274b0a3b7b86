"""`np.linalg.norm`, of the orders that are not those of the primitive."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from s2sad.frontend.arrays import library
from s2sad.frontend.values import TupleValue, Value, is_none
from s2sad.ir.nodes import Lit, Var
from s2sad.ir.types import INT

if TYPE_CHECKING:
    from s2sad.frontend.arrays.special import Special

_NAMES = ("x", "ord", "axis", "keepdims")


class Order(NamedTuple):
    """An order, and the axes that it is of: None, one, or those of a matrix."""

    order: float | str
    axes: tuple[int, ...] | None
    keepdims: bool


def order_of(arrays: Special, args: list[Value], named: dict[str, Value]) -> Order | None:
    """The order of a norm that is none of the primitive; None for one that is."""
    given = dict(zip(_NAMES, args, strict=False)) | named
    if (
        len(args) > len(_NAMES)
        or not given.keys() <= set(_NAMES)
        or not arrays.is_array(args[0])
    ):
        return None
    order = _known(arrays, given.get("ord"))
    axis = given.get("axis")
    axes = None if axis is None or is_none(axis) else _axes(axis)
    keepdims = given.get("keepdims", Lit(False, INT))
    if order is None or axes == () or not isinstance(keepdims, Lit):
        return None
    rank = arrays.rank_of(args[0])
    matrix = rank == 2 if axes is None else len(axes) == 2
    if not matrix and axes is None and rank != 1:
        return None
    table = library.MATRIX_NORMS if matrix else library.VECTOR_NORMS
    if order not in table:
        return None
    if matrix:
        at = axes or (0, 1)
        axes = at[0] % rank, at[1] % rank
    return Order(order, axes, bool(keepdims.value))


def _known(arrays: Special, value: Value | None) -> float | str | None:
    atom = arrays.frame.emitter.raw(value) if isinstance(value, Var) else value
    match atom:
        case Lit(int() | float() as number):
            return number
        case Lit(str() as text) if text.strip("'\"") == "nuc":
            return "nuc"
        case Var():
            return arrays.frame.emitter.settled.get(atom)
        case _:
            return None


def _axes(axis: Value) -> tuple[int, ...]:
    items = axis.items if isinstance(axis, TupleValue) else (axis,)
    known = tuple(item.value for item in items if isinstance(item, Lit))
    numbers = tuple(k for k in known if isinstance(k, int))
    return numbers if len(numbers) == len(items) else ()


def norm(
    arrays: Special, found: Order, args: list[Value], named: dict[str, Value], node: ast.AST
) -> Value:
    x, (order, axes, keepdims) = args[0], found
    if axes is None or len(axes) == 1:
        function = library.VECTOR_NORMS[order]
        given = {name: value for name, value in named.items() if name != "ord"}
        given.update(zip(_NAMES[2:], args[2:], strict=False))
        return arrays.library(function, [x], given, node)
    rank = arrays.rank_of(x)
    if axes != (rank - 2, rank - 1):
        pair = TupleValue(tuple(Lit(k, INT) for k in axes))
        last = TupleValue((Lit(-2, INT), Lit(-1, INT)))
        x = arrays.call("numpy.moveaxis", [x, pair, last], {}, node)
    made = arrays.library(library.MATRIX_NORMS[order], [x], {}, node)
    if not keepdims:
        return made
    if rank == 2:
        shape = TupleValue((Lit(1, INT), Lit(1, INT)))
        return arrays.call("numpy.full", [shape, made], {}, node)
    places = TupleValue(tuple(Lit(k, INT) for k in sorted(axes)))
    return arrays.call("numpy.expand_dims", [made, places], {}, node)
