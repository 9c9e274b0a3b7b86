"""What a name stands for while a function is lowered.

    value ::= atom | TupleValue(value, …) | Struct(layout, value, …) | ListValue(item)
            | Ref(object) | Inline(content) | FunctionValue | PartialValue | MethodValue
            | a meaning of resolve.py | UNBOUND | Mixed(why)

Tuples and structs are static: their parts are values of their own. A list of tuples is
kept as parallel lists: the item of a `ListValue` is the structure of one element, with
variables of list type as its leaves.

What can change is an object: a `Ref` names it, the heap has its content, a `Struct`, a
`ListValue`, or `Appending` and `Stale`, which may not be read. So two names for one list
are two `Ref`s to one object.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from s2sad.frontend.resolve import (
    ClassMeaning,
    Held,
    Meaning,
    ObjectMeaning,
    PrimitiveMeaning,
    RuleMeaning,
)
from s2sad.ir.node import Content
from s2sad.ir.nodes import Atom, Lit, Undef, Var
from s2sad.ir.structure import element_type
from s2sad.ir.types import NEVER, NONE, List, Opaque, Record, Scalar, Tuple, Type, is_array

if TYPE_CHECKING:
    from s2sad.frontend.base import Frame
    from s2sad.frontend.source import UserFunction

# The type of a list or a dict that is there before the call and is not looked into.
UNSEEN = Opaque("unseen")


class TupleValue(NamedTuple):
    items: tuple[Value, ...]


class Layout(NamedTuple):
    """What the parts of a struct are.

    kind: "list", "dict", "object", "named" (a named tuple) or "slice". keys: of a dict
    the keys, else the names of the fields; empty for a list. cls: the class of an
    object, by what
    it means (`ClassMeaning`), None for the others.
    """

    kind: str
    keys: tuple[Any, ...] = ()
    cls: ClassMeaning | None = None


SLICE = Layout("slice", ("start", "stop", "step"))


class Struct(NamedTuple):
    """Parts that are known one by one. Immutable itself, as the content of an object too."""

    layout: Layout
    items: tuple[Value, ...]


class Obj:
    """The identity of something that can change.

    origins: the objects that it may be, where paths met; itself if it was made here.
    fixed: why it may not be written to; empty if it may. place: the list of unknown
    length that it is an element of, and its indices there. hint: a name that it has.
    path: of an object that is there before the call, how the output reaches it
    (`self.options`). part: of a view of an array, the array and the index. group: what
    stands for some objects of which no two are one, whatever their origins.
    """

    __slots__ = (
        "fixed",
        "group",
        "hint",
        "origins",
        "part",
        "path",
        "place",
        "reading",
        "shares",
        "world",
    )

    def __init__(self, origins: frozenset[Obj] | None = None) -> None:
        self.origins = frozenset({self}) if origins is None else origins
        self.fixed = ""
        # Are the elements of this list, which can change, those of another list too?
        self.shares = False
        self.hint = ""
        self.path = ""
        # The list or the dict of the module that it is.
        self.world: Held | None = None
        self.place: tuple[Ref, tuple[Atom, ...]] | None = None
        self.part: tuple[Ref, str, tuple[Atom, ...]] | None = None
        self.group: object = None
        # Of a view that is no index: the primitive that it is read as, with the rest of its
        # arguments, its type, the arguments that have to be in C's order for it, and its
        # array as it was when the view was made.
        self.reading: tuple[str, tuple[Atom, ...], Type, frozenset[Var], Atom] | None = None

    def may_be(self, other: Obj) -> bool:
        """May they be one object, though they are two values?"""
        apart = self.group is not None and self.group is other.group
        return not apart and bool(self.origins & other.origins)


class Mark(Obj):
    """Among the origins of an `Inline`: what is known of the object that stands there."""

    __slots__ = ()


_MARKS: dict[tuple[str, bool], Mark] = {}


def mark(fixed: str, shares: bool) -> frozenset[Obj]:
    """The origin that says so, if there is anything to say."""
    if not fixed and not shares:
        return frozenset()
    made = _MARKS.setdefault((fixed, shares), Mark(frozenset()))
    made.fixed, made.shares = fixed, shares
    return frozenset({made})


class Ref(NamedTuple):
    obj: Obj


class Inline(NamedTuple):
    """An object with its content, where the heap does not reach: at a join, at the border
    of a function. `origins` are those of the object that it was, or may have been."""

    content: Value
    origins: frozenset[Obj] = frozenset()


class ListValue(NamedTuple):
    """A list of unknown length; by itself, outside of the heap, a tuple of such."""

    item: Value


class Appending(NamedTuple):
    """The content of a list that the loop being lowered appends to, once in every pass."""

    loop: int


class Stale(NamedTuple):
    """The content of an object that may be another one, which was changed."""

    why: str
    again: bool = False


class FunctionValue(NamedTuple):
    """A function of the program; a nested one has the frame that it captures from, a
    method the class that it stands in."""

    function: UserFunction
    frame: Frame | None
    defaults: tuple[tuple[str, Value], ...] = ()
    owner: ClassMeaning | None = None


class PartialValue(NamedTuple):
    """A callable with its first arguments, and some named ones."""

    func: Value
    args: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...] = ()


class ChoiceValue(NamedTuple):
    """One of two callables, as a condition tells."""

    cond: Atom
    then: Value
    orelse: Value


class SuperValue(NamedTuple):
    """`super()`: the members of an instance, as the ancestors after a class have them."""

    cls: ClassMeaning
    after: ClassMeaning
    instance: Value


class ViewValue(NamedTuple):
    """`d.keys()`, `d.values()`, `d.items()`: what the dict holds when it is asked."""

    owner: Ref
    kind: str


class MethodValue(NamedTuple):
    """A method of something built in: `xs.append`, `d.items`."""

    owner: Value
    name: str


class Unbound:
    """A name that is not bound on this path."""

    __slots__ = ()


class Mixed(NamedTuple):
    """A value that differs in kind from path to path: refused when it is read."""

    why: str


class RowOf(NamedTuple):
    """What a loop over an array of rank 2 or more gets: the row at an index."""

    array: Ref
    at: Value


class Nullable(NamedTuple):
    """A number or an array, or None on some paths: there `present` is false, and no variable
    bound."""

    item: Value
    present: Atom


class Boxed(NamedTuple):
    """In a template: a tuple or None, of the layout of these records where there are any."""

    shape: Value | None
    records: tuple[str, ...] = ()


Value: TypeAlias = (
    "Atom | TupleValue | Struct | Ref | Inline | ListValue | Appending | Stale | FunctionValue"
    " | PartialValue | ChoiceValue | SuperValue | ViewValue | MethodValue | Meaning"
    " | Unbound | Mixed | Boxed | Nullable | RowOf"
)

UNBOUND = Unbound()


def is_atom(value: Value) -> bool:
    return isinstance(value, Var | Lit | Undef)


def leaves(value: Value) -> Iterator[Atom]:
    """The atoms that a value is made of, in order."""
    match value:
        case Var() | Lit() | Undef():
            yield value
        case TupleValue(items) | Struct(_, items):
            for item in items:
                yield from leaves(item)
        case ListValue(item) | Inline(item):
            yield from leaves(item)
        case Nullable(item, present):
            yield from leaves(item)
            yield present
        case RowOf(_, at):
            yield from leaves(at)
        case _:
            return


def rebuild(value: Value, atoms: Iterator[Atom]) -> Value:
    """A value of the same structure, from other atoms."""
    match value:
        case Var() | Lit() | Undef():
            return next(atoms)
        case TupleValue(items):
            return TupleValue(tuple(rebuild(item, atoms) for item in items))
        case Struct(layout, items):
            return Struct(layout, tuple(rebuild(item, atoms) for item in items))
        case ListValue(item):
            return ListValue(rebuild(item, atoms))
        case Inline(content, origins):
            return Inline(rebuild(content, atoms), origins)
        case Nullable(item):
            return Nullable(rebuild(item, atoms), next(atoms))
        case RowOf(array, at):
            return RowOf(array, rebuild(at, atoms))
        case _:
            return value


def map_leaves(value: Value, change: Callable[[Atom], Atom]) -> Value:
    return rebuild(value, iter([change(atom) for atom in leaves(value)]))


def purely_atoms(value: Value) -> bool:
    """Is a value made of atoms, nothing static in it?"""
    match value:
        case Var() | Lit() | Undef():
            return True
        case TupleValue(items) | Struct(_, items):
            # What makes a value for a missing key of a dict is no part of it at run time.
            table = isinstance(value, Struct) and value.layout.kind == "table"
            return all(map(purely_atoms, items[:2] if table else items))
        case ListValue(item) | Nullable(item, _) | Inline(item):
            return purely_atoms(item)
        case _:
            return False


def template(value: Value) -> Value:
    """The structure and the types of a value, its atoms replaced by `Undef`."""
    return map_leaves(value, lambda atom: Undef(atom.type))


def is_none(value: Value) -> bool:
    return isinstance(value, Var | Lit | Undef) and value.type == NONE


def is_nullable(value: Value) -> bool:
    """May a part of a value be None?"""
    match value:
        case Nullable():
            return True
        case TupleValue(items) | Struct(_, items):
            return any(map(is_nullable, items))
        case ListValue(item) | Inline(item):
            return is_nullable(item)
        case _:
            return False


def callable_in_sight(value: Value, frames: Collection[Frame]) -> bool:
    """Is it a callable that may be called after the block that it was made in? What it
    captures must be in one of these frames, and it may hold nothing that is computed."""
    match value:
        case FunctionValue(_, frame, defaults):
            plain = not any(isinstance(a, Var) for _, v in defaults for a in leaves(v))
            return plain and (frame is None or frame in frames)
        case PrimitiveMeaning() | RuleMeaning():
            return True
        case PartialValue(func, args, named):
            inside = (*args, *(item for _, item in named))
            computed = any(not isinstance(item, Lit) for item in inside)
            return callable_in_sight(func, frames) and not computed
        case _:
            return False


def same_meaning(a: Value, b: Value) -> bool:
    return type(a) is type(b) and isinstance(a, tuple | Content) and not is_atom(a) and a == b


def empty(value: Value) -> bool:
    """Is it a list that nothing was appended to?"""
    match value:
        case Struct(Layout("list"), ()) | ListValue(item=Var(type=List(item=Scalar("never")))):
            return True
        case ListValue(item=Undef(type=List(item=Scalar("never")))):
            return True
        case _:
            return False


def list_element(leaf: Atom) -> Type:
    if is_array(leaf.type):
        return element_type(leaf.type, 1)
    return leaf.type.item if isinstance(leaf.type, List) else NEVER


def tells_nothing(value: Value) -> bool:
    """Is there no variable whose read would raise where the value is not bound?"""
    return purely_atoms(value) and all(_of_nothing(leaf.type) for leaf in leaves(value))


def _of_nothing(type_: Type) -> bool:
    while isinstance(type_, List):
        type_ = type_.item
    return type_ in (NEVER, NONE)


def describe(value: Value) -> str:
    match value:
        case Var() | Lit() | Undef():
            return f"a {value.type}"
        case TupleValue(items):
            return f"a tuple of {len(items)}"
        case Struct(layout):
            kind = "dict of computed keys" if layout.kind == "table" else layout.kind
            return f"a {layout.cls.name if layout.cls else kind}"
        case Ref():
            return "an object"
        case Inline(content):
            return describe(content)
        case ListValue() | Appending():
            return "a list"
        case FunctionValue(function):
            return f"the function {function.name}"
        case PartialValue(func):
            return describe(func)
        case MethodValue(_, name):
            return f"the method {name}"
        case Mixed(why):
            return why
        case Nullable(item, _):
            return f"{describe(item)} or None"
        case Unbound():
            return "nothing"
        case ClassMeaning(name):
            return f"the class {name}"
        case ObjectMeaning(name):
            return f"the object {name}"
        case _:
            return "a global"


def bare(value: Value) -> Value:
    """A frozen value without the marks of what can change."""
    match value:
        case Inline(content):
            return bare(content)
        case TupleValue(items):
            return TupleValue(tuple(map(bare, items)))
        case Struct(layout, items):
            return Struct(layout, tuple(map(bare, items)))
        case ListValue(item):
            return ListValue(bare(item))
        case Nullable(item, present):
            return Nullable(bare(item), present)
        case _:
            return value


def with_objects(value: Value) -> Value:
    """The inverse of `bare`: lists, dicts and objects of classes can change."""
    match value:
        case TupleValue(items):
            return TupleValue(tuple(map(with_objects, items)))
        case Struct(layout, items):
            made = Struct(layout, tuple(map(with_objects, items)))
            return made if layout.kind == "named" else Inline(made)
        case ListValue(item):
            return Inline(ListValue(with_objects(item)))
        case Var(type=type_) if type_ == UNSEEN or is_array(_innermost(type_)):
            return Inline(value)
        case _:
            return value


def _innermost(type_: Type) -> Type:
    """The type of what lists in lists hold: `A` is one of arrays in a list[float[:, :]]."""
    while isinstance(type_, List):
        type_ = type_.item
    return type_


def type_of(value: Value) -> Type | None:
    """The type of a value that is made of atoms; the inverse of `shapes.template_of`."""
    match value:
        case Var() | Lit() | Undef():
            return value.type
        case TupleValue(items) | Struct(_, items):
            parts = tuple(map(type_of, items))
            known = tuple(part for part in parts if part is not None)
            if len(known) < len(parts):
                return None
            if isinstance(value, TupleValue):
                return Tuple(known)
            return Record(value.layout.kind, value.layout.keys, known, value.layout.cls)
        case ListValue(item):
            inner = type_of(map_leaves(item, _element))
            return None if inner is None else List(inner)
        case _:
            return None


def _element(leaf: Atom) -> Atom:
    return Undef(leaf.type.item) if isinstance(leaf.type, List) else leaf
