"""Sums, products and calls of names and numbers, printed at once.

Most of what is emitted consists of these, and astor takes its time over each node. The
text is what astor would have written.
"""

from __future__ import annotations

import ast
import math

from s2sad.backend.astor_import import Precedence, precedence_data, symbol_data

# A node class prints as this, and its operands are printed for this precedence.
_SYMBOL: dict[type[ast.AST], str] = symbol_data
_BINDS: dict[type[ast.AST], int] = precedence_data
_HIGHEST: int = Precedence.highest
_COMMA: int = Precedence.Comma
_ONE_ARGUMENT: int = Precedence.call_one_arg
_POWER: int = Precedence.Pow
_EXPONENT: int = Precedence.PowRHS


def assigned(node: ast.Assign | ast.AugAssign) -> str | None:
    """The text of an assignment to a name; None if astor has to print it."""
    target: ast.expr
    if isinstance(node, ast.AugAssign):
        target, sign = node.target, f"{_SYMBOL[type(node.op)]}="
    else:
        target, sign = node.targets[0], "="
        if len(node.targets) > 1:
            return None
    if not isinstance(target, ast.Name):
        return None
    value = printed(node.value, _BINDS[type(node)])
    return None if value is None else f"{target.id} {sign} {value}"


def printed(node: ast.expr, outer: int) -> str | None:
    """The text of an expression inside of what binds like `outer`; None for what has to
    go to astor."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.BinOp):
        return _binary(node, outer)
    if isinstance(node, ast.Constant):
        value = node.value
        plain = type(value) is float and 0.0 <= value < math.inf
        if not plain and (type(value) is not int or value < 0):
            return None
        return repr(value) if outer < _HIGHEST else None
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.Attribute):
        inner = printed(node.value, _HIGHEST)
        return None if inner is None else f"{inner}.{node.attr}"
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        binds = _BINDS[type(node.op)]
        inner = printed(node.operand, binds)
        if inner is None:
            return None
        text = _SYMBOL[type(node.op)] + inner
        return text if binds >= outer else f"({text})"
    return None


def _binary(node: ast.BinOp, outer: int) -> str | None:
    binds = _BINDS[type(node.op)]
    power = binds == _POWER
    left = printed(node.left, _POWER + 1 if power else binds)
    right = printed(node.right, _EXPONENT if power else binds + 1)
    if left is None or right is None:
        return None
    close = power and is_simple(node.left) and is_simple(node.right)
    text = left + "**" + right if close else f"{left} {_SYMBOL[type(node.op)]} {right}"
    return text if binds >= outer else f"({text})"


def _call(node: ast.Call) -> str | None:
    function = printed(node.func, _HIGHEST)
    if function is None or node.keywords:
        return None
    outer = _COMMA if len(node.args) > 1 else _ONE_ARGUMENT
    args = []
    for arg in node.args:
        text = printed(arg, outer)
        if text is None:
            return None
        args.append(text)
    return f"{function}({', '.join(args)})"


def is_simple(node: ast.expr) -> bool:
    """A name, a number, an attribute, with or without a minus sign."""
    match node:
        case ast.UnaryOp(ast.USub(), operand):
            return is_simple(operand)
        case ast.Attribute(value):
            return is_simple(value)
        case _:
            return isinstance(node, ast.Name | ast.Constant)
