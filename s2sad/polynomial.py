"""Taylor polynomials: evaluated, printed as mathematics, written as Python."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from s2sad.trees import is_array

Index = tuple[int, ...]
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class TaylorPolynomial:
    """The Taylor polynomial of a function around x0 (the lecture's equations 12 and 57).

    order: its degree. coefficients: of a function of one number the list c with
    c[k] = f⁽ᵏ⁾(x0) / k!; of several a dict from the exponents of δ = x - x0 to the
    coefficient. Called at x; `str` prints it as mathematics; source: standalone Python.
    tensor(k): Dᵏf(x0), nested lists; of an array x0 an array. term(k, x): Dᵏf(x0) δᵏ / k!
    (equations 58-61).
    remainder_estimate(x): an estimate of the error at x, the size of the first term that
    was left out; it is no bound.
    """

    def __init__(
        self,
        name: str,
        variables: Sequence[str],
        x0: Any,
        at: Sequence[float],
        terms: Mapping[Index, float],
        order: int,
        flat: Callable[[Any], list[float]],
    ) -> None:
        self.name = name
        self.variables = tuple(variables)
        self.x0 = x0
        self.at = tuple(at)
        self.order = order
        self._flat = flat
        self._all = dict(terms)
        self._terms = {index: c for index, c in terms.items() if sum(index) <= order}

    @property
    def coefficients(self) -> Any:
        if len(self.at) == 1:
            return [self._terms.get((k,), 0.0) for k in range(self.order + 1)]
        return dict(self._terms)

    def _delta(self, x: tuple[Any, ...]) -> list[float]:
        given = self._flat(x[0] if len(x) == 1 else x)
        return [a - b for a, b in zip(given, self.at, strict=True)]

    def __call__(self, *x: Any) -> float:
        """The value at x; of a function of several arguments p(x, w) or p((x, w))."""
        delta = self._delta(x)
        if len(delta) == 1:
            total = 0.0
            for c in reversed(self.coefficients):
                total = total * delta[0] + c
            return float(total)
        return math.fsum(self._product(i, c, delta) for i, c in self._terms.items())

    def _product(self, index: Index, c: float, delta: Sequence[float]) -> float:
        return c * math.prod(d**i for d, i in zip(delta, index, strict=True))

    def term(self, k: int, *x: Any) -> float:
        """Dᵏf(x0) δᵏ / k!, the part of degree k."""
        self._check(k)
        delta = self._delta(x)
        shares = [self._product(i, c, delta) for i, c in self._terms.items() if sum(i) == k]
        return math.fsum(shares)

    def tensor(self, k: int) -> Any:
        """Dᵏf(x0): a number for k = 0, the gradient, the Hessian, …; symmetric."""
        self._check(k)
        size = len(self.at)

        def part(at: tuple[int, ...]) -> Any:
            if len(at) < k:
                return [part((*at, j)) for j in range(size)]
            index = tuple(at.count(j) for j in range(size))
            scale = math.prod(map(math.factorial, index))
            return self._terms.get(index, 0.0) * scale

        if k and is_array(self.x0):
            import numpy as np

            return np.array(part(())).reshape(self.x0.shape * k)
        return part(())

    def _check(self, k: int) -> None:
        if not 0 <= k <= self.order:
            raise ValueError(f"a polynomial of order {self.order} has no terms of order {k}")

    def remainder_estimate(self, *x: Any) -> float:
        """An estimate of |f(x) - p(x)|, no bound: the size of the next term."""
        delta = self._delta(x)
        first = self.order + 1
        shares = [self._product(i, c, delta) for i, c in self._all.items() if sum(i) == first]
        return abs(math.fsum(shares))

    # As text.

    def __str__(self) -> str:
        return self._text(_power, "", _factor)

    def _repr_latex_(self) -> str:
        names = list(map(_latex_variable, self.variables))
        return f"${self._text(_latex_power, ' ', _latex_factor, names)}$"

    def __repr__(self) -> str:
        return f"<Taylor polynomial of {self.name} of order {self.order}: {self}>"

    def _text(
        self,
        power: Callable[[str, int], str],
        between: str,
        factor: Callable[[str], str],
        names: Sequence[str] = (),
    ) -> str:
        bases = [_base(v, a) for v, a in zip(names or self.variables, self.at, strict=True)]
        parts: list[str] = []
        for index, c in self._ordered():
            powers = [power(b, i) for b, i in zip(bases, index, strict=True) if i]
            size = factor(_number(abs(c)))
            if powers and size == "1":
                size = ""
            text = between.join(filter(None, (size, *powers)))
            sign = "-" if c < 0 else "+"
            parts.append(f" {sign} {text}" if parts else f"{'-' if c < 0 else ''}{text}")
        return "".join(parts) or "0"

    def _ordered(self) -> Iterator[tuple[Index, float]]:
        """The terms that are not zero, by degree, the first variables first."""
        for degree in range(self.order + 1):
            for index in monomials(len(self.at), degree):
                c = self._terms.get(index, 0.0)
                if c != 0.0:
                    yield index, c

    @property
    def source(self) -> str:
        """Standalone Python: a function of the numbers that the polynomial takes."""
        names = [_identifier(v) for v in self.variables]
        deltas = [f"d{name}" for name in names]
        head = f"def {self.name}_taylor{self.order}({', '.join(f'{n}: float' for n in names)}):"
        at = ", ".join(f"{v} = {_number(a)}" for v, a in zip(names, self.at, strict=True))
        lines = [
            head,
            f'    """Taylor polynomial of {self.name} of order {self.order} at {at}."""',
        ]
        for delta, name, a in zip(deltas, names, self.at, strict=True):
            lines.append(f"    {delta} = {name} - {a!r}" if a else f"    {delta} = {name}")
        if len(names) == 1:
            lines += self._horner(deltas[0])
        else:
            lines += self._sum(deltas)
        return "\n".join(lines) + "\n"

    def _horner(self, delta: str) -> Iterator[str]:
        first, *rest = reversed(self.coefficients)
        yield f"    p = {first!r}"
        for c in rest:
            yield f"    p = p * {delta} + {c!r}"
        yield "    return p"

    def _sum(self, deltas: Sequence[str]) -> Iterator[str]:
        sign = "="
        for index, c in self._ordered():
            powers = [
                delta if i == 1 else f"{delta}**{i}"
                for delta, i in zip(deltas, index, strict=True)
                if i
            ]
            yield f"    p {sign} {' * '.join([repr(c), *powers])}"
            sign = "+="
        if sign == "=":
            yield "    p = 0.0"
        yield "    return p"


def monomials(size: int, degree: int) -> Iterator[Index]:
    """The exponents of a degree, the first variables first."""
    for chosen in itertools.combinations_with_replacement(range(size), degree):
        yield tuple(chosen.count(j) for j in range(size))


def _identifier(variable: str) -> str:
    """x[0] is x_0."""
    kept = "".join(c if c.isalnum() else "_" for c in variable)
    return "_".join(filter(None, kept.split("_")))


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e16 if math.isfinite(value) else False:
        return str(int(value))
    return repr(value)


def _base(variable: str, at: float) -> str:
    if at == 0.0:
        return variable
    return f"({variable}{'-' if at > 0 else '+'}{_number(abs(at))})"


def _power(base: str, exponent: int) -> str:
    return base if exponent == 1 else f"{base}{str(exponent).translate(_RAISED)}"


def _factor(number: str) -> str:
    """Before a variable, 1e-05 is (1e-05)."""
    return number


def _latex_variable(variable: str) -> str:
    """x['a'][0] is x_{a,0}."""
    name, *parts = re.findall(r"\w+", variable)
    word = name if len(name) == 1 else rf"\mathrm{{{name}}}".replace("_", r"\_")
    below = ",".join(parts).replace("_", r"\_")
    return f"{word}_{{{below}}}" if parts else word


def _latex_power(base: str, exponent: int) -> str:
    return base if exponent == 1 else f"{base}^{{{exponent}}}"


def _latex_factor(number: str) -> str:
    mantissa, e, exponent = number.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else number
