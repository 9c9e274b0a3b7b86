"""Second-order jets in several variables: a number with its gradient and Hessian.

Truncated Taylor arithmetic by operator overloading (Griewank & Walther, *Evaluating
Derivatives*, 2nd ed., section 13): every operation computes its value by the very float
operation that the program asks for, so that values agree with the primal to the bit,
and propagates gradient and Hessian by the chain rule.

At kinks each primitive takes the mean of its one-sided partials.  Whatever is decided
by a value (a comparison, a rounding, the winner of ``max``) passes through
:meth:`Run.decide`, which records it.  A later run may replay the record while all
numbers carry a little noise: the spread of its results estimates the rounding error
(Monte Carlo arithmetic: Parker, *Monte Carlo Arithmetic*, UCLA CSD-970002, 1997),
and no noise can push the program onto another path.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

Number: TypeAlias = "float | int"
NOISE = 2.0**-47

T = TypeVar("T")


class Unsupported(Exception):
    """The oracle has no rule for what the program does."""


@dataclass
class Run:
    """One evaluation: how many derivatives, what was decided, how much noise."""

    order: int = 2
    replay: Sequence[object] | None = None
    noise: random.Random | None = None
    decisions: list[object] = field(default_factory=list)

    def decide(self, outcome: T) -> T:
        """Record an outcome, or hand back the one that was recorded before."""
        if self.replay is None:
            self.decisions.append(outcome)
            return outcome
        if len(self.decisions) >= len(self.replay):
            raise Unsupported("the replayed run decides more than the recorded one")
        recorded = self.replay[len(self.decisions)]
        self.decisions.append(recorded)
        return recorded  # type: ignore[return-value]

    def blur(self, value: Number) -> Number:
        """The value itself, or in a noisy run a neighbour of it."""
        if self.noise is None or value == 0:
            return value
        return value * (1.0 + NOISE * self.noise.uniform(-1.0, 1.0))


class Jet:
    """A value, its gradient, and the lower triangle of its Hessian, row by row."""

    __slots__ = ("grad", "hess", "run", "value")

    def __init__(
        self, run: Run, value: Number, grad: tuple[float, ...], hess: tuple[float, ...]
    ) -> None:
        self.run = run
        self.value = value
        self.grad = grad
        self.hess = hess

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __hash__(self) -> int:
        return hash(self.value)

    # comparisons and truth
    def __bool__(self) -> bool:
        return self.run.decide(bool(self.value))

    def __eq__(self, other: object) -> bool:
        return self.run.decide(bool(self.value == plain(other)))

    def __ne__(self, other: object) -> bool:
        return self.run.decide(bool(self.value != plain(other)))

    def __lt__(self, other: Any) -> bool:
        return self.run.decide(bool(self.value < plain(other)))

    def __le__(self, other: Any) -> bool:
        return self.run.decide(bool(self.value <= plain(other)))

    def __gt__(self, other: Any) -> bool:
        return self.run.decide(bool(self.value > plain(other)))

    def __ge__(self, other: Any) -> bool:
        return self.run.decide(bool(self.value >= plain(other)))

    # roundings
    def __int__(self) -> int:
        return self.run.decide(int(self.value))

    def __trunc__(self) -> int:
        return self.run.decide(math.trunc(self.value))

    def __floor__(self) -> int:
        return self.run.decide(math.floor(self.value))

    def __ceil__(self) -> int:
        return self.run.decide(math.ceil(self.value))

    def __round__(self, digits: int | None = None) -> Number:
        return self.run.decide(round(self.value, digits))

    # arithmetic
    def __pos__(self) -> Jet:
        return unary(self, +self.value, 1.0, 0.0)

    def __neg__(self) -> Jet:
        return unary(self, -self.value, -1.0, 0.0)

    def __abs__(self) -> Jet:
        return unary(self, abs(self.value), self.run.decide(sign(self.value)), 0.0)

    def __add__(self, other: Any) -> Jet:
        return add(self, other)

    def __radd__(self, other: Any) -> Jet:
        return add(other, self)

    def __sub__(self, other: Any) -> Jet:
        return subtract(self, other)

    def __rsub__(self, other: Any) -> Jet:
        return subtract(other, self)

    def __mul__(self, other: Any) -> Jet:
        return multiply(self, other)

    def __rmul__(self, other: Any) -> Jet:
        return multiply(other, self)

    def __truediv__(self, other: Any) -> Jet:
        return divide(self, other)

    def __rtruediv__(self, other: Any) -> Jet:
        return divide(other, self)

    def __floordiv__(self, other: Any) -> Number:
        quotient: Number = self.value // plain(other)
        return self.run.decide(quotient)

    def __rfloordiv__(self, other: Any) -> Number:
        quotient: Number = plain(other) // self.value
        return self.run.decide(quotient)

    def __mod__(self, other: Any) -> Jet:
        return modulo(self, other)

    def __rmod__(self, other: Any) -> Jet:
        return modulo(other, self)

    def __divmod__(self, other: Any) -> tuple[Number, Jet]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Number, Jet]:
        return other // self, other % self

    def __pow__(self, other: Any, modulus: None = None) -> Jet:
        return power(self, other)

    def __rpow__(self, other: Any) -> Jet:
        return power(other, self)


Operand: TypeAlias = "Jet | float | int"


def plain(operand: Any) -> Any:
    """The number without its derivatives."""
    return operand.value if isinstance(operand, Jet) else operand


def sign(value: Number) -> float:
    """-1, 0 or 1: the derivative of abs, 0 at the kink."""
    return float((value > 0) - (value < 0))


def variables(run: Run, values: Sequence[Number]) -> list[Jet]:
    """The independent variables: unit gradients, zero Hessians."""
    count = len(values)
    zeros = (0.0,) * (count * (count + 1) // 2 if run.order > 1 else 0)
    units = [tuple(float(i == j) for j in range(count)) for i in range(count)]
    return [Jet(run, run.blur(v), unit, zeros) for v, unit in zip(values, units, strict=True)]


def triangle(count: int) -> list[tuple[int, int]]:
    """The index pairs of the lower triangle, in the order of ``Jet.hess``."""
    return [(i, j) for i in range(count) for j in range(i + 1)]


def _finish(run: Run, value: Number, grad: Sequence[float], hess: Sequence[float]) -> Jet:
    """A new jet, blurred in a noisy run."""
    if run.noise is None:
        return Jet(run, value, tuple(grad), tuple(hess))
    blur = run.blur
    return Jet(run, blur(value), tuple(map(blur, grad)), tuple(map(blur, hess)))


def unary(x: Jet, value: Number, first: float, second: float) -> Jet:
    """The chain rule for y = φ(x), given φ, φ' and φ''."""
    gx = x.grad
    grad = [first * g for g in gx]
    hess: list[float] = []
    if x.hess:
        curve = [second * g for g in gx]
        k = 0
        for i, row in enumerate(curve):
            for j in range(i + 1):
                hess.append(first * x.hess[k] + row * gx[j])
                k += 1
    return _finish(x.run, value, grad, hess)


