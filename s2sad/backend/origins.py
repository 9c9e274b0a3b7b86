"""The comment of an adjoint line: the primal statements whose adjoint it is part of."""

from __future__ import annotations

from s2sad.backend.inline import Inlining
from s2sad.backend.text import Kept
from s2sad.ir.nodes import Atom, If, Let, Var

MOST = 14  # more do not fit into a comment: the shortest takes seven characters


class Notes:
    """`lines`: the lines of the forward sweep, by what they define."""

    def __init__(self, inlining: Inlining) -> None:
        self.folded = inlining.folded
        self.lines: dict[Var, tuple[int, Kept]] = {}

    def keep(self, out: Var, line: Kept) -> None:
        self.lines[out] = len(self.lines), line

    def of(self, stmt: Let | If) -> list[Kept]:
        """The lines, the last first: that is the order of the reverse sweep."""
        found: dict[int, Kept] = {}
        self._find(stmt, found)
        if len(found) > MOST:
            return []
        return [found[number] for number in sorted(found, reverse=True)]

    def _find(self, stmt: Let | If, found: dict[int, Kept]) -> None:
        if len(found) > MOST:
            return
        for origin in stmt.origin:
            if isinstance(origin, Let) and origin.out in self.lines:
                number, line = self.lines[origin.out]
                found[number] = line
        atoms: tuple[Atom, ...]
        if isinstance(stmt, Let):
            atoms = stmt.args
        else:
            atoms = (stmt.cond, *stmt.then.yields, *stmt.orelse.yields)
        for atom in atoms:
            inner = self.folded.get(atom) if isinstance(atom, Var) else None
            if inner is not None:
                self._find(inner, found)
