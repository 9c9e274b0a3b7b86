"""Names that a `try` reads though they may be unbound.

Python raises NameError where such a name is read. What is emitted may read it elsewhere,
so that a handler for it could be missed: `find_unsure` tells the first such read in the
body of each `try` of a normal form.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from s2sad.frontend.normalize.effects import bound_by, walruses
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import is_hidden
from s2sad.frontend.scope import names_stored, own_nodes


def find_unsure(body: list[ast.stmt], params: Iterable[ast.arg]) -> dict[ast.Try, ast.Name]:
    if not any(isinstance(node, ast.Try) for stmt in body for node in ast.walk(stmt)):
        return {}
    names = {name for stmt in body for name in bound_by(stmt) if not is_hidden(name)}
    analysis = _Unsure(names)
    analysis.block(body, {arg.arg for arg in params})
    return analysis.found


class _Unsure:
    """`bound` are the names that are certainly bound; None where control does not get."""

    def __init__(self, local: set[str]) -> None:
        self.local = local
        self.found: dict[ast.Try, ast.Name] = {}
        self.around: list[ast.Try] = []

    def reads(self, node: ast.AST, bound: set[str]) -> None:
        if not self.around:
            return
        for inner in own_nodes([node]):
            match inner:
                case ast.Name(id=name, ctx=ast.Load()) if name in self.local - bound:
                    for stmt in self.around:
                        self.found.setdefault(stmt, inner)
                case _:
                    pass

    def block(self, stmts: list[ast.stmt], bound: set[str]) -> set[str] | None:
        after: set[str] | None = set(bound)
        for stmt in stmts:
            if after is None:
                return None
            after = self.stmt(stmt, after)
        return after

    def stmt(self, stmt: ast.stmt, bound: set[str]) -> set[str] | None:
        match stmt:
            case ast.If(test, body, orelse):
                self.reads(test, bound)
                bound = bound | names_stored(test).keys()
                return _meet([self.block(body, bound), self.block(orelse, bound)])
            case ast.For(target, source, body):
                self.reads(source, bound)
                self.block(body, bound | names_stored(target).keys())
                return bound
            case ast.While(test, body):
                inside = self.block(head_of(stmt), bound) or bound
                self.reads(test, inside)
                self.block(body, inside | names_stored(test).keys())
                return bound
            case ast.Try(body, handlers):
                self.around.append(stmt)
                ends = [self.block(body, bound)]
                self.around.pop()
                for handler in handlers:
                    name = {handler.name} - {None} if handler.name else set()
                    end = self.block(handler.body, bound | name)
                    ends.append(end if end is None else end - name)
                return _meet(ends)
            case ast.With(items, body):
                for item in items:
                    self.reads(item, bound)
                    bound = bound | names_stored(item).keys()
                return self.block(body, bound)
            case ast.Raise():
                self.reads(stmt, bound)
                return None
            case ast.Delete():
                return bound - bound_by(stmt)
            case _:
                self.reads(stmt, bound | walruses(stmt))
                return bound | bound_by(stmt)


def _meet(ends: list[set[str] | None]) -> set[str] | None:
    reached = [end for end in ends if end is not None]
    return set.intersection(*reached) if reached else None
