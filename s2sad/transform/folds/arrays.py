"""Transposes and sums of products of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.nodes import NOTHING, Atom, Let, Lit, Var
from s2sad.ir.types import Array, never_one

if TYPE_CHECKING:
    from s2sad.transform.fold import AdjointBuilder


def turned(builder: AdjointBuilder, array: Atom, axes: Atom) -> Atom | None:
    """x.T.T is x; np.outer(x, w).T is np.outer(w, x)."""
    let = builder.defs.get(array) if isinstance(array, Var) else None
    if let is None or not _is_none(axes) or not builder.stands(let):
        return None
    if let.op == "np.transpose" and _is_none(let.args[1]):
        return let.args[0]
    if let.op == "view" and _is_turned(let):
        return let.args[0]
    if let.op == "np.outer":
        return builder.make("np.outer", let.args[1], let.args[0])
    if let.op == "np.matmul" and all(_rank(arg) == 2 for arg in let.args):
        left, right = (builder.make("np.transpose", arg, NOTHING) for arg in let.args)
        return builder.make("np.matmul", right, left)
    return None


def _is_turned(let: Let) -> bool:
    at = let.args[1]
    return isinstance(at, Lit) and at.value == "T"


def _rank(atom: Atom) -> int:
    return len(atom.type.dims) if isinstance(atom.type, Array) else 0


def dotted(builder: AdjointBuilder, array: Atom, *rest: Atom) -> Atom | None:
    """np.sum(x * w) of two vectors is x @ w."""
    whole = _is_none(rest[0]) and all(
        isinstance(atom, Lit) and not atom.value for atom in rest[1:]
    )
    factors = builder.operands(array, "mul") if whole else None
    if factors is None or [*map(_rank, factors)] != [1, 1]:
        return None
    one, other = (factor.type for factor in factors)
    if not isinstance(one, Array) or not isinstance(other, Array):
        return None
    (d,), (e,) = one.dims, other.dims
    if one.dtype != other.dtype or not (d == e != "?" or (never_one(d) and never_one(e))):
        return None
    return builder.make("np.matmul", *factors)


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Lit) and atom.value is None
