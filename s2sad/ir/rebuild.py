"""Rebuilding statements around changed blocks."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.errors import assert_never
from s2sad.ir.node import replace
from s2sad.ir.nodes import Block, Call, Handler, If, Let, Loop, Raise, Stmt, Try, While


def map_blocks(stmt: Stmt, change: Callable[[Block], Block]) -> Stmt:
    """The statement with each of its blocks changed."""
    match stmt:
        case Let() | Call() | Raise():
            return stmt
        case If(then=then, orelse=orelse):
            return replace(stmt, then=change(then), orelse=change(orelse))
        case Loop(body=body):
            return replace(stmt, body=change(body))
        case While(cond=cond, body=body):
            return replace(stmt, cond=change(cond), body=change(body))
        case Try(body=body, handlers=handlers):
            handled = tuple(Handler(h.exc, change(h.block)) for h in handlers)
            return replace(stmt, body=change(body), handlers=handled)
        case _:
            assert_never(stmt)
