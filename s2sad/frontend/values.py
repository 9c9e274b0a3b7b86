"""What a name stands for while a function is lowered.

    value ::= atom | TupleValue(value, …) | ListValue(item) | NewList | Appending
            | FunctionValue | a meaning of resolve.py | UNBOUND | Mixed(why)

Tuples are static: their parts are values of their own. A list of tuples is kept as
parallel lists: the item of a `ListValue` is the structure of one element, with variables
of list type as its leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from s2sad.errors import Loc
from s2sad.frontend.resolve import Meaning
from s2sad.ir.nodes import Atom, Lit, Undef, Var
from s2sad.ir.types import NEVER, NONE, List, Named, Scalar, Type, join

if TYPE_CHECKING:
    from s2sad.frontend.base import Frame
    from s2sad.frontend.source import UserFunction


class TupleValue(NamedTuple):
    items: tuple[Value, ...]


class ListValue(NamedTuple):
    """A list that nothing is appended to any more."""

    item: Value


class NewList:
    """A list display `[]`, known by one name only, nothing appended yet."""

    __slots__ = ("loc",)

    def __init__(self, loc: Loc) -> None:
        self.loc = loc


class Appending(NamedTuple):
    """A list that the loop being lowered appends to, once in every pass."""

    loop: int


class FunctionValue(NamedTuple):
    """A function of the program; a nested one has the frame that it captures from."""

    function: UserFunction
    frame: Frame | None
    defaults: tuple[tuple[str, Value], ...] = ()


class Unbound:
    """A name that is not bound on this path."""

    __slots__ = ()


class Mixed(NamedTuple):
    """A value that differs in kind from path to path: refused when it is read."""

    why: str


class Boxed(NamedTuple):
    """In a template: a tuple or None, of the layout of these records where there are any."""

    shape: Value | None
    records: tuple[str, ...] = ()


Value: TypeAlias = (
    "Atom | TupleValue | ListValue | NewList | Appending | FunctionValue | Meaning"
    " | Unbound | Mixed | Boxed"
)

UNBOUND = Unbound()


def is_atom(value: Value) -> bool:
    return isinstance(value, Var | Lit | Undef)


def leaves(value: Value) -> Iterator[Atom]:
    """The atoms that a value is made of, in order."""
    match value:
        case Var() | Lit() | Undef():
            yield value
        case TupleValue(items):
            for item in items:
                yield from leaves(item)
        case ListValue(item):
            yield from leaves(item)
        case _:
            return


def rebuild(value: Value, atoms: Iterator[Atom]) -> Value:
    """A value of the same structure, from other atoms."""
    match value:
        case Var() | Lit() | Undef():
            return next(atoms)
        case TupleValue(items):
            return TupleValue(tuple(rebuild(item, atoms) for item in items))
        case ListValue(item):
            return ListValue(rebuild(item, atoms))
        case _:
            return value


def map_leaves(value: Value, change: Callable[[Atom], Atom]) -> Value:
    return rebuild(value, iter([change(atom) for atom in leaves(value)]))


def purely_atoms(value: Value) -> bool:
    """Is a value made of atoms, nothing static in it?"""
    match value:
        case Var() | Lit() | Undef():
            return True
        case TupleValue(items):
            return all(map(purely_atoms, items))
        case ListValue(item):
            return purely_atoms(item)
        case _:
            return False


def template(value: Value) -> Value:
    """The structure and the types of a value, its atoms replaced by `Undef`."""
    return map_leaves(value, lambda atom: Undef(atom.type))


def join_templates(a: Value, b: Value) -> Value:
    """The least structure that holds both values, or `Mixed` where there is none."""
    if a is b:
        return template(a)
    if _bottom(a) or _bottom(b):
        bound = b if _bottom(a) else a
        unusable = not purely_atoms(bound) and not isinstance(bound, Unbound | Mixed)
        return Mixed("bound on some paths only") if unusable else template(bound)
    if _meets_record(a, b) or _meets_record(b, a):
        return _join_boxed(a, b)
    match a, b:
        case ((Var() | Lit() | Undef()), (Var() | Lit() | Undef())):
            type_ = join(a.type, b.type)
            return Mixed(f"{_describe(a)} or {_describe(b)}") if type_ is None else Undef(type_)
        case TupleValue(xs), TupleValue(ys) if len(xs) == len(ys):
            items = tuple(join_templates(x, y) for x, y in zip(xs, ys, strict=True))
            mixed = next((item for item in items if isinstance(item, Mixed)), None)
            return mixed or TupleValue(items)
        case ListValue(), _ if _empty(b):
            return template(a)
        case _, ListValue() if _empty(a):
            return template(b)
        case ListValue(x), ListValue(y):
            item = join_templates(x, y)
            return item if isinstance(item, Mixed) else ListValue(item)
        case FunctionValue(), FunctionValue() if a == b:
            return a
        case _:
            return a if same_meaning(a, b) else Mixed(f"{_describe(a)} or {_describe(b)}")


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
        return Mixed(f"{_describe(a)} or {_describe(b)}")
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


def same_meaning(a: Value, b: Value) -> bool:
    return type(a) is type(b) and isinstance(a, tuple) and not is_atom(a) and a == b


def same_template(a: Value, b: Value) -> bool:
    """Do two templates agree in structure and types?"""
    match a, b:
        case Undef(), Undef():
            return a.type == b.type
        case TupleValue(xs), TupleValue(ys):
            return len(xs) == len(ys) and all(map(same_template, xs, ys))
        case ListValue(x), ListValue(y):
            return same_template(x, y)
        case Mixed(), Mixed():
            return True
        case _:
            return a is b or same_meaning(a, b)


def _bottom(value: Value) -> bool:
    return isinstance(value, Unbound) or (isinstance(value, Undef) and value.type == NEVER)


def _empty(value: Value) -> bool:
    """Is it a list that nothing was appended to?"""
    match value:
        case NewList() | ListValue(item=Var(type=List(item=Scalar("never")))):
            return True
        case ListValue(item=Undef(type=List(item=Scalar("never")))):
            return True
        case _:
            return False


empty = _empty


def value_type(value: Value) -> Type:
    """The type of a value that is an atom."""
    assert isinstance(value, Var | Lit | Undef)
    return value.type


def list_element(leaf: Atom) -> Type:
    return leaf.type.item if isinstance(leaf.type, List) else NEVER


def _describe(value: Value) -> str:
    match value:
        case Var() | Lit() | Undef():
            return f"a {value.type}"
        case TupleValue(items):
            return f"a tuple of {len(items)}"
        case ListValue() | NewList() | Appending():
            return "a list"
        case FunctionValue(function):
            return f"the function {function.name}"
        case Mixed(why):
            return why
        case Unbound():
            return "nothing"
        case _:
            return "a global"


describe = _describe
