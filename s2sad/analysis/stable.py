"""Parts that keep the value that was read, though their array or list is written to.

    for i in range(1, n):
        a[i] = a[i - 1] * x               a[i - 1] is still there at the end: later passes
                                          write to other elements
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[j, :j]       j > every column of A[i, :j]

A read of a part is *stable* where no write that runs later meets it: none in the rest of
the pass, in a later pass of a loop around, or after the outermost loop. So is a value that
is written, if nothing is written over it. Two parts are told apart along one axis by bounds
of their indices: sums of an index of a loop that counts from a literal, or from such an
index, and a literal, so that none of them counts from the end; an inner index lies in its
range (the affine subscript tests of dependence analysis; Kennedy & Allen 2002, chapter 3).
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from s2sad.analysis.frozen import Shared, may_hold_buffer
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, If, Let, Lit, Loop, Range, Stmt, Var
from s2sad.ir.structure import STRUCTURE, is_turn, may_share
from s2sad.ir.types import FLOAT, INT, Array, List
from s2sad.ir.walk import free_vars

_READS = frozenset(
    {"get", "len", "count", "copy", "zeros_list", "zeros_like", "list_sum", "slice", "concat"}
    | {"view", "pick", "shape", "dim"}
)
_PARTS_WRITTEN = frozenset({"put", "add_to", "add_at"})

# Numbers of statements, and of arms or bodies, on the way from the outermost loop.
Path = tuple[int, ...]


class Affine(NamedTuple):
    """base + offset, 0 or more: `base` is the index of a loop, None for a literal."""

    base: Var | None
    offset: int


class Span(NamedTuple):
    """The indices along an axis, from `first` to `last`; None where there is no bound."""

    first: Affine | None
    last: Affine | None


class Access(NamedTuple):
    """A read or write of a part, by its span along each axis that is known."""

    let: Let
    at: tuple[Span, ...]
    path: Path
    loops: tuple[Loop, ...]


WHOLE = Span(Affine(None, 0), None)


def stable_reads(func: Func, shared: Shared) -> dict[Var, Let]:
    """The stable values of a function: what reads each of the version at the end."""
    found: dict[Var, Let] = {}
    for stmt in func.body.stmts:
        if not isinstance(stmt, Loop):
            continue
        for carry, out in zip(stmt.carries, stmt.outs, strict=True):
            known = isinstance(carry.type, List | Array) and out not in shared.written
            if known and carry in shared.written:
                family = _Family(stmt, carry)
                if family.understood:
                    found.update(family.stable(out))
    return found


class _Family:
    """The versions of one buffer inside a loop that carries it."""

    def __init__(self, loop: Loop, carry: Var) -> None:
        self.versions: set[Atom] = {carry}
        self.reads: list[Access] = []
        self.writes: list[Access] = []
        self.sums: dict[Atom, tuple[Atom, int]] = {}
        # The indices of loops, what they are at least by a literal, and their ranges.
        self.least: dict[Var, int] = {}
        self.spans: dict[Var, Span] = {}
        self.descending: set[Var] = set()
        # The block that each value is made in.
        self.home: dict[Var, Path] = {}
        self.grows = False
        self.understood = True
        self.body(loop, (), ())

    def stable(self, out: Var) -> dict[Var, Let]:
        found: dict[Var, Let] = {}
        for write in self.writes:
            again = self.read_back(write.let, out)
            # Wherever the value is made, it is written.
            made = again is not None and self.home.get(again.out) == write.path[:-1]
            if again is not None and made and self.found_again(again) and self.kept(write):
                found[again.out] = again
        for read in self.reads:
            # What counts from the end of a list that grows finds another element later.
            counted = isinstance(out.type, Array) or read.at[0] != WHOLE
            if self.grows and not counted:
                continue
            if self.found_again(read.let) and self.kept(read):
                found[read.let.out] = replace(read.let, args=(out, *read.let.args[1:]))
        return found

    def read_back(self, write: Let, out: Var) -> Let | None:
        """What reads a value that was written, if it is stored as it is."""
        buffer, value, *place = write.args
        if not isinstance(value, Var) or not isinstance(buffer.type, Array):
            return None
        if write.op == "set" and value.type == FLOAT and buffer.type.dtype == FLOAT:
            return Let(value, "get", (out, *place), write.loc)
        # Of the shape of the part that it is written to, where that is read as well.
        for read in self.reads if write.op == "put" else ():
            same = read.let.op == "view" and _same(read.let.args[1:], place)
            known = isinstance(value.type, Array) and "?" not in value.type.dims
            if same and known and read.let.out.type == value.type:
                return Let(value, "view", (out, *place), write.loc)
        return None

    def found_again(self, read: Let) -> bool:
        """Is a part read by indices that the reverse sweep has?"""
        index = read.args[2:] if read.op == "view" else ()
        return all(isinstance(a, Lit) or self.affine(a) is not None for a in index)

    def kept(self, access: Access) -> bool:
        return all(
            self.untouched(access, write) for write in self.writes if write is not access
        ) and self.untouched_by_itself(access)

    def untouched_by_itself(self, access: Access) -> bool:
        return access not in self.writes or self.untouched(access, access)

    # What there is in a loop.

    def body(self, loop: Loop, path: Path, loops: tuple[Loop, ...]) -> None:
        self.range(loop)
        self.block(loop.body, path, (*loops, loop))
        for carry, following in zip(loop.carries, loop.nexts, strict=True):
            if (carry in self.versions) != (following in self.versions):
                self.understood = False
        if not self.versions.isdisjoint(loop.recorded):
            self.understood = False

    def range(self, loop: Loop) -> None:
        match loop.domain:
            case Range(start, stop, Lit(1), backward):
                first, last = self.affine(start), self.affine(stop, -1, below=True)
                if backward:
                    self.descending.add(loop.index)
            case Range(start, stop, Lit(-1), False):
                first, last = self.affine(stop, 1), self.affine(start, below=True)
                self.descending.add(loop.index)
            case _:
                return
        least = None if first is None else self.lowest(first)
        if first is not None and least is not None and least >= 0:
            self.least[loop.index] = least
            self.spans[loop.index] = Span(first, last)

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
        self.home[let.out] = path[:-1]
        if self.versions.isdisjoint(let.args):
            return
        buffer, *rest = let.args
        if buffer not in self.versions or not self.versions.isdisjoint(rest):
            if let.op in STRUCTURE or may_share(let.op):
                self.understood = False
        elif let.op in ("set", "acc"):
            self.versions.add(let.out)
            self.writes.append(Access(let, self.points(rest[1:]), path, loops))
        elif let.op in _PARTS_WRITTEN:
            self.versions.add(let.out)
            at, *index = rest[1:]
            self.writes.append(Access(let, self.place(at, index), path, loops))
        elif let.op == "append" and len(let.args) == 2:
            self.grows = True
            self.versions.add(let.out)
        elif let.op == "get" and not may_hold_buffer(let.out.type):
            self.reads.append(Access(let, self.points(rest), path, loops))
        elif let.op == "view":
            at, *index = rest
            self.reads.append(Access(let, self.place(at, index), path, loops))
        elif let.op not in _READS and (let.op in STRUCTURE or may_share(let.op)):
            self.understood = False

    # Where a part is.

    def points(self, atoms: Sequence[Atom]) -> tuple[Span, ...]:
        return tuple(map(self.point, atoms))

    def point(self, atom: Atom) -> Span:
        found = self.affine(atom)
        return WHOLE if found is None else Span(found, found)

    def place(self, at: Atom, index: Sequence[Atom]) -> tuple[Span, ...]:
        """The spans that an index text stands for, up to what is not understood."""
        text = str(at.value) if isinstance(at, Lit) else "]["
        if "][" in text or is_turn(text) or text == "...":
            return ()
        return tuple(self.entries(text, index))

    def entries(self, text: str, index: Sequence[Atom]) -> Iterator[Span]:
        from s2sad.ir.arrays import entries_of

        def atom(node: ast.expr | None) -> Atom | None:
            match node:
                case ast.Name(name):
                    return index[int(name[1:])]
                case ast.Constant(int() as value):
                    return Lit(value, INT)
                case _:
                    return None

        for entry in entries_of(text):
            match entry:
                case ast.Constant(None):
                    continue
                case ast.Slice(lower, upper, None | ast.Constant(1)):
                    start, stop = atom(lower), atom(upper)
                    first = self.affine(start) if start is not None else None
                    last = self.affine(stop, -1, below=True) if stop is not None else None
                    # What counts from the end may end anywhere.
                    if stop is not None and self.affine(stop) is None:
                        last = None
                    yield Span(first or Affine(None, 0), last)
                case ast.Slice():
                    yield WHOLE
                case _:
                    one = atom(entry)
                    if one is None or one.type != INT:
                        return
                    yield self.point(one)

    def affine(self, atom: Atom, shift: int = 0, below: bool = False) -> Affine | None:
        """An index by that of a loop; `below`: it need not be 0 or more."""
        match atom:
            case Lit(int() as value):
                found = Affine(None, value + shift)
                return found if below or found.offset >= 0 else None
            case _:
                base, offset = self.sums.get(atom, (atom, 0))
                if not isinstance(base, Var) or base not in self.least:
                    return None
                found = Affine(base, offset + shift)
                return found if below or self.least[base] + found.offset >= 0 else None

    def lowest(self, index: Affine) -> int | None:
        if index.base is None:
            return index.offset
        return self.least[index.base] + index.offset

    # What later writes meet.

    def untouched(self, access: Access, write: Access) -> bool:
        """Does a write never meet, after a read, the part that was read?"""
        common = [loop for loop in access.loops if loop in write.loops]
        fixed: list[Var | None] = [None]
        for loop in common:
            # In a later pass the index is another; those of the loops around are the same.
            if not self.apart(access, write, fixed, loop.index):
                return False
            fixed.append(loop.index)
        return not _follows(write.path, access.path) or self.apart(access, write, fixed)

    def apart(
        self,
        access: Access,
        write: Access,
        fixed: Collection[Var | None],
        moving: Var | None = None,
    ) -> bool:
        """Are two parts apart along an axis? The indices `fixed` are the same for both;
        `moving` is a later one for the write."""
        bases = {*fixed} | ({moving} if moving else set())
        return any(
            self.before(p.last, q.first, bases, moving, later=True)
            or self.before(q.last, p.first, bases, moving, later=False)
            for p, q in zip(access.at, write.at, strict=False)
        )

    def before(
        self,
        low: Affine | None,
        high: Affine | None,
        bases: Collection[Var | None],
        moving: Var | None,
        later: bool,
    ) -> bool:
        """Is `low` less than `high`, whatever the indices are that are not in `bases`?
        `later`: `high` is of the later pass, otherwise `low` is."""
        return any(
            below.base is above.base and self.less(below, above, moving, later)
            for below in self.bounds(low, bases, upper=True)
            for above in self.bounds(high, bases, upper=False)
        )

    def less(self, low: Affine, high: Affine, moving: Var | None, later: bool) -> bool:
        if moving is None or low.base is not moving:
            return low.offset < high.offset
        # The later index is greater by 1 at least, or less.
        grows = moving not in self.descending
        return grows == later and low.offset < high.offset + 1

    def bounds(
        self, index: Affine | None, bases: Collection[Var | None], upper: bool
    ) -> Iterator[Affine]:
        """The bounds of an index by the bases: itself, the end of its range, …"""
        while index is not None:
            if index.base in bases:
                yield index
            span = self.spans.get(index.base) if index.base is not None else None
            end = (span.last if upper else span.first) if span else None
            index = Affine(end.base, end.offset + index.offset) if end else None


def _same(index: Sequence[Atom], other: Sequence[Atom]) -> bool:
    return len(index) == len(other) and all(
        a is b or (isinstance(a, Lit) and isinstance(b, Lit) and a.key == b.key)
        for a, b in zip(index, other, strict=True)
    )


def _follows(later: Path, earlier: Path) -> bool:
    """Does one statement run after another in the same pass? Two arms never both run."""
    for level, (a, b) in enumerate(zip(later, earlier, strict=False)):
        if a != b:
            return level % 2 == 0 and a > b
    return False
