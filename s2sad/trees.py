"""Numbers and arrays in structures: tuples, lists, dicts, named tuples, dataclasses, in each
other."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from typing import Any

from s2sad.ir.types import FLOAT, Array, List, Record, Tuple, Type, is_differentiable

Leaf = Callable[[Any], Any]


def parts(tree: Any) -> tuple[Any, ...] | None:
    """The parts of a structure in their order; None of anything else."""
    if isinstance(tree, (list, tuple)):
        return tuple(tree)
    if isinstance(tree, dict):
        return tuple(tree.values())
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return tuple(getattr(tree, field.name) for field in dataclasses.fields(tree))
    return None


def with_parts(tree: Any, new: tuple[Any, ...]) -> Any:
    """The structure with other parts."""
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*new)
    if isinstance(tree, (list, tuple)):
        return type(tree)(new)
    if isinstance(tree, dict):
        return dict(zip(tree, new, strict=True))
    names = [field.name for field in dataclasses.fields(tree)]
    return type(tree)(**dict(zip(names, new, strict=True)))


def mapped(tree: Any, leaf: Leaf) -> Any:
    """The structure with something else for each number or array, None for what is none."""
    inner = parts(tree)
    if inner is not None:
        return with_parts(tree, tuple(mapped(part, leaf) for part in inner))
    return leaf(tree) if is_leaf(tree) else None


def copied(tree: Any) -> Any:
    """The same numbers in structures and arrays of their own; anything else as it is."""
    inner = parts(tree)
    if inner is None:
        return tree.copy() if is_array(tree) else tree
    return with_parts(tree, tuple(map(copied, inner)))


def is_array(value: Any) -> bool:
    """Is it a NumPy array? NumPy is not imported to find out."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_leaf(value: Any) -> bool:
    """Is it a number, or an array of floats?"""
    return is_number(value) or (is_array(value) and value.dtype.kind in "fc")


def leaves(tree: Any) -> Iterator[Any]:
    """The numbers and arrays of a structure, in order."""
    inner = parts(tree)
    if inner is None:
        if is_leaf(tree):
            yield tree
        return
    for part in inner:
        yield from leaves(part)


def size_of(leaf: Any) -> int:
    """How many numbers a leaf is."""
    return int(leaf.size) if is_array(leaf) else 1


def count_of(tree: Any) -> int:
    """How many numbers a structure has, those of arrays of ints included."""
    inner = parts(tree)
    if inner is not None:
        return sum(map(count_of, inner))
    return int(tree.size) if is_array(tree) else int(is_number(tree))


def units(leaf: Any) -> Iterator[Any]:
    """The unit directions of a leaf."""
    if not is_array(leaf):
        yield 1.0
        return
    import numpy as np

    for k in range(leaf.size):
        unit = np.zeros(leaf.shape)
        unit.flat[k] = 1.0
        yield unit


def taken(leaf: Any, numbers: Iterator[float]) -> Any:
    """A leaf of the same shape, of the next numbers."""
    if not is_array(leaf):
        return float(next(numbers))
    import numpy as np

    return np.array([next(numbers) for _ in range(leaf.size)], float).reshape(leaf.shape)


def zero(leaf: Any) -> Any:
    """Zeros in the shape of a leaf."""
    if not is_array(leaf):
        return 0.0
    import numpy as np

    return np.zeros(leaf.shape)


def typed(tree: Any, type_: Type, leaf: Leaf) -> Any:
    """As `mapped`, where the type tells which numbers are floats."""
    inner = parts(tree)
    if inner is None:
        return leaf(tree) if _varies(type_) else None
    return with_parts(
        tree, tuple(typed(p, t, leaf) for p, t in zip(inner, types(type_, inner), strict=True))
    )


def floats(tree: Any, type_: Type) -> Iterator[float]:
    """The numbers of a structure that are floats by its type, in order."""
    inner = parts(tree)
    if inner is None:
        if isinstance(type_, Array) and _varies(type_):
            yield from map(float, tree.flat)
        elif type_ == FLOAT:
            yield float(tree)
        return
    for part, part_type in zip(inner, types(type_, inner), strict=True):
        yield from floats(part, part_type)


def _varies(type_: Type) -> bool:
    return type_ == FLOAT or (isinstance(type_, Array) and is_differentiable(type_))


def types(type_: Type, inner: tuple[Any, ...]) -> tuple[Type, ...]:
    """The types of the parts."""
    match type_:
        case Tuple(items) | Record(_, _, items):
            return items
        case List(item):
            return (item,) * len(inner)
        case _:
            return (type_,) * len(inner)


def same_lengths(value: Any, cotangent: Any) -> None:
    """Raise ValueError where a list of a cotangent is shorter or longer than its value's, or
    an array of another shape."""
    if is_array(value) and (not is_array(cotangent) or cotangent.shape != value.shape):
        raise ValueError(f"the cotangent has to be an array of the shape {value.shape}")
    inner = parts(value)
    if inner is None:
        return
    given = parts(cotangent)
    if given is None or len(given) != len(inner):
        raise ValueError(
            f"the cotangent {cotangent!r} has to have the length of the result, {len(inner)}"
        )
    for part, other in zip(inner, given, strict=True):
        same_lengths(part, other)
