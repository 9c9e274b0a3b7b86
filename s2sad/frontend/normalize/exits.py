"""`return`, `break` and `continue` become plain control flow.

    if c: return a               ->    if c: result = a
    rest                               else: rest

    for i in r:                  ->    for i in r:                 # ends when stop is set
        if c: return a                     if c: result = a; returned = True; stop = True
        work                               else: work
    rest                               if returned: pass
                                       else: rest

What follows an `if` goes into the branch that reaches it. Only where both branches may
reach it and may not, a flag tells. A branch that raises needs nothing.

The names are hidden ones; a loop carries the name of its stop flag as `stop_flag`. The
`else` of a loop runs unless the loop was broken:

    for i in r:                  ->    broke = False
        if c: break                    for i in r:
    else: work                             if c: broke = True; stop = True
                                       if broke: pass
                                       else: work
"""

from __future__ import annotations

import ast
from itertools import count

from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import (
    BROKE,
    LEFT,
    RESULT,
    RETURNED,
    STOP,
    assign,
    at,
    flag,
    read,
    unbind,
)
from s2sad.frontend.normalize.tries import Tries
from s2sad.frontend.scope import own_nodes

_LOOPS = (ast.For, ast.While)


class Leave(ast.Return):
    """Leaves the region for a return whose value stands already."""


class Region:
    """A loop's body, or the function's: the names of its flags, and which are needed."""

    def __init__(self, stop: str, left: str, broke: str) -> None:
        self.stop = stop
        self.left = left
        self.broke = broke
        self.stops = False
        self.leaves = False
        # What each `return` in a loop returns, where that is one list that grows in it.
        self.shared: ast.expr | None = None


def rewrite_exits(body: list[ast.stmt], place: ast.AST) -> list[ast.stmt]:
    """A function's body in which control leaves every statement at its end."""
    return Exits().function(body, place)


