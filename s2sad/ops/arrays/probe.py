"""Small exemplars of arguments, and the sizes that they are given."""

from __future__ import annotations

import ast
import importlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from s2sad.ops.arrays.declare import REQUIRED, ArrayOp
from s2sad.ops.arrays.dims import (
    UNKNOWN,
    Arr,
    Dim,
    Known,
    Num,
    Size,
    Sizes,
    Type,
    evaluate,
    never_one,
    symbol,
)
from s2sad.ops.arrays.helpers import HELPERS

Values: TypeAlias = "dict[str, int]"
Equal: TypeAlias = "tuple[tuple[Dim, Dim], ...]"
Number: TypeAlias = "tuple[bool, int, float]"
Fill: TypeAlias = "Callable[[tuple[int, ...], str], Any]"

RAISED = (
    ValueError,
    TypeError,
    IndexError,
    ZeroDivisionError,
    OverflowError,
    AttributeError,
    NotImplementedError,
)

# Numbers whose value is not known, in the three runs. The last two serve where only 1 or
# only 0 is possible: they say nothing of what depends on the number.
NUMBERS: tuple[tuple[Number, Number, Number], ...] = (
    ((False, 2, 2.5), (True, 3, 7.25), (False, 5, 4.5)),
    ((False, 0, 0.25), (True, 1, 0.75), (False, 0, 0.5)),
    ((False, 1, 0.5),) * 3,
    ((False, 0, 0.5),) * 3,
)
SOME: Number = (True, 1, 0.5)

_PRIMES = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)

# Larger known sizes are stood for by small ones.
_LARGE = 32
_STANDS_FOR = "="
_ANONYMOUS = "?#"

# Parameters that are sizes of the result.
_SIZES = frozenset(("shape", "size", "num", "N", "M"))


class Failed(Exception):
    """NumPy raised for these exemplars."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


# --- The call --------------------------------------------------------------------


@cache
def function(name: str) -> Callable[..., object]:
    """A function of the table by its name, "np.linalg.norm"."""
    if name in HELPERS:
        made: dict[str, Any] = {"np": np}
        exec(HELPERS[name], made)
        helper: Callable[..., object] = made[name]
        return helper
    if name == "complex":
        return complex
    module, _, rest = name.partition(":")[0].partition(".")
    if rest.startswith("random."):
        # Draws of the user's own are not disturbed.
        draw: Callable[..., object] = getattr(np.random.RandomState(0), rest[7:])
        return draw
    found: Any = np
    if module != "np":
        home, _, rest = name.rpartition(".")
        found = importlib.import_module(home)
    for part in rest.split("."):
        found = getattr(found, part)
    result: Callable[..., object] = found
    return result


def spans(op: ArrayOp, count: int) -> Iterator[tuple[int, int]]:
    """Where the arguments of each parameter begin and end, of so many."""
    start = 0
    rests = sum(param.rest for param in op.params)
    for param in op.params:
        end = start + ((count - len(op.params) + rests) // rests if param.rest else 1)
        yield start, end
        start = end


def bound(op: ArrayOp, count: int) -> Callable[..., object]:
    """The function of `op`, of its arguments in a row."""
    call = function(op.name)
    places = list(zip(op.params, spans(op, count), strict=True))

    def apply(*args: object) -> object:
        row: list[object] = []
        named: dict[str, object] = {}
        for param, (start, end) in places:
            if param.starred:
                row += args[start:end]
            elif param.rest:
                row.append(args[start:end])
            elif param.named:
                # Some take a keyword with some others only: it is not passed needlessly.
                if param.default == REQUIRED or repr(args[start]) != _default(param.default):
                    named[param.name] = args[start]
            elif start < len(args):
                row.append(args[start])
        return call(*row, **named)

    return apply


@cache
def _default(text: str) -> str:
    return repr(ast.literal_eval(text))


def prepared(op: ArrayOp, args: Sequence[Type]) -> list[Type]:
    """The arguments; literal shapes and sizes as such."""
    made = list(args)
    for param, (start, _) in zip(op.params, spans(op, len(args)), strict=True):
        arg = made[start] if start < len(made) else None
        if param.name in _SIZES and isinstance(arg, Known):
            made[start] = _as_sizes(arg)
    return made


def _as_sizes(arg: Known) -> Type:
    match arg.value:
        case bool():
            return arg
        case int() as size if size >= 0:
            return Size(size)
        case tuple() as sizes if all(type(size) is int and size >= 0 for size in sizes):
            return Sizes(tuple(size for size in sizes if isinstance(size, int)))
    return arg


# --- Sizes -----------------------------------------------------------------------


def renamed(args: Sequence[Type], large: int = _LARGE) -> list[Type]:
    """Each unknown size has a name of its own; large sizes have names too."""
    count = 0

    def name(dim: Dim) -> Dim:
        nonlocal count
        if isinstance(dim, int):
            return f"{_STANDS_FOR}{dim}" if dim > large else dim
        count += dim == UNKNOWN
        return f"{_ANONYMOUS}{count}" if dim == UNKNOWN else dim

    made: list[Type] = []
    for arg in args:
        match arg:
            case Arr(dtype, dims):
                made.append(Arr(dtype, tuple(map(name, dims))))
            case Sizes(dims):
                made.append(Sizes(tuple(map(name, dims))))
            case Size(dim):
                made.append(Size(name(dim)))
            case Num() | Known():
                made.append(arg)
    return made


def restored(dim: Dim) -> Dim:
    """A size under its own name again."""
    if isinstance(dim, int):
        return dim
    base = symbol(dim).base
    if base.startswith(_STANDS_FOR):
        return evaluate(dim, {base: int(base.removeprefix(_STANDS_FOR))})
    return UNKNOWN if base.startswith(_ANONYMOUS) else dim


def atoms(args: Sequence[Type]) -> list[Dim]:
    """The distinct sizes of the arguments."""
    found: dict[Dim, None] = {}
    for arg in args:
        match arg:
            case Arr(_, dims) | Sizes(dims):
                found.update(dict.fromkeys(dims))
            case Size(dim):
                found[dim] = None
    return list(found)


def _place(dim: Dim) -> tuple[str, int]:
    """A base and what is added to it; that of a known size is ""."""
    if isinstance(dim, int):
        return "", dim
    base, minus, plus = symbol(dim)
    return base, plus - minus


def _groups(names: Sequence[Dim], equal: Equal) -> dict[str, tuple[str, int]]:
    """For each base its group's, and by how much it is larger."""
    group = {base: (base, 0) for base in ("", *(_place(name)[0] for name in names))}
    for left, right in equal:
        (a, more_a), (b, more_b) = _place(left), _place(right)
        if group[a][0] == group[b][0]:
            continue
        if group[b][0] == "":
            (a, more_a), (b, more_b) = (b, more_b), (a, more_a)
        # a + more_a == b + more_b, in terms of the group's base of a.
        by = group[a][1] + more_a - more_b - group[b][1]
        old, root = group[b][0], group[a][0]
        for base, (its, more) in group.items():
            if its == old:
                group[base] = root, more + by
    return group


