"""Calls: a callee is emitted once as a forward and a reverse function.

    y = g(x)     →     y, g_rec = g_fwd(x)     …     x_bar = g_rev(g_rec, y_bar)

The forward function also returns its record, the values that the reverse function reads.
The adjoints of lists that the callee only reads are handed to `g_rev` to be added to.
There is one pair for each set of active arguments and results. The record of a recursive
function holds records of its own kind, so its type has a name.
"""

from __future__ import annotations

from typing import NamedTuple

from s2sad.analysis.activity import Activity, Mask
from s2sad.analysis.frozen import Sharing
from s2sad.ir.node import Content, replace
from s2sad.ir.nodes import Atom, Block, Call, Func, Let, Module, Stmt, Var, int_lit
from s2sad.ir.types import Array, List, Named, Tuple, Type
from s2sad.ir.walk import rename_atoms, rename_stmt, walk
from s2sad.transform.adjoints import Adjoints, adjoint_type, bar_of, sum_of_parts
from s2sad.transform.dce import eliminate_dead, prune
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.hoist import hoist_invariants
from s2sad.transform.naming import settle_names
from s2sad.transform.prepare import bind_lists, unnest_raises
from s2sad.transform.record import local_values, own_copy, plan
from s2sad.transform.settle import settle
from s2sad.transform.sweep import Sweep


class Pair(Content):
    """The two functions of a callee; `record` is the type of what passes between them."""

    forward: str
    reverse: str
    record: Type | None


class Checkpoints(NamedTuple):
    """Long loops are reversed from a few of their states (`transform/revolve.py`).

    snapshots: how many may be kept; None: as many as the number of passes has bits.
    memory: how many bytes the states and the records may take.
    """

    snapshots: int | None = None
    memory: int | None = None


def checkpoints_of(
    checkpoint: str | None, snapshots: int | None, memory: int | None
) -> Checkpoints | None:
    """What the options of `grad` ask for."""
    if checkpoint not in (None, "revolve"):
        raise ValueError(f'checkpoint is "revolve" or None, not {checkpoint!r}')
    for name, value in (("snapshots", snapshots), ("memory", memory)):
        if value is not None and (type(value) is not int or value < 1):
            raise ValueError(f"{name} is a number, 1 at least, not {value!r}")
    if snapshots and (memory or not checkpoint):
        why = "memory tells how many" if memory else 'it goes with checkpoint="revolve"'
        raise ValueError(f"snapshots={snapshots}: {why}")
    return Checkpoints(snapshots, memory) if checkpoint or memory else None


