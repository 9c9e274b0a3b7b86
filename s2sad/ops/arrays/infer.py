"""The type of a result, found by running NumPy on small exemplars.

    infer(ARRAY_OPS["np.sum"], (Arr("float32", ("x.0", "x.1")), Known(0), …))
    Arr("float32", ("x.1",))

The dtype is what NumPy gives. A size of the result is what stands for it in several runs,
in which the sizes of the arguments are distinct primes: a constant, one of the arguments'
sizes, one of these shifted; further runs, at sizes of 0 and 1 too, must agree, or it is
unknown. Where NumPy wants sizes to be equal, the fewest equalities that it takes are
assumed. Sizes of elementwise results follow from the rules of broadcasting.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence

import numpy as np

from s2sad.ops.arrays.declare import ArrayOp
from s2sad.ops.arrays.dims import (
    UNKNOWN,
    Arr,
    Dim,
    Known,
    Num,
    Result,
    ShapeError,
    Size,
    Sizes,
    Type,
    Undetermined,
    broadcast,
)
from s2sad.ops.arrays.indexing import Slice, infer_index
from s2sad.ops.arrays.probe import RAISED, SOME, bound, exemplar, prepared
from s2sad.ops.arrays.search import probed, typed

__all__ = [
    "Arr",
    "Dim",
    "Known",
    "Num",
    "ShapeError",
    "Size",
    "Sizes",
    "Slice",
    "Undetermined",
    "infer",
    "infer_index",
    "infer_operator",
]

_CACHE: dict[tuple[str, tuple[Type, ...]], Result] = {}


def infer(op: ArrayOp, args: Sequence[Type]) -> Result:
    """The type of `op` of arguments in the order of its parameters, none left out; the
    elements of a rest parameter stand in a row in its place.

    A scalar of NumPy is an `Arr` without dims; a `Num` is a number of Python.
    """
    if op.name == "np.cross" and tuple(args[2:]) == _LAST_AXES:
        args = (*map(_in_space, args[:2]), *args[2:])
    if op.result is not None:
        return op.result(args)
    key = op.name, tuple(args)
    if key not in _CACHE:
        call = bound(op, len(args))
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if op.elementwise:
                _CACHE[key] = _elementwise(call, args)
            elif op.name in ("np.reshape", "np.broadcast_to") and isinstance(args[0], Arr):
                _CACHE[key] = _shaped(op.name, args[0], args[1])
            else:
                _CACHE[key] = probed(call, prepared(op, args), op.varies)
    return _CACHE[key]


_LAST_AXES = (Known(-1), Known(-1), Known(-1), Known(None))


def _in_space(arg: Type) -> Type:
    """Vectors of unknown size have three components: of two NumPy gives no vector (and does
    not any more from 2.x on); the product with such a result raises."""
    match arg:
        case Arr(dtype, (*dims, str())):
            return Arr(dtype, (*dims, 3))
    return arg


_OPERATORS: dict[str, Callable[..., object]] = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "floordiv", "mod")},
    **{name: getattr(operator, name) for name in ("pow", "neg", "pos", "invert", "matmul")},
    **{name: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    **{name: getattr(operator, name) for name in ("lshift", "rshift", "abs", "not_")},
    "div": operator.truediv,
    "bitand": operator.and_,
    "bitor": operator.or_,
    "bitxor": operator.xor,
}


def infer_operator(name: str, args: Sequence[Type]) -> Result:
    """The type of an operator, by the name of its scalar primitive: "add", "floordiv"."""
    key = name, tuple(args)
    if key not in _CACHE:
        apply = _OPERATORS[name]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if name == "matmul":
                _CACHE[key] = probed(apply, args, False)
            else:
                _CACHE[key] = _elementwise(apply, args)
    return _CACHE[key]


# --- Elementwise -----------------------------------------------------------------


def _elementwise(call: Callable[..., object], args: Sequence[Type]) -> Result:
    dims = broadcast([arg.dims for arg in args if isinstance(arg, Arr)])
    try:
        result = call(*map(_small, args))
    except RAISED as error:
        raise ShapeError(f"{type(error).__name__}: {error}") from error
    return typed(result, lambda shape: dims)


def _small(arg: Type) -> object:
    match arg:
        case Arr(dtype, dims):
            return np.ones((1,) * len(dims), dtype)
        case Size():
            return 1
    return exemplar(arg, {}, SOME, np.ones)


# --- By rule ---------------------------------------------------------------------


def _sizes_of(shape: Type) -> list[Dim]:
    match shape:
        case Sizes(dims):
            return list(dims)
        case Size(dim):
            return [dim]
        case Known(int() as size):
            return [size]
        case Known(tuple() | list() as sizes):
            return [size if isinstance(size, int) else UNKNOWN for size in sizes]
        case Num("int"):
            return [UNKNOWN]
    raise Undetermined("the rank of the result depends on a value")


def _shaped(name: str, array: Arr, shape: Type) -> Arr:
    dims: list[Dim] = _sizes_of(shape)
    if name == "np.broadcast_to":
        wanted = broadcast([array.dims, tuple(dims)])
        for mine, wants in zip(reversed(wanted), reversed(dims), strict=False):
            if isinstance(wants, int) and isinstance(mine, int) and mine != wants:
                raise ShapeError(f"ValueError: cannot broadcast {array.dims} to {dims}")
        if len(wanted) > len(dims):
            raise ShapeError(f"ValueError: cannot broadcast {array.dims} to {dims}")
        both = zip(wanted, dims, strict=True)
        return Arr(array.dtype, tuple(d if d != UNKNOWN else w for w, d in both))
    given: list[Dim] = [dim for dim in array.dims if dim != 1]
    new: list[Dim] = [dim for dim in dims if dim not in (-1, 1)]
    if 0 in given and 0 in new:
        return Arr(array.dtype, tuple(0 if dim == -1 else dim for dim in dims))
    for size in tuple(new):
        if size in given and size != UNKNOWN:
            given.remove(size)
            new.remove(size)
    known = all(isinstance(dim, int) for dim in (*given, *new))
    count = _product(given) if known else 0
    rest = _product(new) if known else 1
    if -1 in dims:
        if known and (not rest or count % rest):
            raise ShapeError(f"ValueError: cannot reshape {array.dims} into {dims}")
        left = given[0] if given else 1
        whole = count // rest if known else left if not new and len(given) < 2 else UNKNOWN
        return Arr(array.dtype, tuple(whole if dim == -1 else dim for dim in dims))
    if known and count != rest:
        raise ShapeError(f"ValueError: cannot reshape {array.dims} into {dims}")
    return Arr(array.dtype, tuple(dims))


def _product(dims: Sequence[Dim]) -> int:
    result = 1
    for dim in dims:
        assert isinstance(dim, int)
        result *= dim
    return result
