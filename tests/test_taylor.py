"""Taylor mode: coefficients, polynomials, derivatives of any order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from s2sad import NotDifferentiable, TaylorPolynomial, derivative, grad, taylor
from s2sad.expansion import Series
from s2sad.jacobians import Slope
from tests.fuzz.jets import triangle

ORDER = 15

# The function, where, and the same for mpmath; s2sad sees `math`.
FUNCTIONS: dict[str, tuple[Callable[[float], float], float, Callable[[Any], Any]]] = {
    "exp": (lambda x: math.exp(x), 0.3, mpmath.exp),
    "exp2": (lambda x: math.exp2(x), 0.3, lambda x: mpmath.mpf(2) ** x),
    "expm1": (lambda x: math.expm1(x), 0.3, mpmath.expm1),
    "log": (lambda x: math.log(x), 1.7, mpmath.log),
    "log1p": (lambda x: math.log1p(x), 0.6, mpmath.log1p),
    "log2": (lambda x: math.log2(x), 1.7, lambda x: mpmath.log(x, 2)),
    "log10": (lambda x: math.log10(x), 1.7, mpmath.log10),
    "log_base": (lambda x: math.log(3.0, x), 1.7, lambda x: mpmath.log(3, x)),
    "sin": (lambda x: math.sin(x), 0.8, mpmath.sin),
    "cos": (lambda x: math.cos(x), 0.8, mpmath.cos),
    "tan": (lambda x: math.tan(x), 0.8, mpmath.tan),
    "asin": (lambda x: math.asin(x), 0.3, mpmath.asin),
    "acos": (lambda x: math.acos(x), 0.3, mpmath.acos),
    "atan": (lambda x: math.atan(x), 0.8, mpmath.atan),
    "atan2": (lambda x: math.atan2(x, 2.0 - x), 0.8, lambda x: mpmath.atan2(x, 2 - x)),
    "sinh": (lambda x: math.sinh(x), 0.8, mpmath.sinh),
    "cosh": (lambda x: math.cosh(x), 0.8, mpmath.cosh),
    "tanh": (lambda x: math.tanh(x), 0.8, mpmath.tanh),
    "asinh": (lambda x: math.asinh(x), 0.8, mpmath.asinh),
    "acosh": (lambda x: math.acosh(x), 1.8, mpmath.acosh),
    "atanh": (lambda x: math.atanh(x), 0.3, mpmath.atanh),
    "sqrt": (lambda x: math.sqrt(x), 1.7, mpmath.sqrt),
    "cbrt": (lambda x: math.cbrt(x), 1.7, lambda x: x ** (mpmath.mpf(1) / 3)),
    "erf": (lambda x: math.erf(x), 0.4, mpmath.erf),
    "erfc": (lambda x: math.erfc(x), 0.4, mpmath.erfc),
    "gamma": (lambda x: math.gamma(x), 2.5, mpmath.gamma),
    "lgamma": (lambda x: math.lgamma(x), 2.5, mpmath.loggamma),
    "hypot": (
        lambda x: math.hypot(x, 1.0 + x),
        0.8,
        lambda x: mpmath.sqrt(x**2 + (1 + x) ** 2),
    ),
    "power": (lambda x: x**2.5, 1.7, lambda x: x ** mpmath.mpf(2.5)),
    "exponent": (lambda x: 1.7**x, 0.4, lambda x: mpmath.mpf(1.7) ** x),
    "both": (lambda x: x**x, 1.7, lambda x: x**x),
    "whole power": (lambda x: x**7, 0.0, lambda x: x**7),
    "inverse": (lambda x: x**-3, 1.7, lambda x: x**-3),
    "quotient": (lambda x: (1.0 + x) / (2.0 + x * x), 0.6, lambda x: (1 + x) / (2 + x * x)),
    "lecture": (
        lambda x: math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2)),
        0.3,
        lambda x: mpmath.sqrt(x**2 + mpmath.exp(x**2)) + mpmath.cos(x**2 + mpmath.exp(x**2)),
    ),
    "chain": (
        lambda x: math.exp(math.sin(x) / (1.0 + x * x)),
        0.6,
        lambda x: mpmath.exp(mpmath.sin(x) / (1 + x * x)),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_coefficients_are_those_of_mpmath(name: str) -> None:
    if name in ("exp2", "cbrt") and not hasattr(math, name):
        pytest.skip("not in this Python")
    f, x0, exact = FUNCTIONS[name]
    with mpmath.workdps(50):
        wanted = [float(c) for c in mpmath.taylor(exact, mpmath.mpf(x0), ORDER)]
    found = taylor(f, x0, ORDER).coefficients
    scale = [abs(c) for c in wanted]
    for k, (a, b) in enumerate(zip(found, wanted, strict=True)):
        near = max(scale[max(0, k - 1) : k + 2])
        assert a == pytest.approx(b, rel=1e-10, abs=1e-11 * near), (k, a, b)


# Programs: as nested derivatives have it.


def loop(x: float) -> float:
    y = x
    for k in range(1, 5):
        y = math.sin(y) + x * y / k
    return y


def branch(x: float) -> float:
    if x > 0.5:
        y = math.exp(x)
    else:
        z = x + 1.0
        y = x * z
    return y * (x if y > 1.0 else 2.0) + abs(x - 3.0) + max(x, x * x)


def until(x: float) -> float:
    y = x
    while y < 40.0:
        y = y * y + x
        if y > 30.0:
            break
    return y


def helper(x: float, n: int) -> float:
    if n == 0:
        return math.exp(-x)
    return x * helper(x * 0.5, n - 1)


def recursion(x: float) -> float:
    return helper(x, 3) + helper(x * x, 1)


def lists(x: float) -> float:
    terms = [x, 2.0]
    for k in range(4):
        terms.append(terms[k] * math.sin(terms[k + 1] + x))
    terms[1] = terms[0] ** 2
    return sum(terms) + math.prod(terms) * max(terms)


def recovers(x: float) -> float:
    total = x
    for k in range(4):
        try:
            total = total * math.sqrt(1.5 - k - x)
        except ValueError:
            total = total + x * x
    return total


PROGRAMS = (loop, branch, until, recursion, lists, recovers)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x0", [0.7, 1.3])
def test_programs(f: Callable[[float], float], x0: float) -> None:
    found = taylor(f, x0, 4).coefficients
    assert found[0] == f(x0)
    nested: Callable[..., Any] = f
    for k in range(1, 5):
        nested = Slope(nested)
        assert math.factorial(k) * found[k] == pytest.approx(nested(x0), rel=1e-9, abs=1e-9)


def test_a_power_that_is_counted_is_right_at_0() -> None:
    def power(x: float, n: int) -> float:
        return math.exp(x) * x**n

    for n in range(5):
        found = Series(power, 0, 6, 1).at((0.0, n), [1.0])
        exact = [0.0] * n + [1 / math.factorial(k) for k in range(7 - n)]
        assert found == pytest.approx(exact, rel=1e-14)
    third = Series(power, 0, 3, 1).at((1.5, -2), [1.0])[3]
    assert 6.0 * third == pytest.approx(Slope(Slope(Slope(power)))(1.5, -2), rel=1e-12)


def test_a_large_order() -> None:
    found = taylor(lambda x: 1.0 / (1.0 - x), 0.0, 40).coefficients
    assert found == [1.0] * 41
    sine = taylor(lambda x: math.sin(x), 0.0, 30).coefficients
    exact = [0.0 if k % 2 == 0 else (-1) ** (k // 2) / math.factorial(k) for k in range(31)]
    assert sine == pytest.approx(exact, rel=1e-14, abs=0.0)


# Polynomials.


def example_5_15(x: float, y: float) -> float:
    return x**2 + 2 * x * y + y**3


def test_example_5_15() -> None:
    p = taylor(example_5_15, (1, 2), 3)
    assert str(p) == "13 + 6(x-1) + 14(y-2) + (x-1)² + 2(x-1)(y-2) + 6(y-2)² + (y-2)³"
    assert p.tensor(1) == [6.0, 14.0]
    assert p.tensor(2) == [[2.0, 2.0], [2.0, 12.0]]
    assert p.tensor(3)[1][1] == [0.0, 6.0]
    assert p(1.5, 2.5) == p((1.5, 2.5)) == example_5_15(1.5, 2.5)
    assert p.remainder_estimate(1.5, 2.5) == 0.0


def test_it_prints_as_mathematics() -> None:
    assert str(taylor(lambda x: math.exp(x), 0.0, 3)).startswith("1 + x + 0.5x² + 0.1666")
    assert str(taylor(lambda x: 1.0 - x**2, 0, 2)) == "1 - x²"
    assert str(taylor(lambda x: -x * x, -1.0, 2)) == "-1 + 2(x+1) - (x+1)²"
    assert str(taylor(lambda x: 0.0 * x, 1.0, 2)) == "0"
    assert taylor(lambda x: x**3, 1.0, 3)._repr_latex_() == (
        "$1 + 3 (x-1) + 3 (x-1)^{2} + (x-1)^{3}$"
    )
    p = taylor(lambda x: x["a_b"][0] ** 2 * x["c"], {"a_b": [1.0], "c": 2.0}, 1)
    assert p._repr_latex_() == r"$2 + 4 (x_{a\_b,0}-1) + (x_{c}-2)$"
    assert "Taylor polynomial of <lambda>" not in repr(taylor(lambda x: x, 0.0, 1))


def test_the_source_stands_alone() -> None:
    names: dict[str, Any] = {}
    p = taylor(loop, 0.7, 5)
    exec(p.source, names)
    assert names["loop_taylor5"](0.75) == p(0.75)
    p = taylor(example_5_15, (1, 2), 3)
    exec(p.source, names)
    assert names["example_5_15_taylor3"](1.5, 2.5) == p(1.5, 2.5)


def test_the_remainder_is_estimated() -> None:
    p = taylor(loop, 0.7, 4)
    error = abs(p(0.75) - loop(0.75))
    assert p.remainder_estimate(0.75) == pytest.approx(error, rel=0.2)


def bowl(v: list[float], scale: float) -> float:
    return math.exp(v[0] * v[1]) * scale + v[2] ** 3 * v[0] + math.sin(v[1] + scale)


def test_mixed_derivatives_are_those_of_nested_modes() -> None:
    at = [0.4, 0.3, 1.2]
    p = taylor(bowl, (at, 0.8), 3)
    hessian = p.tensor(2)
    third = p.tensor(3)

    def flat(a: float, b: float, c: float, s: float) -> float:
        return bowl([a, b, c], s)

    for i, j in triangle(4):
        second = grad(grad(flat, i), j)(*at, 0.8)
        assert hessian[i][j] == hessian[j][i] == pytest.approx(second, rel=1e-10, abs=1e-12)
    for i, j, k in itertools.combinations_with_replacement(range(4), 3):
        exact = grad(grad(grad(flat, i), j), k)(*at, 0.8)
        found = {third[a][b][c] for a, b, c in itertools.permutations((i, j, k))}
        assert len(found) == 1
        assert found.pop() == pytest.approx(exact, rel=1e-9, abs=1e-10)


def test_derivative_of_any_order() -> None:
    assert derivative(lambda x: x**5, 3)(2.0) == 240.0
    assert derivative(lambda x: math.exp(2.0 * x), 6)(0.0) == pytest.approx(64.0, rel=1e-14)
    assert derivative(lambda x: x**3)(2.0) == 12.0
    assert grad(derivative(lambda x: x**3))(2.0) == 12.0
    assert derivative(example_5_15, 2)(1.0, 2.0) == [[2.0, 2.0], [2.0, 12.0]]
    with pytest.raises(ValueError, match="has to be at least 1"):
        derivative(lambda x: x, 0)


def test_what_has_no_polynomial() -> None:
    with pytest.raises(NotDifferentiable, match="returns several numbers"):
        taylor(lambda x: (x, x * x), 1.0, 2)
    with pytest.raises(TypeError, match=r"has to be a tuple: \(x, y\)"):
        taylor(example_5_15, 1.0, 2)
    with pytest.raises(ZeroDivisionError):
        taylor(lambda x: math.sqrt(x), 0.0, 2)
    with pytest.raises(ValueError, match="has no terms of order 4"):
        taylor(loop, 1.0, 3).tensor(4)


def test_order_0_is_the_value() -> None:
    p = taylor(loop, 1.0, 0)
    assert isinstance(p, TaylorPolynomial)
    assert p.coefficients == [loop(1.0)]
