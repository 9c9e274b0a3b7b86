"""Which variables may be unbound: assigned on some paths only."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.errors import assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Loop,
    Raise,
    Stmt,
    Try,
    Undef,
    Var,
    While,
)
from s2sad.ir.walk import blocks, defines


def maybe_unbound(func: Func) -> set[Var]:
    """The variables of a function that some path leaves without a value."""
    unbound: set[Var] = set()
    _block(func.body, unbound)
    if unbound:
        _read(func.body, unbound)
    return unbound


def _read(block: Block, unbound: set[Var]) -> None:
    """What is read in the block that it is made in has a value where the block has run."""
    made: set[Atom] = {*block.params}
    for stmt in block.stmts:
        if isinstance(stmt, Let):
            unbound.difference_update(arg for arg in stmt.args if arg in made)
        for inner in blocks(stmt):
            _read(inner, unbound)
        made.update(defines(stmt))


def _block(block: Block, unbound: set[Var]) -> None:
    for stmt in block.stmts:
        if type(stmt) is not Let:
            _stmt(stmt, unbound)


def _stmt(stmt: Stmt, unbound: set[Var]) -> None:
    match stmt:
        case If(outs, _, then, orelse):
            for arm in (then, orelse):
                _block(arm, unbound)
                _flow(arm.yields, outs, unbound)
        case Try(outs, _, body, handlers):
            for block in (body, *(handler.block for handler in handlers)):
                _block(block, unbound)
                _flow(block.yields, outs, unbound)
        case Loop() | While():
            _flow(stmt.inits, stmt.carries, unbound)
            while True:
                before = len(unbound)
                _block(stmt.body, unbound)
                _flow(stmt.nexts, stmt.carries, unbound)
                if len(unbound) == before:
                    break
            _flow(stmt.carries, stmt.outs, unbound)
            if isinstance(stmt, While):
                _block(stmt.cond, unbound)
        case Let() | Call() | Raise():
            # To read an unbound variable raises: what comes out is bound.
            pass
        case _:
            assert_never(stmt)


def _flow(sources: Sequence[Atom], targets: Sequence[Var], unbound: set[Var]) -> None:
    for source, target in zip(sources, targets, strict=True):
        if isinstance(source, Undef) or source in unbound:
            unbound.add(target)
