"""`builtins`: sequences, attributes, and what objects say of themselves."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from s2sad.frontend import iterators, library
from s2sad.frontend.classes import find_member
from s2sad.frontend.containers import LIST
from s2sad.frontend.modules import Row, by_count
from s2sad.frontend.modules.sorting import sorted_
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import (
    FunctionValue,
    Layout,
    ListValue,
    PartialValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    is_none,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Lit, Undef, Var
from s2sad.ir.types import FLOAT, INT, Opaque

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives
    from s2sad.frontend.statements import Statements

# Sequences.


def len_(frame: Primitives, node: ast.AST, value: Value, /) -> Value:
    return frame.length(value, node)


def list_(frame: Primitives, node: ast.AST, iterable: Value | None = None, /) -> Value:
    if iterable is None:
        return frame.allocate(Struct(LIST, ()))
    return frame.new_list(frame.as_list_value(iterable, node), node)


def tuple_(frame: Primitives, node: ast.AST, iterable: Value | None = None, /) -> Value:
    return TupleValue(()) if iterable is None else iter_(frame, node, iterable)


def iterator(frame: Statements, node: ast.AST, iterable: Value, /) -> Value:
    return iterators.of_value(frame, iterable, node)


def next_(
    frame: Statements, node: ast.AST, value: Value, default: Value | None = None, /
) -> Value:
    return iterators.next_of(frame, node, value, default)


def iter_(frame: Primitives, node: ast.AST, iterable: Value, /) -> Value:
    found = frame.as_list_value(iterable, node)
    return found if isinstance(found, ListValue) else TupleValue(found)


def reversed_(frame: Primitives, node: ast.AST, sequence: Value, /) -> Value:
    return frame.backwards(sequence, node)


def filter_(frame: Primitives, node: ast.AST, function: Value, iterable: Value, /) -> Value:
    if is_none(function):
        return frame.library_call(library.filter_true, [iterable], node)
    return frame.library_call(library.filter_by, [function, iterable], node)


def dict_(
    frame: Primitives, node: ast.AST, given: Value | None = None, /, **named: Value
) -> Value:
    keys: tuple[object, ...] = ()
    items: tuple[Value, ...] = ()
    if given is not None:
        match frame.content(given, node):
            case Struct(Layout("dict", known), values):
                keys, items = known, values
            case _:
                pairs = [frame.elements(pair, node) for pair in frame.elements(given, node)]
                made = frame.allocate(Struct(Layout("dict"), ()))
                for pair in pairs:
                    frame.store_item(made, pair[0], pair[1], node)
                content = frame.content(made, node)
                assert isinstance(content, Struct)
                keys, items = content.layout.keys, content.items
    made = frame.allocate(Struct(Layout("dict", keys), items))
    for name, value in named.items():
        frame.store_item(made, Lit(repr(name), Opaque("str")), value, node)
    return made


# Of elements, one.


def _extreme(name: str, by_key: Callable[..., object]) -> Row:
    def row(
        frame: Primitives,
        node: ast.AST,
        first: Value,
        /,
        *more: Value,
        key: Value | None = None,
        default: Value | None = None,
    ) -> Value | None:
        if key is not None and default is None:
            items = TupleValue((first, *more)) if more else iter_(frame, node, first)
            return frame.library_call(by_key, [items, key], node)
        objects = isinstance(first, Ref) and isinstance(frame.content(first, node), Struct)
        if more and objects and default is None and key is None:
            of = library.largest if name == "max" else library.smallest
            return frame.library_call(of, [TupleValue((first, *more))], node)
        if default is None or key is not None or more:
            return None
        return frame.choose(
            frame.truth(first, node),
            lambda: frame.positional_call(name, [first], node),
            lambda: default,
            (),
            (),
            node,
        )

    return row


def _quantifier(any_: bool) -> Row:
    """`any` or `all` of elements that stand already."""
    settled, otherwise = (TRUE, FALSE) if any_ else (FALSE, TRUE)

    def of(items: tuple[Value, ...], frame: Primitives, node: ast.AST) -> Value:
        if not items:
            return otherwise
        first = frame.truth(items[0], node)
        if isinstance(first, Lit):
            return settled if bool(first.value) == any_ else of(items[1:], frame, node)

        def rest() -> Value:
            return of(items[1:], frame, node)

        def known() -> Value:
            return settled

        then, orelse = (known, rest) if any_ else (rest, known)
        return frame.choose(first, then, orelse, (), (), node)

    def row(frame: Primitives, node: ast.AST, iterable: Value, /) -> Value:
        return of(frame.elements(iterable, node), frame, node)

    return row


# Objects.


def type_(frame: Primitives, node: ast.AST, value: Value, /) -> Value:
    return frame.class_of(value, node)


def callable_(frame: Primitives, node: ast.AST, value: Value, /) -> Value:
    known = isinstance(value, FunctionValue | PartialValue | PrimitiveMeaning)
    return TRUE if known or frame.has_method(value, "__call__", node) else FALSE


def hasattr_(frame: Primitives, node: ast.AST, value: Value, name: Value, /) -> Value:
    return TRUE if _has(frame, value, _text(frame, name, node), node) else FALSE


def getattr_(
    frame: Primitives,
    node: ast.AST,
    value: Value,
    name: Value,
    default: Value | None = None,
    /,
) -> Value:
    attr = _text(frame, name, node)
    if default is not None and not _has(frame, value, attr, node):
        return default
    return frame.member(value, attr, node)


def setattr_(
    frame: Primitives, node: ast.AST, owner: Value, name: Value, value: Value, /
) -> Value:
    frame.store_attribute(owner, _text(frame, name, node), value, node)
    return NOTHING


def _text(frame: Primitives, value: Value, node: ast.AST) -> str:
    match value:
        case Lit(value=str(text)):
            return str(ast.literal_eval(text))
        case _:
            raise frame.refuse(node, "a computed name of an attribute", "write it out")


def _has(frame: Primitives, value: Value, name: str, node: ast.AST) -> bool:
    match frame.content(value, node):
        case Struct(Layout("object" | "named", keys, cls)) if cls is not None:
            return name in keys or find_member(cls, name) is not None
        case other:
            raise frame.refuse(node, f"hasattr() of {describe(other)}", "use an object")


def _by_method(name: str, empty: Value | None = None) -> Row:
    """What an object's own method does; of numbers, a primitive."""

    def row(
        frame: Primitives, node: ast.AST, value: Value | None = None, /, *args: Value
    ) -> Value | None:
        if value is None:
            return empty
        found = isinstance(value, Ref)
        return frame.call_method(value, name, [*args], node) if found else None

    return row


def bool_(frame: Primitives, node: ast.AST, value: Value = FALSE, /) -> Value | None:
    return None if isinstance(value, Var | Lit | Undef) else frame.truth(value, node)


CALLS: dict[str, Row] = {
    **{name: _by_method(f"__{name}__") for name in ("abs", "divmod", "round")},
    "float": _by_method("__float__", Lit(0.0, FLOAT)),
    "int": _by_method("__int__", Lit(0, INT)),
    "all": _quantifier(False),
    "any": _quantifier(True),
    "bool": bool_,
    "callable": callable_,
    "dict": dict_,
    "filter": filter_,
    "getattr": getattr_,
    "hasattr": hasattr_,
    "iter": iterator,
    "next": next_,
    "len": len_,
    "list": list_,
    "map": by_count(library.map_one, library.map_two, library.map_three),
    "max": _extreme("max", library.max_by),
    "min": _extreme("min", library.min_by),
    "reversed": reversed_,
    "setattr": setattr_,
    "sorted": sorted_,
    "tuple": tuple_,
    "type": type_,
}
