"""Rewriting a function's body into the few forms that are lowered, AST to AST.

What is left: assignments, expressions, `if`, `for` and `while` without `else` and without
exits, `try` with handlers only, `with` of one manager, `raise`, `del`, nested functions.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from s2sad.frontend.normalize.asserts import rewrite_assert
from s2sad.frontend.normalize.assignments import rewrite_annotated, rewrite_augmented, sign_of
from s2sad.frontend.normalize.conditions import rewrite_condition
from s2sad.frontend.normalize.exits import rewrite_exits
from s2sad.frontend.normalize.heads import head_of, rewrite_head
from s2sad.frontend.normalize.hidden import COUNTED, ENDED, assign, at
from s2sad.frontend.normalize.hidden import read as name_of
from s2sad.frontend.scope import captured_names, global_names

if TYPE_CHECKING:
    from s2sad.frontend.normalize.matches import Refuse


def normalize(
    node: ast.FunctionDef | ast.Lambda,
    needs_statements: Callable[[ast.AST], bool],
    dotted: Callable[[ast.expr], str | None],
    refuse: Refuse,
) -> list[ast.stmt]:
    """The body of a function in normal form. The user's nodes are left as they are."""
    match node:
        case ast.Lambda(body=body):
            return rewrite_exits([at(body, ast.Return(body))], node)
        case ast.FunctionDef(body=stmts):
            captured, stated = captured_names(node), global_names(node)
            plain = _Plain(needs_statements, dotted, refuse, stmts, captured, stated)
            return rewrite_exits(plain.block(stmts), node)


class _Plain:
    """Rewrites that look at one statement only."""

    def __init__(
        self,
        needs_statements: Callable[[ast.AST], bool],
        dotted: Callable[[ast.expr], str | None],
        refuse: Refuse,
        function: list[ast.stmt],
        captured: set[str],
        globals_: frozenset[str],
    ) -> None:
        self.needs_statements = needs_statements
        self.function = function
        self.captured = captured
        self.globals = globals_
        self.dotted = dotted
        self.refuse = refuse
        self.loops = 0
        self.parts = 0
        self.matches = 0

    def block(self, stmts: Iterable[ast.stmt]) -> list[ast.stmt]:
        return [new for stmt in stmts for new in self.stmt(stmt)]

    def stmt(self, stmt: ast.stmt) -> list[ast.stmt]:
        match stmt:
            case ast.Assert():
                return rewrite_assert(stmt)
            case ast.AugAssign(ast.Name(name), op, value) if name in self.globals:
                given = [at(stmt, ast.Constant(f"{name} {sign_of(op)}=")), value]
                counted = at(stmt, ast.Call(name_of(stmt, COUNTED), given, []))
                return [assign(stmt, f"{COUNTED}.end", counted)]
            case ast.AugAssign():
                self.parts += 1
                return rewrite_augmented(stmt, f"%part{self.parts}")
            case ast.AnnAssign():
                return rewrite_annotated(stmt)
            case ast.If(test, body, orelse):
                return [at(stmt, ast.If(test, self.block(body), self.block(orelse)))]
            case ast.For(target, source, body, orelse):
                return [
                    at(
                        stmt,
                        ast.For(target, source, self.block(body), self.block(orelse)),
                    )
                ]
            case ast.While():
                return self.while_(stmt)
            case ast.Try(body, handlers, orelse, final):
                caught = [
                    at(h, ast.ExceptHandler(h.type, h.name, self.block(h.body)))
                    for h in handlers
                ]
                parts = self.block(body), caught, self.block(orelse), self.block(final)
                return [at(stmt, ast.Try(*parts))]
            case ast.With():
                from s2sad.frontend.normalize.managers import (
                    leaving,
                    read_and_written,
                    rewrite_with,
                )

                match rewrite_with(stmt, self.dotted):
                    case [ast.With(items, body)]:
                        read, written = read_and_written(items[0], self.dotted)
                        if read and (leaves := leaving(body)):
                            raise self.refuse(
                                leaves, "a way out of the block of a cotangent", "drop it"
                            )
                        body = [*self.block(body), *read]
                        return [at(stmt, ast.With(items, body)), *written]
                    case other:
                        return self.block(other)
            case ast.Match():
                from s2sad.frontend.normalize.matches import rewrite_match

                self.matches += 1
                return self.block(rewrite_match(stmt, self.matches, self.refuse))
            case ast.Pass() | ast.Global() | ast.Nonlocal() | ast.Expr(value=ast.Constant()):
                return []
            case _:
                return [stmt]

    def while_(self, stmt: ast.While) -> list[ast.stmt]:
        tested = rewrite_head(stmt, self.function, self.captured)
        head = head_of(tested)
        if any(map(self.needs_statements, [*head, tested.test])):
            tested, head = stmt, []
        body, orelse = self.block(tested.body), self.block(tested.orelse)
        plain = at(tested, ast.While(tested.test, body, orelse))
        plain.head = head  # type: ignore[attr-defined]
        if not self.needs_statements(tested.test):
            return [plain]
        self.loops += 1
        return rewrite_condition(plain, f"{ENDED}{self.loops}")
