"""The type of what an index reads: the rules of NumPy's basic and advanced indexing.

infer_index(Arr("float64", ("x.0", "x.1")), (Num("int"), Slice(Known(1), Known(None))))
Arr("float64", ("x.1.m1",))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from s2sad.ops.arrays.dims import (
    UNKNOWN,
    Arr,
    Dim,
    Known,
    Num,
    ShapeError,
    Size,
    Sizes,
    Type,
    Undetermined,
    broadcast,
    shifted,
    symbol,
)

_NONE = Known(None)


@dataclass(frozen=True)
class Slice:
    start: Type = _NONE
    stop: Type = _NONE
    step: Type = _NONE


Entry: TypeAlias = "Type | Slice"


def infer_index(array: Arr, entries: Sequence[Entry]) -> Arr:
    """The type of `array[entries]`; that of an element is an `Arr` without dims."""
    axes = iter(array.dims)
    whole = _filled(array, entries)
    advanced = any(_is_array(entry) for entry in whole)
    dims: list[Dim] = []
    shapes: list[tuple[Dim, ...]] = []
    at: list[int] = []
    start = 0
    for place, entry in enumerate(whole):
        if isinstance(entry, Known) and entry.value is None:
            dims.append(1)
        elif isinstance(entry, Slice):
            dims.append(_sliced(next(axes), entry))
        elif isinstance(entry, Arr) and entry.dtype == "bool":
            for _ in entry.dims:
                next(axes)
            shapes.append((UNKNOWN,))
            start = start if at else len(dims)
            at.append(place)
        else:
            _check(entry, next(axes))
            if advanced:
                shapes.append(entry.dims if isinstance(entry, Arr) else ())
                start = start if at else len(dims)
                at.append(place)
    if advanced:
        together = at[-1] - at[0] + 1 == len(at)
        start = start if together else 0
        dims[start:start] = broadcast(shapes)
    return Arr(array.dtype, tuple(dims))


def _is_array(entry: Entry) -> bool:
    """Does it make the index an advanced one? Integers alone do not."""
    return isinstance(entry, Arr) and (entry.dtype == "bool" or bool(entry.dims))


def _filled(array: Arr, entries: Sequence[Entry]) -> list[Entry]:
    """The entries, slices for what an ellipsis stands for and for what is left out."""
    dots = [i for i, entry in enumerate(entries) if entry == Known(Ellipsis)]
    if len(dots) > 1:
        raise ShapeError("IndexError: an index can only have a single ellipsis ('...')")
    used = sum(map(_consumed, entries))
    missing = len(array.dims) - used
    if missing < 0:
        raise ShapeError(
            f"IndexError: too many indices for array: array is {len(array.dims)}-dimensional,"
            f" but {used} were indexed"
        )
    at = dots[0] if dots else len(entries)
    return [*entries[:at], *[Slice()] * missing, *entries[at + 1 :]]


def _consumed(entry: Entry) -> int:
    match entry:
        case Known(value) if value is None or value is Ellipsis:
            return 0
        case Arr("bool", dims):
            return len(dims)
    return 1


def _check(entry: Entry, dim: Dim) -> None:
    match entry:
        case Known(bool()) | Num("bool"):
            raise Undetermined("an index that is a truth value")
        case Known(int() as index):
            if isinstance(dim, int) and not -dim <= index < dim:
                raise ShapeError(
                    f"IndexError: index {index} is out of bounds for axis with size {dim}"
                )
        case Num("int") | Size():
            pass
        case Arr(dtype, _) if dtype.startswith(("int", "uint")):
            pass
        case Known() | Num() | Arr() | Sizes() | Slice():
            raise ShapeError(
                "IndexError: only integers, slices (`:`), ellipsis (`...`), numpy.newaxis"
                " (`None`) and integer or boolean arrays are valid indices"
            )


# --- Slices ----------------------------------------------------------------------


def _sliced(dim: Dim, index: Slice) -> Dim:
    """The size of a slice of an axis."""
    start, stop, step = index.start, index.stop, index.step
    by = step.value if isinstance(step, Known) else UNKNOWN
    if by == 0:
        raise ShapeError("ValueError: slice step cannot be zero")
    if by == -1 and start == stop == _NONE:
        return dim
    if isinstance(dim, int):
        ends = [part.value for part in (start, stop, step) if isinstance(part, Known)]
        if len(ends) == 3 and all(part is None or type(part) is int for part in ends):
            return len(range(*slice(*ends).indices(dim)))
        return UNKNOWN
    if by not in (None, 1):
        return UNKNOWN
    left, right = _left_out(start, None), _left_out(stop, dim)
    if left is None or right is None:
        return 0 if right is None and stop == Known(0) else UNKNOWN
    return shifted(dim, -left - right)


def _left_out(end: Type, dim: Dim | None) -> int | None:
    """How much a slice leaves out at its start, or at the end of an axis of a size.

    None if that is not known for all sizes.
    """
    match end:
        case Known(None):
            return 0
        case Known(int() as index):
            if dim is None:
                return index if index >= 0 else None
            return -index if index < 0 else None
        case Size(str() as size) if dim is not None and dim != UNKNOWN:
            assert isinstance(dim, str)
            whole, part = symbol(dim), symbol(size)
            if size == dim:
                return 0
            # A stop of n - k is one of -k, but for n < k.
            if whole.base == part.base and whole[1:] == (0, 0) and not part.plus:
                return part.minus
    return None
