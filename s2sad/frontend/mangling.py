"""Private names in classes, as the interpreter reads them: `__v` in `class A` is `_A__v`."""

from __future__ import annotations

import ast

_FIELDS = ("id", "attr", "name", "arg", "rest")


def mangled(tree: ast.Module, text: str) -> ast.Module:
    """The tree of a text, its private names written out."""
    if "__" in text:
        _mangle(tree, "")
    return tree


def _mangle(node: ast.AST, owner: str) -> None:
    """Decorators, bases and keywords of a class belong to what is around it."""
    if owner:
        _rename(node, owner)
    if not isinstance(node, ast.ClassDef):
        for child in ast.iter_child_nodes(node):
            _mangle(child, owner)
        return
    for outside in (*node.decorator_list, *node.bases, *node.keywords):
        _mangle(outside, owner)
    for stmt in node.body:
        _mangle(stmt, node.name.lstrip("_"))


def _rename(node: ast.AST, owner: str) -> None:
    if isinstance(node, ast.Global | ast.Nonlocal):
        node.names = [_private(name, owner) for name in node.names]
        return
    if isinstance(node, ast.keyword):
        return  # the name of an argument stays in a call
    for field in ("asname",) if isinstance(node, ast.alias) else _FIELDS:
        name = getattr(node, field, None)
        if isinstance(name, str):
            setattr(node, field, _private(name, owner))


def _private(name: str, owner: str) -> str:
    private = name.startswith("__") and not name.endswith("__") and "." not in name
    return f"_{owner}{name}" if private else name
