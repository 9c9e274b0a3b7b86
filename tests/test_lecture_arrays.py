"""The lecture's equations on vectors and matrices, each computed by the compiler.

Gradients have the shape of their argument and Jacobians are (outputs × inputs), as JAX has
them; the lecture's first page writes a gradient as a row. A misprint: (22) says the squared
loss and lacks the square.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import derivative, grad, hessian, jacobian, linearize, taylor, value_and_grad, vjp
from s2sad.jacobians import Slope

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=3), RNG.normal(size=2)
SIZES = (3, 4, 3, 2)
THETA = [(RNG.normal(size=(m, n)), RNG.normal(size=m)) for n, m in itertools.pairwise(SIZES)]
A1, A2, A3 = (A for A, _ in THETA)


def layer(A: np.ndarray, b: np.ndarray, f: np.ndarray) -> Any:
    return np.tanh(A @ f + b)


def network(theta: Any, x: np.ndarray) -> Any:
    f = x
    for A, b in theta:
        f = np.tanh(A @ f + b)
    return f


def loss(theta: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """The squared loss, (22) with its square."""
    return np.sum((y - network(theta, x)) ** 2)


def features() -> list[np.ndarray]:
    """f_0, …, f_k: (20) and (21)."""
    found = [X]
    for A, b in THETA:
        found.append(layer(A, b, found[-1]))
    return found


def test_page_1_a_gradient_has_the_shape_of_its_argument() -> None:
    """∇f = [½ ½] for f(λ) = ½ λ₁ + ½ λ₂; as the derivative of one output, one row of J."""
    gradient = grad(lambda p: 0.5 * p[0] + 0.5 * p[1])(np.array([1.0, 2.0]))
    assert gradient.tolist() == [0.5, 0.5]
    row = jacobian(lambda p: np.array([0.5 * p[0] + 0.5 * p[1]]))(np.array([1.0, 2.0]))
    assert row.tolist() == [[0.5, 0.5]]


def test_equations_17_and_18_composition() -> None:
    """y = (f_K ∘ … ∘ f_1)(x): its Jacobian is the product of theirs."""
    steps: list[Callable[[Any], Any]] = [
        lambda x: np.tanh(A1 @ x),
        lambda x: np.sin(A2 @ x) * x[0],
        lambda x: np.exp(A3 @ x),
    ]

    def composed(x: np.ndarray) -> Any:
        a = np.tanh(A1 @ x)
        b = np.sin(A2 @ a) * a[0]
        return np.exp(A3 @ b)

    point, product = X, np.eye(3)
    for step in steps:
        product = jacobian(step)(point) @ product
        point = step(point)
    for mode in ("forward", "reverse"):
        assert np.allclose(jacobian(composed, mode=mode)(X), product, 1e-13)


@pytest.mark.parametrize(
    "activation",
    [lambda z: 1.0 / (1.0 + np.exp(-z)), lambda z: np.tanh(z), lambda z: np.maximum(z, 0.0)],
    ids=["sigmoid", "tanh", "relu"],
)
def test_equation_19_a_layer(activation: Callable[[Any], Any]) -> None:
    """f(x) = σ(A x + b): ∂f/∂x = diag(σ') A, ∂f/∂b = diag(σ'), ∂f_i/∂A_jk = σ' δ_ij x_k."""
    A, b = THETA[0]
    slope = jacobian(activation)(A @ X + b)

    def of(A: np.ndarray, b: np.ndarray, x: np.ndarray) -> Any:
        return activation(A @ x + b)

    of_A, of_b, of_x = jacobian(of, (0, 1, 2))(A, b, X)
    assert np.allclose(of_x, slope @ A, 1e-13)
    assert np.allclose(of_b, slope, 1e-13)
    assert np.allclose(of_A, np.einsum("ij,k->ijk", slope, X), 1e-13)


def test_equations_20_to_22_the_loss_of_a_network() -> None:
    found = features()
    assert np.allclose(found[-1], network(THETA, X))
    value, gradient = value_and_grad(loss)(THETA, X, Y)
    assert value == pytest.approx(np.sum((Y - found[-1]) ** 2), rel=1e-14)
    assert [(a.shape, b.shape) for a, b in gradient] == [(a.shape, b.shape) for a, b in THETA]


@pytest.mark.parametrize("i", [2, 1, 0])
def test_equations_23_to_26_the_chain_rule_through_layers(i: int) -> None:
    """∂L/∂θ_i = ∂L/∂f_k ∂f_k/∂f_{k-1} … ∂f_{i+2}/∂f_{i+1} ∂f_{i+1}/∂θ_i"""
    found = features()
    row = jacobian(lambda f: np.sum((Y - f) ** 2))(found[-1])
    for j in range(len(THETA) - 1, i, -1):
        row = row @ jacobian(layer, 2)(*THETA[j], found[j])
    of_A, of_b = jacobian(layer, (0, 1))(*THETA[i], found[i])
    gradient = grad(loss)(THETA, X, Y)[i]
    assert np.allclose(gradient[0], np.tensordot(row, of_A, 1), 1e-12)
    assert np.allclose(gradient[1], row @ of_b, 1e-12)
    # And by pullbacks, one after the other: what is computed for one layer serves the next.
    bar = 2 * (found[-1] - Y)
    for j in range(len(THETA) - 1, i - 1, -1):
        A_bar, b_bar, bar = vjp(layer)(*THETA[j], found[j])[1](bar)
    assert np.allclose(gradient[0], A_bar, 1e-12)
    assert np.allclose(gradient[1], b_bar, 1e-12)