class Exits:
    def __init__(self) -> None:
        self.numbers = count(1)
        self.known: dict[ast.stmt, frozenset[str]] = {}
        self.tries = Tries(self)

    def function(self, body: list[ast.stmt], place: ast.AST) -> list[ast.stmt]:
        last = body[-1] if body else place
        ending = at(last, ast.Return(at(last, ast.Constant(None))))
        falls = "fall" in self.block_ends(body)
        region = Region("", f"{LEFT}0", "")
        rewritten = self.block([*body, ending] if falls else body, region)
        return self.with_flag(rewritten, region, place)

    def with_flag(
        self, stmts: list[ast.stmt], region: Region, place: ast.AST
    ) -> list[ast.stmt]:
        return [flag(place, region.left, False), *stmts] if region.leaves else stmts

    # How a statement may end.

    def ends(self, stmt: ast.stmt) -> frozenset[str]:
        known = self.known.get(stmt)
        if known is None:
            known = self.known[stmt] = self._ends(stmt)
        return known

    def _ends(self, stmt: ast.stmt) -> frozenset[str]:
        match stmt:
            case ast.Return():
                return frozenset({"return"})
            case ast.Break():
                return frozenset({"break"})
            case ast.Continue():
                return frozenset({"continue"})
            case ast.Raise():
                return frozenset({"raise"})
            case ast.If():
                return self.block_ends(stmt.body) | self.block_ends(stmt.orelse)
            case ast.For() | ast.While():
                return self._loop_ends(stmt)
            case ast.Try():
                return self._try_ends(stmt)
            case ast.With():
                return self.block_ends(stmt.body)
            case _:
                return frozenset({"fall"})

    def _loop_ends(self, stmt: ast.For | ast.While) -> frozenset[str]:
        body = self.block_ends(stmt.body)
        ends = body & {"return", "raise"}
        if not _endless(stmt):
            ends |= self.block_ends(stmt.orelse)
        return ends | {"fall"} if "break" in body else ends

    def _try_ends(self, stmt: ast.Try) -> frozenset[str]:
        ends = self.block_ends(stmt.body)
        if "fall" in ends:
            ends = (ends - {"fall"}) | self.block_ends(stmt.orelse)
        for handler in stmt.handlers:
            ends |= self.block_ends(handler.body)
        last = self.block_ends(stmt.finalbody)
        return ends | (last - {"fall"}) if "fall" in last else last

    def block_ends(self, stmts: list[ast.stmt]) -> frozenset[str]:
        ends: frozenset[str] = frozenset()
        for stmt in stmts:
            ends |= self.ends(stmt)
            if "fall" not in self.ends(stmt):
                return ends - {"fall"}
            ends -= {"fall"}
        return ends | {"fall"}

    # Rewriting.

    def block(self, stmts: list[ast.stmt], region: Region) -> list[ast.stmt]:
        """The statements, none of which leaves the region before its end."""
        done: list[ast.stmt] = []
        for position, stmt in enumerate(stmts):
            match stmt:
                case ast.Return():
                    return done + self.return_(stmt, region)
                case ast.Break():
                    return done + self.break_(stmt, region)
                case ast.Continue():
                    return done + self.leave(stmt, region)
                case ast.Raise():
                    return [*done, stmt]
                case ast.If():
                    if self.ends(stmt) & {"return", "break", "continue"}:
                        return done + self.exiting_if(stmt, stmts[position + 1 :], region)
                    done.append(self.rebuilt(stmt, stmt.body, stmt.orelse, region))
                    if "fall" not in self.ends(stmt):
                        return done
                case ast.For() | ast.While():
                    before, loop, after = self.loop(stmt)
                    done += [*before, loop]
                    if after or "fall" not in self.ends(stmt):
                        reached = "fall" in self.ends(stmt)
                        rest = stmts[position + 1 :] if reached else []
                        return done + self.block(after + rest, region)
                case ast.Try() | ast.With():
                    return done + self.tries.statement(stmt, stmts[position + 1 :], region)
                case _:
                    done.append(stmt)
        return done

    def rebuilt(
        self,
        stmt: ast.If,
        body: list[ast.stmt],
        orelse: list[ast.stmt],
        region: Region,
    ) -> ast.If:
        then, other = self.block(body, region), self.block(orelse, region)
        return at(stmt, ast.If(stmt.test, then, other))

    def exiting_if(self, stmt: ast.If, rest: list[ast.stmt], region: Region) -> list[ast.stmt]:
        """An `if` with exits in it, and what follows it."""
        reaches = (
            "fall" in self.block_ends(stmt.body),
            "fall" in self.block_ends(stmt.orelse),
        )
        match reaches:
            case True, False:
                return [self.rebuilt(stmt, stmt.body + rest, stmt.orelse, region)]
            case False, True:
                return [self.rebuilt(stmt, stmt.body, stmt.orelse + rest, region)]
            case True, True if rest:
                region.leaves = True
                first = self.rebuilt(stmt, stmt.body, stmt.orelse, region)
                remaining = self.block(rest, region)
                return [first, at(stmt, ast.If(read(stmt, region.left), [], remaining))]
            case _:
                return [self.rebuilt(stmt, stmt.body, stmt.orelse, region)]

    def leave(self, place: ast.stmt, region: Region) -> list[ast.stmt]:
        return [flag(place, region.left, True)]

    def break_(self, place: ast.stmt, region: Region) -> list[ast.stmt]:
        region.stops = True
        stops = [flag(place, region.stop, True), *self.leave(place, region)]
        return [flag(place, region.broke, True), *stops] if region.broke else stops

    def return_(self, stmt: ast.Return, region: Region) -> list[ast.stmt]:
        value = stmt.value or at(stmt, ast.Constant(None))
        known = isinstance(stmt, Leave) or region.shared is not None
        result = [] if known else [assign(stmt, RESULT, value)]
        if not region.stop:
            return result + self.leave(stmt, region)
        region.stops = True
        stops = [flag(stmt, RETURNED, True), flag(stmt, region.stop, True)]
        return result + stops + self.leave(stmt, region)

    def loop(
        self, stmt: ast.For | ast.While
    ) -> tuple[list[ast.stmt], ast.stmt, list[ast.stmt]]:
        """What goes before a loop, the loop, and what goes after it."""
        number = next(self.numbers)
        ends = self.block_ends(stmt.body)
        broke = f"{BROKE}{number}" if stmt.orelse and "break" in ends else ""
        region = Region(f"{STOP}{number}", f"{LEFT}{number}", broke)
        region.shared = _shared(stmt) if "return" in ends else None
        body = self.with_flag(self.block(stmt.body, region), region, stmt)
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        if "return" in ends:
            before = [flag(stmt, RETURNED, False)]
            start = [] if region.shared else [unbind(stmt, RESULT)]
            body = [flag(stmt, RETURNED, False), *start, *body]
            # Only an endless loop without a `break` is never left but by the return: any
            # other may run out, and then its `else` is next.
            ends_by_return = _endless(stmt) and "break" not in ends
            leave = at(stmt, ast.Return(region.shared) if region.shared else Leave(None))
            after = [
                leave if ends_by_return else at(stmt, ast.If(read(stmt, RETURNED), [leave], []))
            ]
        if region.stops:
            body = [flag(stmt, region.stop, False), *body]
        if broke:
            before.append(flag(stmt, broke, False))
            after.append(at(stmt, ast.If(read(stmt, broke), [], stmt.orelse)))
        elif not _endless(stmt):
            after += stmt.orelse
        return (
            before,
            _loop_like(stmt, body, region.stop if region.stops else ""),
            after,
        )


