"""Bounds of a result from the bounds of the arguments.

All bounds hold in floating point, for every result that is no nan, nan arguments
included (`max(1.0, nan)` is 1.0). Sums, products and quotients round monotonically, so
their bounds are computed as the operation computes; the functions of the C library are
taken to be within a few units in the last place and are widened by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

Range: TypeAlias = "tuple[float, float]"
Unary: TypeAlias = "Callable[[Range], Range]"

ALL: Range = (-math.inf, math.inf)
_SLACK = 2.0**-50
_TINY = 5e-324


def below(value: float) -> float:
    """A number a few units in the last place below."""
    return value - abs(value) * _SLACK - _TINY if math.isfinite(value) else value


def above(value: float) -> float:
    """A number a few units in the last place above."""
    return -below(-value)


def fixed(low: float, high: float) -> Callable[..., Range]:
    """The same bounds whatever the arguments."""
    return lambda *args: (low, high)


def rising(
    name: str,
    *points: tuple[float, float],
    low: float = -math.inf,
    high: float = math.inf,
) -> Unary:
    """An increasing function of `math`, exact at `points`, within [low, high]."""

    def interval(x: Range) -> Range:
        bottom = max(
            [low, below(_value(name, x[0], low))] + [b for a, b in points if x[0] >= a]
        )
        top = min([high, above(_value(name, x[1], high))] + [b for a, b in points if x[1] <= a])
        return bottom, top

    return interval


def falling(
    name: str,
    *points: tuple[float, float],
    low: float = -math.inf,
    high: float = math.inf,
) -> Unary:
    """A decreasing function of `math`, exact at `points`, within [low, high]."""

    def interval(x: Range) -> Range:
        bottom = max(
            [low, below(_value(name, x[1], low))] + [b for a, b in points if x[1] <= a]
        )
        top = min([high, above(_value(name, x[0], high))] + [b for a, b in points if x[0] >= a])
        return bottom, top

    return interval


def _value(name: str, x: float, otherwise: float) -> float:
    try:
        return float(getattr(math, name)(x))
    except (ArithmeticError, AttributeError, ValueError):
        return otherwise


def step(function: Callable[[float], float]) -> Unary:
    """A rounding to an integer, which is increasing and exact."""

    def interval(x: Range) -> Range:
        low, high = (float(function(v)) if math.isfinite(v) else v for v in x)
        return low, high

    return interval


def same(x: Range) -> Range:
    return x


def negative(x: Range) -> Range:
    return -x[1], -x[0]


def total(*args: Range) -> Range:
    """Bounds of a sum that is rounded once, or after each addition."""
    low, high = args[0]
    for arg in args[1:]:
        low, high = low + arg[0], high + arg[1]
    return _known(low, -math.inf), _known(high, math.inf)


def difference(x: Range, w: Range) -> Range:
    return total(x, negative(w))


def product(*args: Range) -> Range:
    low, high = 1.0, 1.0
    for arg in args:
        corners = [_times(a, b) for a in (low, high) for b in arg]
        low, high = min(corners), max(corners)
    return low, high


def quotient(x: Range, w: Range) -> Range:
    """Division by zero raises: a divisor range that ends at 0 keeps its sign."""
    if w[0] < 0.0:
        return ALL if w[1] > 0.0 else quotient(negative(x), negative(w))
    if w[0] == 0.0 or (math.isinf(w[1]) and math.inf in (-x[0], x[1])):
        return sign_of_first(x)
    corners = [a / b for a in x for b in w]
    return min(corners), max(corners)


def floor_quotient(x: Range, w: Range) -> Range:
    """Of opposite signs even a quotient that underflows is rounded to -1."""
    low, high = quotient(x, w)
    if (x[0] >= 0.0 and w[0] >= 0.0) or (x[1] <= 0.0 and w[1] <= 0.0):
        bottom = 0.0
    else:
        bottom = min(-1.0, low - 1.0)
    return bottom, max(0.0, above(high))


def modulo(x: Range, w: Range) -> Range:
    """`x % w` has the sign of w, and can round to w itself."""
    return min(w[0], 0.0), max(w[1], 0.0)


def power(x: Range, w: Range) -> Range:
    if x[0] >= 0.0:
        corners = [_power(a, b) for a in x for b in w]
        return max(0.0, below(min(corners))), above(max(corners))
    if w[0] == w[1] >= 0.0 and float(w[0]).is_integer():
        return _integer_power(x, w[0])
    return (0.0, math.inf) if w[0] == w[1] and w[0] % 2.0 == 0.0 else ALL


def _integer_power(x: Range, n: float) -> Range:
    ends = [_power(abs(v), n) * (-1.0 if v < 0.0 and n % 2.0 else 1.0) for v in x]
    low, high = below(min(ends)), above(max(ends))
    if n % 2.0:
        return (max(low, 0.0) if x[0] >= 0.0 else low), (
            min(high, 0.0) if x[1] <= 0.0 else high
        )
    return (0.0 if x[0] <= 0.0 <= x[1] else max(low, 0.0)), high


def _power(x: float, w: float) -> float:
    try:
        return math.pow(x, w)
    except (OverflowError, ValueError):
        return math.inf


def magnitude(x: Range) -> Range:
    if x[0] >= 0.0:
        return x
    return (-x[1] if x[1] < 0.0 else 0.0), max(-x[0], x[1])


def largest(*args: Range) -> Range:
    """A nan may hide all but the literals (ranges of one point)."""
    sure = [low for low, high in args if low == high]
    return max([*sure, min(arg[0] for arg in args)]), max(arg[1] for arg in args)


def smallest(*args: Range) -> Range:
    """A nan may hide all but the literals (ranges of one point)."""
    return negative(largest(*map(negative, args)))


def norm(*args: Range) -> Range:
    sizes = [magnitude(arg) for arg in args]
    low = max((size[0] for size in sizes), default=0.0)
    return max(0.0, below(low)), above(math.hypot(*(size[1] for size in sizes)))


def distance(*args: Range) -> Range:
    half = len(args) // 2
    return norm(*map(difference, args[:half], args[half:]))


def even(name: str, low: float) -> Unary:
    """A function that rises with the magnitude of its argument, from low at 0."""
    half = rising(name, (0.0, low), low=low)
    return lambda x: half(magnitude(x))


def within(x: Range, w: Range) -> Range:
    """The sign of x, and no more than its size (`math.fmod`)."""
    return min(x[0], 0.0), max(x[1], 0.0)


def signed(x: Range, w: Range) -> Range:
    """Either sign with the size of x: a zero or a nan in w hides its sign."""
    size = magnitude(x)[1]
    return -size, size


def remainder(x: Range, w: Range) -> Range:
    size = min(magnitude(x)[1], magnitude(w)[1])
    return -size, size


def angle(x: Range, w: Range) -> Range:
    """`math.atan2`; a zero x may be -0.0, so that its sign counts only beyond 0."""
    return (0.0 if x[0] > 0.0 else -math.pi), (0.0 if x[1] < 0.0 else math.pi)


def neighbour(x: Range, w: Range) -> Range:
    return math.nextafter(x[0], -math.inf), math.nextafter(x[1], math.inf)


def sign_of_first(x: Range, *others: Range) -> Range:
    return (0.0 if x[0] >= 0.0 else -math.inf), (0.0 if x[1] <= 0.0 else math.inf)


def summed(*args: Range) -> Range:
    """A sum in whatever rounding: of one sign, it is as large as its largest term."""
    return _sum_low(args), -_sum_low(tuple(map(negative, args)))


def _sum_low(args: tuple[Range, ...]) -> float:
    lows = [arg[0] for arg in args]
    if min(lows, default=0.0) < 0.0:
        return -math.inf
    return max(0.0, below(max(lows, default=0.0)))


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0.0 or b == 0.0 else a * b


def _known(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
