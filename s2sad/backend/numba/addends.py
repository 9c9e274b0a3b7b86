"""What is added to a part of an array has memory of its own.

    x[1:] += x[:-1]     →     a = x[:-1].copy();  x[1:] += a

NumPy looks whether the two overlap; Numba adds element by element.
"""

from __future__ import annotations

from s2sad.ir.node import replace
from s2sad.ir.nodes import Block, Func, Let, Stmt, Var
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.structure import may_share
from s2sad.ir.types import Array
from s2sad.ir.walk import walk
from s2sad.ops.core import PRIMITIVES


def own_addends(func: Func) -> Func:
    fresh = {
        stmt.out
        for stmt in walk(func.body)
        if isinstance(stmt, Let)
        and (stmt.op in PRIMITIVES or stmt.op in ("pick", "copy", "zeros_like") or _makes(stmt))
    }

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(new for s in old.stmts for new in stmts(s)))

    def stmts(stmt: Stmt) -> list[Stmt]:
        match stmt:
            case Let(_, "add_to", (_, Var() as value, *_)) if (
                isinstance(value.type, Array) and value not in fresh
            ):
                own = Var(value.type)
                args = (stmt.args[0], own, *stmt.args[2:])
                return [Let(own, "copy", (value,)), replace(stmt, args=args)]
            case _:
                return [map_blocks(stmt, block)]

    parts = func.body.stmts[: func.forward], func.body.stmts[func.forward :]
    forward, backward = ([new for s in part for new in stmts(s)] for part in parts)
    body = replace(func.body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


def _makes(let: Let) -> bool:
    known = let.op.startswith("np.") or let.op == "_sum_to"
    return known and not may_share(let.op)
