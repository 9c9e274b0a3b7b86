"""The adjoint of a loop: a loop that runs the passes made backward.

    for i in range(n):          y_in = []                    for y_i in reversed(y_in):
        y = y * x       →       for i in range(n):     …         x_bar += y_bar * y_i
                                    y_in.append(y)               y_bar *= x
                                    y = y * x

Active variables from outside are carried through as accumulators. A loop that may stop
early, and every `while`, is reversed over its records, or where it has none over a count
of passes that it then keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.errors import NotDifferentiable
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    Atom,
    Block,
    Let,
    Loop,
    Range,
    Seq,
    Stmt,
    Undef,
    Var,
    While,
    int_lit,
)
from s2sad.ir.types import INT, Array, List, Scalar
from s2sad.ir.walk import free_vars, rename_atoms, rename_stmt
from s2sad.transform import lists as lists_
from s2sad.transform.adjoints import Adjoints, add_at, adjoint_type, bar_of
from s2sad.transform.branches import bar_var, seed_yields, starting_values, take_all
from s2sad.transform.dce import prune
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.passes import (
    count_passes,
    elements_of,
    ends_early,
    indices,
    number_of,
    record,
)
from s2sad.transform.record import local_values, plan, stand_in

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def reverse_loop(
    sweep: Sweep,
    loop: Loop | While,
    adj: Adjoints,
    builder: AdjointBuilder,
    recording: bool,
) -> Stmt:
    out_bars = take_all(sweep, loop.outs, adj, builder)
    list_bars = take_all(sweep, loop.lists, adj, builder)
    if not any(out_bars) and not any(list_bars):
        return loop
    loop = _with_lengths(sweep, loop)
    inits = [
        builder.own(
            out_bars[k] or sweep.zero(loop.outs[k], builder, after=True), loop.outs[k].type
        )
        for k in active_carries(sweep, loop)
    ]
    if sweep.callees.checkpoints is not None:
        from s2sad.transform.revolve import may_revolve, revolve

        if may_revolve(sweep, loop):
            return revolve(sweep, loop, inits, adj, builder, recording)
    return reverse_recorded(sweep, loop, inits, list_bars, adj, builder, recording)


def _with_lengths(sweep: Sweep, loop: Loop | While) -> Loop | While:
    """A loop that binds a list which has no value before carries the list's length too: the
    adjoint that the list had before a pass is zeros of that length."""
    starts: list[Atom] = []
    lengths: list[Var] = []
    nexts: list[Var] = []
    lets: list[Let] = []
    for k in active_carries(sweep, loop):
        carry, made = loop.carries[k], loop.nexts[k]
        if not isinstance(carry.type, List) or carry not in sweep.unbound:
            continue
        if carry in sweep.shapes:
            continue
        init = loop.inits[k]
        start: Atom | None = int_lit(0) if isinstance(init, Undef) else None
        known = sweep.lengths.get(init) if isinstance(init, Var) else None
        start = known if isinstance(known, Var) else start
        scalars = isinstance(carry.type.item, Scalar)
        if not scalars or made in sweep.unbound or start is None:
            name = carry.hint or "a list"
            sweep.lengths[carry] = NotDifferentiable(
                f"{name}, which has no value before the loop that binds it,",
                loop.loc,
                f"bind {name} before the loop",
            )
            continue
        starts.append(start)
        lengths.append(Var(INT, after=(carry, "_len")))
        nexts.append(Var(INT))
        lets.append(Let(nexts[-1], "len", (made,), loop.loc))
        sweep.lengths[carry] = lengths[-1]
    if not lengths:
        return loop
    count = len(loop.inits)
    body = loop.body
    params = (*body.params[:count], *lengths, *body.params[count:])
    yields = (*body.yields[: 1 + count], *nexts, *body.yields[1 + count :])
    made_body = Block(params, (*body.stmts, *lets), yields)
    outs = (*loop.outs, *(Var(INT) for _ in lengths))
    inits = (*loop.inits, *starts)
    if isinstance(loop, Loop):
        return replace(loop, outs=outs, inits=inits, body=made_body)
    more = (*loop.cond.params, *(Var(INT) for _ in lengths))
    cond = replace(loop.cond, params=more)
    return replace(loop, outs=outs, inits=inits, body=made_body, cond=cond)


def reverse_recorded(
    sweep: Sweep,
    loop: Loop | While,
    inits: Sequence[Atom],
    list_bars: Sequence[Atom | None],
    adj: Adjoints,
    builder: AdjointBuilder,
    recording: bool,
) -> Loop | While:
    """`inits` are the adjoints of the active carries after the loop."""
    body = Body(sweep, loop, inits, list_bars, adj, builder)
    if body.constant():
        # An adjoint that stays as it is through every pass is no carry: write the body
        # again with its value, which may well be 1.0.
        body = Body(sweep, loop, inits, list_bars, adj, builder, body.constant())
    forward, backward = pair(body, list_bars, recording, builder)
    builder.add(backward)
    for init in body.inits:
        if may_hold_buffer(init.type):
            builder.gone(init)  # The loop may write to it.
    _hand_on(body, backward, adj, builder)
    return forward


def active_carries(sweep: Sweep, loop: Loop | While) -> list[int]:
    active = sweep.activity.active
    pairs = enumerate(zip(loop.carries, loop.outs, strict=True))
    return [k for k, (param, out) in pairs if param in active or out in active]


class _Place(NamedTuple):
    """An element of a list whose adjoint is added to in place, at the number of the pass:
    of the list that is part of `list` at the indices `at`."""

    list: Var
    at: tuple[Atom, ...]
    backward: bool
    element: Var


class Body:
    """The body of a loop, reversed.

    Its carries are the adjoints of the forward carries that are active, then those of the
    outer variables that the body adds to. It also yields the adjoints of the elements that
    the forward loop read from active lists.
    """

    def __init__(
        self,
        sweep: Sweep,
        loop: Loop | While,
        inits: Sequence[Atom],
        list_bars: Sequence[Atom | None],
        adj: Adjoints,
        builder: AdjointBuilder,
        constant: frozenset[int] = frozenset(),
    ) -> None:
        self.sweep = sweep
        self.loop = loop
        every = dict(zip(active_carries(sweep, loop), inits, strict=True))
        self.constant_bars = {k: init for k, init in every.items() if k in constant}
        self.carried = [k for k in every if k not in constant]
        self.inits = [every[k] for k in self.carried]
        active = sweep.activity.active
        bound = {*loop.body.params, *indices(loop)}
        reads = free_vars(loop.body.stmts, loop.body.yields)
        outer = [var for var in sweep.outer_active(reads) if var not in bound]
        self.early = ends_early(sweep, loop)
        # The number of the pass, backward: the index itself, or what takes its place.
        self.number = number_of(loop)
        self.placed = self._placed(outer, adj, builder)
        outer = list(dict.fromkeys((*outer, *(place.list for place in self.placed))))
        self.starts = starting_values(sweep, outer, adj, builder)
        params = {var: bar_var(var) for var in outer}
        self.carries = [bar_var(loop.outs[k]) for k in self.carried]
        self.list_elements = [
            None if bar is None else bar_var(list_element(atom))
            for atom, bar in zip(loop.recorded, list_bars, strict=True)
        ]
        builder.borrowed.update(
            bar for bar in self.list_elements if bar and may_hold_buffer(bar.type)
        )

        sweep.with_holes.update(bar for bar in self.list_elements if bar)
        if sweep.func.forward:
            sweep.with_holes.update(self.carries)

        inner = builder.child()
        body_adj = Adjoints(sweep.level, inner.names)
        for var, param in params.items():
            body_adj.accumulate_into(var, param)
        bars = dict(zip(self.carried, self.carries, strict=True)) | self.constant_bars
        nexts = [loop.nexts[k] for k in bars]
        seed_yields(sweep, nexts, list(bars.values()), body_adj, inner)
        seed_yields(sweep, loop.recorded, self.list_elements, body_adj, inner)
        forward = sweep.stmts(loop.body.stmts, body_adj, inner, recording=True)
        around = sweep.begun_with()

        def end(var: Var) -> Atom:
            bar = body_adj.take(var, inner)
            return inner.own(bar.value if bar else sweep.zero(var, inner), var.type)

        self.ends = [end(loop.carries[k]) for k in self.carried]
        for list_, at, backward, element in self.placed:
            if body_adj.has(element):
                buffer = inner.own(sweep.buffer(list_, body_adj, inner))
                number: Atom = self.number
                if backward:
                    number = inner.emit("sub", (int_lit(-1), number), type_=INT)
                body_adj.replace(list_, add_at(buffer, end(element), (*at, number), inner))
        outer_ends = {var: end(var) for var in outer}
        in_place = {place.element for place in self.placed}
        self.active_seqs = [
            (seq, element)
            for seq, element in elements_of(loop)
            if element in active and element not in in_place
        ]
        element_ends = [end(element) for _, element in self.active_seqs]
        stmts = (*sweep.begun_with(), *forward)
        sweep.before = around
        self.forward = replace(loop, body=replace(loop.body, stmts=stmts))
        self.changed = [var for var in outer if outer_ends[var] is not params[var]]
        self.carries += [params[var] for var in self.changed]
        self.inits += [self.starts[var] for var in self.changed]
        # What the body left alone is read where it was, not carried.
        unchanged = {params[v]: self.starts[v] for v in outer if v not in self.changed}
        yields = (*self.ends, *(outer_ends[v] for v in self.changed), *element_ends)
        self.stmts = [
            rename_stmt(s, unchanged) for s in prune(inner.stmts, yields, sweep.ragged)
        ]
        self.yields = rename_atoms(yields, unchanged)

    def _placed(
        self, outer: Sequence[Var], adj: Adjoints, builder: AdjointBuilder
    ) -> list[_Place]:
        """The active lists, with their elements, whose adjoint is added to in place, at the
        number of the pass: those that have one already, and all of a loop that ends early."""
        loop = self.loop
        arrays = any(isinstance(seq.list.type, Array) for seq, _ in elements_of(loop))
        if not self.early and self.number not in indices(loop) and not arrays:
            return []
        found = []
        for seq, element in elements_of(loop):
            if element not in self.sweep.activity.active:
                continue
            assert isinstance(seq.list, Var)
            list_, at = self.sweep.viewed(seq.list)
            known = adj.settle(list_, builder)
            has = known is not None and not builder.is_zero(known)
            array = isinstance(seq.list.type, Array)
            if self.early or has or list_ in outer or array:
                found.append(_Place(list_, at, seq.reversed, element))
        return found

    def constant(self) -> frozenset[int]:
        """The carries that every pass hands on as they are."""
        pairs = zip(self.carried, self.ends, self.carries, strict=False)
        return frozenset(k for k, end, carry in pairs if end is carry)


def list_element(atom: Atom) -> Var:
    return atom if isinstance(atom, Var) else Var(atom.type)


def pair(
    body: Body,
    list_bars: Sequence[Atom | None],
    recording: bool,
    builder: AdjointBuilder,
) -> tuple[Loop | While, Loop]:
    """The forward loop with its records, and the loop that runs it backward."""
    forward, sweep = body.forward, body.sweep
    written = sweep.shared.written
    # The sources of the loop say how often it ran, or else its records do.
    index = body.number
    known = isinstance(forward, Loop) and not body.early
    given = {}
    if isinstance(forward, Loop) and not (body.placed and index is not forward.index):
        index = Var(INT, "k") if forward.index.hint == "_" else stand_in(forward.index)
        if forward.index is body.number:
            given[forward.index] = index
    # Places are counted by the passes, whatever the loop's own index is.
    counted = bool(body.placed) and body.number not in indices(forward)
    domain = None
    if known and not counted and isinstance(forward, Loop):
        domain = forward.domain
    if domain is not None:
        domain = domain._replace(backward=not domain.backward)
        given[forward.index] = index  # type: ignore[union-attr]
    again = []
    if known:
        again = [(seq, e) for seq, e in elements_of(forward) if seq.list not in written]
        given.update((e, stand_in(e)) for _, e in again)
    found = plan(
        body.stmts,
        body.yields,
        local_values(forward.body, *indices(forward)),
        given,
        recompute=True,
        unbound=sweep.unbound if recording else (),
        written=written,
        stable=sweep.stable,
    )
    builder.names.update(found.names)
    forward, lists = record(forward, found.recorded, sweep.shared)

    reads: list[tuple[Var, Seq]] = []
    for element, bar in zip(body.list_elements, list_bars, strict=True):
        if element is not None and bar is not None:
            reads.append((element, Seq(bar, reversed=True)))
    for var, list_ in zip(found.recorded, lists, strict=True):
        reads.append((found.read_back(var), Seq(list_, reversed=True)))
    numbered = bool(body.placed) or any(var in found.used for var in indices(forward))
    if not numbered:
        index.hint = "_"
    if domain is None and not known and (numbered or not reads):
        count: Atom
        if reads:
            count = builder.emit("len", (reads[0][1].list,))
        else:
            forward, count = count_passes(forward)
        domain = Range(int_lit(0), count, int_lit(1), backward=numbered)
    elif domain is None and known and numbered:
        count = lists_.count_of(sweep, elements_of(forward)[0][0].list, builder)
        domain = Range(int_lit(0), count, int_lit(1), backward=True)
    for seq, element in again:
        if element in found.used:
            reads.append((given[element], Seq(seq.list, not seq.reversed)))
    if domain is None and not reads:
        if again:
            seq, element = again[0]
            reads.append((given[element], Seq(seq.list)))
        else:
            count = lists_.count_of(sweep, elements_of(forward)[0][0].list, builder)
            domain = Range(int_lit(0), count, int_lit(1))

    stmts = (rename_stmt(stmt, found.renaming) for stmt in body.stmts)
    yields = rename_atoms(body.yields, found.renaming)
    lists_of_bars = tuple(
        Var(List(adjoint_type(e.type)), after=bar_of(e)) for _, e in body.active_seqs
    )
    backward = Loop(
        tuple(map(stand_in, body.carries)),
        lists_of_bars,
        index,
        domain,
        tuple(body.inits),
        tuple(seq for _, seq in reads),
        Block(
            (*body.carries, *(element for element, _ in reads)),
            (*found.recomputed, *stmts),
            (FALSE, *yields),
        ),
        forward.loc,
    )
    return forward, backward


def _hand_on(body: Body, backward: Loop, adj: Adjoints, builder: AdjointBuilder) -> None:
    """Give what the reverse loop ends with to the inits, outer variables and lists."""
    builder.origin = (body.loop,)
    split = len(body.carried)
    for var, out in zip(body.changed, backward.outs[split:], strict=True):
        adj.replace(var, out)
    bars: dict[int, Atom] = dict(zip(body.carried, backward.outs[:split], strict=True))
    for k, bar in (bars | body.constant_bars).items():
        init = body.loop.inits[k]
        if body.sweep.activity.is_active(init):
            assert isinstance(init, Var)
            adj.add(init, bar, builder, builder.origin)
    for (seq, _), list_ in zip(body.active_seqs, backward.lists, strict=True):
        assert isinstance(seq.list, Var)
        # It was made from the last pass to the first.
        in_order = list_ if seq.reversed else builder.emit("reverse_list", (list_,))
        adj.add(seq.list, in_order, builder, builder.origin)
