"""Arrays of one number, and np.where: what is done to all of it is done to the number, or
under the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.nodes import Atom, Let, Lit, Var
from s2sad.ir.types import FLOAT, Array, is_differentiable, never_one

if TYPE_CHECKING:
    from s2sad.transform.fold import AdjointBuilder


def sum_of_arrays(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    for spread, other in ((x, w), (w, x)):
        let = builder.standing(spread)
        if let is not None and let.op in _SPREADS and _same_shape(let.out, other):
            return builder.make("add", other, let.args[_SPREADS[let.op]])
        number = _uniform(builder, let)
        if let is not None and number is not None and _same_shape(let.out, other):
            return builder.make("add", other, number)
    return _masked_sum(builder, x, w)


def _masked_sum(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """where(m, x, 0) + where(m, w, 0) is where(m, x + w, 0): still masked."""
    left, right = builder.standing(x), builder.standing(w)
    if left is None or right is None or not left.op == right.op == "np.where":
        return None
    if left.args[0] is not right.args[0]:
        return None
    if not (_masked(builder, left) and _masked(builder, right)):
        return None
    arms = [
        b if builder.is_zero(a) else a if builder.is_zero(b) else builder.make("add", a, b)
        for a, b in zip(left.args[1:], right.args[1:], strict=True)
    ]
    return builder.make("np.where", left.args[0], *arms)


def spread_product(
    builder: AdjointBuilder, x: Atom, w: Atom, left: Let | None, right: Let | None
) -> Atom | None:
    """The product of an array of equal elements is that of the one."""
    for let, other in ((left, w), (right, x)):
        if let is None or let.op not in _SPREADS:
            number = _uniform(builder, let)
            if number is not None and let is not None and _same_shape(let.out, other):
                return builder.make("mul", number, other)
            continue
        # All of its elements along some axes are one number.
        at = _SPREADS[let.op]
        if _same_shape(let.out, other):
            return builder.make("mul", let.args[at], other)
        if not isinstance(other.type, Array):
            inner = builder.make("mul", let.args[at], other)
            args = (*let.args[:at], inner, *let.args[at + 1 :])
            return builder.make(let.op, *args, type_=let.out.type)
    return None


def _uniform(builder: AdjointBuilder, let: Let | None) -> Atom | None:
    """The number that all elements of a reshaped array are."""
    if let is None or let.op not in ("np.expand_dims", "np.reshape"):
        return None
    inner = builder.operands(let.args[0], "np.full")
    return inner[1] if inner and not isinstance(inner[1].type, Array) else None


def under_mask(builder: AdjointBuilder, x: Atom, op: str, *rest: Atom) -> Atom | None:
    """The operation under the masks of a value, or of the parts of a sum: what they hide
    may be infinite, or nan."""
    let = None if builder.plain else builder.standing(x)
    if let is None or let.op not in ("np.where", "add"):
        return None
    if let.op == "add":
        parts = [under_mask(builder, part, op, *rest) for part in let.args]
        one, other = parts
        return (
            builder.make("add", one, other) if one is not None and other is not None else None
        )
    if not _masked(builder, let):
        return None
    cond, *arms = let.args
    made = [arm if builder.is_zero(arm) else builder.make(op, arm, *rest) for arm in arms]
    return builder.make("np.where", cond, *made)


def _masked(builder: AdjointBuilder, let: Let) -> bool:
    """Is one side of a choice by element 0.0?"""
    return any(isinstance(arm, Lit) and builder.is_zero(arm) for arm in let.args[1:])


# Arrays of equal elements, and which argument that is.
_SPREADS = {"np.full": 1, "np.broadcast_to": 0}


def is_float(atom: Atom) -> bool:
    return atom.type is FLOAT or (
        isinstance(atom.type, Array) and is_differentiable(atom.type.dtype)
    )


def _same_shape(spread: Var, other: Atom) -> bool:
    """Is an array of one number no larger than another that it is multiplied with?"""
    match spread.type, other.type:
        case Array(_, dims), Array(_, others) if len(dims) <= len(others):
            # Sizes that meet are the same, or one is 1.
            pairs = zip(reversed(dims), reversed(others), strict=False)
            return all(
                d == 1 or (d == e and d != "?") or (never_one(d) and never_one(e))
                for d, e in pairs
            )
        case _:
            return False
