"""The adjoints of what is done to lists and arrays, in place in one buffer.

    v = L[i]            L_bar[i] += v_bar
    L[i] = v            v_bar = L_bar[i]; L_bar[i] = 0.0
    L.append(v)         v_bar = L_bar.pop()             L[i].append(v) likewise
    v = L.pop()         L_bar.append(v_bar)
    y = sum(L)          for k in range(len(L)): L_bar[k] += y_bar

In the reverse sweep the adjoint of a list has at every point the length that the list had
at that point of the forward sweep, so that the same index leads to the same element.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.errors import NotDifferentiable
from s2sad.ir.nodes import FALSE, ONE, ZERO, Atom, Let, Lit, Loop, Range, Seq, Var, int_lit
from s2sad.ir.structure import element_type
from s2sad.ir.types import FLOAT, INT, Array, List, Scalar, Tuple
from s2sad.ops.reductions import OTHERS, REDUCTIONS
from s2sad.transform import partials
from s2sad.transform.adjoints import Adjoints, add_at, adjoint_type, bar_of
from s2sad.transform.fold import AdjointBuilder

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def reverse_get(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    part, *rest = let.args
    assert isinstance(part, Var)
    # What is read of a part of a list goes to the list's adjoint at once.
    array, place = sweep.viewed(part)
    index = [*place, *rest]
    buffer = sweep.buffer(array, adj, builder)
    before = _just_zeroed(buffer, index, builder)
    if before is not None and _is_read_of(bar, before, builder):
        # v = L[i]; L[i] = … v …: what was taken out goes back in.
        builder.withdraw(before)
        adj.replace(array, before.args[0])
    elif before is not None:
        adj.replace(array, builder.emit(before.op, (before.args[0], bar, *before.args[2:])))
    else:
        if bar.type == List(FLOAT) and isinstance(bar, Var) and bar not in builder.defs:
            # Handed on by a loop or a branch, it may be a row of the buffer, by its looks.
            bar = builder.emit("copy", (bar,))
        adj.replace(array, add_at(buffer, bar, index, builder))


def _just_zeroed(buffer: Atom, index: Sequence[Atom], builder: AdjointBuilder) -> Let | None:
    """The statement that made this element of the buffer 0.0, if nothing came between."""
    let = builder.defs.get(buffer) if isinstance(buffer, Var) else None
    if let is None or let.op not in ("set", "append") or let not in builder.stmts:
        return None
    if not (isinstance(let.args[1], Lit) and builder.is_zero(let.args[1])):
        return None
    place = let.args[2:] if let.op == "set" else (*let.args[2:], int_lit(-1))
    at = builder.stmts.index(let)
    if any(not isinstance(s, Let) or buffer in s.args for s in builder.stmts[at + 1 :]):
        return None
    return let if len(place) == len(index) and all(map(_same, place, index)) else None


def _is_read_of(bar: Atom, write: Let, builder: AdjointBuilder) -> bool:
    """Is a value the element that a write has replaced?"""
    read = builder.defs.get(bar) if isinstance(bar, Var) else None
    if read is None or (read.op, write.op) != ("get", "set"):
        return False
    place = (write.args[0], *write.args[2:])
    return len(read.args) == len(place) and all(map(_same, read.args, place))


def _same(a: Atom, b: Atom) -> bool:
    return a is b or (isinstance(a, Lit) and isinstance(b, Lit) and a.key == b.key)


def reverse_write(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    """The adjoint of `set`, `acc`, `append` and `drop`."""
    array = let.args[0]
    assert isinstance(array, Var)
    bar = builder.own(bar, let.out.type)
    match let.op, let.args:
        case "acc", (_, value, *index):
            _take(value, _read_back(sweep, let, value, bar, index, adj, builder), adj, builder)
        case "set", (_, value, *index):
            _take(value, _read_back(sweep, let, value, bar, index, adj, builder), adj, builder)
            blank = _blank_element(sweep, let, array, index, builder)
            bar = builder.emit("set", (bar, blank, *index))
        case "append", (_, value, *index):
            last = [*index, int_lit(-1)]
            share = _read_back(sweep, let, value, bar, last, adj, builder)
            bar = builder.emit("drop", (bar, *index))
            _take(value, share, adj, builder)
        case "drop", (_, *index):
            blank = _blank_element(sweep, let, array, [*index, int_lit(-1)], builder)
            bar = builder.emit("append", (bar, blank, *index))
    adj.replace(array, bar)


def _take(value: Atom, share: Atom | None, adj: Adjoints, builder: AdjointBuilder) -> None:
    if share is not None:
        assert isinstance(value, Var)
        adj.add(value, share, builder)


def _read_back(
    sweep: Sweep,
    let: Let,
    value: Atom,
    buffer: Atom,
    index: Sequence[Atom],
    adj: Adjoints,
    builder: AdjointBuilder,
) -> Atom | None:
    """What a value that is in a list takes of the list's adjoint; None if it is inactive."""
    if not sweep.activity.is_active(value):
        return None
    assert isinstance(value, Var)
    after = None if adj.has(value) else bar_of(value)
    if isinstance(value.type, List | Array):
        view = builder.emit("get", (buffer, *index))
        return builder.emit("copy", (view,), after)
    if builder.holds_buffer(value.type):
        raise NotDifferentiable("a list of tuples that hold lists", let.loc)
    return builder.emit("get", (buffer, *index), after)


