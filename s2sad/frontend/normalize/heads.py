"""A `while True` that tests first is a `while` whose condition takes statements.

    while True:              ->    while [a = x * x;] not a > 9.0:
        a = x * x                      x = x + a_step
        if a > 9.0: break
        x = x + a_step

That is how a condition is emitted which is no expression. What is bound before
the test must not be read after it. The statements stand in the loop's `head`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from s2sad.frontend.normalize.hidden import at
from s2sad.frontend.normalize.reads import read_later
from s2sad.frontend.scope import names_stored


def rewrite_head(
    node: ast.While, function: Sequence[ast.stmt], captured: set[str]
) -> ast.While:
    """The loop with its first statements as its condition, if it is of that form.

    `function` is the body that the loop stands in, `captured` are the locals that
    nested functions read.
    """
    if not (isinstance(node.test, ast.Constant) and node.test.value is True):
        return node
    size = next((k for k, stmt in enumerate(node.body) if not _is_plain(stmt)), None)
    if size is None or node.orelse or any(isinstance(s, ast.Raise) for s in node.body):
        return node
    head, exit_ = node.body[:size], node.body[size]
    match exit_:
        case ast.If(test=test, body=[ast.Break()], orelse=[]):
            pass
        case _:
            return node
    bound = {name for stmt in head for name in names_stored(stmt)}
    if bound & (captured | read_later(function, node, size + 1)):
        return node
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        stays = test.operand
    else:
        stays = at(test, ast.UnaryOp(ast.Not(), test))
    loop = at(node, ast.While(stays, node.body[size + 1 :], []))
    loop.head = head  # type: ignore[attr-defined]
    return loop


def head_of(loop: ast.While) -> list[ast.stmt]:
    """The statements that run before the condition of a loop."""
    head: list[ast.stmt] = getattr(loop, "head", [])
    return head


def _is_plain(stmt: ast.stmt) -> bool:
    match stmt:
        case ast.Assign(targets=[ast.Name()], value=value):
            return not any(isinstance(n, ast.NamedExpr) for n in ast.walk(value))
        case ast.If(body=body, orelse=orelse):
            return all(map(_is_plain, [*body, *orelse]))
        case _:
            return False
