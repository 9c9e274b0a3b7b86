"""Rules of the user's own for functions of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad import NotDifferentiable, grad, hessian, jvp, value_and_grad
from s2sad.rules import BOUND
from s2sad.testing import check_grads

RNG = np.random.default_rng(3)


@s2sad.rule(a="y_bar @ b.T", b="a.T @ y_bar", result="float[:, :]")
def product(a: Any, b: Any) -> Any:
    return a.dot(b)


def _pulled_back(x: Any, n: Any, y: Any, y_bar: Any) -> Any:
    return y_bar * n * x ** (n - 1)


@s2sad.rule(x=_pulled_back, result="x")
def power(x: Any, n: Any) -> Any:
    return np.array([v**n for v in x])


@s2sad.rule(x="2.0 * y_bar * x", x_dot="np.sum(2.0 * x * x_dot)")
def energy(x: Any) -> float:
    return float(sum(v * v for v in x))


@s2sad.rule(x="y_bar * np.cos(x)", x_dot="x_dot * np.cos(x)", result="x")
def sine(x: Any) -> Any:
    return np.array([np.sin(v) for v in x])


def test_adjoints_of_matrices() -> None:
    def f(a: Any, b: Any) -> Any:
        return np.sum(product(a, b) ** 2 * np.arange(6.0).reshape(3, 2))

    check_grads(f, (RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))), modes="rev")


def test_a_function_that_pulls_back_in_a_loop() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for n in range(1, 4):
            total += np.sum(power(x * n, n) * x)
        return total

    check_grads(f, (RNG.normal(size=3),), order=1, modes="rev")


def test_a_number_of_an_array_in_both_modes() -> None:
    def f(x: Any) -> Any:
        total = 0.0
        for k in range(3):
            total += energy(sine(x) * k) ** 2
        return total

    check_grads(f, (RNG.normal(size=3),))
    x, v = RNG.normal(size=3), RNG.normal(size=3)
    assert jvp(f)((x,), (v,))[1] == pytest.approx(grad(f)(x) @ v)


def test_it_is_called_once_and_with_what_the_primal_gives() -> None:
    calls = []

    def told(x: Any) -> Any:
        calls.append(x.copy())
        return x * 2.0

    s2sad.rule(x="2.0 * y_bar", result="x")(told)

    def f(x: Any) -> Any:
        y = told(x + 1.0)
        return np.sum(y * y)

    assert grad(f)(np.zeros(2)) == pytest.approx([8.0, 8.0])
    assert len(calls) == 1
    assert calls[0] == pytest.approx([1.0, 1.0])


def test_what_has_no_derivative_of_its_own_is_refused() -> None:
    """Not taken for a constant: its second derivative would be 0 without a word."""
    with pytest.raises(NotDifferentiable, match="_pulled_back"):
        grad(lambda x: np.sum(grad_of_power(x)))(np.ones(2))
    with pytest.raises(NotDifferentiable, match="power"):
        hessian(lambda x: np.sum(power(x, 3)))(np.ones(2))
    with pytest.raises(NotDifferentiable, match="slope"):
        grad(grad(lambda x: bent(x) * x))(0.7)


def grad_of_power(x: Any) -> Any:
    return _pulled_back(x, 3, x, x)


def slope(x: float) -> float:
    return 3.0 * x * x


@s2sad.rule(slope)
def bent(x: float) -> float:
    return x * x * x


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda x: np.ones(3), "x"),
        (lambda x: np.ones((2, 1)), "x"),
        (lambda x: np.ones(2, "float32"), "x"),
        (lambda x: 1.0, "x"),
        (lambda x: np.ones(2), None),
    ],
)
def test_another_type_than_the_rule_says_raises(made: Any, says: str | None) -> None:
    s2sad.rule(x="y_bar * x", result=says)(made)
    with pytest.raises(TypeError, match="as its rule says"):
        value_and_grad(lambda x: np.sum(made(x)))(np.ones(2))


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"q": "y_bar"}, "no parameter q"),
        ({"x": "y_bar * z"}, "knows no z"),
        ({"x": "os.system(y_bar)"}, "calls os.system"),
        ({"x": "y_bar *"}, "no expression"),
        ({"x": "[v for v in x]"}, "cannot say"),
        ({"x": 3.0}, "not 3.0"),
        ({"x_dot": "x_dot"}, "no adjoint"),
        ({"x": "y_bar", "result": "floats"}, "neither a parameter nor a type"),
    ],
)
def test_a_rule_that_is_none_registers_nothing(rules: dict[str, Any], says: str) -> None:
    def f(x: Any) -> Any:
        return x

    before = dict(BOUND)
    with pytest.raises(ValueError, match=says):
        s2sad.rule(**rules)(f)
    assert before == BOUND


def test_a_rule_that_is_registered_anew_is_the_one_that_counts() -> None:
    def changed(x: Any) -> Any:
        return x * x

    s2sad.rule(x="2.0 * y_bar * x", result="x")(changed)
    derived = grad(lambda x: np.sum(changed(x)))
    assert derived(np.ones(2)).tolist() == [2.0, 2.0]
    s2sad.rule(x="5.0 * y_bar * x", result="x")(changed)
    assert derived(np.ones(2)).tolist() == [5.0, 5.0]

    def number(x: float) -> float:
        return x * x

    s2sad.rule("2.0 * x")(number)
    slope = grad(lambda x: number(x))
    assert slope(1.0) == 2.0
    s2sad.rule("7.0 * x")(number)
    assert slope(1.0) == 7.0
