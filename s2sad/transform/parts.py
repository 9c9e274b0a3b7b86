"""The adjoints of reads and writes of parts of arrays, in place in one buffer.

y = A[1:]           A_bar[1:] += y_bar
y = A[k]            np.add.at(A_bar, k, y_bar)       k an array of indices
A[1:] = v           v_bar += A_bar[1:]; A_bar[1:] = 0.0
A[1:] += v          v_bar += A_bar[1:]
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from s2sad.ir.arrays import defaults, entries_of
from s2sad.ir.nodes import NOTHING, ZERO, Atom, Let, Lit, Var
from s2sad.ir.structure import WRITES_PART
from s2sad.ir.types import BOOL, INT, Array, Opaque, Tuple, is_array, never_one
from s2sad.transform.adjoints import Adjoints
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.project import project

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def reverse_part(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    if let.op in WRITES_PART:
        reverse_part_written(sweep, let, bar, adj, builder)
        return
    array, at, *index = let.args
    assert isinstance(array, Var)
    if let.op == "view" and _is_turn(str(at_text(at).value)):
        # All of the array, in another order.
        if at_text(at).value == "T":
            turned = builder.make("np.transpose", bar, NOTHING)
        else:
            turned = builder.emit("view", (bar, at), type_=array.type)
            builder.borrowed.add(turned)
        adj.add(array, turned, builder)
        return
    buffer = sweep.buffer(array, adj, builder)
    kept = [sweep.kept(atom) for atom in index]
    repeats = let.op == "pick" and may_repeat(at, index, sweep.definition)
    op = "add_at" if repeats else "add_to"
    adj.replace(array, builder.emit(op, (buffer, bar, at, *kept)))


def reverse_part_written(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    """The adjoint of `put`, `add_to` and `add_at`."""
    array, value, at, *index = let.args
    assert isinstance(array, Var)
    kept = [sweep.kept(atom) for atom in index]
    if let.op == "put" and at_text(at).value == WHOLE and _fills(value, array):
        # All of it is new: the adjoint goes over to what was written.
        if sweep.activity.is_active(value):
            assert isinstance(value, Var)
            adj.add(value, project(sweep, bar, value, builder, same=True), builder)
        return
    bar = builder.own(bar, let.out.type)
    bar = in_order(bar, at, builder)
    share: Atom | None = None
    if sweep.activity.is_active(value):
        assert isinstance(value, Var)
        fancy = "[" in str(at_text(at).value).replace("][", "") or any(
            is_array(atom.type) for atom in index
        )
        part: Atom = builder.emit(
            "pick" if fancy else "view", (bar, at, *kept), type_=sweep.part_type(bar, at, kept)
        )
        repeats = let.op == "put" and may_repeat(at, index, sweep.definition)
        if repeats and is_array(part.type):
            last = _written_last(bar, at, kept, part, builder)
            part = builder.emit("np.where", (last, part, ZERO))
        share = project(sweep, part, value, builder)
        shares = share is part or share in builder.borrowed
        if shares and not fancy and is_array(share.type):
            share = builder.emit("copy", (share,))
        if value is not array:
            adj.add(value, share, builder)
    if let.op == "put" and _hides(sweep, array, value, at, kept):
        # What the mask replaced may have no finite partials: they are looked at under it.
        bar = builder.make("np.where", kept[0], ZERO, bar, type_=bar.type)
    elif let.op == "put":
        bar = builder.emit("put", (bar, ZERO, at, *kept))
    adj.replace(array, bar)
    if share is not None and value is array:
        # `x[::-1] = x`: the array's own adjoint is what stays of it, and this.
        assert isinstance(value, Var)
        adj.add(value, share, builder)


def in_order(bar: Atom, at: Atom, builder: AdjointBuilder) -> Atom:
    """A buffer that a part is written of, in C's order where it is the part of a reshape:
    else that would be a copy, and the write lost."""
    reshaped = "reshape(" in str(at_text(at).value)
    if not reshaped or not isinstance(bar.type, Array) or len(bar.type.dims) < 2:
        return bar
    made = builder.emit("np.ascontiguousarray", (bar,), type_=bar.type)
    builder.borrowed.discard(made)
    builder.gone(bar)
    return made


def _is_turn(text: str) -> bool:
    """Is it an index that reverses axes, or `T`: done twice, it changes nothing?"""
    entries = {entry.strip() for entry in text.split(",")}
    return text == "T" or ("::-1" in entries and entries <= {":", "::-1"})


def at_text(at: Atom) -> Lit:
    assert isinstance(at, Lit)
    return at


def may_repeat(
    at: Atom, index: Sequence[Atom], definition: Callable[[Atom], Let | None]
) -> bool:
    """May an element be named twice? A mask names each once, and so does a list of
    numbers that has none of them twice, or what sorts an array."""
    arrays = [a for a in index if isinstance(a.type, Array) and a.type.dtype is not BOOL]
    if arrays and not _are_places(arrays, definition):
        return True
    lists = [
        ast.literal_eval(entry)
        for text in str(at_text(at).value).split("][")
        for entry in entries_of(text)
        if isinstance(entry, ast.List)
    ]
    # Of both ends a number may mean the same element.
    return len(lists) > 1 or any(
        len(set(map(repr, found))) < len(found) or min(found, default=0) < 0 <= max(found)
        for found in lists
    )


def _are_places(arrays: Sequence[Atom], definition: Callable[[Atom], Let | None]) -> bool:
    """Are arrays of indices the places of elements, each of them once: the results of
    np.triu_indices(n), all together; np.argsort(x)?"""
    match [definition(array) for array in arrays]:
        case [Let(Var(type=Array(_, (_,))), "np.argsort" | "np.flatnonzero")]:
            return True
        case [Let(_, "item", (whole, _)), *_] as lets:
            made = definition(whole)
            if made is None or made.op not in _PLACES or not isinstance(whole.type, Tuple):
                return False
            numbers = {
                let.args[1].key
                for let in lets
                if let is not None and let.op == "item" and let.args[0] is whole
                if isinstance(let.args[1], Lit)
            }
            return len(numbers) == len(lets) == len(whole.type.items)
        case _:
            return False


_PLACES = frozenset(("np.triu_indices", "np.tril_indices", "np.nonzero"))


def _written_last(
    bar: Atom, at: Atom, index: Sequence[Atom], part: Atom, builder: AdjointBuilder
) -> Atom:
    """Of several writes to an element the last is the one that counts:

    order = np.arange(part.size).reshape(part.shape)
    last = np.zeros(bar.shape, int)
    last[k] = order
    last[k] == order
    """
    assert isinstance(bar.type, Array)
    assert isinstance(part.type, Array)
    count = builder.emit("np.size", (part,), type_=INT)
    order = builder.make("np.arange", count, *defaults("np.arange", 1))
    if len(part.type.dims) > 1:
        shape = builder.emit("shape", (part,))
        type_ = Array(INT, part.type.dims)
        order = builder.make(
            "np.reshape", order, shape, *defaults("np.reshape", 2), type_=type_
        )
    dtype = Lit("np.int64", Opaque("dtype"))
    shape = builder.emit("shape", (bar,))
    last = builder.make("np.zeros", shape, dtype, type_=Array(INT, bar.type.dims))
    last = builder.emit("put", (last, order, at, *index))
    found = builder.emit("pick", (last, at, *index))
    return builder.make("eq", found, order)


WHOLE = "..."
# Of these the partials may be infinite where the value is not.
_SINGULAR = frozenset(
    {"div", "pow", "sqrt", "np.divide", "np.power"}
    | {f"np.{name}" for name in ("sqrt", "cbrt", "log", "log2", "log10", "log1p", "reciprocal")}
    | {f"np.{name}" for name in ("arcsin", "arccos", "arctanh", "arccosh", "float_power")}
)


def _hides(sweep: Sweep, array: Var, value: Atom, at: Atom, index: Sequence[Atom]) -> bool:
    """Is it `y[y < 0] = v`, of what was computed by a function with singular partials, and
    a v that has nothing of it?"""
    made = sweep.definition(array)
    if made is None or made.op not in _SINGULAR or at_text(at).value != "{0}":
        return False
    pending = [value]
    while pending:
        let = sweep.definition(pending.pop())
        if let is not None and array in let.args:
            return False
        pending += [] if let is None else let.args
    match index[0].type, array.type:
        case Array(dtype, dims), Array(_, others):
            return dtype == BOOL and len(dims) == len(others)
        case _:
            return False


def _fills(value: Atom, array: Var) -> bool:
    """Is a value of the shape of the array that it is written over?"""
    match value.type, array.type:
        case Array(_, dims), Array(_, others):
            return len(dims) == len(others) and all(
                (d == e and d != "?") or (never_one(d) and never_one(e))
                for d, e in zip(dims, others, strict=True)
            )
        case _:
            return False