def _blank_element(
    sweep: Sweep, let: Let, array: Var, index: Sequence[Atom], builder: AdjointBuilder
) -> Atom:
    """The adjoint of an element that a write replaces or takes away."""
    type_ = element_type(array.type, len(index))
    if isinstance(type_, Scalar):
        return ZERO
    replaced = sweep.insert(Let(Var(type_), "get", (array, *index)))
    if isinstance(type_, Array):
        shape = Let(Var(Tuple((INT,) * len(type_.dims))), "shape", (replaced,))
        return sweep.zeros(sweep.insert(shape), type_, builder)
    if isinstance(type_, List):
        # Read now: after the write it is gone.
        return blank_list(sweep, replaced, builder)
    if builder.holds_buffer(type_):
        raise NotDifferentiable("a list of tuples that hold lists", let.loc)
    return sweep.zero(replaced, builder)


def blank_list(sweep: Sweep, primal: Var, builder: AdjointBuilder, after: bool = False) -> Var:
    """Zeros in the shape that a list has before the statement at hand, or after it."""
    shape = adjoint_type(primal.type)
    flat = isinstance(shape, List) and isinstance(shape.item, Scalar)
    if primal in sweep.lengths:
        known = sweep.lengths[primal]
        if not isinstance(known, Var):
            raise known
        if known.type != INT:
            return builder.emit("zeros_list", (known,), type_=shape)
        return builder.emit("repeat", (ZERO, known))
    gone = primal in sweep.shared.written or primal in sweep.inserted
    if flat and primal in sweep.displays:
        return builder.emit("repeat", (ZERO, int_lit(sweep.displays[primal])))
    # What the reverse sweep has made itself, an item of a record, is there.
    if primal in builder.defs or not (gone or (flat and sweep.recording)):
        return builder.emit("zeros_list", (primal,), type_=shape)
    if flat:
        count = length(sweep, primal, builder, after)
        return builder.emit("repeat", (ZERO, count))
    kept = sweep.insert(Let(Var(shape), "zeros_list", (primal,)), after)
    return builder.emit("zeros_list", (kept,), type_=shape)


def length(sweep: Sweep, primal: Var, builder: AdjointBuilder, after: bool = False) -> Atom:
    """The length of a list that is written to, as it is at the statement at hand."""
    if primal in sweep.displays:
        return int_lit(sweep.displays[primal])
    known = builder.known("len", (primal,))
    return known or sweep.insert(Let(Var(INT, after=(primal, "_len")), "len", (primal,)), after)


