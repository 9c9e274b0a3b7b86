"""A contribution to an adjoint, projected on the type of what it is the adjoint of: broadcast
axes are summed, the real part is taken of what is real, the dtype restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.arrays import default, defaults, literal_of
from s2sad.ir.nodes import NOTHING, Atom, Lit, Var
from s2sad.ir.types import (
    COMPLEX,
    COMPLEX64,
    FLOAT32,
    Array,
    Dim,
    Opaque,
    Scalar,
    Type,
    never_one,
)
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.transform.fold import AdjointBuilder

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep

COMPLEXES = (COMPLEX, COMPLEX64)


def project(
    sweep: Sweep, share: Atom, arg: Var, builder: AdjointBuilder, same: bool = False
) -> Atom:
    """A contribution in the shape, the dtype and the reality of its argument; `same`: it
    has its shape."""
    if isinstance(share, Lit) and not isinstance(arg.type, Scalar):
        return _spread(sweep, share, arg, builder) if builder.is_zero(share) is False else share
    share = real_of(share, arg.type, builder)
    match share.type, arg.type:
        case Array(_, dims), Array(dtype, wanted):
            if not same:
                share = _under_mask(sweep, share, wanted, arg, builder) or _fitted(
                    sweep, share, dims, wanted, arg, builder
                )
            assert isinstance(share.type, Array)
            if share.type.dtype != dtype and (dtype in (FLOAT32, COMPLEX64)):
                share = builder.make(
                    "np.ndarray.astype", share, Lit(f"np.{dtype.name}", Opaque("dtype"))
                )
            return share
        case Array(), _:
            return builder.make("np.sum", share, NOTHING, *defaults("np.sum", 2))
        case _, Array():
            return _spread(sweep, share, arg, builder)
        case _:
            return share


def real_of(share: Atom, wanted: Type, builder: AdjointBuilder) -> Atom:
    have = share.type.dtype if isinstance(share.type, Array) else share.type
    want = wanted.dtype if isinstance(wanted, Array) else wanted
    if have in COMPLEXES and want not in COMPLEXES:
        return builder.make("np.real", share)
    return share


def _spread(sweep: Sweep, share: Atom, arg: Var, builder: AdjointBuilder) -> Atom:
    shape = sweep.shape_of(arg, builder)
    return builder.make("np.full", shape, share, *defaults("np.full", 2), type_=arg.type)


def _fitted(
    sweep: Sweep,
    share: Atom,
    dims: tuple[Dim, ...],
    wanted: tuple[Dim, ...],
    arg: Var,
    builder: AdjointBuilder,
) -> Atom:
    lead = len(dims) - len(wanted)
    if lead < 0:
        return _broadcast(sweep, share, arg, builder)
    summed: list[int] = []
    for k, want in enumerate(wanted):
        have = dims[lead + k]
        if have == want and have != "?":
            continue
        if want == 1:
            summed.append(lead + k)
        elif have == 1 and not lead and not summed:
            # The adjoint may be that of another operand too: no view of it.
            return builder.emit("copy", (_broadcast(sweep, share, arg, builder),))
        elif not never_one(want):
            return builder.make("_sum_to", share, sweep.shape_of(arg, builder), type_=arg.type)
    if summed:
        axes: object = tuple(summed) if len(summed) > 1 else summed[0]
        share = builder.make("np.sum", share, literal_of(axes), *_sum_rest(keepdims=True))
    if lead:
        front: object = tuple(range(lead)) if lead > 1 else 0
        share = builder.make("np.sum", share, literal_of(front), *_sum_rest(keepdims=False))
    return share


def _under_mask(
    sweep: Sweep, share: Atom, wanted: tuple[Dim, ...], arg: Var, builder: AdjointBuilder
) -> Atom | None:
    """The sum of where(m, x, 0) over axes that the mask has not is still masked."""
    let = builder.defs.get(share) if isinstance(share, Var) else None
    if let is None or let.op != "np.where":
        return None
    cond, *arms = let.args
    assert isinstance(let.out.type, Array)
    dims = let.out.type.dims
    if not isinstance(cond.type, Array) or not _alike(cond.type.dims, wanted) or "?" in dims:
        return None
    if _alike(dims, wanted) or not any(builder.is_zero(arm) for arm in arms):
        return None
    made = []
    for arm in arms:
        if builder.is_zero(arm):
            made.append(arm)
        elif isinstance(arm.type, Array) and _alike(arm.type.dims, dims):
            made.append(_fitted(sweep, arm, dims, wanted, arg, builder))
        else:
            return None
    return builder.make("np.where", cond, *made)


def _alike(dims: tuple[Dim, ...], others: tuple[Dim, ...]) -> bool:
    """Are sizes that meet the same? Those that are never 1 are."""
    return len(dims) == len(others) and all(
        d == e or (never_one(d) and never_one(e)) for d, e in zip(dims, others, strict=True)
    )


def _broadcast(sweep: Sweep, share: Atom, arg: Var, builder: AdjointBuilder) -> Atom:
    shape = sweep.shape_of(arg, builder)
    return builder.make("np.broadcast_to", share, shape, type_=arg.type)


def _sum_rest(keepdims: bool) -> list[Lit]:
    return [
        literal_of(keepdims) if param.name == "keepdims" else default(param.default)
        for param in ARRAY_OPS["np.sum"].params[2:]
    ]
