"""-O2: functions that read arrays element by element run on Python's floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad

Function = Callable[..., Any]


def rosenbrock(x: Any) -> Any:
    total = 0.0
    for i in range(x.shape[0] - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def ackley(x: Any) -> Any:
    a = 0.5 * (x[0] ** 2 + x[1] ** 2)
    b = 0.5 * (np.cos(2 * np.pi * x[0]) + np.cos(2 * np.pi * x[1]))
    return np.e + 20.0 - 20.0 * np.exp(-0.2 * np.sqrt(a)) - np.exp(b)


def domains(x: Any) -> Any:
    return np.log(x[0]) + 1.0 / x[1] + np.sqrt(x[0]) + np.exp(x[1]) + x[0] ** 3


def sweep(A: Any, k: Any) -> Any:
    n = A.shape[0]
    B = np.zeros(n)
    for _ in range(3):
        for i in range(1, n - 1):
            B[i] = k * (A[i - 1] + A[i] + A[i + 1])
        for i in range(1, n - 1):
            A[i] = B[i]
    return A[0] * A[1] + A[-1]


def apart(A: Any, B: Any) -> Any:
    A[0] = A[0] * B[1]
    return A[0] * A[1]


POINTS: list[tuple[Function, tuple[Any, ...]]] = [
    (rosenbrock, (np.linspace(0.3, 1.2, 6),)),
    (rosenbrock, (np.array([2, 3, 4]),)),
    (rosenbrock, (np.array([1e200, 1.0]),)),
    (rosenbrock, (np.array([]),)),
    (ackley, (np.array([0.3, 0.4]),)),
    (ackley, (np.array([0.0, 0.0]),)),
    *(
        (domains, (np.array([x, y]),))
        for x in (2.0, 0.0, -2.0, np.inf, np.nan, 1e200)
        for y in (0.5, 0.0, -0.0, 800.0, np.nan)
    ),
    (ackley, (np.array([0.3, 0.4, 0.5])[::2],)),
    (sweep, (np.linspace(0.3, 1.2, 7), 0.3)),
    (sweep, (np.linspace(0.3, 1.2, 7), 3)),
    (sweep, (np.array([1, 2, 3]), 0.3)),
    (sweep, (np.zeros((2, 2)), 0.3)),
    (apart, (np.array([1.0, 2.0]), np.array([3.0, 4.0]))),
    (apart, (np.array([1.0, 2.0]), np.array([]))),
]


def outcome(function: Function, args: tuple[Any, ...]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return function(*args)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("k", range(len(POINTS)))
def test_as_without(k: int) -> None:
    function, args = POINTS[k]
    before = [np.copy(arg) for arg in args]
    wanted = outcome(value_and_grad(function), args)
    got = outcome(value_and_grad(function, optimize=2), args)
    if isinstance(wanted[0], type):
        assert got == wanted
        return
    assert isinstance(got[0], float)
    assert float(got[0]) == pytest.approx(float(wanted[0]), rel=1e-14, nan_ok=True)
    assert got[1].dtype == wanted[1].dtype
    np.testing.assert_allclose(got[1], wanted[1], rtol=1e-12)
    assert not any(np.shares_memory(got[1], arg) for arg in args)
    for arg, old in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, old)


def test_memory_that_is_shared_is_told() -> None:
    A = np.array([1.0, 2.0])
    with pytest.raises(ValueError, match="share memory"):
        value_and_grad(apart, optimize=2)(A, A)


def test_what_it_looks_like() -> None:
    text = value_and_grad(ackley, optimize=2).source_for(np.array([0.3, 0.4]))
    assert "def _ackley_grad(x, cos, exp, sin, sqrt):" in text
    assert "_ackley_grad(x.tolist(), math.cos, math.exp, math.sin, math.sqrt)" in text
    assert "_ackley_grad(x, np.cos, np.exp, np.sin, np.sqrt)" in text


def shadowed(x: Any) -> Any:
    return x[0] * math.exp(x[1]) + np.exp(x[0])


def truths(x: Any) -> Any:
    return x[2] * ((x[0] > 0.0) + (x[1] > 0.0))


def remainders(x: Any) -> Any:
    return x[0] % x[1]


def whole(x: Any) -> Any:
    return x[0] * np.sum(x)


@pytest.mark.parametrize("function", [shadowed, truths, remainders, whole])
def test_what_stays_with_arrays(function: Function) -> None:
    made = value_and_grad(function, optimize=2)
    assert "tolist" not in made.source_for(np.ones(3))


def largest(x: Any) -> Any:
    return max(x[0], x[1], x[2])


@pytest.mark.parametrize("level", [0, 1, 2])
def test_ties_of_elements_are_shared(level: int) -> None:
    """NumPy's True + True is True."""
    _, slopes = value_and_grad(largest, optimize=level)(np.ones(3))
    assert slopes == pytest.approx([1 / 3] * 3)
    assert math.isclose(sum(slopes), 1.0)


def of_math(x: Any, k: float) -> Any:
    return math.exp(x[0]) * math.sin(x[1]) + k * k


def of_elements(x: Any, k: float) -> Any:
    total = 0.0
    for i in range(len(x)):
        total += x[i] * k
    return total


def of_both(x: Any, k: float) -> Any:
    return float(x[0]) * k + math.sin(k)


@pytest.mark.parametrize("function", [of_math, of_elements, of_both])
def test_numbers_are_of_the_types_that_they_have_on_arrays(function: Any) -> None:
    (value, slopes), (same, fast) = (
        value_and_grad(function, (0, 1), optimize=level)(np.array([0.3, 0.5]), 2.0)
        for level in (1, 2)
    )
    assert [type(leaf) for leaf in (value, *slopes)] == [type(leaf) for leaf in (same, *fast)]