class Callees:
    """The pairs made so far for the functions of a module."""

    def __init__(
        self,
        module: Module,
        level: int,
        reserved: frozenset[str],
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self.module = module
        self.checkpoints = checkpoints
        self.level = level
        self.reserved = reserved
        self.sharing = Sharing(module)
        self.made: dict[str, Func] = {}
        self.records: dict[str, tuple[Type, ...]] = {}
        for record, layout in module.records.items():
            self.lay_out(record, layout)
        self._pairs: dict[tuple[str, Mask, Mask], Pair] = {}
        self._adders: dict[Named, str] = {}

    def builder(self) -> AdjointBuilder:
        builder = AdjointBuilder(None, self.level > 0, {})
        builder.records, builder.adder = self.records, self.adder
        return builder

    def reverse_call(
        self, sweep: Sweep, call: Call, adj: Adjoints, builder: AdjointBuilder
    ) -> Stmt:
        bars: list[Atom] = []
        wanted: list[bool] = []
        for out in call.outs:
            total = adj.take(out, builder) if out in sweep.activity.active else None
            wanted.append(total is not None)
            if total:
                bars.append(builder.own(total.value, out.type))
        given = tuple(map(sweep.activity.is_active, call.args))
        if not bars or not any(given):
            return call
        pair = self.pair(call.func, given, tuple(wanted))
        forward = replace(call, func=pair.forward)
        if pair.record is not None:
            record = Var(pair.record, f"{call.func}_rec")
            forward = replace(forward, outs=(*call.outs, record))
            bars.insert(0, record)
        shared: dict[int, Var] = {}
        for k in self.in_place(call.func, given):
            arg = call.args[k]
            assert isinstance(arg, Var)
            if arg in shared.values():
                bars.append(sweep.zero(arg, builder))
            else:
                shared[k] = arg
                bars.append(sweep.buffer(arg, adj, builder))
        outs = {k: Var(adjoint_type(arg.type)) for k, arg in enumerate(call.args) if given[k]}
        builder.add(Call(tuple(outs.values()), pair.reverse, tuple(bars), call.loc, (call,)))
        for k, out in outs.items():
            arg = call.args[k]
            assert isinstance(arg, Var)
            if k in shared or not adj.has(arg):
                out.after = bar_of(arg)
            if k in shared:
                adj.replace(arg, out)
        for k, out in outs.items():
            arg = call.args[k]
            if k not in shared and isinstance(arg, Var):
                adj.add(arg, out, builder, (call,))
        return forward

    def in_place(self, func: str, args: Mask) -> list[int]:
        """The parameters whose adjoint is handed to the reverse function, to be added to."""
        params = self.module.funcs[func].params
        consumed = self.sharing.consumed(func)
        return [
            k
            for k, (param, active) in enumerate(zip(params, args, strict=True))
            if active and isinstance(param.type, List | Array) and k not in consumed
        ]

    def pair(self, func: str, args: Mask, outs: Mask) -> Pair:
        key = func, args, outs
        if key not in self._pairs:
            self._make(func, args, outs)
        return self._pairs[key]

    def _make(self, name: str, args: Mask, outs: Mask) -> None:
        func = prepare(self.module.funcs[name], self.level)
        forward, reverse = self.fresh(f"{name}_fwd"), self.fresh(f"{name}_rev")
        recursive = _reaches(self.module, name, name)
        named = Named("_record".join(forward.rsplit("_fwd", 1))) if recursive else None
        if named:
            self._pairs[name, args, outs] = Pair(forward, reverse, named)
        first, second, record = Split(self, func, args, outs).functions(forward, reverse, named)
        self._pairs[name, args, outs] = Pair(forward, reverse, record)
        self.made[forward], self.made[reverse] = first, second

    def adder(self, record: Named) -> str:
        """The function that adds up two adjoints of a recursion's record."""
        if record not in self._adders:
            name = self._adders[record] = self.fresh(f"add_{record.name}")
            builder = self.builder()
            made = _adder(name, record, builder)
            settle_names(made, builder.names, self.reserved, self.level)
            self.made[name] = made
        return self._adders[record]

    def lay_out(self, record: str, layout: tuple[Type, ...]) -> None:
        """Set the layout of a record, and that of its adjoint."""
        self.records[record] = layout
        if not record.endswith("_bar"):
            self.records[f"{record}_bar"] = tuple(map(adjoint_type, layout))

    def fresh(self, wish: str) -> str:
        """A name for a new function, as wished if nothing else has it."""
        name, k = wish, 2
        while name in self.made or name in self.module.funcs:
            name, k = f"{wish}{k}", k + 1
        # Taken from now on, also by the recursion inside.
        self.made[name] = self.module.funcs[self.module.entry]
        return name


def prepare(func: Func, level: int) -> Func:
    """The function as reverse mode takes it."""
    func = settle(func) if level else func
    func = eliminate_dead(bind_lists(unnest_raises(func)))
    return hoist_invariants(func) if level else func


class Split:
    """One function, reversed into two: a callee, or the `entry` of a module, which is
    handed no adjoints of its lists and always has a tuple for a record."""

    def __init__(
        self, callees: Callees, func: Func, args: Mask, outs: Mask, entry: bool = False
    ) -> None:
        self.callees = callees
        self.entry = entry
        self.func = func
        self.args = args
        activity = Activity(callees.module, func, args, outs)
        sweep = Sweep(func, activity, callees.level, callees, escapes=True)
        self.builder = sweep.builder()
        adj = Adjoints(callees.level, self.builder.names)
        starts = []
        for k in () if entry else callees.in_place(func.name, args):
            param = func.params[k]
            start = Var(adjoint_type(param.type), after=bar_of(param))
            starts.append(start)
            adj.accumulate_into(param, start)
        self.seeds = []
        for atom, wanted in zip(func.body.yields, outs, strict=True):
            if wanted:
                seed = Var(adjoint_type(atom.type), "" if isinstance(atom, Var) else "y_bar")
                seed.after = bar_of(atom) if isinstance(atom, Var) else None
                self.seeds.append(seed)
                if isinstance(atom, Var) and atom in activity.active:
                    adj.add(atom, seed, self.builder)
        self.seeds += starts
        self.sweep = sweep
        forward = sweep.stmts(sweep.func.body.stmts, adj, self.builder, recording=True)
        self.bars = [
            _value(adj, param, sweep, self.builder)
            for param, wanted in zip(func.params, args, strict=True)
            if wanted
        ]
        self.forward = (*sweep.begun_with(), *forward)

    def functions(
        self, forward: str, reverse: str, named: Named | None
    ) -> tuple[Func, Func, Type | None]:
        stmts = prune(self.builder.stmts, self.bars, self.sweep.ragged)
        body = replace(self.func.body, stmts=self.forward)
        written = self.sweep.shared.written
        found = plan(stmts, self.bars, local_values(body), {}, recompute=True, written=written)
        self.builder.names.update(found.names)
        record_type: Type | None = named
        items = tuple(var.type for var in found.recorded)
        if named:
            self.callees.lay_out(named.name, items)
        elif len(items) == 1 and not self.entry:
            record_type = items[0]
        elif items:
            record_type = Tuple(items)

        writer: list[Stmt] = list(self.forward)
        kept = [own_copy(var, body, self.sweep.shared, writer) for var in found.recorded]
        unpacked: list[Stmt] = []
        # A record of one value is that value.
        whole: dict[Var, Atom] = {}
        params: tuple[Var, ...] = tuple(self.seeds)
        yields = body.yields
        if record_type is not None:
            record = Var(record_type, "rec")
            params = (record, *params)
            if named is None and len(items) == 1 and not self.entry:
                yields = (*yields, kept[0])
                whole[found.read_back(found.recorded[0])] = record
            else:
                packed = Var(record_type, "rec")
                writer.append(Let(packed, "tuple", tuple(kept)))
                yields = (*yields, packed)
                for k, var in enumerate(found.recorded):
                    unpacked.append(Let(found.read_back(var), "item", (record, int_lit(k))))
        structure = self.func.structure
        if record_type is not None:
            structure = (structure, len(yields) - 1)
        first = replace(
            self.func,
            name=forward,
            body=Block(body.params, tuple(writer), yields),
            structure=structure,
            doc=f"{self.func.name}, and its record for {reverse}.",
        )
        renamed = [rename_stmt(stmt, found.renaming) for stmt in stmts]
        body_stmts = [rename_stmt(s, whole) for s in (*found.recomputed, *renamed)]
        bars = rename_atoms(rename_atoms(self.bars, found.renaming), whole)
        second = Func(
            reverse,
            Block(params, (*unpacked, *body_stmts), bars),
            0 if len(bars) == 1 else tuple(range(len(bars))),
            f"The adjoint of {self.func.name}, from its record.",
            loc=self.func.loc,
        )
        first, second = eliminate_dead(first), eliminate_dead(second)
        for made in (first, second):
            settle_names(made, self.builder.names, self.callees.reserved, self.callees.level)
        return first, second, record_type


def _adder(name: str, record: Named, builder: AdjointBuilder) -> Func:
    """if a is None: b, elif b is None: a, else: (a[0] + b[0], …)"""
    a, b = Var(record, "a"), Var(record, "b")
    otherwise, both = builder.child(), builder.child()
    there = otherwise.child(), otherwise.child()
    one = builder.is_absent(a)
    other = otherwise.is_absent(b)
    total = sum_of_parts(a, b, record, there[1])
    either = otherwise.choose(other, (a,), (total,), there)
    outs = builder.choose(one, (b,), either, (both, otherwise))
    for out in (*either, *outs):
        out.hint = "total"
    doc = "The sum of two adjoints of a record, where None is zero."
    return Func(name, builder.block((a, b), outs), 0, doc)


def _value(adj: Adjoints, param: Var, sweep: Sweep, builder: AdjointBuilder) -> Atom:
    total = adj.take(param, builder)
    if total is None:
        return sweep.zero(param, builder)
    builder.call_after(total.value, bar_of(param))
    return total.value


def _reaches(module: Module, start: str, goal: str) -> bool:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for stmt in walk(module.funcs[todo.pop()].body):
            if isinstance(stmt, Call) and stmt.func not in seen:
                seen.add(stmt.func)
                todo.append(stmt.func)
    return goal in seen
