"""Parts of arguments by name: `p`, `p.w`, `p['w']`, `p[0]`."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from s2sad.ir.nodes import Shape, Structure
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    Array,
    List,
    Record,
    Tuple,
    Type,
    is_differentiable,
)


class Step(NamedTuple):
    """`.key`, or `[key]`."""

    key: str | int
    attribute: bool


class Path(NamedTuple):
    """A parameter and the steps to a part of it."""

    name: str
    steps: tuple[Step, ...]


@lru_cache(maxsize=256)
def path_of(text: str) -> Path | None:
    """The path that a text stands for; None where it is none."""
    if text.isidentifier():
        return Path(text, ())
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    steps: list[Step] = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value, name):
                steps.append(Step(name, True))
            case ast.Subscript(value, ast.Constant(str() | int() as key)) if (
                type(key) is not bool
            ):
                steps.append(Step(key, False))
            case ast.Subscript(value, ast.UnaryOp(ast.USub(), ast.Constant(int() as key))):
                steps.append(Step(-key, False))
            case _:
                return None
        node = value
    return Path(node.id, tuple(reversed(steps)))


def position(step: Step, kind: str, keys: tuple[str | int, ...], size: int) -> int | None:
    """Which part of a container a step leads to; `kind` as of a `Shape`, or "tuple"."""
    key, attribute = step
    if kind == "dict" or attribute:
        fits = attribute == (kind in ("object", "named", "instance"))
        return keys.index(key) if fits and key in keys else None
    if kind in ("tuple", "list", "named") and isinstance(key, int) and -size <= key < size:
        return key % size
    return None


def part(structure: Structure, steps: Iterable[Step]) -> Structure | None:
    """The part of an argument's structure; None where there is no such one."""
    for step in steps:
        match structure:
            case int():
                return None
            case Shape(kind, keys, parts):
                at = position(step, kind, keys, len(parts))
            case _:
                parts = structure
                at = position(step, "tuple", (), len(parts))
        if at is None:
            return None
        structure = parts[at]
    return structure


def part_type(type_: Type, steps: Iterable[Step]) -> Type | None:
    """The type of a part of an argument."""
    for step in steps:
        found = _place(type_, step)
        if found is None:
            return None
        items, at = found
        type_ = items[at]
    return type_


def _place(type_: Type, step: Step) -> tuple[tuple[Type, ...], int] | None:
    """The parts of a structure, and which of them a step leads to."""
    match type_:
        case Tuple(items):
            at = position(step, "tuple", (), len(items))
        case Record(kind, keys, items):
            at = position(step, kind, keys, len(items))
        case _:
            return None
    return None if at is None else (items, at)


def promoted(type_: Type, name: str, active: Collection[str]) -> Type:
    """The type of a parameter, its ints taken for floats where they are differentiated."""
    for text in active:
        path = path_of(text)
        if path is not None and path.name == name:
            type_ = FLOAT if type_ == BOOL else _promoted_at(type_, path.steps)
    return type_


def _promoted_at(type_: Type, steps: tuple[Step, ...]) -> Type:
    if not steps:
        return with_floats(type_)
    first, *rest = steps
    found = _place(type_, first)
    if found is None:
        return type_
    items, at = found
    changed = (*items[:at], _promoted_at(items[at], tuple(rest)), *items[at + 1 :])
    return _with_items(type_, changed)


def _with_items(type_: Type, items: tuple[Type, ...]) -> Type:
    if isinstance(type_, Record):
        return Record(type_.kind, type_.keys, items, type_.cls, type_.counts)
    return Tuple(items)


def with_floats(type_: Type) -> Type:
    """The type with floats for ints, but for fields that are declared to be ints."""
    match type_:
        case Tuple(items):
            return Tuple(tuple(map(with_floats, items)))
        case Record(_, keys, items, _, counts):
            kept = (*keys, *(None,) * (len(items) - len(keys)))
            pairs = zip(kept, items, strict=True)
            return _with_items(
                type_, tuple(t if k in counts else with_floats(t) for k, t in pairs)
            )
        case List(item):
            return List(with_floats(item))
        case Array(dtype, dims) if not is_differentiable(dtype):
            return Array(FLOAT, dims)
        case _:
            return FLOAT if type_ == INT else type_
