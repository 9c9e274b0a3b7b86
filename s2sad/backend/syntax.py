"""Small pieces of `ast`: names, calls, literals, tests, the shapes of containers."""

from __future__ import annotations

import ast
import math

from s2sad.errors import InternalError
from s2sad.ir.nodes import Lit
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Opaque, Tuple, Type

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


# They say nothing of their own: one of each will do.
LOAD, STORE = ast.Load(), ast.Store()


def name(text: str) -> ast.Name:
    return ast.Name(text, LOAD)


def dotted(text: str) -> ast.expr:
    first, *rest = text.split(".")
    result: ast.expr = name(first)
    for part in rest:
        result = ast.Attribute(result, part, ast.Load())
    return result


def call(function: str | ast.expr, *args: ast.expr) -> ast.expr:
    return ast.Call(dotted(function) if isinstance(function, str) else function, list(args), [])


def subscript(value: ast.expr, index: ast.expr) -> ast.Subscript:
    return ast.Subscript(value, index, ast.Load())


def tuple_of(parts: list[ast.expr]) -> ast.expr:
    return ast.Tuple(parts, ast.Load())


def literal(value: object) -> ast.expr:
    """A number as it is written: Python has no negative literals, no inf, no nan."""
    match value:
        case bool() | None | str():
            return ast.Constant(value)
        case int():
            size: ast.expr = ast.Constant(abs(int(value)))
            return ast.UnaryOp(ast.USub(), size) if value < 0 else size
        case float():
            if math.isnan(value):
                return dotted("math.nan")
            size = dotted("math.inf") if math.isinf(value) else ast.Constant(abs(float(value)))
            return ast.UnaryOp(ast.USub(), size) if math.copysign(1.0, value) < 0 else size
        case complex(real=re, imag=im) if re == 0.0 <= im and math.isfinite(im):
            if math.copysign(1.0, re) > 0 and math.copysign(1.0, im) > 0:
                return ast.Constant(complex(0.0, im))
            return call("complex", literal(re), literal(im))
        case complex():
            return call("complex", literal(value.real), literal(value.imag))
        case _:
            raise InternalError(f"no literal for {value!r}")


def literal_of(lit: Lit) -> ast.expr:
    """A number, or the text of something opaque."""
    if isinstance(lit.type, Opaque):
        return ast.parse(str(lit.value), mode="eval").body
    return literal(lit.value)


def negated(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            return operand
        case ast.Compare(left, [op], right) if type(op) in _OPPOSITE:
            return ast.Compare(left, [_OPPOSITE[type(op)]()], right)
        case ast.Constant(bool() as value):
            return ast.Constant(not value)
        case _:
            return ast.UnaryOp(ast.Not(), test)


def boolean(op: ast.boolop, left: ast.expr, right: ast.expr) -> ast.expr:
    """`left and right`, `left or right`, written in one row."""
    values: list[ast.expr] = []
    for part in (left, right):
        if isinstance(part, ast.BoolOp) and type(part.op) is type(op):
            values += part.values
        else:
            values.append(part)
    return ast.BoolOp(op, values)


def is_not(value: ast.expr, class_: str) -> ast.expr:
    of_value = ast.Attribute(value, "__class__", ast.Load())
    return ast.Compare(of_value, [ast.IsNot()], [name(class_)])


def are_not(values: list[ast.expr], class_: str) -> ast.expr:
    """`not (x.__class__ is y.__class__ is float)`."""
    first, *rest = (ast.Attribute(value, "__class__", ast.Load()) for value in values)
    sides = [*rest, name(class_)]
    return negated(ast.Compare(first, [ast.Is() for _ in sides], sides))


def number(value: ast.expr, type_: Type) -> ast.expr:
    """A value from outside as a number of the type."""
    if type_ == FLOAT:
        class_, made = "float", converted(value, FLOAT)
    elif type_ == INT:
        class_, made = "int", converted(value, INT)
    else:
        return value
    return ast.IfExp(negated(is_not(value, class_)), value, made)


def converted(value: ast.expr, type_: Type) -> ast.expr:
    if type_ == FLOAT:
        return call("float", ast.UnaryOp(ast.UAdd(), value))
    return call(ast.Attribute(value, "__index__", ast.Load()))


def zeros(value: ast.expr, type_: Type, depth: int) -> ast.expr:
    """Zeros in the shape of a value."""
    variable = f"v{depth}" if depth else "v"
    match type_:
        case List(List() | Tuple() | Array() as item):
            each = ast.comprehension(ast.Name(variable, ast.Store()), value, [], 0)
            return ast.ListComp(zeros(name(variable), item, depth + 1), [each])
        case List(item):
            return ast.BinOp(
                ast.List([_zero(item)], ast.Load()), ast.Mult(), call("len", value)
            )
        case Tuple(items):
            parts = [
                zeros(subscript(value, ast.Constant(k)), item, depth)
                for k, item in enumerate(items)
            ]
            return tuple_of(parts)
        case Array():
            return call("np.zeros_like", value)
        case _:
            return _zero(type_)


def copied(value: ast.expr, type_: Type, depth: int) -> ast.expr:
    """A copy with buffers of its own, those inside included."""
    variable = f"v{depth}" if depth else "v"
    match type_:
        case List(List() | Array() as item):
            each = ast.comprehension(ast.Name(variable, ast.Store()), value, [], 0)
            return ast.ListComp(copied(name(variable), item, depth + 1), [each])
        case _:
            return call(ast.Attribute(value, "copy", ast.Load()))


def _zero(type_: Type) -> ast.expr:
    return ast.Constant(0.0) if type_ in (FLOAT, INT, BOOL) else ast.Constant(None)


def sum_of(left: ast.expr, right: ast.expr, type_: Type, depth: int) -> ast.expr:
    """The sum of two adjoints, part by part."""
    p, q = (f"p{depth}", f"q{depth}") if depth else ("p", "q")
    match type_:
        case List(item):
            pair = ast.Tuple([ast.Name(p, ast.Store()), ast.Name(q, ast.Store())], ast.Store())
            both = ast.comprehension(pair, call("zip", left, right), [], 0)
            return ast.ListComp(sum_of(name(p), name(q), item, depth + 1), [both])
        case Tuple(items):
            parts = [
                sum_of(
                    subscript(left, ast.Constant(k)),
                    subscript(right, ast.Constant(k)),
                    item,
                    depth,
                )
                for k, item in enumerate(items)
            ]
            return tuple_of(parts)
        case _:
            return ast.BinOp(left, ast.Add(), right)
