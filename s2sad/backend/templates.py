"""How primitives print: their text, parsed once, with the operands put in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from s2sad.ops.core import PRIMITIVES

_HOLE = "_s2sad_hole_"

Operands = Mapping[str, "Sequence[ast.expr]"]


@cache
def primitive(op: str) -> ast.expr:
    return ast.parse(PRIMITIVES[op].python, mode="eval").body


@cache
def free_names(op: str) -> frozenset[str]:
    """The names in the text of a primitive that are no parameters."""
    params = {param.lstrip("*") for param in PRIMITIVES[op].params}
    return frozenset(names_in(primitive(op)) - params)


@cache
def python(text: str, count: int) -> ast.expr:
    """An opaque expression; {0}, {1}, … have become names."""
    holes = [f"{_HOLE}{k}" for k in range(count)]
    return ast.parse(text.format(*holes) if holes else text, mode="eval").body


def python_names(text: str, count: int) -> set[str]:
    return {name for name in names_in(python(text, count)) if not name.startswith(_HOLE)}


def names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def apply_primitive(op: str, args: Sequence[ast.expr]) -> ast.expr:
    params = PRIMITIVES[op].params
    starred = [param for param in params if param.startswith("*")]
    plain = len(params) - len(starred)
    operands: dict[str, Sequence[ast.expr]] = {}
    for param, arg in zip(params[:plain], args, strict=False):
        operands[param] = (arg,)
    rest = args[plain:]
    size = len(rest) // len(starred) if starred else 0
    for k, param in enumerate(starred):
        operands[param[1:]] = rest[k * size : (k + 1) * size]
    return fill(primitive(op), operands)


def apply_python(text: str, args: Sequence[ast.expr]) -> ast.expr:
    operands = {f"{_HOLE}{k}": (arg,) for k, arg in enumerate(args)}
    return fill(python(text, len(args)), operands)


def fill(tree: ast.expr, operands: Operands) -> ast.expr:
    """A copy of the tree with names replaced; `*x` by all that `x` stands for."""
    if isinstance(tree, ast.Name) and tree.id in operands:
        return operands[tree.id][0]
    result: ast.expr = _copy(tree, operands)
    return result


def _copy(node: ast.expr, operands: Operands) -> ast.expr:
    fields = {name: _field(value, operands) for name, value in ast.iter_fields(node)}
    return type(node)(**fields)


def _field(value: object, operands: Operands) -> object:
    match value:
        case ast.expr():
            return fill(value, operands)
        case list():
            return [part for item in value for part in _items(item, operands)]
        case ast.keyword(arg=name, value=inner):
            return ast.keyword(name, fill(inner, operands))
        case _:
            return value


def _items(item: object, operands: Operands) -> Iterator[object]:
    match item:
        case ast.Starred(value=ast.Name(id=name)) if name in operands:
            yield from operands[name]
        case _:
            yield _field(item, operands)
