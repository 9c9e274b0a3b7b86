"""Counting how often the variables of a function are read."""

from __future__ import annotations

from collections import Counter

from s2sad.ir.nodes import Atom, Block, Let, Var
from s2sad.ir.walk import all_blocks, uses


def count_uses(block: Block) -> Counter[Var]:
    """How many times each variable is read, yields included."""
    atoms: list[Atom] = []
    for inner in all_blocks(block):
        atoms += inner.yields
        for stmt in inner.stmts:
            atoms += stmt.args if type(stmt) is Let else uses(stmt)
    return Counter([atom for atom in atoms if type(atom) is Var])
