"""The tangent of a list has to have its length: a shorter one would be a wrong number.

if len(xs_dot) != len(xs):
    raise ValueError('xs_dot has to have the length of xs')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s2sad.ir.nodes import FALSE, Block, If, Let, Lit, Loop, Raise, Seq, Stmt, Var
from s2sad.ir.types import BOOL, INT, List, Opaque


def same_lengths(pairs: Iterable[tuple[Var, Var, str, str]]) -> list[Stmt]:
    """Tests of the lists among values and their tangents, with what both are called."""
    return [stmt for pair in pairs for stmt in _test(*pair)]


def _test(value: Var, dot: Var, name: str, dot_name: str) -> Iterator[Stmt]:
    if not isinstance(value.type, List) or not isinstance(dot.type, List):
        return
    count, dots = Var(INT, after=(value, "_len")), Var(INT, after=(dot, "_len"))
    differ, error = Var(BOOL), Var(Opaque())
    yield Let(count, "len", (value,))
    yield Let(dots, "len", (dot,))
    yield Let(differ, "ne", (dots, count))
    text = f"ValueError('{dot_name} has to have the length of {name}')"
    raising = Block((), (Let(error, "python", (Lit(text, Opaque("str")),)), Raise(error)), ())
    yield If((), differ, raising, Block((), (), ()))
    if isinstance(value.type.item, List):
        element, element_dot = Var(value.type.item, "r"), Var(dot.type.item, "r_dot")
        body = Block(
            (element, element_dot),
            tuple(_test(element, element_dot, name, dot_name)),
            (FALSE,),
        )
        yield Loop((), (), Var(INT, "_"), None, (), (Seq(value), Seq(dot)), body)
