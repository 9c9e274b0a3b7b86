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
        del kept[-1]
        …                                     the passes from `start` on, recorded and
        stop = start                          reversed as those of every loop

The forward sweep keeps its loop, and records nothing. Between the states that are kept the
passes are made again, and so many at once are recorded that their records are small. Which
state is kept next is the choice of revolve, which makes the fewest passes that so many
states allow. How many passes a `while` makes is known when it has ended; from then on it is
as any other loop.

Every value is computed by the operations that computed it first: the derivative has the
bits that it has where all is recorded. Here is what that takes; `replay.py` writes it.

Source: Griewank & Walther 2000, "Algorithm 799: revolve", ACM TOMS 26.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.ir.nodes import (
    Atom,
    Call,
    Let,
    Lit,
    Loop,
    Stmt,
    Var,
    While,
    float_lit,
)
from s2sad.ir.types import FLOAT, List, Named, Places, Tuple, Type
from s2sad.ir.walk import bound, defines, free_vars, rename_stmt, walk
from s2sad.transform.adjoints import Adjoints
from s2sad.transform.branches import bar_var, starting_values
from s2sad.transform.dce import prune
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.lists import count_of
from s2sad.transform.passes import elements_of, ends_early, indices
from s2sad.transform.record import stand_in
from s2sad.transform.repeatable import check_repeatable
from s2sad.transform.replay import Replay

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep

# So many passes are recorded at once: of numbers, and where a pass has loops inside. Where
# it has arrays or lists it is one. A loop that is known to make few passes is left.
BLOCK, NEST, FEW = 1000, 10, 10


def may_revolve(sweep: Sweep, loop: Loop | While) -> bool:
    """Is the loop to be reversed from snapshots, if it records anything?

    Not inside of one that is, nor where few passes are made for certain, nor where the loop
    makes a list: that is as long as its record would be.
    """
    if sweep.callees.checkpoints is None or sweep.replaying or loop.lists:
        return False
    if isinstance(loop, Loop) and loop.domain is not None:
        match loop.domain[:3]:
            case Lit(int(first)), Lit(int(last)), Lit(int(by)) if by:
                if len(range(first, last, by)) <= max(FEW, block_size(loop)):
                    return False
            case _:
                pass
    if any(_has_places(param.type) for param in loop.carries):
        return False
    return not any(
        isinstance(stmt, Let) and stmt.op in ("append", "drop", "enter")
        for stmt in walk(loop.body)
    )


def _has_places(type_: Type) -> bool:
    """The keys of a dict, of which no copy is made."""
    match type_:
        case Places() | Named():
            return True
        case Tuple(items):
            return any(map(_has_places, items))
        case List(item):
            return _has_places(item)
        case _:
            return False


def block_size(loop: Loop | While) -> int:
    """How many passes are recorded at once."""
    inside = list(walk(loop.body))
    variables = (var for stmt in inside for var in (*defines(stmt), *bound(stmt)))
    if any(may_hold_buffer(var.type) for var in (*loop.body.params, *variables)):
        return 1
    return NEST if any(isinstance(stmt, Loop | While | Call) for stmt in inside) else BLOCK


