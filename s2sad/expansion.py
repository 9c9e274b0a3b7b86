"""`taylor` and `derivative`: derivatives of any order, by Taylor mode.

A function of several numbers is expanded along lines: the coefficients along the
directions of the integer lattice determine every mixed derivative, each by a sum with
exact rational weights (Griewank, Utke & Walther 2000, "Evaluating higher derivative
tensors by forward propagation of univariate Taylor series").
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from s2sad.argnums import Argnums, gathering
from s2sad.errors import NotDifferentiable, TypeRefused
from s2sad.forward import Coefficients
from s2sad.ir.types import Type
from s2sad.jacobians import Slope
from s2sad.modes import Directed, float_type, required
from s2sad.polynomial import Index, TaylorPolynomial, monomials
from s2sad.specialised import Function
from s2sad.trees import copied, floats, is_array, leaves, parts, taken, typed, types


class Series(Directed):
    """The coefficients along a line, of one order."""

    order = 1
    directed = True

    def __init__(self, primal: Function, argnums: Argnums, order: int, optimize: int) -> None:
        super().__init__(primal, argnums, False, optimize)
        self.order = order
        self._mode = lambda program, wish: Coefficients(program, wish, order)


class Expansion:
    """A function at a point, with what is known of it along lines."""

    def __init__(self, f: Function, x0: Any, optimize: int) -> None:
        probe = Series(f, 0, 1, optimize)
        several = len(required(probe)) > 1
        if isinstance(x0, tuple) and gathering(probe._root)[0]:
            several = True
        if several and (not isinstance(x0, tuple) or len(x0) < len(required(probe))):
            wanted = ", ".join(required(probe))
            raise TypeError(f"x0 is {x0!r}, and has to be a tuple: ({wanted})")
        self.f = f
        self.name = getattr(f, "__name__", "f")
        self.x0 = copied(x0)
        self.args: tuple[Any, ...] = x0 if several else (x0,)
        self.optimize = optimize
        bound = probe.bound(self.args)
        self.names = tuple(probe.positions(len(self.args)))
        self.types = [float_type(name, bound) for name in self.names]
        self.at = list(self.flat(x0))
        self.variables = [
            text
            for name, tree, type_ in zip(self.names, self.args, self.types, strict=True)
            for text in _paths(name, tree, type_)
        ]
        if not self.at:
            raise TypeRefused(f"{self.names[0]} holds no float")

    def flat(self, x: Any) -> list[float]:
        args = x if len(self.args) > 1 else (x,)
        found: list[float] = []
        for tree, type_ in zip(args, self.types, strict=True):
            found += floats(tree, type_)
        return found

    def along(self, direction: Sequence[float], order: int) -> list[float]:
        """The coefficients of t ↦ f(x0 + t direction), from 0 to order."""
        given = iter(direction)
        tangents = [
            typed(tree, type_, lambda leaf: taken(leaf, given))
            for tree, type_ in zip(self.args, self.types, strict=True)
        ]
        found = list(self._series(order).at(self.args, tangents))
        if any(map(is_array, found)):
            raise NotDifferentiable(
                f"a Taylor polynomial of {self.name}, which returns an array",
                None,
                "return one of its elements",
            )
        return list(map(float, found))

    def _series(self, order: int) -> Series:
        return _made(self.f, self.names, order, self.optimize)

    def terms(self, order: int) -> dict[Index, float]:
        """The coefficients of all monomials to an order."""
        size = len(self.at)
        if size == 1:
            found = self.along([1.0], order)
            return {(k,): c for k, c in enumerate(found)}
        return assembled(size, order, lambda direction: self.along(direction, order))


def assembled(
    size: int, order: int, along: Callable[[Index], Sequence[float]]
) -> dict[Index, float]:
    """The coefficients of all monomials to an order, from those along lines."""
    lattice = list(monomials(size, order))
    lines = {j: along(j) for j in lattice}
    terms: dict[Index, float] = {(0,) * size: lines[lattice[0]][0]}
    for degree in range(1, order + 1):
        for index in monomials(size, degree):
            terms[index] = _mixed(index, degree, order, lines)
    return terms


_KNOWN: dict[tuple[Any, ...], Series] = {}


def _made(f: Function, names: tuple[str, ...], order: int, optimize: int) -> Series:
    """One for each function and order, so that it is compiled once."""
    try:
        key = (f, names, order, optimize)
        known = _KNOWN.get(key)
    except TypeError:  # not hashable
        return Series(f, names, order, optimize)
    if known is None:
        while len(_KNOWN) > 256:
            del _KNOWN[next(iter(_KNOWN))]
        known = _KNOWN[key] = Series(f, names, order, optimize)
    return known


def _mixed(
    index: Index, degree: int, order: int, lines: Mapping[Index, Sequence[float]]
) -> float:
    """The coefficient of a monomial from the coefficients along the lattice's lines."""
    shares = []
    for j, weight in _weights(index, order):
        value = lines[j][degree]
        if not math.isfinite(value):
            return value
        shares.append(weight * Fraction(value))
    total = sum(shares, Fraction(0))
    # What is below the rounding of the coefficients is nothing.
    if abs(total) <= _ROUNDING * sum(map(abs, shares)):
        return 0.0
    try:
        return float(total)
    except OverflowError:
        return math.inf


