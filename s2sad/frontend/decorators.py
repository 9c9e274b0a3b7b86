"""Decorators, by what the file says of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

# Decorators that leave the call as it is.
_HARMLESS = frozenset({"cache", "lru_cache", "njit", "jit", "vectorize", "override", "final"})


def harmless(
    decorator: ast.expr, bindings: Mapping[str, Sequence[ast.stmt]], entry: bool
) -> bool:
    """Does a decorator leave the call as it is?

    s2sad's own count for what is to be differentiated, the `entry`, only: elsewhere the
    name means the derivative. A rule replaces the function.
    """
    package, name = origin(decorator, bindings)
    if package == "s2sad":
        return entry and name != "rule"
    return package in ("functools", "numba") and name in _HARMLESS


def gives_rule(decorator: ast.expr, bindings: Mapping[str, Sequence[ast.stmt]]) -> bool:
    """Is it s2sad.rule?"""
    return origin(decorator, bindings) == ("s2sad", "rule")


def origin(decorator: ast.expr, bindings: Mapping[str, Sequence[ast.stmt]]) -> tuple[str, str]:
    """The package that a decorator is imported from, and its name there."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    path = ast.unparse(called).split(".")
    imported = bindings.get(path[0], ())
    if len(imported) != 1:
        return "", ""
    name = path[-1]
    if len(path) == 1 and isinstance(imported[0], ast.ImportFrom):
        name = next(a.name for a in imported[0].names if (a.asname or a.name) == name)
    return _package(imported[0], path[0]), name


def keeps(decorator: ast.expr) -> bool:
    """Does it keep what the function returns?"""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).split(".")[-1] in ("cache", "lru_cache")


def _package(stmt: ast.stmt, name: str) -> str:
    """The package that an import takes a name from."""
    match stmt:
        case ast.ImportFrom(module=module):
            return (module or "").split(".")[0]
        case ast.Import(names=aliases):
            found = [a.name for a in aliases if (a.asname or a.name.split(".")[0]) == name]
            return found[0].split(".")[0] if found else ""
        case _:
            return ""
