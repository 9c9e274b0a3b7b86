"""The adjoint of a long loop, from a few of its states: `checkpoint="revolve"`.

    kept = [(0, x)]                           the states that are kept, with their passes
    stop = n                                  the passes before `stop` are to be reversed
    while stop > 0:
        start, y = kept[-1]
        while stop - start > 1000:            too many to be recorded
            middle = _revolve(start, stop, 1000, snapshots - len(kept))
            for i in range(start, middle):    the passes once more
                y = y * x
            kept.append((middle, y))
            start = middle
        kept.pop()
        …                                     the passes from `start` on, recorded and
        stop = start                          reversed as every loop is

The forward sweep keeps its loop, and records nothing. Between the states that are kept the
passes are computed again, at most so many at once that their records are small. Where the
next state is kept is the choice of Griewank & Walther's revolve, which makes the fewest
passes that so many snapshots allow. A loop whose number of passes is known only when it
has ended, as that of a `while`, is as any other then.

Every value is computed by the operations that computed it before: the derivative has the
bits that it has when all is recorded.

Source: Griewank & Walther 2000, "Algorithm 799: revolve", ACM TOMS 26.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.ir.clone import clone_block, clone_stmt
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    Atom,
    Block,
    Call,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Range,
    Raise,
    Seq,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    float_lit,
    int_lit,
    raises_always,
)
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Opaque, Places, Scalar, Tuple, Type
from s2sad.ir.walk import blocks, bound, defines, free_vars, rename_stmt, walk
from s2sad.transform.adjoints import Adjoints, adjoint_type, bar_of
from s2sad.transform.branches import bar_var, starting_values
from s2sad.transform.dce import prune
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.lists import count_of
from s2sad.transform.passes import (
    count_passes,
    elements_of,
    ends_early,
    indices,
    is_pass_number,
    may_stop,
)
from s2sad.transform.record import _copied, placeholder, stand_in

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep

# So many passes are recorded at once: of numbers, and where a pass has loops inside. Where
# it has arrays or lists it is one.
BLOCK, NEST = 1000, 30


def may_revolve(sweep: Sweep, loop: Loop | While) -> bool:
    """Is the loop to be reversed from snapshots?

    Not inside of one that is, nor where a few passes are made at most, nor where the loop
    makes a list, which is as long as its record would be.
    """
    if sweep.callees.checkpoints is None or sweep.replaying or loop.lists:
        return False
    if isinstance(loop, Loop) and loop.domain is not None:
        start, stop, step, _ = loop.domain
        match start, stop, step:
            case Lit(int(first)), Lit(int(last)), Lit(int(by)) if by:
                if len(range(first, last, by)) <= block_size(loop):
                    return False
            case _:
                pass
    return not any(_grows(stmt) for stmt in walk(loop.body))


def _grows(stmt: Stmt) -> bool:
    match stmt:
        case Let(_, "append" | "enter" | "drop"):
            return True
        case _:
            return False


def block_size(loop: Loop | While) -> int:
    """How many passes are recorded at once: one where it has arrays or lists."""
    inside = list(walk(loop.body))
    variables = (var for stmt in inside for var in (*defines(stmt), *bound(stmt)))
    if any(may_hold_buffer(var.type) for var in (*loop.body.params, *variables)):
        return 1
    return NEST if any(isinstance(stmt, Loop | While | Call) for stmt in inside) else BLOCK


def check_pure(loop: Loop | While, module: Module) -> None:
    """A pass can be made a second time: nothing shows, nothing is drawn."""
    seen: set[str] = set()
    made: set[Atom] = {
        var for stmt in walk(loop.body) if isinstance(stmt, Let) for var in (stmt.out,)
    }

    def check(block: Block, loc: Loc | None) -> None:
        if raises_always(block):
            # It makes an exception, and ends the run.
            return
        for stmt in block.stmts:
            place = getattr(stmt, "loc", None) or loc
            match stmt:
                case Let(_, "python", (Lit(str() as text), *args)) if not _computes(
                    text, [arg for arg in args if arg not in made]
                ):
                    raise _impure(_shown(text), place)
                case Let(_, "store"):
                    raise _impure("writes to an object", place)
                case Try(manager=manager) if manager is not None:
                    raise _impure("has a `with`", place)
                case Call(_, name):
                    if name not in seen:
                        seen.add(name)
                        check(module.funcs[name].body, place)
                case _:
                    pass
            for inner in blocks(stmt):
                check(inner, place)

    for block in blocks(loop):
        check(block, loop.loc)


# Functions that do nothing but compute, of those that opaque expressions may call.
_COMPUTING = frozenset(
    "abs all any bool divmod enumerate float int isinstance len list max min range repr"
    " reversed round sorted str sum tuple type zip".split()
)


def _computes(text: str, given: Sequence[Atom]) -> bool:
    """Is an opaque expression without an effect, and the same whenever it is evaluated?
    What it is given from outside are numbers, for objects may change."""
    if not all(isinstance(atom, Lit) or isinstance(atom.type, Scalar) for atom in given):
        return False
    tree = ast.parse(re.sub(r"\{\d+\}", "_", text), mode="eval")
    return all(
        isinstance(node.func, ast.Name) and node.func.id in _COMPUTING
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


def _shown(text: str) -> str:
    name = text.partition("(")[0].replace("{0}.", "")
    return f"runs {name}()" if name.isidentifier() or "." in name else "has an effect"


def _impure(what: str, loc: Loc | None) -> UnsupportedSyntax:
    return UnsupportedSyntax(
        f"a loop that {what}, with checkpoint=\"revolve\", which runs its passes again",
        loc,
        "take that out of the loop, or leave checkpoint= out",
    )


def revolve(
    sweep: Sweep,
    loop: Loop | While,
    bars: Sequence[Atom],
    active: Sequence[int],
    adj: Adjoints,
    builder: AdjointBuilder,
    recording: bool,
) -> Stmt:
    """`bars` are the adjoints of the carries with the numbers `active` after the loop."""
    from s2sad.transform.loops import _Body, _pair

    check_pure(loop, sweep.callees.module)
    made = _Replay(sweep, loop, builder, recording)
    reads = free_vars(loop.body.stmts, loop.body.yields)
    inside = {*loop.body.params, *indices(loop)}
    lists = [seq.list for seq, _ in elements_of(loop)]
    outer = [
        var
        for var in sweep.outer_active(dict.fromkeys((*reads, *lists)))
        if var not in inside
    ]
    fresh = _made_by(sweep, loop, reads, adj, builder)
    starts = starting_values(sweep, [var for var in outer if var not in fresh], adj, builder)
    starts |= fresh
    params = {var: bar_var(var) for var in outer}
    carries = dict(zip(active, (bar_var(loop.outs[k]) for k in active), strict=True))

    inner = builder.child()
    body_adj = Adjoints(sweep.level, inner.names)
    for var, param in params.items():
        body_adj.accumulate_into(var, param)
    sweep.replaying = True
    for k in active:
        sweep.activity.active.add(made.segment.outs[k])
    body = _Body(sweep, made.segment, list(carries.values()), [], body_adj, inner)
    fixed = body.constant()
    if fixed:
        given = dict(zip(active, bars, strict=True))
        kept: list[Atom] = [given[k] if k in fixed else carries[k] for k in active]
        body = _Body(sweep, made.segment, kept, [], body_adj, inner, fixed)
    forward, backward = _pair(body, [], recording, inner)
    sweep.replaying = False
    for stmt in (*made.before, rename_stmt(forward, made.copies)):
        inner.add(stmt)
    inner.add(backward)
    split = len(body.carried)
    ends: dict[Var, Atom] = dict(
        zip((carries[k] for k in body.carried), backward.outs[:split], strict=True)
    )
    inits: dict[Var, Atom] = {
        carries[k]: bar for k, bar in zip(active, bars, strict=True) if k in body.carried
    }
    for var, out in zip(body.changed, backward.outs[split:], strict=True):
        ends[params[var]] = out
        inits[params[var]] = starts[var]
    unchanged = {params[var]: starts[var] for var in outer if var not in body.changed}

    stmts = [rename_stmt(s, unchanged) for s in prune(inner.stmts, ends.values(), sweep.ragged)]
    outs = {param: stand_in(param) for param in ends}
    for stmt in made.schedule(stmts, inits, ends, outs):
        builder.add(stmt)
    builder.origin = (loop,)
    for var in body.changed:
        adj.replace(var, outs[params[var]])
    for k, bar in zip(active, bars, strict=True):
        init = loop.inits[k]
        if sweep.activity.is_active(init):
            assert isinstance(init, Var)
            adj.add(init, outs.get(carries[k], bar), builder, builder.origin)
    return made.forward


def _made_by(
    sweep: Sweep,
    loop: Loop | While,
    reads: Collection[Var],
    adj: Adjoints,
    builder: AdjointBuilder,
) -> dict[Var, Atom]:
    """The lists of numbers whose adjoint is what the loop makes of it. Where all is recorded
    it is made by appending; here it is added to, and -0.0 + v is v to the sign of zero."""
    made: dict[Var, Atom] = {}
    if ends_early(sweep, loop):
        return made
    for seq, element in elements_of(loop):
        list_ = seq.list
        if not isinstance(list_, Var) or list_.type != List(FLOAT):
            continue
        if element in sweep.activity.active and list_ not in reads and list_ not in sweep.views:
            known = adj.settle(list_, builder)
            if known is None or builder.is_zero(known):
                count = count_of(sweep, list_, builder)
                made[list_] = builder.fresh("repeat", (float_lit(-0.0), count), list_.type)
    return made


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


class _Replay:
    """The passes of a loop, to be made again from a state.

    forward: the loop of the forward sweep. segment: its passes from `start` to before
    `stop`, with the variables of the loop, for the sweep knows those. copies: of buffers
    that something writes to later, the copies that are read when the passes are made again.
    """

    def __init__(
        self, sweep: Sweep, loop: Loop | While, builder: AdjointBuilder, recording: bool
    ) -> None:
        self.builder = builder
        self.recording = recording
        self.sweep = sweep
        self.loop = loop
        self.start, self.stop = Var(INT, "start"), Var(INT, "stop")
        self.made: set[Atom] = set()
        written = sweep.shared.written
        outside = free_vars([loop])
        self.copies: dict[Var, Atom] = {
            var: self._kept(var)
            for var in outside
            if var in written and may_hold_buffer(var.type) and var not in loop.inits
        }
        self.read = self._read()
        # A state that is kept shares no memory with one that the loop goes on with.
        self.owned = {k for k in self.read if may_hold_buffer(loop.carries[k].type)}
        self.inits = [self._init(k) for k in self.read]
        self.first: list[Stmt] = []
        self.count: Atom | None = None
        self.forward = self._forward()
        self.states = {k: stand_in(loop.carries[k]) for k in self.read}
        self.before, self.segment = self._segment(self.states, self.start, self.stop)

    def _own(
        self, k: int, state: Atom, stmts: list[Stmt], named: bool = False
    ) -> Atom:
        """A state that shares no memory with the one that it was made of."""
        if k not in self.owned or not isinstance(state, Var):
            return state
        copy = _copied(state, stmts)
        if not named:
            copy.after = (state, "_kept")
        return copy

    def _kept(self, var: Var) -> Atom:
        """A copy, made before the loop."""
        made: list[Stmt] = []
        copy = _copied(var, made)
        for stmt in made:
            assert isinstance(stmt, Let)
            self.sweep.insert(stmt)
        copy.after = (var, "_kept")
        self.made.add(copy)
        return copy

    def _read(self) -> list[int]:
        """The carries that a pass reads, or its adjoint the sizes of: they are its state."""
        loop = self.loop
        read = free_vars(loop.body.stmts, loop.nexts)
        return [
            k
            for k, param in enumerate(loop.carries)
            if param in read or may_hold_buffer(param.type)
        ]

    def _init(self, k: int) -> Atom:
        """The value of a carry before the first pass, as it is to the end."""
        init = self.loop.inits[k]
        if isinstance(init, Undef):
            made: list[Stmt] = []
            value = placeholder(self.loop.carries[k].type, made)
            for stmt in made:
                assert isinstance(stmt, Let)
                self.sweep.insert(stmt)
            return value
        if isinstance(init, Var) and k in self.owned and self._changes(k, init):
            return self._kept(init)
        return init

    def _changes(self, k: int, init: Var) -> bool:
        written = self.sweep.shared.written
        return init in written or self.loop.carries[k] in written

    def _forward(self) -> Loop | While:
        """The loop as it is, with variables of its own inside, and the number of passes."""
        loop = self.loop
        renaming: dict[Var, Atom] = {}
        if isinstance(loop, While):
            cond = clone_block(loop.cond, renaming)
            made: Loop | While = replace(
                loop, cond=cond, body=clone_block(loop.body, renaming)
            )
        else:
            index = Var(INT, loop.index.hint, loop.index.user)
            renaming[loop.index] = index
            made = replace(loop, index=index, body=clone_block(loop.body, renaming))
        self.count = self._count()
        if self.count is None:
            made, self.count = count_passes(made)
        return made

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

    def _segment(
        self, states: dict[int, Var], start: Atom, stop: Atom
    ) -> tuple[list[Stmt], Loop]:
        """The passes from `start` to before `stop`, from a state; first what is to be
        computed for it."""
        loop = self.loop
        inits = tuple(
            states.get(k, Undef(param.type)) for k, param in enumerate(loop.carries)
        )
        before: list[Stmt] = []
        domain = Range(start, stop, int_lit(1))
        index = loop.index if isinstance(loop, Loop) else Var(INT, "_")
        if isinstance(loop, Loop) and loop.seqs and index.hint == "_":
            index.hint = "k"
        stmts: list[Stmt] = []
        if isinstance(loop, Loop) and not is_pass_number(loop.domain):
            assert loop.domain is not None
            first, step = self._from(loop.domain, before)
            if loop.seqs:
                # The number of the pass tells which elements are read.
                index = Var(INT, "k")
                _add(loop.index, first, index, step, stmts)
            else:
                ends = [Var(INT), Var(INT)]
                for end, bound_ in zip(ends, (start, stop), strict=True):
                    _add(end, first, bound_, step, before, (loop,))
                domain = Range(ends[0], ends[1], step)
        for seq, element in elements_of(loop):
            place: Atom = index
            if seq.reversed:
                place = Var(INT)
                stmts.append(Let(place, "sub", (int_lit(-1), index)))
            stmts.append(Let(element, "get", (seq.list, place)))
        params = loop.carries
        made = Loop(
            tuple(Var(param.type, after=(param, ""), user=param.user) for param in params),
            (),
            index,
            domain,
            inits,
            (),
            Block(params, (*stmts, *loop.body.stmts), (FALSE, *loop.nexts)),
            loop.loc,
        )
        return before, made

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

    def schedule(
        self,
        reversal: Sequence[Stmt],
        inits: dict[Var, Atom],
        ends: dict[Var, Atom],
        outs: dict[Var, Var],
    ) -> list[Stmt]:
        """The loop over the parts that are recorded and reversed at once, the last first.

        `reversal` does that with the passes from `start` to `stop`; it takes the adjoints
        `ends`' keys to its values.
        """
        size = int_lit(block_size(self.loop))
        assert self.count is not None
        made: list[Stmt] = []
        snapshots = self._snapshots(made)
        types = tuple(self.loop.carries[k].type for k in self.read)
        kept_type = List(Tuple((INT, *types)))

        inits_ = zip(self.read, self.inits, strict=True)
        # A copy made before the loop may come out of a record, with other values.
        begin = [
            init if init in self.made and not self.recording else self._own(k, init, made)
            for k, init in inits_
        ]
        # Ints may be the first values of floats.
        first = Var(Tuple((INT, *(init.type for init in begin))))
        made.append(Let(first, "tuple", (int_lit(0), *begin)))
        stack = Var(List(first.type), "kept")
        made.append(Let(stack, "list", (first,)))

        # while stop > 0:
        kept, emptied, left = (Var(kept_type, "kept") for _ in range(3))
        count, positive = Var(INT, "stop"), Var(BOOL)
        cond = Block(
            (Var(kept_type, "kept"), count, *(stand_in(param) for param in ends)),
            (Let(positive, "gt", (count, int_lit(0))),),
            (positive,),
        )
        # start, y = kept[-1]
        top, at = Var(kept_type.item, "state"), Var(INT, "start")
        body: list[Stmt] = [
            Let(top, "get", (kept, int_lit(-1))),
            Let(at, "item", (top, int_lit(0))),
        ]
        states = [stand_in(self.loop.carries[k]) for k in self.read]
        for j, state in enumerate(states):
            body.append(Let(state, "item", (top, int_lit(j + 1))))
        begun = [self._own(k, state, body, named=True) for k, state in zip(self.read, states, strict=True)]
        descent, filled = self._descent(kept, at, begun, size, snapshots)
        body.append(descent)
        body.append(Let(emptied, "drop", (filled,)))
        body += reversal
        body_block = Block(
            (kept, self.stop, *ends), tuple(body), (FALSE, emptied, self.start, *ends.values())
        )
        made.append(
            While(
                (left, Var(INT), *(outs[param] for param in ends)),
                (),
                (stack, self.count, *(inits[param] for param in ends)),
                cond,
                body_block,
                self.loop.loc,
            )
        )
        return made

    def _descent(
        self, kept: Var, begin: Var, begun: list[Atom], size: Atom, snapshots: Atom
    ) -> tuple[While, Var]:
        """while stop - start > size: the passes once more, up to the next snapshot"""
        start = Var(INT, "start")
        states = {k: stand_in(self.loop.carries[k]) for k in self.read}
        stack = Var(kept.type, "kept")
        params = (stack, start, *states.values())

        at, length, longer = Var(INT, "start"), Var(INT), Var(BOOL)
        cond = Block(
            (Var(kept.type, "kept"), at, *(stand_in(state) for state in states.values())),
            (
                Let(length, "sub", (self.stop, at)),
                Let(longer, "gt", (length, size)),
            ),
            (longer,),
        )
        middle = Var(INT, "middle")
        text = Lit("_revolve({0}, {1}, {2}, {3} - len({4}))", Opaque("text"))
        # The passes, in a copy with variables of its own.
        renaming: dict[Var, Atom] = dict(self.copies)
        before, passes = self._segment(states, start, middle)
        again = clone_stmt(passes, renaming)
        assert isinstance(again, Loop)
        after = dict(zip(range(len(self.loop.carries)), passes.outs, strict=True))
        again = replace(again, outs=passes.outs)
        stmts: list[Stmt] = [
            Let(middle, "python", (text, start, self.stop, size, snapshots, stack)),
            *before,
            again,
        ]
        parts = [self._own(k, after[k], stmts) for k in self.read]
        pushed, longer_stack = Var(kept.type.item), Var(kept.type, "kept")  # type: ignore[union-attr]
        stmts.append(Let(pushed, "tuple", (middle, *parts)))
        stmts.append(Let(longer_stack, "append", (stack, pushed)))
        filled = Var(kept.type, "kept")
        loop = While(
            (filled, self.start, *self.states.values()),
            (),
            (kept, begin, *begun),
            cond,
            Block(
                params,
                tuple(stmts),
                (FALSE, longer_stack, middle, *(after[k] for k in self.read)),
            ),
            self.loop.loc,
        )
        return loop, filled

    def _snapshots(self, made: list[Stmt]) -> Atom:
        checkpoints = self.sweep.callees.checkpoints
        assert checkpoints is not None
        if checkpoints.snapshots is not None:
            return int_lit(checkpoints.snapshots)
        if isinstance(self.count, Lit):
            assert isinstance(self.count.value, int)
            return int_lit(self.count.value.bit_length())
        snapshots = Var(INT, "snapshots")
        text = Lit("{0}.bit_length()", Opaque("text"))
        made.append(Let(snapshots, "python", (text, self.count)))
        return snapshots
