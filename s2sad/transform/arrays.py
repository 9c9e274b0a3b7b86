"""The adjoints of array primitives, from the texts of their table.

    y = x * w        x_bar += np.sum(y_bar * w, axis=0), where x has one row
    y = np.sum(x)    x_bar += np.full(x.shape, y_bar)

What a rule gives is projected on the type of its argument: axes that were broadcast are
summed, and where the sizes are not known the output carries `_sum_to`, which does it at
run time; of what is real, the real part is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.node import replace
from s2sad.ir.nodes import ZERO, Atom, Let, Lit, Var
from s2sad.ir.structure import may_share
from s2sad.ir.types import (
    COMPLEX,
    INT,
    Array,
    element_of,
    is_array,
)
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.core import PRIMITIVES
from s2sad.transform import partials
from s2sad.transform.adjoints import Adjoints, bar_of
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.project import project
from s2sad.transform.rule_texts import Texts, operands_of, parsed

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def is_array_primitive(let: Let) -> bool:
    """Is it a primitive of the array table, or an operator on arrays?"""
    return let.op not in PRIMITIVES or any(is_array(arg.type) for arg in let.args)


def reverse_array(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    origin = builder.origin
    active = [k for k, arg in enumerate(let.args) if sweep.activity.is_active(arg)]
    for k in active:
        arg = let.args[k]
        assert isinstance(arg, Var)
        builder.origin = origin
        share = _share(sweep, let, k, bar, builder)
        if share is None:
            continue
        same = is_array(share.type) and (
            _one_array(let) if _elementwise(let) else _never_broadcast(let)
        )
        share = project(sweep, share, arg, builder, same)
        if is_array(share.type) and (
            _is_primal(share, let, bar)
            or (len(active) > 1 and share is not bar and _is_part(share, bar, builder))
        ):
            builder.borrowed.add(share)
        adj.add(arg, share, builder, origin if share is bar else ())


def _elementwise(let: Let) -> bool:
    return let.op in PRIMITIVES or bool(ARRAY_OPS[let.op].partials)


def _one_array(let: Let) -> bool:
    """Is it of one array only, so that nothing is broadcast to more than its shape?"""
    return len({arg for arg in let.args if is_array(arg.type)}) == 1


def _never_broadcast(let: Let) -> bool:
    """Is it a product of vectors and matrices, whose sizes have to be equal?"""
    ranks = [len(arg.type.dims) for arg in let.args[:2] if isinstance(arg.type, Array)]
    return let.op in _PRODUCTS and len(ranks) == 2 and max(ranks) <= 2


_PRODUCTS = frozenset(("np.matmul", "np.dot", "np.outer"))


def _is_primal(share: Atom, let: Let, bar: Atom) -> bool:
    return share is not bar and (share is let.out or share in let.args)


def _is_part(share: Atom, bar: Atom, builder: AdjointBuilder) -> bool:
    """Is it memory of the adjoint, of which the other arguments have parts too?"""
    while share is not bar:
        let = builder.standing(share)
        if let is None or not (let.op == "view" or may_share(let.op)):
            return False
        share = let.args[0]
    return True


def _share(sweep: Sweep, let: Let, k: int, bar: Atom, builder: AdjointBuilder) -> Atom | None:
    """What the argument k gets of the adjoint of the result, before projection."""
    if let.op == "abs" and let.args[0].type == COMPLEX:
        let = replace(let, op="np.abs")
    if let.op in PRIMITIVES:
        text = partials.partial_texts(let, textbook=False)[k]
        named: dict[str, Atom | tuple[Atom, ...]] = dict(partials.operands(let))
        if text is None:
            return None
        share = Texts(sweep, named, builder).scaled(bar, text)
        return _where_any(sweep, let, bar, share, builder)
    op = ARRAY_OPS[let.op]
    name, part = params_of(op, len(let.args))[k]
    named = operands_of(op, let)
    texts = Texts(sweep, named, builder)
    if name in op.partials:
        partial = texts.text(op.partials[name], part, let)
        if not partial:
            return None
        return _where_any(sweep, let, bar, texts.scaled(bar, partial), builder)
    rule = op.adjoints.get(name)
    if rule is None:
        return None
    named["y_bar"] = bar
    text = texts.text(rule, part, let)
    return texts.expr(parsed(text)) if text else None


# Elementwise functions that are infinite, or have an infinite slope, somewhere.
_POLES = frozenset({"div", "pow", "math_pow", "sqrt", "cbrt", "log", "log2", "log10"}) | {
    f"np.{name}"
    for name in (
        *("divide", "reciprocal", "power", "float_power", "sqrt", "cbrt", "log", "log2"),
        *("log10", "log1p", "arcsin", "arccos", "arccosh", "arctanh", "arctan2", "hypot"),
    )
}


def _where_any(sweep: Sweep, let: Let, bar: Atom, share: Atom, builder: AdjointBuilder) -> Atom:
    """The share of an argument, 0 where nothing arrives: not even an infinite slope makes
    something of nothing, of an element that was overwritten, or left out."""
    if not _has_pole(sweep, let) or not is_array(share.type) or builder.is_zero(share):
        return share
    masked = builder.operands(share, "np.where")
    if share is bar or (masked is not None and any(map(builder.is_zero, masked[1:]))):
        return share
    if not _has_holes(sweep, bar, builder):
        return share
    # Not where(bar, share, 0): that has no derivative in an adjoint that happens to be 0.
    lost, none = builder.make("np.isnan", share), builder.make("eq", bar, ZERO)
    nothing = builder.make("bitand", lost, none)
    return builder.make("np.where", nothing, ZERO, share, type_=share.type)


def _has_pole(sweep: Sweep, let: Let) -> bool:
    match let:
        case Let(_, "div" | "np.divide", (_, divisor, *_)):
            return is_array(divisor.type) and not sweep.bounds.excludes_zero(divisor)
        case Let(_, "pow" | "np.power", (_, Lit(int() | float() as power), *_)) if power >= 1:
            return False
        case _:
            return let.op in _POLES


def _has_holes(sweep: Sweep, bar: Atom, builder: AdjointBuilder) -> bool:
    """Is it likely that elements of an adjoint are 0, because nothing arrives there?"""
    if not isinstance(bar, Var):
        return False
    let = builder.defs.get(bar)
    if let is None:
        return bar in sweep.with_holes
    match let.op:
        case "zeros_like" | "np.zeros" | "put" | "set":
            return True
        case "copy" | "id" | "view" | "neg" | "acc" | "add_to" | "add_at":
            return _has_holes(sweep, let.args[0], builder)
        case "add":
            return all(_has_holes(sweep, arg, builder) for arg in let.args)
        case "np.where":
            return any(builder.is_zero(arm) for arm in let.args[1:])
        case "mul" | "div":
            return any(_has_holes(sweep, arg, builder) for arg in let.args)
        case _:
            return False


# Projection.


__all__ = [
    "INT",
    "bar_of",
    "element_of",
    "is_array_primitive",
    "project",
    "reverse_array",
]
