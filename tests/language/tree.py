"""Arguments of any structure as a list of floats and back; nothing of s2sad is used."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz.jets import Jet


def is_leaf(tree: Any) -> bool:
    return isinstance(tree, (float, Jet))


def leaves(tree: Any) -> list[Any]:
    """The floats, in the order in which they stand."""
    if is_leaf(tree):
        return [tree]
    return [leaf for _, child in _children(tree) for leaf in leaves(child)]


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """The same structure with other floats."""
    if is_leaf(tree):
        return next(values)
    parts = {key: rebuilt(child, values) for key, child in _children(tree)}
    if isinstance(tree, tuple):
        return type(tree)(*parts.values()) if _named(tree) else tuple(parts.values())
    if isinstance(tree, list):
        return list(parts.values())
    if isinstance(tree, dict):
        return parts
    return type(tree)(**parts) if parts else tree


def shape(tree: Any) -> object:
    """What two values have in common that differ in their floats only."""
    if is_leaf(tree):
        return float
    kind = type(tree).__qualname__
    parts = [(key, shape(child)) for key, child in _children(tree)]
    return (kind, parts) if parts or _container(tree) else (kind, repr(tree))


def written(tree: Any, leaf: Callable[[], str]) -> str:
    """The expression that builds the structure from named floats."""
    if is_leaf(tree):
        return leaf()
    parts = {key: written(child, leaf) for key, child in _children(tree)}
    if type(tree) is tuple:
        return f"({', '.join(parts.values())},)" if parts else "()"
    if isinstance(tree, list):
        return f"[{', '.join(parts.values())}]"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {text}" for key, text in parts.items()) + "}"
    if parts:
        fields = ", ".join(f"{key}={text}" for key, text in parts.items())
        return f"{type(tree).__name__}({fields})"
    return repr(tree)


def _named(tree: Any) -> bool:
    return isinstance(tree, tuple) and hasattr(tree, "_fields")


def _container(tree: Any) -> bool:
    return isinstance(tree, (tuple, list, dict)) or dataclasses.is_dataclass(tree)


def _children(tree: Any) -> list[tuple[Any, Any]]:
    if _named(tree):
        return list(zip(tree._fields, tree, strict=True))
    if isinstance(tree, (tuple, list)):
        return list(enumerate(tree))
    if isinstance(tree, dict):
        return list(tree.items())
    if dataclasses.is_dataclass(tree):
        return [(f.name, getattr(tree, f.name)) for f in dataclasses.fields(tree)]
    return []