def _shared(loop: ast.For | ast.While) -> ast.expr | None:
    """The list that a loop changes and that each `return` in it returns.

    It is returned after the loop: a loop does not hand on one list under two names.
    """
    nodes = own_nodes(loop.body)
    values = [node.value for node in nodes if isinstance(node, ast.Return)]
    simple = (ast.Name, ast.Constant, ast.Tuple, ast.expr_context)
    parts = [n for value in values for n in (ast.walk(value) if value else ())]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    alike = len({ast.dump(value) for value in values if value}) == 1 and None not in values
    plain = all(isinstance(part, simple) for part in parts)
    if not alike or not plain or any(isinstance(n, ast.Try) for n in nodes):
        return None
    for node in nodes:
        match node:
            case ast.Attribute(ast.Name(name), _) if name in names:
                return values[0]
            case ast.Subscript(ast.Name(name), _, ast.Store()) if name in names:
                return values[0]
            case _:
                pass
    return None


def _endless(stmt: ast.For | ast.While) -> bool:
    """`while True`: it ends by an exit only."""
    test = stmt.test if isinstance(stmt, ast.While) else None
    return isinstance(test, ast.Constant) and bool(test.value)


def _loop_like(stmt: ast.For | ast.While, body: list[ast.stmt], stop: str) -> ast.stmt:
    loop: ast.For | ast.While
    if isinstance(stmt, ast.For):
        loop = at(stmt, ast.For(stmt.target, stmt.iter, body, []))
    else:
        loop = at(stmt, ast.While(stmt.test, body, []))
        loop.head = head_of(stmt)  # type: ignore[attr-defined]
    loop.stop_flag = stop  # type: ignore[union-attr]
    return loop


def may_return_none(body: list[ast.stmt]) -> bool:
    """Does a rewritten body return None somewhere, as at its end?"""
    for stmt in body:
        match stmt:
            case ast.Assign([ast.Name(id=name)], ast.Constant(None)) if name == RESULT:
                return True
            case ast.If(_, then, orelse):
                if may_return_none(then) or may_return_none(orelse):
                    return True
            case ast.For(body=inner) | ast.While(body=inner):
                if may_return_none(inner):
                    return True
            case ast.Try(body=inner, handlers=handlers):
                if may_return_none(inner) or any(may_return_none(h.body) for h in handlers):
                    return True
            case ast.With(body=inner):
                if may_return_none(inner):
                    return True
            case _:
                pass
    return False


def stop_flag(loop: ast.For | ast.While) -> str:
    """The hidden name that is true after the last pass; empty if there is none."""
    name: str = getattr(loop, "stop_flag", "")
    return name
