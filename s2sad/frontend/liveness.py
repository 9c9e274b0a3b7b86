"""Which names a statement hands on: what a join or a loop must carry, and no more.

Backward liveness over the normal form. For each `if`, `for` and `while`: the names that
it may bind and that are read afterwards, or by its own next pass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from s2sad.frontend.normalize.exits import stop_flag
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import APPEND, is_hidden
from s2sad.frontend.scope import names_read, names_stored


class _Flow:
    """Read before bound, surely bound, possibly bound (in order), appended to here."""

    __slots__ = ("appended", "assigned", "gen", "kill")

    def __init__(
        self,
        gen: set[str] | None = None,
        kill: set[str] | None = None,
        assigned: dict[str, None] | None = None,
        appended: dict[str, None] | None = None,
    ) -> None:
        self.gen = set() if gen is None else gen
        self.kill = set() if kill is None else kill
        self.assigned = {} if assigned is None else assigned
        self.appended = {} if appended is None else appended

    def then(self, other: _Flow) -> None:
        self.gen |= other.gen - self.kill
        self.kill |= other.kill
        self.assigned.update(other.assigned)
        self.appended.update(other.appended)


class Liveness(NamedTuple):
    """For each compound statement of a body, the names that concern it.

    `assigned` may be bound in it, `handed` are those of them that are read later,
    `appended` the lists that a loop's own passes append to; `entries` what may be read
    where a handler begins.
    """

    assigned: dict[ast.AST, tuple[str, ...]]
    handed: dict[ast.AST, tuple[str, ...]]
    appended: dict[ast.AST, tuple[str, ...]]
    entries: dict[ast.ExceptHandler, frozenset[str]]


def never_ends(stmts: Sequence[ast.stmt]) -> bool:
    """Does every path through the statements raise?"""
    match stmts[-1] if stmts else None:
        case ast.Raise():
            return True
        case ast.If(_, body, orelse):
            return never_ends(body) and never_ends(orelse)
        case ast.With(body=body):
            return never_ends(body)
        case ast.Try(body, handlers):
            return never_ends(body) and all(never_ends(handler.body) for handler in handlers)
        case _:
            return False


def appended_name(stmt: ast.AST) -> str | None:
    """The list in `name.append(value)`."""
    match stmt:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append"),
                args=[_],
                keywords=[],
            )
        ):
            return name
        case _:
            return None


# They hand nothing on that is not a plain variable.
_SIMPLE: set[type] = {ast.Assign, ast.Expr, ast.Pass}


def find_liveness(body: list[ast.stmt], results: Iterable[str], captured: set[str]) -> Liveness:
    if {*map(type, body)} <= _SIMPLE:
        return Liveness({}, {}, {}, {})
    analysis = _Analysis(captured)
    analysis.block_flow(body)
    analysis.annotate(body, {*results, *captured})
    return Liveness(analysis.assigned, analysis.handed, analysis.appended, analysis.entries)


def _constants(stmts: Sequence[ast.stmt]) -> dict[str, int]:
    """The names that statements surely end with a literal in."""
    known: dict[str, int] = {}
    for stmt in stmts:
        for name in names_stored(stmt):
            known.pop(name, None)
        match stmt:
            case ast.Assign([ast.Name(id=name)], ast.Constant(value=bool() | int() as value)):
                known[name] = value
            case _:
                pass
    return known


def _decided(test: ast.expr, known: dict[str, int]) -> bool | None:
    match test:
        case ast.Name(id=name) if name in known:
            return bool(known[name])
        case ast.Compare(
            ast.Name(id=name), [ast.Eq()], [ast.Constant(value=int() as value)]
        ) if name in known:
            return known[name] == value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            truth = _decided(operand, known)
            return None if truth is None else not truth
        case _:
            return None


class _Analysis:
    def __init__(self, captured: set[str]) -> None:
        self.captured = captured
        self.flows: dict[ast.AST, _Flow] = {}
        self.passes: dict[ast.AST, _Flow] = {}
        self.assigned: dict[ast.AST, tuple[str, ...]] = {}
        self.handed: dict[ast.AST, tuple[str, ...]] = {}
        self.appended: dict[ast.AST, tuple[str, ...]] = {}
        self.entries: dict[ast.ExceptHandler, frozenset[str]] = {}

    def block_flow(self, stmts: Sequence[ast.stmt]) -> _Flow:
        flow = _Flow()
        for stmt in stmts:
            self.flows[stmt] = self.flow(stmt)
            flow.then(self.flows[stmt])
        return flow

    def flow(self, stmt: ast.stmt) -> _Flow:
        match stmt:
            case ast.If(test, body, orelse):
                return self._if_flow(test, self.block_flow(body), self.block_flow(orelse))
            case ast.For(target, source, body):
                inner = self.passes[stmt] = self.block_flow(body)
                return self._loop_flow(source, names_stored(target), inner)
            case ast.While(test, body):
                inner = self.passes[stmt] = self.block_flow(body)
                flow = self.block_flow(head_of(stmt))
                flow.then(self._loop_flow(test, {}, inner))
                # What the head binds is read by the condition only.
                return _Flow(flow.gen, set(), flow.assigned)
            case ast.Try(body, handlers):
                return self._try_flow(body, handlers)
            case ast.With(items, body):
                flow = _Flow()
                for item in items:
                    flow.then(_Flow(names_read(item), set(), names_stored(item)))
                flow.then(self.block_flow(body))
                return flow
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                return _Flow(names_read(stmt), {name}, {name: None})
            case ast.Assign(targets=targets) if all(isinstance(t, ast.Name) for t in targets):
                stored = {t.id: None for t in targets if isinstance(t, ast.Name)}
                stored.update(names_stored(stmt.value))
                return _Flow(names_read(stmt.value), set(stored), stored)
            case _:
                return self._plain_flow(stmt)

    def _plain_flow(self, stmt: ast.stmt) -> _Flow:
        name = appended_name(stmt)
        if name is not None:
            slot = APPEND + name
            flow = _Flow(names_read(stmt) | {slot}, set(), {slot: None}, {name: None})
            flow.assigned.update(names_stored(stmt))
            return flow
        stored = names_stored(stmt)
        return _Flow(names_read(stmt), set(stored), stored)

    def _if_flow(self, test: ast.expr, then: _Flow, orelse: _Flow) -> _Flow:
        flow = _Flow(names_read(test), set(), names_stored(test))
        both = _Flow(
            then.gen | orelse.gen,
            then.kill & orelse.kill,
            {**then.assigned, **orelse.assigned},
            {**then.appended, **orelse.appended},
        )
        flow.then(both)
        return flow

    def _try_flow(self, body: list[ast.stmt], handlers: list[ast.ExceptHandler]) -> _Flow:
        """A handler reads what was bound before the `try`: nothing of the body."""
        arms = [(self.block_flow(body), body)]
        for handler in handlers:
            caught = self.block_flow(handler.body)
            caught.gen.discard(handler.name or "")
            arms.append((caught, handler.body))
        ends = [flow.kill for flow, stmts in arms if not never_ends(stmts)]
        flow = _Flow(kill=set.intersection(*ends) if ends else set())
        for arm, _ in arms:
            flow.gen |= arm.gen
            flow.assigned.update(arm.assigned)
            flow.appended.update(arm.appended)
        for handler in handlers:
            if handler.name:
                flow.assigned[handler.name] = None
                flow.kill.discard(handler.name)
            flow.gen |= names_read(handler.type) if handler.type else set()
        return flow

    def _loop_flow(self, head: ast.expr, targets: dict[str, None], body: _Flow) -> _Flow:
        # Only the names matter that survive the loop: its lists are bound by it.
        slots = {APPEND + name for name in body.appended}
        names = {**targets, **names_stored(head), **body.assigned}
        assigned = {name: None for name in names if name not in slots}
        gen = names_read(head) | (body.gen - set(targets))
        return _Flow(gen - slots, set(), assigned)

    def annotate(self, stmts: Sequence[ast.stmt], live: set[str]) -> None:
        """Walk a block backward; `live` is what is read after it, then before it."""
        end = set(live)
        for position, stmt in reversed(list(enumerate(stmts))):
            flow = self.flows[stmt]
            match stmt:
                case ast.If(_, body, orelse):
                    handed = self._note(stmt, flow, live)
                    self.annotate(body, set(handed))
                    self.annotate(orelse, set(handed))
                case ast.For(body=body) | ast.While(body=body):
                    self._annotate_loop(stmt, body, flow, live)
                case ast.Try(body, handlers):
                    handed = self._note(stmt, flow, live)
                    self.annotate(body, set(handed))
                    for handler in handlers:
                        entry = set(handed)
                        known = _constants(handler.body)
                        if known:
                            entry &= self._read_after(stmts[position + 1 :], known, end)
                        self.annotate(handler.body, entry)
                        self.entries[handler] = frozenset(entry - {handler.name})
                case ast.With(body=body):
                    handed = self._note(stmt, flow, live)
                    self.annotate(body, set(handed))
                case _:
                    pass
            live -= flow.kill - self.captured
            live |= flow.gen

    def _read_after(
        self, stmts: Sequence[ast.stmt], known: dict[str, int], live: set[str]
    ) -> set[str]:
        """What statements read where some flags are known, and what is live after them."""
        after = set(live)
        for flow in reversed(list(self._reached(stmts, known))):
            after -= flow.kill - self.captured
            after |= flow.gen
        return after

    def _reached(self, stmts: Sequence[ast.stmt], known: dict[str, int]) -> Iterable[_Flow]:
        for stmt in stmts:
            truth = _decided(stmt.test, known) if isinstance(stmt, ast.If) else None
            if truth is None:
                yield self.flows[stmt]
                for name in self.flows[stmt].assigned:
                    known.pop(name, None)
            else:
                assert isinstance(stmt, ast.If)
                yield from self._reached(stmt.body if truth else stmt.orelse, known)

    def _annotate_loop(
        self,
        stmt: ast.For | ast.While,
        body: list[ast.stmt],
        flow: _Flow,
        live: set[str],
    ) -> None:
        handed = set(self._note(stmt, flow, live | flow.gen))
        inner = self.passes[stmt]
        self.appended[stmt] = tuple(inner.appended)
        handed |= {APPEND + name for name in inner.appended}
        handed |= {stop_flag(stmt)} - {""}
        self.annotate(body, handed)
        if isinstance(stmt, ast.While):
            self.annotate(head_of(stmt), handed | names_read(stmt.test))

    def _note(self, stmt: ast.stmt, flow: _Flow, live: set[str]) -> tuple[str, ...]:
        # The user's names first: where two names hold the same value, theirs is kept.
        ordered = sorted(flow.assigned, key=is_hidden)
        self.assigned[stmt] = tuple(ordered)
        self.handed[stmt] = tuple(name for name in ordered if name in live)
        return self.handed[stmt]
