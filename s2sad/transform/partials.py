"""Local partial derivatives: from the expressions of the rule table to IR.

    "0.5 / y if y else math.inf"   at y = d   gives   If(d) { div 0.5 d } { inf }

and only `div 0.5 d` where the bounds show that d is not 0.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from functools import cache, partial

from s2sad.analysis.intervals import Bounds
from s2sad.errors import InternalError, Loc, NotDifferentiable
from s2sad.ir.nodes import ZERO, Atom, Let, Lit, Stmt, Var, float_lit, int_lit
from s2sad.ir.types import Array
from s2sad.ops.core import (
    PRIMITIVES,
    UNKNOWN,
    lookup_callable,
    lookup_operator,
    variadic_partials,
)
from s2sad.transform.fold import AdjointBuilder


def partial_texts(let: Let, textbook: bool) -> tuple[str | None, ...]:
    """One expression for each argument over the names of `operands`."""
    primitive = PRIMITIVES[let.op]
    if primitive.variadic:
        if primitive.partials == (None,):
            return (None,) * len(let.args)
        return variadic_partials(let.op, len(let.args))
    return primitive.textbook if textbook else primitive.partials


def operands(let: Let) -> dict[str, Atom]:
    params = PRIMITIVES[let.op].params
    named: dict[str, Atom] = {"y": let.out}
    if params[0].startswith("*"):
        named.update((f"x{k}", arg) for k, arg in enumerate(let.args))
    else:
        named.update(zip(params, let.args, strict=True))
    return named


def contribution(
    bar: Atom,
    text: str,
    named: dict[str, Atom],
    builder: AdjointBuilder,
    bounds: Bounds,
    forward: bool = False,
) -> Atom:
    """What an argument gets of the adjoint `bar` of the result: bar times the partial.

    Or, `forward`, what the result gets of the tangent of an argument.
    """
    node = parsed(text)
    if isinstance(node, ast.Name):
        return builder.make("mul", bar, named[node.id])
    translator = _Translator(named, builder, bounds, forward)
    if isinstance(node, ast.IfExp) and (
        _may_be_zero(node) or (forward and _may_be_infinite(node))
    ):
        return translator.scaled(bar, node)
    return builder.make("mul", bar, translator.expr(node))


def _may_be_zero(node: ast.expr) -> bool:
    """Does the expression choose the literal 0.0 somewhere?"""
    match node:
        case ast.IfExp(_, body, orelse):
            return any(
                (isinstance(arm, ast.Constant) and arm.value == 0.0) or _may_be_zero(arm)
                for arm in (body, orelse)
            )
        case _:
            return False


def _may_be_infinite(node: ast.expr) -> bool:
    """Does the expression choose an infinite slope somewhere?"""
    match node:
        case ast.IfExp(_, body, orelse):
            return any(_is_infinite(arm) or _may_be_infinite(arm) for arm in (body, orelse))
        case _:
            return False


def _is_infinite(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp(ast.USub(), operand):
            return _is_infinite(operand)
        case ast.Attribute(ast.Name("math"), "inf"):
            return True
        case _:
            return False


@cache
def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@cache
def _dotted(func: ast.expr) -> str:
    """The name of a function in a rule."""
    return ast.unparse(func)


class _Translator:
    def __init__(
        self,
        named: dict[str, Atom],
        builder: AdjointBuilder,
        bounds: Bounds,
        forward: bool,
    ) -> None:
        self.named = named
        self.builder = builder
        self.bounds = bounds
        self.forward = forward

    def expr(self, node: ast.expr) -> Atom:
        # Most are names and their products, and a match is slow.
        if isinstance(node, ast.Name):
            return self.named[node.id]
        if isinstance(node, ast.BinOp):
            return self._op(node.op, self.expr(node.left), self.expr(node.right))
        match node:
            case ast.Constant(value) if isinstance(value, (int, float)):
                return int_lit(value) if type(value) is int else float_lit(float(value))
            case ast.Attribute(ast.Name("math"), attr):
                return float_lit(getattr(math, attr))
            case ast.UnaryOp(op, operand):
                return self._op(op, self.expr(operand))
            case ast.Compare(left, [op], [right]):
                return self._op(op, self.expr(left), self.expr(right))
            case ast.Call(ast.Name("sum"), [ast.Tuple(parts)]):
                return self.builder.make("sum", *map(self.expr, parts))
            case ast.Call(func, args):
                dotted = _dotted(func)
                if dotted.startswith(UNKNOWN):
                    raise unknown_derivative(dotted, self.builder.origin)
                values = [self.expr(arg) for arg in args]
                return self.builder.make(callee_of(dotted, len(values)), *values)
            case ast.IfExp(test, body, orelse):
                return self._choice(test, body, orelse, self.expr)
            case _:
                raise InternalError(f"rule expression {ast.unparse(node)}")

    def _op(self, op: ast.AST, *values: Atom) -> Atom:
        name = lookup_operator(type(op).__name__)
        assert name is not None
        return self.builder.make(name, *values)

    def scaled(self, bar: Atom, node: ast.expr) -> Atom:
        """bar times the expression, but 0.0 where that is the literal 0.0.

        Nothing flows there, not even an infinite adjoint: cbrt(max(x, 0.0)) has the slope
        0 at x = -1, though that of cbrt at 0 is infinite. Forward, the same: where nothing
        arrives, nothing goes on, not even by an infinite slope.
        """
        match node:
            case ast.IfExp(test, body, orelse):
                return self._choice(test, body, orelse, partial(self.scaled, bar), bar)
            case ast.Constant(0.0):
                return ZERO
            case _ if self.forward and _is_infinite(node) and isinstance(bar, Var):
                if isinstance(bar.type, Array):
                    product = self.builder.make("mul", bar, self.expr(node))
                    return self.builder.make("np.where", bar, product, ZERO)
                arrives, nothing = self.builder.child(), self.builder.child()
                product = arrives.make("mul", bar, self.expr(node))
                return self.builder.choose(bar, (product,), (ZERO,), (arrives, nothing))[0]
            case _:
                return self.builder.make("mul", bar, self.expr(node))

    def _choice(
        self,
        test: ast.expr,
        body: ast.expr,
        orelse: ast.expr,
        value: Callable[[ast.expr], Atom],
        like: Atom | None = None,
    ) -> Atom:
        cond = self.expr(test)
        known = self._known(cond)
        if known is not None:
            return value(body if known else orelse)
        outer, branches = self.builder, (self.builder.child(), self.builder.child())
        values = []
        for branch, node, holds in zip(branches, (body, orelse), (True, False), strict=True):
            self.builder = branch
            self.bounds.enter(cond, holds)
            values.append(value(node))
            self.bounds.leave()
        self.builder = outer
        if like is not None and isinstance(like.type, Array):
            # Of several directions at once none arrives.
            values = [
                v if isinstance(v.type, Array) else branch.emit("zeros_like", (like,))
                for v, branch in zip(values, branches, strict=True)
            ]
        return outer.choose(cond, (values[0],), (values[1],), branches)[0]

    def _known(self, cond: Atom) -> bool | None:
        """What a condition is on every path, where that is known."""
        if isinstance(cond, Lit):
            return bool(cond.value)
        if self.bounds.excludes_zero(cond):
            return True
        let = self.builder.defs.get(cond) if isinstance(cond, Var) else None
        return self.bounds.decide(let) if let is not None else None


def unknown_derivative(dotted: str, origin: Sequence[Stmt]) -> NotDifferentiable:
    return NotDifferentiable(
        f"{dotted.removeprefix(UNKNOWN)}, a derivative that has no rule of its own",
        _place(origin),
        "register one for it with @s2sad.rule",
    )


def _place(origin: Sequence[Stmt]) -> Loc | None:
    """Where what a statement comes from stands, which may be derived itself."""
    for stmt in origin:
        found = stmt.loc or (_place(stmt.origin) if isinstance(stmt, Let) else None)
        if found is not None:
            return found
    return None


def callee_of(dotted: str, count: int) -> str:
    """A function of `math`, or one that the user registered under that name."""
    found = lookup_callable(dotted, count)
    if isinstance(found, str):
        return found
    if dotted in PRIMITIVES:
        return dotted
    raise InternalError(f"a rule calls {dotted}")
