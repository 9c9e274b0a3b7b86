"""What the results of primitives depend on.

Element by element it is what the operands depend on; what moves elements is run on their
numbers, to see where they go; sums and extrema depend on all that they are over; products
on the rows and columns. Anything else depends on all of its operands.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from s2sad.analysis.activity import differentiable_args
from s2sad.backend.arrays import apply_array
from s2sad.ir.nodes import Atom, Let, Var
from s2sad.ir.types import BOOL, FLOAT, INT, Array, Type
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.core import HELPERS as OF_ARRAYS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.core import HELPERS, PRIMITIVES
from s2sad.sparsity.values import VARIED, Known, Mask, Unknown, all_of, union

MOVES = frozenset(
    f"np.{name}"
    for name in (
        *("reshape", "ravel", "ndarray.flatten", "ndarray.item", "transpose", "swapaxes"),
        *("moveaxis", "rollaxis", "expand_dims", "squeeze", "broadcast_to", "atleast_1d"),
        *("atleast_2d", "atleast_3d", "concatenate", "stack", "hstack", "vstack", "dstack"),
        *("column_stack", "append", "tile", "repeat", "roll", "flip", "fliplr", "flipud"),
        *("rot90", "copy", "asarray", "ascontiguousarray", "asfortranarray", "array", "take"),
        *("take_along_axis", "diag", "diagonal", "tril", "triu", "full", "full_like"),
        *("compress", "extract"),
    )
)
FOLDS = frozenset(
    f"np.{name}"
    for name in ("sum", "mean", "nansum", "max", "min", "prod", "var", "std", "ptp")
)


def applied(let: Let, given: Sequence[Known]) -> Any:
    """The result of a primitive, a `Known` or a tuple of them."""
    if not all(isinstance(arg, Known) for arg in given):
        raise Unknown(f"{let.op} of a structure")
    if let.op == "np.size" and len(given) == 1:
        return Known(math.prod(given[0].shape), ())
    varied = any(arg.varied for arg in given)
    values = [
        _stand_in(arg, atom.type) if arg.varied else arg.value
        for arg, atom in zip(given, let.args, strict=True)
    ]
    value = evaluated(let, values)
    if not varied:
        return _constant(value)
    flows = differentiable_args(let)
    masks = [arg.mask if flow else None for arg, flow in zip(given, flows, strict=True)]
    if isinstance(value, tuple):
        every = all_of(masks)
        return tuple(Known(VARIED, np.shape(v), _spread(every, np.shape(v))) for v in value)
    if ARRAY_OPS[let.op].varies if let.op in ARRAY_OPS else False:
        raise Unknown(f"the sizes of {let.op}")
    shape = np.shape(value)
    return Known(VARIED, shape, _mask(let, given, masks, shape))


def _constant(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_constant, value))
    return Known(value, np.shape(value))


def _stand_in(arg: Known, type_: Type) -> Any:
    """Numbers of the shape of a value, for the shape of what is computed of it."""
    dtype = type_.dtype if isinstance(type_, Array) else type_
    if dtype in (BOOL, INT):
        kind = bool if dtype == BOOL else int
        return np.ones(arg.shape, kind) if arg.shape else kind(1)
    if not arg.shape:
        return 1.5
    made = np.full(arg.shape, 0.25)
    if len(arg.shape) > 1:
        n = min(arg.shape[-2:])
        made[..., range(n), range(n)] = n + 1.0
    return made


def _spread(every: Mask | None, shape: tuple[int, ...]) -> Mask | None:
    return None if every is None else np.broadcast_to(every, (*shape, every.size)).copy()


def _mask(
    let: Let, given: Sequence[Known], masks: Sequence[Mask | None], shape: tuple[int, ...]
) -> Mask | None:
    if all(mask is None for mask in masks):
        return None
    if let.op in PRIMITIVES or ARRAY_OPS[let.op].elementwise:
        return _elementwise(masks, shape)
    names = [name for name, _ in params_of(ARRAY_OPS[let.op], len(given))]
    others = [
        arg.varied
        for arg, mask, name in zip(given, masks, names, strict=True)
        if mask is None and name not in ARRAY_OPS[let.op].differentiable
    ]
    if let.op in MOVES and not any(others):
        return _moved(let, given, masks, shape)
    if let.op in FOLDS and masks[0] is not None:
        return _folded(let, given, masks[0], shape)
    if let.op in ("np.matmul", "np.dot") and max(len(arg.shape) for arg in given) <= 2:
        return _product(given, masks, shape)
    if let.op == "np.cumsum" and len(given[0].shape) == 1 and masks[0] is not None:
        made: Mask = np.logical_or.accumulate(masks[0], axis=0)
        return made
    linear = ARRAY_OPS[let.op].linear or _MULTILINEAR.get(let.op, frozenset())
    active = [name for name, mask in zip(names, masks, strict=True) if mask is not None]
    size = next(mask.shape[-1] for mask in masks if mask is not None)
    if linear.issuperset(active) and size <= _MOST:
        return _linear(let, given, masks, shape)
    return _spread(all_of(masks), shape)


def _linear(
    let: Let, given: Sequence[Known], masks: Sequence[Mask | None], shape: tuple[int, ...]
) -> Mask | None:
    """Of what is linear in each of its operands: where a result is not 0, for numbers at
    random in the place of what is not known, and 0 in that of what does not depend on an
    input."""
    rng = np.random.default_rng(0)
    values = [
        rng.uniform(0.5, 1.5, arg.shape)
        if arg.varied and _is_float(atom)
        else _stand_in(arg, atom.type)
        if arg.varied
        else arg.value
        for arg, atom in zip(given, let.args, strict=True)
    ]
    found: Mask | None = None
    for k, mask in enumerate(masks):
        if mask is None:
            continue
        made = np.zeros((*shape, mask.shape[-1]), bool)
        for j in np.flatnonzero(mask.reshape(-1, mask.shape[-1]).any(0)):
            changed = [*values[:k], values[k] * mask[..., j], *values[k + 1 :]]
            made[..., j] = evaluated(let, changed) != 0
        found = union(found, made)
    return found


def _is_float(atom: Atom) -> bool:
    dtype = atom.type.dtype if isinstance(atom.type, Array) else atom.type
    return dtype not in (BOOL, INT)


# Linear in each of the operands that a parameter stands for.
_MULTILINEAR = {"np.einsum": frozenset({"operands"})}
# Of more inputs than these it is not looked at one by one.
_MOST = 4096


def _elementwise(masks: Sequence[Mask | None], shape: tuple[int, ...]) -> Mask:
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            # The axes of the elements are aligned from the last, that of the inputs behind.
            wide = mask.reshape((1,) * (len(shape) + 1 - mask.ndim) + mask.shape)
            wide = np.broadcast_to(wide, (*shape, mask.shape[-1]))
            found = wide.copy() if found is None else found | wide
    assert found is not None
    return found


def _moved(
    let: Let, given: Sequence[Known], masks: Sequence[Mask | None], shape: tuple[int, ...]
) -> Mask:
    """By the numbers of the elements: 0 is none of them."""
    rows = [np.zeros((1, next(m for m in masks if m is not None).shape[-1]), bool)]
    values, start = [], 1
    for arg, mask in zip(given, masks, strict=True):
        if mask is None:
            name_like = arg.value if not arg.varied else np.zeros(arg.shape)
            moved = isinstance(name_like, np.ndarray) and name_like.dtype.kind == "f"
            values.append(np.zeros(arg.shape) if moved else name_like)
            continue
        size = math.prod(arg.shape)
        numbers = np.arange(start, start + size, dtype=float).reshape(arg.shape)
        values.append(numbers if arg.shape else float(start))
        rows.append(mask.reshape(size, -1))
        start += size
    places = np.asarray(evaluated(let, values)).astype(int)
    if places.shape != shape:
        raise Unknown(let.op)
    found: Mask = np.concatenate(rows)[places]
    return found


def _folded(let: Let, given: Sequence[Known], mask: Mask, shape: tuple[int, ...]) -> Mask:
    names = [name for name, _ in params_of(ARRAY_OPS[let.op], len(given))]
    by_name = dict(zip(names, given, strict=True))
    axis = by_name["axis"].value if "axis" in by_name else None
    rank = mask.ndim - 1
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    found: Mask = np.any(mask, axis=tuple(k % rank for k in axes) if rank else ())
    return found.reshape((*shape, mask.shape[-1]))


def _product(
    given: Sequence[Known], masks: Sequence[Mask | None], shape: tuple[int, ...]
) -> Mask:
    """Of a matrix that is known, zeros count."""
    a, b = given[:2]
    n = next(m for m in masks if m is not None).shape[-1]
    found = np.zeros((*shape, n), bool)
    rows, columns = len(a.shape) == 2, len(b.shape) == 2
    if masks[0] is not None:
        if not b.varied:
            there = np.asarray(b.value) != 0
            part = np.tensordot(
                masks[0].astype(np.float32), there.astype(np.float32), ([-2], [0])
            )
            found |= (np.moveaxis(part, -1, -2) if columns else part) > 0
        else:
            every = np.any(masks[0], axis=-2)
            found |= every[..., None, :] if columns else every
    if masks[1] is not None:
        if not a.varied:
            there = np.asarray(a.value) != 0
            part = np.tensordot(
                there.astype(np.float32), masks[1].astype(np.float32), ([-1], [0])
            )
            found |= part > 0
        else:
            every = np.any(masks[1], axis=0)
            found |= every[None] if rows else every
    return found


# Evaluation.


def evaluated(let: Let, values: Sequence[Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function_of(let.op, len(values))(*values)
    except Exception as error:
        raise Unknown(f"{let.op}: {error}") from None


@cache
def function_of(op: str, count: int) -> Callable[..., Any]:
    """A primitive as a function."""
    names = [f"_{k}" for k in range(count)]
    if op in PRIMITIVES:
        params = PRIMITIVES[op].params
        if any(param.startswith("*") for param in params):
            inner = ", ".join(names)
            text = PRIMITIVES[op].python.replace(f"*{params[0].lstrip('*')}", inner)
            if len(params) > 1:
                raise Unknown(op)
        else:
            text, names = PRIMITIVES[op].python, list(params)
    else:
        atoms = tuple(Var(FLOAT, name) for name in names)

        def named(atom: Atom) -> ast.expr:
            assert isinstance(atom, Var)
            return ast.Name(atom.hint, ast.Load())

        tree = apply_array(Let(Var(FLOAT), op, atoms), named)
        text = ast.unparse(ast.fix_missing_locations(ast.Expression(tree)))
    made: Callable[..., Any] = eval(f"lambda {', '.join(names)}: {text}", _scope())
    return made


@cache
def _scope() -> dict[str, Any]:
    names: dict[str, Any] = {"math": math, "np": np}
    for source in (*HELPERS.values(), *OF_ARRAYS.values()):
        exec(source, names)
    try:
        import scipy.linalg
        import scipy.special

        names["scipy"] = scipy
    except ImportError:
        pass
    return names


__all__ = ["applied", "union"]
