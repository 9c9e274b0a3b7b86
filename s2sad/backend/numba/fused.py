"""Statements on whole arrays become loops over their elements, without arrays in between.

    B[1:-1] = 0.5 * (A[:-2] + A[2:])     →     left = A[:-2]; right = A[2:]; part = B[1:-1]
                                               for i in range(part.shape[0]):
                                                   part[i] = 0.5 * (left[i] + right[i])

A chain of element-wise operations ends where its result is written to an array, summed, or
read as a whole: there it becomes one loop nest. What it reads may not be written to between;
what shares memory with the target is read into an array of its own first, unless it is the
very part that is written. An array that may have another shape is broadcast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from s2sad.backend.numba.aliases import Aliases
from s2sad.backend.numba.sizes import ELEMENTWISE, PLAIN, Sizes, key
from s2sad.ir.arrays import part_type
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    SUM,
    ZERO,
    Atom,
    Block,
    Func,
    Let,
    Lit,
    Loop,
    Range,
    Stmt,
    Var,
    int_lit,
)
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.structure import CONSUMES
from s2sad.ir.types import FLOAT, INT, Array, Opaque, Type
from s2sad.ir.walk import blocks, uses, walk

_INDICES = "ijklmn"
_MOST = 24  # operations of one loop


def fuse_arrays(func: Func) -> Func:
    if not any(isinstance(s, Let) and _is_elementwise(s) for s in walk(func.body)):
        return func
    fusion = _Fusion(func)
    parts = func.body.stmts[: func.forward], func.body.stmts[func.forward :]
    # What the reverse sweep reads of the forward sweep counts as read outside of it.
    forward, backward = (fusion.stmts(part) for part in parts)
    body = replace(func.body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


def _is_elementwise(let: Let) -> bool:
    if let.op not in ELEMENTWISE or not _is_floats(let.out.type):
        return False
    if let.op == "pow" and not isinstance(let.args[1], Lit):
        return False
    return all(_is_floats(arg.type) or arg.type in (FLOAT, INT) for arg in let.args)


def _is_floats(type_: Type) -> bool:
    return isinstance(type_, Array) and type_.dtype == FLOAT and len(type_.dims) > 0


class _Fusion:
    def __init__(self, func: Func) -> None:
        self.uses: Counter[Atom] = Counter(func.body.yields)
        for stmt in walk(func.body):
            self.uses.update(uses(stmt))
            for block in blocks(stmt):
                self.uses.update(block.yields)
        self.aliases = Aliases(func)
        self.sizes = Sizes()
        self.pending: dict[Atom, Let] = {}

    def block(self, block: Block) -> Block:
        outer, self.pending = self.pending, {}
        made = replace(block, stmts=tuple(self.stmts(block.stmts)))
        self.pending = outer
        return made

    def stmts(self, stmts: Sequence[Stmt]) -> list[Stmt]:
        made: list[Stmt] = []
        for stmt in stmts:
            made += self.stmt(stmt)
        made += self.flush(self.pending)
        return made

    def stmt(self, stmt: Stmt) -> Iterator[Stmt]:
        if not isinstance(stmt, Let):
            yield from self.flush(self.pending)
            yield map_blocks(stmt, self.block)
            return
        self.sizes.note(stmt)
        if _is_elementwise(stmt):
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
        if stmt.op in ("put", "add_to") and self.is_sink(stmt):
            yield from self.write(stmt)
        elif stmt.op == "np.sum" and self.is_sum(stmt):
            yield from self.sum(stmt)
        else:
            yield from self.flush(stmt.args)
            if stmt.op not in CONSUMES and stmt.op in ("python", "store", "cotangent"):
                yield from self.flush(self.pending)
            yield stmt

    # Chains.

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
        empty = Var(end.type, end.hint)
        text = Lit("np.empty({0}.shape)", Opaque("text"))
        loc = self.pending[end].loc
        before: list[Stmt] = [Let(empty, "python", (text, shape), loc, SUM)]
        return [*before, *self.nest(end, "set", shape, (empty,), (end,))]

    def shape_of(self, end: Atom) -> Var | None:
        """An array that is read and certainly has the shape of the result."""
        wanted = self.sizes.known(end)
        return next((v for v in self.leaves(end) if self.sizes.known(v) == wanted), None)

    # Where chains end.

    def is_sink(self, let: Let) -> bool:
        target, value, text, *indices = let.args
        if not _is_floats(target.type) or not isinstance(text, Lit):
            return False
        if not _is_floats(value.type) or (let.op == "put" and value not in self.pending):
            return False
        plain = set(str(text.value)) <= {*PLAIN, ","}
        return plain and all(index.type == INT for index in indices)

    def write(self, let: Let) -> Iterator[Stmt]:
        target, value, text, *indices = let.args
        type_ = part_type(target, text, indices)
        if not isinstance(type_, Array):
            yield from self.flush([value])
            yield let
            return
        part = Var(type_)
        place = Let(part, "view", (target, text, *indices), let.loc, SUM)
        self.sizes.note(place)
        if not all(self.apart(leaf, let) for leaf in self.leaves(value)):
            yield from self.flush([value])
            if not all(self.apart(leaf, let) for leaf in self.leaves(value)):
                yield let
                return
        yield place
        op = "set" if let.op == "put" else "acc"
        yield from self.nest(value, op, part, (part, target), (Var(type_), let.out))

    def apart(self, leaf: Var, let: Let) -> bool:
        """Is a part that is read apart from the one that is written, or the same?"""
        if not self.aliases.same(leaf, let.args[0]):
            return True
        made = self.aliases.views.get(leaf)
        if made is None or self.aliases.root(made.args[0]) is not self.aliases.root(
            let.args[0]
        ):
            return False
        return list(map(key, made.args[1:])) == list(map(key, let.args[2:]))

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

    # Loops.

    def nest(
        self, value: Atom, op: str, like: Var, inits: tuple[Atom, ...], outs: tuple[Var, ...]
    ) -> Iterator[Stmt]:
        """Loops over the elements of `like`, in which the first carry is written."""
        names: dict[Atom, Var] = {}
        for leaf in self.leaves(value):
            names[leaf] = leaf
            if self.sizes.known(leaf) != self.sizes.known(like):
                text = Lit("np.broadcast_to({0}, {1}.shape)", Opaque("text"))
                names[leaf] = Var(like.type)
                yield Let(names[leaf], "python", (text, leaf, like), None, SUM)
        assert isinstance(like.type, Array)
        rank = len(like.type.dims)
        indices = [Var(INT, _INDICES[k % len(_INDICES)]) for k in range(rank)]
        # Counted along what is written, an array would need a second name.
        sized: Atom = like
        if like in inits:
            sized = next((v for v in names if names[v] is v and v is not like), like)
        hint = "size" if sized in inits else ""
        counts = [Var(INT, hint) for _ in range(rank)]
        sizes: list[Stmt] = [
            Let(count, "dim", (sized, int_lit(k)), None, SUM) for k, count in enumerate(counts)
        ]
        if hint:
            yield from sizes
        else:
            yield sizes[0]
        layers = [tuple(Var(v.type, v.hint, v.user) for v in outs) for _ in range(rank)]
        stmts, result = self.element(value, names, indices)
        carried = layers[-1]
        last = Var(carried[0].type)
        if op == "sum":
            stmts.append(Let(last, "add", (carried[0], result), None, SUM))
        else:
            stmts.append(Let(last, op, (carried[0], result, *indices), None, SUM))
        ends: tuple[Atom, ...] = (last, *carried[1:])
        for k in reversed(range(rank)):
            if k + 1 < rank and not hint:
                stmts.insert(0, sizes[k + 1])
            body = Block(layers[k], tuple(stmts), (FALSE, *ends))
            domain = Range(int_lit(0), counts[k], int_lit(1))
            given = layers[k - 1] if k else inits
            made = outs if k == 0 else tuple(Var(v.type, v.hint, v.user) for v in outs)
            stmts = [Loop(made, (), indices[k], domain, tuple(given), (), body)]
            ends = made
        yield from stmts

    def element(
        self, value: Atom, names: dict[Atom, Var], indices: Sequence[Var]
    ) -> tuple[list[Stmt], Atom]:
        """The statements that make one element of a chain, and its name."""
        stmts: list[Stmt] = []
        found: dict[Atom, Atom] = {}

        def scalar(atom: Atom) -> Atom:
            if atom not in names:
                return found.get(atom, atom)
            read = Var(FLOAT)
            stmts.append(Let(read, "get", (names[atom], *indices), None, SUM))
            return read

        for let in self.drop(value):
            args = tuple(map(scalar, let.args))
            # Of arrays it gives inf or nan, of numbers it raises.
            op = let.op
            if op == "div" and not (isinstance(args[1], Lit) and args[1].value):
                op = "np.divide"
            elif op == "pow":
                op = "np.power"
                if isinstance(args[1], Lit) and args[1].value == 2:
                    op, args = "np.square", args[:1]
            out = found[let.out] = Var(FLOAT)
            stmts.append(Let(out, op, args, let.loc, SUM))
        return stmts, scalar(value)
