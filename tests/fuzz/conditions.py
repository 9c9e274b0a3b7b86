"""Random conditions, counts, and calls of the functions of the module."""

from __future__ import annotations

from .grammar import Grammar
from .scope import Helper, Parameter, Term, pick

COMPARISONS = {"<": 5, ">": 5, "<=": 3, ">=": 3, "==": 1, "!=": 1}


class Conditions(Grammar):
    """Truth values, integers and calls over a scope."""

    # conditions
    def condition(self, depth: int) -> str:
        """A truth value."""
        if depth > 0 and self.rng.random() < 0.25:
            word = self.rng.choice(("and", "or"))
            text = f"({self.condition(depth - 1)} {word} {self.condition(depth - 1)})"
            return f"(not {text})" if self.rng.random() < 0.25 else text
        roll = self.rng.random()
        if roll < 0.1 and self.scope.flags:
            flag = self.rng.choice(sorted(self.scope.flags))
            return self.rng.choice((flag, f"(not {flag})"))
        if roll < 0.3 and self.scope.ints:
            return self._count_condition()
        if roll < 0.33 and (test := self.scope.spell(self.rng, "isfinite")):
            return f"{test}({self.variable().text})"
        if roll < 0.35:
            return self.variable().text
        return self._comparison()

    def _comparison(self) -> str:
        middle = self.number(self.rng.randint(0, 1)).text
        if self.rng.random() < 0.15:
            low, high = sorted(round(self.rng.uniform(-2, 2), 1) for _ in range(2))
            last = self.rng.choice((str(high), self.variable().text))
            first = self.rng.choice(("<", "<="))
            return f"({low} {first} {middle} {self._compare()} {last})"
        right = self.literal().text if self.rng.random() < 0.6 else self.number(1).text
        return f"({middle} {self._compare()} {right})"

    def _compare(self) -> str:
        return pick(self.rng, COMPARISONS)

    def _count_condition(self) -> str:
        name = self.rng.choice(sorted(self.scope.ints))
        ways = [
            f"({name} % 2 == {self.rng.randint(0, 1)})",
            f"({name} {self._compare()} {self.rng.randint(0, 3)})",
            f"({name} > {self.rng.choice(sorted(self.scope.ints))})",
            f"({name} in (0, 2))",
        ]
        return pick(self.rng, dict(zip(ways, (4, 6, 2, 1), strict=True)))

    # counts
    def count(self, limit: int) -> tuple[str, int]:
        """An integer expression, perhaps negative or zero, and its bound."""
        known = {n: b for n, b in self.scope.counts().items() if b <= limit}
        wide = sorted(self.scope.counts())
        roll = self.rng.random()
        if roll < 0.45 and known:
            name = self.rng.choice(sorted(known))
            if known[name] < limit and self.rng.random() < 0.3:
                return f"({name} + 1)", known[name] + 1
            if self.rng.random() < 0.15:
                return f"({name} - 1)", known[name]
            return name, known[name]
        if roll < 0.6 and wide:
            return f"({self.rng.choice(wide)} % {limit + 1})", limit
        if roll < 0.65 and wide and self.scope.builtin("min"):
            return f"min({self.rng.choice(wide)}, {limit})", limit
        value = self.rng.randint(0 if roll > 0.95 else 1, limit)
        return str(value), value

    # calls
    def callable_helpers(self) -> list[Helper]:
        """Helpers that may be called without making the program slow."""
        room = max(1, 250 // self.scope.passes)
        return [h for h in self.scope.helpers if h.cost <= room]

    def helper_call(self, depth: int) -> Term:
        singles = [h for h in self.callable_helpers() if not h.pair]
        if not singles:
            return self.number(depth - 1)
        return Term(self.call(self.rng.choice(singles), depth), 8.0)

    def call(self, helper: Helper, depth: int) -> str:
        """A call with a random split into positional, keyword and default arguments."""
        given: list[str] = []
        keywords: list[str] = []
        by_keyword = False
        for parameter in helper.parameters:
            if not by_keyword and self._may_omit(helper, parameter):
                break
            chosen = parameter.style == "any" and self.rng.random() < 0.2
            by_keyword = by_keyword or chosen or parameter.style == "keyword"
            if parameter.default and by_keyword and self.rng.random() < 0.5:
                continue
            value = self._argument(parameter, depth)
            if by_keyword:
                keywords.append(f"{parameter.name}={value}")
            else:
                given.append(value)
        self.rng.shuffle(keywords)
        return f"{helper.name}({', '.join(given + keywords)})"

    def _may_omit(self, helper: Helper, parameter: Parameter) -> bool:
        """Whether to stop here: this and all later parameters have defaults."""
        rest = helper.parameters[helper.parameters.index(parameter) :]
        return all(p.default for p in rest) and self.rng.random() < 0.35

    def _argument(self, parameter: Parameter, depth: int) -> str:
        if parameter.kind == "int":
            return self.count(3)[0]
        return self.small(depth - 1, 4.0).text
