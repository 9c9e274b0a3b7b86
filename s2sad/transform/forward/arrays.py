"""The tangents of array primitives, from the texts of their table.

    y = x * w          y_dot = x_dot * w + x * w_dot        element by element: the partials
    y = A @ x          y_dot = A_dot @ x + A @ x_dot        linear: the primitive itself
    y = np.max(x)      y_dot = np.sum(x_dot * …)            others: the text of `tangents`

A tangent has the shape of its value. Where a rule hands on an array that is the tangent of
another value already, or a view of one, and one of the two is written to, it is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.errors import NotDifferentiable
from s2sad.ir.arrays import defaults, stated
from s2sad.ir.node import replace
from s2sad.ir.nodes import ZERO, Atom, Let, Var
from s2sad.ir.structure import may_share
from s2sad.ir.types import COMPLEX, FLOAT, Array, Dim, Tuple, Type, never_one
from s2sad.ir.walk import defines
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.core import PRIMITIVES
from s2sad.transform import partials
from s2sad.transform.adjoints import sum_of
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.project import real_of
from s2sad.transform.rule_texts import Texts, operands_of, parsed

if TYPE_CHECKING:
    from s2sad.transform.forward.push import Push

Named = dict[str, "Atom | tuple[Atom, ...]"]


def tangent(push: Push, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """The tangent of the result of an array primitive; None where it is zero."""
    before = len(builder.stmts)
    size = push.directions[d].size
    if size is None:
        dots = [push.dot(arg, d) for arg in let.args]
        total = total_of(push, let, dots, d, builder)
    else:
        from s2sad.transform.forward import vectors

        total = vectors.total(push, let, d, size, builder)
    if total is None:
        return None
    return finished(push, total, let, d, before, builder)


def finished(
    push: Push, total: Atom, let: Let, d: int, before: int, builder: AdjointBuilder
) -> Atom:
    """A tangent in the shape of the result, and in a buffer of its own if that matters;
    `before` statements were there before it."""
    type_ = push.type_of(let.out.type, d)
    total = real_of(total, type_, builder)
    match total.type, type_:
        case Array(dtype, _), Array(wanted, _) if wanted == COMPLEX and dtype == FLOAT:
            total = builder.emit("np.ndarray.astype", (total, stated(wanted)))
    made = {var for stmt in builder.stmts[before:] for var in defines(stmt)}
    if isinstance(type_, Array) and not _covers(push, total, let, d, made, builder):
        total = _spread(push, total, let, d, builder)
        made.add(total)
    if isinstance(total, Var) and total in made and _alike(total.type, type_):
        # By the same sizes, as far as they have names.
        total.type = type_
    return own(push, total, let, made, builder)


Dots = Sequence["Atom | None"]


def total_of(push: Push, let: Let, dots: Dots, d: int, builder: AdjointBuilder) -> Atom | None:
    """The sum of what the result gets of the tangents of its arguments."""
    total: Atom | None = None
    for share in _shares(push, let, dots, d, builder):
        if builder.is_zero(share):
            continue
        if total is None:
            total = share
        elif isinstance(let.out.type, Tuple):
            total = sum_of(total, share, push.type_of(let.out.type, d), builder)
        else:
            total = builder.make("add", total, share)
    return total


def _shares(push: Push, let: Let, dots: Dots, d: int, builder: AdjointBuilder) -> list[Atom]:
    """What the result gets of the tangent of each of its arguments."""

    def shape(around: AdjointBuilder) -> Atom:
        return push.dot_shape(let.out, d, around)

    def read(result: int) -> bool:
        return push.is_read(let.out, result)

    if let.op == "abs" and let.args[0].type == COMPLEX:
        let = replace(let, op="np.abs")
    if let.op in PRIMITIVES:
        texts = Texts(push, dict(partials.operands(let)), builder, None, shape)
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
            at = [
                j
                for j, place in enumerate(places)
                if place[0] == name and (part >= 0 or j == k)
            ]
            shares.append(_same(push, let, at, dots, d, builder))
            continue
        texts = Texts(push, named, builder, read, shape)
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
        elif name in op.adjoints:
            texts.text(op.adjoints[name], part, let)  # may say why there is no derivative
            raise NotDifferentiable(
                f"the tangent of {op.name}", let.loc, f"give its rule {name}_dot=…"
            )
    return shares


def _placed(dot: Atom, part: int) -> Atom | tuple[Atom, ...]:
    """The tangent of an element of a rest parameter, in its place."""
    return dot if part < 0 else (ZERO,) * part + (dot,)


def _same(
    push: Push, let: Let, at: list[int], dots: Dots, d: int, builder: AdjointBuilder
) -> Atom:
    """The primitive itself, of the tangents in the place of some arguments."""
    args = list(let.args)
    for k in at:
        known = dots[k]
        args[k] = push.zero(args[k], d, builder) if known is None else known
    return builder.make(let.op, *args, type_=push.type_of(let.out.type, d))


# Shapes.


def _covers(
    push: Push, share: Atom, let: Let, d: int, made: set[Var], builder: AdjointBuilder
) -> bool:
    """Has a tangent the shape of the result, with the axis of the directions if there is
    one?"""
    wanted = push.type_of(let.out.type, d)
    if not isinstance(share.type, Array) or not isinstance(wanted, Array):
        return False
    if not is_elementwise(let.op):
        return True
    arrays = {arg for arg in let.args if isinstance(arg.type, Array)}
    if _fits(share.type.dims, wanted.dims):
        return True
    single = push.directions[d].size is None
    if single and len(arrays) == 1:
        return True
    # Its shape is that of these broadcast, as the result's is that of the arguments.
    found: set[Atom] = set()
    pending = [share]
    while pending:
        atom = pending.pop()
        if atom is let.out:
            return True
        known = builder.defs.get(atom) if isinstance(atom, Var) and atom in made else None
        if known is not None and is_elementwise(known.op):
            pending += known.args
        found.update((atom, *push.owners.get(atom, ())))
    return bool(arrays) and arrays <= found


def is_elementwise(op: str) -> bool:
    return op in PRIMITIVES or (op in ARRAY_OPS and ARRAY_OPS[op].elementwise)


def _spread(push: Push, share: Atom, let: Let, d: int, builder: AdjointBuilder) -> Var:
    """A tangent that is repeated along some axes, in the shape of the result."""
    shape, type_ = push.dot_shape(let.out, d, builder), push.type_of(let.out.type, d)
    if isinstance(share.type, Array):
        return builder.emit("np.broadcast_to", (share, shape), type_=type_)
    rest = defaults("np.full", 2)
    if isinstance(type_, Array) and type_.dtype != FLOAT and share.type == FLOAT:
        rest = [stated(type_.dtype)]
    return builder.emit("np.full", (shape, share, *rest), type_=type_)


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
    known = builder.defs.get(share)
    fresh = not owners and share in made and (known is None or not may_share(known.op))
    if not fresh and _is_written(push, {share, *owners, *let.args, let.out}):
        share = builder.emit("copy", (share,))
        owners = push.owners.setdefault(share, set())
    owners.add(let.out)
    return share


def _is_written(push: Push, around: set[Atom]) -> bool:
    return not push.written.isdisjoint(around)
