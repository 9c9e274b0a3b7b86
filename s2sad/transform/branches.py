"""The adjoint of a branch, and of a `try`: the adjoint of the path that ran.

    if c:                       if c:
        y = y * x       →           x_bar += y_bar * y
                                    y_bar *= x

Active variables from outside go through each arm as accumulators. What an arm's reverse
reads of its forward part becomes a result of the forward branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.analysis.frozen import Shared
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Handler,
    If,
    Lit,
    Stmt,
    Try,
    Var,
    int_lit,
    raises_always,
)
from s2sad.ir.walk import free_vars, rename_atoms, rename_stmt
from s2sad.transform.adjoints import Adjoints, adjoint_type, bar_of
from s2sad.transform.dce import prune
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.record import local_values, placeholder, plan, unbound

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def reverse_if(
    sweep: Sweep, stmt: If, adj: Adjoints, builder: AdjointBuilder, recording: bool
) -> Stmt:
    bars = take_all(sweep, stmt.outs, adj, builder)
    if not any(bars):
        return stmt
    starts = starting_values(sweep, outer_active(sweep, stmt), adj, builder)
    arms = []
    for arm, holds in ((stmt.then, True), (stmt.orelse, False)):
        sweep.bounds.enter(stmt.cond, holds)
        arms.append(_Arm(sweep, arm, bars, starts, builder, recording))
        sweep.bounds.leave()
    outs, blocks = _hand_over(arms, recording, sweep.shared)
    changed = _merge_alike(_changed(arms, starts), arms, adj)
    then, orelse = (arm.block(changed) for arm in arms)
    bar_outs = tuple(map(bar_var, changed))
    builder.add(If(bar_outs, stmt.cond, then, orelse, stmt.loc, (stmt,)))
    for var, out in zip(changed, bar_outs, strict=True):
        adj.replace(var, out)
    return replace(stmt, outs=stmt.outs + outs, then=blocks[0], orelse=blocks[1])


def reverse_try(
    sweep: Sweep, stmt: Try, adj: Adjoints, builder: AdjointBuilder, recording: bool
) -> Stmt:
    """A chain of branches on the number of the path that ran."""
    bars = take_all(sweep, stmt.outs, adj, builder)
    if not any(bars):
        return stmt
    starts = starting_values(sweep, outer_active(sweep, stmt), adj, builder)
    paths = (stmt.body, *(handler.block for handler in stmt.handlers))
    arms = [_Arm(sweep, path, bars, starts, builder, recording) for path in paths]
    outs, blocks = _hand_over(arms, recording, sweep.shared)
    changed = _changed(arms, starts)
    bar_outs = _chain(stmt, arms, changed, builder)
    for var, out in zip(changed, bar_outs, strict=True):
        adj.replace(var, out)
    handlers = tuple(
        Handler(handler.exc, block)
        for handler, block in zip(stmt.handlers, blocks[1:], strict=True)
    )
    return replace(stmt, outs=stmt.outs + outs, body=blocks[0], handlers=handlers)


def _chain(
    stmt: Try, arms: Sequence[_Arm], changed: Sequence[Var], builder: AdjointBuilder
) -> tuple[Atom, ...]:
    """if path == 0: … elif path == 1: … else: the last."""
    block = arms[-1].block(changed)
    if len(arms) == 1:
        # The body of a `with`: it ran to its end.
        for inner in block.stmts:
            builder.add(inner)
        return block.yields
    outs: tuple[Var, ...] = ()
    for k in range(len(arms) - 2, -1, -1):
        outs = tuple(map(bar_var, changed))
        around = builder if k == 0 else builder.child()
        cond, truth = _tells(stmt)
        if cond is None:
            cond, truth = around.emit("eq", (stmt.path, int_lit(k))), True
        both = (arms[k].block(changed), block)
        then, orelse = both if truth else both[::-1]
        around.add(If(outs, cond, then, orelse, stmt.loc))
        block = around.block((), outs)
    return outs


def _tells(stmt: Try) -> tuple[Atom | None, bool]:
    """A result that tells which of two paths ran, and its value where the body did."""
    if len(stmt.handlers) == 1:
        caught = stmt.handlers[0].block
        for out, ran, other in zip(stmt.outs, stmt.body.yields, caught.yields, strict=True):
            match ran, other:
                case (Lit(bool(value)), Lit(bool(opposite))) if value is not opposite:
                    return out, value
                case _:
                    pass
    return None, True


def take_all(
    sweep: Sweep, outs: Sequence[Var], adj: Adjoints, builder: AdjointBuilder
) -> list[Atom | None]:
    """The adjoints of a region's results; None where one is zero."""
    bars: list[Atom | None] = []
    for out in outs:
        bar = adj.take(out, builder) if out in sweep.activity.active else None
        bars.append(bar.value if bar else None)
    return bars


