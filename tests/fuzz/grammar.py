"""What all expressions are made of: leaves, and ways to keep them tame.

Every method returns text in full parentheses; the finished module is printed again
through ``ast``, which drops what is not needed.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod

from .scope import Scope, Term, pick


class Grammar(ABC):
    """The leaves of expressions over a scope."""

    def __init__(self, rng: random.Random, scope: Scope) -> None:
        self.rng = rng
        self.scope = scope

    @abstractmethod
    def number(self, depth: int) -> Term:
        """Any numeric expression."""

    @abstractmethod
    def condition(self, depth: int) -> str:
        """A truth value."""

    # leaves
    def literal(self) -> Term:
        """A float or int literal, sometimes negative."""
        text = pick(
            self.rng,
            {
                repr(round(self.rng.uniform(0.05, 3.0), 2)): 10,
                str(self.rng.randint(1, 3)): 5,
                "0.5": 3,
                "1.0": 2,
                "1e-2": 1,
                "2.5e0": 1,
                ".25": 1,
                "0": 1,
            },
        )
        if self.rng.random() < 0.12:
            return Term(f"(-{text})", float(text))
        return Term(text, float(text))

    def variable(self) -> Term:
        """A number that is bound here."""
        names = self.scope.floats
        if not names:
            return self.literal()
        name = self.rng.choice(sorted(names))
        return Term(name, names[name])

    def leaf(self) -> Term:
        """A variable, mostly; a literal, a global, or a count as a number."""
        scope = self.scope
        constants, counts = scope.constants(), scope.counts()
        pi = scope.spell(self.rng, "pi")
        kind = pick(
            self.rng,
            {
                "variable": 70,
                "constant": 7 if constants else 0,
                "count": 7 if counts else 0,
                "flag": 2 if scope.flags else 0,
                "pi": 2 if pi else 0,
                "literal": 14,
            },
        )
        if kind == "constant":
            return constants[self.rng.choice(sorted(constants))]
        if kind == "count":
            name = self.rng.choice(sorted(counts))
            return Term(name, float(counts[name]))
        if kind == "flag":
            return Term(self.rng.choice(sorted(scope.flags)), 1.0)
        if kind == "pi":
            return Term(str(pi), math.pi)
        return self.variable() if kind == "variable" else self.literal()

    # magnitudes
    def scaled(self, term: Term, limit: float) -> Term:
        """The expression or a tame function of it, within the limit."""
        if term.bound <= limit:
            return term
        way = self.rng.random()
        if way < 0.5 and term.bound < 1e3 * limit:
            factor = float(f"{0.99 * limit / term.bound:.1g}")
            if factor * term.bound <= limit * 1.2:
                return Term(f"({factor!r} * {term.text})", factor * term.bound)
        ways = ("sin", "cos", "tanh", "atan")
        bounded = self.scope.spell(self.rng, self.rng.choice(ways))
        short = len(term.text) < 24
        if bounded and limit >= 1.0 and (way < 0.85 or not short):
            return Term(f"{bounded}({term.text})", 1.0)
        if not short:
            return Term(f"({term.text} % {limit!r})", limit)
        shrunk = Term(f"({term.text} / (1.0 + {term.text} * {term.text}))", 0.5)
        return shrunk if limit >= 0.5 else Term(f"({limit!r} * {shrunk.text})", 0.5 * limit)

    def small(self, depth: int, limit: float = 2.0) -> Term:
        """An expression within the limit."""
        return self.scaled(self.number(depth), limit)

    def positive(self, depth: int) -> Term:
        """An expression at least 0.4, not much above 30."""
        inner = self.small(depth, 3.0)
        root = self.scope.spell(self.rng, "exp")
        ways = {
            f"(1.1 + {inner.text} * {inner.text})": 4 if len(inner.text) < 24 else 0,
            f"(0.5 + {inner.text} ** 2)": 4,
            f"({math.ceil(inner.bound) + 0.5} + {inner.text})": 2,
        }
        if self.scope.builtin("abs"):
            ways[f"(0.4 + abs({inner.text}))"] = 2
        if self.scope.builtin("max"):
            ways[f"max({inner.text}, 0.4)"] = 1
        if root:
            ways[f"(0.4 + {root}({inner.text}))"] = 2
        return Term(pick(self.rng, ways), 30.0)
