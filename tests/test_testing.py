"""`check_grads` passes what is right, and says where what is wrong is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.testing import GradientMismatch, check_grads


@dataclass
class Layer:
    w: np.ndarray
    b: float


def recurrence(layer: Layer, x: np.ndarray) -> Any:
    y = x.copy()
    for i in range(1, len(x)):
        y[i] += y[i - 1] * layer.w[i]
    return np.sum(y) * layer.b


def several(x: float, w: dict[str, Any]) -> list[float]:
    return [x * w["a"], x * x * w["b"][0]]


def counted(p: dict[str, float], x: list[float], n: int) -> float:
    return math.sin(p["a"]) * x[0] ** n + x[1]


def product(x: np.ndarray, A: np.ndarray) -> Any:
    return A @ x, np.sum(x)


def of_complex(z: np.ndarray, x: np.ndarray) -> Any:
    return np.sum(np.abs(z) ** 2 * x) + np.sum(np.real(z * z))


def squares(x: np.ndarray) -> Any:
    return np.sum(x**2)


R = np.random.default_rng(3)
RIGHT: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "dataclass": (recurrence, (Layer(R.normal(size=4), 2.0), R.normal(size=4))),
    "dict": (several, (2.0, {"a": 3.0, "b": [4.0]})),
    "int": (counted, ({"a": 0.3}, [1.2, 2.0], 3)),
    "matrix": (product, (R.normal(size=3), R.normal(size=(2, 3)))),
    "complex": (of_complex, (R.normal(size=3) + 1j * R.normal(size=3), R.normal(size=3))),
    "float32": (squares, (R.normal(size=3).astype(np.float32),)),
    "large": (squares, (R.normal(size=500),)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str) -> None:
    f, args = RIGHT[name]
    before = repr(args)
    check_grads(f, args)
    assert repr(args) == before


def test_to_the_third_order() -> None:
    check_grads(counted, ({"a": 0.3}, [1.2, 2.0], 3), order=3)


@s2sad.rule("x * math.cos(x)")
def bump(x: float) -> float:
    return math.sin(x)


def with_bump(p: dict[str, list[float]], c: float) -> float:
    return p["w"][0] * c + bump(p["w"][1]) + c * c


def two_results(p: list[float]) -> tuple[float, float]:
    return p[0], bump(p[0]) * p[1]


@pytest.mark.parametrize("mode", ["rev", "fwd"])
def test_a_wrong_rule_is_caught_and_located(mode: str) -> None:
    args = ({"w": [0.5, 2.0]}, 3.0)
    with pytest.raises(GradientMismatch) as caught:
        check_grads(with_bump, args, modes=mode)
    head, where = str(caught.value).splitlines()
    what = "reverse mode" if mode == "rev" else "forward mode"
    assert head == f"with_bump, order 1, {what}: 1 of 3 elements are off"
    assert where.startswith("  p['w'][1]: -0.8322936731, by differences -0.41614683")


def test_the_result_that_is_off_is_told() -> None:
    with pytest.raises(GradientMismatch, match=r"d result\[1\] / d p\[0\]: "):
        check_grads(two_results, ([2.0, 3.0],), modes="fwd")


def test_a_wrong_second_derivative_is_caught() -> None:
    @s2sad.rule("7.0 * x")
    def slope(x: float) -> float:
        return 3.0 * x**2

    @s2sad.rule(slope)
    def cubed(x: float) -> float:
        return x**3

    def f(x: float, w: float) -> float:
        return cubed(x) * w

    check_grads(f, (2.0, 3.0), order=1)
    with pytest.raises(GradientMismatch, match="order 2, reverse mode over reverse mode"):
        check_grads(f, (2.0, 3.0))


def test_arguments_that_it_does_not_take() -> None:
    with pytest.raises(ValueError, match="no argument holds a float"):
        check_grads(squares, (3,))
    with pytest.raises(ValueError, match="a mode is"):
        check_grads(squares, (np.ones(2),), modes="backward")
    with pytest.raises(ValueError, match="order is 1"):
        check_grads(squares, (np.ones(2),), order=0)


def test_an_int_that_is_named_is_a_float() -> None:
    check_grads(lambda x, w: x * w, (3, 2.0), argnums=(0, 1))
