"""Calls that may give None, where a number or a tuple is needed.

    y = h(x) * 2.0    ->    if x > 0:                  the raise stands on the paths
                                y = …                  that give None, where these are
                            else:                      just before; else a test of its
                                raise TypeError(…)     own stands here

What the program has asked already, `if y is None: return …`, is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from s2sad.ir.nodes import Atom, Block, If, Let, Lit, Stmt, Undef, Var
from s2sad.ir.types import NONE

Raising: TypeAlias = "Callable[[], tuple[Stmt, ...]]"


def raising_where_none(stmt: Stmt, flag: Var, raising: Raising) -> If | None:
    """The `If` that gives `flag`, with a raise where it is false or None; None where a
    path does not tell."""
    if not isinstance(stmt, If) or flag not in stmt.outs:
        return None
    k = stmt.outs.index(flag)
    then, orelse = (_raising(block, k, raising) for block in (stmt.then, stmt.orelse))
    if then is None or orelse is None:
        return None
    return If(stmt.outs, stmt.cond, then, orelse, stmt.loc)


def _raising(block: Block, k: int, raising: Raising) -> Block | None:
    given = block.yields[k]
    if is_absent(given):
        gone = tuple(Undef(atom.type) for atom in block.yields)
        return Block(block.params, (*block.stmts, *raising()), gone)
    if isinstance(given, Lit | Undef) or any(_packs(stmt, given) for stmt in block.stmts):
        return block
    if not block.stmts or not isinstance(given, Var):
        return None
    inner = raising_where_none(block.stmts[-1], given, raising)
    if inner is None:
        return None
    return Block(block.params, (*block.stmts[:-1], inner), block.yields)


def _packs(stmt: Stmt, atom: Atom) -> bool:
    """Is it a tuple that is made here?"""
    return isinstance(stmt, Let) and stmt.out is atom and stmt.op == "tuple"


def is_absent(atom: Atom) -> bool:
    return isinstance(atom, Lit) and (atom.value is False or atom.type == NONE)
