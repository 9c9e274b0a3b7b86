"""Expressions of mathematics as trees of Python's, put together and made simple.

A name may have an index, `y§3`, the third value of `y`. Two calls are of our own: `∂(f, c)`,
`∂(f, c, d)` with d held fixed, and `·(a, b)`, a product whose factors stay as they are.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

INDEX = "§"
COMPARED = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}


def name(base: str, index: int | None = None) -> ast.Name:
    return ast.Name(base if index is None else f"{base}{INDEX}{index}", ast.Load())


def number(value: float) -> ast.expr:
    return ast.Constant(value)


def partial(of: ast.expr, by: ast.expr, fixed: tuple[ast.expr, ...] = ()) -> ast.expr:
    return ast.Call(ast.Name("∂", ast.Load()), [of, by, *fixed], [])


def derivative(of: ast.expr, by: ast.expr) -> ast.expr:
    """The total derivative, d and not ∂."""
    return ast.Call(ast.Name("𝑑", ast.Load()), [of, by], [])


def dot(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("·", ast.Load()), [left, right], [])


def total(terms: list[ast.expr]) -> ast.expr:
    result = terms[0]
    for term in terms[1:]:
        result = ast.BinOp(result, ast.Add(), term)
    return result


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Substituted(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        args = [self.visit(arg) for arg in node.args]
        keywords = [ast.keyword(word.arg, self.visit(word.value)) for word in node.keywords]
        func = node.func if isinstance(node.func, ast.Name) else self.visit(node.func)
        return ast.Call(func, args, keywords)


def substituted(node: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """The expression over other names; the node itself is left as it is."""
    result: ast.expr = _Substituted(names).visit(copy.deepcopy(node))
    return result


def simplified(node: ast.expr) -> ast.expr:
    """Literals folded, ones and noughts dropped: 2 * x**(2 - 1) is 2 * x."""
    match node:
        case ast.BinOp(left, op, right):
            return _folded(simplified(left), op, simplified(right))
        case ast.UnaryOp(ast.USub(), operand):
            inner = simplified(operand)
            if isinstance(inner, ast.Constant) and isinstance(inner.value, (int, float)):
                return ast.Constant(-inner.value)
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                return inner.operand
            return ast.UnaryOp(ast.USub(), inner)
        case ast.Call(func, args, keywords):
            return ast.Call(func, [simplified(arg) for arg in args], keywords)
        case ast.IfExp(test, body, orelse):
            known = _decided(simplified(test))
            if known is not None:
                return simplified(body if known else orelse)
            return ast.IfExp(simplified(test), simplified(body), simplified(orelse))
        case ast.Compare(left, ops, comparators):
            return ast.Compare(simplified(left), ops, [simplified(c) for c in comparators])
        case _:
            return node


def value_of(node: ast.expr) -> float | None:
    """The value of a literal."""
    match node:
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return -value
        case _:
            return None


def _decided(test: ast.expr) -> bool | None:
    known = value_of(test)
    if known is not None:
        return bool(known)
    match test:
        case ast.Compare(left, [op], [right]):
            a, b = value_of(left), value_of(right)
            if a is not None and b is not None and type(op) in COMPARED:
                return {"<": a < b, "≤": a <= b, ">": a > b, "≥": a >= b}.get(
                    COMPARED[type(op)], (a == b) is isinstance(op, ast.Eq)
                )
    return None


def _folded(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    a, b = value_of(left), value_of(right)
    match op:
        case ast.Add():
            if a is not None and b is not None:
                return ast.Constant(a + b)
            if a == 0:
                return right
            if b == 0:
                return left
            if ast.dump(left) == ast.dump(right):
                return simplified(ast.BinOp(ast.Constant(2), ast.Mult(), left))
            if isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub):
                return ast.BinOp(left, ast.Sub(), right.operand)
        case ast.Sub():
            if a is not None and b is not None:
                return ast.Constant(a - b)
            if b == 0:
                return left
            if a == 0:
                return simplified(ast.UnaryOp(ast.USub(), right))
        case ast.Mult():
            if a is not None and b is not None:
                return ast.Constant(a * b)
            if a == 1:
                return right
            if b == 1:
                return left
            if a == -1:
                return simplified(ast.UnaryOp(ast.USub(), right))
            if b == -1:
                return simplified(ast.UnaryOp(ast.USub(), left))
            if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
                return ast.UnaryOp(ast.USub(), _folded(left.operand, op, right))
            if a is None and ast.dump(left) == ast.dump(right):
                return ast.BinOp(left, ast.Pow(), ast.Constant(2))
            if b is not None:
                return ast.BinOp(right, op, left)
        case ast.Div():
            if b == 1:
                return left
            match left:
                case ast.BinOp(inner, ast.Div(), same) if ast.dump(same) == ast.dump(right):
                    square = ast.BinOp(right, ast.Pow(), ast.Constant(2))
                    return ast.BinOp(inner, op, square)
                case _:
                    pass
            if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
                return ast.UnaryOp(ast.USub(), _folded(left.operand, op, right))
        case ast.Pow():
            if b == 1:
                return left
        case _:
            pass
    return ast.BinOp(left, op, right)
