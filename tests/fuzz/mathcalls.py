"""Random calls of the functions of ``math``, with arguments in their domains."""

from __future__ import annotations

import math
from collections.abc import Callable

from .grammar import Grammar
from .scope import Term, pick

BOUNDED = {"sin": 1.0, "cos": 1.0, "tanh": 1.0, "atan": 1.6, "erf": 1.0, "erfc": 2.0}
ON_UNIT = {"asin": 1.6, "acos": 3.2, "atanh": 1.8}
ON_SMALL = {
    "exp": 7.4,
    "expm1": 6.4,
    "sinh": 3.7,
    "cosh": 3.8,
    "asinh": 1.5,
    "exp2": 4.0,
}
ON_POSITIVE = {
    "log": 4.0,
    "log2": 6.0,
    "log10": 2.0,
    "log1p": 4.0,
    "sqrt": 6.0,
    "cbrt": 3.5,
}
ON_MODERATE = {"gamma": 6.0, "lgamma": 1.8}
LINEAR = {"degrees": 57.3, "radians": 0.02, "fabs": 1.0}


class MathCalls(Grammar):
    """Calls of ``math`` over a scope."""

    def math_call(self, depth: int) -> Term:
        makers: dict[Callable[[int], tuple[str, str, float]], int] = {
            self._bounded: 40,
            self._on_small: 20,
            self._on_positive: 22,
            self._on_unit: 8,
            self._on_moderate: 3,
            self._linear: 4,
            self._two_arguments: 12,
            self._many_arguments: 2,
        }
        name, arguments, bound = pick(self.rng, makers)(depth - 1)
        function = self.scope.spell(self.rng, name) if hasattr(math, name) else None
        if function is None:
            return self.number(depth - 1)
        return Term(f"{function}({arguments})", bound)

    def _bounded(self, depth: int) -> tuple[str, str, float]:
        name = self.rng.choice(sorted(BOUNDED))
        return name, self.small(depth, 30.0).text, BOUNDED[name]

    def _on_small(self, depth: int) -> tuple[str, str, float]:
        if self.rng.random() < 0.2:
            return "tan", self.small(depth, 1.2).text, 2.6
        name = self.rng.choice(sorted(ON_SMALL))
        return name, self.small(depth, 2.0).text, ON_SMALL[name]

    def _on_positive(self, depth: int) -> tuple[str, str, float]:
        name = self.rng.choice(sorted(ON_POSITIVE))
        if self.rng.random() < 0.03:
            return name, self.number(depth).text, ON_POSITIVE[name]
        if name == "log" and self.rng.random() < 0.15:
            return (
                name,
                f"{self.positive(depth).text}, {self.rng.choice(('2', '10.0'))}",
                6.0,
            )
        return name, self.positive(depth).text, ON_POSITIVE[name]

    def _on_unit(self, depth: int) -> tuple[str, str, float]:
        if self.rng.random() < 0.25:
            return "acosh", f"0.7 + {self.positive(depth).text}", 4.2
        name = self.rng.choice(sorted(ON_UNIT))
        return name, self.scaled(self.number(depth), 0.9).text, ON_UNIT[name]

    def _on_moderate(self, depth: int) -> tuple[str, str, float]:
        name = self.rng.choice(sorted(ON_MODERATE))
        return name, f"2.0 + {self.small(depth, 1.5).text}", ON_MODERATE[name]

    def _linear(self, depth: int) -> tuple[str, str, float]:
        name = self.rng.choice(sorted(LINEAR))
        inner = self.number(depth)
        return name, inner.text, LINEAR[name] * inner.bound

    def _two_arguments(self, depth: int) -> tuple[str, str, float]:
        first, second = self.number(depth), self.positive(depth)
        name = pick(
            self.rng,
            {
                "atan2": 5,
                "hypot": 5,
                "pow": 2,
                "copysign": 1,
                "fmod": 1,
                "remainder": 1,
                "ldexp": 1,
            },
        )
        if name == "pow":
            return name, f"{second.text}, {self.scaled(first, 1.5).text}", 200.0
        if name == "copysign":
            return name, f"{second.text}, {first.text}", second.bound
        if name == "ldexp":
            return name, f"{first.text}, {self.rng.randint(-1, 2)}", 4.0 * first.bound
        bound = {"atan2": math.pi, "hypot": first.bound + second.bound}.get(name, second.bound)
        return name, f"{first.text}, {second.text}", bound

    def _many_arguments(self, depth: int) -> tuple[str, str, float]:
        terms = [self.small(depth, 3.0).text for _ in range(3)]
        name = self.rng.choice(("hypot", "fsum", "prod", "dist"))
        if name == "hypot":
            return name, f"{terms[0]}, {terms[1]}, {self.positive(depth).text}", 12.0
        if name == "dist":
            far = self.positive(depth).text
            return name, f"({terms[0]}, 4.0 + {far}), ({terms[1]}, {terms[2]})", 40.0
        return name, f"[{', '.join(terms)}]", 27.0 if name == "prod" else 9.0