# 51-61.


def surface(v: np.ndarray) -> Any:
    return np.exp(v[0] * v[1]) + v[0] ** 3 * v[1] ** 2


def test_equations_51_and_52_the_hessian_is_symmetric() -> None:
    at = np.array([0.4, 1.3])
    found = hessian(surface)(at)
    assert found[0, 1] == found[1, 0]
    e = math.exp(0.52)
    mixed = (1 + 0.52) * e + 6 * 0.4**2 * 1.3
    exact = [[1.69 * e + 6 * 0.4 * 1.69, mixed], [mixed, 0.16 * e + 2 * 0.4**3]]
    assert np.allclose(found, exact, 1e-14)
    for one, other in itertools.product((grad, Slope), (Slope,)):
        first: Any = one
        assert np.allclose(other(first(surface))(at), exact, 1e-14)


def test_the_hessian_of_a_vector_field_is_a_tensor() -> None:
    """(m × n × n) for f: Rⁿ → Rᵐ."""
    A, b = THETA[0]
    found = hessian(lambda x: np.tanh(A @ x + b))(X)
    assert found.shape == (4, 3, 3)
    y = np.tanh(A @ X + b)
    exact = np.einsum("i,ij,ik->ijk", -2 * y * (1 - y**2), A, A)
    assert np.allclose(found, exact, 1e-12)
    assert np.array_equal(found, found.swapaxes(1, 2))


def test_equation_53_linearization() -> None:
    """f(x) ≈ f(x0) + (∇f)(x0) (x - x0)"""
    line = linearize(surface, np.array([0.4, 1.3]))
    step = np.array([0.01, -0.02])
    expected = line.value + grad(surface)(np.array([0.4, 1.3])) @ step
    assert line(line.x0 + step) == pytest.approx(expected, rel=1e-15)
    errors = [abs(line(line.x0 + h * step) - surface(line.x0 + h * step)) for h in (1, 4, 16)]
    assert errors == sorted(errors)


DELTA = np.array([0.1, -0.2, 0.05])


def smooth(x: np.ndarray) -> Any:
    return np.exp(x @ A1.T @ x[[0, 1, 2, 0]] * 0.1) + np.sum(x**3)


def outer(k: int) -> Any:
    """δᵏ, the k-fold outer product: (58)-(60)."""
    found: Any = np.array(1.0)
    for _ in range(k):
        found = np.multiply.outer(found, DELTA)
    return found


def test_equations_54_to_57_the_polynomial() -> None:
    p = taylor(smooth, X, 4)
    parts = [p.term(k, X + DELTA) for k in range(5)]
    assert p(X + DELTA) == pytest.approx(math.fsum(parts), rel=1e-14)
    error = abs(p(X + DELTA) - smooth(X + DELTA))
    assert error < 2 * p.remainder_estimate(X + DELTA) < 1e-3


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_equations_58_to_61_contraction(k: int) -> None:
    """Dᵏf(x0) δᵏ, where both are tensors of order k."""
    tensor = taylor(smooth, X, 3).tensor(k)
    power = outer(k)
    assert np.shape(tensor) == power.shape == (3,) * k
    total = float(np.sum(tensor * power))
    assert taylor(smooth, X, 3).term(k, X + DELTA) * math.factorial(k) == pytest.approx(
        total, rel=1e-12
    )


def test_the_terms_k_0_to_3() -> None:
    """The term k = 3 is a triple sum over D³f (the lecture prints two sums over D²f)."""
    p = taylor(smooth, X, 3)
    at = X + DELTA
    assert p.term(0, at) == pytest.approx(smooth(X), rel=1e-15)
    assert p.term(1, at) == pytest.approx(grad(smooth)(X) @ DELTA, rel=1e-12)
    H = hessian(smooth)(X)
    assert 2 * p.term(2, at) == pytest.approx(DELTA @ H @ DELTA, rel=1e-11)
    assert 2 * p.term(2, at) == pytest.approx(np.trace(H @ np.outer(DELTA, DELTA)), rel=1e-11)
    third = derivative(smooth, 3)(X)
    triple = math.fsum(
        third[i, j, k] * DELTA[i] * DELTA[j] * DELTA[k]
        for i, j, k in itertools.product(range(3), repeat=3)
    )
    assert 6 * p.term(3, at) == pytest.approx(triple, rel=1e-12)
    assert np.array_equal(third, third.transpose(2, 0, 1))


def test_example_5_15_of_a_vector() -> None:
    p = taylor(lambda v: v[0] ** 2 + 2 * v[0] * v[1] + v[1] ** 3, np.array([1.0, 2.0]), 3)
    assert (
        str(p)
        .replace("x[0]", "x")
        .replace("x[1]", "y")
        .replace("v[0]", "x")
        .replace("v[1]", "y")
        == "13 + 6(x-1) + 14(y-2) + (x-1)² + 2(x-1)(y-2) + 6(y-2)² + (y-2)³"
    )