def outer_active(sweep: Sweep, stmt: Stmt) -> list[Var]:
    return sweep.outer_active(free_vars([stmt]))


def bar_var(primal: Var) -> Var:
    return Var(adjoint_type(primal.type), after=bar_of(primal))


def starting_values(
    sweep: Sweep, carried: Sequence[Var], adj: Adjoints, builder: AdjointBuilder
) -> dict[Var, Atom]:
    """The adjoints that go into a region: what has come so far, or zero."""
    settled = ((var, adj.settle(var, builder)) for var in carried)
    return {var: builder.own(bar or sweep.zero(var, builder), var.type) for var, bar in settled}


def seed_yields(
    sweep: Sweep,
    yields: Sequence[Atom],
    bars: Sequence[Atom | None],
    adj: Adjoints,
    builder: AdjointBuilder,
) -> None:
    """Hand the adjoints of a region's results to what the region yields."""
    for atom, bar in zip(yields, bars, strict=True):
        if bar is not None and sweep.activity.is_active(atom):
            assert isinstance(atom, Var)
            adj.add(atom, bar, builder)


class _Arm:
    """One arm, reversed: `ends` are the adjoints of outer variables that it leaves."""

    def __init__(
        self,
        sweep: Sweep,
        arm: Block,
        bars: Sequence[Atom | None],
        starts: dict[Var, Atom],
        builder: AdjointBuilder,
        recording: bool,
    ) -> None:
        inner = builder.child()
        adj = Adjoints(sweep.level, inner.names)
        for var, start in starts.items():
            adj.accumulate_into(var, start)
        seed_yields(sweep, arm.yields, bars, adj, inner)
        forward = sweep.stmts(arm.stmts, adj, inner, recording)
        self.forward = replace(arm, stmts=tuple(forward))
        self.ends: dict[Var, Atom] = {}
        for var, start in starts.items():
            end = adj.take(var, inner)
            self.ends[var] = inner.own(end.value, var.type) if end else start
        self.stmts = prune(inner.stmts, self.ends.values(), sweep.ragged)
        self.plan = plan(
            self.stmts,
            self.ends.values(),
            local_values(self.forward),
            {},
            recompute=recording,
            unbound=sweep.unbound if recording else (),
            written=sweep.shared.written,
            stable=sweep.stable,
        )
        builder.names.update(self.plan.names)

    def block(self, changed: Sequence[Var]) -> Block:
        """The reverse of the arm, over values that are in sight there."""
        stmts = [rename_stmt(stmt, self.plan.renaming) for stmt in self.stmts]
        ends = (self.ends[var] for var in changed)
        return Block(
            (), (*self.plan.recomputed, *stmts), rename_atoms(ends, self.plan.renaming)
        )


def _changed(arms: Sequence[_Arm], starts: dict[Var, Atom]) -> list[Var]:
    return [v for v in starts if any(arm.ends[v] is not starts[v] for arm in arms)]


def _merge_alike(changed: Sequence[Var], arms: Sequence[_Arm], adj: Adjoints) -> list[Var]:
    """Where every arm ends with the same value, it is the adjoint, and no arm's result."""
    different = []
    for var in changed:
        ends = [arm.ends[var] for arm in arms]
        keys = {end.key if isinstance(end, Lit) else None for end in ends}
        alike = len(keys) == 1 and None not in keys
        if alike or all(end is ends[0] for end in ends):
            adj.replace(var, ends[0])
        else:
            different.append(var)
    return different


def _hand_over(
    arms: Sequence[_Arm], recording: bool, shared: Shared
) -> tuple[tuple[Var, ...], list[Block]]:
    """The forward arms with what their reverses read as further results."""
    outs: list[Var] = []
    stmts = [list(arm.forward.stmts) for arm in arms]
    raises = [raises_always(arm.forward) for arm in arms]
    # Nothing may stand after a raise, and nothing reads what it did not get to.
    fills = [placeholder if recording and not r else unbound for r in raises]
    yields = [list(arm.forward.yields) for arm in arms]
    for k, arm in enumerate(arms):
        for var in arm.plan.recorded:
            outs.append(arm.plan.read_back(var))
            if var in shared.derived:
                shared.derived.add(outs[-1])
            for j in range(len(arms)):
                yields[j].append(var if j == k else fills[j](var.type, stmts[j]))
    blocks = [
        Block(arm.forward.params, tuple(stmts[j]), tuple(yields[j]))
        for j, arm in enumerate(arms)
    ]
    return tuple(outs), blocks
