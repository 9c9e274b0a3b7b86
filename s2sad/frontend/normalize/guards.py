"""A call in a `try` that changes an object and may then raise: its exception comes back.

    try: total += acc.add(x)    ->    value, caught, error = %guard(acc.add(x))
    except E: acc.reset()             try:
                                          if caught: raise error
                                          total += value
                                      except E: acc.reset()

The function that is called so is the user's, all of it in a `try` that notes what it
raises. So it is taken apart as any other `try` is, and what it has changed is seen.
"""

from __future__ import annotations

import ast
import copy

from s2sad.frontend.normalize.exits import Leave
from s2sad.frontend.normalize.hidden import (
    BUILTIN,
    CAUGHT,
    ERROR,
    GUARD,
    TESTED,
    VALUE,
    assign,
    at,
    flag,
    read,
)
from s2sad.frontend.scope import own_nodes

ALL_CAUGHT, ALL_ERROR = f"{CAUGHT}all", f"{ERROR}all"
_BOUND = f"{ERROR}all.bound"


def guarded(node: ast.FunctionDef) -> ast.FunctionDef:
    """A function that notes what it raises, and returns then without a value."""
    made = copy.deepcopy(node)
    for inner in ast.walk(made):
        # What was noted of the nodes: they are others now.
        for name in [name for name in vars(inner) if name.startswith("_s2sad")]:
            delattr(inner, name)
    returns = any(isinstance(n, ast.Return) and n.value for n in own_nodes(made.body))
    everything = at(node, ast.Name(f"{BUILTIN}BaseException", ast.Load()))
    noted = [
        flag(node, ALL_CAUGHT, True),
        assign(node, ALL_ERROR, read(node, _BOUND)),
        *([at(node, Leave(None))] if returns else []),
    ]
    handler = at(node, ast.ExceptHandler(everything, _BOUND, noted))
    made.body = [
        flag(node, ALL_CAUGHT, False),
        assign(node, ALL_ERROR, at(node, ast.Constant(None))),
        at(node, ast.Try(made.body, [handler], [], [])),
    ]
    made._s2sad_guarded = True  # type: ignore[attr-defined]
    return made


def is_guarded(node: ast.AST) -> bool:
    """Is it a function that notes what it raises, or a call that has to be one of such?"""
    return bool(getattr(node, "_s2sad_guarded", False))


def is_guard(node: ast.AST) -> bool:
    """Is it a statement whose call does not raise, but hands back what is raised?"""
    match node:
        case ast.Assign(value=ast.Call(func=ast.Name(id=name))):
            return name == GUARD
        case _:
            return False


def holds_guard(nodes: list[ast.AST]) -> bool:
    """Is there a call that has yet to hand back what it raises?"""
    return any(isinstance(node, ast.Call) and is_guarded(node) for node in nodes)


def named_argument(stmt: ast.Expr, name: str) -> list[ast.stmt]:
    """`xs.append(1 / x)`: what may raise comes first, the list is changed after."""
    assert isinstance(stmt.value, ast.Call)
    (arg,) = stmt.value.args
    call = at(stmt, ast.Call(stmt.value.func, [read(arg, name)], []))
    return [assign(arg, name, arg), at(stmt, ast.Expr(call))]


def call_to_guard(stmt: ast.stmt) -> ast.Call | None:
    """The first call of a statement that has to hand back what it raises."""
    if not isinstance(stmt, ast.Assign | ast.Expr) or is_guard(stmt):
        return None
    calls = [n for n in own_nodes([stmt.value]) if isinstance(n, ast.Call) and is_guarded(n)]
    return min(calls, key=lambda c: (c.end_lineno, c.end_col_offset)) if calls else None


def split_call(
    stmt: ast.Assign | ast.Expr, call: ast.Call, number: int, captured: set[str]
) -> list[ast.stmt] | None:
    """The statements that a call becomes; None where something is evaluated before it that
    it may change."""
    unnamed = (ast.Name, ast.Constant)
    if not _comes_first(stmt.value, call, captured):
        return None
    before: list[ast.stmt] = []

    def named(node: ast.expr) -> ast.expr:
        if isinstance(node, unnamed):
            return node
        name = f"{TESTED}g{number}.{len(before)}"
        before.append(assign(node, name, node))
        return read(node, name)

    made = at(call, ast.Call(call.func, [], []))
    if isinstance(call.func, ast.Attribute):
        made.func = at(call.func, copy.copy(call.func))
        made.func.value = named(call.func.value)  # type: ignore[attr-defined]
    elif not isinstance(call.func, ast.Name):
        return None
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return None
    made.args = [named(arg) for arg in call.args]
    made.keywords = [at(call, ast.keyword(k.arg, named(k.value))) for k in call.keywords]
    value, caught, error = (f"{kind}g{number}" for kind in (VALUE, CAUGHT, ERROR))
    names = [at(call, ast.Name(name, ast.Store())) for name in (value, caught, error)]
    guard = at(call, ast.Call(read(call, GUARD), [made], []))
    target = at(call, ast.Tuple(names, ast.Store()))
    again = at(call, ast.Raise(read(call, error), None))
    rest: list[ast.stmt] = []
    if not (isinstance(stmt, ast.Expr) and stmt.value is call):
        left = copy.copy(stmt)
        left.value = _Replaced(call, read(call, value)).visit(copy_around(stmt.value, call))
        rest = [left]
    return [
        *before,
        at(call, ast.Assign([target], guard)),
        at(call, ast.If(read(call, caught), [again], [])),
        *rest,
    ]


def _comes_first(node: ast.expr, call: ast.Call, captured: set[str]) -> bool:
    """Is nothing of an expression evaluated before a call, but names that it cannot bind?"""
    if node is call:
        return True
    for part in _parts(node):
        if any(inner is call for inner in ast.walk(part)):
            return _comes_first(part, call, captured)
        match part:
            case ast.Constant():
                pass
            case ast.Name(id=name) if name not in captured:
                pass
            case _:
                return False
    return False


def _parts(node: ast.expr) -> list[ast.expr]:
    """The parts of an expression that are evaluated for certain, in their order."""
    match node:
        case ast.BinOp(left, _, right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Compare(left, _, [right]):
            return [left, right]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return parts
        case ast.Call(func=ast.Name(), args=args, keywords=named):
            return [*args, *(keyword.value for keyword in named)]
        case ast.Attribute(value=value):
            return [value]
        case ast.Subscript(value, index):
            return [value, index]
        case _:
            return []


def copy_around(node: ast.expr, call: ast.Call) -> ast.expr:
    """A copy of the nodes that hold a call, which stays itself."""
    return copy.deepcopy(node, {id(call): call})


class _Replaced(ast.NodeTransformer):
    def __init__(self, call: ast.Call, value: ast.expr) -> None:
        self.call, self.value = call, value

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self.value if node is self.call else self.generic_visit(node)
