"""Dicts whose keys the program computes: the keys with their places, and a list of values.

memo = {}                       places = {}; values = []
memo[n] = v                     at = places.get(n, -1)
                                if at < 0: places[n] = len(places); values.append(v)
                                else: values[at] = v
memo[n]                         values[places[n]]

The keys carry no derivative. What flows through the values flows through a list, so that
the adjoint of such a dict is the adjoint of its list.
"""

from __future__ import annotations

from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import Inline, Layout, ListValue, Struct, TupleValue, Value
from s2sad.ir.build import Builder
from s2sad.ir.nodes import Atom, Lit, Undef
from s2sad.ir.types import BOOL, INT, NEVER, Opaque, Places, Tuple, Type

LIST = Layout("list")
# Its parts: the places, the list of the values, what makes a value for a missing key.
TABLE = Layout("table")
NO_FACTORY = PrimitiveMeaning("dict")


def key_type(key: object) -> Type | None:
    """The type of a key that is known; None if a dict of computed keys has no such key."""
    match key:
        case bool():
            return BOOL
        case int():
            return INT
        case str():
            return Opaque("str")
        case tuple():
            parts = tuple(map(key_type, key))
            known = tuple(part for part in parts if part is not None)
            return Tuple(known) if len(known) == len(parts) and parts else None
        case _:
            return None


def keys_type(keys: tuple[object, ...]) -> Type | None:
    """The one type of some keys, `never` if there are none; None if they are of several."""
    types = [key_type(key) for key in keys]
    if any(type_ is None or type_ != types[0] for type_ in types):
        return None
    return types[0] if types else NEVER


def key_atom(key: object, builder: Builder) -> Atom:
    match key:
        case bool():
            return Lit(key, BOOL)
        case int():
            return Lit(key, INT)
        case tuple():
            return builder.let("tuple", [key_atom(part, builder) for part in key])
        case _:
            return Lit(repr(key), Opaque("str"))


def as_table(value: Value) -> Value | None:
    """The template of a dict of computed keys that holds a dict; None if there is none."""
    match value:
        case Struct(Layout("table")):
            return value
        case Struct(Layout("dict", keys), items):
            type_ = keys_type(keys)
            if type_ is None:
                return None
            parts: tuple[Value, ...] = (
                Undef(Places(type_)),
                Inline(Struct(LIST, items)),
                NO_FACTORY,
            )
            return Struct(TABLE, parts)
        case _:
            return None


def table_parts(
    keys: tuple[object, ...], items: tuple[Value, ...], builder: Builder
) -> tuple[Atom, Struct]:
    """A dict whose keys are known: its places, and the list of its values."""
    atoms = [key_atom(key, builder) for key in keys]
    places = builder.let("places", atoms, type_=Places(keys_type(keys) or NEVER))
    return places, Struct(LIST, items)


def holds_table(value: Value) -> bool:
    match value:
        case Struct(Layout("table")):
            return True
        case TupleValue(items) | Struct(_, items):
            return any(map(holds_table, items))
        case ListValue(item) | Inline(item):
            return holds_table(item)
        case _:
            return False
