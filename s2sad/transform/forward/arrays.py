"""The tangents of array primitives, from the texts of their table.

    y = x * w          y_dot = x_dot * w + x * w_dot        element by element: the partials
    y = A @ x          y_dot = A_dot @ x + A @ x_dot        linear: the primitive itself
    y = np.max(x)      y_dot = np.sum(x_dot * …)            others: the text of `tangents`

A tangent has the shape of its value. Where a rule hands on an array that is the tangent of
another value already, or a view of one, and one of the two is written to, it is copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.arrays import defaults
from s2sad.ir.nodes import ZERO, Atom, Let, Var
from s2sad.ir.structure import may_share
from s2sad.ir.types import Array, Dim, Type, never_one
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.core import PRIMITIVES
from s2sad.transform import partials
from s2sad.transform.adjoints import adjoint_type, sum_of
from s2sad.transform.arrays import Texts, operands_of, parsed, real_of
from s2sad.transform.fold import AdjointBuilder

if TYPE_CHECKING:
    from s2sad.transform.forward.push import Push

Named = dict[str, "Atom | tuple[Atom, ...]"]


def tangent(push: Push, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """The tangent of the result of an array primitive; None where it is zero."""
    before = len(builder.stmts)
    total: Atom | None = None
    for share in _shares(push, let, d, builder):
        if builder.is_zero(share):
            continue
        if total is None:
            total = share
        else:
            total = sum_of(total, share, let.out.type, builder)
    if total is None:
        return None
    total = real_of(total, let.out.type, builder)
    made = {stmt.out for stmt in builder.stmts[before:] if isinstance(stmt, Let)}
    if isinstance(let.out.type, Array) and not _covers(push, total, let, made, builder):
        total = _spread(push, total, let, builder)
        made.add(total)
    if isinstance(total, Var) and total in made and _alike(total.type, let.out.type):
        # By the same sizes, as far as they have names.
        total.type = adjoint_type(let.out.type)
    return own(push, total, let, made, builder)


def _shares(push: Push, let: Let, d: int, builder: AdjointBuilder) -> list[Atom]:
    """What the result gets of the tangent of each of its arguments."""
    dots = [push.dot(arg, d) for arg in let.args]
    if let.op in PRIMITIVES:
        texts = Texts(push, dict(partials.operands(let)), builder)
        rules = partials.partial_texts(let, textbook=push.level == 0)
        return [
            texts.scaled(dot, text)
            for dot, text in zip(dots, rules, strict=True)
            if dot is not None and text is not None
        ]
    op = ARRAY_OPS[let.op]
    named = operands_of(op, let)
    places = params_of(op, len(let.args))
    shares: list[Atom] = []
    rests: set[str] = set()
    for k, (name, part) in enumerate(places):
        dot = dots[k]
        if dot is None or name in rests:
            continue
        if name in op.linear:
            rests.update({name} if part >= 0 else ())
            at = [j for j, place in enumerate(places) if place[0] == name]
            shares.append(_same(push, let, at, d, builder))
            continue
        texts = Texts(push, named, builder, lambda result: push.is_read(let.out, result))
        if name in op.partials:
            text = texts.text(op.partials[name], part, let)
            if text:
                shares.append(texts.scaled(dot, text))
        elif name in op.tangents:
            own = {f"{name}_dot": _placed(dot, part)}
            texts.named = {**named, **own}
            text = texts.text(op.tangents[name], part, let)
            if text:
                shares.append(texts.expr(parsed(text)))
    return shares


def _placed(dot: Atom, part: int) -> Atom | tuple[Atom, ...]:
    """The tangent of an element of a rest parameter, in its place."""
    return dot if part < 0 else (ZERO,) * part + (dot,)


def _same(push: Push, let: Let, at: list[int], d: int, builder: AdjointBuilder) -> Atom:
    """The primitive itself, of the tangents in the place of some arguments."""
    args = list(let.args)
    for k in at:
        args[k] = push.made(args[k], d, builder)
    return builder.make(let.op, *args, type_=adjoint_type(let.out.type))


# Shapes.


def _covers(
    push: Push, share: Atom, let: Let, made: set[Var], builder: AdjointBuilder
) -> bool:
    """Has a tangent the shape of the result?"""
    if not isinstance(share.type, Array) or not isinstance(let.out.type, Array):
        return False
    if not (let.op in PRIMITIVES or ARRAY_OPS[let.op].elementwise):
        return True
    arrays = {arg for arg in let.args if isinstance(arg.type, Array)}
    if len(arrays) == 1 or _fits(share.type.dims, let.out.type.dims):
        return True
    # Its shape is that of these broadcast, as the result's is that of the arguments.
    found: set[Atom] = set()
    pending = [share]
    while pending:
        atom = pending.pop()
        if atom is let.out:
            return True
        known = builder.defs.get(atom) if isinstance(atom, Var) and atom in made else None
        if known is not None and _is_elementwise(known.op):
            pending += known.args
        found.update((atom, *push.owners.get(atom, ())))
    return arrays <= found


def _is_elementwise(op: str) -> bool:
    return op in PRIMITIVES or (op in ARRAY_OPS and ARRAY_OPS[op].elementwise)


def _spread(push: Push, share: Atom, let: Let, builder: AdjointBuilder) -> Var:
    """A tangent that is repeated along some axes, in the shape of the result."""
    shape = push.shape_of(let.out, builder)
    if isinstance(share.type, Array):
        return builder.emit("np.broadcast_to", (share, shape), type_=let.out.type)
    rest = defaults("np.full", 2)
    return builder.emit("np.full", (shape, share, *rest), type_=let.out.type)


def _fits(have: tuple[Dim, ...], wanted: tuple[Dim, ...]) -> bool:
    return len(have) == len(wanted) and all(
        (h == w and h != "?") or w == 1 or (never_one(h) and never_one(w))
        for h, w in zip(have, wanted, strict=True)
    )


def _alike(one: Type, other: Type) -> bool:
    match one, other:
        case Array(dtype, dims), Array(other_dtype, other_dims):
            return dtype == other_dtype and len(dims) == len(other_dims)
        case _:
            return False


# Owners.


def own(push: Push, share: Atom, let: Let, made: set[Var], builder: AdjointBuilder) -> Atom:
    """The tangent of a value that has a buffer of its own: in one of its own, if any of
    those that might share it is written to."""
    if not isinstance(share, Var) or not isinstance(share.type, Array):
        return share
    owners = push.owners.setdefault(share, set())
    fresh = not owners and share in made and not may_share(builder.defs[share].op)
    if not fresh and _is_written(push, {share, *owners, *let.args, let.out}):
        share = builder.emit("copy", (share,))
        owners = push.owners.setdefault(share, set())
    owners.add(let.out)
    return share


def _is_written(push: Push, around: set[Atom]) -> bool:
    return not push.written.isdisjoint(around)
