"""The lecture's equations on scalar code, each computed by the compiler.

Those on vectors and matrices are in test_lecture_arrays. Misprints of
the lecture: (29) has ∂a/∂a for ∂a/∂x, (42) ∂f/∂a for ∂f/∂e, and the term k = 3 after (61) is
a triple sum over D³f.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from s2sad import derivative, grad, hessian, jacobian, jvp, linearize, taylor, vjp
from s2sad.jacobians import Slope

X = 0.7
A = X**2
B = math.exp(A)
C = A + B
D = math.sqrt(C)
E = math.cos(C)


def f(x: float) -> float:
    return math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2))


def lines(text: str) -> dict[str, str]:
    """The assignments of an emitted function."""
    found = re.findall(r"^    (\w+) = (.+?)(?: +#.*)?$", text, re.MULTILINE)
    return dict(found)


def test_page_1_the_gradient_of_a_mean() -> None:
    """∇f = [½ ½] for f(λ₁, λ₂) = ½ λ₁ + ½ λ₂."""
    assert grad(lambda p, q: 0.5 * p + 0.5 * q, (0, 1))(1.0, 2.0) == (0.5, 0.5)


# 27-29: dy/dx of y(b(a(x))), associated to the left and to the right.


def chain(x: float) -> float:
    a = x**2
    b = math.sin(a)
    return math.exp(b)


def test_equation_27_the_chain_rule() -> None:
    a = X**2
    b = math.sin(a)
    expected = math.exp(b) * math.cos(a) * (2 * X)
    assert grad(chain)(X) == pytest.approx(expected, rel=1e-15)


def test_equation_28_reverse_mode() -> None:
    """(dy/db db/da) da/dx: adjoints of b and a, then that of x."""
    text = lines(grad(chain, optimize=0).source)
    assert text["b_bar"].startswith("c_bar * math.exp(b)")
    assert text["a_bar"] == "b_bar * math.cos(a)"
    assert "a_bar" in text["x_bar"]


def test_equation_29_forward_mode() -> None:
    """dy/db (db/da da/dx): tangents of a and b, then that of y."""
    text = lines(jvp(chain, optimize=0).source)
    assert "x_dot" in text["a_dot"]
    assert text["b_dot"] == "a_dot * math.cos(a)"
    assert "b_dot" in text["c_dot"]
    assert Slope(chain)(X) == pytest.approx(grad(chain)(X), rel=1e-15)


# 30-50: the function with intermediate variables.


def test_equation_30_value() -> None:
    assert f(X) == D + E
    assert jvp(f)((X,), (1.0,))[0] == D + E


def test_equations_31_to_36_intermediates() -> None:
    for text in (grad(f, optimize=0).source, jvp(f, optimize=0).source):
        found = lines(text)
        assert found["a"] == "x**2"
        assert found["b"] == "math.exp(a)"
        assert found["c"] == "a + b"
        assert found["d"] == "math.sqrt(c)"
        assert found["e"] == "math.cos(c)"
        assert found["f"] == "d + e"


@pytest.mark.parametrize(
    ("number", "g", "at", "expected"),
    [
        (37, lambda x: x**2, X, 2 * X),
        (38, lambda a: math.exp(a), A, math.exp(A)),
        (40, lambda c: math.sqrt(c), C, 0.5 * C**-0.5),
        (41, lambda c: math.cos(c), C, -math.sin(C)),
    ],
    ids=lambda v: str(v) if isinstance(v, int) else "",
)
def test_equations_37_to_41_partials(
    number: int, g: Callable[[float], float], at: float, expected: float
) -> None:
    assert grad(g)(at) == pytest.approx(expected, rel=1e-15)
    assert derivative(g)(at) == pytest.approx(expected, rel=1e-15)


def test_equations_39_and_42_sums() -> None:
    for mode in ("forward", "reverse"):
        assert jacobian(lambda a, b: a + b, (0, 1), mode=mode)(A, B) == (1.0, 1.0)


def test_equations_43_to_46_the_literal_form() -> None:
    found = lines(grad(f, optimize=0).source)
    assert found["c_bar"] == "d_bar * (0.5 * c**-0.5) + e_bar * -math.sin(c)"
    assert found["b_bar"] == "c_bar"
    assert found["a_bar"] == "b_bar * math.exp(a) + c_bar"
    assert found["x_bar"] == "a_bar * (2 * x)"


def test_equations_47_to_50_the_numbers() -> None:
    c_bar = 0.5 * C**-0.5 - math.sin(C)
    a_bar = c_bar * math.exp(A) + c_bar
    expected = a_bar * 2 * X
    assert grad(f)(X) == pytest.approx(expected, rel=1e-14)
    assert Slope(f)(X) == pytest.approx(expected, rel=1e-14)
    assert vjp(f)(X)[1](1.0) == (pytest.approx(expected, rel=1e-14),)


# 51-52: the Hessian.


def surface(x: float, y: float) -> float:
    return math.exp(x * y) + x**3 * y**2


def test_equation_51_mixed_partials_are_equal() -> None:
    x, y = 0.4, 1.3
    expected = (1 + x * y) * math.exp(x * y) + 6 * x**2 * y
    for modes in itertools.product((grad, Slope), repeat=2):
        first: Any
        second: Any
        first, second = modes
        assert second(first(surface, 0), 1)(x, y) == pytest.approx(expected, rel=1e-14)
        assert second(first(surface, 1), 0)(x, y) == pytest.approx(expected, rel=1e-14)


def test_equation_52_the_hessian() -> None:
    (a, b), (c, d) = hessian(surface, (0, 1))(0.4, 1.3)
    assert b == c
    e = math.exp(0.52)
    assert a == pytest.approx(1.3**2 * e + 6 * 0.4 * 1.3**2, rel=1e-14)
    assert d == pytest.approx(0.4**2 * e + 2 * 0.4**3, rel=1e-14)


def test_the_hessian_of_a_vector_field_is_a_tensor() -> None:
    """m × n × n for f: Rⁿ → Rᵐ."""
    found = hessian(lambda x, y: [x * y, x * x, y], (0, 1))(2.0, 3.0)
    assert found == [((0.0, 1.0), (1.0, 0.0)), ((2.0, 0.0), (0.0, 0.0)), ((0.0, 0.0),) * 2]


# Taylor's (12) and (13).


def test_equation_12_the_taylor_polynomial() -> None:
    p = taylor(f, X, 3)
    exact = [derivative(f, k)(X) / math.factorial(k) for k in (1, 2, 3)]
    assert p.coefficients == pytest.approx([f(X), *exact], rel=1e-13)
    x = 0.72
    powers = math.fsum(c * (x - X) ** k for k, c in enumerate(p.coefficients))
    assert p(x) == pytest.approx(powers, rel=1e-15)


def test_equation_13_the_series_converges() -> None:
    errors = [abs(taylor(f, X, n)(0.75) - f(0.75)) for n in (2, 4, 8, 12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-12


def test_the_maclaurin_series() -> None:
    p = taylor(lambda x: math.exp(x), 0.0, 6)
    assert p.coefficients == pytest.approx([1 / math.factorial(k) for k in range(7)])


# 53: linearization.


def test_equation_53_linearization() -> None:
    line = linearize(surface, (0.4, 1.3))
    gradient = grad(surface, (0, 1))(0.4, 1.3)
    assert line.jacobian == pytest.approx(gradient, rel=1e-14)
    x, y = 0.41, 1.28
    expected = surface(0.4, 1.3) + gradient[0] * (x - 0.4) + gradient[1] * (y - 1.3)
    assert line((x, y)) == pytest.approx(expected, rel=1e-14)
    near, far = (
        abs(line(0.41, 1.3) - surface(0.41, 1.3)),
        abs(line(0.6, 1.3) - surface(0.6, 1.3)),
    )
    assert near < far


# 54-61: the multivariate series.


def cubic(v: list[float]) -> float:
    return v[0] ** 3 + 2.0 * v[0] * v[1] * v[2] - v[2] ** 2 + 5.0


V0 = [1.0, -1.0, 2.0]
V = [1.5, -0.5, 2.25]
DELTA = [a - b for a, b in zip(V, V0, strict=True)]


def outer(k: int) -> dict[tuple[int, ...], float]:
    """δᵏ, the k-fold outer product: (58)-(60)."""
    places = itertools.product(range(3), repeat=k)
    return {at: math.prod(DELTA[i] for i in at) for at in places}


def entry(tensor: Any, at: tuple[int, ...]) -> float:
    for i in at:
        tensor = tensor[i]
    return float(tensor)


def test_equations_54_to_56_the_series_of_a_polynomial_is_exact() -> None:
    p = taylor(cubic, V0, 3)
    assert p(V) == pytest.approx(cubic(V), rel=1e-15)
    assert math.fsum(p.term(k, V) for k in range(4)) == pytest.approx(cubic(V), rel=1e-15)


def test_equation_57_the_first_terms() -> None:
    p = taylor(cubic, V0, 2)
    assert p(V) == pytest.approx(math.fsum(p.term(k, V) for k in range(3)), rel=1e-15)
    assert p.remainder_estimate(V) == pytest.approx(abs(cubic(V) - p(V)), rel=1e-12)


@pytest.mark.parametrize("k", [2, 3])
def test_equations_58_to_60_outer_products(k: int) -> None:
    for at, value in outer(k).items():
        assert value == math.prod(DELTA[i] for i in at)
    assert len(outer(k)) == 3**k


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_equation_61_contraction(k: int) -> None:
    """Dᵏf(x0) δᵏ, a k-fold sum."""
    p = taylor(cubic, V0, 3)
    tensor = p.tensor(k)
    total = math.fsum(entry(tensor, at) * value for at, value in outer(k).items())
    assert p.term(k, V) == pytest.approx(total / math.factorial(k), rel=1e-14)


def test_the_terms_k_0_to_3() -> None:
    p = taylor(cubic, V0, 3)
    assert p.tensor(0) == cubic(V0)
    assert p.tensor(1) == grad(cubic)(V0)
    assert p.tensor(2) == hessian(cubic)(V0)
    trace = math.fsum(
        h * d * e
        for row, d in zip(p.tensor(2), DELTA, strict=True)
        for h, e in zip(row, DELTA, strict=True)
    )
    assert 2.0 * p.term(2, V) == pytest.approx(trace, rel=1e-14)
    assert p.tensor(3)[0][1][2] == p.tensor(3)[2][1][0] == 2.0
    assert p.tensor(3)[0][0][0] == 6.0


def test_example_5_15() -> None:
    p = taylor(lambda x, y: x**2 + 2 * x * y + y**3, (1, 2), 3)
    assert str(p) == "13 + 6(x-1) + 14(y-2) + (x-1)² + 2(x-1)(y-2) + 6(y-2)² + (y-2)³"
