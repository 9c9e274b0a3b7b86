"""Comparisons of names and numbers are written where they decide.

    b = x > 1.0                 if x > 1.0:
    if b: …              →          …
    …                           …
    if b: …                     if x > 1.0:

That costs what reading `b` costs, and reads better; and where the comparison stands in an
`else`, that becomes an `elif`. Not where its operands, or their names, are gone by then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from s2sad.backend.count import count_uses
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Stmt,
    Undef,
    Var,
    While,
    raises_always,
)
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import BOOL, FLOAT, INT
from s2sad.ir.walk import all_blocks, blocks, bound, defines, uses

_COMPARISONS = frozenset(("lt", "le", "gt", "ge", "eq", "ne"))

Loops = tuple[Stmt, ...]


def repeat_conditions(func: Func) -> Func:
    if not any(type(stmt) is If for block in all_blocks(func.body) for stmt in block.stmts):
        return func
    survey = _Survey(func)
    chosen: dict[Var, Let] = {}
    for let in survey.tests.values():
        readers = survey.readers(let)
        if readers:
            chosen.update(dict.fromkeys(readers, let))
    if not chosen:
        return func
    rewrite = _Rewrite(chosen)
    stmts = func.body.stmts
    forward = rewrite.stmts(stmts[: func.forward])
    reverse = rewrite.stmts(stmts[func.forward :])
    body = replace(func.body, stmts=(*forward, *reverse))
    return replace(func, body=body, forward=len(forward))


class _Survey:
    """Where everything is defined, and where truth values are read."""

    def __init__(self, func: Func) -> None:
        self.tests: dict[Var, Let] = {}
        self.at: dict[Var, int] = {}
        self.defined: dict[str, list[int]] = {}  # where variables of that hint are
        self.loops: dict[Var, Loops] = {}
        self.ends: dict[Stmt, int] = {}
        self.conds: dict[Var, list[tuple[int, Loops]]] = {}
        self.other: set[Atom] = set(func.body.yields)
        self.handed: dict[Var, list[tuple[Var, int]]] = {}
        self.position = 0
        self._define(func.params)
        self._stmts(func.body.stmts, ())
        self.counts: Counter[Var] = count_uses(func.body) if self.tests else Counter()

    def _define(self, variables: Iterable[Var]) -> None:
        self.position += 1
        for var in variables:
            self.at[var] = self.position
            if var.hint:
                self.defined.setdefault(var.hint, []).append(self.position)

    def _stmts(self, stmts: Sequence[Stmt], loops: Loops) -> None:
        for stmt in stmts:
            if isinstance(stmt, Let):
                self.other.update(stmt.args)
                if stmt.op in _COMPARISONS and not (stmt.out.user or stmt.origin):
                    self.tests[stmt.out] = stmt
                    self.loops[stmt.out] = loops
                self._define((stmt.out,))
            elif isinstance(stmt, If):
                self._if(stmt, loops)
            else:
                self.other.update(uses(stmt))
                inside = (*loops, stmt) if isinstance(stmt, Loop | While) else loops
                self._define(bound(stmt))
                for block in blocks(stmt):
                    self._define(block.params)
                    self._stmts(block.stmts, inside)
                    self.other.update(block.yields)
                self._define(defines(stmt))
                self.ends[stmt] = self.position

    def _if(self, stmt: If, loops: Loops) -> None:
        start = self.position
        if isinstance(stmt.cond, Var):
            self.conds.setdefault(stmt.cond, []).append((start, loops))
        self._stmts(stmt.then.stmts, loops)
        self._stmts(stmt.orelse.stmts, loops)
        if raises_always(stmt.then) or raises_always(stmt.orelse):
            self.other.update((*stmt.then.yields, *stmt.orelse.yields))
            self._define(stmt.outs)
            return
        for out, a, b in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True):
            value = a if isinstance(b, Undef) else b if isinstance(a, Undef) else None
            if isinstance(value, Var) and out.type == BOOL and not out.user:
                self.handed.setdefault(value, []).append((out, start))
            else:
                self.other.update((a, b))
        self._define(stmt.outs)

    def readers(self, let: Let) -> list[Var]:
        """The variables that are this comparison, if all of them only decide, and more
        than once; where one is not bound, nothing reads it."""
        found = [let.out]
        for var in found:
            for out, start in self.handed.get(var, ()):
                if any(self.at[arg] > start for arg in let.args if isinstance(arg, Var)):
                    return []
                found.append(out)
        reads = [read for var in found for read in self.conds.get(var, ())]
        if len(reads) < 2 or not self.other.isdisjoint(found):
            return []
        last = max(self._limit(let, *read) for read in reads)
        stays = all(self._stays(arg, self.at[let.out], last) for arg in let.args)
        return found if stays else []

    def _limit(self, let: Let, position: int, loops: Loops) -> int:
        """Up to where the operands have to last for a reader."""
        inner = [loop for loop in loops if loop not in self.loops[let.out]]
        return self.ends[inner[0]] if inner else position

    def _stays(self, arg: Atom, start: int, end: int) -> bool:
        if not isinstance(arg, Var):
            return isinstance(arg, Lit)
        if arg.type not in (FLOAT, INT):
            return False
        if not arg.hint:
            return self.counts[arg] > 1
        return not any(start < position <= end for position in self.defined[arg.hint])


class _Rewrite:
    def __init__(self, chosen: dict[Var, Let]) -> None:
        self.chosen = chosen

    def block(self, block: Block) -> Block:
        return replace(block, stmts=self.stmts(block.stmts))

    def stmts(self, stmts: Sequence[Stmt]) -> tuple[Stmt, ...]:
        result: list[Stmt] = []
        for stmt in stmts:
            if isinstance(stmt, Let):
                if stmt.out not in self.chosen:
                    result.append(stmt)
                continue
            stmt = map_blocks(stmt, self.block)
            if isinstance(stmt, If):
                stmt = self._without(stmt)
                let = self.chosen.get(stmt.cond) if isinstance(stmt.cond, Var) else None
                if let is not None:
                    again = replace(let, out=Var(BOOL))
                    result.append(again)
                    stmt = replace(stmt, cond=again.out)
            result.append(stmt)
        return tuple(result)

    def _without(self, stmt: If) -> If:
        """An `If` that need not hand on its comparisons."""
        kept = [k for k, out in enumerate(stmt.outs) if out not in self.chosen]
        if len(kept) == len(stmt.outs):
            return stmt
        then, orelse = (
            replace(arm, yields=tuple(arm.yields[k] for k in kept))
            for arm in (stmt.then, stmt.orelse)
        )
        return replace(stmt, outs=tuple(stmt.outs[k] for k in kept), then=then, orelse=orelse)
