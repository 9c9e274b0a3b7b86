"""Reads of lists that cannot raise: L[i] in `for i in range(len(L))`, or after L[i] = v.

They may go where nothing needs what they read.
"""

from __future__ import annotations

from collections.abc import Hashable

from s2sad.ir.nodes import Atom, Block, Func, If, Let, Lit, Loop, Range, Stmt, Try, Var, While
from s2sad.ir.types import List
from s2sad.ir.walk import blocks

# They give a list of the length of their first argument.
_KEEP = frozenset({"copy", "zeros_list", "reverse_list", "id"})


def certain_reads(func: Func) -> set[Let]:
    """The reads of a function whose index is certainly in range."""
    lengths = _Lengths()
    lengths.block(func.body)
    return lengths.certain


class _Lengths:
    """`like[v]`: a list, made before v, that is as long."""

    def __init__(self) -> None:
        self.like: dict[Var, Var] = {}
        self.measured: dict[Atom, Var] = {}
        self.ranges: dict[Atom, Var] = {}
        self.certain: set[Let] = set()
        # Lists, and indices that were read or written in them before.
        self.proved: set[tuple[Var, Hashable]] = set()

    def root(self, var: Var) -> Var:
        return self.like.get(var, var)

    def block(self, block: Block) -> None:
        around = set(self.proved)
        for stmt in block.stmts:
            self.stmt(stmt)
        self.proved = around

    def note(self, list_: Var, index: Atom) -> bool:
        """Note that an index is in range after the statement at hand; was it known?"""
        fact = self.root(list_), index.key if isinstance(index, Lit) else index
        known = fact in self.proved or self.ranges.get(index) is self.root(list_)
        self.proved.add(fact)
        return known

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Let(out, "len", (Var() as list_,)):
                self.measured[out] = self.root(list_)
            case Let(_, "get", (Var() as list_, index, *rest)):
                if self.note(list_, index) and not rest:
                    self.certain.add(stmt)
            case Let(out, "set" | "acc", (Var() as list_, _, index, *_)):
                self.note(list_, index)
                self.like[out] = self.root(list_)
            case Let(out, op, (Var() as list_, *_)) if op in _KEEP:
                self.like[out] = self.root(list_)
            case Loop():
                self.loop(stmt)
            case If() | While() | Try():
                for block in blocks(stmt):
                    self.block(block)
            case _:
                pass
        if isinstance(stmt, If):
            for out, one, other in zip(
                stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=False
            ):
                if not (isinstance(one, Var) and isinstance(other, Var)):
                    continue
                if self.root(one) is self.root(other):
                    self.like[out] = self.root(one)

    def loop(self, loop: Loop) -> None:
        match loop.domain:
            case Range(Lit(0), Var() as count, Lit(1)) if count in self.measured:
                self.ranges[loop.index] = self.measured[count]
            case _:
                pass
        # Each carry keeps its length, as long as nothing shows that it does not.
        kept = {
            carry: self.root(init)
            for carry, init in zip(loop.carries, loop.inits, strict=True)
            if isinstance(init, Var) and isinstance(carry.type, List)
        }
        certain, like = set(self.certain), dict(self.like)
        while True:
            self.like = {**like, **kept}
            self.block(loop.body)
            lost = [
                carry
                for carry, following in zip(loop.carries, loop.nexts, strict=True)
                if carry in kept
                and not (isinstance(following, Var) and self.root(following) is kept[carry])
            ]
            if not lost:
                break
            for carry in lost:
                del kept[carry]
            self.certain = set(certain)
        for carry, out in zip(loop.carries, loop.outs, strict=True):
            if carry in kept:
                self.like[out] = kept[carry]