def _expanded(group: Mapping[str, tuple[str, int]], roots: Mapping[str, int]) -> Values:
    values = {base: roots[root] + more for base, (root, more) in group.items()}
    return {base: value for base, value in values.items() if base}


def divisor(args: Sequence[Type]) -> int:
    """What sizes must be multiples of to be divided by the small literals."""
    found = 1
    for arg in args:
        match arg:
            case Known(int() as value) if 1 < value <= _LARGE:
                found = math.lcm(found, int(value))
    return found


def assignments(names: Sequence[Dim], equal: Equal, times: int = 1) -> Iterator[Values]:
    """Three times a prime for each size that may differ: in different orders, so that the
    smaller of two is not the same one always."""
    group = _groups(names, equal)
    bases = [base for base, (root, _) in group.items() if base and root == base]
    if len(bases) + 3 > len(_PRIMES):
        raise Failed(ValueError("more sizes than are told apart"))
    n = len(bases)
    orders = (_PRIMES[:n], _PRIMES[n + 1 :: -1][:n], (*_PRIMES[2 : n + 1], *_PRIMES[1:2]))
    for primes in orders:
        roots = {base: times * prime for base, prime in zip(bases, primes, strict=False)}
        yield _expanded(group, {"": 0, **roots})


def edges(names: Sequence[Dim], equal: Equal, values: Values) -> Iterator[Values]:
    """Other sizes that a result must be right for: 0, 2, and 1 where a size can be that."""
    group = _groups(names, equal)
    fixed = {base for base in values if base.startswith(_STANDS_FOR)}
    free = [base for base, _ in group.values() if base and base not in fixed]
    for small, bases in [(0, free), (2, free), *((2, [base]) for base in free)]:
        roots = {base: small if base in bases else values[base] for base in values}
        made = _expanded(group, {**roots, "": 0})
        if all(value >= 0 for value in made.values()):
            yield made
    for name in names:
        if isinstance(name, str) and not never_one(name):
            base, more = _place(name)
            if 1 - more >= 0:
                yield {**values, base: 1 - more}
    for base in values:
        if base.startswith(UNKNOWN):
            yield {**values, base: 1}
            root, more = group[base]
            same = {b: 1 - more + its for b, (r, its) in group.items() if r == root and b}
            if root and all(value >= 0 for value in same.values()):
                yield {**values, **same}


# --- Exemplars -------------------------------------------------------------------


def exemplar(arg: Type, values: Values, number: Number, fill: Fill) -> object:
    flag, whole, real = number
    match arg:
        case Arr(dtype, ()):
            kind = np.dtype(dtype)
            return kind.type({"b": flag, "i": whole, "u": whole}.get(kind.kind, real))
        case Arr(dtype, dims):
            shape = tuple(evaluate(dim, values) for dim in dims)
            indices = fill is np.ones and np.dtype(dtype).kind in "iu"
            return np.zeros(shape, dtype) if indices else fill(shape, dtype)
        case Num(kind):
            return {"bool": flag, "int": whole, "float": real, "complex": 1j}[kind]
        case Known(value):
            return value
        case Size(dim):
            return evaluate(dim, values)
        case Sizes(dims):
            return tuple(evaluate(dim, values) for dim in dims)
