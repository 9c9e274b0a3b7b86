"""The adjoints that a reverse sweep has gathered so far.

An adjoint is the sum of the contributions of every use (the lecture's 43-50). A variable
from outside the region at hand is an *accumulator*: its adjoint is carried, and each
contribution is added where it arises. An array's adjoint is one buffer with one owner,
written in place, and so is a list's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s2sad.errors import NotDifferentiable
from s2sad.ir.nodes import FALSE, Atom, Call, Lit, Loop, Seq, Stmt, Var, int_lit
from s2sad.ir.structure import element_type
from s2sad.ir.types import COMPLEX, FLOAT, INT, Array, List, Named, Opaque, Scalar, Tuple, Type
from s2sad.transform.fold import AdjointBuilder, After


class Contribution(NamedTuple):
    """A summand and the statements that it passed through unchanged."""

    value: Atom
    origin: tuple[Stmt, ...] = ()


class Adjoints:
    def __init__(self, level: int, names: dict[Var, After]) -> None:
        self.level = level
        self._names = names
        self._gathered: dict[Var, list[Contribution]] = {}
        self._accumulators: set[Var] = set()

    def accumulate_into(self, var: Var, start: Atom) -> None:
        """From here on the adjoint of `var` is `start` plus what comes."""
        self._gathered[var] = [Contribution(start)]
        self._accumulators.add(var)

    def accumulates(self, atom: Atom) -> bool:
        return isinstance(atom, Var) and atom in self._accumulators

    def add(
        self,
        var: Var,
        value: Atom,
        builder: AdjointBuilder,
        origin: tuple[Stmt, ...] = (),
    ) -> None:
        gathered = self._gathered.setdefault(var, [])
        if var.type is FLOAT and var not in self._accumulators:
            gathered.append(Contribution(value, origin))
            return
        if isinstance(var.type, Array):
            value = builder.handed_once(value)
        if var in self._accumulators or (gathered and isinstance(var.type, Array | List)):
            total = sum_of(gathered[0].value, value, var.type, builder, bar_of(var))
            gathered[:] = [Contribution(total)]
        else:
            gathered.append(Contribution(value, origin))

    def replace(self, var: Var, value: Atom) -> None:
        """The adjoint is this now: it was carried through a region, or an array's buffer."""
        self._gathered[var] = [Contribution(value)]

    def has(self, var: Var) -> bool:
        return var in self._gathered

    def settle(self, var: Var, builder: AdjointBuilder) -> Atom | None:
        """The sum so far as one value, kept; None where nothing has come yet."""
        if var not in self._gathered:
            return None
        if len(self._gathered[var]) > 1 or (self.level == 0 and not self._named(var)):
            self._gathered[var] = [self._sum(var, self._gathered.pop(var), builder)]
        return self._gathered[var][0].value

    def take(self, var: Var, builder: AdjointBuilder) -> Contribution | None:
        """The adjoint of a variable whose definition is reached; None where it is zero."""
        gathered = self._gathered.pop(var, None)
        self._accumulators.discard(var)
        if gathered is None:
            return None
        total = self._sum(var, gathered, builder)
        if isinstance(var.type, Array):
            builder.handed_back(total.value)
        return total

    def _sum(
        self, var: Var, gathered: list[Contribution], builder: AdjointBuilder
    ) -> Contribution:
        if len(gathered) == 1:
            return self._single(var, gathered[0], builder)
        # Level 0 sums in the order of the lecture's (43) and (45), that of the program.
        ordered = gathered if self.level else gathered[::-1]
        builder.origin = tuple([stmt for part in ordered for stmt in part.origin])
        total = ordered[0].value
        for k, part in enumerate(ordered[1:], start=2):
            after = bar_of(var) if k == len(ordered) else None
            total = sum_of(total, part.value, var.type, builder, after)
        builder.call_after(total, bar_of(var))
        return Contribution(total)

    def _named(self, var: Var) -> bool:
        (part,) = self._gathered[var]
        return isinstance(part.value, Var) and part.value.after == bar_of(var)

    def _single(self, var: Var, part: Contribution, builder: AdjointBuilder) -> Contribution:
        if self.level == 0 and isinstance(var.type, Scalar):
            if isinstance(part.value, Var) and part.value.after == bar_of(var):
                return part
            builder.origin = part.origin
            return Contribution(builder.name(part.value, bar_of(var)))
        if isinstance(part.value, Var):
            # Should it turn out to be used more than once, it is called this.
            self._names.setdefault(part.value, bar_of(var))
        return part


