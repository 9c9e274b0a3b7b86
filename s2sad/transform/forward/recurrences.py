"""The coefficients of series to an order that is not known: recurrences in lists.

    b = exp(a)          for k in range(1, order + 1):
                            t = 0.0
                            for a_j, b_i in zip(a_prime, reversed(b_series)):
                                t += a_j * b_i
                            b_k = a_k * b + t / k
                            a_prime.append(k * a_k)
                            b_series.append(b_k)

`a_series` has the coefficients of `a` from the first on, `a_prime` each times its order, that
is the coefficients of the derivative. A straight piece of a program is one loop over the
orders; in pass k the lists that grow in it have those below k, so that a sum of products is
a loop over one list and another one reversed. What comes from elsewhere is sliced. The rules
are those of `series`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from s2sad.errors import NotDifferentiable
from s2sad.ir.nodes import (
    FALSE,
    NOTHING,
    SUM,
    ZERO,
    Atom,
    Let,
    Loop,
    Range,
    Seq,
    Var,
    int_lit,
)
from s2sad.ir.types import FLOAT, INT, List
from s2sad.transform.fold import AdjointBuilder, After
from s2sad.transform.forward import series
from s2sad.transform.forward.series import Series, Work

if TYPE_CHECKING:
    from s2sad.transform.forward.lists_of_orders import SeriesPush

# So many series may stand behind a statement; more belong to rules that never end.
_MOST = 32
COEFFICIENTS = List(FLOAT)


class NoRecurrence(NotDifferentiable):
    """There is no recurrence for it: the orders are written out one by one."""


class Recurrences:
    """The loop over the orders of one straight piece."""

    def __init__(
        self, push: SeriesPush, lets: Sequence[Let], order: Atom, builder: AdjointBuilder
    ) -> None:
        self.push = push
        self.order = order
        self.builder = builder
        self.inner = builder.child()
        self.k = Var(INT, "k")
        self.work = Work(builder, _no_coefficient, push.varies, 0)
        self._outs: dict[Series, Var] = {}
        self._current: dict[Series, Atom] = {}
        # The lists that grow: before a pass, and what a pass adds to them.
        self._tails: dict[Series, Var] = {}
        self._primes: dict[Series, Var] = {}
        self._sliced: dict[Series, Var] = {}
        self.made: list[tuple[Let, Series]] = []
        builder.origin = ()
        for let in lets:
            found = self.work.statement(let)
            self.made.append((let, found))
            self.work.call(let.out, found)
            if not found.flat:
                self._outs.setdefault(found, let.out)
        self._complete(len(lets))

    def _complete(self, count: int) -> None:
        """Ask for all series that there are, so that they are known before the loop."""
        seen: set[Series] = set()
        pending = [found for _, found in self.made]
        while pending:
            found = pending.pop()
            if found in seen or found.flat:
                continue
            seen.add(found)
            if len(seen) > _MOST * (count + 1):
                raise NoRecurrence("series that refer to ever more others")
            pending += needs(found)

    def write(self) -> None:
        """Write the loop, and hand the lists to the values of the piece."""
        wanted = [(let, found) for let, found in self.made if not found.flat]
        for let, found in wanted:
            self.inner.origin = (let,)
            self.current(found)
            if not _is_given(_moved(found)):
                self.tail(found)
        # What is summed over has to be carried on, and may ask for more.
        known = -1
        while known != len(self._tails) + len(self._primes):
            known = len(self._tails) + len(self._primes)
            for found in (*self._tails, *self._primes):
                self.current(found)
        self.inner.origin = ()
        outs = self._loop()
        for let, found in wanted:
            same = _moved(found)
            self.push.set_dot(let.out, 0, outs.get(same) or self._given(same))

    def _loop(self) -> dict[Series, Var]:
        """The loop over the orders; the lists that it ends with."""
        grown: list[tuple[Var, Var]] = []
        for found, param in self._tails.items():
            grown.append((param, self._append(param, self.current(found))))
        for found, param in self._primes.items():
            weighted = self.inner.make("mul", self.k, self.current(found))
            grown.append((param, self._append(param, weighted)))
        if not grown:
            return {}
        params = [param for param, _ in grown]
        empty = [
            self.builder.emit("list", (), after=param.after, type_=COEFFICIENTS)
            for param in params
        ]
        outs = [Var(COEFFICIENTS, after=param.after) for param in params]
        body = self.inner.block(params, (FALSE, *(following for _, following in grown)))
        stop = Var(INT)
        self.builder.add(Let(stop, "add", (self.order, int_lit(1)), None, SUM))
        domain = Range(int_lit(1), stop, int_lit(1))
        self.builder.add(Loop(tuple(outs), (), self.k, domain, tuple(empty), (), body))
        return dict(zip(self._tails, outs, strict=False))

    def _append(self, list_: Var, value: Atom) -> Var:
        return self.inner.emit("append", (list_, value), type_=COEFFICIENTS)

    # Coefficients, of the order k and below.

    def current(self, found: Series) -> Atom:
        """The coefficient of the order k."""
        found = _moved(found)
        if found.flat:
            return ZERO
        if found not in self._current:
            around, self.work.builder = self.work.builder, self.inner
            made = self._from_outside(found) if _is_given(found) else coefficient(self, found)
            self.work.builder = around
            if isinstance(made, Var):
                # Should it be used more than once, it is called this.
                self.inner.names.setdefault(made, self.called(found, "_k"))
            self._current[found] = made
        return self._current[found]

    def _value(self, found: Series) -> Var:
        """What a series is called after."""
        value = self._outs.get(found, found.at(0))
        return value if isinstance(value, Var) else Var(FLOAT, "c")

    def called(self, found: Series, suffix: str) -> After:
        return self._value(found), suffix

    def _from_outside(self, found: Series) -> Atom:
        return self.inner.emit("get", (self._given(found), self._one_less()))

    def _given(self, found: Series) -> Atom:
        return self.push.made(found.at(0), 0, self.builder)

    def _one_less(self) -> Atom:
        less = Var(INT)
        self.inner.add(Let(less, "sub", (self.k, int_lit(1)), None, SUM))
        return less

    def tail(self, found: Series) -> Var:
        """The coefficients from 1 to k - 1."""
        found = _moved(found)
        if not _is_given(found):
            return self._carried(self._tails, found, "_series")
        if found not in self._sliced:
            ends = NOTHING, self._one_less(), NOTHING
            given = self._given(found)
            part = self.inner.emit("slice", (given, *ends))
            self.inner.names.setdefault(part, self.called(found, "_below"))
            self._sliced[found] = part
        return self._sliced[found]

    def weighted(self, found: Series) -> Var:
        """The same, each times its order."""
        return self._carried(self._primes, _moved(found), "_prime")

    def _carried(self, lists: dict[Series, Var], found: Series, suffix: str) -> Var:
        if found not in lists:
            lists[found] = Var(COEFFICIENTS, after=(self._value(found), suffix))
        return lists[found]

    def convolved(
        self, start: Atom, op: str, x: Series, w: Series, of: After, dot: bool = False
    ) -> Atom:
        """start ± the sum of x_i w_j over i + j = k, both at least 1; with `dot` of i x_i w_j.
        It is called `of`."""
        factors, w = _unscaled(w)
        if not dot:
            more, x = _unscaled(x)
            factors += more
        if x.flat or w.flat:
            return start
        x, w = _moved(x), _moved(w)
        if factors.count(None) % 2:
            op = "sub" if op == "add" else "add"
        scales = [atom for atom in factors if atom is not None]
        lists = self.weighted(x) if dot else self.tail(x), self.tail(w)
        inner = self.inner.child()
        one = Var(FLOAT, after=(self._value(x), ""))
        two = Var(FLOAT, after=(self._value(w), "_j"))
        total, out = Var(FLOAT, after=of), Var(FLOAT, after=of)
        product = inner.emit("mul", (one, two))
        following = inner.emit("add" if scales else op, (total, product))
        body = inner.block((total, one, two), (FALSE, following))
        seqs = Seq(lists[0]), Seq(lists[1], True)
        begin = ZERO if scales else start
        self.inner.add(Loop((out,), (), Var(INT, "j"), None, (begin,), seqs, body))
        if not scales:
            return out
        share: Atom = out
        for scale in scales:
            share = self.inner.make("mul", scale, share)
        return self.work.sum(op, start, share)


def _unscaled(found: Series) -> tuple[list[Atom | None], Series]:
    """The constant factors and the signs (None) before a series, and what they stand before."""
    factors: list[Atom | None] = []
    while True:
        match found:
            case series.Negative():
                factors.append(None)
                found = found.x
            case series.Product() if found.x.flat:
                factors.append(found.x.at(0))
                found = found.w
            case series.Product() if found.w.flat:
                factors.append(found.w.at(0))
                found = found.x
            case _:
                return factors, found


def _moved(found: Series) -> Series:
    """The series that has the same coefficients from the first on: x of x + 1.0."""
    while isinstance(found, series.Sum):
        if found.w.flat:
            found = found.x
        elif found.x.flat and found.op == "add":
            found = found.w
        else:
            break
    return found


def _is_given(found: Series) -> bool:
    return isinstance(found, series.Known)


def _no_coefficient(atom: Atom, k: int) -> Atom:
    raise NoRecurrence("an order that is told one by one")


def needs(found: Series) -> Iterable[Series]:
    """The series that the recurrence of a series asks for."""
    match found:
        case series.Sum() | series.Product() | series.Quotient():
            return found.x, found.w
        case series.Negative():
            return (found.x,)
        case series.Elementary():
            return (*found.args, *(p for p in found.partials() if p is not None))
        case series.Known():
            return ()
        case _:
            raise NoRecurrence("a power whose exponent is counted")


def coefficient(at: Recurrences, found: Series) -> Atom:
    """The coefficient of the order k: the recurrences."""
    work = at.work
    match found:
        case series.Sum():
            return work.sum(found.op, at.current(found.x), at.current(found.w))
        case series.Negative():
            return work.make("neg", at.current(found.x))
        case series.Product():
            x, w = found.x, found.w
            ends = work.sum(
                "add",
                work.mul(at.current(x), w.at(0)),
                work.mul(x.at(0), at.current(w)),
            )
            return at.convolved(ends, "add", x, w, at.called(found, "_k"))
        case series.Quotient():
            x, w = found.x, found.w
            last = work.mul(at.current(w), found.at(0))
            rest = work.sum("sub", at.current(x), last)
            rest = at.convolved(rest, "sub", w, found, at.called(found, "_k"))
            return work.make("div", rest, w.at(0))
        case series.Elementary():
            return _chained(at, found)
        case _:
            raise NoRecurrence("a series of another kind")


def _chained(at: Recurrences, found: series.Elementary) -> Atom:
    """k y_k is the sum of j x_j φ'_{k-j}: its last term, and the others."""
    work = at.work
    pairs = zip(found.args, found.partials(), strict=True)
    parts = [(arg, partial) for arg, partial in pairs if partial is not None]
    currents = [at.current(arg) for arg, _ in parts]
    others: Atom = ZERO
    for arg, partial in parts:
        others = at.convolved(others, "add", arg, partial, at.called(found, "_sum"), True)
    last: Atom = ZERO
    for current, (_, partial) in zip(currents, parts, strict=True):
        last = work.sum("add", last, work.mul(current, partial.at(0)))
    if work.builder.is_zero(others):
        return last
    return work.sum("add", last, work.make("div", others, at.k))
