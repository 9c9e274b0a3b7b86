"""Branches on one condition that follow each other become one.

if b > 0.0:                              if b > 0.0:
    c = b**2                                 c = b**2
    total = total + k * c                    total = total + k * c
else:                          →             k_bar += c
    total = total - b                    else:
    c = 0.0                                  total = total - b
if b > 0.0:
    k_bar += c
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, If, Let, Stmt, Var, raises_always
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.structure import CONSUMES
from s2sad.ir.walk import defines, free_vars, rename_block, walk


def branch_once(func: Func, blocks: bool = False) -> Func:
    """The function with such branches joined, each sweep for itself.

    `blocks`: where no two of them can be expressions, which have one result.
    """
    forward = _stmts(func.body.stmts[: func.forward], blocks)
    rest = _stmts(func.body.stmts[func.forward :], blocks)
    body = replace(func.body, stmts=(*forward, *rest))
    return replace(func, body=body, forward=len(forward))


def _stmts(stmts: Sequence[Stmt], blocks: bool) -> tuple[Stmt, ...]:
    made: list[Stmt] = []
    for stmt in stmts:
        if isinstance(stmt, If) and not (blocks and len(stmt.outs) < 2):
            k = _place(made, stmt)
            if k is not None:
                first = made[k]
                assert isinstance(first, If)
                made[k] = _joined(first, stmt)
                continue
        made.append(stmt)

    def inner(block: Block) -> Block:
        return replace(block, stmts=_stmts(block.stmts, blocks))

    return tuple(map_blocks(stmt, inner) for stmt in made)


def _place(before: Sequence[Stmt], second: If) -> int | None:
    """Where the branch stands that a second one can be part of."""
    if any(map(raises_always, (second.then, second.orelse))):
        return None
    read = set(free_vars([second]))
    for k in range(len(before) - 1, -1, -1):
        first = before[k]
        if isinstance(first, If) and first.cond is second.cond:
            arms = (first.then, first.orelse)
            return None if any(map(raises_always, arms)) else k
        # It moves past what has to do with no buffer, and that it does not need.
        if not isinstance(first, Let) or first.op in (*CONSUMES, "python", "store"):
            return None
        if not read.isdisjoint(defines(first)) or _writes(second):
            return None
    return None


def _writes(stmt: If) -> bool:
    return any(
        not isinstance(inner, Let) or inner.op in (*CONSUMES, "python", "store")
        for block in (stmt.then, stmt.orelse)
        for inner in walk(block)
    )


def _joined(first: If, second: If) -> If:
    arms = []
    for one, other in ((first.then, second.then), (first.orelse, second.orelse)):
        known: dict[Var, Atom] = dict(zip(first.outs, one.yields, strict=True))
        later = rename_block(other, known)
        arms.append(Block((), (*one.stmts, *later.stmts), (*one.yields, *later.yields)))
    outs = (*first.outs, *second.outs)
    return replace(first, outs=outs, then=arms[0], orelse=arms[1])
