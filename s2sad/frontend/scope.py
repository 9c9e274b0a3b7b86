"""Which names a function binds, and which it reads from outside."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

FunctionNode = ast.FunctionDef | ast.Lambda


def params_of(node: FunctionNode) -> list[ast.arg]:
    args = node.args
    return [*args.posonlyargs, *args.args, *args.kwonlyargs]


def body_of(node: FunctionNode) -> list[ast.AST]:
    return list(node.body) if isinstance(node, ast.FunctionDef) else [node.body]


def own_nodes(roots: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node in the roots' scope: a nested function without its body."""
    pending = list(roots)[::-1]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
            pending += defaults[::-1]
        elif isinstance(node, ast.AnnAssign):
            pending += [part for part in (node.value, node.target) if part]
        else:
            pending += list(ast.iter_child_nodes(node))[::-1]


def bound_names(node: FunctionNode) -> dict[str, None]:
    """The names local to a function, in the order of their first binding."""
    names = dict.fromkeys(arg.arg for arg in params_of(node))
    for inner in own_nodes(body_of(node)):
        match inner:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.setdefault(name)
            case ast.FunctionDef(name=name):
                names.setdefault(name)
            case ast.alias():
                names.setdefault(alias_name(inner))
            case _:
                pass
    return names


def alias_name(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.split(".")[0]


def free_names(node: FunctionNode) -> set[str]:
    """The names that a function, or a function in it, reads from outside."""
    read: set[str] = set()
    for inner in own_nodes(body_of(node)):
        match inner:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.FunctionDef() | ast.Lambda():
                read |= free_names(inner)
            case _:
                pass
    return read - set(bound_names(node))


def names_read(root: ast.AST) -> set[str]:
    """The names that an expression reads, those that its lambdas capture included."""
    read: set[str] = set()
    for inner in own_nodes([root]):
        match inner:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.FunctionDef() | ast.Lambda():
                read |= free_names(inner)
            case _:
                pass
    return read


def names_stored(root: ast.AST) -> dict[str, None]:
    if isinstance(root, ast.Import | ast.ImportFrom):
        return {alias_name(alias): None for alias in root.names}
    return {
        inner.id: None
        for inner in own_nodes([root])
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del)
    }


def captured_names(node: FunctionNode) -> set[str]:
    """Locals that nested functions read: they may be read at any call of these."""
    captured: set[str] = set()
    for inner in own_nodes(body_of(node)):
        if isinstance(inner, ast.FunctionDef | ast.Lambda):
            captured |= free_names(inner)
    return captured & set(bound_names(node))