_ROUNDING = Fraction(1, 2**50)


@cache
def _weights(index: Index, order: int) -> tuple[tuple[Index, Fraction], ...]:
    """How much each line of the lattice has to do with a monomial: γ of the paper, divided
    by the factorials of the exponents."""
    degree = sum(index)
    scale = math.prod(map(math.factorial, index))
    found = []
    for j in monomials(len(index), order):
        total = Fraction(0)
        for k in itertools.product(*(range(i + 1) for i in index)):
            size = sum(k)
            if not size:
                continue
            sign = -1 if (degree - size) % 2 else 1
            ways = math.prod(map(math.comb, index, k))
            ways_j = math.prod(
                _binomial(Fraction(order * part, size), n) for part, n in zip(k, j, strict=True)
            )
            total += sign * ways * ways_j * Fraction(size, order) ** degree
        if total:
            found.append((j, total / scale))
    return tuple(found)


def _binomial(x: Fraction, n: int) -> Fraction:
    found = Fraction(1)
    for k in range(n):
        found *= (x - k) / (k + 1)
    return found


def _paths(name: str, tree: Any, type_: Type) -> Iterator[str]:
    """What the numbers of an argument are called."""
    inner = parts(tree)
    if is_array(tree):
        if list(floats(tree, type_)):
            for at in itertools.product(*map(range, tree.shape)):
                yield f"{name}[{', '.join(map(str, at))}]" if at else name
        return
    if inner is None:
        if list(floats(tree, type_)):
            yield name
        return
    if isinstance(tree, dict):
        labels = [f"[{key!r}]" for key in tree]
    elif hasattr(tree, "_fields"):
        labels = [f".{field}" for field in tree._fields]
    elif isinstance(tree, (list, tuple)):
        labels = [f"[{k}]" for k in range(len(tree))]
    else:
        labels = [f".{field}" for field in tree.__dataclass_fields__]
    for label, part, part_type in zip(labels, inner, types(type_, inner), strict=True):
        yield from _paths(name + label, part, part_type)


def taylor(f: Function, x0: Any, n: int, *, optimize: int = 1) -> TaylorPolynomial:
    """The Taylor polynomial of order n around x0; for several arguments x0 is a tuple.

    One order more is computed, for `remainder_estimate`. `taylor(f, x0, n).source` is the
    polynomial as Python; `s2sad taylor` writes the function that computes coefficients.
    """
    if n < 0:
        raise ValueError(f"the order is {n}, and has to be at least 0")
    expansion = Expansion(f, x0, optimize)
    name = str(getattr(f, "__name__", "f"))
    name = name if name.isidentifier() else "f"
    terms = expansion.terms(n + 1)
    return TaylorPolynomial(
        name, expansion.variables, expansion.x0, expansion.at, terms, n, expansion.flat
    )


class NthDerivative:
    """`derivative(f, n)(x)`: Dⁿf, a number for one, a symmetric tensor for several."""

    def __init__(self, f: Function, n: int, optimize: int) -> None:
        self.primal = f
        self.order = n
        self._optimize = optimize

    def __call__(self, *x: Any) -> Any:
        expansion = Expansion(self.primal, x if len(x) > 1 else x[0], self._optimize)
        terms = expansion.terms(self.order)
        x0 = expansion.x0
        polynomial = TaylorPolynomial(
            "f", expansion.variables, x0, expansion.at, terms, self.order, expansion.flat
        )
        found = polynomial.tensor(self.order)
        if len(expansion.at) > 1 or is_array(x0):
            return found
        return next(leaves(found))


def derivative(f: Function, n: int = 1, *, optimize: int = 1) -> Slope | NthDerivative:
    """The n-th derivative: `derivative(f, n)(x)`.

    Of a function of several numbers it is the symmetric tensor Dⁿf, in nested lists, each
    entry computed once. The first, of a function of one argument, is by forward mode and
    can be differentiated again, in any mode.
    """
    if n < 1:
        raise ValueError(f"the order is {n}, and has to be at least 1")
    if n == 1:
        made = Slope(f, 0, False, optimize)
        if len(made._inner.params) == 1:
            return made
    return NthDerivative(f, n, optimize)
