"""Calls of classes: `Point(1.0, y=x)`."""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING

from s2sad.frontend.classes import find_member, info_of
from s2sad.frontend.resolve import ClassMeaning
from s2sad.frontend.values import Layout, Struct, Value

if TYPE_CHECKING:
    from s2sad.frontend.calls import Calls

_INSTEAD = {
    "Fraction": "write it as a float: 1 / 3",
    "Decimal": "write it as a float",
    "Counter": "count in a dict: n[k] = n.get(k, 0) + 1",
}


def construct(
    frame: Calls,
    cls: ClassMeaning,
    args: list[Value],
    named: dict[str, Value],
    node: ast.AST,
) -> Value:
    if cls.exception or (cls.found is None and cls.node is None):
        raise frame.refuse(node, f"making an object of {cls.name}", "use plain numbers")
    if isinstance(cls.found, enum.EnumMeta) and len(args) == 1 and not named:
        return _member_of(frame, cls, args[0], node)
    info = info_of(cls)
    if info.refusal:
        instead = _INSTEAD.get(cls.name, "use a plain class")
        raise frame.refuse(node, f"an object of {cls.name}, {info.refusal},", instead)
    args = [frame.argument(arg) for arg in args]
    named = {name: frame.argument(value) for name, value in named.items()}
    if info.fields is not None:
        return _from_fields(frame, cls, args, named, node)
    made = frame.allocate(Struct(Layout("object", (), cls), ()))
    init = find_member(cls, "__init__")
    if init is not None:
        frame.apply(frame.member_value(init, "__init__", node), [made, *args], named, node)
    elif args or named:
        raise frame.refuse(node, f"{cls.name}() takes no arguments", "correct the call")
    return made


def _member_of(frame: Calls, cls: ClassMeaning, value: Value, node: ast.AST) -> Value:
    """`Mode(2)`: the member of an enum that has this value."""
    assert isinstance(cls.found, enum.EnumMeta)
    key = frame.key(value, node)
    members: list[enum.Enum] = list(cls.found)
    names = [one.name for one in members if key is not None and one.value == key[0]]
    if not names:
        raise frame.refuse(
            node, f"{cls.name}() of what is no known value of a member", "use its name"
        )
    return frame.member(cls, names[0], node)


def _from_fields(
    frame: Calls,
    cls: ClassMeaning,
    args: list[Value],
    named: dict[str, Value],
    node: ast.AST,
) -> Value:
    """A dataclass or a named tuple, by its generated `__init__`."""
    info = info_of(cls)
    fields = info.fields or ()
    given = dict(named)
    places = [f.name for f in fields if f.init and not f.keyword_only]
    if len(args) > len(places):
        raise frame.refuse(node, f"{cls.name}() takes {len(places)} arguments", "pass fewer")
    for name, value in zip(places, args, strict=False):
        if name in given:
            raise frame.refuse(node, f"two values for {name}", "pass it once")
        given[name] = value
    values: dict[str, Value] = {}
    for field in fields:
        if field.name in given and field.init:
            values[field.name] = given.pop(field.name)
        elif field.factory is not None:
            made_ = frame.apply(frame.usable(field.factory, node), [], {}, node)
            values[field.name] = made_
        elif field.default is not None:
            values[field.name] = frame.usable(field.default, node)
        elif field.init:
            raise frame.refuse(node, f"{cls.name}() misses {field.name}", "pass it")
    if given:
        raise frame.refuse(node, f"{cls.name} has no field {next(iter(given))}", "drop it")
    names, items = tuple(values), tuple(values.values())
    if info.named_tuple:
        return Struct(Layout("named", names, cls), items)
    made = frame.allocate(Struct(Layout("object", names, cls), items))
    if frame.has_method(made, "__post_init__", node):
        frame.call_method(made, "__post_init__", [], node)
    return made
