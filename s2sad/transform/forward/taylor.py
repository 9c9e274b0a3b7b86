"""Taylor mode: each value is accompanied by its coefficients up to an order.

    a = x**2                 a_1 = 2 x_1 x      a_2 = 2 x_2 x + x_1**2      …
    b = exp(a)               b_1 = a_1 b        b_2 = (a_1 b_1 + 2 a_2 b) / 2

It is forward mode with a direction for each order: branches, loops, calls, lists and all
that is linear are the same; what is not takes its coefficients from `series`.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.analysis.activity import Activity, Mask
from s2sad.errors import NotDifferentiable
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    ONE,
    ZERO,
    Atom,
    Block,
    Func,
    Let,
    Loop,
    Module,
    Seq,
    Stmt,
    Var,
)
from s2sad.ir.structure import element_type
from s2sad.ir.types import FLOAT, INT
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward.callees import Pushed
from s2sad.transform.forward.entry import Entry, Request, with_or_without_none, wrapped
from s2sad.transform.forward.push import Direction, Push
from s2sad.transform.forward.series import Work

# Up to this order the coefficients are written one by one, beyond it in loops.
STRAIGHT = 8


class TaylorPush(Push):
    """Taylor mode over one function; direction d has the coefficients of order d + 1."""

    def __init__(
        self, func: Func, directions: Sequence[Direction], level: int, callees: Pushed
    ) -> None:
        super().__init__(func, directions, level, callees)
        self._work: Work | None = None

    def block(self, block: Block, builder: AdjointBuilder) -> None:
        around, self._work = self._work, self._new_work(builder)
        super().block(block, builder)
        self._work = around

    def _new_work(self, builder: AdjointBuilder) -> Work:
        def coefficient(atom: Atom, k: int) -> Atom:
            return self.dot(atom, k - 1) or ZERO

        return Work(builder, coefficient, lambda atom: self.is_active(atom, 0), self.order)

    @property
    def order(self) -> int:
        return len(self.directions)

    def _primitive(self, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
        assert self._work is not None
        work = self._work
        work.builder.origin = (let,)
        found = work.statement(let).at(d + 1)
        if builder.is_zero(found):
            return None
        if isinstance(found, Var) and self.level:
            builder.call_after(found, self.called(let.out, d))
        return found

    def of_arrays(self, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
        from s2sad.transform.forward import array_series

        return array_series.coefficient(self, let, d, builder)

    def reaches(self, atom: Atom, d: int) -> bool:
        """Products have a coefficient where neither factor has one of that order."""
        return any(self.dot(atom, order) is not None for order in range(d + 1))

    def varies(self, atom: Atom) -> bool:
        return self.is_active(atom, 0) and any(
            self.dot(atom, d) is not None for d in range(self.order)
        )

    def series(self, let: Let, d: int, builder: AdjointBuilder) -> Atom:
        """The coefficient of a primitive that is applied element by element."""
        assert self._work is not None
        around, self._work.builder = self._work.builder, builder
        found = self._work.statement(let).at(d + 1)
        self._work.builder = around
        return found

    def product(self, let: Let, dots: Atom, d: int, builder: AdjointBuilder) -> Atom:
        """All orders of the product of a list in one loop."""
        if d == 0:
            self._products(let, builder)
        known = self.dot(let.out, d)
        assert known is not None
        return known

    def _products(self, let: Let, builder: AdjointBuilder) -> None:
        (list_,) = let.args
        assert isinstance(list_, Var)
        inner = builder.child()
        numbers = range(self.order)
        lists = [self.made(list_, d, builder) for d in numbers]
        element = Var(element_type(list_.type, 1), after=(list_, "_k"))
        parts: list[Atom] = [
            element,
            *(Var(FLOAT, after=self.called(element, d)) for d in numbers),
        ]
        totals: list[Atom] = [
            Var(FLOAT, "product"),
            *(Var(FLOAT, after=self.called(let.out, d)) for d in numbers),
        ]
        nexts: list[Atom] = []
        for k in range(self.order + 1):
            terms = [inner.make("mul", totals[j], parts[k - j]) for j in range(k + 1)]
            total = terms[0]
            for term in terms[1:]:
                total = inner.make("add", total, term)
            nexts.append(total)
        outs = [Var(FLOAT), *(Var(FLOAT, after=self.called(let.out, d)) for d in numbers)]
        params = [var for var in (*totals, *parts) if isinstance(var, Var)]
        body = inner.block(params, (FALSE, *nexts))
        inits = (ONE, *(ZERO for _ in numbers))
        seqs = (Seq(list_), *(Seq(dots) for dots in lists))
        builder.add(Loop(tuple(outs), (), Var(INT, "k"), None, inits, seqs, body))
        for d in numbers:
            self.set_dot(let.out, d, outs[d + 1])


class TaylorPushed(Pushed):
    """The functions with coefficients: what varies in one order, varies in all."""

    push_class = TaylorPush
    suffix = "taylor"

    def activities(
        self, func: Func, given: tuple[Mask, ...], wanted: tuple[Mask, ...]
    ) -> list[Activity]:
        args = tuple(map(any, zip(*given, strict=True)))
        outs = tuple(map(any, zip(*wanted, strict=True)))
        activity = Activity(self.module, func, args, outs)
        return [activity for _ in given]


def taylor(module: Module, request: Request, order: int, directed: bool) -> Module:
    """The module of `NAME_taylor`: the coefficients of the function along a line, from 0 to
    `order`, as a tuple.

    `directed`: it takes the direction of the line after the arguments. Otherwise there is
    one number that varies, and the line is its axis.
    """
    if order > STRAIGHT and isinstance(request.of, int):
        from s2sad.transform.forward import lists_of_orders, recurrences

        try:
            return lists_of_orders.taylor(module, request, order, directed)
        except recurrences.NoRecurrence:
            pass
    return with_or_without_none(
        lambda absent: _taylor(module, request, order, directed, absent)
    )


def _taylor(
    module: Module, request: Request, order: int, directed: bool, absent: bool
) -> Module:
    if not isinstance(request.of, int):
        name = module.entry
        raise NotDifferentiable(
            f"a Taylor polynomial of {name}, which returns several numbers",
            module.funcs[name].loc,
            "return one of them",
        )
    suffixes = tuple(f"_{k}" for k in range(1, max(order, 1) + 1))
    made = Entry(module, request, suffixes, absent, kind=TaylorPushed)
    func = made.func
    wanted = made.wanted[0] if made.wanted else set()
    params: list[Var] = []
    entry = func
    checks: list[Stmt] = []
    if directed:
        entry, params, checks = made.with_dots(wanted)
    else:
        for k in wanted:
            made.push.set_dot(func.params[k], 0, ONE)
    builder = made.run(checks)
    atom = func.body.yields[request.of]
    dots = [made.push.made(atom, d, builder) for d in range(order)]
    made.func = replace(func, body=replace(func.body, yields=(atom,)))
    entry = replace(
        entry,
        name=request.name or made.callees.fresh(f"{func.name}_taylor"),
        doc=_doc(func.name, made.names or request.inputs, order, directed),
        structure=tuple(range(order + 1)),
        sweeps=("values", "coefficients"),
    )
    return made.finished(entry, params, builder, dots)


def _doc(name: str, what: Sequence[str], order: int, directed: bool) -> str:
    listed = ", ".join(what)
    along = f"along {listed}" if directed else f"in {listed}"
    return wrapped(f"Taylor coefficients of {name} {along}, from 0 to {order}.")
