"""Names that a `try` reads though they may be unbound.

Python raises NameError where such a name is read. What is emitted may read it elsewhere,
so that a handler for it could be missed: `find_unsure` tells the first such read in the
body of each `try` of a normal form. Flags are followed: where `caught` is false, what the
`try` bound is there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from s2sad.frontend.normalize.effects import bound_by, first_raising, walruses
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import is_hidden
from s2sad.frontend.scope import names_stored, own_nodes

Names: TypeAlias = frozenset[str]


class State(NamedTuple):
    """The names that are bound, and those that are so if a flag has a value.

    None stands for a value that the flag has not.
    """

    bound: Names
    given: dict[tuple[str, bool], Names | None]

    def plus(self, names: Iterable[str]) -> State:
        changed = frozenset(names)
        given = {key: more for key, more in self.given.items() if key[0] not in changed}
        return State(self.bound | changed, given)

    def without(self, names: Iterable[str]) -> State:
        gone = frozenset(names)
        given = {
            key: None if more is None else more - gone
            for key, more in self.given.items()
            if key[0] not in gone
        }
        return State(self.bound - gone, given)

    def where(self, test: ast.expr, truth: bool) -> State | None:
        """The state where a test has that truth; None if it never has."""
        match test:
            case ast.Constant(value=value):
                return self if bool(value) == truth else None
            case ast.Name(id=name):
                more = self.given.get((name, truth), frozenset())
                return None if more is None else State(self.bound | more, self.given)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.where(operand, not truth)
            case ast.BoolOp(op=op, values=parts) if isinstance(op, ast.And) == truth:
                state: State | None = self
                for part in parts:
                    state = state and state.where(part, truth)
                return state
            case _:
                return self

    def assigned(self, name: str, value: ast.expr) -> State:
        after = self.plus([name])
        match value:
            case ast.Constant(value=bool(truth)):
                after.given[name, truth] = frozenset()
                after.given[name, not truth] = None
            case ast.Name(id=other):
                for truth in (True, False):
                    if (other, truth) in self.given:
                        after.given[name, truth] = self.given[other, truth]
            case _:
                pass
        return after


def meet(a: State | None, b: State | None) -> State | None:
    """What is known where two paths meet."""
    if a is None or b is None:
        return b if a is None else a
    bound = a.bound & b.bound
    given: dict[tuple[str, bool], Names | None] = {}
    for key in a.given.keys() | b.given.keys():
        one, two = (
            None if (more := state.given.get(key, frozenset())) is None else state.bound | more
            for state in (a, b)
        )
        known = two if one is None else one if two is None else one & two
        if known is None or known - bound:
            given[key] = known
    return State(bound, given)


def find_unsure(body: list[ast.stmt], params: Iterable[ast.arg]) -> dict[ast.Try, ast.Name]:
    names = frozenset(n for stmt in body for n in bound_by(stmt) if not is_hidden(n))
    analysis = _Unsure(names)
    analysis.block(body, State(frozenset(arg.arg for arg in params), {}))
    return analysis.found


class _Unsure:
    def __init__(self, local: Names) -> None:
        self.local = local
        self.found: dict[ast.Try, ast.Name] = {}
        self.around: list[ast.Try] = []

    def reads(self, node: ast.AST, bound: Names) -> None:
        if not self.around:
            return
        for inner in own_nodes([node]):
            match inner:
                case ast.Name(id=name, ctx=ast.Load()) if name in self.local - bound:
                    for stmt in self.around:
                        self.found.setdefault(stmt, inner)
                case _:
                    pass

    def block(self, stmts: list[ast.stmt], state: State | None) -> State | None:
        for stmt in stmts:
            if state is None:
                return None
            state = self.stmt(stmt, state)
        return state

    def stmt(self, stmt: ast.stmt, state: State) -> State | None:
        match stmt:
            case ast.If(test, body, orelse):
                self.reads(test, state.bound)
                state = state.plus(walruses(test))
                return meet(
                    self.block(body, state.where(test, True)),
                    self.block(orelse, state.where(test, False)),
                )
            case ast.For(target, source, body):
                self.reads(source, state.bound)
                inside = self.unsettled(state, stmt).plus(names_stored(target))
                return meet(state, self.block(body, inside))
            case ast.While(test, body):
                inside = self.unsettled(state, stmt)
                first = self.block(head_of(stmt), inside) or inside
                self.reads(test, first.bound)
                first = first.plus(walruses(test))
                return meet(state, self.block(body, first.where(test, True)))
            case ast.Try(body, handlers):
                self.around.append(stmt)
                end = self.block(body, state)
                self.around.pop()
                # What cannot raise has run where a handler does.
                first = self.silently(body[: first_raising(body)], state)
                caught = self.unsettled(first, stmt)
                for handler in handlers:
                    name = [handler.name] if handler.name else []
                    after = self.block(handler.body, caught.plus(name))
                    end = meet(end, after and after.without(name))
                return end
            case ast.With(items, body):
                for item in items:
                    self.reads(item, state.bound)
                    state = state.plus(names_stored(item))
                return self.block(body, state)
            case ast.Raise():
                self.reads(stmt, state.bound)
                return None
            case ast.Delete():
                return state.without(bound_by(stmt))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.reads(value, state.bound | walruses(value))
                return state.plus(walruses(value)).assigned(name, value)
            case _:
                self.reads(stmt, state.bound | walruses(stmt))
                return state.plus(bound_by(stmt))

    def silently(self, stmts: list[ast.stmt], state: State) -> State:
        around, self.around = self.around, []
        after = self.block(stmts, state)
        self.around = around
        return after or state

    def unsettled(self, state: State, stmt: ast.stmt) -> State:
        """The state without what is known of flags that a statement may change."""
        changed = bound_by(stmt)
        given = {key: more for key, more in state.given.items() if key[0] not in changed}
        return State(state.bound, given)
