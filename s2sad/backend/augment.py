"""`x_bar += …`: an adjoint that takes the name of one of its operands."""

from __future__ import annotations

import ast

from s2sad.backend.expressions import Expressions
from s2sad.ir.nodes import Atom, Let, Var
from s2sad.ir.types import Array, Scalar

_AUGMENTED: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "div": ast.Div,
}


def augmented(
    expressions: Expressions, target: str, let: Let
) -> tuple[ast.operator, ast.expr] | None:
    """What an adjoint adds to its own name, or multiplies it by."""
    if let.op not in _AUGMENTED:
        return None
    left, right = let.args
    if let.out in expressions.in_place:
        operand = expressions.in_place[let.out]
        if operand in expressions.folded or expressions.names[operand] != target:
            return None
        return _signed(expressions, ast.Add, right if operand is left else left, True)
    if not isinstance(let.out.type, Scalar):
        return None
    sign = _AUGMENTED[let.op]
    if _is(expressions, left, target) and (let.origin or not let.out.user):
        return _signed(expressions, sign, right, bool(let.origin))
    if not let.origin:
        return None
    if let.op in ("add", "mul") and _is(expressions, right, target):
        return _signed(expressions, sign, left, True)
    inner = expressions.adjoint(left)
    if expressions.tidy and inner is not None and sign in (ast.Add, ast.Sub):
        found = augmented(expressions, target, inner)
        if found is not None and isinstance(found[0], ast.Add | ast.Sub):
            outer, value = _signed(expressions, sign, right, True)
            same = isinstance(found[0], ast.Add)
            plus = isinstance(outer, ast.Add) == same
            joined = ast.BinOp(found[1], ast.Add() if plus else ast.Sub(), value)
            return found[0], joined
    return None


def added_to(
    expressions: Expressions, value: Atom, adjoint: bool
) -> tuple[ast.operator, ast.expr]:
    """What `place += value` becomes: `place -= …` where the value carries a sign."""
    return _signed(expressions, ast.Add, value, adjoint)


def _is(expressions: Expressions, atom: Atom, target: str) -> bool:
    return (
        isinstance(atom, Var)
        and atom not in expressions.folded
        and expressions.names[atom] == target
        and not isinstance(atom.type, Array)
    )


def _signed(
    expressions: Expressions, sign: type[ast.operator], atom: Atom, adjoint: bool
) -> tuple[ast.operator, ast.expr]:
    if adjoint and expressions.tidy and sign in (ast.Add, ast.Sub):
        opposite = expressions.opposite(atom)
        if opposite is not None:
            return (ast.Sub() if sign is ast.Add else ast.Add()), opposite
    return sign(), expressions.atom(atom)
