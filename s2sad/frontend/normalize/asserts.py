"""Assertions are conditional raises.

assert x > 0, "negative"    ->    if not x > 0: raise AssertionError("negative")
"""

from __future__ import annotations

import ast

from s2sad.frontend.normalize.hidden import BUILTIN, at


def rewrite_assert(node: ast.Assert) -> list[ast.stmt]:
    exception = at(node, ast.Name(f"{BUILTIN}AssertionError", ast.Load()))
    call = at(node, ast.Call(exception, [node.msg] if node.msg else [], []))
    test = at(node.test, ast.UnaryOp(ast.Not(), node.test))
    return [at(node, ast.If(test, [at(node, ast.Raise(call, None))], []))]
