"""Statements on whole arrays become loops over their elements, without arrays in between.

    B[1:-1] = 0.5 * (A[:-2] + A[2:])     →     for i in range(A.shape[0] - 2):
                                                   B[i + 1] = 0.5 * (A[i] + A[i + 2])

A chain of element-wise operations ends where its result is written to an array, summed, or
read as a whole: there it becomes one loop nest. What it reads may not be written to between;
what shares memory with the target is read into an array of its own first, unless it is the
very part that is written. An array that may have another shape is broadcast.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from s2sad.backend.numba.chains import (
    Chains,
    is_elementwise,
    is_floats,
    read_at_once,
    without_views,
)
from s2sad.backend.numba.gather import Run, runs
from s2sad.backend.numba.nests import element_of, loops
from s2sad.backend.numba.places import Place, place_of, whole
from s2sad.backend.numba.rooms import Rooms
from s2sad.backend.numba.sizes import PLAIN, Sizes, cuts
from s2sad.ir.arrays import part_type
from s2sad.ir.node import replace
from s2sad.ir.nodes import SUM, ZERO, Atom, Block, Func, Let, Lit, Stmt, Var
from s2sad.ir.structure import CONSUMES
from s2sad.ir.types import FLOAT, INT, Array, Opaque
from s2sad.ir.walk import blocks, uses, walk

_MOST = 24  # operations of one loop


def fuse_arrays(func: Func) -> Func:
    if not any(isinstance(s, Let) and is_elementwise(s) for s in walk(func.body)):
        return func
    fusion = _Fusion(func)
    parts = func.body.stmts[: func.forward], func.body.stmts[func.forward :]
    # What the reverse sweep reads of the forward sweep counts as read outside of it.
    forward, backward = (fusion.stmts(part) for part in parts)
    read = set(func.body.yields)
    for stmt in walk(replace(func.body, stmts=(*forward, *backward))):
        read.update(uses(stmt))
        read.update(atom for block in blocks(stmt) for atom in block.yields)
    forward, backward = (without_views(part, read) for part in (forward, backward))
    body = replace(func.body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


class _Fusion(Chains):
    def __init__(self, func: Func) -> None:
        self.uses: Counter[Atom] = Counter(func.body.yields)
        for stmt in walk(func.body):
            self.uses.update(uses(stmt))
            for block in blocks(stmt):
                self.uses.update(block.yields)
        super().__init__(func)
        self.sizes = Sizes()
        self.read_at_once = read_at_once(func)
        self.runs: dict[Atom, Run] = {}
        self.gathered: set[Let] = set()
        self.with_zeros: set[Atom] = set()
        # Versions of arrays that are overwritten by now.
        self.consumed: set[Atom] = set()
        self.rooms = Rooms(self.aliases)

    def block(self, block: Block) -> Block:
        outer, self.pending = self.pending, {}
        stmts = self.stmts(block.stmts, block.yields)
        self.pending = outer
        return replace(block, stmts=tuple(stmts))

    def stmts(self, stmts: Sequence[Stmt], yields: Sequence[Atom] = ()) -> list[Stmt]:
        outer, self.runs = self.runs, runs(stmts, self.uses)
        made: list[Stmt] = []
        for stmt in stmts:
            made += self.stmt(stmt)
            if isinstance(stmt, Let):
                self.consumed.update(stmt.args[:1] if stmt.op in CONSUMES else ())
            else:
                self.consumed.update(uses(stmt))
        made += self.flush(self.pending)
        self.runs = outer
        return made

    def stmt(self, stmt: Stmt) -> Iterator[Stmt]:
        if not isinstance(stmt, Let):
            yield from self.flush(self.pending)
            yield from self.rooms.around(stmt, self.block)
            return
        self.sizes.note(stmt)
        if stmt in self.gathered:
            return
        if stmt.op in ("pick", "copy") and stmt.out in self.runs:
            part = stmt.args[0]
            if stmt.op == "pick":
                part = Var(stmt.out.type)
                made = self.aliases.view(part, stmt)
                yield made
                self.sizes.note(made)
                self.sizes.shapes[stmt.out] = self.sizes.known(part)
            self.pending[stmt.out] = replace(stmt, op="copy", args=(part,))
            yield from self.flush([stmt.out])
            return
        if is_elementwise(stmt):
            if sum(len(self.chain(arg)) for arg in stmt.args) >= _MOST:
                yield from self.flush(stmt.args)
            self.pending[stmt.out] = stmt
            if self.uses[stmt.out] != 1:
                yield from self.flush([stmt.out])
            return
        if stmt.op in CONSUMES:
            target = stmt.args[0]
            yield from self.flush([target])
            kept = {v for arg in stmt.args for v in self.chain(arg)}
            read = [v for v in self.pending if v not in kept and self.reads(v, target)]
            yield from self.flush(read)
        run = self.runs.get(stmt.args[1]) if stmt.op == "add_to" else None
        if run is not None and run.lets[0] is stmt and self.is_gathered(run):
            yield from self.gather(run)
        elif stmt.op in ("put", "add_to") and self.is_sink(stmt):
            yield from self.write(stmt)
        elif stmt.op == "np.sum" and self.is_sum(stmt):
            yield from self.sum(stmt)
        else:
            yield from self.flush(stmt.args)
            if stmt.op not in CONSUMES and stmt.op in ("python", "store", "cotangent"):
                yield from self.flush(self.pending)
            yield stmt

    def flush(self, atoms: Iterable[Atom]) -> list[Stmt]:
        """Arrays of their own for chains that end here."""
        ends = [a for a in atoms if a in self.pending]
        # A chain goes with what reads it.
        inner = {arg for end in ends for arg in self.pending[end].args}
        ends = [a for a in ends if a not in inner]
        return [stmt for end in ends for stmt in self.whole(end)]

    def whole(self, end: Atom) -> list[Stmt]:
        assert isinstance(end, Var)
        assert isinstance(end.type, Array)
        if end not in self.pending:
            return []
        shape = self.shape_of(end)
        if shape is None:
            return list(self.drop(end))
        run = self.runs.get(end)
        if run is not None:
            return self.padded(end, run, shape)
        empty = Var(end.type, end.hint)
        text = Lit("np.empty({0}.shape)", Opaque("text"))
        loc = self.pending[end].loc
        before: list[Stmt] = [Let(empty, "python", (text, shape), loc, SUM)]
        return [*before, *self.nest(end, "set", shape, (empty,), (end,), whole(empty))]

    def shape_of(self, end: Atom) -> Var | None:
        """An array that is read and certainly has the shape of the result."""
        wanted = self.sizes.known(end)
        return next((v for v in self.leaves(end) if self.sizes.known(v) == wanted), None)

    # Where chains end.

    def is_sink(self, let: Let) -> bool:
        target, value, text, *indices = let.args
        if not is_floats(target.type) or not isinstance(text, Lit):
            return False
        if not is_floats(value.type) or (
            let.op == "put" and value not in self.pending and value not in self.with_zeros
        ):
            return False
        plain = set(str(text.value)) <= {*PLAIN, ","}
        return plain and all(index.type == INT for index in indices)

    def write(self, let: Let) -> Iterator[Stmt]:
        target, value, text, *indices = let.args
        assert isinstance(target, Var)
        type_ = part_type(target, text, indices)
        if not isinstance(type_, Array):
            yield from self.flush([value])
            yield let
            return
        part = Var(type_)
        view = self.aliases.view(part, replace(let, args=(target, text, *indices)))
        self.sizes.note(view)
        if not all(self.apart(leaf, let) for leaf in self.leaves(value)):
            yield from self.flush([value])
            if not all(self.apart(leaf, let) for leaf in self.leaves(value)):
                yield let
                return
        op = "set" if let.op == "put" else "acc"
        place = place_of(target, text, indices)
        yield view
        if place is not None and self.is_counted(value, part, place):
            yield from self.nest(value, op, part, (target,), (let.out,), place)
            return
        outs = Var(type_), let.out
        yield from self.nest(value, op, part, (part, target), outs, whole(part))

    def apart(self, leaf: Var, let: Let) -> bool:
        """Is a part that is read apart from the one that is written, or element by element
        the same? Rows that are cut alike are."""
        if not self.aliases.same(leaf, let.args[0]):
            return True
        made = self.aliases.views.get(leaf)
        if made is None or self.aliases.root(made.args[0]) is not self.aliases.root(
            let.args[0]
        ):
            return False
        one, other = cuts(made.args[1:]), cuts(let.args[2:])
        return one is not None and one == other

    def is_sum(self, let: Let) -> bool:
        source, *rest = let.args
        plain = all(isinstance(a, Lit) and a.value in (None, False) for a in rest)
        return plain and let.out.type == FLOAT and source in self.pending

    def sum(self, let: Let) -> Iterator[Stmt]:
        source = let.args[0]
        shape = self.shape_of(source)
        if shape is None:
            yield from self.flush([source])
            yield let
            return
        yield from self.nest(source, "sum", shape, (ZERO,), (let.out,))

    # Sums of a value at several places.

    def padded(self, end: Var, run: Run, shape: Var) -> list[Stmt]:
        """A chain that is added to several places, with zeros around it."""
        stmts, room = self.rooms.make(run, shape, self.is_passing(end))
        filled = Var(room.type, room.hint)
        to = run.inner._replace(array=room)
        stmts += self.nest(end, "set", shape, (room,), (filled,), to)
        self.rooms.fill(room, filled)
        view = Let(end, "view", (filled, Lit(run.text, Opaque("text"))), None, SUM)
        self.with_zeros.add(self.aliases.view(end, view).out)
        return [*stmts, view]

    def is_passing(self, value: Var) -> bool:
        """Is all that a pass makes of a value made in this pass, from its elements?"""
        return self.uses[value] == self.read_at_once[value]

    def is_gathered(self, run: Run) -> bool:
        """Does it have zeros around it, and certainly the size of the parts?"""
        made = self.aliases.views.get(run.value)
        if made is None or run.value not in self.with_zeros:
            return False
        for let in run.lets:
            type_ = part_type(let.args[0], let.args[2], let.args[3:])
            part = Var(type_)
            self.sizes.note(Let(part, "view", (let.args[0], *let.args[2:]), None, SUM))
            if self.sizes.known(part) != self.sizes.known(run.value):
                return False
        return True

    def gather(self, run: Run) -> Iterator[Stmt]:
        """The additions of a run, row by row."""
        self.gathered.update(run.lets)
        padded = self.aliases.views[run.value].args[0]
        assert isinstance(padded, Var)
        for numbers in run.rows():
            lets = [run.lets[k] for k in numbers]
            if len(lets) == 1:
                yield from self.write(lets[0])
            else:
                row = run.row(numbers, padded)
                target, out = lets[0].args[0], lets[-1].out
                yield from loops(row.element, row.op, (), (target,), (out,), row.to)

    # Loops.

    def site(self, leaf: Var) -> Place:
        """Where the elements of an array that is read are."""
        made = self.aliases.views.get(leaf)
        if made is not None and made.args[0] not in self.consumed:
            place = place_of(made.args[0], made.args[1], made.args[2:])
            if place is not None:
                return place
        return whole(leaf)

    def may_be_one(self, leaf: Var, like: Var) -> bool:
        """Is an array broadcast on purpose, as far as one sees? Others have equal sizes."""
        assert isinstance(leaf.type, Array)
        assert isinstance(like.type, Array)
        if 1 in leaf.type.dims or len(leaf.type.dims) != len(like.type.dims):
            return True
        made = self.aliases.views.get(leaf)
        text = made.args[1] if made is not None else None
        return isinstance(text, Lit) and bool(re.search(r":\s*\d", str(text.value)))

    def is_counted(self, value: Atom, part: Var, place: Place) -> bool:
        """Is the size of what is written known without a view?"""
        return None not in place.cuts or any(
            self.sizes.known(leaf) == self.sizes.known(part)
            and not self.aliases.same(leaf, part)
            for leaf in self.leaves(value)
        )

    def nest(
        self,
        value: Atom,
        op: str,
        like: Var,
        inits: tuple[Atom, ...],
        outs: tuple[Var, ...],
        to: Place | None = None,
    ) -> Iterator[Stmt]:
        """Loops over the elements of `like`, in which the first carry is written, at `to`."""
        sites: dict[Atom, Place] = {}
        own: set[Atom] = set()
        for leaf in self.leaves(value):
            sites[leaf] = self.site(leaf)
            if to is not None and self.aliases.same(leaf, to.array):
                in_place = to.array is inits[-1]
                if self.aliases.is_part(leaf, like):
                    sites[leaf] = to
                    own.add(leaf)
                elif in_place:
                    own.add(leaf)
                else:
                    sites[leaf] = whole(leaf)
            if self.sizes.known(leaf) != self.sizes.known(like):
                helper = "_fitted" if self.may_be_one(leaf, like) else "_alike"
                text = Lit(f"{helper}({{0}}, {{1}})", Opaque("text"))
                sites[leaf] = whole(Var(like.type))
                own.discard(leaf)
                yield Let(sites[leaf].array, "python", (text, leaf, like), None, SUM)
        counted = [
            whole(leaf) if None in site.cuts else site
            for leaf, site in sites.items()
            if leaf not in own and isinstance(leaf, Var)
        ]

        lets = self.drop(value)

        def element(carried: Var, indices: Sequence[Var]) -> tuple[list[Stmt], Atom]:
            here = {leaf: sites[leaf]._replace(array=carried) for leaf in own}
            return element_of(lets, value, {**sites, **here}, indices)

        yield from loops(element, op, counted, inits, outs, to)
