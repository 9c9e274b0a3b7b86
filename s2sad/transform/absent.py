"""The shapes of arrays that may be unbound, carried along with them.

    for i in range(n):                y_shape = (0,)
        if c:                         for i in range(n):
            y = x * 2.0        →          if c:
        total += y[0]                         y = x * 2.0
                                          total += y[0]
                                          y_shape = y.shape

The adjoint that such an array had before it was bound is zeros of that shape: they are
added to and read on no path but one that has made it. What nobody asks for goes again.
Of a list of numbers it is the length, of other lists the zeros themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from s2sad.errors import assert_never
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    Handler,
    If,
    Let,
    Loop,
    Raise,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    int_lit,
)
from s2sad.ir.types import INT, Array, List, Scalar, Tuple
from s2sad.transform.adjoints import adjoint_type


def with_shapes(func: Func, absent: Collection[Var]) -> tuple[Func, dict[Var, Var]]:
    """The function with the shapes of these arrays, which may be unbound, as variables."""
    shapes = {array: _shape_var(array) for array in absent}
    return replace(func, body=_Pass(shapes).block(func.body)), shapes


def _shape_var(array: Var) -> Var:
    if isinstance(array.type, List):
        if isinstance(array.type.item, Scalar):
            return Var(INT, after=(array, "_len"))
        return Var(adjoint_type(array.type), after=(array, "_zeros"))
    assert isinstance(array.type, Array)
    return Var(Tuple((INT,) * len(array.type.dims)), after=(array, "_shape"))


class _Sized(NamedTuple):
    """Where the values of arrays meet whose shapes are asked for."""

    places: tuple[int, ...]
    shapes: tuple[Var, ...]


class _Pass:
    def __init__(self, shapes: dict[Var, Var]) -> None:
        self.shapes = shapes

    def block(self, block: Block, yields: _Sized | None = None, at: int = 0) -> Block:
        """A block that also yields the shapes of some of its results, after the first `at`."""
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            self._stmt(stmt, stmts)
        atoms = block.yields
        if yields is not None:
            made = [self._shape(atoms[k], stmts) for k in yields.places]
            atoms = (*atoms[:at], *made, *atoms[at:])
        return Block(block.params, tuple(stmts), atoms)

    def _stmt(self, stmt: Stmt, before: list[Stmt]) -> None:
        match stmt:
            case If():
                sized = self._sized(stmt.outs)
                arms = [self.block(a, sized, len(stmt.outs)) for a in (stmt.then, stmt.orelse)]
                outs = (*stmt.outs, *sized.shapes)
                before.append(replace(stmt, outs=outs, then=arms[0], orelse=arms[1]))
            case Try():
                sized, count = self._sized(stmt.outs), len(stmt.outs)
                handlers = tuple(
                    Handler(h.exc, self.block(h.block, sized, count)) for h in stmt.handlers
                )
                body = self.block(stmt.body, sized, count)
                outs = (*stmt.outs, *sized.shapes)
                before.append(replace(stmt, outs=outs, body=body, handlers=handlers))
            case Loop() | While():
                before.append(self._loop(stmt, before))
            case Let() | Call() | Raise():
                before.append(stmt)
            case _:
                assert_never(stmt)

    def _loop(self, loop: Loop | While, before: list[Stmt]) -> Stmt:
        count = len(loop.inits)
        for carry, out in zip(loop.carries, loop.outs, strict=True):
            if out in self.shapes and carry not in self.shapes:
                # It is read in every pass: bound there, but not after no pass.
                self.shapes[carry] = _shape_var(carry)
        inside = self._sized(loop.carries)
        if not inside.places:
            body = self.block(loop.body)
            return replace(loop, body=body)
        inits = (*loop.inits, *(self._shape(loop.inits[k], before) for k in inside.places))
        outs = (*loop.outs, *(self._out(loop.outs[k], s) for k, s in zip(*inside, strict=True)))
        places = _Sized(tuple(k + 1 for k in inside.places), inside.shapes)
        body = self.block(loop.body, places, 1 + count)
        params = (*body.params[:count], *inside.shapes, *body.params[count:])
        body = replace(body, params=params)
        if isinstance(loop, Loop):
            return replace(loop, outs=outs, inits=inits, body=body)
        more = (*loop.cond.params, *(Var(shape.type) for shape in inside.shapes))
        cond = replace(loop.cond, params=more)
        return replace(loop, outs=outs, inits=inits, body=body, cond=cond)

    def _out(self, out: Var, shape: Var) -> Var:
        return self.shapes.get(out) or Var(shape.type)

    def _sized(self, outs: Sequence[Var]) -> _Sized:
        places = tuple(k for k, out in enumerate(outs) if out in self.shapes)
        return _Sized(places, tuple(self.shapes[outs[k]] for k in places))

    def _shape(self, atom: Atom, stmts: list[Stmt]) -> Atom:
        if isinstance(atom, Var) and atom in self.shapes:
            return self.shapes[atom]
        if isinstance(atom.type, List):
            shape = _shape_var(Var(atom.type))
            if shape.type != INT:
                op, args = ("list", ()) if isinstance(atom, Undef) else ("zeros_list", (atom,))
                stmts.append(Let(shape, op, args))
                return shape
            if isinstance(atom, Undef):
                return int_lit(0)
            stmts.append(Let(shape, "len", (atom,)))
            return shape
        assert isinstance(atom.type, Array)
        out = Var(Tuple((INT,) * len(atom.type.dims)))
        if isinstance(atom, Undef):
            stmts.append(Let(out, "tuple", _sizes(atom.type)))
        else:
            stmts.append(Let(out, "shape", (atom,)))
        return out


def _sizes(type_: Array) -> tuple[Atom, ...]:
    """Those of an array that there is not: what is known of them, else 0."""
    return tuple(int_lit(dim if isinstance(dim, int) else 0) for dim in type_.dims)
