"""The tangent of a list has to have its length, that of an array its shape: another one
would be a wrong number.

if len(xs_dot) != len(xs):
    raise ValueError('xs_dot has to have the length of xs')
if x_dot.shape != x.shape:
    raise ValueError('x_dot has to have the shape of x')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s2sad.ir.nodes import FALSE, Block, If, Let, Lit, Loop, Raise, Seq, Stmt, Var
from s2sad.ir.structure import SHAPES_DIFFER
from s2sad.ir.types import BOOL, INT, Array, List, Opaque


def same_lengths(pairs: Iterable[tuple[Var, Var, str, str]]) -> list[Stmt]:
    """Tests of the lists and arrays among values and their tangents, with what both are
    called."""
    return [stmt for pair in pairs for stmt in _test(*pair)]


def _test(value: Var, dot: Var, name: str, dot_name: str) -> Iterator[Stmt]:
    match value.type, dot.type:
        case List(item), List(item_dot):
            count, dots = Var(INT, after=(value, "_len")), Var(INT, after=(dot, "_len"))
            differ = Var(BOOL)
            yield Let(count, "len", (value,))
            yield Let(dots, "len", (dot,))
            yield Let(differ, "ne", (dots, count))
            yield _raising(differ, f"{dot_name} has to have the length of {name}")
            if isinstance(item, List | Array):
                element, element_dot = Var(item, "r"), Var(item_dot, "r_dot")
                body = Block(
                    (element, element_dot),
                    tuple(_test(element, element_dot, name, dot_name)),
                    (FALSE,),
                )
                yield Loop((), (), Var(INT, "_"), None, (), (Seq(value), Seq(dot)), body)
        case Array(), Array():
            differ = Var(BOOL)
            yield Let(differ, "python", (Lit(SHAPES_DIFFER, Opaque("str")), dot, value))
            yield _raising(differ, f"{dot_name} has to have the shape of {name}")
        case _:
            pass


def _raising(differ: Var, text: str) -> If:
    error = Var(Opaque())
    made = Let(error, "python", (Lit(f"ValueError({text!r})", Opaque("str")),))
    return If((), differ, Block((), (made, Raise(error)), ()), Block((), (), ()))
