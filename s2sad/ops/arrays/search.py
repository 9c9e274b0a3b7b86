"""The type of a result by runs on exemplars, with the equalities of sizes that it takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, islice, pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from s2sad.ops.arrays.dims import (
    UNKNOWN,
    Arr,
    Dim,
    Num,
    Result,
    ShapeError,
    Type,
    Undetermined,
    evaluate,
    never_one,
    shifted,
)
from s2sad.ops.arrays.probe import (
    NUMBERS,
    RAISED,
    Equal,
    Failed,
    Fill,
    Number,
    Values,
    assignments,
    atoms,
    divisor,
    edges,
    exemplar,
    renamed,
    restored,
)

_Runs: TypeAlias = "Sequence[tuple[Values, Any]]"

# How many sets of equal sizes are tried before a result is refused.
_TRIES = 2000

# Sizes that some functions insist on.
_SMALL = (1, 2, 3, 4)


def typed(result: Any, dims: Callable[[tuple[int, ...]], tuple[Dim, ...]]) -> Result:
    match result:
        case np.ndarray() | np.generic():
            if result.dtype.hasobject:
                raise Undetermined("an array of objects")
            return Arr(result.dtype.name, dims(result.shape))
        case bool() | int() | float() | complex():
            return Num(type(result).__name__)
        case tuple() | list():
            parts = [typed(part, dims) for part in result]
            return tuple(part for part in parts if not isinstance(part, tuple))
    raise Undetermined(f"a result of type {type(result).__name__}")


def probed(call: Callable[..., object], args: Sequence[Type], varies: bool) -> Result:
    symbolic = renamed(args)
    try:
        return _searched(call, symbolic, varies)
    except ShapeError:
        exact = renamed(args, sys.maxsize)
        if exact == symbolic:
            raise
        return _searched(call, exact, varies)


def _searched(call: Callable[..., object], args: Sequence[Type], varies: bool) -> Result:
    """The first reading of sizes and of numbers that NumPy takes."""
    names = atoms(args)
    failure: Exception | None = None
    for numbers in NUMBERS if any(map(_is_number, args)) else NUMBERS[:1]:
        for scheme in _schemes(names, divisor(args)):
            probe = partial(_read, call, args, names, numbers, varies, scheme)
            found: list[Result] = []
            fewest = 0
            for equal in islice(scheme.equalities, _TRIES):
                if found and len(equal) > fewest:
                    break
                try:
                    found.append(probe(equal))
                except Failed as error:
                    failure = failure or error.cause
                    continue
                fewest = len(equal)
                if not equal:
                    break
            if found:
                return _forgotten(_common(found), scheme.blind)
    assert failure is not None
    raise ShapeError(f"{type(failure).__name__}: {failure}") from failure


class _Scheme(NamedTuple):
    """Which sizes are tried: so many times a prime, and which of them are equal.

    blind: these sizes of a result they tell nothing of.
    """

    times: int
    equalities: Iterator[Equal]
    blind: tuple[type, ...] = ()


def _schemes(names: Sequence[Dim], times: int) -> Iterator[_Scheme]:
    named = [name for name in names if isinstance(name, str)]
    yield _Scheme(1, _equalities(names, 4))
    if times > 1:
        yield _Scheme(times, _equalities(names, 1))
    if named:
        small = [size for size in _SMALL if size not in names]
        yield _Scheme(1, _equalities([*names, *small], 3), blind=(int,))
        yield _Scheme(times, iter([tuple(pairwise(named))]), blind=(int, str))
        alike = [tuple((name, size) for name in named) for size in _SMALL]
        yield _Scheme(1, iter(alike), blind=(int, str))


def _is_number(arg: Type) -> bool:
    return isinstance(arg, Num) or (isinstance(arg, Arr) and not arg.dims)


def _forgotten(result: Result, blind: tuple[type, ...]) -> Result:
    match result:
        case Arr(dtype, dims):
            return Arr(dtype, tuple(UNKNOWN if isinstance(d, blind) else d for d in dims))
        case tuple():
            parts = [_forgotten(part, blind) for part in result]
            return tuple(part for part in parts if not isinstance(part, tuple))
    return result


def _equalities(names: Sequence[Dim], most: int) -> Iterator[Equal]:
    """Sets of pairs of sizes that are taken for equal, the smallest first."""
    pairs = [pair for pair in combinations(names, 2) if any(isinstance(d, str) for d in pair)]
    for count in range(min(len(pairs), most) + 1):
        yield from combinations(pairs, count)


def _common(results: Sequence[Result]) -> Result:
    """What several results agree on."""
    first = results[0]
    if all(result == first for result in results):
        return first
    if isinstance(first, tuple):
        if all(isinstance(r, tuple) and len(r) == len(first) for r in results):
            columns = zip(*(r for r in results if isinstance(r, tuple)), strict=True)
            parts = [_common(column) for column in columns]
            return tuple(part for part in parts if not isinstance(part, tuple))
    elif isinstance(first, Arr):
        arrays = [r for r in results if isinstance(r, Arr) and r.dtype == first.dtype]
        if len(arrays) == len(results) == sum(len(a.dims) == len(first.dims) for a in arrays):
            columns = zip(*(a.dims for a in arrays), strict=True)
            return Arr(first.dtype, tuple(_agreed(column) for column in columns))
    raise Undetermined("the type of the result depends on a value")


def _agreed(dims: Sequence[Dim]) -> Dim:
    return dims[0] if all(dim == dims[0] for dim in dims) else UNKNOWN


def _read(
    call: Callable[..., object],
    args: Sequence[Type],
    names: Sequence[Dim],
    numbers: tuple[Number, Number, Number],
    varies: bool,
    scheme: _Scheme,
    equal: Equal,
) -> Result:
    fills = (np.ones, np.zeros, _counted, _regular) if varies else (np.ones,)
    runs = [
        (values, _run(call, args, values, number, fill))
        for values, number in zip(assignments(names, equal, scheme.times), numbers, strict=True)
        for fill in fills
    ]
    frozen = len(set(numbers)) == 1 or (varies and any(map(_is_number, args)))
    checks = []
    for edge in edges(names, equal, runs[0][0]):
        try:
            checks.append((edge, _run(call, args, edge, numbers[0], np.ones)))
        except Failed:
            continue
    return _reading(runs, names, checks, frozen)


def _reading(runs: _Runs, names: Sequence[Dim], checks: _Runs, frozen: bool) -> Result:
    first = runs[0][1]
    if isinstance(first, tuple | list):
        if any(len(other) != len(first) for _, other in (*runs, *checks)):
            raise Undetermined("the number of results depends on a value")
        parts = [
            _reading(
                [(values, other[i]) for values, other in runs],
                names,
                [(values, other[i]) for values, other in checks],
                frozen,
            )
            for i in range(len(first))
        ]
        return tuple(part for part in parts if not isinstance(part, tuple))
    if any(np.ndim(other) != np.ndim(first) for _, other in (*runs, *checks)):
        raise Undetermined("the rank of the result depends on a value")
    if any(np.result_type(other) != np.result_type(first) for _, other in runs):
        raise Undetermined("the dtype of the result depends on a value")

    def sizes(results: _Runs, axis: int) -> list[tuple[Values, int]]:
        return [(values, np.shape(other)[axis]) for values, other in results]

    def dims(shape: tuple[int, ...]) -> tuple[Dim, ...]:
        if frozen:
            return (UNKNOWN,) * len(shape)
        return tuple(
            _named(sizes(runs, axis), names, sizes(checks, axis)) for axis in range(len(shape))
        )

    return typed(first, dims)


def _named(
    sizes: Sequence[tuple[Values, int]],
    names: Sequence[Dim],
    checks: Sequence[tuple[Values, int]],
) -> Dim:
    """What a size of the result is called that had these values in the runs."""

    def holds(dim: Dim) -> bool:
        return all(evaluate(dim, values) == size for values, size in (*sizes, *checks))

    values, size = sizes[0]
    by_use = sorted((n for n in names if isinstance(n, str)), key=lambda n: not never_one(n))
    candidates: list[Dim] = [size, *by_use]
    candidates += [shifted(name, size - evaluate(name, values)) for name in by_use]
    return next((restored(dim) for dim in candidates if holds(dim)), UNKNOWN)


def _counted(shape: tuple[int, ...], dtype: str) -> Any:
    count = int(np.prod(shape))
    return np.arange(count).reshape(shape).astype(dtype)


def _run(
    call: Callable[..., object],
    args: Sequence[Type],
    values: Values,
    number: Number,
    fill: Fill,
) -> Any:
    try:
        return call(*(exemplar(arg, values, number, fill) for arg in args))
    except np.linalg.LinAlgError as error:
        if fill is _regular:
            raise Failed(error) from error
        return _run(call, args, values, number, _regular)
    except RAISED as error:
        raise Failed(error) from error


def _regular(shape: tuple[int, ...], dtype: str) -> Any:
    """Ones, and twos on the diagonals of the last two axes: well-conditioned."""
    made = np.ones(shape, dtype)
    return made + np.eye(shape[-2], shape[-1], dtype=dtype) if len(shape) > 1 else made
