"""What is known of literals: arithmetic, comparisons, items of records that were just made."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from s2sad.ir.nodes import FALSE, TRUE, ZERO, Atom, Let, Lit, Var, float_lit, int_lit
from s2sad.ir.types import BOOL, Scalar

if TYPE_CHECKING:
    from s2sad.transform.fold import AdjointBuilder


Fold = Callable[..., "Atom | None"]


def arithmetic(compute: Callable[[float, float], float]) -> Fold:
    def fold(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
        if type(x) is not Lit or type(w) is not Lit:
            return None
        p, q = exact(x), exact(w)
        return None if p is None or q is None else _number(compute(p, q))

    return fold


def comparison(holds: Callable[[float, float], bool]) -> Fold:
    def fold(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
        p, q = exact(x), exact(w)
        return None if p is None or q is None else TRUE if holds(p, q) else FALSE

    return fold


def literal_sign(builder: AdjointBuilder, x: Atom) -> Atom | None:
    p = exact(x)
    return None if p is None else _number(-p)


def first_power(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    return x if is_one(w) else None


def known_item(builder: AdjointBuilder, record: Atom, index: Atom) -> Atom | None:
    assert isinstance(index, Lit)
    assert isinstance(index.value, int)
    if isinstance(record, Lit) and isinstance(record.value, str):
        # A shape that is known.
        return int_lit(ast.literal_eval(record.value)[index.value])
    if isinstance(record, Lit):
        type_ = builder.layout(record.type)[index.value]
        return ZERO if isinstance(type_, Scalar) else Lit(None, type_)
    parts = builder.operands(record, "tuple")
    return parts[index.value] if parts else None


def element(builder: AdjointBuilder, part: Atom, *places: Atom) -> Atom | None:
    """An element of a row is one of the array: x[1][k] is x[1, k]."""
    match builder.defs.get(part) if isinstance(part, Var) else None:
        case Let(_, "view", (whole, Lit(str() as row))) as let if row.isdigit():
            if builder.stands(let):
                return builder.emit("get", (whole, int_lit(int(row)), *places))
    return None


def is_one(atom: Atom) -> bool:
    return exact(atom) == 1


def exact(atom: Atom) -> int | float | None:
    """The number of a literal that is exact in any reading: no big int, inf or nan."""
    if type(atom) is not Lit or not isinstance(atom.value, (int, float)):
        return None
    fits = atom.type is not BOOL and -(2**53) < atom.value < 2**53
    return atom.value if fits else None


def _number(value: float) -> Lit:
    return int_lit(value) if isinstance(value, int) else float_lit(value)
