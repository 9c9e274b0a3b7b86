"""Where paths meet: the least structure that holds two values.

A template is a value whose atoms are `Undef`s: a structure with types.
"""

from __future__ import annotations

from s2sad.frontend.keyed import as_table, holds_table
from s2sad.frontend.values import (
    UNBOUND,
    Boxed,
    Inline,
    Layout,
    ListValue,
    Mixed,
    Nullable,
    Stale,
    Struct,
    TupleValue,
    Unbound,
    Value,
    describe,
    empty,
    is_atom,
    is_none,
    is_nullable,
    leaves,
    map_leaves,
    purely_atoms,
    same_meaning,
    template,
)
from s2sad.ir.nodes import Lit, Undef, Var
from s2sad.ir.types import BOOL, INT, NEVER, NONE, List, Named, is_array, is_number, join

# Where such a name is read it may be unbound, and nothing of it is there to raise.
PARTLY = Mixed("bound on some paths only")


def join_templates(a: Value, b: Value) -> Value:
    """The least structure that holds both values, or `Mixed` where there is none."""
    if a is b:
        return template(a)
    if a is PARTLY or b is PARTLY:
        return PARTLY
    if _bottom(a) or _bottom(b):
        bound = b if _bottom(a) else a
        unusable = not purely_atoms(bound) and not isinstance(bound, Unbound | Mixed)
        return PARTLY if unusable else template(bound)
    if _meets_record(a, b) or _meets_record(b, a):
        return _join_boxed(a, b)
    match a, b:
        case ((Var() | Lit() | Undef()), (Var() | Lit() | Undef())):
            if is_none(a) != is_none(b) and (is_number(a.type) or is_number(b.type)):
                number = Undef(b.type if is_none(a) else a.type)
                return Nullable(number, Undef(BOOL))
            type_ = join(a.type, b.type)
            return Mixed(f"{describe(a)} or {describe(b)}") if type_ is None else Undef(type_)
        case Nullable(), _ if is_none(b):
            return template(a)
        case _, Nullable() if is_none(a):
            return template(b)
        case (Inline(), _) if is_none(b) and _is_array(a):
            return Nullable(template(a), Undef(BOOL))
        case (_, Inline()) if is_none(a) and _is_array(b):
            return Nullable(template(b), Undef(BOOL))
        case (Nullable(), _) | (_, Nullable()) if _in_parallel(a) or _in_parallel(b):
            # Of the elements of lists: a list of numbers has no flags.
            if not isinstance(a, Nullable) or not isinstance(b, Nullable):
                return Mixed("a list with None in it or one without")
            item = join_templates(a.item, b.item)
            flags = Undef(a.present.type)
            return Nullable(item, flags) if is_atom(item) else item
        case (Nullable(), _) | (_, Nullable()):
            x = a.item if isinstance(a, Nullable) else a
            y = b.item if isinstance(b, Nullable) else b
            joined = join_templates(x, y)
            if not is_atom(joined) and not _is_array(joined):
                return Mixed(f"{describe(a)} or {describe(b)}")
            return Nullable(joined, Undef(BOOL))
        case TupleValue(xs), TupleValue(ys) if len(xs) == len(ys):
            return TupleValue(_join_all(xs, ys))
        case Struct(l1, xs), Struct(l2, ys) if l1 == l2 and len(xs) == len(ys):
            return Struct(l1, _join_all(xs, ys))
        case (Struct(Layout("dict" | "table")), Struct(Layout("dict" | "table"))):
            return _join_tables(a, b)
        case ((Struct(Layout("list")) | ListValue()), (Struct(Layout("list")) | ListValue())):
            return _join_lists(a, b)
        case Inline(x, s), Inline(y, t):
            content = join_templates(x, y)
            return content if isinstance(content, Mixed) else Inline(content, s | t)
        case Stale(again=True), Stale():
            return b
        case Stale(), _:
            return a
        case _, Stale():
            return b
        case _:
            return a if same_meaning(a, b) else Mixed(f"{describe(a)} or {describe(b)}")


def _is_array(value: Value) -> bool:
    match value:
        case Inline(Var(type=type_) | Undef(type=type_)):
            return is_array(type_)
        case _:
            return False


def _in_parallel(value: Value) -> bool:
    """Is it the elements of a list, or those of them that may be None?"""
    item = value.item if isinstance(value, Nullable) else value
    return isinstance(item, Var | Undef) and isinstance(item.type, List)


