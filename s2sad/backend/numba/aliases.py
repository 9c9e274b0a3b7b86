"""Which arrays may share memory: those that are connected by a view, a write, a loop."""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Block, Call, Func, If, Let, Lit, Loop, Try, Var, While
from s2sad.ir.structure import CONSUMES, may_share
from s2sad.ir.types import Array, List, Tuple, Type
from s2sad.ir.walk import blocks, bound, defines, uses, walk
from s2sad.ops.core import PRIMITIVES

_APART = frozenset(("pick", "copy", "zeros_like", "repeat", "dim", "shape", "len", "get"))


class Aliases:
    """`views`: how an array is made as a part of another."""

    def __init__(self, func: Func) -> None:
        self.views: dict[Atom, Let] = {}
        self._above: dict[Atom, Atom] = {}
        self._version: dict[Atom, Atom] = {}
        self._loops: dict[Atom, tuple[Atom, Atom, Atom]] = {}  # carry, next, init
        for stmt in walk(func.body):
            match stmt:
                case Let(out, "view", (base, *_)):
                    self.views[out] = stmt
                    self._join(out, base)
                case Let(out, op, args) if op in CONSUMES:
                    self._version[out] = args[0]
                    self._join(out, *args[: 1 if isinstance(out.type, Array) else 2])
                case Let(out, op, args):
                    if _holds(out.type) and not _is_apart(op, out):
                        self._join(out, *args)
                case Loop():
                    self._scan(stmt)
                    for seq, element in zip(stmt.seqs, stmt.elements, strict=True):
                        self._join(seq.list, element)
                case While():
                    self._scan(stmt)
                case If(outs, _, then, orelse):
                    for group in zip(outs, then.yields, orelse.yields, strict=False):
                        self._join(*group)
                case _:
                    inner = [atom for block in blocks(stmt) for atom in _of(block)]
                    assert isinstance(stmt, Call | Try) or not inner
                    self._join(*defines(stmt), *bound(stmt), *uses(stmt), *inner)

    def _scan(self, stmt: Loop | While) -> None:
        for out, *group in zip(stmt.outs, stmt.carries, stmt.nexts, stmt.inits, strict=True):
            self._join(out, *group)
            self._loops[out] = (group[0], group[1], group[2])
        for pair in zip(stmt.lists, stmt.recorded, strict=True):
            self._join(*pair)

    def _join(self, *atoms: Atom) -> None:
        held = [atom for atom in atoms if isinstance(atom, Var) and _holds(atom.type)]
        for atom in held[1:]:
            one, other = self._top(held[0]), self._top(atom)
            if one is not other:
                self._above[one] = other

    def _top(self, atom: Atom) -> Atom:
        while atom in self._above:
            atom = self._above[atom]
        return atom

    def same(self, one: Atom, other: Atom) -> bool:
        return self._top(one) is self._top(other)

    def view(self, part: Var, pick: Let) -> Let:
        """A new view, of what a statement reads."""
        made = Let(part, "view", pick.args, pick.loc, pick.origin)
        self.views[part] = made
        self._join(part, pick.args[0])
        return made

    def is_part(self, one: Atom, other: Atom) -> bool:
        """Are two views, of one array, the same part of it?"""
        made, written = self.views.get(one), self.views.get(other)
        if made is None or written is None:
            return False
        return list(map(_key, made.args[1:])) == list(map(_key, written.args[1:]))

    def root(self, atom: Atom) -> Atom:
        """The first version of a buffer in its block."""
        while True:
            if atom in self._version:
                atom = self._version[atom]
                continue
            carry, after, init = self._loops.get(atom, (None, atom, None))
            if init is None or self.root(after) is not carry:
                return atom
            atom = init


def _key(atom: Atom) -> object:
    return atom.key if isinstance(atom, Lit) else atom


def _of(block: Block) -> tuple[Atom, ...]:
    return (*block.params, *block.yields)


def _holds(type_: Type) -> bool:
    return isinstance(type_, Array | List | Tuple)


def _is_apart(op: str, out: Var) -> bool:
    if op in _APART:
        return not (op == "get" and _holds(out.type))
    return op in PRIMITIVES or ("." in op and not may_share(op)) or op == "_sum_to"
