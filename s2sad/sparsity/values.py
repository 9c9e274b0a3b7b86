"""What is known of a value: the inputs that each of its elements depends on, and the value
itself as long as it depends on none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Mask: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"


class Unknown(Exception):
    """The pattern cannot be told: all may depend on all."""


class Varied:
    """The value of what depends on the inputs."""


VARIED = Varied()


class Known(NamedTuple):
    """A number or an array.

    value: itself, or VARIED. shape: its sizes. mask: of the shape (*shape, n), the inputs
    that each element depends on differentiably; None for none.
    """

    value: Any
    shape: tuple[int, ...]
    mask: Mask | None = None

    @property
    def varied(self) -> bool:
        return self.value is VARIED


Value: TypeAlias = "Known | list[Any] | tuple[Any, ...] | None"


def constant(value: Any) -> Value:
    if isinstance(value, list):
        return list(map(constant, value))
    if isinstance(value, tuple):
        return tuple(map(constant, value))
    return Known(value, np.shape(value))


def joined(one: Any, other: Any) -> Any:
    """What is either of two values."""
    if one is None or other is None:
        return one if other is None else other
    if not isinstance(one, Known) and isinstance(one, list | tuple):
        if type(one) is not type(other) or len(one) != len(other):
            raise Unknown("lists of different lengths")
        return type(one)(map(joined, one, other))
    if not isinstance(one, Known) or not isinstance(other, Known) or one.shape != other.shape:
        raise Unknown("arrays of different shapes")
    same = not one.varied and not other.varied and equal(one.value, other.value)
    return Known(one.value if same else VARIED, one.shape, union(one.mask, other.mask))


def equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(np.array_equal(one, other))


def union(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return one if other is None else other
    return one | other


def alike(one: Any, other: Any) -> bool:
    """Is as much known of one as of the other?"""
    if not isinstance(one, Known) and isinstance(one, list | tuple):
        return (
            type(one) is type(other) and len(one) == len(other) and all(map(alike, one, other))
        )
    if not isinstance(one, Known) or not isinstance(other, Known):
        return one is other
    if one.varied != other.varied or not (one.varied or equal(one.value, other.value)):
        return False
    if one.mask is None or other.mask is None:
        return one.mask is other.mask
    return bool(np.array_equal(one.mask, other.mask))


def all_of(masks: Sequence[Mask | None]) -> Mask | None:
    """The inputs that any element of any of these depends on, a vector."""
    found: Mask | None = None
    for mask in masks:
        if mask is not None:
            found = union(found, np.any(mask, axis=tuple(range(mask.ndim - 1))))
    return found
