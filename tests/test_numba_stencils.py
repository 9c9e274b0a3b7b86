"""Numba: parts of arrays that overlap, rows, and sizes that are not known to be equal."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad

Array = np.ndarray
Function = Callable[..., Any]
numba = pytest.importorskip("numba")
rng = np.random.default_rng(3)


def wave(x: Array, steps: int) -> Any:
    A = x.copy()
    B = 0.5 * x
    t = 0.0
    for s in range(steps):
        m = np.sin(A[1:-2]) * B[3:]
        B[:-3] += m
        B[2:-1] += m
        if s != 1:
            A[1:-2] = m
            A[3:] += m
        m[:1] = 2.0
        t += np.sum(m)
    return t + np.sum(A * B)


def plane(x: Array, steps: int) -> Any:
    A = x.copy()
    for s in range(steps):
        A[1:-1, 1:-1] = 0.2 * (A[2:, 1:-1] + A[:-2, 1:-1] + A[1:-1, 2:] * A[1:-1, :-2])
        A[s % 2, 2:] -= 0.1 * A[0, :-2]
        for k in range(2):
            A[k, :] += A[k + 1, :] * A[-1, :]
    return np.sum(A**2)


def widths(x: Array, n: int, m: int) -> Any:
    y = x.copy()
    y[:n] += x[1 : m + 1] * x[0]
    return np.dot(y[::-1], x) + np.sum(np.pad(y, (n, m)) ** 2)


@pytest.fixture(scope="module", params=[wave, plane, widths])
def compiled(request: pytest.FixtureRequest) -> tuple[Function, Function]:
    f: Function = request.param
    return value_and_grad(f), value_and_grad(f, jit="numba")


def points(name: str) -> list[tuple[Any, ...]]:
    match name:
        case "wave":
            return [(rng.normal(size=n), k) for n in (0, 2, 3, 4, 5, 9) for k in (0, 1, 3)]
        case "plane":
            return [(rng.normal(size=n), 3) for n in ((3, 2), (3, 6), (5, 3))]
        case _:
            # 1 is broadcast; 2 to 4 is an error.
            return [(rng.normal(size=7), n, m) for n, m in ((4, 4), (1, 1), (4, 1), (4, 2))]


def outcome(function: Function, args: tuple[Any, ...]) -> Any:
    try:
        return function(*args)
    except (IndexError, ValueError) as error:
        return type(error)


def test_as_in_plain_python(compiled: tuple[Function, Function]) -> None:
    plain, fast = compiled
    for args in points(plain.__name__):
        given = args[0].copy()
        expected, found = outcome(plain, args), outcome(fast, args)
        np.testing.assert_array_equal(args[0], given)
        if isinstance(expected, type):
            assert found is expected
        else:
            np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
            np.testing.assert_allclose(found[1], expected[1], rtol=1e-10, atol=1e-12)


def test_stencils_are_gathered() -> None:
    text = value_and_grad(wave, jit="numba").source_for(rng.normal(size=5), 2)
    assert "B[i] = B[i] + padded[i + 2] + padded[i]" in text
