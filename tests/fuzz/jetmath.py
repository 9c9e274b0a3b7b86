"""``math`` as jets see it.

:func:`module` makes a stand-in for ``math`` whose functions take jets as well as
numbers.  The derivatives are written down here by hand, from Abramowitz & Stegun and
from the definitions; none comes from the compiler's table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, TypeAlias

from .jets import (
    Jet,
    Number,
    Operand,
    Unsupported,
    binary,
    combine,
    plain,
    power,
    sign,
    unary,
)

Partials: TypeAlias = "Callable[[float, float], tuple[float, float]]"

ROOT_PI = math.sqrt(math.pi)


def digamma(x: float) -> float:
    """ψ(x): reflection (A&S 6.3.7), recurrence (6.3.5), asymptotic series (6.3.18)."""
    if x <= 0:
        return digamma(1.0 - x) - math.pi / math.tan(math.pi * x)
    below = 0.0
    while x < 12:
        below += 1.0 / x
        x += 1.0
    z = 1.0 / (x * x)
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z / 132))))
    return math.log(x) - 0.5 / x - series - below


def trigamma(x: float) -> float:
    """ψ'(x): reflection (A&S 6.4.7), recurrence (6.4.6), asymptotic series (6.4.12)."""
    if x <= 0:
        return (math.pi / math.sin(math.pi * x)) ** 2 - trigamma(1.0 - x)
    below = 0.0
    while x < 12:
        below += 1.0 / (x * x)
        x += 1.0
    z = 1.0 / (x * x)
    series = 1 / 6 - z * (1 / 30 - z * (1 / 42 - z * (1 / 30 - z * 5 / 66)))
    return 1.0 / x + z / 2 + z / x * series + below


def _quotient(a: float, b: float) -> float:
    """a/b, infinite at a pole."""
    return a / b if b else math.copysign(math.inf, a)


def _sqrt(x: float, y: float) -> tuple[float, float]:
    first = _quotient(0.5, y)
    return first, -_quotient(0.5 * first, x)


def _cbrt(x: float, y: float) -> tuple[float, float]:
    first = _quotient(1.0, 3.0 * y * y)
    return first, _quotient(-2.0 * first, 3.0 * x)


def _arc(sense: float) -> Partials:
    """asin for sense 1, acos for -1."""

    def partials(x: float, y: float) -> tuple[float, float]:
        inside = (1.0 - x) * (1.0 + x)
        first = _quotient(sense, math.sqrt(inside))
        return first, _quotient(x * first, inside)

    return partials


def _acosh(x: float, y: float) -> tuple[float, float]:
    inside = (x - 1.0) * (x + 1.0)
    first = _quotient(1.0, math.sqrt(x - 1.0) * math.sqrt(x + 1.0))
    return first, -_quotient(x * first, inside)


def _tanh(x: float, y: float) -> tuple[float, float]:
    e = math.exp(-2.0 * abs(x))
    first = 4.0 * e / (1.0 + e) ** 2
    return first, -2.0 * y * first


def _gaussian(sense: float) -> Partials:
    """erf for sense 1, erfc for -1."""

    def partials(x: float, y: float) -> tuple[float, float]:
        first = sense * 2.0 / ROOT_PI * math.exp(-x * x)
        return first, -2.0 * x * first

    return partials


def _gamma(x: float, y: float) -> tuple[float, float]:
    psi = digamma(x)
    return y * psi, y * (psi * psi + trigamma(x))


def _log_base(base: float) -> Partials:
    scale = 1.0 / math.log(base)
    return lambda x, y: (scale / x, -scale / x / x)


ELEMENTARY: dict[str, Partials] = {
    "sin": lambda x, y: (math.cos(x), -y),
    "cos": lambda x, y: (-math.sin(x), -y),
    "tan": lambda x, y: (1.0 + y * y, 2.0 * y * (1.0 + y * y)),
    "asin": _arc(1.0),
    "acos": _arc(-1.0),
    "atan": lambda x, y: (1.0 / (1.0 + x * x), -2.0 * x / (1.0 + x * x) ** 2),
    "sinh": lambda x, y: (math.cosh(x), y),
    "cosh": lambda x, y: (math.sinh(x), y),
    "tanh": _tanh,
    "asinh": lambda x, y: (1.0 / math.hypot(1.0, x), -x / math.hypot(1.0, x) ** 3),
    "acosh": _acosh,
    "atanh": lambda x, y: (
        1.0 / ((1.0 - x) * (1.0 + x)),
        2.0 * x / ((1.0 - x) * (1.0 + x)) ** 2,
    ),
    "exp": lambda x, y: (y, y),
    "exp2": lambda x, y: (y * math.log(2.0), y * math.log(2.0) ** 2),
    "expm1": lambda x, y: (math.exp(x), math.exp(x)),
    "log2": _log_base(2.0),
    "log10": _log_base(10.0),
    "log1p": lambda x, y: (1.0 / (1.0 + x), -1.0 / (1.0 + x) ** 2),
    "sqrt": _sqrt,
    "cbrt": _cbrt,
    "erf": _gaussian(1.0),
    "erfc": _gaussian(-1.0),
    "gamma": _gamma,
    "lgamma": lambda x, y: (digamma(x), trigamma(x)),
    "degrees": lambda x, y: (180.0 / math.pi, 0.0),
    "radians": lambda x, y: (math.pi / 180.0, 0.0),
}
ROUNDINGS = ("floor", "ceil", "trunc")
TESTS = ("isfinite", "isinf", "isnan")


