"""-O2: values to the bit, gradients to rounding; what is made of loops and branches."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad
from tests.bench.textbook import POINTS
from tests.bench.textbook_loops import cases
from tests.fuzz.__main__ import arrays_at, program_at
from tests.fuzz.levels import check_levels

Function = Callable[..., Any]
X = np.array([0.3, -1.2, 2.0, 0.7, -0.1])


def chain(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def branches(x: Any, k: float) -> Any:
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0:
            total += k * x[i] ** 2
        else:
            total -= x[i]
    return total


def nested(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        for j in range(i, len(x)):
            total += x[i] * x[j] ** 2
    return total * 3


def elements(x: Any) -> Any:
    total = 0.0
    for value in x:
        total += value**3
    return total


def of_a_list(xs: list[float], w: float) -> float:
    total = 0.0
    for k, x in enumerate(xs):
        total += w * x**3 / (k + 1)
    return total


def pairs(xs: list[float], ys: list[float]) -> float:
    """The shorter list ends the loop."""
    total = 0.0
    for x, y in zip(xs, ys, strict=False):
        total += math.sin(x) * y
    return total


FUSED: list[tuple[Function, tuple[Any, ...]]] = [
    (chain, (X,)),
    (branches, (X, 2.0)),
    (nested, (X,)),
    (elements, (X,)),
    (of_a_list, ([0.3, -1.2, 2.0], 1.5)),
    (chain, (np.array([1e200, 2.0]),)),
    (chain, (np.array([]),)),
    (of_a_list, ([], 1.5)),
]


def product(x: Any) -> Any:
    """Each pass takes the result of the one before."""
    total = 1.0
    for i in range(len(x)):
        total *= x[i]
    return total


def norm(x: Any) -> Any:
    """The adjoint of the sum is known after the loop."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 2
    return np.sqrt(total)


