"""Templates at the border of a function: parameters, results, keys."""

from __future__ import annotations

import enum
import keyword
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import count

from s2sad.frontend.branches import hints_of
from s2sad.frontend.live import object_meaning
from s2sad.frontend.resolve import ClassMeaning, GivenMeaning, ObjectMeaning
from s2sad.frontend.values import (
    UNSEEN,
    Inline,
    Layout,
    ListValue,
    Nullable,
    Struct,
    TupleValue,
    Unbound,
    Value,
    leaves,
    map_leaves,
)
from s2sad.ir.nodes import Atom, Lit, Shape, Structure, Undef, Var
from s2sad.ir.types import List, Record, Tuple, Type


def template_of(type_: Type) -> Value:
    """The template of an argument of a type: a list of unknown length is kept as the
    parallel lists of the leaves of its elements."""
    match type_:
        case Tuple(items):
            return TupleValue(tuple(map(template_of, items)))
        case Record(
            "member", (str() as name,), _, ClassMeaning(found=enum.EnumMeta() as found)
        ):
            return object_meaning(found.__members__[name], name)
        case Record("class", cls=ClassMeaning() as cls):
            return cls
        case Record("function", cls=GivenMeaning() as given):
            return given
        case Record("instance", keys, items, cls):
            assert isinstance(cls, ClassMeaning)
            held = tuple(map(_held, items))
            return Inline(Struct(Layout("object", keys, cls), held))
        case Record(kind, keys, items, cls):
            assert cls is None or isinstance(cls, ClassMeaning)
            return Struct(Layout(kind, keys, cls), tuple(map(template_of, items)))
        case List(item):
            inner = template_of(item)
            return ListValue(map_leaves(inner, lambda leaf: Undef(List(leaf.type))))
        case _:
            return Undef(type_)


def _held(type_: Type) -> Value:
    """The template of what an object holds: a list has an identity there."""
    made = template_of(type_)
    if type_ == UNSEEN:
        return Inline(made)
    if isinstance(made, ListValue) or (
        isinstance(made, Struct) and made.layout.kind in ("list", "dict")
    ):
        return Inline(made)
    return made


def parameter(name: str, shape: Value, params: list[Var], taken: Collection[str] = ()) -> Value:
    """The value of a parameter: its leaves are variables, which go to `params`.

    They are called as the parameter, or as the keys and fields that lead to them, unless
    these are `taken`.
    """
    used = {param.hint for param in params} | set(taken)
    hints = iter(_leaf_hints(name, shape, used))

    def fresh(leaf: Atom) -> Var:
        params.append(Var(leaf.type, next(hints), True))
        return params[-1]

    return map_leaves(shape, fresh)


def _leaf_hints(name: str, shape: Value, used: set[str]) -> list[str]:
    inner = shape
    while isinstance(inner, ListValue | Inline):
        inner = inner.item if isinstance(inner, ListValue) else inner.content
    if not isinstance(inner, Struct | TupleValue):
        return hints_of(name, shape)
    found = list(_paths(name, "", shape))
    own = Counter(short for short, _ in found)
    hints = []
    for short, long in found:
        wish = short if short and own[short] == 1 and short not in used else long
        texts = (f"{wish}_{k}" if k > 1 else wish for k in count(1))
        hints.append(next(text for text in texts if text not in used))
        used.add(hints[-1])
    return hints


def _paths(above: str, own: str, shape: Value) -> Iterator[tuple[str, str]]:
    """The name that each leaf has of its own, and one with that of what it is in.

    `own` is the key or the field of the part, empty where it has none.
    """
    match shape:
        case Struct(Layout(_, keys), items) if keys:
            for k, (key, item) in enumerate(zip(keys, items, strict=True)):
                fit = isinstance(key, str) and key.isidentifier() and not keyword.iskeyword(key)
                place = key if fit and isinstance(key, str) else f"{own or above}_{k + 1}"
                yield from _paths(own or above, place, item)
        case TupleValue(items) | Struct(_, items):
            for k, item in enumerate(items):
                yield from _paths(above, f"{own or above}_{k + 1}", item)
        case ListValue(item) | Inline(item):
            yield from _paths(above, own, item)
        case _:
            numbered = own.startswith(f"{above}_")
            for _ in leaves(shape):
                yield own, own if numbered else f"{above}_{own}"


def structure_of(value: Value, numbers: Iterator[int]) -> Structure:
    """How a value is put together from its leaves, which are numbered in order."""
    match value:
        case TupleValue(items):
            return tuple(structure_of(item, numbers) for item in items)
        case Struct(Layout(kind, keys, cls), items):
            parts = tuple(structure_of(item, numbers) for item in items)
            return Shape(kind, keys, parts, cls.name if cls else "")
        case ListValue(item):
            inner = structure_of(item, numbers)
            return inner if isinstance(inner, int) else Shape("each", (), (inner,))
        case Inline(content):
            made = structure_of(content, numbers)
            if isinstance(made, Shape) and made.kind == "object":
                return Shape("instance", made.keys, made.parts, made.cls)
            return made
        case ObjectMeaning(name, cls):
            return Shape("member", (name,), (), cls.name)
        case ClassMeaning(name):
            return Shape("class", (), (), name)
        case GivenMeaning(name):
            return Shape("function", (), (), name)
        case Unbound():
            return ()
        case _:
            first, *rest = [next(numbers) for _ in leaves(value)]
            return (first, *rest) if rest else first


def classes_in(value: Value) -> Iterator[ClassMeaning]:
    """The classes of the objects that a value is made of."""
    match value:
        case Struct(layout, items):
            if layout.cls is not None:
                yield layout.cls
            for item in items:
                yield from classes_in(item)
        case TupleValue(items):
            for item in items:
                yield from classes_in(item)
        case ListValue(item) | Inline(item):
            yield from classes_in(item)
        case ClassMeaning():
            yield value
        case ObjectMeaning(_, cls):
            yield cls
        case _:
            return


def key_of(shape: Value) -> object:
    """A template as a key: its structure and types, or the static value itself."""
    match shape:
        case Var() | Lit() | Undef():
            return shape.type
        case TupleValue(items):
            return ("tuple", *map(key_of, items))
        case Struct(layout, items):
            return (layout, *map(key_of, items))
        case ListValue(item):
            return ("list", key_of(item))
        case Inline(content):
            return ("object", key_of(content))
        case Nullable(item, present):
            return ("nullable", key_of(item), key_of(present))
        case _:
            return shape