def _elementary(name: str, partials: Partials) -> Callable[[Any], Any]:
    original: Callable[[Any], float] = getattr(math, name)

    def function(x: Operand) -> Operand:
        if not isinstance(x, Jet):
            return original(x)
        value = original(x.value)
        return unary(x, value, *partials(x.value, value))

    return function


def watched(infinite: list[str]) -> ModuleType:
    """``math`` for plain numbers, that notes the functions whose slope is infinite."""
    made = ModuleType("math")
    vars(made).update(vars(math))

    def watch(name: str, partials: Partials) -> Callable[[Any], Any]:
        original: Callable[[Any], float] = getattr(math, name)

        def function(x: float) -> float:
            value = original(x)
            if math.isfinite(value) and not all(map(math.isfinite, partials(x, value))):
                infinite.append(name)
            return value

        return function

    for name in ("sqrt", "cbrt", "asin", "acos", "acosh"):
        if hasattr(math, name):
            setattr(made, name, watch(name, ELEMENTARY[name]))
    return made


def _decided(name: str) -> Callable[[Any], Any]:
    """Roundings and tests: their result is a constant."""
    original: Callable[[Any], Any] = getattr(math, name)

    def function(x: Operand) -> Any:
        return x.run.decide(original(x.value)) if isinstance(x, Jet) else original(x)

    return function


def _without_rule(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any, **keywords: Any) -> Any:
        if any(isinstance(a, Jet) for a in (*args, *keywords.values())):
            raise Unsupported(f"the oracle has no rule for math.{name}")
        return original(*args, **keywords)

    return function


def log(x: Operand, *base: Operand) -> Operand:
    """math.log with one or two arguments: log(x, b) = log(x)/log(b)."""
    value = math.log(plain(x), *map(plain, base))
    if base and (isinstance(x, Jet) or isinstance(base[0], Jet)):
        exact: Operand = log(x) / log(base[0])
        assert isinstance(exact, Jet)
        return Jet(exact.run, value, exact.grad, exact.hess)
    if not isinstance(x, Jet):
        return value
    return unary(x, value, 1.0 / x.value, -1.0 / x.value / x.value)


def fabs(x: Operand) -> Operand:
    """math.fabs."""
    return abs(x) if isinstance(x, Jet) else math.fabs(x)


def copysign(x: Operand, y: Operand) -> Operand:
    """|x| with the sign of y, which counts as constant."""
    value = math.copysign(plain(x), plain(y))
    for z in (x, y):
        if isinstance(z, Jet):
            turn = z.run.decide(sign(plain(x)) * math.copysign(1.0, plain(y)))
            return unary(x, value, turn, 0.0) if isinstance(x, Jet) else value
    return value


def atan2(y: Operand, x: Operand) -> Operand:
    """The angle of (x, y)."""
    v, u = plain(y), plain(x)
    value = math.atan2(v, u)
    r = math.hypot(u, v)
    c, s = (u / r, v / r) if r else (math.nan, math.nan)
    first = (_quotient(c, r), -_quotient(s, r))
    cross = _quotient(_quotient(s * s - c * c, r), r)
    double = _quotient(_quotient(2.0 * s * c, r), r)
    if isinstance(y, Jet) and isinstance(x, Jet):
        return binary(y, x, value, first, (-double, cross, double))
    if isinstance(y, Jet):
        return unary(y, value, first[0], -double)
    return unary(x, value, first[1], double) if isinstance(x, Jet) else value


def hypot(*coordinates: Operand) -> Operand:
    """The Euclidean norm; 0 where all coordinates vanish."""
    value = math.hypot(*map(plain, coordinates))
    active = [x for x in coordinates if isinstance(x, Jet)]
    if not active:
        return value
    if not value:
        return combine([(0.0, x) for x in active], value)
    slope = combine([(x.value / value, x) for x in active], value)
    return Jet(slope.run, value, slope.grad, _norm_hessian(active, slope, float(value)))


def _norm_hessian(active: list[Jet], slope: Jet, value: float) -> tuple[float, ...]:
    """∇²r = Σ x∇²x/r + (Σ ∇x∇xᵀ - ∇r∇rᵀ)/r, where slope holds the first sum."""
    hess = list(slope.hess)
    count = len(slope.grad)
    pairs = [(i, j) for i in range(count) for j in range(i + 1)] if hess else []
    for k, (i, j) in enumerate(pairs):
        gram = math.fsum(x.grad[i] * x.grad[j] for x in active)
        hess[k] += (gram - slope.grad[i] * slope.grad[j]) / value
    return tuple(hess)


