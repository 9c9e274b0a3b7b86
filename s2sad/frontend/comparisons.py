"""Comparisons, chained and single: `<`, `is`, `in`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.frontend.branches import Branches
from s2sad.frontend.resolve import (
    PrimitiveMeaning,
)
from s2sad.frontend.scope import names_stored
from s2sad.frontend.values import (
    Nullable,
    TupleValue,
    Value,
    is_none,
)
from s2sad.ir.nodes import FALSE, TRUE, Atom, Lit, Var
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, Named, Opaque, Scalar
from s2sad.ops.core import lookup_operator

_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}


class Comparisons(Branches):
    def comparison(self, node: ast.Compare) -> Value:
        return self.comparison_tail(node, self.operand(node.left), 0)

    def operand(self, node: ast.expr) -> Value:
        match node:
            case ast.List(elts=[_, *_] as items):
                return TupleValue(tuple(self.expression(item) for item in items))
            case ast.Attribute(value=inner, attr="__class__"):
                return self.class_of(self.expression(inner), node)
            case _:
                return self.expression(node)

    def class_of(self, value: Value, node: ast.AST) -> Value:
        """`x.__class__`, as emitted code tests it: settled by the type."""
        names = {FLOAT: "float", INT: "int", BOOL: "bool"}
        if isinstance(value, Var | Lit) and value.type in names:
            assert isinstance(value.type, Scalar)
            return PrimitiveMeaning(names[value.type])
        raise self.refuse(node, "an attribute of a value", "use numbers")

    def comparison_tail(self, node: ast.Compare, left: Value, position: int) -> Value:
        """`a < b < c` is `a < b and b < c`, each operand evaluated once."""
        right = self.operand(node.comparators[position])
        before = node.comparators[position - 1] if position else node.left
        value = self.compare(node, position, left, right, before)
        if position == len(node.ops) - 1:
            return value
        return self.branching(
            value,
            lambda: self.comparison_tail(node, right, position + 1),
            lambda: value,
            node,
        )

    def compare(
        self,
        node: ast.Compare,
        position: int,
        left: Value,
        right: Value,
        before: ast.expr,
    ) -> Atom:
        op, after = node.ops[position], node.comparators[position]
        if isinstance(op, ast.Is | ast.IsNot):
            return self.identity(left, right, isinstance(op, ast.Is), node)
        if isinstance(op, ast.In | ast.NotIn):
            return self.membership(left, right, node, position)
        a, b = self.as_atom(left, before), self.as_atom(right, after)
        name = lookup_operator(type(op).__name__)
        if name is None:
            raise self.refuse(node, "this comparison is not supported", "compare numbers")
        if isinstance(a.type, Opaque) or isinstance(b.type, Opaque):
            return self.python(f"{{0}} {_SIGNS[name]} {{1}}", (a, b), node, BOOL)
        if NONE in (a.type, b.type) and name in ("eq", "ne"):
            return TRUE if (a.type == b.type) == (name == "eq") else FALSE
        return self.let(name, (self.as_number(a, before), self.as_number(b, after)), node)

    def membership(self, left: Value, right: Value, node: ast.Compare, position: int) -> Atom:
        """`x in (a, b)`: also true where x is a, so that it stays as it is written."""
        if not isinstance(right, TupleValue):
            raise self.refuse(
                node,
                "`in` something that is no tuple",
                "write the elements out in a tuple",
            )
        parts = [self.as_atom(value, node) for value in (left, *right.items)]
        sign = "in" if isinstance(node.ops[position], ast.In) else "not in"
        holes = "".join(f"{{{k + 1}}}, " for k in range(len(right.items)))
        return self.python(f"{{0}} {sign} ({holes})", tuple(parts), node, BOOL)

    def identity(self, left: Value, right: Value, positive: bool, node: ast.expr) -> Atom:
        """`is` is settled by the types: None and classes only."""
        match left, right:
            case (Nullable(_, present), (Var() | Lit())) if is_none(right):
                self.emitter.tested(present)
                return self.let("not_", (present,), node) if positive else present
            case PrimitiveMeaning(), PrimitiveMeaning():
                same = left == right
            case ((Var() | Lit()), (Var() | Lit())) if NONE in (left.type, right.type):
                same = left.type == right.type
                if any(isinstance(side.type, Opaque | Named) for side in (left, right)):
                    args: tuple[Atom, ...] = (left, right)
                    self.emitter.tested(left)
                    text = "{0} is {1}" if positive else "{0} is not {1}"
                    return self.python(text, args, node, BOOL)
            case _:
                raise self.refuse(node, "`is` between values", "compare numbers with ==")
        return TRUE if same == positive else FALSE

    def branching(
        self,
        cond: Atom,
        then: Callable[[], Value],
        orelse: Callable[[], Value],
        node: ast.expr,
    ) -> Value:
        names = tuple(names_stored(node))
        return self.choose(cond, then, orelse, names, names, node)
