"""A function with a rule, where it is itself to be differentiated: one that calls it.

@rule("math.cos(x)")
def wave(x):                →     def wave(x):
    return table[x]                   return wave(x)       the one with the rule
"""

from __future__ import annotations

import ast

from s2sad.frontend.classes import ClassInfo
from s2sad.frontend.resolve import (
    ClassMeaning,
    Meaning,
    Namespace,
    RuleMeaning,
    UnknownMeaning,
)
from s2sad.frontend.source import UserFunction
from s2sad.ir.node import replace


def calling(found: UserFunction, rule: RuleMeaning) -> UserFunction:
    """A function of the same parameters whose value is that of the one with the rule."""
    name = found.name
    while any(param.arg == name for param in found.params):
        name += "_"
    return passing_on(found, found.node.args, ast.Name(name, ast.Load()), Only(name, rule))


def passing_on(
    found: UserFunction, params: ast.arguments, callee: ast.expr, names: Namespace
) -> UserFunction:
    """A function in the place of another one, that calls `callee` with what it is given."""
    given: list[ast.expr] = [
        ast.Name(param.arg, ast.Load()) for param in (*params.posonlyargs, *params.args)
    ]
    named = [ast.keyword(p.arg, ast.Name(p.arg, ast.Load())) for p in params.kwonlyargs]
    value = ast.Call(callee, given, named)
    node = ast.FunctionDef(found.name, params, [ast.Return(value)], [], None)
    ast.copy_location(node, found.node)
    for part in (node.body[0], *ast.walk(node.body[0])):
        ast.copy_location(part, found.node)
    return replace(found, node=node, namespace=names)


class Only:
    """One name, and what it means."""

    def __init__(self, name: str, meaning: Meaning) -> None:
        self.name = name
        self.meaning = meaning

    def lookup(self, name: str) -> Meaning | None:
        return self.meaning if name == self.name else None

    def imported_module(self, dotted: str, level: int) -> Meaning:
        return UnknownMeaning(dotted)

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        raise NotImplementedError
