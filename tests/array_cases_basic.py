"""Calls of elementwise functions, reductions, shapes and new arrays, over shapes with axes
of size 1 and 0, negative axes, tuples of axes, orders of memory and complex numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from tests.array_cases_products import cplx, fortran, real, strided
from tests.array_eval import Case

SHAPES: tuple[tuple[int, ...], ...] = ((3,), (2, 3), (1, 3), (3, 1), (2, 1, 3), (0,), (2, 0))


def inside(low: float, high: float, *shape: int) -> Any:
    """Values away from the ends."""
    rng = np.random.default_rng(abs(hash(shape)) % 1000 + 1)
    return rng.uniform(low, high, shape)


def apart(*shape: int) -> Any:
    """Values of which no two are close."""
    count = int(np.prod(shape))
    return np.random.default_rng(count).permutation(count).reshape(shape) * 0.37 - 1.0


def only(op: str, *args: Any, wrt: str = "", of: Any = (), **keywords: Any) -> Case:
    return Case(op, args, keywords, wrt=tuple(wrt.split()), of=of)


# --- Elementwise -----------------------------------------------------------------

_ANY = (-2.0, 2.0)
_POSITIVE = (0.3, 3.0)
_UNIT = (-0.9, 0.9)
ONE: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        ("negative", "positive", "square", "exp", "exp2", "expm1", "sin", "cos", "tanh",
         "sinh", "cosh", "arctan", "arcsinh", "sinc", "deg2rad", "rad2deg", "nan_to_num",
         "real", "imag", "conj", "angle"), _ANY),
    **dict.fromkeys(("sqrt", "cbrt", "log", "log2", "log10", "log1p", "reciprocal", "abs",
                     "fabs"), _POSITIVE),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), _UNIT),
    "tan": (-1.2, 1.2),
    "arccosh": (1.2, 4.0),
}  # fmt: skip
HOLOMORPHIC = (
    *("negative", "positive", "square", "exp", "expm1", "sin", "cos", "tanh", "sinh", "cosh"),
    *("arctan", "arcsinh", "sqrt", "log", "log2", "log10", "log1p", "reciprocal", "arcsin"),
    *("arccos", "arctanh", "tan", "arccosh", "conj", "real", "imag", "abs", "angle"),
)
TWO: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    **dict.fromkeys(("add", "subtract", "multiply", "hypot", "logaddexp", "logaddexp2",
                     "maximum", "minimum", "fmax", "fmin", "arctan2"), (_ANY, _ANY)),
    **dict.fromkeys(("divide", "fmod"), (_ANY, (1.1, 1.9))),
    "power": (_POSITIVE, _ANY),
    "float_power": (_POSITIVE, _ANY),
    "mod": (_ANY, (5.0, 6.0)),
}  # fmt: skip
PAIRS = (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((2, 3), ()), ((), (3,)),
    ((), ()), ((0,), (1,)), ((1,), (0,)), ((2, 0), (1, 1)), ((1, 1), (1,)),
)  # fmt: skip


def elementwise() -> Iterator[Case]:
    for name, ends in ONE.items():
        for shape in (*SHAPES, ()):
            yield only(f"np.{name}", inside(*ends, *shape))
        yield only(f"np.{name}", inside(*ends, 3, 4).T[::2])
        if name in HOLOMORPHIC:
            for shape in ((3,), (2, 1), ()):
                yield only(f"np.{name}", np.asarray(0.5 * cplx(*shape) + 0.3))
    for name, (left, right) in TWO.items():
        for shape, other in PAIRS:
            yield only(f"np.{name}", inside(*left, *shape), inside(*right, *other))
        if name in ("add", "subtract", "multiply", "divide", "power"):
            yield only(f"np.{name}", cplx(3), cplx(3))
            yield only(f"np.{name}", inside(*left, 3), cplx(2, 3))
            yield only(f"np.{name}", cplx(1, 3), inside(*right, 2, 1))
    for sinc in (1e-9, 1e-3, 0.0999, 0.1001, 7.3):
        yield only("np.sinc", np.array([sinc, -sinc]))
    yield only("np.power", np.array([-1.5, 2.0]), np.array([3.0, 2.0]), wrt="x")
    yield only("np.power", np.array([-1.5, 2.0]), 3)
    yield only("np.ldexp", real(3), np.array([1, -2, 3]))
    yield only("np.copysign", inside(*_POSITIVE, 3), np.array([1.0, -1.0, 2.0]), wrt="x")
    yield only("np.heaviside", np.array([0.0, 1.0, -1.0]), inside(*_ANY, 3), wrt="w")
    for of in ((0, 1), (1,)):
        yield only("np.divmod", inside(*_ANY, 2, 3), inside(5.0, 6.0, 3), of=(1,))
        yield only("np.modf", inside(1.1, 1.9, 2, 3), of=of[:1])
    for low, high in ((-0.5, 0.5), (None, 0.5), (-0.5, None)):
        yield only("np.clip", inside(*_ANY, 2, 5), low, high, wrt="a")
    yield only("np.clip", inside(*_ANY, 2, 5), np.array(-0.4), inside(0.2, 1.0, 5))
    yield only("np.clip", inside(*_ANY, 9), inside(-1.0, -0.1, 9), np.array(-0.5))
    yield only("np.clip", inside(*_ANY, 9), inside(-1.0, 1.0, 9), None)
    yield only("np.clip", inside(*_ANY, 9), None, inside(-1.0, 1.0, 9))
    yield only("np.maximum", inside(*_ANY, 2, 3), 0.0, wrt="x")
    yield only("np.minimum", 0.0, inside(*_ANY, 2, 3), wrt="w")
    condition = np.array([True, False, True])
    yield only("np.where", condition, inside(*_ANY, 2, 3), inside(*_ANY, 3))
    yield only("np.where", condition, cplx(3), inside(*_ANY, 1))
    yield only("np.where", condition, np.array(0.5), inside(*_ANY, 2, 1))
    yield only("np.angle", cplx(3), True)


# --- Reductions ------------------------------------------------------------------

AXES: tuple[tuple[tuple[int, ...], Any], ...] = (
    ((4,), None), ((4,), 0), ((4,), -1), ((2, 3), None), ((2, 3), 0), ((2, 3), -1),
    ((2, 3, 4), 1), ((2, 3, 4), (0, 2)), ((2, 3, 4), (-1, 0)), ((1, 3), 0), ((1, 3), 1),
    ((3, 1), None), ((), None),
)  # fmt: skip
EMPTY: tuple[tuple[tuple[int, ...], Any], ...] = (
    ((0,), None), ((0, 3), 0), ((0, 3), 1), ((2, 0), -1), ((2, 0), None),
)  # fmt: skip


def reductions() -> Iterator[Case]:
    for shape, axis in AXES:
        for keep in (False, True):
            keywords = {"axis": axis, "keepdims": keep}
            for make in (real, cplx):
                for name in ("sum", "mean", "var", "std", "nansum", "nanmean"):
                    yield only(f"np.{name}", np.asarray(make(*shape)), **keywords)
                if not isinstance(axis, tuple):
                    yield only("np.prod", np.asarray(make(*shape)), **keywords)
            for name in ("max", "min", "ptp", "median", "nanmax", "nanmin"):
                yield only(f"np.{name}", apart(*shape), **keywords)
            for level in (0.0, 0.3, 0.5, 1.0):
                yield only("np.quantile", apart(*shape), level, wrt="a", **keywords)
            yield only("np.percentile", apart(*shape), 30, wrt="a", **keywords)
            if shape and len(shape) + (axis is None) < 3:
                for power in (None, 1, 2, 3, 2.5, float("inf")):
                    rank = len(shape) if axis is None else 1
                    if rank == 1 or power is None:
                        for make in (real, cplx):
                            yield Case("np.linalg.norm", (make(*shape), power, axis, keep), {})
    for shape, axis in EMPTY:
        for name in ("sum", "prod", "nansum"):
            yield only(f"np.{name}", real(*shape), axis=axis)
    for make in (fortran, strided):
        for axis in (0, 1, None):
            for name in ("sum", "mean", "var", "std", "prod", "max", "cumsum", "cumprod"):
                yield only(f"np.{name}", make(3, 4), axis=axis)
    for ddof in (1, 2):
        yield only("np.var", real(5), ddof=ddof)
        yield only("np.std", real(2, 5), axis=1, ddof=ddof)
    for order in ("fro", None):
        for axis in (None, (0, 1), (-1, 0)):
            yield Case("np.linalg.norm", (cplx(2, 3), order, axis, False), {})
    yield Case("np.linalg.norm", (real(2, 3, 4), None, (0, 2), True), {})
    for shape, axis in AXES:
        if shape and not isinstance(axis, tuple):
            for make in (real, cplx):
                yield only("np.cumsum", make(*shape), axis=axis)
                yield only("np.cumprod", make(*shape), axis=axis)
    for shape, axis in EMPTY:
        yield only("np.cumsum", real(*shape), axis=axis)
        yield only("np.cumprod", real(*shape), axis=axis)
    zeros = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    for name in ("prod", "cumprod"):
        for axis in (None, 0, 1):
            yield only(f"np.{name}", zeros, axis=axis)
    gaps = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, np.nan]])
    for name in ("nansum", "nanmean", "nanmax", "nanmin"):
        for axis in (None, 0, 1):
            yield only(f"np.{name}", gaps, axis=axis)


def recurrences() -> Iterator[Case]:
    for make in (real, cplx):
        for shape, axis in (((4,), 0), ((3, 4), 0), ((3, 4), 1), ((3, 4), -1), ((0,), 0)):
            yield only("_recurrence", make(*shape), make(*shape), axis)
    yield only("_recurrence", cplx(3), real(3), 0, wrt="a")


def differences() -> Iterator[Case]:
    for make in (real, cplx):
        for shape, axis in (((4,), -1), ((2, 4), 1), ((4, 2), 0), ((2, 4, 3), 1), ((5, 1), 0)):
            for n in (0, 1, 2, 3):
                yield only("np.diff", make(*shape), n, axis)
            yield only("np.gradient", make(*shape), 0.3, axis=axis)
            yield only("np.gradient", make(*shape), axis=axis, wrt="a")
            yield only("np.trapezoid", make(*shape), None, 0.3, axis, wrt="f dx")
            yield only("np.trapezoid", make(*shape), real(shape[axis]), 1.0, axis, wrt="f x")
            yield only("np.trapezoid", make(*shape), real(*shape), 1.0, axis, wrt="f x")
            yield only("np.average", make(*shape), axis, inside(0.5, 2.0, shape[axis]))
            yield only("np.average", make(*shape), axis, inside(0.5, 2.0, *shape))
            yield only("np.average", make(*shape), axis, None, keepdims=True)
        yield only("np.average", make(2, 3), None, inside(0.5, 2.0, 2, 3))
        yield only("np.average", make(2, 3))
    yield only("np.diff", real(1))
    yield only("np.gradient", real(2), wrt="a")
    yield only("np.gradient", fortran(3, 4), axis=1, wrt="a")


# --- Shapes ----------------------------------------------------------------------


Shapes: TypeAlias = "tuple[tuple[int, ...], ...]"


def _shapes(*shapes: Any) -> tuple[Any, ...]:
    return shapes


def shaping() -> Iterator[Case]:
    for make in (real, cplx, fortran, strided):
        yield only("np.reshape", make(3, 4), (2, 6))
        yield only("np.reshape", make(3, 4), -1)
        yield only("np.reshape", make(3, 4), (2, 6), "F")
        yield only("np.ravel", make(3, 4))
        yield only("np.ravel", make(3, 4), "F")
        yield only("np.transpose", make(3, 4))
        yield only("np.swapaxes", make(3, 4), 0, -1)
        for name in ("copy", "asarray", "ascontiguousarray", "asfortranarray"):
            yield only(f"np.{name}", make(3, 4))
        for axis in (None, 0, -1, (0, 1)):
            yield only("np.flip", make(3, 4), axis)
        yield only("np.rot90", make(3, 4))
        yield only("np.rot90", make(3, 4), 2)
        yield only("np.rot90", make(3, 4), -1, (1, 0))
        yield only("np.fliplr", make(3, 4))
        yield only("np.flipud", make(3, 4))
        yield only("np.roll", make(3, 4), 2)
        yield only("np.roll", make(3, 4), -1, 1)
        yield only("np.roll", make(3, 4), (1, 2), (0, 1))
        yield only("np.pad", make(3, 4), 2, wrt="a")
        yield only("np.pad", make(3, 4), ((1, 0), (0, 2)), wrt="a")
        yield only("np.tile", make(3, 4), 2)
        yield only("np.tile", make(3, 4), (2, 3))
        yield only("np.tile", make(3, 4), (2, 1, 3))
        yield only("np.repeat", make(3, 4), 2)
        yield only("np.repeat", make(3, 4), 3, 0)
        yield only("np.repeat", make(3, 4), 2, -1)
    for axes in ((0, 1, 2), (2, 0, 1), (-1, 0, 1), (1, 0, 2), (2, 1, 0), None):
        yield only("np.transpose", real(2, 3, 4), axes)
    for source, to in ((0, -1), (2, 0), ((0, 1), (1, 2))):
        yield only("np.moveaxis", real(2, 3, 4), source, to)
    for axis, start in ((2, 0), (0, 3), (1, 2), (-1, 1), (0, -1)):
        yield only("np.rollaxis", real(2, 3, 4), axis, start)
    for axis in (0, -1, (0, 2)):
        yield only("np.expand_dims", real(3, 4), axis)
    for shape, axis in (((1, 3, 1), None), ((1, 3, 1), 0), ((1, 3, 1), -1), ((1, 1), (0, 1))):
        yield only("np.squeeze", real(*shape), axis)
    wider: tuple[Shapes, ...] = (
        ((3,), (2, 3)),
        ((1, 3), (2, 3)),
        ((2, 1), (2, 3)),
        ((), (2,)),
        ((1,), (0,)),
    )
    for narrow, new in wider:
        yield only("np.broadcast_to", np.asarray(real(*narrow)), new)
    for n in (1, 2, 3):
        for low in _shapes((), (3,), (2, 3), (2, 3, 2)):
            yield only(f"np.atleast_{n}d", np.asarray(real(*low)))
    yield only("np.reshape", real(0, 3), (3, 0))
    for reps in (2, (2,), (3, 2), 1):
        yield only("np.tile", real(3), reps)
        yield only("np.tile", real(0), reps)
    yield only("np.repeat", real(3), np.array([2, 0, 3]))
    yield only("np.repeat", real(3), 0)
    for width in (1, (1, 2), ((1, 2),), 0, (0, 2)):
        for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
            yield only("np.pad", real(5), width, mode, wrt="a")
            yield only("np.pad", real(3, 4), width, mode, wrt="a")
    yield only("np.pad", real(3), 5, "wrap", wrt="a")
    yield only("np.pad", real(2, 3), 1, constant_values=0.7)
    yield only("np.unwrap", np.array([0.0, 2.0, 4.0, 9.0]))


def joining() -> Iterator[Case]:
    for make in (real, cplx):
        together: list[tuple[Shapes, int]] = [
            (((3,), (2,), (1,)), 0), (((2, 3), (1, 3)), 0), (((2, 3), (2, 1)), 1),
            (((2, 3), (2, 2), (2, 0)), -1), (((0,), (3,)), 0),
        ]  # fmt: skip
        for shapes, axis in together:
            yield only("np.concatenate", [make(*shape) for shape in shapes], axis)
        yield only("np.concatenate", [make(2, 3), make(2)], None)
        for axis in (0, 1, -1, 2):
            yield only("np.stack", [make(2, 3), make(2, 3)], axis)
        yield only("np.stack", [make(3)])
        for shapes in _shapes(((3,), (2,)), ((2, 3), (2, 1)), ((2, 3, 1), (2, 1, 1))):
            yield only("np.hstack", [make(*shape) for shape in shapes])
        for shapes in _shapes(((3,), (3,)), ((2, 3), (3,), (1, 3)), ((2, 3, 1), (1, 3, 1))):
            yield only("np.vstack", [make(*shape) for shape in shapes])
        for shapes in _shapes(((3,), (3,)), ((2, 3), (2, 3)), ((2, 3, 1), (2, 3), (2, 3, 2))):
            yield only("np.dstack", [make(*shape) for shape in shapes])
        for shapes in _shapes(((3,), (3,)), ((3, 2), (3,)), ((3,), (3, 2), (3, 1))):
            yield only("np.column_stack", [make(*shape) for shape in shapes])
        yield only("np.append", make(3), make(2))
        yield only("np.append", make(2, 3), make(2))
        yield only("np.append", make(2, 3), make(1, 3), 0)
        yield only("np.append", make(2, 3), make(2, 1), -1)
        yield only("np.append", make(2), np.asarray(make()))
        yield only("np.array", [np.asarray(make()), np.asarray(make())])
        yield only("np.array", [make(3), make(3)])
        for of in ((0, 1, 2), (1,)):
            yield only("np.split", make(6), 3, of=of)
            yield only("np.split", make(6, 2), (1, 4), of=of)
            yield only("np.split", make(2, 6), 3, -1, of=of)
            yield only("np.array_split", make(7), 3, of=of)
            yield only("np.hsplit", make(2, 3), 3, of=of)
            yield only("np.hsplit", make(3), 3, of=of)
            yield only("np.vsplit", make(3, 2), 3, of=of)
            yield only("np.dsplit", make(1, 2, 3), 3, of=of)


# --- New arrays ------------------------------------------------------------------


def creation() -> Iterator[Case]:
    for make in (real, cplx):
        for shape in ((3,), (2, 3), 4, (0,), ()):
            yield only("np.full", shape, np.asarray(make()))
        yield only("np.full", (2, 3), make(3))
        yield only("np.full_like", make(2, 3), np.asarray(make()), wrt="fill_value")
        for k in (-2, -1, 0, 1, 2):
            yield only("np.diag", make(3), k)
            yield only("np.diagflat", make(2, 2), k)
            for shape in ((3, 3), (2, 4), (4, 2), (1, 3)):
                yield only("np.diag", make(*shape), k)
                yield only("np.diagonal", make(*shape), k)
                yield only("np.trace", make(*shape), k)
                yield only("np.tril", make(*shape), k)
                yield only("np.triu", make(*shape), k)
            yield only("np.diagonal", make(2, 3, 4), k, 1, 2)
            yield only("np.diagonal", make(2, 3, 4), k, -2, -1)
            yield only("np.trace", make(2, 3, 4), k, 1, 2)
            yield only("np.trace", make(2, 3, 4), k)
            yield only("np.trace", make(2, 3, 4), k, -1, 0)
            yield only("np.tril", make(2, 3, 4), k)
        yield only("np.trace", make(3, 4), 1, 1, 0)
        for count in (None, 1, 2, 5):
            for increasing in (False, True):
                yield only("np.vander", make(3), count, increasing)
        for sparse in (False, True):
            for indexing in ("xy", "ij"):
                keywords: dict[str, Any] = {"indexing": indexing, "sparse": sparse}
                yield only("np.meshgrid", [make(2), make(3)], **keywords)
                yield only("np.meshgrid", [make(2), make(3), make(4)], **keywords)
                yield only("np.meshgrid", [make(2), make(3)], of=(1,), **keywords)
                yield only("np.meshgrid", [make(2)], **keywords)
    for num in (1, 2, 5):
        for endpoint in (True, False):
            for ends in ((0.3, 1.7), (inside(0.1, 0.5, 3), inside(1.0, 2.0, 3)),
                         (0.3, inside(1.0, 2.0, 2, 2))):  # fmt: skip
                for name in ("linspace", "geomspace"):
                    yield only(f"np.{name}", *ends, num, endpoint)
                yield only("np.logspace", *ends, num, endpoint, 3.0, wrt="start stop")
            yield only("np.logspace", 0.3, 1.7, num, endpoint, 3.0)
    yield only("np.arange", 0.3, 2.0, 0.4, wrt="start step")
    yield only("np.arange", 3.1, 0.0, -0.4, wrt="start step")
    yield only("np.arange", 0.3, 2.0, wrt="start")


CASES: dict[str, list[Case]] = {
    "elementwise": list(elementwise()),
    "reductions": list(reductions()),
    "recurrences": list(recurrences()),
    "differences": list(differences()),
    "shaping": list(shaping()),
    "joining": list(joining()),
    "creation": list(creation()),
}
