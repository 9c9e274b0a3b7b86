"""Loops that stop: what is known where a pass ends.

A body whose last statement decides whether to stop ends in several places, the leaves of
that `If`. A flag that starts as False and is True only where the loop stops needs no
assignment in the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from s2sad.ir.nodes import FALSE, TRUE, Atom, If, Lit, Loop, Stmt, Var, While, raises_always
from s2sad.ir.types import BOOL


class Leaf(NamedTuple):
    """Where a pass ends; `facts` are what the conditions around it tell."""

    stop: Atom
    nexts: tuple[Atom, ...]
    facts: dict[Atom, Lit]


Splits = Callable[[If, Var], bool]


def leaves(stmts: Sequence[Stmt], leaf: Leaf, splits: Splits) -> Iterator[Leaf]:
    """The ends of a pass that yields what `leaf` says."""
    stop, last = leaf.stop, stmts[-1] if stmts else None
    if not (isinstance(stop, Var) and isinstance(last, If) and splits(last, stop)):
        yield leaf
        return
    for arm, fact in ((last.then, TRUE), (last.orelse, FALSE)):
        if not raises_always(arm):
            values = dict(zip(last.outs, arm.yields, strict=True))
            facts = {**leaf.facts, last.cond: fact}
            nexts = tuple(replaced(atom, values) for atom in leaf.nexts)
            yield from leaves(arm.stmts, Leaf(replaced(stop, values), nexts, facts), splits)


def replaced(atom: Atom, values: dict[Var, Atom]) -> Atom:
    return values.get(atom, atom) if isinstance(atom, Var) else atom


def settled(loop: Loop | While, splits: Splits) -> dict[Var, Lit]:
    """The truth values among the carries that are the same in all passes but the last."""
    found: dict[Var, Lit] = {}
    ends = [*leaves(loop.body.stmts, Leaf(loop.stop, loop.nexts, {}), splits)]
    for k, (carry, init) in enumerate(zip(loop.carries, loop.inits, strict=True)):
        if carry.type != BOOL or not isinstance(init, Lit):
            continue
        if all(_keeps(leaf, k, carry, init) for leaf in ends):
            found[carry] = init
    return found


def _keeps(leaf: Leaf, k: int, carry: Var, init: Lit) -> bool:
    stop, value = leaf.stop, leaf.nexts[k]
    if isinstance(stop, Lit) and stop.value:
        return True
    if value is stop:  # the loop goes on where it is False
        value = FALSE
    value = leaf.facts.get(value, value)
    return value is carry or (isinstance(value, Lit) and value.key == init.key)


def known(cond: Atom, truth: bool, outs: Sequence[Var], yields: Sequence[Atom]) -> list[Atom]:
    """What an arm yields; the literal that its condition is, by the condition's name."""
    result: list[Atom] = []
    for out, atom in zip(outs, yields, strict=True):
        same = isinstance(cond, Var) and cond.hint and cond.hint == out.hint
        if same and isinstance(atom, Lit) and atom.value is truth:
            atom = cond
        result.append(atom)
    return result
