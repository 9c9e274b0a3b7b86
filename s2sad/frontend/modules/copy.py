"""`copy`: of what can change, an object of its own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.modules import Row
from s2sad.frontend.objects import without_origins
from s2sad.frontend.values import (
    UNBOUND,
    Layout,
    ListValue,
    Obj,
    Ref,
    Struct,
    TupleValue,
    Value,
)
from s2sad.ir.nodes import Var

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives


def copy(frame: Primitives, node: ast.AST, /, x: Value) -> Value:
    if not isinstance(x, Ref):
        return x
    _check_plain(frame, x, "__copy__", node)
    content = frame.content(x, node)
    if isinstance(content, ListValue):
        return frame.shallow_copy(content, node)
    return frame.allocate(content)


def deepcopy(frame: Primitives, node: ast.AST, /, x: Value) -> Value:
    """What was one object in two places is one in the copy."""
    made: dict[Obj, Ref] = {}

    def copied(value: Value) -> Value:
        match value:
            case Ref(obj) if obj in made:
                return made[obj]
            case Ref(obj):
                _check_plain(frame, value, "__deepcopy__", node)
                made[obj] = frame.allocate(UNBOUND)
                content = copied(frame.content(value, node))
                frame.emitter.heap[made[obj].obj] = content
                return made[obj]
            case TupleValue(items):
                return TupleValue(tuple(map(copied, items)))
            case Struct(Layout("table") as layout, (Var() as places, values, factory)):
                own = frame.let("copy", (places,), node)
                return Struct(layout, (own, copied(values), factory))
            case Struct(layout, items):
                return Struct(layout, tuple(map(copied, items)))
            case ListValue():
                return frame.own_lists(frame.thawed(without_origins(value)), node)
            case _:
                return value

    return copied(x)


def _check_plain(frame: Primitives, value: Value, name: str, node: ast.AST) -> None:
    if frame.has_method(value, name, node):
        raise frame.refuse(node, f"a class with {name}", "copy its fields by hand")


CALLS: dict[str, Row] = {"copy": copy, "deepcopy": deepcopy}
