"""Arguments as trees whose leaves are arrays and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np


def is_active(leaf: object) -> bool:
    """Has it a derivative: is it a float, or an array of floats?"""
    return isinstance(leaf, (float, np.ndarray)) and np.asarray(leaf).dtype.kind == "f"


def leaves(tree: object) -> list[Any]:
    return [leaf for _, leaf in paths(tree)]


def paths(tree: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf, with the text of what leads to it: `[0]['w']`."""
    match tree:
        case tuple() | list():
            for k, part in enumerate(tree):
                yield from paths(part, f"{path}[{k}]")
        case dict():
            for key, part in tree.items():
                yield from paths(part, f"{path}[{key!r}]")
        case _:
            yield path, tree


def mapped(tree: Any, change: Callable[[Any], Any]) -> Any:
    """A tree of new leaves, made from left to right."""
    match tree:
        case tuple() | list():
            return type(tree)(mapped(part, change) for part in tree)
        case dict():
            return {key: mapped(part, change) for key, part in tree.items()}
        case _:
            return change(tree)


def moved(tree: Any, distance: float, along: Sequence[Any]) -> Any:
    """The tree with its active leaves moved along a direction."""
    fresh = iter(along)

    def move(leaf: Any) -> Any:
        if not is_active(leaf):
            return leaf.copy() if isinstance(leaf, np.ndarray) else leaf
        return leaf + distance * next(fresh)

    return mapped(tree, move)


def copied(tree: Any) -> Any:
    return mapped(tree, lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf)


def flat(tree: object) -> np.ndarray:
    """All numbers of the active leaves in a row."""
    parts = [np.ravel(leaf) for leaf in leaves(tree) if is_active(leaf)]
    return np.concatenate(parts) if parts else np.zeros(0)


def shapes(tree: Any) -> Any:
    """The structure, with dtypes and shapes in the place of the leaves."""

    def shape(leaf: Any) -> str:
        if isinstance(leaf, np.ndarray):
            return f"{leaf.dtype}{leaf.shape}"
        return "float" if isinstance(leaf, float) else type(leaf).__name__

    return mapped(tree, shape)


def same(one: Any, other: Any) -> bool:
    """Equal to the bit, in structure and leaves."""
    return repr(shapes(one)) == repr(shapes(other)) and all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes()
        for a, b in zip(leaves(one), leaves(other), strict=True)
    )
