"""A handler that reads what its `try` has changed: the body is split where it may raise.

    try:                              caught = False
        s = s + x                     s = s + x
        s = s + 1 / y          →      try: s = s + 1 / y
        s = s + math.log(x)           except ValueError: caught = True
    except ValueError:                if caught: pass
        s = -s                        else:
                                          try: s = s + math.log(x)
                                          except ValueError: caught = True
                                      if caught: s = -s

An exception is an exit to the handler. Each part that stays in one `try` keeps what the
handler may read as it was, wherever it raises, so that the handler sees what stood before
that part. A loop that is left so ends by its stop flag; what a part cannot hold is opened:
the condition of an `if`, of a `while`, the ends of a `range` are computed first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import count

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.liveness import find_liveness
from s2sad.frontend.normalize.effects import (
    OBJECTS,
    Keeps,
    appends,
    first_raising,
    may_raise,
    some_raise,
    source_may_raise,
)
from s2sad.frontend.normalize.exits import stop_flag
from s2sad.frontend.normalize.guards import (
    call_to_guard,
    holds_guard,
    named_argument,
    split_call,
)
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import (
    CHANGED,
    STOP,
    TESTED,
    assign,
    at,
    flag,
    read,
)
from s2sad.frontend.normalize.split import Split
from s2sad.frontend.scope import own_nodes

Refuse = Callable[[ast.AST, str, str], UnsupportedSyntax]


def rewrite_throws(
    body: list[ast.stmt],
    results: set[str],
    captured: set[str],
    unsure: dict[ast.Try, ast.Name],
    refuse: Refuse,
    objects: bool = False,
) -> list[ast.stmt]:
    """A function's body in which handlers read only what stood before their `try`.

    `objects`: of objects, too. `unsure` is what `find_unsure` tells: the parts of a `try`
    inherit it.
    """
    entries = find_liveness(body, results, captured).entries
    return _Throws(entries, unsure, refuse, objects, captured).block(body)


class _Throws:
    def __init__(
        self,
        entries: dict[ast.ExceptHandler, frozenset[str]],
        unsure: dict[ast.Try, ast.Name],
        refuse: Refuse,
        objects: bool,
        captured: set[str],
    ) -> None:
        self.captured = captured
        self.objects = frozenset({OBJECTS} if objects else ())
        self.unsure = unsure
        self.entries = entries
        self.refuse = refuse
        self.numbers = count(1)

    def block(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        return [new for stmt in stmts for new in self.stmt(stmt)]

    def stmt(self, stmt: ast.stmt) -> list[ast.stmt]:
        match stmt:
            case ast.If():
                stmt.body, stmt.orelse = self.block(stmt.body), self.block(stmt.orelse)
            case ast.For() | ast.While() | ast.With():
                stmt.body = self.block(stmt.body)
            case ast.Try():
                return self.try_(stmt)
            case _:
                pass
        return [stmt]

    def try_(self, stmt: ast.Try) -> list[ast.stmt]:
        live = self.live(stmt)
        if not self.keeps(live, stmt.body):
            before = self.harmless(stmt)
            if not self.keeps(live, stmt.body):
                return [*before, *self.split(stmt, live)]
            return [*before, *self.stmt(stmt)]
        stmt.body = self.block(stmt.body)
        for handler in stmt.handlers:
            handler.body = self.block(handler.body)
        return [stmt]

    def keeps(self, live: frozenset[str], body: list[ast.stmt]) -> bool:
        return Keeps(live)(body) and not self.opens(body)

    def opens(self, stmts: list[ast.stmt]) -> bool:
        """Is there a call that changes an object and does more that may raise?"""
        if not self.objects:
            return False
        nodes = own_nodes(stmts)
        adding = (n for n in nodes if isinstance(n, ast.Expr) and appends(n.value, False))
        return holds_guard(nodes) or any(map(may_raise, adding))

    def live(self, stmt: ast.Try) -> frozenset[str]:
        return self.objects.union(*(self.entries[handler] for handler in stmt.handlers))

    def harmless(self, stmt: ast.Try) -> list[ast.stmt]:
        """Take the first statements out, which cannot raise."""
        size = first_raising(stmt.body)
        before, stmt.body = stmt.body[:size], stmt.body[size:]
        return before

    def split(self, stmt: ast.Try, live: frozenset[str]) -> list[ast.stmt]:
        """A `try` taken apart: no name of `live` changes in a part before it may raise."""
        split = Split(stmt, next(self.numbers), live)
        for handler in stmt.handlers:
            handler.body = self.block(handler.body)
        return [*split.begin(), *self.protected(stmt.body, split), *split.handle()]

    def protected(self, stmts: list[ast.stmt], split: Split) -> list[ast.stmt]:
        """Statements of which each runs only if none before it has raised."""
        keeps = Keeps(split.live)
        part: list[ast.stmt] = []
        for position, stmt in enumerate(stmts):
            call = call_to_guard(stmt)
            if keeps([*part, stmt]) and not self.opens([stmt]):
                part.append(stmt)
                continue
            if part:
                rest = self.protected(stmts[position:], split)
                if any(map(some_raise, part)):
                    rest = split.unless_caught(stmt, rest)
                return [*self.part(part, split), *rest]
            if call is not None:
                return self.protected(
                    [*self.guarded(stmt, call), *stmts[position + 1 :]], split
                )
            if isinstance(stmt, ast.Expr) and appends(stmt.value, False):
                first = named_argument(stmt, f"{TESTED}{next(self.numbers)}")
                return self.protected([*first, *stmts[position + 1 :]], split)
            opened = self.opened(stmt, split, keeps)
            rest = self.protected(stmts[position + 1 :], split)
            return [*opened, *split.unless_caught(stmt, rest)]
        return self.part(part, split)

    def part(self, stmts: list[ast.stmt], split: Split) -> list[ast.stmt]:
        """Statements in one `try`, those left out that come first and cannot raise."""
        size = first_raising(stmts)
        before, rest = self.block(stmts[:size]), self.block(stmts[size:])
        if not rest:
            return before
        end = max(k for k, stmt in enumerate(rest) if some_raise(stmt)) + 1
        adds = any(isinstance(s, ast.Expr) and appends(s.value) for s in rest[end:])
        inside, after = (rest[:end], rest[end:]) if adds else (rest, [])
        made = split.wrapped(inside)
        self.entries.update(dict.fromkeys(made.handlers, split.live))
        if split.stmt in self.unsure:
            self.unsure[made] = self.unsure[split.stmt]
        return [*before, made, *split.unless_caught(made, after)]

    def opened(self, stmt: ast.stmt, split: Split, keeps: Keeps) -> list[ast.stmt]:
        """A statement that changes what is to be kept, and may then raise."""
        match stmt:
            case ast.If(test, body, orelse):
                name = f"{TESTED}{next(self.numbers)}"
                stmt.body = self.protected(body, split)
                stmt.orelse = self.protected(orelse, split)
                if not may_raise(test):
                    return [stmt]
                stmt.test = read(test, name)
                first = self.protected([assign(test, name, test)], split)
                return [*first, *split.unless_caught(stmt, [stmt])]
            case ast.For():
                return self.for_(stmt, split)
            case ast.While():
                return self.while_(stmt, split)
            case ast.Try():
                return self.inner(stmt, split)
            case _:
                raise self.refuse(
                    keeps.broken or stmt,
                    "a statement in a try that changes something and may then raise",
                    "bind the name in a statement of its own, or move it out of the try",
                )

    def guarded(self, stmt: ast.stmt, call: ast.Call) -> list[ast.stmt]:
        """A call that changes an object and may then raise hands back what it raises."""
        assert isinstance(stmt, ast.Assign | ast.Expr)
        made = split_call(stmt, call, next(self.numbers), self.captured)
        if made is None:
            raise self.refuse(
                call,
                f"a call that changes an object, which {CHANGED}, and may then raise",
                "give its result a name in a statement of its own",
            )
        return made

    def for_(self, stmt: ast.For, split: Split) -> list[ast.stmt]:
        before: list[ast.stmt] = []
        match stmt.iter:
            case ast.Call(func=ast.Name(id="range") as func, args=args, keywords=[]) if not (
                args[2:] and not isinstance(args[2], ast.Constant)
            ):
                ends = list(args)
                for k, end in enumerate(args):
                    if may_raise(end):
                        name = f"{TESTED}{next(self.numbers)}"
                        before.append(assign(end, name, end))
                        ends[k] = read(end, name)
                stmt.iter = at(stmt.iter, ast.Call(func, ends, []))
            case source if source_may_raise(source):
                raise self.refuse(
                    source,
                    "a loop in a try over what may raise itself",
                    "compute what the loop runs over before the try",
                )
            case _:
                pass
        self.stopping(stmt, self.protected(stmt.body, split), split)
        if not before:
            return [stmt]
        return [*self.protected(before, split), *split.unless_caught(stmt, [stmt])]

    def while_(self, stmt: ast.While, split: Split) -> list[ast.stmt]:
        head = head_of(stmt)
        if not head and not may_raise(stmt.test):
            self.stopping(stmt, self.protected(stmt.body, split), split)
            return [stmt]
        name = f"{TESTED}{next(self.numbers)}"
        stop = stop_flag(stmt) or f"{STOP}{name}"
        first = self.protected([*head, assign(stmt.test, name, stmt.test)], split)
        ended = [flag(stmt.test, stop, True)]
        body = self.protected(stmt.body, split)
        body = [at(stmt.test, ast.If(read(stmt.test, name), body, ended))]
        endless = at(stmt, ast.While(at(stmt.test, ast.Constant(True)), [], []))
        endless.stop_flag = stop_flag(stmt)  # type: ignore[attr-defined]
        self.stopping(endless, [*first, *split.unless_caught(stmt, body)], split, stop)
        return [endless]

    def stopping(
        self,
        loop: ast.For | ast.While,
        body: list[ast.stmt],
        split: Split,
        stop: str = "",
    ) -> None:
        """Give a loop its body, after which it ends if something was raised."""
        known = stop_flag(loop)
        stop = known or stop or f"{STOP}{TESTED}{next(self.numbers)}"
        start = [] if known else [flag(loop, stop, False)]
        loop.body = [*start, *body, *split.if_caught(loop, [flag(loop, stop, True)])]
        loop.stop_flag = stop  # type: ignore[union-attr]

    def inner(self, stmt: ast.Try, split: Split) -> list[ast.stmt]:
        """A `try` inside: it is taken apart for the outer handlers' sake as well."""
        before = self.harmless(stmt)
        return self.protected([*before, *self.split(stmt, self.live(stmt) | split.live)], split)
