"""Counting how often the variables of a function are read."""

from __future__ import annotations

from collections import Counter

from s2sad.ir.nodes import Atom, Block, Let, Var
from s2sad.ir.walk import blocks, uses, walk


def count_uses(block: Block) -> Counter[Var]:
    """How many times each variable is read, yields included."""
    atoms: list[Atom] = [*block.yields]
    for stmt in walk(block):
        if isinstance(stmt, Let):
            atoms += stmt.args
        else:
            atoms += uses(stmt)
            for inner in blocks(stmt):
                atoms += inner.yields
    return Counter([atom for atom in atoms if isinstance(atom, Var)])
