"""Loops over lists and backwards become loops over numbers: Numba has no `reversed`.

for y_i in reversed(ys): …     →     for k in range(len(ys) - 1, -1, -1): y_i = ys[k]; …
for i in reversed(range(n))    →     for i in range(n - 1, -1, -1)
"""

from __future__ import annotations

from s2sad.backend.numba.rows import call_element, place_of, spans, with_index
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Loop, Range, Stmt, Var, int_lit
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT, Tuple
from s2sad.ir.walk import free_vars


def count_loops(func: Func) -> Func:
    rewrite = _Rewrite()
    parts = func.body.stmts[: func.forward], func.body.stmts[func.forward :]
    forward, backward = (rewrite.stmts(part) for part in parts)
    body = replace(func.body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


class _Rewrite:
    def block(self, block: Block) -> Block:
        return replace(block, stmts=tuple(self.stmts(block.stmts)))

    def stmts(self, stmts: tuple[Stmt, ...]) -> list[Stmt]:
        return [new for stmt in stmts for new in self.stmt(stmt)]

    def stmt(self, stmt: Stmt) -> list[Stmt]:
        if isinstance(stmt, Loop):
            before: list[Stmt] = []
            stmt = _counted(stmt, before)
            return [*before, map_blocks(stmt, self.block)]
        return [map_blocks(stmt, self.block)]


def _counted(loop: Loop, before: list[Stmt]) -> Loop:
    read = loop.index in free_vars(loop.body.stmts, loop.body.yields)
    if loop.seqs:
        loop = with_index(loop)
        if not spans(loop):
            loop = _by_number(loop, before, read)
        loop = _elements(loop, before)
    if loop.domain is None or not loop.domain.backward:
        return loop
    if not (isinstance(loop.domain.step, Lit) and loop.domain.step.value in (1, -1)):
        loop = _by_number(loop, before, read)
    domain = loop.domain
    assert domain is not None
    start, stop, step = domain[:3]
    assert isinstance(step, Lit)
    # Its last element, and one step past its first.
    ends = [_minus(end, step, before) for end in (stop, start)]
    return replace(loop, domain=Range(ends[0], ends[1], int_lit(-1 if step.value == 1 else 1)))


def _by_number(loop: Loop, before: list[Stmt], read: bool) -> Loop:
    """The loop over the numbers of its passes."""
    count, number = Var(INT), Var(INT, "k")
    backward = loop.domain.backward if loop.domain else all(s.reversed for s in loop.seqs)
    stmts: list[Stmt] = []
    if loop.domain is None:
        before.append(Let(count, "len", (loop.seqs[0].list,)))
        if read and backward:
            # The passes are counted up, the places in the lists down.
            last = _minus(count, int_lit(1), before)
            stmts.append(Let(loop.index, "sub", (last, number)))
        elif read:
            stmts.append(Let(loop.index, "id", (number,)))
    else:
        start, stop, step, _ = loop.domain
        text = Lit("len(range({0}, {1}, {2}))", FLOAT)
        before.append(Let(count, "python", (text, start, stop, step)))
        if read:
            far = Var(INT)
            stmts += [Let(far, "mul", (number, step)), Let(loop.index, "add", (start, far))]
    body = replace(loop.body, stmts=(*stmts, *loop.body.stmts))
    domain = Range(int_lit(0), count, int_lit(1), backward)
    return replace(loop, index=number, domain=domain, body=body)


def _elements(loop: Loop, before: list[Stmt]) -> Loop:
    """The loop that reads the elements of its sequences by their number."""
    assert loop.domain is not None
    stmts: list[Stmt] = []
    place = place_of(loop, stmts)
    mirrored: Atom | None = None
    for seq, element in zip(loop.seqs, loop.elements, strict=True):
        at = place
        if seq.reversed != loop.domain.backward:
            if mirrored is None:
                last = _minus(loop.domain.stop, int_lit(1), before)
                mirrored = Var(INT)
                stmts.append(Let(mirrored, "sub", (last, loop.index)))
            at = mirrored
        if isinstance(seq.list, Var) and not seq.list.user and element.hint:
            call_element(element)
        elif isinstance(element.type, Tuple):
            element.hint = element.hint or "entry"
            for stmt in loop.body.stmts:
                if isinstance(stmt, Let) and stmt.op == "item" and stmt.args[0] is element:
                    call_element(stmt.out)
        stmts.append(Let(element, "get", (seq.list, at)))
    body = Block(loop.carries, (*stmts, *loop.body.stmts), loop.body.yields)
    return replace(loop, seqs=(), body=body)


def _minus(end: Atom, step: Atom, before: list[Stmt]) -> Atom:
    if isinstance(end, Lit) and isinstance(step, Lit):
        assert isinstance(end.value, int)
        assert isinstance(step.value, int)
        return int_lit(end.value - step.value)
    less = Var(INT)
    before.append(Let(less, "sub", (end, step)))
    return less
