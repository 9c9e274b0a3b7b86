"""Where the elements of a part of an array are: in the array itself, at offsets.

    B[1:-1] = A[2:]     →     for i in range(A.shape[0] - 2): B[i + 1] = A[i + 2]

Without a view the elements of a row lie side by side for the compiler, too, and the loop
reads as one writes it. A part that begins at a number that is not known stays a view.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from s2sad.backend.numba.sizes import PLAIN
from s2sad.ir.nodes import SUM, Atom, Let, Lit, Stmt, Var, int_lit
from s2sad.ir.types import INT, Array

_HOLE = re.compile(r"{(\d+)}")


class Place(NamedTuple):
    """`entries`: an index, or the offset of the part along an axis that it has. `cuts`: by
    how much it is shorter than the array along these; None where that is not known."""

    array: Var
    entries: tuple[Atom | int, ...]
    cuts: tuple[int | None, ...]

    @property
    def axes(self) -> tuple[int, ...]:
        return tuple(k for k, entry in enumerate(self.entries) if isinstance(entry, int))

    @property
    def offsets(self) -> tuple[int, ...]:
        return tuple(entry for entry in self.entries if isinstance(entry, int))

    def at(self, indices: Sequence[Var], stmts: list[Stmt]) -> list[Atom]:
        """The index of an element in the array, from that in the part."""
        left = iter(indices)
        return [
            _plus(next(left), entry, stmts) if isinstance(entry, int) else entry
            for entry in self.entries
        ]

    def size(self, axis: int, stmts: list[Stmt], hint: str = "") -> Atom:
        """The size of the part along an axis."""
        cut = self.cuts[axis]
        assert cut is not None
        whole = Var(INT, "" if cut else hint)
        stmts.append(Let(whole, "dim", (self.array, int_lit(self.axes[axis])), None, SUM))
        if not cut:
            return whole
        size = Var(INT, hint)
        stmts.append(Let(size, "sub", (whole, int_lit(cut)), None, SUM))
        return size


def whole(array: Var) -> Place:
    assert isinstance(array.type, Array)
    rank = len(array.type.dims)
    return Place(array, (0,) * rank, (0,) * rank)


def place_of(base: Atom, text: Atom, indices: Sequence[Atom]) -> Place | None:
    """The place of `base[text]`, if it begins at a known offset along each axis."""
    if not isinstance(base, Var) or not isinstance(base.type, Array):
        return None
    if not isinstance(text, Lit) or not isinstance(text.value, str):
        return None
    if not set(text.value) <= {*PLAIN, ","} or any(index.type != INT for index in indices):
        return None
    pieces = [piece.strip() for piece in text.value.split(",")]
    pieces += [":"] * (len(base.type.dims) - len(pieces))
    entries: list[Atom | int] = []
    cuts: list[int | None] = []
    for piece in pieces:
        if ":" not in piece:
            hole = _HOLE.fullmatch(piece)
            if hole is None and re.fullmatch(r"-?\d+", piece) is None:
                return None
            entries.append(indices[int(hole[1])] if hole else int_lit(int(piece)))
            continue
        start, stop, *step = piece.split(":")
        if any(part not in ("", "1") for part in step) or not (not start or start.isdigit()):
            return None
        entries.append(int(start or "0"))
        if not stop:
            cuts.append(int(start or "0"))
        else:
            end = re.fullmatch(r"-(\d+)", stop)
            cuts.append(int(start or "0") + int(end[1]) if end else None)
    return Place(base, tuple(entries), tuple(cuts))


def _plus(index: Var, offset: int, stmts: list[Stmt]) -> Atom:
    if not offset:
        return index
    moved = Var(INT)
    stmts.append(Let(moved, "add", (index, int_lit(offset)), None, SUM))
    return moved
