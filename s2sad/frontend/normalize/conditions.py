"""A loop condition that needs statements of its own moves into the body.

    while far(x):        ->    while True:
        x = step(x)                if not far(x): break
                                   x = step(x)

With an `else`, a flag tells how the loop ended:

    while far(x):        ->    ended = False
        work                   while True:
    else: rest                     if not far(x): ended = True; break
                                   work
                               if ended: rest
"""

from __future__ import annotations

import ast

from s2sad.frontend.normalize.hidden import at, flag, read


def rewrite_condition(node: ast.While, ended: str) -> list[ast.stmt]:
    leave: list[ast.stmt] = [at(node.test, ast.Break())]
    if node.orelse:
        leave.insert(0, flag(node, ended, True))
    test = at(node.test, ast.UnaryOp(ast.Not(), node.test))
    guard = at(node.test, ast.If(test, leave, []))
    loop = at(node, ast.While(at(node.test, ast.Constant(True)), [guard, *node.body], []))
    if not node.orelse:
        return [loop]
    after = at(node, ast.If(read(node, ended), node.orelse, []))
    return [flag(node, ended, False), loop, after]
