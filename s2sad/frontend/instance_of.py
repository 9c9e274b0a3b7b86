"""`isinstance`: settled by the type."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.instance_checks import is_certain, is_instance_of
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    FunctionValue,
    Layout,
    ListValue,
    PartialValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    is_none,
)
from s2sad.ir.nodes import FALSE, TRUE, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, Opaque, Scalar

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives

_NUMBERS = {
    "float": (FLOAT,),
    "int": (INT, BOOL),
    "bool": (BOOL,),
    "object": (FLOAT, INT, BOOL),
}


def is_instance(frame: Primitives, value: Value, classes: ast.expr, node: ast.AST) -> Value:
    """Settled by the type where possible, else at run time."""
    match classes:
        case ast.Tuple(elts=[*parts]):
            if is_any_number(frame, frame.content(value, node), parts):
                return TRUE
            found = [is_instance(frame, value, part, node) for part in parts]
            if any(isinstance(part, Lit) and part.value for part in found):
                return TRUE
            open_ = [part for part in found if not isinstance(part, Lit)]
            if not open_:
                return FALSE
            raise frame.refuse(node, "isinstance() of several classes here", "test for one")
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return is_instance(frame, value, ast.Tuple([left, right], ast.Load()), node)
        case _:
            return is_of_class(frame, value, frame.expression(classes), node)


def is_any_number(frame: Primitives, content: Value, classes: list[ast.expr]) -> bool:
    """A number, asked whether it is an int or a float."""
    names = [c for c in classes if isinstance(c, ast.Name) and c.id in ("int", "float")]
    both = len({c.id for c in names if frame.is_builtin(c.id, c)}) == 2
    scalar = isinstance(content, Var | Lit | Undef) and isinstance(content.type, Scalar)
    return both and scalar and not is_none(content)


def is_of_class(frame: Primitives, value: Value, cls: Value, node: ast.AST) -> Value:
    if isinstance(cls, TupleValue):
        found = [is_of_class(frame, value, part, node) for part in cls.items]
        return TRUE if any(part is TRUE for part in found) else FALSE
    content = frame.content(value, node)
    match content, cls:
        case _, ClassMeaning():
            known = is_instance_of(value, content, cls)
            if known is None:
                raise frame.refuse(
                    node, f"isinstance() of {cls.name} here", "test for another class"
                )
            return TRUE if known else FALSE
        case ((Var() | Lit() | Undef()), PrimitiveMeaning(name)) if isinstance(
            content.type, Scalar
        ):
            if name in ("float", "int", "bool") and not is_certain(content, frame.emitter):
                raise frame.refuse(
                    node,
                    f"isinstance() of {name} for a number that may be of another class",
                    "test for (int, float)",
                )
            return TRUE if content.type in _NUMBERS.get(name, ()) else FALSE
        case ((Lit(type=Opaque("str")) | Var(type=Opaque("str"))), PrimitiveMeaning(name)):
            return TRUE if name in ("str", "object") else FALSE
        case _, PrimitiveMeaning(name):
            return TRUE if name == _class_name(content, value) or name == "object" else FALSE
        case _:
            raise frame.refuse(node, "this isinstance()", "test for a class of a number")


def _class_name(content: Value, value: Value) -> str:
    match content:
        case Struct(Layout(kind)):
            return {"named": "tuple", "table": "dict"}.get(kind, kind)
        case ListValue():
            return "list" if isinstance(value, Ref) else "tuple"
        case TupleValue():
            return "tuple"
        case FunctionValue() | PartialValue():
            return "function"
        case _:
            return ""