def dist(p: Iterable[Operand], q: Iterable[Operand]) -> Operand:
    """The Euclidean distance of two points."""
    first, second = list(p), list(q)
    value = math.dist(list(map(plain, first)), list(map(plain, second)))
    return _revalued(hypot(*[a - b for a, b in zip(first, second, strict=True)]), value)


def fmod(x: Operand, y: Operand) -> Operand:
    """x - y·trunc(x/y)."""
    return _remainder(x, y, math.fmod, lambda u, v: float(round((u - math.fmod(u, v)) / v)))


def remainder(x: Operand, y: Operand) -> Operand:
    """x - y·round(x/y), IEEE 754."""
    return _remainder(
        x, y, math.remainder, lambda u, v: float(round((u - math.remainder(u, v)) / v))
    )


def _remainder(
    x: Operand,
    y: Operand,
    operation: Callable[[float, float], float],
    multiple: Callable[[float, float], float],
) -> Operand:
    """x - n·y for the n that ``multiple`` finds, taken as constant."""
    u, v = plain(x), plain(y)
    parts = [z for z in (x, y) if isinstance(z, Jet)]
    value = operation(u, v)
    if not parts:
        return value
    n = parts[0].run.decide(multiple(u, v))
    if parts[0].run.replay is not None:
        value = u - n * v
    weighted = [(w, z) for w, z in ((1.0, x), (-n, y)) if isinstance(z, Jet)]
    return combine(weighted, value)


def math_pow(x: Operand, y: Operand) -> Operand:
    """math.pow, which converts to float."""
    if isinstance(x, Jet) or isinstance(y, Jet):
        return power(x, y, math.pow)
    return math.pow(x, y)


def ldexp(x: Operand, i: int) -> Operand:
    """x·2**i."""
    return (
        unary(x, math.ldexp(x.value, i), math.ldexp(1.0, i), 0.0)
        if isinstance(x, Jet)
        else (math.ldexp(x, i))
    )


def modf(x: Operand) -> tuple[Operand, Operand]:
    """Fractional and integral part."""
    if not isinstance(x, Jet):
        return math.modf(x)
    fraction, whole = math.modf(x.value)
    whole = x.run.decide(whole)
    return unary(x, fraction if x.run.replay is None else x.value - whole, 1.0, 0.0), whole


def frexp(x: Operand) -> tuple[Operand, int]:
    """Mantissa and exponent."""
    if not isinstance(x, Jet):
        return math.frexp(x)
    exponent = x.run.decide(math.frexp(x.value)[1])
    # 2.0 ** 1100 is no float.
    slope = math.ldexp(1.0, -exponent) if exponent > -1000 else math.inf
    return unary(x, math.ldexp(x.value, -exponent), slope, 0.0), exponent


def fsum(terms: Iterable[Operand]) -> Operand:
    """math.fsum."""
    total: Operand = sum_of(list(terms), math.fsum)
    return total


def sum_of(terms: list[Any], operation: Callable[[list[Any]], Any]) -> Any:
    """A sum whose value comes from the given operation."""
    active = [(1.0, x) for x in terms if isinstance(x, Jet)]
    value = operation([plain(x) for x in terms])
    return combine(active, value) if active else value


def prod(factors: Iterable[Operand], *, start: Operand = 1) -> Operand:
    """math.prod."""
    terms = list(factors)
    value = math.prod([plain(x) for x in terms], start=plain(start))
    product: Operand = start
    for factor in terms:
        product = product * factor
    return _revalued(product, value)


def _revalued(result: Operand, value: Number) -> Operand:
    """The derivatives of the one, the value of the other."""
    if not isinstance(result, Jet):
        return value
    return Jet(result.run, value, result.grad, result.hess)


SPECIAL: dict[str, Callable[..., Any]] = {
    "log": log,
    "fabs": fabs,
    "copysign": copysign,
    "atan2": atan2,
    "hypot": hypot,
    "dist": dist,
    "fmod": fmod,
    "remainder": remainder,
    "pow": math_pow,
    "ldexp": ldexp,
    "modf": modf,
    "frexp": frexp,
    "fsum": fsum,
    "prod": prod,
}


def module() -> ModuleType:
    """A module like ``math`` that takes jets."""
    shim = ModuleType("math")
    for name in dir(math):
        original = getattr(math, name)
        if not name.startswith("_"):
            setattr(
                shim,
                name,
                _without_rule(name, original) if callable(original) else original,
            )
    for name, partials in ELEMENTARY.items():
        if hasattr(math, name):
            setattr(shim, name, _elementary(name, partials))
    for name in (*ROUNDINGS, *TESTS):
        setattr(shim, name, _decided(name))
    for name, function in SPECIAL.items():
        setattr(shim, name, function)
    return shim
