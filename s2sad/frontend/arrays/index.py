"""The text of an index: "1:, {0}" over the atoms that its holes stand for."""

from __future__ import annotations

import re

from s2sad.ir.nodes import Atom
from s2sad.ir.structure import is_turn

WHOLE = "..."


class Index:
    """An index: its text with holes, what fills these, and what it leads to.

    kind: "element" of the array, a "view" of it, or a "copy" (an index by arrays).
    """

    def __init__(self, text: str, atoms: tuple[Atom, ...], kind: str) -> None:
        self.text = text
        self.atoms = atoms
        self.kind = kind


def joined(
    before: str, first: tuple[Atom, ...], text: str, atoms: tuple[Atom, ...]
) -> tuple[str, tuple[Atom, ...]]:
    """An index of a part, as one of the whole: `A[i][j]` is `A[i, j]`."""
    if not before:
        return text, atoms
    if text == "flat" and before.endswith("flat"):
        return before, first
    if is_turn(before.rpartition("][")[2]):
        if before.endswith("flat"):
            text = ":" if text == WHOLE else text
            if is_turn(text) or any(part in text for part in (",", "None", "...")):
                before = f"{before[:-4]}reshape(-1)"  # it takes no other index than one
        return f"{before}][{_shifted(text, len(first))}", (*first, *atoms)
    shift = len(first)
    moved = _shifted(text, shift)
    if text == WHOLE:
        return before, first
    # NumPy makes a copy of `x.flat[1:]`: what is written to that would be lost.
    before = re.sub(r"(^|\]\[)flat(?=\]\[)", r"\1reshape(-1)", before)
    simple = all(
        part.isdecimal() or (part[0] == "{" and ":" not in part) for part in before.split(", ")
    )
    apart = "[" in before or is_turn(text.partition("][")[0])
    glue = ", " if simple and not apart else "]["
    return f"{before}{glue}{moved}", (*first, *atoms)


def _shifted(text: str, by: int) -> str:
    return re.sub(r"{(\d+)}", lambda hole: f"{{{int(hole[1]) + by}}}", text)
