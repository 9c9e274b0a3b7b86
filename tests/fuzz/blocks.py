"""Blocks of statements and the choice of names."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from .expressions import Expressions
from .scope import CAP, Scope, pick

INDENT = "    "


@dataclass
class Block:
    """Lines of code; ``ended`` when control never leaves at the bottom."""

    lines: list[str]
    ended: bool = False


def indented(lines: list[str]) -> list[str]:
    """The lines one level deeper; an empty block passes."""
    return [INDENT + line for line in lines or ["pass"]]


class Blocks(Expressions):
    """Sequences of statements; ``budget`` bounds their number."""

    def __init__(
        self, rng: random.Random, scope: Scope, budget: int, *, pair: bool = False
    ) -> None:
        super().__init__(rng, scope)
        self.budget = budget
        self.pair = pair

    @abstractmethod
    def statement(self) -> Block:
        """Any statement."""

    # names
    def target(self) -> str:
        """A name to assign a number to."""
        free = self.scope.local - self.scope.fixed - self.scope.flags
        if self.scope.loops:
            free -= set(self.scope.ints) - {self.scope.loop_variable}
        known = sorted(free & set(self.scope.floats))
        if known and self.rng.random() < 0.5:
            return self.rng.choice(known)
        return self.rng.choice(sorted(free)) if free else "z_last"

    def fresh(self) -> str | None:
        """A name that is not bound here."""
        scope = self.scope
        bound = {*scope.floats, *scope.ints, *scope.flags, *scope.fixed}
        bound |= {h.name for h in scope.helpers}
        free = sorted(scope.local - bound)
        return self.rng.choice(free) if free else None

    def value(self, depth: int) -> tuple[str, float]:
        """A tame expression to assign."""
        if self.rng.random() < 0.5:
            term = self.scaled(self.number(depth), CAP)
            return term.text, term.bound
        kept = self.scaled(self.variable(), 4.0)
        term = self.small(depth, 4.0)
        return (
            f"{kept.text} {self.rng.choice('+-')} {term.text}",
            kept.bound + term.bound,
        )

    def depth(self) -> int:
        return pick(self.rng, {1: 3, 2: 6, 3: 3, 4: 1})

    # blocks
    def block(self, length: int) -> Block:
        """Up to so many statements in the current scope."""
        lines: list[str] = []
        for made_before in range(length):
            if self.budget <= (-20 if made_before == 0 else 0):
                break
            self.budget -= 1
            made = self.statement()
            lines += made.lines
            if made.ended:
                return Block(lines, ended=True)
        return Block(lines)

    def nested(
        self, length: int, prepare: Callable[[Scope], None] | None = None
    ) -> tuple[Block, Scope]:
        """A block in a scope of its own, and that scope at its end."""
        outer = self.scope
        self.scope = outer.copy()
        if prepare:
            prepare(self.scope)
        try:
            return self.block(length), self.scope
        finally:
            self.scope = outer
