"""How primitives print: their text, parsed once, with the operands put in."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from functools import cache

from s2sad.backend.syntax import LOAD
from s2sad.ops.core import PRIMITIVES

_HOLE = "_s2sad_hole_"


@cache
def primitive(op: str) -> ast.expr:
    return ast.parse(PRIMITIVES[op].python, mode="eval").body


@cache
def free_names(op: str) -> frozenset[str]:
    """The names in the text of a primitive that are no parameters."""
    if op not in PRIMITIVES:
        return frozenset((op.split(".")[0],))
    params = {param.lstrip("*") for param in PRIMITIVES[op].params}
    return frozenset(names_in(primitive(op)) - params)


@cache
def python(text: str, count: int) -> ast.expr:
    """An opaque expression; {0}, {1}, … have become names."""
    holes = [f"{_HOLE}{k}" for k in range(count)]
    return ast.parse(text.format(*holes) if holes else text, mode="eval").body


def moved(text: str) -> str:
    """A text whose holes are numbered from 1 on."""
    return re.sub(r"{(\d+)}", lambda hole: f"{{{int(hole[1]) + 1}}}", text)


def python_names(text: str, count: int) -> set[str]:
    return {name for name in names_in(python(text, count)) if not name.startswith(_HOLE)}


def names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def apply_primitive(op: str, args: Sequence[ast.expr]) -> ast.expr:
    params = PRIMITIVES[op].params
    if params and params[0].startswith("*"):
        # Several sequences of operands stand in a row.
        size = len(args) // len(params)
        rows = [args[k * size : (k + 1) * size] for k in range(len(params))]
        return _maker(op)(*rows)
    return _maker(op)(*args)


def apply_python(text: str, args: Sequence[ast.expr]) -> ast.expr:
    return _python_maker(text, len(args))(*args)


@cache
def _maker(op: str) -> Callable[..., ast.expr]:
    return _function(primitive(op), PRIMITIVES[op].params)


@cache
def _python_maker(text: str, count: int) -> Callable[..., ast.expr]:
    return _function(python(text, count), tuple(f"{_HOLE}{k}" for k in range(count)))


def _function(tree: ast.expr, params: tuple[str, ...]) -> Callable[..., ast.expr]:
    """The function from operands to a fresh copy of the tree that holds them."""
    names = [param.lstrip("*") for param in params]
    made: Callable[..., ast.expr] = eval(
        f"lambda {', '.join(names)}: {_constructor(tree, frozenset(names))}",
        {**vars(ast), "LOAD": LOAD},
    )
    return made


def _constructor(value: object, params: frozenset[str]) -> str:
    """The Python expression that makes a tree."""
    match value:
        case ast.Starred(value=ast.Name(id=name)) if name in params:
            return f"*{name}"
        case ast.Name(id=name) if name in params:
            return name
        case ast.Load():
            return "LOAD"
        case ast.AST():
            # By position, which is quicker.
            fields = (_constructor(getattr(value, name), params) for name in value._fields)
            return f"{type(value).__name__}({', '.join(fields)})"
        case list():
            return f"[{', '.join(_constructor(part, params) for part in value)}]"
        case _ if value is ...:
            return "..."
        case _:
            return repr(value)
