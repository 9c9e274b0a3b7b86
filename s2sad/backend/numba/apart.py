"""The tests that arguments share no memory: plain Python makes them."""

from __future__ import annotations

import ast

from s2sad.backend.syntax import call, name
from s2sad.ir.node import replace
from s2sad.ir.nodes import Func, If, Let, Lit, Stmt, Var


def without_tests(func: Func) -> tuple[Func, list[tuple[Var, Var, str]]]:
    """The function without them, and for each the two arrays and the exception."""
    found: list[tuple[Var, Var, str]] = []
    kept: list[Stmt] = []
    forward = func.forward
    shared: dict[Var, tuple[Var, Var]] = {}
    for stmt in func.body.stmts:
        match stmt:
            case Let(out, "np.shares_memory", (Var() as one, Var() as other)) if (
                one in func.params and other in func.params
            ):
                shared[out] = one, other
            case If((), Var() as cond, then) if cond in shared:
                error = then.stmts[0]
                assert isinstance(error, Let)
                assert isinstance(error.args[0], Lit)
                found.append((*shared[cond], str(error.args[0].value)))
            case _:
                kept.append(stmt)
    if not found:
        return func, []
    removed = len(func.body.stmts) - len(kept)
    body = replace(func.body, stmts=tuple(kept))
    return replace(func, body=body, forward=max(forward - removed, 0)), found


def raising(test: tuple[Var, Var, str]) -> ast.stmt:
    """`if np.shares_memory(a, b): raise ValueError(…)`"""
    one, other, text = test
    error = ast.parse(text, mode="eval").body
    shared = call("np.shares_memory", name(one.hint), name(other.hint))
    return ast.If(shared, [ast.Raise(error, None)], [])