def _join_all(xs: tuple[Value, ...], ys: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(join_templates(x, y) for x, y in zip(xs, ys, strict=True))


def _join_lists(a: Value, b: Value) -> Value:
    """Lists of two lengths: a list of unknown length, if their elements are alike."""
    if empty(a) or empty(b):
        known = as_list(b if empty(a) else a)
        return known or Mixed(f"{describe(a)} or {describe(b)}")
    x, y = as_list(a), as_list(b)
    if not isinstance(x, ListValue) or not isinstance(y, ListValue):
        return Mixed(f"{describe(a)} or {describe(b)}, of other elements")
    item = join_templates(x.item, y.item)
    return ListValue(item) if holds_atoms(item) else Mixed("lists of unlike elements")


def _join_tables(a: Value, b: Value) -> Value:
    """Dicts of other keys: one of computed keys, if the keys and the values are alike."""
    x, y = as_table(a), as_table(b)
    if x is None or y is None:
        return Mixed(f"{describe(a)} or {describe(b)}, of other keys")
    joined = join_templates(x, y)
    if isinstance(joined, Struct):
        mixed = next((item for item in joined.items if isinstance(item, Mixed)), None)
        return mixed or joined
    return joined


def as_list(value: Value) -> ListValue | None:
    """The template of a list of unknown length that holds a list; None if there is none."""
    match value:
        case ListValue():
            made = template(value)
            return made if isinstance(made, ListValue) else None
        case Struct(Layout("list"), ()):
            return ListValue(Undef(List(NEVER)))
        case Struct(Layout("list"), items):
            joined: Value = UNBOUND
            for item in items:
                joined = join_templates(joined, rowed(template(item)))
            if is_none(joined):
                joined = Nullable(Undef(INT), Undef(BOOL))
            if not holds_atoms(joined):
                return None
            return ListValue(map_leaves(joined, lambda leaf: Undef(List(leaf.type))))
        case _:
            return None


def rowed(shape: Value) -> Value:
    """The template of an element of a list of unknown length: the lists in it are such
    lists too, where their own elements are alike."""
    match shape:
        case Inline(Struct(Layout("list")) as row, origins):
            made = as_list(row)
            return Inline(row if made is None else made, origins)
        case Inline(content, origins):
            return Inline(rowed(content), origins)
        case TupleValue(items):
            return TupleValue(tuple(map(rowed, items)))
        case Struct(layout, items):
            return Struct(layout, tuple(map(rowed, items)))
        case _:
            return shape


def holds_atoms(value: Value) -> bool:
    """Can a list of unknown length have such elements?"""
    if holds_table(value) or (is_nullable(value) and not isinstance(value, Nullable)):
        return False
    return purely_atoms(value) and any(True for _ in leaves(value))


def _record(value: Value) -> str | None:
    """The record that an atom is, "" for None; None for anything else."""
    match value:
        case Var(type=Named(name)) | Undef(type=Named(name)):
            return name
        case Var(type=type_) | Lit(type=type_) | Undef(type=type_) if type_ == NONE:
            return ""
        case _:
            return None


def _meets_record(a: Value, b: Value) -> bool:
    """Does a tuple meet None or a record, or one record another?"""
    if isinstance(a, Boxed):
        return True
    record, other = _record(a), _record(b)
    if record is None:
        return False
    return isinstance(b, TupleValue) or (bool(record) and bool(other) and record != other)


def _join_boxed(a: Value, b: Value) -> Value:
    x, y = _as_boxed(a), _as_boxed(b)
    if x is None or y is None:
        return Mixed(f"{describe(a)} or {describe(b)}")
    records = tuple(dict.fromkeys((*x.records, *y.records)))
    if x.shape is None or y.shape is None:
        return Boxed(y.shape if x.shape is None else x.shape, records)
    joined = join_templates(x.shape, y.shape)
    return joined if isinstance(joined, Mixed) else Boxed(joined, records)


def _as_boxed(value: Value) -> Boxed | None:
    record = _record(value)
    match value:
        case Boxed():
            return value
        case TupleValue():
            return Boxed(template(value))
        case _ if record is not None:
            return Boxed(None, (record,) if record else ())
        case _:
            return None


def same_template(a: Value, b: Value) -> bool:
    """Do two templates agree in structure and types?"""
    match a, b:
        case Undef(), Undef():
            return a.type == b.type
        case TupleValue(xs), TupleValue(ys):
            return len(xs) == len(ys) and all(map(same_template, xs, ys))
        case Struct(l1, xs), Struct(l2, ys):
            return l1 == l2 and len(xs) == len(ys) and all(map(same_template, xs, ys))
        case (
            (ListValue(x), ListValue(y))
            | (Nullable(x, _), Nullable(y, _))
            | (Inline(x, _), Inline(y, _))
        ):
            return same_template(x, y)
        case Mixed(), Mixed():
            return True
        case _:
            return a is b or same_meaning(a, b)


def _bottom(value: Value) -> bool:
    return isinstance(value, Unbound) or (isinstance(value, Undef) and value.type == NEVER)
