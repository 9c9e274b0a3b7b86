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


def children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node, without contexts and operators."""
    parts: list[ast.AST] = []
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            parts += [v for v in value if isinstance(v, ast.AST) and _has_parts(v)]
        elif isinstance(value, ast.AST) and value._fields:
            parts.append(value)
    return parts


def _has_parts(node: ast.AST) -> bool:
    return bool(node._fields) or isinstance(node, ast.stmt)


def own_nodes(roots: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node in the roots' scope: a nested function without its body."""
    pending = list(roots)[::-1]
    while pending:
        node = pending.pop()
        yield node
        match node:
            case ast.FunctionDef() | ast.Lambda():
                defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
                pending += defaults[::-1]
            case ast.ListComp():
                pending.append(node.generators[0].iter)
            case ast.AnnAssign():
                pending += [part for part in (node.value, node.target) if part]
            case ast.Name() | ast.Constant():
                pass
            case _:
                pending += children(node)[::-1]


def function_nodes(function: FunctionNode) -> list[ast.AST]:
    """The nodes in a function's own scope; found once for each function."""
    known: list[ast.AST] | None = getattr(function, "_s2sad_nodes", None)
    if known is None:
        known = list(own_nodes(body_of(function)))
        function._s2sad_nodes = known  # type: ignore[union-attr]
    return known


def bound_names(node: FunctionNode) -> dict[str, None]:
    """The names local to a function, in the order of their first binding."""
    known: dict[str, None] | None = getattr(node, "_s2sad_bound", None)
    if known is None:
        known = _bound_names(node)
        node._s2sad_bound = known  # type: ignore[union-attr]
    return known


def _bound_names(node: FunctionNode) -> dict[str, None]:
    names = dict.fromkeys(arg.arg for arg in params_of(node))
    for inner in function_nodes(node):
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
    for inner in function_nodes(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Load()):
                read.add(name)
            case ast.FunctionDef() | ast.Lambda():
                read |= free_names(inner)
            case ast.ListComp():
                read |= comprehension_reads(inner)
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
            case ast.ListComp():
                read |= comprehension_reads(inner)
            case _:
                pass
    return read


def comprehension_reads(node: ast.ListComp) -> set[str]:
    """What a comprehension reads from its scope, besides what it runs over."""
    return names_read(node.elt) - set(names_stored(node.generators[0].target))


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
    for inner in function_nodes(node):
        if isinstance(inner, ast.FunctionDef | ast.Lambda):
            captured |= free_names(inner)
    return captured & set(bound_names(node))
