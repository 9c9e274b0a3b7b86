"""Which sizes of arrays are equal: parts that are cut alike from axes of equal sizes are."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence

from s2sad.ir.nodes import Atom, Let, Lit
from s2sad.ir.structure import CONSUMES
from s2sad.ir.types import INT, Array

ELEMENTWISE = frozenset(
    "add sub mul div neg pow np.exp np.log np.sqrt np.sin np.cos np.tan np.tanh np.sinh"
    " np.cosh np.arctan np.log1p np.expm1 np.abs np.square np.maximum np.minimum".split()
)
# They have the sizes of their argument.
_ALIKE = frozenset(("copy", "zeros_like", "np.zeros_like", "id"))
# What the texts of plain slices and indices are made of.
PLAIN = frozenset("0123456789:-{} ")
_HOLE = re.compile(r"({\d+})")


class Sizes:
    """`shapes`: what the sizes of an array are, where its type does not tell."""

    def __init__(self) -> None:
        self.shapes: dict[Atom, tuple[Hashable, ...]] = {}

    def known(self, atom: Atom) -> tuple[Hashable, ...]:
        """Equal where sizes are equal. A symbol "?n" is another size in another pass."""
        if atom not in self.shapes:
            assert isinstance(atom.type, Array)
            self.shapes[atom] = tuple(
                (atom, axis) if str(dim).startswith("?") else dim
                for axis, dim in enumerate(atom.type.dims)
            )
        return self.shapes[atom]

    def note(self, let: Let) -> None:
        """The sizes of an array like another one, and of equal parts of equal sizes."""
        out = let.out
        if not isinstance(out.type, Array):
            return
        if let.op == "view":
            found = self.part(let)
        elif let.op in ELEMENTWISE or let.op in _ALIKE or let.op in CONSUMES:
            args = let.args[:1] if let.op in CONSUMES else let.args
            found = next((self.known(arg) for arg in args if arg.type == out.type), None)
        else:
            return
        if found is not None:
            self.shapes[out] = found

    def part(self, view: Let) -> tuple[Hashable, ...] | None:
        base, text, *indices = view.args
        if not isinstance(base.type, Array) or not isinstance(view.out.type, Array):
            return None
        pieces = [piece.strip() for piece in str(getattr(text, "value", "")).split(",")]
        pieces += [":"] * (len(base.type.dims) - len(pieces))
        axes = [k for k, piece in enumerate(pieces) if ":" in piece]
        plain = all(set(piece) <= PLAIN for piece in pieces)
        if not plain or len(pieces) != len(base.type.dims):
            return None
        if len(axes) != len(view.out.type.dims):
            return None
        atoms = tuple(map(key, indices))
        known = self.known(base)
        dims = zip(axes, view.out.type.dims, strict=True)
        return tuple(
            (known[axis], *self.piece(pieces[axis], atoms)) if str(dim).startswith("?") else dim
            for axis, dim in dims
        )

    def piece(self, text: str, atoms: Sequence[Hashable]) -> Iterator[Hashable]:
        """The text of a slice, with its indices in the place of their numbers."""
        text = ":" if text in ("::", "::-1") else text
        for word in _HOLE.split(text):
            yield atoms[int(word[1:-1])] if word.startswith("{") else word


def cuts(index: Sequence[Atom]) -> list[Hashable] | None:
    """How the axes of an array are cut by an index, with None for an axis that it lacks."""
    text, *indices = index
    if not isinstance(text, Lit) or not set(str(text.value)) <= {*PLAIN, ","}:
        return None
    if any(atom.type != INT for atom in indices):
        return None
    atoms = tuple(map(key, indices))
    return [
        tuple(atoms[int(w[1:-1])] if w.startswith("{") else w for w in _HOLE.split(piece))
        if ":" in piece
        else None
        for piece in map(str.strip, str(text.value).split(","))
    ]


def key(atom: Atom) -> Hashable:
    return atom.key if isinstance(atom, Lit) else atom
