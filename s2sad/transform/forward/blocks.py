"""The blocks of a Jacobian, and of a Hessian: one for each result and argument.

x_dot = np.eye(x.shape[0])          the unit directions, all at once
…
return y, y_dot.T                   a block has the shape (*y.shape, *x.shape)
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    NOTHING,
    ONE,
    Atom,
    Module,
    Raise,
    Var,
    float_lit,
    indices,
    int_lit,
)
from s2sad.ir.types import FLOAT, INT, Array, Dim, Type, never_one
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward.sizes import Size
from s2sad.transform.naming import settle_names

if TYPE_CHECKING:
    from s2sad.transform.forward.push import Push


def all_of(type_: Type, name: str) -> Dim | None:
    """How many numbers an array has, as a size in types; None of a number."""
    if not isinstance(type_, Array):
        return None
    known = math.prod(dim for dim in type_.dims if isinstance(dim, int))
    symbols = [dim for dim in type_.dims if not isinstance(dim, int)]
    if not symbols or known == 0:
        return known
    if known == 1 and len(symbols) == 1:
        return symbols[0]
    return f"{name}.size" if all(map(never_one, symbols)) else "?"


def seed(push: Push, param: Var, d: int, builder: AdjointBuilder) -> Atom:
    """The unit directions of an argument."""
    if not isinstance(param.type, Array):
        return ONE
    from s2sad.ir.arrays import defaults, literal_of
    from s2sad.transform.forward import vectors

    dim = push.callees.dims[d]
    assert dim is not None
    sizes = vectors.sizes(push, param, builder)
    count: Atom = int_lit(dim) if isinstance(dim, int) else NOTHING
    if count is NOTHING:
        single = len(sizes) == 1
        count = sizes[0] if single else builder.emit("np.size", (param,), type_=INT)
    size = Size(dim, count)
    push.directions[d] = push.directions[d]._replace(size=size)
    square = Array(FLOAT, (dim, dim))
    eye: Atom = builder.make("np.eye", count, *defaults("np.eye", 1), type_=square)
    if len(sizes) != 1:
        shape = vectors.shape(push, size, param, builder)
        type_ = push.type_of(param.type, d)
        eye = builder.make("np.reshape", eye, shape, literal_of("C"), type_=type_)
    builder.call_after(eye, push.called(param, d))
    return eye


def block(push: Push, result: Atom, param: Var, d: int, builder: AdjointBuilder) -> Atom:
    """The derivative of a result in an argument, from its tangents in the unit directions."""
    dots = push.made(result, d, builder)
    if not isinstance(param.type, Array):
        return dots
    from s2sad.ir.arrays import literal_of
    from s2sad.transform.forward import vectors

    dims = result.type.dims if isinstance(result.type, Array) else ()
    assert isinstance(dots.type, Array)
    dim = dots.type.dims[0]
    if len(dims) == 1:
        turned = Array(FLOAT, (*dims, dim))
        dots = builder.make("np.transpose", dots, NOTHING, type_=turned)
    elif dims:
        turned = Array(FLOAT, (*dims, dim))
        dots = builder.make("np.moveaxis", dots, int_lit(0), int_lit(-1), type_=turned)
    if len(param.type.dims) == 1:
        return dots
    sizes = [*vectors.sizes(push, result, builder), *vectors.sizes(push, param, builder)]
    type_ = Array(FLOAT, (*dims, *param.type.dims))
    shape = vectors.listed(sizes, builder)
    return builder.make("np.reshape", dots, shape, literal_of("C"), type_=type_)


# Hessians.


def symmetric(module: Module, doc: str) -> Module:
    """Of a module of gradient and Hessian, with each pair of entries their mean."""
    func = module.funcs[module.entry]
    gradient, hessian = func.structure  # type: ignore[misc]
    ranks = [
        _rank(func.body.yields[k])
        for k in indices(gradient)
        if func.body.yields[k] is not NOTHING
    ]
    places = [k for k in indices(hessian) if func.body.yields[k] is not NOTHING]
    size = math.isqrt(len(places))
    builder = AdjointBuilder(None, True, {})
    builder.origin = (Raise(NOTHING),)  # that of a statement that has none in the function
    found = list(func.body.yields)
    yields = list(found)
    for i in range(size):
        for j in range(i + 1):
            above, below = places[j * size + i], places[i * size + j]
            one, other = found[below], found[above]
            if not isinstance(one.type, Array):
                if one is not other:
                    yields[above] = yields[below] = _mean(other, one, one, builder)
                continue
            yields[below] = _mean(one, _turned(other, ranks[j], builder), one, builder)
            if i != j:
                yields[above] = _mean(other, _turned(one, ranks[i], builder), other, builder)
    stmts = (*func.body.stmts, *builder.stmts)
    body = replace(func.body, stmts=stmts, yields=tuple(yields))
    made = replace(func, body=body, doc=doc)
    settle_names(made, builder.names, (), 1)
    return replace(module, funcs={**module.funcs, made.name: made})


def _rank(atom: Atom) -> int:
    return len(atom.type.dims) if isinstance(atom.type, Array) else 0


def _turned(block_: Atom, rank: int, builder: AdjointBuilder) -> Atom:
    """A block of so many axes of one argument, and then those of another, the other way
    round."""
    assert isinstance(block_.type, Array)
    dims = block_.type.dims
    if rank in (0, len(dims)):
        return block_
    from s2sad.ir.arrays import literal_of

    type_ = Array(FLOAT, (*dims[rank:], *dims[:rank]))
    order = (*range(rank, len(dims)), *range(rank))
    axes = NOTHING if order == (1, 0) else literal_of(order)
    return builder.make("np.transpose", block_, axes, type_=type_)


def _mean(one: Atom, other: Atom, called: Atom, builder: AdjointBuilder) -> Atom:
    total = builder.emit("add", (one, other), type_=one.type)
    after = (called, "") if isinstance(called, Var) else None
    return builder.emit("mul", (float_lit(0.5), total), after, one.type)