def early(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        if x[i] < -1.0:
            break
        total += x[i] ** 2
    return total


def twice(x: Any) -> Any:
    """The second loop needs the first's result, the adjoint of the first the second's."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 2
    other = 0.0
    for i in range(len(x)):
        other += total * x[i]
    return other


def in_place(x: Any) -> Any:
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1]
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 2
    return total


def overwritten(x: Any) -> Any:
    """What the first loop reads is another array afterwards."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 3
    for i in range(len(x)):
        x[i] = 2.0 * x[i]
    return total + x[0] * x[1]


def raising(x: float, y: float) -> float:
    """y / x is not computed ahead of the logarithm."""
    a = y / x
    b = math.log(y)
    return a * b + b * a**2


CROSSED: list[tuple[Function, tuple[Any, ...]]] = [
    (product, (X,)),
    (norm, (X,)),
    (early, (X,)),
    (twice, (X,)),
    (in_place, (X,)),
    (overwritten, (X,)),
    (pairs, ([0.3, -1.2], [2.0, 0.7])),
    (pairs, ([0.3, -1.2, 4.0], [2.0, 0.7])),
    (raising, (1.5, 2.0)),
    (raising, (0.0, -1.0)),
    (raising, (1.0, -1.0)),
]


def outcome(
    function: Function, args: tuple[Any, ...], level: int, wrt: tuple[int, ...] = ()
) -> Any:
    every = wrt or tuple(range(len(args)))
    args = tuple(arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args)
    try:
        with np.errstate(all="ignore"):
            return value_and_grad(function, every, optimize=level)(*args)
    except Exception as error:
        return type(error), str(error)


def same(function: Function, args: tuple[Any, ...]) -> None:
    usual, fast = (outcome(function, args, level) for level in (1, 2))
    if isinstance(usual[0], type):
        assert fast == usual
        return
    np.testing.assert_array_equal(fast[0], usual[0])
    for one, other in zip(usual[1], fast[1], strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-12)


@pytest.mark.parametrize(("function", "args"), FUSED)
def test_one_loop(function: Function, args: tuple[Any, ...]) -> None:
    same(function, args)
    text = value_and_grad(function, optimize=2).source_for(*args)
    assert "reversed" not in text
    assert "append" not in text or function is of_a_list


@pytest.mark.parametrize(("function", "args"), CROSSED)
def test_two_loops(function: Function, args: tuple[Any, ...]) -> None:
    same(function, args)


def test_one_branch() -> None:
    text = value_and_grad(branches, optimize=2).source_for(X, 2.0)
    assert text.count("if b > 0.0") == 1


@pytest.mark.parametrize("function", POINTS)
def test_textbook(function: Function) -> None:
    at = np.array(POINTS[function])
    usual, fast = (value_and_grad(function, optimize=level) for level in (1, 2))
    assert "tolist()" in fast.source_for(at)
    wanted, got = usual(at), fast(at)
    assert got[0] == pytest.approx(function(at), rel=1e-14)
    assert type(got[0]) is type(wanted[0])
    np.testing.assert_allclose(got[1], wanted[1], rtol=1e-11, atol=1e-13)
    for direction in np.eye(len(at)):
        h = 1e-5 * direction
        slope = (function(at + h) - function(at - h)) / 2e-5
        assert got[1] @ direction == pytest.approx(slope, rel=1e-5, abs=1e-5)
    for edge in (0.0, np.nan, np.inf, 1e200):
        there = at.copy()
        there[0] = edge
        with np.errstate(all="ignore"):
            wanted, got = usual(there), fast(there)
        np.testing.assert_allclose(got[0], wanted[0], rtol=1e-12)
        np.testing.assert_allclose(got[1], wanted[1], rtol=1e-9)


LOOPS = cases(small=True)


@pytest.mark.parametrize("function", LOOPS)
def test_textbook_loops(function: Function) -> None:
    args, wrt = LOOPS[function]
    usual, fast = (value_and_grad(function, wrt, optimize=level) for level in (1, 2))
    assert "tolist()" in fast.source_for(*args)
    before = [np.copy(arg) for arg in args]
    wanted, got = usual(*args), fast(*args)
    copies = (np.copy(arg) if np.ndim(arg) else arg for arg in args)
    assert got[0] == pytest.approx(function(*copies), rel=1e-14)
    for one, other in zip(wanted[1], got[1], strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-10, atol=1e-13)
        assert np.shape(other) == np.shape(one)
    for arg, old in zip(args, before, strict=True):
        np.testing.assert_array_equal(arg, old)


@pytest.mark.parametrize("function", LOOPS)
@pytest.mark.parametrize("edge", [0.0, np.nan, np.inf])
def test_loops_where_floats_raise(function: Function, edge: float) -> None:
    args, wrt = LOOPS[function]
    made = {level: value_and_grad(function, wrt, optimize=level) for level in (1, 2)}
    for k in wrt:
        if np.ndim(args[k]):
            changed = [np.copy(arg) if np.ndim(arg) else arg for arg in args]
            changed[k][(0,) * np.ndim(args[k])] = edge
            with np.errstate(all="ignore"):
                usual, fast = (made[level](*changed) for level in (1, 2))
            for one, other in zip(usual[1], fast[1], strict=True):
                np.testing.assert_allclose(other, one, rtol=1e-10, atol=1e-13)


def swept(a: Any, d: Any) -> Any:
    n = len(d)
    x = np.zeros(n)
    x[0] = d[0]
    for i in range(1, n):
        x[i] = d[i] - a[i] * x[i - 1]
    y = np.sin(x) * d
    for i in range(n - 1):
        y[i] += y[i + 1] / a[i]
    return np.sum(x * y) + y @ a


@pytest.mark.parametrize("edge", [1.5, 0.0, np.inf])
def test_arrays_as_a_whole_between_loops(edge: float) -> None:
    args = (np.array([0.3, edge, 1.2]), np.array([0.7, -0.4, 2.0]))
    text = value_and_grad(swept, (0, 1), optimize=2).source_for(*args)
    assert "np.array(x)" in text
    assert "tolist" in text
    same(swept, args)


def test_no_rows() -> None:
    """The columns of a matrix without rows."""
    function = next(f for f in LOOPS if f.__name__ == "matrix_vector")
    for shape in ((0, 3), (3, 0), (0, 0)):
        args = (np.zeros(shape), np.zeros(shape[1]))
        usual, fast = (value_and_grad(function, (0, 1), optimize=k)(*args) for k in (1, 2))
        assert [g.shape for g in fast[1]] == [g.shape for g in usual[1]] == [shape, shape[1:]]


@pytest.mark.parametrize("index", range(6))
def test_levels(index: int) -> None:
    for program in (program_at(77, index), arrays_at(78, index)):
        verdict = check_levels(program)
        assert not verdict.failed, verdict
