"""Parameters that are counts: names that end up where Python wants an int.

A name is an int where it bounds a `range`, indexes, is shifted or is handed to a function
of integers, through the arithmetic that keeps ints; so is, then, what it is assigned from.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from s2sad.frontend.scope import (
    FunctionNode,
    free_names,
    function_nodes,
    params_of,
    rare_nodes,
)

_INT_FUNCTIONS = frozenset({"range", "factorial", "comb", "perm", "gcd", "lcm", "isqrt"})
_KEEPING = frozenset({"abs", "min", "max", "sum", "divmod", "reversed"})
_WANTING = frozenset({ast.Call, ast.Subscript, ast.BinOp, ast.UnaryOp})
_OF_FLOATS = frozenset({ast.Add, ast.Sub, ast.Div, ast.Pow})
_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)


Wants = Callable[[ast.Call], list[ast.expr]]


def int_names(node: FunctionNode, callee_wants: Wants) -> frozenset[str]:
    """The names of a function that must be ints.

    `callee_wants` tells of a call which of its arguments the callee needs as ints.
    """
    nodes = function_nodes(node)
    rare = rare_nodes(node)
    nested = {inner.name: inner for inner in rare if isinstance(inner, ast.FunctionDef)}

    def wanted(inner: ast.AST) -> list[ast.expr]:
        if not isinstance(inner, ast.Call):
            return _wanted(inner)
        local = nested.get(called_name(inner.func))
        if local is None or local is node:
            return _wanted(inner) + callee_wants(inner)
        return arguments_of(inner, local, int_names(local, callee_wants))

    names = {
        name
        for inner in nodes
        if type(inner) in _WANTING
        for value in wanted(inner)
        for name in _names(value)
    }
    for inner in rare:
        if isinstance(inner, ast.FunctionDef | ast.Lambda):
            names |= int_names(inner, callee_wants) & free_names(inner)
    sources = [
        (target.id, inner.value)
        for inner in nodes
        if type(inner) is ast.Assign
        for target in inner.targets
        if isinstance(target, ast.Name)
    ]
    while True:
        more = {name for target, value in sources if target in names for name in _names(value)}
        if more <= names:
            return frozenset(names)
        names |= more


def _wanted(node: ast.AST) -> list[ast.expr]:
    """The expressions in a node that Python takes as ints only."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OF_FLOATS:
        return []
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="__index__"), args=[]):
            return [value]
        case ast.Call(func=func, args=args):
            name = called_name(func)
            if name in _INT_FUNCTIONS:
                return args
            return args[1:2] if name == "ldexp" else []
        case ast.Subscript(slice=index):
            return [index]
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _BITS):
            return [left, right]
        case ast.BinOp(left=ast.List(), op=ast.Mult(), right=right):
            return [right]
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return [operand]
        case _:
            return []


def arguments_of(
    call: ast.Call, function: FunctionNode, params: frozenset[str]
) -> list[ast.expr]:
    """The arguments in a call for some of the parameters of a function."""
    names = [arg.arg for arg in params_of(function)]
    found = [arg for name, arg in zip(names, call.args, strict=False) if name in params]
    return found + [k.value for k in call.keywords if k.arg in params]


def called_name(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _names(value: ast.expr) -> Iterator[str]:
    """The names that make an int expression an int."""
    match value:
        case ast.Name(id=name):
            yield name
        case ast.BinOp(left=left, op=op, right=right) if not isinstance(op, ast.Div):
            yield from _names(left)
            yield from _names(right)
        case ast.UnaryOp(operand=operand):
            yield from _names(operand)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _names(body)
            yield from _names(orelse)
        case ast.Call(func=func, args=args) if called_name(func) in _KEEPING:
            for arg in args:
                yield from _names(arg)
        case _:
            return
