"""`dataclasses`: `replace`, `asdict`, `astuple`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.classes import info_of
from s2sad.frontend.making import construct
from s2sad.frontend.modules import Row
from s2sad.frontend.values import Layout, Struct, TupleValue, Value, describe
from s2sad.ir.nodes import Lit, Var

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives


def replace(frame: Primitives, node: ast.AST, obj: Value, /, **changes: Value) -> Value:
    match frame.content(obj, node):
        case Struct(Layout("object", keys, cls), items) if cls and info_of(cls).fields:
            given = dict(zip(map(str, keys), items, strict=True))
            return construct(frame, cls, [], {**given, **changes}, node)
        case other:
            raise frame.refuse(node, f"replace() of {describe(other)}", "use a dataclass")


def _taken_apart(as_dict: bool) -> Row:
    """`asdict` and `astuple`, which copy what they find."""

    def row(frame: Primitives, node: ast.AST, /, obj: Value) -> Value:
        match frame.content(obj, node):
            case Struct(Layout("object", keys, cls), items) if cls and info_of(cls).fields:
                made = tuple(row(frame, node, item) for item in items)
                layout = Layout("dict", keys)
                return frame.allocate(Struct(layout, made)) if as_dict else TupleValue(made)
            case Struct(Layout("list" | "dict") as layout, items):
                made = tuple(row(frame, node, item) for item in items)
                return frame.allocate(Struct(layout, made))
            case TupleValue(items):
                return TupleValue(tuple(row(frame, node, item) for item in items))
            case Var() | Lit():
                return obj
            case other:
                raise frame.refuse(node, f"{describe(other)} here", "name its parts")

    return row


CALLS: dict[str, Row] = {
    "asdict": _taken_apart(True),
    "astuple": _taken_apart(False),
    "replace": replace,
}
