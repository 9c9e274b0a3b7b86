"""The shapes of arrays that only some paths make.

    if c:                         if c:
        y = x * 2.0                   y = x * 2.0
                            →         y_shape = y.shape
                                  else:
                                      y_shape = (0,)

The adjoint of such an array starts as zeros even where there is no array: they are added
to and read on no path but one that has made it.
"""

from __future__ import annotations

from collections.abc import Collection

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, If, Let, Stmt, Undef, Var, int_lit
from s2sad.ir.types import INT, Array, Tuple


def shape_var(array: Var) -> Var:
    assert isinstance(array.type, Array)
    return Var(Tuple((INT,) * len(array.type.dims)), after=(array, "_shape"))


def with_shapes(stmt: If, shapes: dict[Var, Var], unbound: Collection[Var]) -> If:
    """A branch that also yields the shapes of some of its results, as these variables."""
    found = [(k, shapes[out]) for k, out in enumerate(stmt.outs) if out in shapes]
    arms = []
    for arm in (stmt.then, stmt.orelse):
        stmts = list(arm.stmts)
        made = [
            _shape_in(arm.yields[k], stmt.outs[k], shape, stmts, unbound) for k, shape in found
        ]
        arms.append(Block(arm.params, tuple(stmts), (*arm.yields, *made)))
    outs = (*stmt.outs, *(shape for _, shape in found))
    return replace(stmt, outs=outs, then=arms[0], orelse=arms[1])


def _shape_in(
    atom: Atom, array: Var, shape: Var, stmts: list[Stmt], unbound: Collection[Var]
) -> Atom:
    assert isinstance(array.type, Array)
    assert isinstance(shape.type, Tuple)
    if isinstance(atom, Var) and atom in unbound:
        for k, stmt in enumerate(stmts):
            if isinstance(stmt, If) and atom in stmt.outs:
                made = shape_var(atom)
                stmts[k] = with_shapes(stmt, {atom: made}, unbound)
                return made
    out = Var(shape.type)
    if isinstance(atom, Undef):
        stmts.append(Let(out, "tuple", _sizes(array.type)))
    else:
        stmts.append(Let(out, "shape", (atom,)))
    return out


def _sizes(type_: Array) -> tuple[Atom, ...]:
    """Those of an array that there is not: what is known of them, else 0."""
    return tuple(int_lit(dim if isinstance(dim, int) else 0) for dim in type_.dims)
