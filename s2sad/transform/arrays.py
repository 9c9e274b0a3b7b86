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
from s2sad.ir.nodes import Atom, Let, Var
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
        return None if text is None else Texts(sweep, named, builder).scaled(bar, text)
    op = ARRAY_OPS[let.op]
    name, part = params_of(op, len(let.args))[k]
    named = operands_of(op, let)
    texts = Texts(sweep, named, builder)
    if name in op.partials:
        partial = texts.text(op.partials[name], part, let)
        return texts.scaled(bar, partial) if partial else None
    rule = op.adjoints.get(name)
    if rule is None:
        return None
    named["y_bar"] = bar
    text = texts.text(rule, part, let)
    return texts.expr(parsed(text)) if text else None


# Projection.


__all__ = [
    "INT",
    "bar_of",
    "element_of",
    "is_array_primitive",
    "project",
    "reverse_array",
]
