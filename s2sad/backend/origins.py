"""The comment of an adjoint line: the primal statements whose adjoint it is part of."""

from __future__ import annotations

from collections.abc import Iterator

from s2sad.backend.inline import Inlining
from s2sad.backend.text import Kept
from s2sad.ir.nodes import Atom, If, Let, Stmt, Var


class Notes:
    """`lines`: the lines of the forward sweep, by what they define."""

    def __init__(self, inlining: Inlining) -> None:
        self.folded = inlining.folded
        self.lines: dict[Var, tuple[int, Kept]] = {}

    def keep(self, out: Var, line: Kept) -> None:
        self.lines[out] = len(self.lines), line

    def of(self, stmt: Let | If) -> list[Kept]:
        """The lines, the last first: that is the order of the reverse sweep."""
        found = {
            self.lines[origin.out]
            for origin in self._origins(stmt)
            if isinstance(origin, Let) and origin.out in self.lines
        }
        return [line for _, line in sorted(found, key=lambda entry: -entry[0])]

    def _origins(self, stmt: Let | If) -> Iterator[Stmt]:
        yield from stmt.origin
        atoms: tuple[Atom, ...]
        if isinstance(stmt, Let):
            atoms = stmt.args
        else:
            atoms = (stmt.cond, *stmt.then.yields, *stmt.orelse.yields)
        for atom in atoms:
            inner = self.folded.get(atom) if isinstance(atom, Var) else None
            if inner is not None:
                yield from self._origins(inner)
