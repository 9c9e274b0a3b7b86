"""What a loop of known length records goes into rows that are made before it.

    loop … record y → ys                 row = _row(n)
                                    →    loop … row[i] = y
    loop over y_i in reversed(ys)        loop … y_i = row[i]

Only what is recorded by a loop that runs to its end, and read by loops over the same
domain, is a row; the other lists stay lists.
"""

from __future__ import annotations

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Loop, Range, Stmt, Var, While, int_lit
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT, List
from s2sad.ir.walk import blocks, defines, free_vars, rename_block, uses


def make_rows(func: Func) -> Func:
    survey = _Survey(func)
    if not survey.rows:
        return func
    rewrite = _Rewrite(survey.rows, survey.readable)
    parts = func.body.stmts[: func.forward], func.body.stmts[func.forward :]
    forward, backward = (rewrite.stmts(part) for part in parts)
    body = replace(func.body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


def spans(loop: Loop) -> bool:
    """Does the index count up from a literal by 1, or down to it?"""
    if loop.domain is None:
        return False
    start, _, step, _ = loop.domain
    return isinstance(start, Lit) and isinstance(step, Lit) and step.value == 1


def _runs_through(loop: Loop) -> bool:
    return isinstance(loop.stop, Lit) and loop.stop.value is False


def _domain(loop: Loop) -> tuple[object, ...]:
    assert loop.domain is not None
    return tuple(atom.key if isinstance(atom, Lit) else atom for atom in loop.domain[:3])


class _Survey:
    """The lists that can be rows: each use is known."""

    def __init__(self, func: Func) -> None:
        self.written: dict[Var, Loop] = {}
        self.recorded: dict[Var, list[tuple[Loop | While, int]]] = {}
        self.read: dict[Var, list[tuple[Loop, int]]] = {}
        self.other: set[Atom] = set()
        self._block(func.body)
        self.rows = {var for var, loop in self.written.items() if self._fits(var, loop)}
        # The rows, and what they are called where outer loops have recorded them.
        self.readable: set[Var] = set()
        for var in self.rows:
            self._follow(var)

    def _block(self, block: Block) -> None:
        for stmt in block.stmts:
            if isinstance(stmt, Loop | While):
                self._loop(stmt)
            else:
                self.other.update(uses(stmt))
                for inner in blocks(stmt):
                    self._block(inner)
        self.other.update(block.yields)

    def _loop(self, loop: Loop | While) -> None:
        self.other.update(loop.inits)
        if isinstance(loop, While):
            self._block(loop.cond)
        else:
            if loop.domain is not None:
                self.other.update(loop.domain[:3])
            for k, seq in enumerate(loop.seqs):
                if isinstance(seq.list, Var):
                    self.read.setdefault(seq.list, []).append((loop, k))
            if spans(loop) and not loop.domain[3] and _runs_through(loop):  # type: ignore[index]
                for var, atom in zip(loop.lists, loop.recorded, strict=True):
                    if atom.type == FLOAT and not var.user:
                        self.written[var] = loop
        for k, atom in enumerate(loop.recorded):
            if isinstance(atom, Var):
                self.recorded.setdefault(atom, []).append((loop, k))
        self._block(replace(loop.body, yields=(loop.stop, *loop.nexts)))

    def _fits(self, var: Var, writer: Loop) -> bool:
        if var in self.other or not (var in self.read or var in self.recorded):
            return False
        for loop, k in self.read.get(var, ()):
            if var.type == List(FLOAT) and loop.domain is not None:
                same = spans(loop) and _domain(loop) == _domain(writer)
                if not same or loop.seqs[k].reversed != loop.domain.backward:
                    return False
            if var.type != List(FLOAT) and not self._fits(loop.elements[k], writer):
                return False
        return all(self._fits(loop.lists[k], writer) for loop, k in self.recorded.get(var, ()))

    def _follow(self, var: Var) -> None:
        if var.type == List(FLOAT):
            self.readable.add(var)
        else:
            for loop, k in self.read.get(var, ()):
                self._follow(loop.elements[k])
        for scan, k in self.recorded.get(var, ()):
            self._follow(scan.lists[k])


class _Rewrite:
    def __init__(self, rows: set[Var], readable: set[Var]) -> None:
        self.rows = rows
        self.readable = readable

    def block(self, block: Block) -> Block:
        return replace(block, stmts=tuple(self.stmts(block.stmts)))

    def stmts(self, stmts: tuple[Stmt, ...]) -> list[Stmt]:
        return [new for stmt in stmts for new in self.stmt(stmt)]

    def stmt(self, stmt: Stmt) -> list[Stmt]:
        if not isinstance(stmt, Loop):
            return [map_blocks(stmt, self.block)]
        before: list[Stmt] = []
        stmt = self.reads(stmt, before)
        stmt = self.writes(stmt, before)
        return [*before, replace(stmt, body=self.block(stmt.body))]

    def writes(self, loop: Loop, before: list[Stmt]) -> Loop:
        pairs = list(zip(loop.lists, loop.recorded, strict=True))
        made = [(var, atom) for var, atom in pairs if var in self.rows]
        kept = [(var, atom) for var, atom in pairs if var not in self.rows]
        if not made:
            return loop
        loop = with_index(loop)
        inside: list[Stmt] = []
        place = place_of(loop, inside)
        size = _size(loop, before)
        stmts: list[Stmt] = [*inside, *loop.body.stmts]
        inits, params, nexts, outs = [], [], [], []
        for var, atom in made:
            empty, param, full = (Var(var.type, _hint(loop, atom)) for _ in range(3))
            before.append(Let(empty, "python", (Lit("_row({0})", FLOAT), size)))
            at = max((k for k, s in enumerate(stmts) if atom in defines(s)), default=-1)
            at = max(at, len(inside) - 1)
            stmts.insert(at + 1, Let(full, "set", (param, atom, place)))
            inits.append(empty)
            params.append(param)
            nexts.append(full)
            var.hint = param.hint
            outs.append(var)
        body = Block(
            (*loop.carries, *params, *loop.elements),
            tuple(stmts),
            (loop.stop, *loop.nexts, *nexts, *(atom for _, atom in kept)),
        )
        return replace(
            loop,
            outs=(*loop.outs, *outs),
            lists=tuple(var for var, _ in kept),
            inits=(*loop.inits, *inits),
            body=body,
        )

    def reads(self, loop: Loop, before: list[Stmt]) -> Loop:
        pairs = list(zip(loop.seqs, loop.elements, strict=True))
        taken = [pair for pair in pairs if pair[0].list in self.readable]
        if not taken or (loop.domain is None and len({s.reversed for s in loop.seqs}) > 1):
            return loop
        if loop.domain is None and loop.seqs[0].reversed and _reads_index(loop):
            # It counts the passes.
            return loop
        if loop.domain is None:
            size = Var(INT)
            before.append(Let(size, "len", (taken[0][0].list,)))
            domain = Range(int_lit(0), size, int_lit(1), loop.seqs[0].reversed)
            loop = replace(loop, domain=domain)
        loop = with_index(loop)
        stmts: list[Stmt] = []
        place = place_of(loop, stmts)
        for seq, element in taken:
            call_element(element)
            stmts.append(Let(element, "get", (seq.list, place)))
        left = [pair for pair in pairs if pair not in taken]
        params = (*loop.carries, *(element for _, element in left))
        body = Block(params, (*stmts, *loop.body.stmts), loop.body.yields)
        return replace(loop, seqs=tuple(seq for seq, _ in left), body=body)


def _reads_index(loop: Loop) -> bool:
    return loop.index in free_vars(loop.body.stmts, loop.body.yields)


def call_element(element: Var) -> None:
    """Name what is read back after what it was."""
    element.hint = f"{(element.hint or 'value').removesuffix('_i')}_i"


def with_index(loop: Loop) -> Loop:
    """The loop with an index that has a name."""
    if loop.index.hint not in ("", "_"):
        return loop
    index = Var(INT, "k")
    body = rename_block(loop.body, {loop.index: index})
    return replace(loop, index=index, body=body)


def place_of(loop: Loop, stmts: list[Stmt]) -> Atom:
    """The number of the pass, of a loop that spans."""
    assert loop.domain is not None
    start = loop.domain.start
    assert isinstance(start, Lit)
    if start.value == 0:
        return loop.index
    place = Var(INT)
    stmts.append(Let(place, "sub", (loop.index, start)))
    return place


def _size(loop: Loop, stmts: list[Stmt]) -> Atom:
    assert loop.domain is not None
    start, stop, _, _ = loop.domain
    assert isinstance(start, Lit)
    assert isinstance(start.value, int)
    if isinstance(stop, Lit):
        assert isinstance(stop.value, int)
        return int_lit(stop.value - start.value)
    if start.value == 0:
        return stop
    size = Var(INT)
    stmts.append(Let(size, "sub", (stop, start)))
    return size


def _hint(loop: Loop, atom: Atom) -> str:
    if not isinstance(atom, Var) or not atom.hint:
        return "row"
    return f"{atom.hint}_in" if atom in loop.carries else f"{atom.hint}_rec"