def bar_of(var: Var) -> After:
    """What the adjoint of a variable is called."""
    return var, "_bar"


def sum_of(
    a: Atom, b: Atom, type_: Type, builder: AdjointBuilder, after: After | None = None
) -> Atom:
    """a + b for the adjoints of a primal of any type."""
    if builder.is_zero(a):
        return b
    if builder.is_zero(b):
        return a
    if type_ is FLOAT:
        return builder.make("add", a, b, after=after, type_=type_)
    match adjoint_type(type_):
        case Tuple() as record:
            return sum_of_parts(a, b, record, builder, after)
        case Named() as record:
            return _sum_of_records(a, b, record, builder, after)
        case List():
            return add_at(builder.own(a), b, (), builder, after)
        case other_type:
            return builder.make("add", a, b, after=after, type_=other_type)


def add_at(
    buffer: Atom,
    bar: Atom,
    index: Sequence[Atom],
    builder: AdjointBuilder,
    after: After | None = None,
) -> Atom:
    """The buffer with `bar` added to the element at an index, in place."""
    place = element_type(buffer.type, len(index))
    if isinstance(buffer.type, Array) or isinstance(place, Scalar):
        return builder.emit("acc", (buffer, bar, *index), after)
    if isinstance(place, Named) and builder.holds_buffer(place):
        # Their sum may be one of them: no buffer of its own.
        raise NotDifferentiable(
            "a list of records of a recursion that hold lists",
            None,
            "write the recursion as a loop",
        )
    if not isinstance(place, List):
        known = builder.emit("get", (buffer, *index), type_=place)
        return builder.emit("set", (buffer, sum_of(known, bar, place, builder), *index), after)
    # One element after the other: the list may be the shorter.
    inner = builder.child()
    k, element = Var(INT, "k"), Var(place.item)
    param, out = Var(buffer.type, after=after), Var(buffer.type, after=after)
    following = add_at(param, element, (*index, k), inner, after)
    body = inner.block((param, element), (FALSE, following))
    builder.add(Loop((out,), (), k, None, (buffer,), (Seq(bar),), body))
    return out


def _sum_of_records(
    a: Atom, b: Atom, record: Named, builder: AdjointBuilder, after: After | None
) -> Atom:
    """The sum of adjoints of a recursion's record, each of which may be None."""
    unsure = [builder.may_be_absent(one) for one in (a, b)]
    if all(unsure):
        # Records in records, as deep as the recursion went: that takes a function.
        total = Var(record, after=after)
        builder.add(Call((total,), builder.adder(record), (a, b), None, builder.origin))
        return total
    if not any(unsure):
        return sum_of_parts(a, b, record, builder, after)
    one, other = (a, b) if unsure[0] else (b, a)
    absent = builder.is_absent(one)
    branches = builder.child(), builder.child()
    total = sum_of_parts(one, other, record, branches[1])
    return builder.choose(absent, (other,), (total,), branches)[0]


def sum_of_parts(
    a: Atom,
    b: Atom,
    record: Tuple | Named,
    builder: AdjointBuilder,
    after: After | None = None,
) -> Var:
    """The sum of the adjoints of a record, item by item."""
    layout = builder.layout(record)
    lefts, rights = (
        [builder.make("item", part, int_lit(k), type_=item) for k, item in enumerate(layout)]
        for part in (a, b)
    )
    builder.borrowed.update(left for left in lefts if isinstance(left.type, List))
    parts = [
        sum_of(left, right, item, builder)
        for left, right, item in zip(lefts, rights, layout, strict=True)
    ]
    return builder.emit("tuple", parts, after, record)


def known_shape(type_: Type) -> Lit | None:
    """The shape of an array of known sizes, and of a number."""
    dims = type_.dims if isinstance(type_, Array) else ()
    if all(isinstance(dim, int) for dim in dims):
        return Lit(repr(dims), Opaque("literal"))
    return None


def adjoint_type(type_: Type) -> Type:
    """Adjoints have the type of their primal; what carries none is 0.0."""
    match type_:
        case Scalar():
            return COMPLEX if type_ == COMPLEX else FLOAT
        case Tuple(items):
            return Tuple(tuple(map(adjoint_type, items)))
        case List(item):
            return List(adjoint_type(item))
        case Named(name):
            # The adjoint of an adjoint has its layout. No other record is called so.
            return type_ if name.endswith("_bar") else Named(f"{name}_bar")
        case Array():
            return type_
        case _:
            return FLOAT
