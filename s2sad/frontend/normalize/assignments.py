"""Assignments of every kind become plain ones.

x += e         ->    x = x + e          (in place, where x is an object that can change)
o.a += e       ->    of = o; of.a = of.a + e
xs[i] += e     ->    of = xs; at = i; of[at] = of[at] + e
x: float = e   ->    x = e
x: float       ->
"""

from __future__ import annotations

import ast

from s2sad.frontend.normalize.hidden import assign, at


def rewrite_augmented(node: ast.AugAssign, name: str) -> list[ast.stmt]:
    """`name` is a hidden one for the parts of the target, which are evaluated once."""
    target, read, before = _named(node.target, name)
    changed = at(node, ast.BinOp(read, node.op, node.value))
    changed.in_place = True  # type: ignore[attr-defined]
    return [*before, at(node, ast.Assign([target], changed))]


def sign_of(op: ast.operator) -> str:
    """`+`, as it is written."""
    return ast.unparse(ast.BinOp(ast.Constant(1), op, ast.Constant(1)))[2:-2]


def _named(target: ast.expr, name: str) -> tuple[ast.expr, ast.expr, list[ast.stmt]]:
    """A target, the expression that reads it, and what is evaluated before, once."""
    match target:
        case ast.Name(id=id_):
            return target, at(target, ast.Name(id_, ast.Load())), []
        case ast.Attribute(value=owner, attr=attr):
            of = at(target, ast.Name(f"{name}.owner", ast.Load()))
            return (
                at(target, ast.Attribute(of, attr, ast.Store())),
                at(target, ast.Attribute(of, attr, ast.Load())),
                [assign(target, f"{name}.owner", owner)],
            )
        case ast.Subscript(value=owner, slice=index):
            of = at(target, ast.Name(f"{name}.owner", ast.Load()))
            where = at(target, ast.Name(f"{name}.index", ast.Load()))
            return (
                at(target, ast.Subscript(of, where, ast.Store())),
                at(target, ast.Subscript(of, where, ast.Load())),
                [
                    assign(target, f"{name}.owner", owner),
                    assign(target, f"{name}.index", index),
                ],
            )
        case _:
            raise AssertionError(ast.dump(target))


def rewrite_annotated(node: ast.AnnAssign) -> list[ast.stmt]:
    return [at(node, ast.Assign([node.target], node.value))] if node.value else []
