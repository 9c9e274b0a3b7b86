"""Calls: a callee is emitted with tangents beside its parameters and results.

    y = g(x, n)     →     y, y_dot = g_jvp(x, n, x_dot)

There is one such function for each set of active arguments and results; a recursion calls
itself.
"""

from __future__ import annotations

from s2sad.analysis.activity import Activity, Mask
from s2sad.analysis.frozen import Sharing
from s2sad.ir.node import replace
from s2sad.ir.nodes import ZERO, Atom, Block, Call, Func, Module, Var, int_lit
from s2sad.ir.types import INT, Array, Dim, Type
from s2sad.transform.adjoints import adjoint_type
from s2sad.transform.dce import eliminate_dead
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward.push import Direction, Push
from s2sad.transform.forward.sizes import NoVector, Size
from s2sad.transform.hoist import hoist_invariants
from s2sad.transform.naming import settle_names
from s2sad.transform.prepare import unnest_raises
from s2sad.transform.settle import settle

Key = tuple[str, tuple[Mask, ...], tuple[Mask, ...]]


class BlankRecord(Exception):
    """The tangent of a record of a recursion is None somewhere, for zero."""


class Pushed:
    """The functions with tangents made so far for those of a module.

    `absent`: the tangent of a record may be None, and is tested where it is read.
    """

    push_class: type[Push] = Push
    suffix = "jvp"
    what = "tangent"

    def __init__(
        self,
        module: Module,
        level: int,
        reserved: frozenset[str],
        suffixes: tuple[str, ...],
        absent: bool,
    ) -> None:
        self.module = module
        self.level = level
        self.reserved = reserved
        self.suffixes = suffixes
        # Of directions that are several at once, how many, as a size in types.
        self.dims: list[Dim | None] = [None for _ in suffixes]
        self.absent = absent
        self.sharing = Sharing(module)
        self.made: dict[str, Func] = {}
        self.records: dict[str, tuple[Type, ...]] = dict(module.records)
        for record, layout in module.records.items():
            if not record.endswith("_bar"):
                self.records[f"{record}_bar"] = tuple(map(adjoint_type, layout))
        self._names: dict[Key, str] = {}

    def blank_record(self) -> None:
        if not self.absent:
            raise BlankRecord

    def push_call(self, push: Push, call: Call, builder: AdjointBuilder) -> None:
        numbers = range(len(push.directions))
        # Active, and of a tangent that is not known to be zero.
        given = tuple(
            tuple(push.is_active(arg, d) and push.dot(arg, d) is not None for arg in call.args)
            for d in numbers
        )
        wanted = tuple(tuple(push.is_active(out, d) for out in call.outs) for d in numbers)
        args = [
            push.made(arg, d, builder)
            for d in numbers
            for arg, active in zip(call.args, given[d], strict=True)
            if active
        ]
        outs: list[Var] = []
        for d in numbers:
            for out, active in zip(call.outs, wanted[d], strict=True):
                if active:
                    outs.append(push.tangent_var(out, d))
                    push.set_dot(out, d, outs[-1])
        name = self.function(call.func, given, wanted)
        pushed = replace(
            call,
            func=name,
            outs=(*call.outs, *outs),
            args=(*call.args, *args, *self.told(push)),
        )
        builder.add(pushed)

    def told(self, push: Push) -> list[Var]:
        """What every function is told besides."""
        return []

    def function(self, name: str, given: tuple[Mask, ...], wanted: tuple[Mask, ...]) -> str:
        key = name, given, wanted
        if key not in self._names:
            self._names[key] = self.fresh(f"{name}_{self.suffix}")
            self.made[self._names[key]] = self._make(self._names[key], name, given, wanted)
        return self._names[key]

    def _make(
        self, made: str, name: str, given: tuple[Mask, ...], wanted: tuple[Mask, ...]
    ) -> Func:
        func = prepare(self.module.funcs[name], self.level)
        activities = self.activities(func, given, wanted)
        directions = [
            Direction(activity, suffix, None if dim is None else Size(dim, ZERO))
            for activity, suffix, dim in zip(activities, self.suffixes, self.dims, strict=True)
        ]
        push = self.push_class(func, directions, self.level, self)
        params: list[Var] = []
        for d, mask in enumerate(given):
            for param, active in zip(func.params, mask, strict=True):
                if active:
                    params.append(push.tangent_var(param, d))
                    push.set_dot(param, d, params[-1])
        params += self.told(push)
        builder = push.builder()
        self._measure(push, builder)
        push.block(func.body, builder)
        dots: list[Atom] = [
            push.made(atom, d, builder)
            for d, mask in enumerate(wanted)
            for atom, active in zip(func.body.yields, mask, strict=True)
            if active
        ]
        count = len(func.body.yields)
        pushed = replace(
            func,
            name=made,
            body=Block(
                (*func.params, *params), tuple(builder.stmts), (*func.body.yields, *dots)
            ),
            structure=(func.structure, *range(count, count + len(dots))),
            doc=f"{name}, and its {self.what}.",
            defaults=(),
        )
        pushed = eliminate_dead(pushed, derived=True)
        settle_names(pushed, builder.names, self.reserved, self.level)
        return pushed

    def _measure(self, push: Push, builder: AdjointBuilder) -> None:
        """Read off the tangents that a function is given how many directions there are."""
        for d, dim in enumerate(self.dims):
            if dim is None:
                continue
            there = [v for v in push.tangents[d].values() if isinstance(v.type, Array)]
            if push.tangents[d] and not there:
                raise NoVector("several directions at once through lists given to a function")
            if there:
                count = builder.emit("dim", (there[0], int_lit(0)), type_=INT)
                push.directions[d] = push.directions[d]._replace(size=Size(dim, count))

    def activities(
        self, func: Func, given: tuple[Mask, ...], wanted: tuple[Mask, ...]
    ) -> list[Activity]:
        """What varies in each of the directions."""
        return [
            Activity(self.module, func, args, outs)
            for args, outs in zip(given, wanted, strict=True)
        ]

    def fresh(self, wish: str) -> str:
        """A name for a new function, as wished if nothing else has it."""
        name, k = wish, 2
        while name in self.made or name in self.module.funcs:
            name, k = f"{wish}{k}", k + 1
        # Taken from now on, also by the recursion inside.
        self.made[name] = self.module.funcs[self.module.entry]
        return name


def prepare(func: Func, level: int) -> Func:
    """The function as forward mode takes it."""
    func = settle(func) if level else func
    func = eliminate_dead(unnest_raises(func))
    return hoist_invariants(func) if level else func
