"""Assignments of every kind become plain ones.

x += e         ->    x = x + e
x: float = e   ->    x = e
x: float       ->
"""

from __future__ import annotations

import ast

from s2sad.frontend.normalize.hidden import at


def rewrite_augmented(node: ast.AugAssign) -> list[ast.stmt]:
    assert isinstance(node.target, ast.Name)
    read = at(node.target, ast.Name(node.target.id, ast.Load()))
    return [
        at(
            node,
            ast.Assign([node.target], at(node, ast.BinOp(read, node.op, node.value))),
        )
    ]


def rewrite_annotated(node: ast.AnnAssign) -> list[ast.stmt]:
    return [at(node, ast.Assign([node.target], node.value))] if node.value else []
