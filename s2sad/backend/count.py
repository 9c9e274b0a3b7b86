"""Counting how often the variables of a function are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from s2sad.ir.nodes import Atom, Block, Var
from s2sad.ir.walk import blocks, uses, walk


def count_uses(block: Block) -> Counter[Var]:
    """How many times each variable is read, yields included."""
    counts: Counter[Var] = Counter()
    _count(block.yields, counts)
    for stmt in walk(block):
        _count(uses(stmt), counts)
        for inner in blocks(stmt):
            _count(inner.yields, counts)
    return counts


def _count(atoms: Iterable[Atom], counts: Counter[Var]) -> None:
    for atom in atoms:
        if isinstance(atom, Var):
            counts[atom] += 1
