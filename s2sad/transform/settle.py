"""What is settled before any call: arithmetic of whole numbers, comparisons, and the branches
that hang on them. Loops over a tuple that are written out leave them behind.

    i = 0
    b = 2 - 1                     h = h2
    if i < b:              →
        h = tanh(h)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, If, Let, Lit, Stmt, Undef, Var, raises_always
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import BOOL, INT
from s2sad.ir.walk import rename_atoms, rename_stmt

_WHOLE: dict[str, Callable[..., int]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "neg": operator.neg,
}
_TESTS: dict[str, Callable[..., bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "not_": operator.not_,
}
# Larger ones stay as they are written.
_LARGEST = 2**53


def settle(func: Func) -> Func:
    return replace(func, body=_Settler().block(func.body))


class _Settler:
    """`known`: the literals that variables stand for; `renaming`: what stands for those that
    are gone."""

    def __init__(self) -> None:
        self.known: dict[Atom, Lit] = {}
        self.renaming: dict[Var, Atom] = {}

    def block(self, block: Block) -> Block:
        stmts = tuple(made for stmt in block.stmts for made in self.stmts(stmt))
        return Block(block.params, stmts, rename_atoms(block.yields, self.renaming))

    def stmts(self, stmt: Stmt) -> Iterator[Stmt]:
        if self.renaming:
            stmt = rename_stmt(stmt, self.renaming)
        match stmt:
            case Let(out, "id", (Lit() as value,)):
                self.known[out] = value
                yield stmt
            case Let(out) if (found := self.value(stmt)) is not None:
                self.known[out] = found
                if out.user:
                    yield stmt
                else:
                    self.renaming[out] = found
            case If(outs, cond, then, orelse) if (test := self.literal(cond)) is not None:
                arm = then if test.value else orelse
                if raises_always(arm) or any(isinstance(way, Undef) for way in arm.yields):
                    yield map_blocks(stmt, self.block)
                    return
                taken = self.block(arm)
                yield from taken.stmts
                for out, way in zip(outs, taken.yields, strict=True):
                    self.renaming[out] = way
            case Let():
                yield stmt
            case _:
                yield map_blocks(stmt, self.block)

    def literal(self, atom: Atom) -> Lit | None:
        """A whole number, or what is true or false, that an atom stands for."""
        found = atom if isinstance(atom, Lit) else self.known.get(atom)
        return found if found is not None and found.type in (INT, BOOL) else None

    def value(self, let: Let) -> Lit | None:
        if let.op in _WHOLE and let.out.type == INT:
            return self.result(let, _WHOLE[let.op])
        if let.op in _TESTS and let.out.type == BOOL:
            return self.result(let, _TESTS[let.op])
        return None

    def result(self, let: Let, operation: Callable[..., int]) -> Lit | None:
        values: list[int] = []
        for arg in let.args:
            found = self.literal(arg)
            if found is None or not isinstance(found.value, int):
                return None
            values.append(found.value)
        try:
            made = operation(*values)
        except ZeroDivisionError:
            return None
        if abs(made) > _LARGEST:
            return None
        return Lit(bool(made) if let.out.type == BOOL else made, let.out.type)
