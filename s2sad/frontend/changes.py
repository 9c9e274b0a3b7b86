"""What a file may change of what its top level, and its classes, bind."""

from __future__ import annotations

import ast
from functools import cached_property

_NUMERIC = frozenset("abs bool complex float int len max min pow round sum".split())


def makes(node: ast.AST) -> bool:
    """May an expression make an object that can change?"""
    match node:
        case ast.Call(ast.Name(name)):
            return name not in _NUMERIC
        case ast.Call(ast.Attribute(ast.Name("math" | "cmath"))):
            return False
        case _:
            return isinstance(node, ast.Call | ast.List | ast.Dict | ast.Set)


_MUTATORS = frozenset(
    "append extend insert pop remove clear sort reverse update setdefault popitem add"
    " discard __setitem__ __setattr__ __delitem__".split()
)


class Changes:
    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that something is stored into."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Subscript(ast.Attribute(_, name), ctx=ctx) | ast.Attribute(
                    ast.Attribute(_, name), ctx=ctx
                ) if not isinstance(ctx, ast.Load):
                    found.add(name)
                case ast.Call(ast.Attribute(ast.Attribute(_, name), method)):
                    if method in _MUTATORS:
                        found.add(name)
                case _:
                    pass
        return frozenset(found)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the module that something is stored into, or that are handed on."""
        found: set[str] = set()
        inside = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef | ast.Lambda | ast.ClassDef)
            for node in ast.walk(function)
        }
        for node in ast.walk(self.tree):
            match node:
                case ast.Attribute(value, ctx=ctx) | ast.Subscript(value, ctx=ctx) if (
                    not isinstance(ctx, ast.Load)
                ):
                    found |= _root_name(value)
                case ast.AugAssign(ast.Name(other)):
                    found.add(other)
                case ast.Call(ast.Attribute(value, attr)) if attr in _MUTATORS:
                    found |= _root_name(value)
                case ast.Call(args=args, keywords=keywords) if id(node) not in inside:
                    for arg in [*args, *(keyword.value for keyword in keywords)]:
                        found |= _root_name(arg)
                    if isinstance(node.func, ast.Attribute):
                        found |= _root_name(node.func.value)
                case ast.Assign(value=ast.Name(other)) if id(node) not in inside:
                    found.add(other)
                case _:
                    pass
        return frozenset(found)

    @cached_property
    def bound_attributes(self) -> frozenset[tuple[str, str]]:
        """`owner.name` where it is bound anywhere."""
        return frozenset(
            (node.value.id, node.attr)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
            if isinstance(node.value, ast.Name)
        )


def _root_name(node: ast.expr) -> set[str]:
    """The name that a place is a part of."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
