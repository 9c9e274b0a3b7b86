"""Pieces of rules: texts that depend on ranks and on literal axes."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import Facts


def axes_of(facts: Facts, name: str, parameter: str = "axis") -> tuple[int, ...]:
    """The axes that a literal parameter names, none of them negative; None names all."""
    axis, rank = facts.literal(parameter), facts.ndim(name)
    if axis is None:
        return tuple(range(rank))
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(place(axis, rank) for axis in axes)


def place(axis: object, rank: int) -> int:
    if not isinstance(axis, int):
        raise NotDifferentiable("an axis that is computed", instead="a literal axis")
    return axis % rank if rank else 0


def expanded(text: str, facts: Facts, name: str = "a") -> str:
    """Something reduced, with axes of size 1 where it was."""
    kept = facts.is_literal("keepdims") and bool(facts.literal("keepdims"))
    if kept or facts.literal("axis") is None or facts.ndim(name) == 0:
        return _atom(text)
    return f"np.expand_dims({text}, axis)"


def _atom(text: str) -> str:
    return (
        text if text.isidentifier() or (text.endswith(")") and " " not in text) else f"({text})"
    )


def spread(value: str, facts: Facts, reduced: str = "") -> str:
    """Something reduced, spread over the shape of `a`."""
    if facts.ndim("a") == 0:
        return value
    if facts.literal("axis") is None and not facts.literal("keepdims"):
        return f"np.full(a.shape, {value})"
    return f"np.broadcast_to({reduced or expanded(value, facts)}, a.shape)"


def along(facts: Facts, *, keep: bool = False) -> str:
    """The arguments of a reduction over the same axes, from the comma on.

    keep: the axes stay, with size 1; else as the parameter `keepdims` says.
    """
    axis = "" if facts.literal("axis") is None else ", axis=axis"
    if keep:
        return f"{axis}, keepdims=True" if axis else ""
    return f"{axis}, keepdims=True" if facts.literal("keepdims") else axis


def length(facts: Facts, name: str = "a") -> str:
    """How many elements are reduced to one."""
    axes = axes_of(facts, name)
    if facts.literal("axis") is None:
        return f"{name}.size"
    sizes = " * ".join(f"{name}.shape[{axis}]" for axis in axes)
    return sizes if len(axes) == 1 else f"({sizes or '1'})"


def some(facts: Facts, name: str = "a") -> str:
    """The length to divide a Python float by: of no elements the mean is nan, no error."""
    return f"max({length(facts, name)}, 1)"


def at(axis: int, index: str, *, rank: int = 0) -> str:
    """What indexes an axis: `[:, index]`."""
    assert rank == 0 or axis < rank
    return f"[{':, ' * axis}{index}]"


def listed(items: Sequence[str]) -> str:
    """A tuple display."""
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
