"""Random numeric expressions."""

from __future__ import annotations

from collections.abc import Callable

from .conditions import Conditions
from .mathcalls import MathCalls
from .scope import Term, pick

ROUNDINGS = ("floor", "ceil", "trunc")


class Expressions(MathCalls, Conditions):
    """The expression grammar over a scope."""

    def number(self, depth: int) -> Term:
        """Any numeric expression."""
        if depth <= 0:
            return self.leaf()
        makers: dict[Callable[[int], Term], int] = {
            self._arithmetic: 34,
            self.math_call: 26,
            self._builtin: 9,
            self._power: 9,
            self._division: 8,
            self._modulo: 3,
            self._sign: 4,
            self._ternary: 4,
            self._logic: 1,
            self._rounded: 2,
            self.helper_call: 12,
        }
        return pick(self.rng, makers)(depth)

    def _arithmetic(self, depth: int) -> Term:
        left, right = (
            self.number(depth - 1),
            self.number(depth - self.rng.randint(1, 2)),
        )
        operator = pick(self.rng, {"+": 4, "-": 3, "*": 5})
        text = f"({left.text} {operator} {right.text})"
        if operator == "*":
            return Term(text, left.bound * right.bound)
        return Term(text, left.bound + right.bound)

    def _division(self, depth: int) -> Term:
        top = self.number(depth - 1)
        if self.rng.random() < 0.06:
            return Term(f"({top.text} / {self.variable().text})", 10.0 * top.bound)
        if self.rng.random() < 0.25:
            return Term(f"({top.text} / {self.rng.choice(('2', '3.0', '1.7'))})", top.bound)
        return Term(f"({top.text} / {self.positive(depth - 1).text})", 2.5 * top.bound)

    def _power(self, depth: int) -> Term:
        way = self.rng.random()
        if way < 0.5:
            base, n = self.small(depth - 1, 3.0), self.rng.randint(2, 4)
            exponent = repr(float(n)) if self.rng.random() < 0.15 else str(n)
            return self._raised(base.text, exponent, base.bound**n)
        if way < 0.6 and self.scope.ints:
            name = self.rng.choice(sorted(self.scope.ints))
            base = self.small(depth - 1, 1.5)
            bound = max(1.0, base.bound) ** min(self.scope.ints[name], 8)
            return self._raised(base.text, name, bound)
        base = self.positive(depth - 1)
        if way < 0.75:
            return self._raised(
                base.text, self.rng.choice(("0.5", "1.5", "-1", "-2", "-0.5")), 200
            )
        exponent_term = self.small(depth - 1, 1.5)
        if way < 0.9:
            return self._raised(base.text, exponent_term.text, 200.0)
        return self._raised(
            self.rng.choice(("2", "0.7", "1.3", "10.0")), exponent_term.text, 32.0
        )

    def _raised(self, base: str, exponent: str, bound: float) -> Term:
        if self.scope.builtin("pow") and self.rng.random() < 0.12:
            return Term(f"pow({base}, {exponent})", bound)
        if (power := self.scope.spell(self.rng, "pow")) and self.rng.random() < 0.1:
            return Term(f"{power}({base}, {exponent})", bound)
        return Term(f"(({base}) ** ({exponent}))", bound)

    def _modulo(self, depth: int) -> Term:
        top = self.number(depth - 1)
        if self.rng.random() < 0.6:
            step = self.rng.choice(("0.7", "1.3", "2.0", "1", "3"))
            bottom = Term(step, float(step))
        else:
            bottom = self.positive(depth - 1)
        if self.rng.random() < 0.3:
            return Term(f"({top.text} // {bottom.text})", 2.5 * top.bound + 1.0)
        if self.scope.builtin("divmod") and self.rng.random() < 0.15:
            return Term(f"divmod({top.text}, {bottom.text})[1]", bottom.bound)
        return Term(f"({top.text} % {bottom.text})", bottom.bound)

    def _sign(self, depth: int) -> Term:
        inner = self.number(depth - 1)
        return Term(f"({self.rng.choice('---+')}{inner.text})", inner.bound)

    def _ternary(self, depth: int) -> Term:
        yes, no = self.number(depth - 1), self.number(depth - 1)
        text = f"({yes.text} if {self.condition(1)} else {no.text})"
        return Term(text, max(yes.bound, no.bound))

    def _logic(self, depth: int) -> Term:
        """``x or y`` and ``x and y`` as values."""
        left, right = self.variable(), self.number(depth - 1)
        word = self.rng.choice(("or", "and"))
        return Term(f"({left.text} {word} {right.text})", max(left.bound, right.bound))

    def _rounded(self, depth: int) -> Term:
        inner = self.small(depth - 1, 50.0)
        ways = [
            f"{name}({inner.text})" for name in ("int", "round") if self.scope.builtin(name)
        ]
        if self.scope.builtin("round"):
            ways.append(f"round({inner.text}, 1)")
        for name in ROUNDINGS:
            if function := self.scope.spell(self.rng, name):
                ways.append(f"{function}({inner.text})")
        if not ways:
            return inner
        return Term(f"({self.literal().text} * {self.rng.choice(ways)})", 3.0 * inner.bound + 1)

    def _builtin(self, depth: int) -> Term:
        name = pick(self.rng, {"abs": 4, "min": 4, "max": 4, "sum": 2, "float": 1})
        if not self.scope.builtin(name):
            return self._arithmetic(depth)
        if name in ("abs", "float"):
            inner = self.number(depth - 1)
            return Term(f"{name}({inner.text})", inner.bound)
        terms = [self.number(depth - 1) for _ in range(self.rng.randint(2, 3))]
        listed = ", ".join(t.text for t in terms)
        if name == "sum":
            opening, closing = self.rng.choice(("()", "[]"))
            return Term(f"sum({opening}{listed}{closing})", sum(t.bound for t in terms))
        return Term(f"{name}({listed})", max(t.bound for t in terms))
