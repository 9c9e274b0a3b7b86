"""Context managers that are generators: found, and their blocks put in the place of `yield`."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.decorators import origin
from s2sad.frontend.live import MADE_MANAGER, LiveNamespace
from s2sad.frontend.normalize.yielding import Generator, with_blocks
from s2sad.frontend.source import UserFunction, from_function, locate
from s2sad.frontend.static import StaticModule
from s2sad.ir.node import replace

if TYPE_CHECKING:
    from s2sad.frontend.program import Program

_NAME = "contextlib.contextmanager"


def with_managers(
    program: Program, function: UserFunction
) -> tuple[UserFunction, frozenset[str]]:
    """The function without the `with` of such managers, and the globals that it reads more."""
    if not isinstance(function.node, ast.FunctionDef):
        return function, frozenset()

    def find(name: str) -> Generator | None:
        found = _global(function, name)
        if found is None or found.file != function.file:
            return None
        assert isinstance(found.node, ast.FunctionDef)
        program.global_meaning(function.namespace, name)
        program.note_source(found)
        return Generator(found.node, True)

    def is_manager(decorator: ast.expr) -> bool:
        named = program.graph.dotted(function, decorator)
        return named == _NAME

    def refuse(place: ast.AST, what: str, instead: str) -> UnsupportedSyntax:
        return UnsupportedSyntax(what, locate(function.file, place), instead)

    node, outer = with_blocks(function.node, find, is_manager, refuse)
    return replace(function, node=node), outer


def free_names_of(function: types.FunctionType) -> set[str]:
    return set(function.__code__.co_names)


def _global(function: UserFunction, name: str) -> UserFunction | None:
    space = function.namespace
    match space:
        case LiveNamespace():
            value = space.read(name)
            inner = getattr(value, "__wrapped__", None)
            if not isinstance(value, types.FunctionType) or value.__code__ is not MADE_MANAGER:
                return None
            if not isinstance(inner, types.FunctionType) or inner.__closure__:
                return None
            if (
                inner.__globals__ is not space.names
                or free_names_of(inner) & space.cells.keys()
            ):
                return None
            return from_function(inner)
        case StaticModule():
            match space.bindings.get(name, ()):
                case [ast.FunctionDef(decorator_list=[decorator]) as node]:
                    if origin(decorator, space.bindings) == ("contextlib", "contextmanager"):
                        return space.user_function(name, node)
            return None
        case _:
            return None