def binary(
    x: Jet,
    y: Jet,
    value: Number,
    first: tuple[float, float],
    second: tuple[float, float, float],
) -> Jet:
    """The chain rule for z = φ(x, y), given (φx, φy) and (φxx, φxy, φyy)."""
    fx, fy = first
    fxx, fxy, fyy = second
    gx, gy = x.grad, y.grad
    grad = [fx * u + fy * v for u, v in zip(gx, gy, strict=True)]
    hess: list[float] = []
    if x.hess:
        for k, (i, j) in enumerate(triangle(len(gx))):
            curve = fxx * gx[i] * gx[j] + fyy * gy[i] * gy[j]
            curve += fxy * (gx[i] * gy[j] + gy[i] * gx[j])
            hess.append(fx * x.hess[k] + fy * y.hess[k] + curve)
    return _finish(x.run, value, grad, hess)


def _fsum(terms: Iterable[float]) -> float:
    """math.fsum, nan where infinite terms have different signs."""
    try:
        return math.fsum(terms)
    except ValueError:
        return math.nan


def combine(parts: Sequence[tuple[float, Jet]], value: Number) -> Jet:
    """The derivatives of Σ weight·jet, with a value of its own."""
    run = parts[0][1].run
    grad = [_fsum(w * x.grad[i] for w, x in parts) for i in range(len(parts[0][1].grad))]
    hess = [_fsum(w * x.hess[k] for w, x in parts) for k in range(len(parts[0][1].hess))]
    return _finish(run, value, grad, hess)


