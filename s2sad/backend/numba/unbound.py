"""Names that may be unbound.

Python raises where such a name is read; Numba reads whatever there is. `check_primal` looks
at the primal: what hands a value on that may not be there is taken, what reads it is
refused. In a derivative of such a primal only paths that have made a value read it: `fill`
puts zeros in the other places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from s2sad.backend.numba.lengths import check_reversed
from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    ZERO,
    Atom,
    Block,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    int_lit,
    raises_always,
)
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import BOOL, FLOAT, INT, List, Tuple, Type
from s2sad.ir.walk import blocks, uses


def check_primal(module: Module) -> None:
    """Refuse a function that may read an unbound name, or ends a loop in the middle of
    what it runs over backwards."""
    for func in module.funcs.values():
        check_reversed(func)
        survey = _Survey(func)
        survey.block(func.body)
        survey.read(func.body.yields, func.loc)


class _Survey:
    """One walk in the direction of the program; `unsure` are the variables that may hold
    nothing."""

    def __init__(self, func: Func) -> None:
        self.loc = func.loc
        self.unsure: set[Var] = set()

    def read(self, atoms: Iterable[Atom], loc: Loc | None) -> None:
        for atom in atoms:
            if self.is_unsure(atom):
                name = f" {atom.hint}" if isinstance(atom, Var) and atom.hint else ""
                raise UnsupportedSyntax(
                    f"Numba: the name{name} may be unbound where it is read",
                    loc or self.loc,
                    "give it a value before the branch or the loop",
                )

    def is_unsure(self, atom: Atom) -> bool:
        return isinstance(atom, Undef) or (isinstance(atom, Var) and atom in self.unsure)

    def block(self, block: Block) -> None:
        for stmt in block.stmts:
            self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case If(outs, cond, then, orelse, loc):
                self.read((cond,), loc)
                for arm in (then, orelse):
                    self.block(arm)
                    if not raises_always(arm):
                        self._hand_on(outs, arm.yields)
            case Loop() | While():
                self._loop(stmt)
            case Try(outs):
                for block in blocks(stmt):
                    self.block(block)
                    self._hand_on(outs, block.yields)
            case _:
                self.read(uses(stmt), stmt.loc)

    def _hand_on(self, outs: Sequence[Var], atoms: Sequence[Atom]) -> None:
        for out, atom in zip(outs, atoms, strict=True):
            # What the compiler made is read on no path that has not made it.
            if atom in self.unsure or (isinstance(atom, Undef) and out.user):
                self.unsure.add(out)

    def _loop(self, loop: Loop | While) -> None:
        self._hand_on(loop.carries, loop.inits)
        before = -1
        # What a pass leaves unsure is so in the next: to the fixpoint, unread.
        if isinstance(loop, While):
            self._hand_on(loop.cond.params, loop.inits)
        while before != len(self.unsure):
            before = len(self.unsure)
            if isinstance(loop, While):
                self.block(loop.cond)
                self.read(loop.cond.yields, loop.loc)
            else:
                self.read((seq.list for seq in loop.seqs), loop.loc)
                self.read(loop.domain[:3] if loop.domain else (), loop.loc)
            self.block(loop.body)
            self._hand_on(loop.carries, loop.nexts)
            if isinstance(loop, While):
                self._hand_on(loop.cond.params, loop.nexts)
            self.read((loop.stop, *loop.recorded), loop.loc)
        self._hand_on(loop.outs, loop.nexts)
        if not (isinstance(loop, Loop) and _runs(loop)):
            self._hand_on(loop.outs, loop.inits)


def _runs(loop: Loop) -> bool:
    """Does the loop make a pass, whatever happens?"""
    if loop.domain is None or loop.seqs:
        return False
    ends = [atom.value for atom in loop.domain[:3] if isinstance(atom, Lit)]
    return len(ends) == 3 and len(range(*ends)) > 0  # type: ignore[arg-type]


def fill(func: Func) -> Func:
    filled = _fill(func.body)
    return func if filled is func.body else replace(func, body=filled)


def _fill(block: Block) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        stmt = map_blocks(stmt, _fill)
        if isinstance(stmt, Loop | While):
            stmt = replace(stmt, inits=_nothings(stmt.inits, stmts))
        elif isinstance(stmt, Let) and any(isinstance(arg, Undef) for arg in stmt.args):
            stmt = replace(stmt, args=_nothings(stmt.args, stmts))
        elif isinstance(stmt, Let) and _is_empty(stmt, block):
            stmt = _empty(stmt.out)
        stmts.append(stmt)
    if raises_always(block):
        # What it yields is never read; nothing may stand after the raise.
        return replace(block, stmts=tuple(stmts), yields=_nothings(block.yields, []))
    yields = _nothings(block.yields, stmts)
    return Block(block.params, tuple(stmts), yields)


_NOTHING: dict[Type, Lit] = {FLOAT: ZERO, INT: int_lit(0), BOOL: FALSE}


def _nothings(atoms: Sequence[Atom], stmts: list[Stmt]) -> tuple[Atom, ...]:
    return tuple(
        _nothing(atom.type, stmts) if isinstance(atom, Undef) else atom for atom in atoms
    )


def _is_empty(let: Let, block: Block) -> bool:
    """Is it an empty list whose type Numba does not see by what the user appends to it?"""
    made = let.op == "list" and not let.args
    return made and (not let.out.user or let.out in block.yields)


def _empty(out: Var) -> Let:
    """An empty list whose type Numba sees."""
    return Let(out, "python", (Lit(_text(out.type), FLOAT),))


def _text(type_: Type) -> str:
    match type_:
        case List(item):
            return f"[{_text(item)}][:0]"
        case Tuple(items):
            return f"({''.join(f'{_text(item)}, ' for item in items)})"
        case _:
            return repr(_NOTHING[type_].value) if type_ in _NOTHING else "None"


def _nothing(type_: Type, stmts: list[Stmt]) -> Atom:
    """A value of the type that stands for none; what makes it goes into `stmts`."""
    if type_ in _NOTHING:
        return _NOTHING[type_]
    made = Var(type_)
    match type_:
        case List():
            stmts.append(_empty(made))
        case Tuple(items):
            parts = tuple(_nothing(item, stmts) for item in items)
            stmts.append(Let(made, "tuple", parts))
        case _:
            return Undef(type_)
    return made
