"""Which names may be read after a point of a function, before they are bound again.

Backward liveness on the syntax as the user wrote it, with its breaks and continues.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from s2sad.frontend.scope import names_read, names_stored


def read_later(body: Sequence[ast.stmt], loop: ast.While, size: int) -> set[str]:
    """The names read after a loop, or in its passes from statement `size` on."""
    live = _Live(loop, size)
    live.block(body, set(), set(), set())
    return live.found


class _Live:
    def __init__(self, loop: ast.While, size: int) -> None:
        self.thrown: set[str] = set()
        self.loop = loop
        self.size = size
        self.found: set[str] = set()

    def block(
        self, stmts: Sequence[ast.stmt], after: set[str], broken: set[str], again: set[str]
    ) -> set[str]:
        """What is live before statements; `broken` after the loop, `again` at its head."""
        live = set(after)
        for stmt in reversed(stmts):
            match stmt:
                case ast.Return() | ast.Raise():
                    live = names_read(stmt)
                case ast.Break():
                    live = set(broken)
                case ast.Continue():
                    live = set(again)
                case ast.If(test, body, orelse):
                    then = self.block(body, live, broken, again)
                    live = then | self.block(orelse, live, broken, again)
                    live |= names_read(test)
                case ast.For(target, source, body, orelse):
                    targets = set(names_stored(target))
                    ended = self.block(orelse, live, broken, again)
                    live = self.passes(stmt, body, ended, live, targets)
                    live |= names_read(source)
                case ast.While(test, body, orelse):
                    ended = self.block(orelse, live, broken, again) | names_read(test)
                    live = self.passes(stmt, body, ended, live, set())
                case ast.Try():
                    live = self.try_(stmt, live, broken, again)
                case ast.With(items, body):
                    live = self.block(body, live, broken, again)
                    for item in items:
                        live |= names_read(item)
                case ast.Match(subject, cases):
                    ways = [self.block(case.body, live, broken, again) for case in cases]
                    live = live.union(*ways, names_read(subject))
                    for case in cases:
                        live |= names_read(case.pattern)
                        live |= names_read(case.guard) if case.guard else set()
                case _:
                    live -= set(names_stored(stmt))
                    live |= names_read(stmt)
                    if isinstance(stmt, ast.AugAssign):
                        live |= set(names_stored(stmt.target))
            # Any statement in a try may be the last before a handler.
            live |= self.thrown
        return live

    def try_(
        self, stmt: ast.Try, after: set[str], broken: set[str], again: set[str]
    ) -> set[str]:
        final = {name for last in stmt.finalbody for name in names_read(last)}
        around = self.thrown
        self.thrown = around | final
        ended = self.block(stmt.finalbody, after, broken, again) | final
        caught = set(final)
        for handler in stmt.handlers:
            caught |= self.block(handler.body, ended, broken, again)
            caught |= names_read(handler.type) if handler.type else set()
        ended = self.block(stmt.orelse, ended, broken, again)
        self.thrown = around | caught
        live = self.block(stmt.body, ended, broken, again) | self.thrown
        self.thrown = around
        return live

    def passes(
        self,
        loop: ast.stmt,
        body: Sequence[ast.stmt],
        ended: set[str],
        after: set[str],
        targets: set[str],
    ) -> set[str]:
        """What is live at the head of a loop; the second time round it is stable."""
        head = set(ended)
        for _ in range(2):
            head = ended | (self.block(body, head, after, head) - targets)
        if loop is self.loop:
            self.found = after | self.block(body[self.size :], head, after, head)
        return head