def reverse_list(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    """The elements of a literal list each take their own part."""
    for k, part in enumerate(let.args):
        share = _read_back(sweep, let, part, bar, [int_lit(k)], adj, builder)
        _take(part, share, adj, builder)


def count_of(sweep: Sweep, list_: Atom, builder: AdjointBuilder) -> Atom:
    """The length of a list as it is at the statement at hand."""
    if isinstance(list_, Var) and (list_ in sweep.shared.written or list_ in sweep.displays):
        return length(sweep, list_, builder)
    return builder.emit("len", (list_,))


# Reductions.


def reverse_reduction(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    rule = REDUCTIONS[let.op]
    list_, *start = let.args
    for atom in start:
        if sweep.activity.is_active(atom):
            assert isinstance(atom, Var)
            adj.add(atom, bar, builder)
    if not sweep.activity.is_active(list_):
        return
    assert isinstance(list_, Var)
    if rule.partial == "1.0":
        _same_share(sweep, list_, bar, adj, builder)
        return
    elements = list_
    if list_ in sweep.shared.written:
        elements = sweep.insert(Let(Var(list_.type, after=(list_, "_in")), "copy", (list_,)))
    if rule.partial == OTHERS:
        shares = _products_of_others(elements, bar, builder)
        adj.add(list_, builder.emit("reverse_list", (shares,), bar_of(list_)), builder)
        return
    named: dict[str, Atom] = {"y": let.out}
    if rule.ties:
        named["ties"] = builder.emit("count", (elements, let.out))
    element = Var(element_type(list_.type, 1), after=(list_, "_k"))
    inner = builder.child()
    share = partials.contribution(
        bar, rule.partial, {**named, "x": element}, inner, sweep.bounds
    )
    if not adj.has(list_):
        _recorded(list_, elements, element, share, adj, builder, inner)
    else:
        buffer = sweep.buffer(list_, adj, builder)
        _added(list_, buffer, share, (element, Seq(elements)), None, adj, builder, inner)


def _same_share(
    sweep: Sweep, list_: Var, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    """Every element takes the adjoint of the result as it is."""
    count = count_of(sweep, list_, builder)
    if not adj.has(list_):
        adj.add(list_, builder.emit("repeat", (bar, count), bar_of(list_)), builder)
        return
    buffer = sweep.buffer(list_, adj, builder)
    domain = Range(int_lit(0), count, int_lit(1))
    _added(list_, buffer, bar, None, domain, adj, builder, builder.child())


def _recorded(
    list_: Var,
    elements: Var,
    element: Var,
    share: Atom,
    adj: Adjoints,
    builder: AdjointBuilder,
    inner: AdjointBuilder,
) -> None:
    """The adjoint of a list to which nothing else has contributed."""
    bars = Var(List(FLOAT), after=bar_of(list_))
    body = inner.block((element,), (FALSE, share))
    builder.add(Loop((), (bars,), Var(INT, "k"), None, (), (Seq(elements),), body))
    adj.add(list_, bars, builder)


def _added(
    list_: Var,
    buffer: Atom,
    share: Atom,
    over: tuple[Var, Seq] | None,
    domain: Range | None,
    adj: Adjoints,
    builder: AdjointBuilder,
    inner: AdjointBuilder,
) -> None:
    index = Var(INT, "k")
    param, out = (Var(buffer.type, after=bar_of(list_)) for _ in range(2))
    following = inner.emit("acc", (param, share, index), bar_of(list_))
    params = (param, over[0]) if over else (param,)
    seqs = (over[1],) if over else ()
    body = inner.block(params, (FALSE, following))
    builder.add(Loop((out,), (), index, domain, (buffer,), seqs, body))
    adj.replace(list_, out)


def _products_of_others(elements: Var, bar: Atom, builder: AdjointBuilder) -> Var:
    """bar times the product of the other elements, for each from the last to the first.

    left_in = []                        right = y_bar
    for x in xs:                        for x, left in zip(reversed(xs), reversed(left_in)):
        left_in.append(left)      …         bars.append(right * left)
        left *= x                           right *= x
    """
    item = element_type(elements.type, 1)
    left, left_out, lefts = Var(FLOAT, "left"), Var(FLOAT, "left"), Var(List(FLOAT), "left_in")
    first, second = builder.child(), builder.child()
    x = Var(item, after=(elements, "_k"))
    following = first.emit("mul", (left, x))
    body = first.block((left, x), (FALSE, following, left))
    index = Var(INT, "k")
    builder.add(Loop((left_out,), (lefts,), index, None, (ONE,), (Seq(elements),), body))
    right, right_out, shares = (
        Var(FLOAT, "right"),
        Var(FLOAT, "right"),
        Var(List(FLOAT), after=bar_of(elements)),
    )
    x, left = Var(item, after=(elements, "_k")), Var(FLOAT, "left")
    share = second.emit("mul", (right, left))
    following = second.emit("mul", (right, x))
    body = second.block((right, x, left), (FALSE, following, share))
    seqs = Seq(elements, reversed=True), Seq(lefts, reversed=True)
    builder.add(Loop((right_out,), (shares,), Var(INT, "k"), None, (bar,), seqs, body))
    return shares