def revolve(
    sweep: Sweep,
    loop: Loop | While,
    bars: Sequence[Atom],
    adj: Adjoints,
    builder: AdjointBuilder,
    recording: bool,
) -> Stmt:
    """`bars` are the adjoints of the active carries after the loop."""
    from s2sad.transform.loops import Body, active_carries, pair, reverse_recorded

    before = _Saved(sweep, adj, builder, sweep.shared)
    sweep.replaying = True
    nothing = [None] * len(loop.lists)
    forward = reverse_recorded(sweep, loop, bars, nothing, adj, builder, recording)
    sweep.replaying = False
    if not forward.lists:
        # Nothing is recorded.
        return forward
    before.restore()

    check_repeatable(loop, sweep.callees.module)
    active = active_carries(sweep, loop)
    made = Replay(sweep, loop, builder, recording, block_size(loop))
    reads = free_vars(loop.body.stmts, loop.body.yields)
    inside = {*loop.body.params, *indices(loop)}
    lists = [seq.list for seq, _ in elements_of(loop)]
    outer = [
        var for var in sweep.outer_active(dict.fromkeys((*reads, *lists))) if var not in inside
    ]
    fresh = _made_by(sweep, loop, reads, adj, builder)
    starts = starting_values(sweep, [var for var in outer if var not in fresh], adj, builder)
    starts |= fresh
    params = {var: bar_var(var) for var in outer}
    carries = {k: bar_var(loop.outs[k]) for k in active}

    inner = builder.child()
    body_adj = Adjoints(sweep.level, inner.names)
    for var, param in params.items():
        body_adj.accumulate_into(var, param)
    sweep.replaying = True
    sweep.activity.active.update(made.segment.outs[k] for k in active)
    body = Body(sweep, made.segment, list(carries.values()), [], body_adj, inner)
    constant = body.constant()
    if constant:
        given = zip(active, bars, strict=True)
        seeds = [bar if k in constant else carries[k] for k, bar in given]
        body = Body(sweep, made.segment, seeds, [], body_adj, inner, constant)
    forward, backward = pair(body, [], recording, inner)
    sweep.replaying = False

    # What the passes from `start` to `stop` make of the adjoints.
    split = len(body.carried)
    outs = dict(zip(body.carried, backward.outs[:split], strict=True))
    ends: dict[Var, Atom] = {carries[k]: out for k, out in outs.items()}
    inits: dict[Var, Atom] = {
        carries[k]: bar for k, bar in zip(active, bars, strict=True) if k in outs
    }
    for var, out in zip(body.changed, backward.outs[split:], strict=True):
        ends[params[var]] = out
        inits[params[var]] = starts[var]
    unchanged = {params[var]: starts[var] for var in outer if var not in body.changed}
    for stmt in (*made.before, rename_stmt(forward, made.copies), backward):
        inner.add(stmt)
    kept = prune(inner.stmts, ends.values(), sweep.ragged)
    reversal = [rename_stmt(stmt, unchanged) for stmt in kept]
    results = {param: stand_in(param) for param in ends}
    for stmt in made.schedule(reversal, inits, ends, results, forward.lists):
        builder.add(stmt)
    for init_bar in inits.values():
        if may_hold_buffer(init_bar.type):
            builder.gone(init_bar)  # The loop may write to it.

    builder.origin = (loop,)
    for var in body.changed:
        adj.replace(var, results[params[var]])
    for k, bar in zip(active, bars, strict=True):
        init = loop.inits[k]
        if sweep.activity.is_active(init):
            assert isinstance(init, Var)
            adj.add(init, results.get(carries[k], bar), builder, builder.origin)
    return made.forward


class _Saved:
    """What objects hold, to be put back: a loop is reversed to see what it records."""

    def __init__(self, *objects: object) -> None:
        self._attributes = [
            (owner, name, value)
            for owner in objects
            if hasattr(owner, "__dict__")
            for name, value in vars(owner).items()
            # What is known of callees holds whoever calls them.
            if name != "records"
        ]
        values = (value for _, _, value in self._attributes)
        contents = (*values, *(part for owner in objects for part in _parts(owner)))
        self._contents = [(value, _content(value)) for value in contents if _holds(value)]

    def restore(self) -> None:
        for holder, content in self._contents:
            holder.clear()
            holder.extend(content) if isinstance(holder, list) else holder.update(content)
        for owner, name, value in self._attributes:
            setattr(owner, name, value)


def _parts(owner: object) -> tuple[object, ...]:
    return tuple(owner) if isinstance(owner, tuple) else ()


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list | set)


def _content(value: Any) -> Any:
    """A copy, also of the lists in a dict."""
    if isinstance(value, dict):
        return {k: list(v) if isinstance(v, list) else v for k, v in value.items()}
    return value.copy()


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
