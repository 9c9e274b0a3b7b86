"""A `try` that is taken apart: its parts note what they raise, its handlers come after."""

from __future__ import annotations

import ast
import copy

from s2sad.frontend.normalize.carried import carried_by
from s2sad.frontend.normalize.effects import bound_by
from s2sad.frontend.normalize.hidden import CAUGHT, ERROR, assign, at, flag, read, unbind


class Split:
    """A `try` that is taken apart: what it handles, its flags, what has to be kept."""

    def __init__(self, stmt: ast.Try, number: int, live: frozenset[str]) -> None:
        self.stmt = stmt
        self.live = live
        self.flags = [f"{CAUGHT}{number}.{k}" for k in range(len(stmt.handlers))]
        self.error = f"{ERROR}{number}"

    def wrapped(self, stmts: list[ast.stmt]) -> ast.Try:
        """Statements under handlers that only note what was raised."""
        handlers = []
        for number, handler in enumerate(self.stmt.handlers):
            noted = self.noted(handler, number)
            bound = f"{self.error}.bound" if _wants_error(handler) else None
            if bound:
                noted.append(assign(handler, self.error, read(handler, bound)))
            type_ = copy.deepcopy(handler.type)
            handlers.append(at(handler, ast.ExceptHandler(type_, bound, noted)))
        body = [*stmts, *self.noted(self.stmt, None)]
        made = at(stmts[0], ast.Try(body, handlers, [], []))
        made.carried = carried_by(self.stmt)  # type: ignore[attr-defined]
        return made

    def begin(self) -> list[ast.stmt]:
        none = at(self.stmt, ast.Constant(None))
        errors = any(map(_wants_error, self.stmt.handlers))
        first = [assign(self.stmt, self.error, none)] if errors else []
        return [*first, *self.noted(self.stmt, None)]

    def noted(self, place: ast.AST, number: int | None) -> list[ast.stmt]:
        """Which handler was reached, if any."""
        return [flag(place, name, k == number) for k, name in enumerate(self.flags)]

    def unless_caught(self, place: ast.AST, stmts: list[ast.stmt]) -> list[ast.stmt]:
        for name in reversed(self.flags):
            stmts = [at(place, ast.If(read(place, name), [], stmts))] if stmts else []
        return stmts

    def if_caught(self, place: ast.AST, stmts: list[ast.stmt]) -> list[ast.stmt]:
        again: list[ast.stmt] = []
        for name in reversed(self.flags):
            again = [at(place, ast.If(read(place, name), copy.deepcopy(stmts), again))]
        return again

    def handle(self) -> list[ast.stmt]:
        chain: list[ast.stmt] = []
        pairs = list(zip(self.flags, self.stmt.handlers, strict=True))
        for name, handler in reversed(pairs):
            body = list(handler.body)
            if handler.name:
                body.insert(0, assign(handler, handler.name, read(handler, self.error)))
                body = _unbound_after(body, handler)
            if _wants_error(handler):
                body = [_named_raise(stmt, self.error) for stmt in body]
            chain = [at(handler, ast.If(read(handler, name), body, chain))]
        return chain


def _wants_error(handler: ast.ExceptHandler) -> bool:
    return handler.name is not None or any(map(_raises_again, handler.body))


def _raises_again(stmt: ast.stmt) -> bool:
    """Is there a bare `raise` of the handler that a statement stands in?"""
    match stmt:
        case ast.Raise(exc=None):
            return True
        case ast.If(_, body, orelse):
            return any(map(_raises_again, [*body, *orelse]))
        case ast.For(body=body) | ast.While(body=body) | ast.With(body=body):
            return any(map(_raises_again, body))
        case ast.Try(body=body):
            return any(map(_raises_again, body))
        case _:
            return False


def _named_raise(stmt: ast.stmt, error: str) -> ast.stmt:
    """The statement with every bare `raise` naming the exception."""
    match stmt:
        case ast.Raise(exc=None):
            return at(stmt, ast.Raise(read(stmt, error), None))
        case ast.If():
            stmt.body = [_named_raise(inner, error) for inner in stmt.body]
            stmt.orelse = [_named_raise(inner, error) for inner in stmt.orelse]
        case ast.For() | ast.While() | ast.With() | ast.Try():
            stmt.body = [_named_raise(inner, error) for inner in stmt.body]
        case _:
            pass
    return stmt


def _unbound_after(body: list[ast.stmt], handler: ast.ExceptHandler) -> list[ast.stmt]:
    """Python unbinds the name of the exception at the end of its handler."""
    assert handler.name is not None
    if any(handler.name in bound_by(stmt) for stmt in handler.body):
        body = [*body, assign(handler, handler.name, at(handler, ast.Constant(0)))]
    return [*body, unbind(handler, handler.name)]
