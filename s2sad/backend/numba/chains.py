"""Chains of element-wise operations: what is pending until it ends in a loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from s2sad.backend.numba.aliases import Aliases
from s2sad.backend.numba.sizes import ELEMENTWISE
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Stmt, Var
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT, Array, Type
from s2sad.ir.walk import walk


def without_views(stmts: Iterable[Stmt], read: set[Atom]) -> list[Stmt]:
    """Statements without the views whose elements are read in the array itself."""

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(without_views(old.stmts, read)))

    return [
        map_blocks(stmt, block)
        for stmt in stmts
        if not (isinstance(stmt, Let) and stmt.op == "view" and stmt.out not in read)
    ]


def is_elementwise(let: Let) -> bool:
    if let.op not in ELEMENTWISE or not is_floats(let.out.type):
        return False
    if let.op == "pow" and not isinstance(let.args[1], Lit):
        return False
    return all(is_floats(arg.type) or arg.type in (FLOAT, INT) for arg in let.args)


def is_floats(type_: Type) -> bool:
    return isinstance(type_, Array) and type_.dtype == FLOAT and len(type_.dims) > 0


def read_at_once(func: Func) -> Counter[Atom]:
    """How often elements of arrays are read where the array is: nothing keeps the array."""
    found: Counter[Atom] = Counter()
    for stmt in walk(func.body):
        if isinstance(stmt, Let) and (is_elementwise(stmt) or stmt.op in ("put", "add_to")):
            found.update(stmt.args if stmt.op in ELEMENTWISE else stmt.args[1:])
    return found


class Chains:
    def __init__(self, func: Func) -> None:
        self.aliases = Aliases(func)
        self.pending: dict[Atom, Let] = {}

    def chain(self, atom: Atom) -> list[Var]:
        """What is pending of a value."""
        if not isinstance(atom, Var) or atom not in self.pending:
            return []
        return [atom, *(v for arg in self.pending[atom].args for v in self.chain(arg))]

    def leaves(self, atom: Atom) -> list[Var]:
        """The arrays that a chain reads."""
        if not isinstance(atom, Var) or not isinstance(atom.type, Array):
            return []
        let = self.pending.get(atom)
        if let is None:
            return [atom]
        return list(dict.fromkeys(leaf for arg in let.args for leaf in self.leaves(arg)))

    def reads(self, atom: Atom, target: Atom) -> bool:
        return any(self.aliases.same(leaf, target) for leaf in self.leaves(atom))

    def drop(self, atom: Atom) -> list[Let]:
        """The statements of a chain, which are pending no longer."""
        let = self.pending.pop(atom, None) if isinstance(atom, Var) else None
        if let is None:
            return []
        return [*(one for arg in let.args for one in self.drop(arg)), let]
