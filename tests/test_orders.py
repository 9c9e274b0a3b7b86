"""Forty closed forms: derivatives of the orders 1 to 8, and series to order 15, as SymPy's."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest
import sympy

from s2sad import derivative, taylor
from s2sad.expansion import Series

Function = Callable[[Any], Any]
X = sympy.Symbol("x")

# Each with the point of its derivatives.
FORMS: tuple[tuple[Function, float], ...] = (
    (lambda x: x**3 - 2.0 * x**2 + 5.0 * x - 1.0, 0.7),
    (lambda x: 1.0 / (1.0 + x * x), 0.4),
    (lambda x: (x - 1.0) / (x + 2.0), 0.3),
    (lambda x: x**9 / (1.0 + x) ** 4, 0.8),
    (lambda x: math.exp(-(x**2)), 0.6),
    (lambda x: math.exp(math.sin(x)), 0.5),
    (lambda x: x * math.exp(2.0 * x), 0.2),
    (lambda x: math.exp(x) / (1.0 + math.exp(x)), 0.9),
    (lambda x: math.exp(-1.0 / x), 1.3),
    (lambda x: math.log(1.0 + x**2), 0.5),
    (lambda x: math.log(math.cos(x)), 0.4),
    (lambda x: x**2 * math.log(x), 1.6),
    (lambda x: math.log(math.log(x)), 2.4),
    (lambda x: math.log(1.0 + math.exp(x)), 0.3),
    (lambda x: math.sin(x**2), 0.8),
    (lambda x: math.sin(x) * math.cos(2.0 * x), 0.4),
    (lambda x: math.sin(x) ** 3, 0.9),
    (lambda x: math.tan(x / 2.0), 0.6),
    (lambda x: math.sin(x) / x, 1.1),
    (lambda x: math.cos(math.sin(x)), 0.7),
    (lambda x: math.exp(-x) * math.cos(3.0 * x), 0.5),
    (lambda x: math.asin(x / 2.0), 0.6),
    (lambda x: math.acos(x**2), 0.4),
    (lambda x: math.atan(x), 0.7),
    (lambda x: x * math.atan(1.0 / x), 1.4),
    (lambda x: math.sinh(x) * math.cosh(x), 0.4),
    (lambda x: math.tanh(x), 0.6),
    (lambda x: 1.0 / math.cosh(x), 0.5),
    (lambda x: math.asinh(x), 0.9),
    (lambda x: math.acosh(1.0 + x), 0.8),
    (lambda x: math.atanh(x / 3.0), 0.7),
    (lambda x: math.sqrt(1.0 + x), 0.5),
    (lambda x: math.sqrt(1.0 + math.sin(x) ** 2), 0.6),
    (lambda x: 1.0 / math.sqrt(1.0 - x**2), 0.3),
    (lambda x: x**2.5, 1.2),
    (lambda x: x**x, 1.3),
    (lambda x: 2.0**x / x, 1.5),
    (lambda x: math.erf(x), 0.5),
    (lambda x: x * math.erfc(x) - math.exp(-(x**2)), 0.4),
    (lambda x: math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2)), 0.3),
)
# Around 0, where they are analytic.
AROUND_0 = (0, 1, 4, 6, 9, 14, 20, 23, 26, 31)


def symbolic(f: Function) -> Any:
    made: Any = f
    return FunctionType(made.__code__, {**made.__globals__, "math": sympy})(X)


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_orders_1_to_8(number: int) -> None:
    f, at = FORMS[number]
    found = Series(f, 0, 8, 1).at((at,), (1.0,))
    expression = sympy.nsimplify(symbolic(f), rational=True)
    point = sympy.Rational(str(at))
    for n in range(1, 9):
        expression = sympy.diff(expression, X)
        exact = float(expression.evalf(30, subs={X: point}))
        assert math.factorial(n) * found[n] == pytest.approx(exact, rel=1e-10, abs=1e-12), n
    if number % 4 == 0:
        assert derivative(f, 5)(at) == pytest.approx(120.0 * found[5], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("number", AROUND_0)
def test_series_to_order_15(number: int) -> None:
    f, _ = FORMS[number]
    expression = sympy.nsimplify(symbolic(f), rational=True)
    # Its n is exclusive.
    exact = sympy.Poly(sympy.series(expression, X, 0, 16).removeO(), X)
    found = taylor(f, 0.0, 15).coefficients
    for k in range(16):
        wanted = float(exact.coeff_monomial(X**k))
        assert found[k] == pytest.approx(wanted, rel=1e-10, abs=1e-14), k