def add(x: Operand, y: Operand) -> Jet:
    """x + y."""
    value = plain(x) + plain(y)
    if isinstance(x, Jet) and isinstance(y, Jet):
        return binary(x, y, value, (1.0, 1.0), (0.0, 0.0, 0.0))
    return unary(_active(x, y), value, 1.0, 0.0)


def subtract(x: Operand, y: Operand) -> Jet:
    """x - y."""
    value = plain(x) - plain(y)
    if isinstance(x, Jet) and isinstance(y, Jet):
        return binary(x, y, value, (1.0, -1.0), (0.0, 0.0, 0.0))
    return unary(_active(x, y), value, 1.0 if isinstance(x, Jet) else -1.0, 0.0)


def multiply(x: Operand, y: Operand) -> Jet:
    """x·y."""
    value = plain(x) * plain(y)
    if isinstance(x, Jet) and isinstance(y, Jet):
        return binary(x, y, value, (y.value, x.value), (0.0, 1.0, 0.0))
    return unary(_active(x, y), value, plain(y) if isinstance(x, Jet) else plain(x), 0.0)


def divide(x: Operand, y: Operand) -> Jet:
    """x/y; the partials divide step by step, so that no square overflows."""
    u, v = plain(x), plain(y)
    value = u / v
    if not isinstance(y, Jet):
        return unary(_active(x, y), value, 1.0 / v, 0.0)
    fy, fyy = -(value / v), 2.0 * (value / v / v)
    if not isinstance(x, Jet):
        return unary(y, value, fy, fyy)
    return binary(x, y, value, (1.0 / v, fy), (0.0, -(1.0 / v / v), fyy))


def modulo(x: Operand, y: Operand) -> Jet:
    """x % y = x - y·(x // y), where the quotient counts as constant."""
    run = _active(x, y).run
    value = plain(x) % plain(y)
    quotient = run.decide(plain(x) // plain(y))
    if run.replay is not None:
        value = plain(x) - plain(y) * quotient
    parts = [(w, z) for w, z in ((1.0, x), (-float(quotient), y)) if isinstance(z, Jet)]
    return combine(parts, value)


def power(x: Operand, y: Operand, operation: Callable[[Any, Any], Any] = pow) -> Jet:
    """x**y, by cases: only an active exponent needs the logarithm of the base."""
    u, v = plain(x), plain(y)
    value = operation(u, v)
    if isinstance(value, complex):
        raise Unsupported("a power became complex")
    if not isinstance(y, Jet):
        return unary(_active(x, y), value, *_power_partials(u, v))
    log = _log_of_base(u, v)
    fy, fyy = _product(value, log), _product(_product(value, log), log)
    if not isinstance(x, Jet):
        return unary(y, value, fy, fyy)
    fx, fxx = _power_partials(u, v)
    lower = _raise(u, v - 1)
    fxy = lower + _product(_product(v, lower), log)
    return binary(x, y, value, (fx, fy), (fxx, fxy, fyy))


def _product(a: float, b: float) -> float:
    """a·b where an exact zero wins over an infinite logarithm: 0**y·log(0) → 0."""
    return 0.0 if a == 0 else a * b


def _log_of_base(base: Number, exponent: Number) -> float:
    """log(base), -inf at 0, nan where there is no derivative in the exponent."""
    if base > 0:
        return math.log(base)
    return -math.inf if base == 0 and exponent >= 0 else math.nan


def _raise(base: Number, exponent: Number) -> float:
    """base**exponent, infinite where Python raises."""
    try:
        result = base**exponent
    except (ZeroDivisionError, OverflowError):
        return math.inf
    return math.nan if isinstance(result, complex) else float(result)


def _power_partials(base: Number, exponent: Number) -> tuple[float, float]:
    """The first two derivatives of base**exponent in the base."""
    first = exponent * _raise(base, exponent - 1) if exponent != 0 else 0.0
    flat = exponent in (0, 1)
    second = 0.0 if flat else exponent * (exponent - 1) * _raise(base, exponent - 2)
    return first, second


def _active(x: Operand, y: Operand) -> Jet:
    """Whichever operand is a jet."""
    if isinstance(x, Jet):
        return x
    assert isinstance(y, Jet)
    return y
