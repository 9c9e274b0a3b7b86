"""Tests that arguments lie in C's order in memory, at the start of a function.

A write through `x.reshape(…)` is one to x only if they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from s2sad.ir.nodes import Block, If, Let, Lit, Raise, Stmt, Var
from s2sad.ir.types import BOOL, Opaque

_TEST = "{0}.flags.c_contiguous"


def order_tests(params: Iterable[Var]) -> list[Stmt]:
    stmts: list[Stmt] = []
    for param in params:
        dense, error = Var(BOOL), Var(Opaque("exception"))
        text = f"{param.hint} has to lie in memory in C's order: np.ascontiguousarray"
        made = Let(error, "python", (Lit(f"ValueError({text!r})", Opaque("text")),))
        stmts.append(Let(dense, "python", (Lit(_TEST, Opaque("text")), param)))
        raising = Block((), (made, Raise(error)), ())
        stmts.append(If((), dense, Block((), (), ()), raising))
    return stmts


def apart_tests(pairs: Iterable[tuple[str, str]]) -> list[Stmt]:
    """Tests that what is changed, by its path, is not what is read by another."""
    stmts: list[Stmt] = []
    for changed, other in pairs:
        one, error = Var(BOOL), Var(Opaque("exception"))
        text = f"{changed}, which is changed, and {other} have to be two objects"
        made = Let(error, "python", (Lit(f"ValueError({text!r})", Opaque("text")),))
        stmts.append(Let(one, "python", (Lit(f"{changed} is {other}", Opaque("text")),)))
        raising = Block((), (made, Raise(error)), ())
        stmts.append(If((), one, raising, Block((), (), ())))
    return stmts


def count_tests(stmts: Sequence[Stmt]) -> int:
    """How many statements at the start are such tests."""
    count = 0
    while count < len(stmts):
        match stmts[count]:
            case Let(_, "python", (Lit(value=text), _)) if text == _TEST:
                count += 2
            case _:
                break
    return count
