"""Templates at the border of a function: parameters, results, keys."""

from __future__ import annotations

from collections.abc import Iterator

from s2sad.frontend.branches import hints_of
from s2sad.frontend.values import (
    TupleValue,
    Unbound,
    Value,
    leaves,
    map_leaves,
    purely_atoms,
)
from s2sad.ir.nodes import Atom, Lit, Structure, Undef, Var


def parameter(name: str, shape: Value, params: list[Var]) -> Value:
    hints = iter(hints_of(name, shape))
    if not purely_atoms(shape):
        return shape

    def fresh(leaf: Atom) -> Var:
        params.append(Var(leaf.type, next(hints), True))
        return params[-1]

    return map_leaves(shape, fresh)


def structure_of(value: Value, numbers: Iterator[int]) -> Structure:
    match value:
        case TupleValue(items):
            return tuple(structure_of(item, numbers) for item in items)
        case Unbound():
            return ()
        case _:
            first, *rest = [next(numbers) for _ in leaves(value)]
            return (first, *rest) if rest else first


def key_of(shape: Value) -> object:
    """A template as a key: its structure and types, or the static value itself."""
    match shape:
        case Var() | Lit() | Undef():
            return shape.type
        case TupleValue(items):
            return ("tuple", *map(key_of, items))
        case _ if purely_atoms(shape):
            return ("list", *(leaf.type for leaf in leaves(shape)))
        case _:
            return shape
