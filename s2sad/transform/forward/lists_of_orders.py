"""Taylor mode to an order that the emitted function is told: lists of coefficients.

    def f_taylor(x: float, order: int = 20):
        x_series = [1.0] + [0.0] * (order - 1)
        a = x**2
        for k in range(1, order + 1):
            …
        return [f] + f_series

It is forward mode in one direction, in which the tangent of a number is the list of its
coefficients from the first on; `recurrences` has what is not linear.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.errors import InternalError
from s2sad.ir.borrow import check_borrows
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    ONE,
    SUM,
    ZERO,
    Atom,
    Block,
    Func,
    If,
    Input,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Seq,
    Stmt,
    Undef,
    Var,
    int_lit,
)
from s2sad.ir.structure import STRUCTURE
from s2sad.ir.types import BOOL, FLOAT, INT, List, Opaque, Scalar, Tuple, Type
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward.callees import Pushed
from s2sad.transform.forward.entry import Entry, Request, fresh, with_or_without_none, wrapped
from s2sad.transform.forward.push import Direction, Push
from s2sad.transform.forward.recurrences import COEFFICIENTS, NoRecurrence, Recurrences

SUFFIX = "_series"
# What is done to the coefficients of elements as it is to the elements.
_ALIKE = frozenset(
    {"tuple", "list", "item", "get", "slice", "concat", "repeat", "copy", "reverse_list"}
    | {"id", "set", "append", "drop"}
)

_OTHERS = STRUCTURE - _ALIKE


class SeriesPush(Push):
    """Taylor mode over one function; the one tangent of a number is a list."""

    def __init__(
        self, func: Func, directions: Sequence[Direction], level: int, callees: Pushed
    ) -> None:
        super().__init__(func, directions, level, callees)
        self.order = Var(INT, "order")

    # Types and zeros.

    def type_of(self, type_: Type, d: int) -> Type:
        match type_:
            case Scalar():
                return COEFFICIENTS
            case Tuple(items):
                return Tuple(tuple(self.type_of(item, d) for item in items))
            case List(item):
                return List(self.type_of(item, d))
            case _:
                raise NoRecurrence(f"a list of coefficients of a {type_}")

    def zero(self, primal: Atom, d: int, builder: AdjointBuilder) -> Atom:
        if isinstance(primal, Undef):
            return Undef(self.type_of(primal.type, d))
        match primal.type:
            case Scalar():
                return builder.emit("repeat", (ZERO, self.order), type_=COEFFICIENTS)
            case List(Scalar()):
                row = self.zero(ZERO, d, builder)
                count = builder.emit("len", (primal,))
                return builder.emit("repeat", (row, count), type_=List(COEFFICIENTS))
            case List():
                raise NoRecurrence("a list of lists that are constant")
            case _:
                return super().zero(primal, d, builder)

    def varies(self, atom: Atom) -> bool:
        return self.is_active(atom, 0) and self.dot(atom, 0) is not None

    # Statements.

    def stmt(self, stmt: Stmt, builder: AdjointBuilder) -> None:
        match stmt:
            case Let(out, "list_sum" | "acc") if self.is_active(out, 0):
                self.flush(builder)
                builder.origin = (stmt,)
                (self._sum if stmt.op == "list_sum" else self._added_to)(stmt, builder)
                builder.origin = ()
            case Let(out, op) if (
                op in STRUCTURE and op not in _ALIKE and self.is_active(out, 0)
            ):
                raise NoRecurrence(f"lists of coefficients through {op}", stmt.loc)
            case _:
                super().stmt(stmt, builder)

    def flush(self, builder: AdjointBuilder) -> None:
        pending, self._pending = self._pending, []
        if pending:
            self.first = len(builder.stmts) if self.first is None else -1
        piece: list[Let] = []
        for let in pending:
            if let.op not in STRUCTURE:
                piece.append(let)
                continue
            if any(let.args.count(there.out) for there in piece):
                self._piece(piece, builder)
                piece = []
            self._tangents(let, builder)
        self._piece(piece, builder)

    def _piece(self, piece: Sequence[Let], builder: AdjointBuilder) -> None:
        if piece:
            Recurrences(self, piece, self.order, builder).write()
            builder.origin = ()

    def _sum(self, let: Let, builder: AdjointBuilder) -> None:
        """for x_i in xs_series: y_series = [a + b for a, b in zip(y_series, x_i)]"""
        builder.add(let)
        list_, *start = let.args
        rows = self.dot(list_, 0)
        first = self.made(start[0] if start else ZERO, 0, builder)
        if rows is None:
            self.set_dot(let.out, 0, first)
            return
        inner = builder.child()
        row = Var(COEFFICIENTS, after=(let.out, "_row"))
        total, out = (self.tangent_var(let.out, 0) for _ in range(2))
        body = inner.block((total, row), (FALSE, self._plus(total, row, let.out, inner)))
        builder.add(Loop((out,), (), Var(INT, "_"), None, (first,), (Seq(rows),), body))
        self.set_dot(let.out, 0, out)

    def _plus(self, x: Atom, w: Atom, called: Var, builder: AdjointBuilder) -> Var:
        inner = builder.child()
        one, two = (Var(FLOAT, after=(called, text)) for text in ("", "_j"))
        body = inner.block((one, two), (FALSE, inner.emit("add", (one, two))))
        out = Var(COEFFICIENTS, after=(called, SUFFIX))
        builder.add(Loop((), (out,), Var(INT, "_"), None, (), (Seq(x), Seq(w)), body))
        return out

    def _added_to(self, let: Let, builder: AdjointBuilder) -> None:
        """L[i] += v"""
        list_, value, *index = let.args
        assert isinstance(list_, Var)
        rows = self.made(list_, 0, builder)
        builder.add(let)
        if self.dot(value, 0) is None:
            self.set_dot(let.out, 0, rows)
            return
        row = builder.emit("get", (rows, *index), type_=COEFFICIENTS)
        new = self._plus(row, self.made(value, 0, builder), let.out, builder)
        made = builder.emit("set", (rows, new, *index), type_=rows.type)
        builder.call_after(made, self.called(let.out, 0))
        self.set_dot(let.out, 0, made)

    def put_in(self, let: Let, arg: Atom, dot: Atom, builder: AdjointBuilder) -> Atom:
        """A list of lists that may be written to has its own."""
        row = dot.type == COEFFICIENTS and not isinstance(arg.type, List)
        if row and let.op in ("list", "append", "set") and not builder.is_zero(dot):
            return builder.emit("copy", (dot,))
        return dot

    def taken_out(self, let: Let, dot: Var, builder: AdjointBuilder) -> Atom:
        if let.op == "get" and dot.type == COEFFICIENTS and let.args[0] in self.written:
            return builder.emit("copy", (dot,))
        return dot

    def of_arrays(self, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
        raise NoRecurrence(f"lists of coefficients through {let.op}", let.loc)


class SeriesPushed(Pushed):
    """The functions with lists of coefficients, which are told the order."""

    push_class = SeriesPush
    suffix = "taylor"
    what = "Taylor coefficients from the first on"

    def told(self, push: Push) -> list[Var]:
        assert isinstance(push, SeriesPush)
        return [push.order]


def taylor(module: Module, request: Request, order: int, directed: bool) -> Module:
    """The module of `NAME_taylor`, as `taylor.taylor` makes it, but the order is a parameter
    and the coefficients come in a list. Raises `NoRecurrence`."""
    made = with_or_without_none(
        lambda absent: _taylor(module, request, order, directed, absent)
    )
    try:
        check_borrows(made)
    except InternalError:
        # Lists of lists that are written to while a part of them is read.
        raise NoRecurrence("lists that are written to in such a way") from None
    return made


def _taylor(
    module: Module, request: Request, order: int, directed: bool, absent: bool
) -> Module:
    assert isinstance(request.of, int)
    made = Entry(module, request, (SUFFIX,), absent, kind=SeriesPushed)
    func, push = made.func, made.push
    assert isinstance(push, SeriesPush)
    wanted = made.wanted[0]
    if func.body.yields[request.of].type not in (FLOAT, INT):
        raise NoRecurrence("a result that is no number")
    params: list[Var] = []
    entry = func
    before: list[Stmt] = []
    if directed:
        entry, params, before = made.with_dots(wanted)
    taken = {param.hint for param in (*func.params, *params)} | request.reserved
    push.order = Var(INT, fresh("order", set(taken)))
    before = [*_at_least_1(push.order), *before]
    builder = push.builder()
    for stmt in before:
        builder.add(stmt)
    builder.origin = SUM
    for k in sorted(wanted):
        given = push.made(func.params[k], 0, builder) if directed else ONE
        start = _started(push, given, builder)
        builder.call_after(start, (func.params[k], SUFFIX))
        push.set_dot(func.params[k], 0, start)
    builder.origin = ()
    push.block(func.body, builder)
    value = func.body.yields[request.of]
    found = push.made(value, 0, builder)
    builder.origin = SUM
    first = builder.emit("list", (value,), type_=COEFFICIENTS)
    whole = builder.emit("concat", (first, found), type_=COEFFICIENTS)
    made.func = replace(func, body=replace(func.body, yields=()))
    inputs = entry.inputs
    if inputs:
        at = len(func.params) + len(params)
        inputs = (*inputs, Input(push.order.hint, at))
    last = (int_lit(order),)
    entry = replace(
        entry,
        name=request.name or made.callees.fresh(f"{func.name}_taylor"),
        doc=_doc(func.name, made.names or request.inputs, push.order.hint, directed),
        sweeps=("values", "coefficients"),
        structure=0,
        inputs=inputs,
        defaults=last if directed else (*func.defaults, *last),
    )
    return made.finished(entry, [*params, push.order], builder, [whole])


def _doc(name: str, what: Sequence[str], order: str, directed: bool) -> str:
    listed = ", ".join(what)
    along = f"along {listed}" if directed else f"in {listed}"
    return wrapped(
        f"Taylor coefficients of {name} {along}, from 0 to {order}. Of a value a, a_series "
        "has those from 1 on, and a_prime each of them times its order."
    )


def _at_least_1(order: Var) -> list[Stmt]:
    test, error = Var(BOOL), Var(Opaque())
    text = f"{order.hint} has to be at least 1"
    made = Let(error, "python", (Lit(f"ValueError({text!r})", Opaque("str")),))
    path = Block((), (made, Raise(error)), ())
    return [
        Let(test, "lt", (order, int_lit(1))),
        If((), test, path, Block((), (), ())),
    ]


def _started(push: SeriesPush, first: Atom, builder: AdjointBuilder) -> Atom:
    """[first, 0.0, …]: the coefficients of what moves along a line."""
    if isinstance(first.type, List):
        return _each_started(push, first, builder)
    head = builder.emit("list", (first,), type_=COEFFICIENTS)
    rest = builder.emit("sub", (push.order, int_lit(1)))
    zeros = builder.emit("repeat", (ZERO, rest), type_=COEFFICIENTS)
    return builder.emit("concat", (head, zeros), type_=COEFFICIENTS)


def _each_started(push: SeriesPush, firsts: Atom, builder: AdjointBuilder) -> Atom:
    assert isinstance(firsts, Var)
    assert isinstance(firsts.type, List)
    inner = builder.child()
    element = Var(firsts.type.item, after=(firsts, "_j"))
    started = _started(push, element, inner)
    out = Var(List(started.type), after=(firsts, SUFFIX))
    body = inner.block((element,), (FALSE, started))
    builder.add(Loop((), (out,), Var(INT, "_"), None, (), (Seq(firsts),), body))
    return out
