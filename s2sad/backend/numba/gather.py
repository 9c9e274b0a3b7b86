"""What is added to overlapping parts of an array is gathered: the adjoint of a stencil.

    r = 0.2 * q                    padded = np.zeros(n + 2);  padded[2:-2] = 0.2 * q
    a[2:] += r                     for i in range(n):
    a[1:-1] += r           →           a[i] += padded[i] + padded[i + 1] + padded[i + 2]
    a[:-2] += r

One pass over the array, instead of one for each part. The zeros around what is added stand
for what a part lacks at the edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from s2sad.backend.numba.places import Place, place_of
from s2sad.ir.nodes import SUM, Atom, Let, Lit, Stmt, Var
from s2sad.ir.types import FLOAT, Array, Opaque


class Run(NamedTuple):
    """Statements that add `value` to parts of one array, one after the other.

    By axis of the value: `first` and `least`, the largest and the least offset of a part;
    `behind`, the zeros that follow the value.
    """

    value: Var
    lets: tuple[Let, ...]
    places: tuple[Place, ...]
    first: tuple[int, ...]
    least: tuple[int, ...]
    behind: tuple[int, ...]

    @property
    def inner(self) -> Place:
        """The place of the value in what is padded; of another array, which is set later."""
        cuts = tuple(a + b for a, b in zip(self.first, self.behind, strict=True))
        return Place(self.value, self.first, cuts)

    @property
    def text(self) -> str:
        """The index of the value in what is padded."""
        ends = zip(self.first, self.behind, strict=True)
        return ", ".join(f"{a or ''}:{-b or ''}" for a, b in ends)

    def room(self, axes: Iterable[int], beside: Iterable[int]) -> Lit:
        """The text of an array of zeros, so much larger than {0} along the axes."""
        pairs = zip(axes, beside, strict=True)
        sizes = [f"{{0}}.shape[{k}]" + (f" + {more}" if more else "") for k, more in pairs]
        shape = sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
        return Lit(f"np.zeros({shape})", Opaque("text"))

    def row(self, numbers: Sequence[int], padded: Var) -> Row:
        """The statements of these numbers, which add to one row."""
        places = [self.places[k] for k in numbers]
        target = self.lets[numbers[0]].args[0]
        assert isinstance(target, Var)
        zeros = (0,) * len(self.first)
        entries = tuple(0 if isinstance(e, int) else e for e in places[0].entries)
        shifts = tuple(
            Place(padded, tuple(map(int.__sub__, self.first, place.offsets)), zeros)
            for place in places
        )
        adjoint = all(self.lets[k].origin for k in numbers)
        return Row(Place(target, entries, zeros), shifts, adjoint)

    def rows(self) -> Iterator[list[int]]:
        """The statements that add to one row, one after the other, by number."""
        found: list[int] = []
        for k, place in enumerate(self.places):
            if found and _fixed(place) != _fixed(self.places[found[0]]):
                yield found
                found = []
            found.append(k)
        yield found


class Row(NamedTuple):
    """A row, all of it, to which a value is added at several places: `shifts` are these,
    in what is padded."""

    to: Place
    shifts: tuple[Place, ...]
    adjoint: bool

    @property
    def op(self) -> str:
        return "acc" if self.adjoint else "set"

    def element(self, carried: Var, indices: Sequence[Var]) -> tuple[list[Stmt], Atom]:
        stmts: list[Stmt] = []
        total: Var | None = None
        # The sum of the primal keeps its order.
        here = self.to._replace(array=carried)
        for shift in self.shifts if self.adjoint else (here, *self.shifts):
            read = Var(FLOAT)
            at = shift.at(indices, stmts)
            stmts.append(Let(read, "get", (shift.array, *at), None, SUM))
            added = Var(FLOAT) if total else read
            if total:
                stmts.append(Let(added, "add", (total, read), None, SUM))
            total = added
        assert total is not None
        return stmts, total


def runs(stmts: Sequence[Stmt], read: Counter[Atom]) -> dict[Atom, Run]:
    """The runs of a block, by the value that is added; `read`: how often what is read."""
    found: dict[Atom, Run] = {}
    chain: list[Let] = []
    for stmt in (*stmts, None):
        if isinstance(stmt, Let) and stmt.op == "add_to" and _is_floats(stmt.args[1]):
            last = chain[-1] if chain else None
            if (
                last
                and stmt.args[0] is last.out
                and stmt.args[1] is last.args[1]
                and read[last.out] == 1
            ):
                chain.append(stmt)
                continue
            _note(chain, found)
            chain = [stmt]
        else:
            _note(chain, found)
            chain = []
    return found


def _note(chain: list[Let], found: dict[Atom, Run]) -> None:
    if len(chain) < 2 or chain[0].args[1] in found:
        return
    value = chain[0].args[1]
    assert isinstance(value, Var)
    assert isinstance(value.type, Array)
    places = [place_of(let.args[0], let.args[2], let.args[3:]) for let in chain]
    known = [place for place in places if place is not None]
    head = known[0] if known else None
    if head is None or len(known) != len(chain) or len(head.axes) != len(value.type.dims):
        return
    if any(place.axes != head.axes or place.cuts != head.cuts for place in known):
        return
    offsets = [place.offsets for place in known]
    first = tuple(max(column) for column in zip(*offsets, strict=True))
    least = tuple(min(column) for column in zip(*offsets, strict=True))
    if None in head.cuts or first == least:
        return
    behind = tuple(
        cut - low for cut, low in zip(head.cuts, least, strict=True) if cut is not None
    )
    run = Run(value, tuple(chain), tuple(known), first, least, behind)
    if max(map(len, run.rows())) > 1:
        found[value] = run


def _fixed(place: Place) -> list[object]:
    return [
        entry.key if isinstance(entry, Lit) else entry
        for entry in place.entries
        if not isinstance(entry, int)
    ]


def _is_floats(atom: Atom) -> bool:
    return isinstance(atom, Var) and isinstance(atom.type, Array) and atom.type.dtype == FLOAT
