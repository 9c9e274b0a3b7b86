"""Statements of the normal form."""

from __future__ import annotations

import ast

from s2sad.frontend.contexts import Contexts
from s2sad.frontend.liveness import appended_name
from s2sad.frontend.normalize.hidden import APPEND, is_hidden
from s2sad.frontend.resolve import ModuleMeaning
from s2sad.frontend.scope import alias_name
from s2sad.frontend.values import (
    UNBOUND,
    Appending,
    FunctionValue,
    NewList,
    TupleValue,
    Unbound,
    Value,
    describe,
    purely_atoms,
)
from s2sad.ir.nodes import Undef, Var
from s2sad.ir.types import NEVER, Named


class Statements(Contexts):
    def block(self, stmts: list[ast.stmt]) -> None:
        for stmt in stmts:
            self.statement(stmt)
            if self.emitter.raised():
                return

    def statement(self, stmt: ast.stmt) -> None:
        match stmt:
            case ast.Assign(targets=targets, value=node):
                unpacked = not any(isinstance(target, ast.Name) for target in targets)
                value = self.sequence(node) if unpacked else self.expression(node)
                for target in targets:
                    self.assign(target, value, stmt)
            case ast.If():
                self.if_(stmt)
            case ast.For():
                self.for_(stmt)
            case ast.While():
                self.while_(stmt)
            case ast.Raise():
                self.raise_(stmt)
            case ast.Try():
                self.try_(stmt)
            case ast.With():
                self.with_(stmt)
            case ast.Expr(value=node):
                self.expression_statement(stmt, node)
            case ast.Delete(targets=targets):
                for target in targets:
                    self.delete(target)
            case ast.Import(names=aliases):
                for alias in aliases:
                    dotted = alias.name if alias.asname else alias.name.split(".")[0]
                    module = self.function.namespace.imported_module(dotted, 0)
                    self.env[alias_name(alias)] = self.usable(module, stmt)
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    self.env[alias_name(alias)] = self.imported(stmt, alias)
            case ast.FunctionDef(name=name):
                self.env[name] = self.closure_value(stmt, name)
            case _:
                raise self.refuse(
                    stmt, f"{type(stmt).__name__} is not supported here", "rewrite it"
                )

    def imported(self, stmt: ast.ImportFrom, alias: ast.alias) -> Value:
        dotted = stmt.module or ""
        module = self.function.namespace.imported_module(dotted, stmt.level)
        if not isinstance(module, ModuleMeaning):
            return self.usable(module, stmt)
        meaning = self.program.member_meaning(module, alias.name)
        if meaning is None:
            raise self.refuse(stmt, f"{module.name} has no {alias.name}", "check its spelling")
        return self.usable(meaning, stmt)

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        match target:
            case ast.Name(id=name):
                if is_hidden(name) or isinstance(value, TupleValue):
                    value = self.materialised(value, node)
                self.name(name, value, node)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for part, item in zip(targets, self.parts(value, targets, node), strict=True):
                    self.assign(part, item, node)
            case _:
                raise self.refuse(
                    target,
                    "this target of an assignment",
                    "use one variable for each value",
                )

    def parts(self, value: Value, targets: list[ast.expr], node: ast.AST) -> list[Value]:
        """What is unpacked; nothing can go wrong at run time."""
        match value:
            case Var(type=Named(name)):
                return self.parts(self.unpacked(value, name, node), targets, node)
            case TupleValue(items) if len(items) == len(targets):
                return list(items)
            case TupleValue(items):
                raise self.refuse(
                    node,
                    f"{len(items)} values for {len(targets)} names",
                    "match their numbers",
                )
            case Var(type=type_) | Undef(type=type_) if type_ == NEVER:
                return [value] * len(targets)
            case _:
                raise self.refuse(node, f"unpacking {describe(value)}", "unpack a tuple")

    def delete(self, target: ast.expr) -> None:
        assert isinstance(target, ast.Name)
        value = self.env.pop(target.id, None)
        if not is_hidden(target.id) and (value is None or isinstance(value, Unbound)):
            raise self.refuse(
                target, f"{target.id} is deleted before it is bound", "leave it out"
            )

    def expression_statement(self, stmt: ast.Expr, node: ast.expr) -> None:
        name = appended_name(stmt)
        if name is not None:
            assert isinstance(node, ast.Call)
            self.append(name, node)
        elif not (isinstance(node, ast.Call) and self.effect(node)):
            self.expression(node)

    def append(self, name: str, node: ast.Call) -> None:
        """`name.append(value)`: what the pass that is being lowered records."""
        target = self.env.get(name) if name in self.prepared.locals else None
        slot = APPEND + name
        if not isinstance(target, Appending):
            what = (
                "a new list" if isinstance(target, NewList) else "something that is no new list"
            )
            raise self.refuse(
                node,
                f"append to {what} here",
                "append once in every pass of one loop, to a list made by [] before it",
            )
        if target.loop != self.loop or self.env.get(slot, UNBOUND) is not UNBOUND:
            raise self.refuse(
                node,
                f"{name} is appended to more than once in a pass",
                "append once in every pass of one loop; several values in a tuple",
            )
        value = self.materialised(self.expression(node.args[0]), node)
        if not purely_atoms(value) or isinstance(value, FunctionValue):
            raise self.refuse(node, f"{describe(value)} in a list", "append numbers or tuples")
        self.env[slot] = value
