"""`operator`: what Python's operators do, and items."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend import library
from s2sad.frontend.modules import Row, by_count
from s2sad.frontend.values import Value

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives

_OPERATORS = {
    "add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "truediv": ast.Div, "pow": ast.Pow,
    "floordiv": ast.FloorDiv, "mod": ast.Mod, "and_": ast.BitAnd, "or_": ast.BitOr,
    "xor": ast.BitXor, "lshift": ast.LShift, "rshift": ast.RShift,
    "lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE, "eq": ast.Eq, "ne": ast.NotEq,
    "neg": ast.USub, "pos": ast.UAdd, "not_": ast.Not, "invert": ast.Invert,
}  # fmt: skip


def _by_operator(op: ast.AST) -> Row:
    def row(frame: Primitives, node: ast.AST, /, *args: Value) -> Value:
        match op, args:
            case ast.operator(), [a, b]:
                return frame.operate(op, a, b, node)
            case ast.cmpop(), [a, b]:
                return frame.compare_values(op, a, b, node)
            case ast.unaryop(), [a]:
                return frame.operate_on_one(op, a, node)
            case _:
                raise frame.refuse(node, "this many arguments of an operator", "pass two")

    return row


def getitem(frame: Primitives, node: ast.AST, owner: Value, index: Value, /) -> Value:
    return frame.item_of(owner, index, node)


CALLS: dict[str, Row] = {
    **{name: _by_operator(op()) for name, op in _OPERATORS.items()},
    "getitem": getitem,
    "itemgetter": by_count(library.itemgetter, library.itemgetter_two),
}
