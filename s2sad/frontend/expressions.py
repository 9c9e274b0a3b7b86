"""Expressions: the user's operations, in the user's order."""

from __future__ import annotations

import ast

from s2sad.frontend.members import Members
from s2sad.frontend.values import (
    NewList,
    TupleValue,
    Value,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Lit, Var
from s2sad.ir.types import BOOL, FLOAT, INT, Opaque
from s2sad.ops.core import lookup_operator

_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)


class Expressions(Members):
    def expression(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.read(node)
            case ast.BinOp():
                return self.binary(node)
            case ast.UnaryOp():
                return self.unary(node)
            case ast.BoolOp():
                return self.boolean(node)
            case ast.Compare():
                return self.comparison(node)
            case ast.IfExp(test, body, orelse):
                return self.branching(
                    self.condition(test),
                    lambda: self.expression(body),
                    lambda: self.expression(orelse),
                    node,
                )
            case ast.Call():
                return self.call(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                return self.subscript(node)
            case ast.Tuple(elts=items):
                return TupleValue(tuple(self.expression(item) for item in items))
            case ast.List(elts=[]):
                return NewList(self.loc(node))
            case ast.NamedExpr(target=target, value=value):
                result = self.expression(value)
                self.name(target.id, result, node)
                return self.env[target.id]
            case ast.ListComp():
                return self.comprehension(node)
            case ast.Lambda():
                return self.closure_value(node, "function")
            case ast.JoinedStr():
                return self.opaque(node)
            case _:
                kind = type(node).__name__
                what = f"{_KINDS.get(kind, kind)} is not supported here"
                raise self.refuse(node, what, "use plain numbers and tuples")

    # What the layers above define.

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def opaque(self, node: ast.expr) -> Var:
        raise NotImplementedError

    def zeros(self, arg: ast.expr, node: ast.expr) -> Value:
        raise NotImplementedError

    def comprehension(self, node: ast.ListComp) -> Value:
        raise NotImplementedError

    def closure_value(self, node: ast.FunctionDef | ast.Lambda, name: str) -> Value:
        raise NotImplementedError

    # Atoms.

    def constant(self, node: ast.Constant) -> Value:
        match node.value:
            case bool(value):
                return TRUE if value else FALSE
            case int(value):
                return Lit(value, INT)
            case float(value):
                return Lit(value, FLOAT)
            case None:
                return NOTHING
            case str(text):
                return self.python(repr(text), (), node, Opaque("str"))
            case _:
                raise self.refuse(node, "this literal is not supported", "use numbers")

    # Operators.

    def binary(self, node: ast.BinOp) -> Value:
        """A chain `a + b - c …` is followed down its left side without recursion."""
        if isinstance(node.left, ast.List):
            match node:
                case ast.BinOp(
                    left=ast.List(elts=[ast.Constant(value=float(zero))]),
                    op=ast.Mult(),
                    right=ast.Call(
                        func=ast.Name(id="len"), args=[ast.expr() as arg], keywords=[]
                    ),
                ) if repr(zero) == "0.0":
                    return self.zeros(arg, node)
                case _:
                    pass
        chain: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            chain.append(left)
            left = left.left
        value = self.expression(left)
        for step in reversed(chain):
            value = self.operation(step, value)
        return value

    def operation(self, node: ast.BinOp, left: Value) -> Value:
        op = type(node.op).__name__
        right = self.expression(node.right)
        if isinstance(left, TupleValue) and isinstance(right, TupleValue) and op == "Add":
            return TupleValue(left.items + right.items)
        a = self.as_number(self.as_atom(left, node.left), node.left)
        b = self.as_number(self.as_atom(right, node.right), node.right)
        if isinstance(node.op, _BITS):
            self.as_int(a, node.left, "a bit operation")
            self.as_int(b, node.right, "a bit operation")
        name = lookup_operator(op)
        if name is None:
            raise self.refuse(node, f"the operator {op} is not supported", "use arithmetic")
        return self.let(name, (a, b), node)

    def unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            atom = self.condition(node.operand)
            if isinstance(atom, Lit):
                return FALSE if atom.value else TRUE
            return self.let("not_", (atom,), node, BOOL)
        atom = self.number(node.operand)
        negative = self.negative(node, atom)
        if negative is not None:
            return negative
        if isinstance(node.op, ast.Invert):
            self.as_int(atom, node.operand, "a bit operation")
        name = lookup_operator(type(node.op).__name__)
        if name is None:
            raise self.refuse(node, "this operator is not supported", "use arithmetic")
        return self.let(name, (atom,), node)

    def negative(self, node: ast.UnaryOp, atom: Atom) -> Lit | None:
        """A negative literal, which Python's grammar writes as an operation."""
        if not isinstance(node.op, ast.USub) or not isinstance(node.operand, ast.Constant):
            return None
        match atom:
            case Lit(value) if isinstance(value, int | float) and not isinstance(value, bool):
                return Lit(-value, atom.type)
            case _:
                return None

    def boolean(self, node: ast.BoolOp) -> Value:
        return self.boolean_tail(node, 0)

    def boolean_tail(self, node: ast.BoolOp, position: int) -> Value:
        """`a and b` is `b if a else a`, `a or b` is `a if a else b`."""
        value = self.expression(node.values[position])
        if position == len(node.values) - 1:
            return value
        cond = self.as_atom(value, node.values[position])
        if isinstance(node.op, ast.And):
            return self.branching(
                cond, lambda: self.boolean_tail(node, position + 1), lambda: value, node
            )
        return self.branching(
            cond, lambda: value, lambda: self.boolean_tail(node, position + 1), node
        )

    # Parts and meanings.


_KINDS = {"List": "a list display", "Slice": "a slice", "FormattedValue": "a format"}
