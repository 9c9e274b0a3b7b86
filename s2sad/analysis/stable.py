"""Elements that keep the value that was read, though their list is written to.

    for i in range(1, n):
        a[i] = a[i - 1] * x         a[i - 1] is still there at the end: later passes
                                    write to other elements

A read of an element is *stable* where no write that runs later meets it: none in the rest
of the pass, in a later pass of a loop around, or after the outermost loop. Two elements
are told apart by an index in which they are i + d and i + c, i the index of a loop that
counts up from a literal, so that none of them counts from the end (the affine subscript
tests of dependence analysis; Kennedy & Allen 2002, chapter 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s2sad.analysis.frozen import Shared, may_hold_buffer
from s2sad.ir.nodes import Atom, Block, Func, If, Let, Lit, Loop, Range, Stmt, Var
from s2sad.ir.types import Array, List
from s2sad.ir.walk import free_vars

_READS = frozenset(
    {"get", "len", "count", "copy", "zeros_list", "zeros_like", "list_sum", "slice", "concat"}
)

# Numbers of statements, and of arms or bodies, on the way from the outermost loop.
Path = tuple[int, ...]


class Affine(NamedTuple):
    """base + offset, 0 or more: `base` is the index of a loop, None for a literal."""

    base: Var | None
    offset: int


class Access(NamedTuple):
    """A read or write of an element; an index that is not affine is None."""

    let: Let
    at: tuple[Affine | None, ...]
    path: Path
    loops: tuple[Loop, ...]


def stable_reads(func: Func, shared: Shared) -> dict[Var, Var]:
    """The stable reads of a function: the version at the end that has the element too."""
    found: dict[Var, Var] = {}
    for stmt in func.body.stmts:
        if not isinstance(stmt, Loop):
            continue
        for carry, out in zip(stmt.carries, stmt.outs, strict=True):
            known = isinstance(carry.type, List | Array) and out not in shared.written
            if known and carry in shared.written:
                family = _Family(stmt, carry)
                if family.understood:
                    found.update(dict.fromkeys(family.stable(), out))
    return found


class _Family:
    """The versions of one buffer inside a loop that carries it."""

    def __init__(self, loop: Loop, carry: Var) -> None:
        self.versions: set[Atom] = {carry}
        self.reads: list[Access] = []
        self.writes: list[Access] = []
        self.sums: dict[Atom, tuple[Atom, int]] = {}
        self.starts: dict[Var, int] = {}
        self.grows = False
        self.understood = True
        self.body(loop, (), ())

    def stable(self) -> list[Var]:
        return [
            read.let.out
            for read in self.reads
            # What counts from the end of a list that grows finds another element later.
            if not (self.grows and read.at[0] is None)
            and all(_untouched(read, write) for write in self.writes)
        ]

    def body(self, loop: Loop, path: Path, loops: tuple[Loop, ...]) -> None:
        match loop.domain:
            case Range(Lit(int() as start), _, Lit(1), False):
                self.starts[loop.index] = start
            case _:
                pass
        self.block(loop.body, path, (*loops, loop))
        for carry, following in zip(loop.carries, loop.nexts, strict=True):
            if (carry in self.versions) != (following in self.versions):
                self.understood = False
        if not self.versions.isdisjoint(loop.recorded):
            self.understood = False

    def block(self, block: Block, path: Path, loops: tuple[Loop, ...]) -> None:
        for k, stmt in enumerate(block.stmts):
            self.stmt(stmt, (*path, k), loops)

    def stmt(self, stmt: Stmt, path: Path, loops: tuple[Loop, ...]) -> None:
        match stmt:
            case Let():
                self.let(stmt, path, loops)
            case Loop(outs, _, _, _, inits):
                for out, carry, init in zip(outs, stmt.carries, inits, strict=True):
                    if init in self.versions:
                        self.versions.update((out, carry))
                self.body(stmt, (*path, 0), loops)
            case If(outs, _, then, orelse):
                self.block(then, (*path, 0), loops)
                self.block(orelse, (*path, 1), loops)
                for out, one, other in zip(outs, then.yields, orelse.yields, strict=True):
                    both = one in self.versions, other in self.versions
                    if all(both):
                        self.versions.add(out)
                    elif any(both):
                        self.understood = False
            case _:
                # A call or a handler may do anything.
                if not self.versions.isdisjoint(free_vars([stmt])):
                    self.understood = False

    def let(self, let: Let, path: Path, loops: tuple[Loop, ...]) -> None:
        match let:
            case Let(out, "add", (Var() as x, Lit(int() as c))):
                self.sums[out] = x, c
            case Let(out, "add", (Lit(int() as c), Var() as x)):
                self.sums[out] = x, c
            case Let(out, "sub", (Var() as x, Lit(int() as c))):
                self.sums[out] = x, -c
            case _:
                pass
        if self.versions.isdisjoint(let.args):
            return
        buffer, *rest = let.args
        if buffer not in self.versions or not self.versions.isdisjoint(rest):
            self.understood = False
        elif let.op in ("set", "acc"):
            self.versions.add(let.out)
            self.writes.append(Access(let, self.index(rest[1:]), path, loops))
        elif let.op == "append" and len(let.args) == 2:
            self.grows = True
            self.versions.add(let.out)
        elif let.op == "get" and not may_hold_buffer(let.out.type):
            self.reads.append(Access(let, self.index(rest), path, loops))
        elif let.op not in _READS:
            self.understood = False

    def index(self, atoms: Sequence[Atom]) -> tuple[Affine | None, ...]:
        return tuple(map(self.affine, atoms))

    def affine(self, atom: Atom) -> Affine | None:
        match atom:
            case Lit(int() as value):
                return Affine(None, value) if value >= 0 else None
            case _:
                base, offset = self.sums.get(atom, (atom, 0))
                if not isinstance(base, Var) or base not in self.starts:
                    return None
                return Affine(base, offset) if self.starts[base] + offset >= 0 else None


def _untouched(read: Access, write: Access) -> bool:
    """Does a write never meet, after a read, the element that was read?"""
    common = [loop for loop in read.loops if loop in write.loops]
    bases: list[Var | None] = [None]
    for loop in common:
        # In a later pass the index is greater; those of the loops around are the same.
        if not (_differ(read, write, bases) or _behind(read, write, loop.index)):
            return False
        bases.append(loop.index)
    return not _follows(write.path, read.path) or _differ(read, write, bases)


def _differ(read: Access, write: Access, bases: Sequence[Var | None]) -> bool:
    return any(
        p is not None and q is not None and p.base is q.base and p.base in bases and p != q
        for p, q in zip(read.at, write.at, strict=False)
    )


def _behind(read: Access, write: Access, index: Var) -> bool:
    return any(
        p is not None and q is not None and p.base is q.base is index and p.offset <= q.offset
        for p, q in zip(read.at, write.at, strict=False)
    )


def _follows(later: Path, earlier: Path) -> bool:
    """Does one statement run after another in the same pass? Two arms never both run."""
    for level, (a, b) in enumerate(zip(later, earlier, strict=False)):
        if a != b:
            return level % 2 == 0 and a > b
    return False
