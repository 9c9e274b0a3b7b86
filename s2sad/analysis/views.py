"""Which lists are parts of others: `row = rows[i]` is a view of `rows`.

What is read through a view is read of the list itself, at the indices of both. A list that
is written to is read through no older view: the borrow check holds that.
"""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Func, Let, Var
from s2sad.ir.types import List
from s2sad.ir.walk import walk

Views = dict[Var, tuple[Var, tuple[Atom, ...]]]


def displays(func: Func) -> dict[Var, int]:
    """How long the lists are whose elements are written out."""
    return {
        stmt.out: len(stmt.args)
        for stmt in walk(func.body)
        if isinstance(stmt, Let) and stmt.op == "list"
    }


def views(func: Func) -> Views:
    """For each view the list that it is a part of, and the indices that lead to it."""
    found: Views = {}
    for stmt in walk(func.body):
        match stmt:
            case Let(Var(type=List()) as out, "get", (Var() as list_, *index)):
                base, before = found.get(list_, (list_, ()))
                found[out] = base, (*before, *index)
            case _:
                pass
    return found
