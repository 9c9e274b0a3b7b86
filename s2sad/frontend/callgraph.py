"""Who calls whom, read off the syntax: what is recursive, what reads well inlined."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING

from s2sad.frontend.infer import arguments_of, int_names
from s2sad.frontend.outside import OUTSIDE
from s2sad.frontend.resolve import (
    ClassMeaning,
    FunctionMeaning,
    Meaning,
    ModuleMeaning,
    PrimitiveMeaning,
)
from s2sad.frontend.scope import (
    bound_names,
    comprehension_parts,
    comprehension_targets,
    function_nodes,
    methods_in,
    own_nodes,
)
from s2sad.frontend.source import UserFunction

if TYPE_CHECKING:
    from s2sad.frontend.globals import Globals

_SMALL = 12
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)
_WORK = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Call)


class CallGraph:
    def __init__(self, entry: UserFunction, globals_: Globals) -> None:
        self.entry = entry
        self.globals = globals_
        self._callees: dict[ast.AST, list[UserFunction]] = {}
        self._sizes: dict[ast.AST, int] = {}
        self._sites: dict[ast.AST, int] | None = None
        self._ints: dict[ast.AST, frozenset[str]] = {}
        self._counts: frozenset[str] | None = None
        self._recursive: dict[ast.AST, bool] = {}

    def callees(self, function: UserFunction) -> list[UserFunction]:
        """The global functions that a function calls, once for every place of a call."""
        known = self._callees.get(function.node)
        if known is None:
            known = self._callees[function.node] = list(self._find(function))
        return known

    def _find(self, function: UserFunction) -> Iterator[UserFunction]:
        hidden = set(bound_names(function.node))
        pending = [(function_nodes(function.node), hidden)]
        while pending:
            nodes, local = pending.pop()
            for node in nodes:
                if isinstance(node, _FUNCTIONS):
                    pending.append((function_nodes(node), local | set(bound_names(node))))
                elif isinstance(node, ast.ClassDef):
                    for method in methods_in(node):
                        inner = local | set(bound_names(method))
                        pending.append((function_nodes(method), inner))
                elif isinstance(
                    node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
                ):
                    inner = local | comprehension_targets(node)
                    pending.append((own_nodes(comprehension_parts(node)), inner))
                elif isinstance(node, ast.Call):
                    meaning = self.meaning(function, node.func, local)
                    if isinstance(meaning, FunctionMeaning):
                        callee = self.globals.function_if_found(meaning)
                        if callee is not None:
                            yield callee

    def meaning(
        self, function: UserFunction, node: ast.expr, local: set[str]
    ) -> Meaning | None:
        """What a dotted name of a module or a global means."""
        match node:
            case ast.Name(id=name) if name not in local:
                return function.namespace.lookup(name)
            case ast.Attribute(value=value, attr=attr):
                owner = self.meaning(function, value, local)
                if not isinstance(owner, ModuleMeaning) or owner.name in OUTSIDE:
                    return None
                return owner.members.lookup(attr)
            case _:
                return None

    def dotted(self, function: UserFunction, node: ast.expr) -> str | None:
        """`contextlib.suppress`, however it was imported."""
        local = set(bound_names(function.node))
        if isinstance(node, ast.Attribute):
            owner = self.meaning(function, node.value, local)
            return f"{owner.name}.{node.attr}" if isinstance(owner, ModuleMeaning) else None
        match self.meaning(function, node, local):
            case ClassMeaning(name=name, found=None):
                return name
            case ClassMeaning(found=type() as found):
                return f"{found.__module__}.{found.__qualname__}"
            case PrimitiveMeaning(name):
                return name
            case FunctionMeaning(found=types.FunctionType() as function_):
                return f"{function_.__module__}.{function_.__qualname__}"
            case _:
                return None

    def needs_statements(self, function: UserFunction, test: ast.AST) -> bool:
        """Does a condition call anything that is no primitive, or bind a name?"""
        local = set(bound_names(function.node))
        for node in own_nodes([test]):
            if isinstance(node, ast.NamedExpr | ast.Lambda):
                return True
            if isinstance(node, ast.Call):
                meaning = self.meaning(function, node.func, local)
                if not isinstance(meaning, PrimitiveMeaning):
                    return True
        return False

    def int_names(self, function: UserFunction) -> frozenset[str]:
        """The names of a function that must be ints, those handed to callees too."""
        known = self._ints.get(function.node)
        if known is None:
            self._ints[function.node] = frozenset()
            local = set(bound_names(function.node))
            annotated = {
                arg.arg
                for arg in function.params
                if isinstance(arg.annotation, ast.Name) and arg.annotation.id == "int"
            }

            def wants(call: ast.Call) -> list[ast.expr]:
                meaning = self.meaning(function, call.func, local)
                if not isinstance(meaning, FunctionMeaning):
                    return []
                callee = self.globals.function_if_found(meaning)
                if callee is None:
                    return []
                return arguments_of(call, callee.node, self.int_names(callee))

            known = int_names(function.node, wants) | annotated
            self._ints[function.node] = known
        return known

    def counts(self) -> frozenset[str]:
        """The globals that some function of the program uses as an int."""
        if self._counts is None:
            self._counts = frozenset(
                name
                for function in self._reachable([self.entry]).values()
                for name in self.int_names(function) - set(bound_names(function.node))
            )
        return self._counts

    def is_recursive(self, function: UserFunction) -> bool:
        known = self._recursive.get(function.node)
        if known is None:
            reached = self._reachable(self.callees(function))
            known = self._recursive[function.node] = function.node in reached
        return known

    def _reachable(self, roots: list[UserFunction]) -> dict[ast.AST, UserFunction]:
        reached: dict[ast.AST, UserFunction] = {}
        pending = list(roots)
        while pending:
            function = pending.pop()
            if function.node not in reached:
                reached[function.node] = function
                pending += self.callees(function)
        return reached

    def reads_well_inlined(self, function: UserFunction) -> bool:
        return self.sites(function) <= 1 or self.size(function) <= _SMALL

    def sites(self, function: UserFunction) -> int:
        """In how many places of the program a function is called."""
        if self._sites is None:
            self._sites = {}
            for caller in self._reachable([self.entry]).values():
                for callee in self.callees(caller):
                    self._sites[callee.node] = self._sites.get(callee.node, 0) + 1
        return self._sites.get(function.node, 0)

    def size(self, function: UserFunction) -> int:
        """The operations in a body, in what is inlined into it too; loops are large."""
        known = self._sizes.get(function.node)
        if known is not None:
            return known
        nodes = function_nodes(function.node)
        size = sum(isinstance(node, _WORK) for node in nodes)
        if any(isinstance(node, ast.For | ast.While) for node in nodes):
            size += _SMALL + 1
        self._sizes[function.node] = size
        size += sum(self.size(callee) for callee in self.callees(function))
        self._sizes[function.node] = size
        return size
