"""The passes of a loop, made again from states that are kept: what `revolve.py` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.ir.clone import clone_block, clone_stmt
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    Atom,
    Block,
    Let,
    Lit,
    Loop,
    Range,
    Stmt,
    Undef,
    Var,
    While,
    int_lit,
)
from s2sad.ir.types import BOOL, INT, Array, List, Opaque, Tuple
from s2sad.ir.walk import free_vars
from s2sad.transform.dce import prune
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.lists import count_of
from s2sad.transform.passes import count_passes, elements_of, ends_early, is_pass_number
from s2sad.transform.record import copied, placeholder, stand_in
from s2sad.transform.snapshots import how_many

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


class Replay:
    """The passes of a loop, to be made again from a state.

    forward: the loop of the forward sweep. segment: its passes from `start` to before
    `stop`, with the variables of the loop, for the sweep knows those; before: what it needs
    to be computed first. copies: of buffers that something writes to later, the copies that
    are read when the passes are made again. size: so many passes are recorded at once.
    """

    def __init__(
        self,
        sweep: Sweep,
        loop: Loop | While,
        builder: AdjointBuilder,
        recording: bool,
        size: int,
    ) -> None:
        self.sweep = sweep
        self.loop = loop
        self.builder = builder
        self.recording = recording
        self.size = size
        self.start, self.stop = Var(INT, "start"), Var(INT, "stop")
        self._made: set[Atom] = set()
        written = sweep.shared.written
        self.copies: dict[Var, Atom] = {
            var: self._kept(var)
            for var in free_vars([loop])
            if var in written and may_hold_buffer(var.type) and var not in loop.inits
        }
        self.count: Atom | None = self._count()
        self.forward = self._forward()
        self._states = {k: stand_in(param) for k, param in enumerate(loop.carries)}
        # The carries that are the state: all, until it is known which the adjoint needs.
        self.read = list(self._states)
        self.before, self.segment = self._segment(self._states, self.start, self.stop)

    # -- states

    def _own(self, k: int, state: Atom, stmts: list[Stmt], suffix: str = "_kept") -> Atom:
        """A state that shares no memory with the one that the loop goes on with."""
        if not isinstance(state, Var) or not may_hold_buffer(self.loop.carries[k].type):
            return state
        copy = _copy(state, stmts)
        copy.after = (state, suffix)
        return copy

    def _kept(self, var: Var) -> Atom:
        """A copy, made before the loop."""
        made: list[Stmt] = []
        copy = _copy(var, made)
        copy.after = (var, "_kept")
        self._insert(made)
        self._made.add(copy)
        return copy

    def _insert(self, made: Sequence[Stmt]) -> None:
        for stmt in made:
            assert isinstance(stmt, Let)
            self.sweep.insert(stmt)

    def _init(self, k: int) -> Atom:
        """The value of a carry before the first pass, as it is to the end."""
        init, written = self.loop.inits[k], self.sweep.shared.written
        if isinstance(init, Undef):
            made: list[Stmt] = []
            value = placeholder(self.loop.carries[k].type, made)
            self._insert(made)
            return value
        changes = init in written or self.loop.carries[k] in written
        if isinstance(init, Var) and may_hold_buffer(init.type) and changes:
            return self._kept(init)
        return init

    # -- passes

    def _count(self) -> Atom | None:
        """The number of passes, where it is known before the loop."""
        loop = self.loop
        if isinstance(loop, While) or ends_early(self.sweep, loop):
            return None
        if loop.seqs:
            return count_of(self.sweep, loop.seqs[0].list, self.builder)
        assert loop.domain is not None
        match loop.domain[:3]:
            case Lit(0), stop, Lit(1):
                return stop
            case start, stop, Lit(1):
                return self.builder.emit("sub", (stop, start), type_=INT)
            case start, stop, Lit(-1):
                return self.builder.emit("sub", (start, stop), type_=INT)
            case _:
                return None

    def _forward(self) -> Loop | While:
        """The loop as it is, with variables of its own inside; it may count its passes."""
        loop = self.loop
        renaming: dict[Var, Atom] = {}
        made: Loop | While
        if isinstance(loop, While):
            cond = clone_block(loop.cond, renaming)
            made = replace(loop, cond=cond, body=clone_block(loop.body, renaming))
        else:
            index = Var(INT, loop.index.hint, loop.index.user)
            renaming[loop.index] = index
            made = replace(loop, index=index, body=clone_block(loop.body, renaming))
        self._note_lengths(renaming)
        if self.count is None:
            made, self.count = count_passes(made)
        return made

    def _note_lengths(self, renaming: dict[Var, Atom]) -> None:
        """The loops in a copy need all of their sources where those in the loop do."""
        ragged = self.sweep.ragged
        ragged |= {
            new for old, new in renaming.items() if old in ragged and isinstance(new, Var)
        }

    def _segment(
        self, states: dict[int, Var], start: Atom, stop: Atom
    ) -> tuple[list[Stmt], Loop]:
        """The passes from `start` to before `stop`, from a state; first what is to be
        computed for it."""
        loop = self.loop
        before: list[Stmt] = []
        stmts: list[Stmt] = []
        domain = Range(start, stop, int_lit(1))
        index = Var(INT, "_")
        if isinstance(loop, Loop):
            index = loop.index
            if loop.seqs and index.hint == "_":
                index.hint = "k"
            if not is_pass_number(loop.domain):
                assert loop.domain is not None
                first, step = self._from(loop.domain, before)
                if loop.seqs:
                    # The number of the pass tells which elements are read.
                    index = Var(INT, "k")
                    _add(loop.index, first, index, step, stmts)
                else:
                    ends = [Var(INT), Var(INT)]
                    for end, number in zip(ends, (start, stop), strict=True):
                        _add(end, first, number, step, before, (loop,))
                    domain = Range(ends[0], ends[1], step)
        for seq, element in elements_of(loop):
            place: Atom = index
            if seq.reversed:
                place = Var(INT)
                stmts.append(Let(place, "sub", (int_lit(-1), index)))
            stmts.append(Let(element, "get", (seq.list, place)))
        params = loop.carries
        outs = tuple(Var(p.type, after=(p, ""), user=p.user) for p in params)
        inits = tuple(states.get(k, Undef(p.type)) for k, p in enumerate(params))
        body = Block(params, (*stmts, *loop.body.stmts), (FALSE, *loop.nexts))
        return before, Loop(outs, (), index, domain, inits, (), body, loop.loc)

    def _from(self, domain: Range, before: list[Stmt]) -> tuple[Atom, Atom]:
        """The index in the first pass, and its step."""
        first, _, step, backward = domain
        if not backward:
            return first, step
        assert self.count is not None
        last, begin, back = Var(INT), Var(INT), Var(INT)
        before.append(Let(last, "sub", (self.count, int_lit(1)), None, (self.loop,)))
        _add(begin, first, last, step, before, (self.loop,))
        if isinstance(step, Lit):
            assert isinstance(step.value, int)
            return begin, int_lit(-step.value)
        before.append(Let(back, "neg", (step,), None, (self.loop,)))
        return begin, back

    # -- the schedule

    def schedule(
        self,
        reversal: Sequence[Stmt],
        inits: dict[Var, Atom],
        ends: dict[Var, Atom],
        outs: dict[Var, Var],
        records: Sequence[Var],
    ) -> list[Stmt]:
        """The loop over the parts that are recorded and reversed at once, the last first.

        `reversal` does that with the passes from `start` to `stop`; it takes the adjoints
        that are `ends`' keys to its values. `records` are the lists that it records.
        """
        assert self.count is not None
        needed = free_vars(reversal)
        self.read = [k for k, state in self._states.items() if state in needed]
        made: list[Stmt] = []
        begin = []
        for k in self.read:
            init = self._init(k)
            # A copy made before the loop may come out of a record, with other values.
            alone = init in self._made and not self.recording
            begin.append(init if alone else self._own(k, init, made))
        size, snapshots = how_many(
            self.sweep, self.loop, self.count, self.size, begin, records, made
        )
        if not self.read:
            made.append(self._in_blocks(size, reversal, inits, ends, outs))
            return made
        # Ints may be the first values of floats.
        first = Var(Tuple((INT, *(init.type for init in begin))))
        made.append(Let(first, "tuple", (int_lit(0), *begin)))
        stack = Var(List(first.type), "kept")
        made.append(Let(stack, "list", (first,)))

        types = tuple(self.loop.carries[k].type for k in self.read)
        state_type = Tuple((INT, *types))
        kept, emptied, left = (Var(List(state_type), "kept") for _ in range(3))
        number, more = Var(INT, "stop"), Var(BOOL)
        cond = Block(
            (Var(kept.type, "kept"), number, *map(stand_in, ends)),
            (Let(more, "gt", (number, int_lit(0))),),
            (more,),
        )
        top, at = Var(state_type, "state"), Var(INT, "start")
        body: list[Stmt] = [
            Let(top, "get", (kept, int_lit(-1))),
            Let(at, "item", (top, int_lit(0))),
        ]
        states = [stand_in(self.loop.carries[k]) for k in self.read]
        for j, state in enumerate(states):
            body.append(Let(state, "item", (top, int_lit(j + 1))))
        begun = [self._own(k, s, body, "") for k, s in zip(self.read, states, strict=True)]
        descent, filled = self._descent(kept, at, begun, size, snapshots)
        body += [descent, Let(emptied, "drop", (filled,)), *reversal]
        nexts = (FALSE, emptied, self.start, *ends.values())
        made.append(
            While(
                (left, Var(INT), *(outs[param] for param in ends)),
                (),
                (stack, self.count, *(inits[param] for param in ends)),
                cond,
                Block((kept, self.stop, *ends), tuple(body), nexts),
                self.loop.loc,
            )
        )
        return made

    def _in_blocks(
        self,
        size: Atom,
        reversal: Sequence[Stmt],
        inits: dict[Var, Atom],
        ends: dict[Var, Atom],
        outs: dict[Var, Var],
    ) -> While:
        """The parts of a loop that has no state: none of its passes is made to reach one."""
        assert self.count is not None
        number, more = Var(INT, "stop"), Var(BOOL)
        cond = Block(
            (number, *map(stand_in, ends)),
            (Let(more, "gt", (number, int_lit(0))),),
            (more,),
        )
        text = Lit("max({0} - {1}, 0)", Opaque("text"))
        begin = Let(self.start, "python", (text, self.stop, size))
        nexts = (FALSE, self.start, *ends.values())
        return While(
            (Var(INT), *(outs[param] for param in ends)),
            (),
            (self.count, *(inits[param] for param in ends)),
            cond,
            Block((self.stop, *ends), (begin, *reversal), nexts),
            self.loop.loc,
        )

    def _descent(
        self, kept: Var, at: Var, begun: list[Atom], size: Atom, snapshots: Atom
    ) -> tuple[While, Var]:
        """while stop - start > size: the passes once more, up to the next state kept"""
        assert isinstance(kept.type, List)
        stack, start, middle = Var(kept.type, "kept"), Var(INT, "start"), Var(INT, "middle")
        states = {k: stand_in(self.loop.carries[k]) for k in self.read}
        begin, length, longer = Var(INT, "start"), Var(INT), Var(BOOL)
        cond = Block(
            (Var(kept.type, "kept"), begin, *map(stand_in, states.values())),
            (Let(length, "sub", (self.stop, begin)), Let(longer, "gt", (length, size))),
            (longer,),
        )
        text = Lit("_revolve({0}, {1}, {2}, {3} - len({4}))", Opaque("text"))
        before, passes = self._segment(states, start, middle)
        # With variables of its own.
        renaming: dict[Var, Atom] = dict(self.copies)
        again = clone_stmt(passes, renaming)
        self._note_lengths(renaming)
        assert isinstance(again, Loop)
        outs = passes.outs
        wanted, ragged = [outs[k] for k in self.read], self.sweep.ragged
        stmts: list[Stmt] = [
            Let(middle, "python", (text, start, self.stop, size, snapshots, stack)),
            *prune([*before, replace(again, outs=outs)], wanted, ragged),
        ]
        parts = [self._own(k, outs[k], stmts) for k in self.read]
        pushed, longer_stack = Var(kept.type.item), Var(kept.type, "kept")
        stmts.append(Let(pushed, "tuple", (middle, *parts)))
        stmts.append(Let(longer_stack, "append", (stack, pushed)))
        nexts: tuple[Atom, ...] = (FALSE, longer_stack, middle, *(outs[k] for k in self.read))
        filled = Var(kept.type, "kept")
        made = While(
            (filled, self.start, *(self._states[k] for k in self.read)),
            (),
            (kept, at, *begun),
            cond,
            Block((stack, start, *states.values()), tuple(stmts), nexts),
            self.loop.loc,
        )
        return made, filled


def _copy(var: Var, stmts: list[Stmt]) -> Var:
    """A copy, its axes in the order that they have in memory: sums go along them."""
    if isinstance(var.type, Array) and len(var.type.dims) > 1:
        copy = Var(var.type)
        stmts.append(Let(copy, "np.copy", (var,)))
        return copy
    return copied(var, stmts)


def _add(
    out: Var,
    first: Atom,
    number: Atom,
    step: Atom,
    stmts: list[Stmt],
    origin: tuple[Stmt, ...] = (),
) -> None:
    """out = first + number * step, as a hand writes it"""
    match step:
        case Lit(1):
            stmts.append(Let(out, "add", (first, number), None, origin))
        case Lit(-1):
            stmts.append(Let(out, "sub", (first, number), None, origin))
        case _:
            product = Var(INT)
            stmts.append(Let(product, "mul", (number, step), None, origin))
            stmts.append(Let(out, "add", (first, product), None, origin))
