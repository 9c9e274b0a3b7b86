"""Which names may be read after a point of a function, before they are bound again.

Backward liveness on the syntax as the user wrote it, with its breaks and continues.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from s2sad.frontend.scope import names_read, names_stored


def read_later(body: Sequence[ast.stmt], loop: ast.While, size: int) -> set[str]:
    """The names read after a loop, or in its passes from statement `size` on."""
    everything = {name for stmt in body for name in names_read(stmt)}
    live = _Live(loop, size, everything)
    live.block(body, set(), set(), set())
    return live.found


class _Live:
    def __init__(self, loop: ast.While, size: int, everything: set[str]) -> None:
        self.everything = everything
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
                case ast.Try() | ast.With() | ast.Match():
                    live |= names_read(stmt) | broken | again
                    if self.loop in ast.walk(stmt):
                        # Its own passes, and every path out of it.
                        self.found |= self.everything
                case _:
                    live -= set(names_stored(stmt))
                    live |= names_read(stmt)
                    if isinstance(stmt, ast.AugAssign):
                        live |= set(names_stored(stmt.target))
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
