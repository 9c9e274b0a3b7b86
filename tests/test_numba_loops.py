"""Statements on arrays as loops under Numba: what is shared, broadcast or read too late."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad

pytest.importorskip("numba")


def shifted(x: Any, c: float) -> Any:
    """Reads of what is written, at once and shifted; reads that are to come before writes."""
    y = x.copy()
    late = 2.0 * y
    y[1:] = y[:-1] * c + y[1:]
    y[:-1] += np.sin(y[1:]) * y[:-1]
    kept = y[1:-1] * late[1:-1]
    y[1:-1] = 0.25 * (y[:-2] + y[2:]) / (1.0 + y[1:-1] ** 2)
    return np.sum(y**2) + np.sum(kept * y[1:-1]) + np.sum(late)


def triangle(U: Any, b: Any) -> Any:
    """Parts whose sizes change from pass to pass, of a loop that runs backwards."""
    n = len(b)
    for j in reversed(range(n)):
        b[j] /= U[j, j]
        b[:j] -= U[:j, j] * b[j] * (j + 1.0)
    return np.dot(b, b)


def stretched(x: Any, y: Any) -> Any:
    """A part of unknown size is stretched, or it is not."""
    z = np.zeros(3)
    for k in range(1, 4):
        z[:k] += np.exp(x[:1]) * y[:k]
        z[:] = z + y[-1:] * k
    return np.sum(z * z)


def infinite(x: Any) -> Any:
    """1 / 0 of arrays is inf, and no error."""
    y = 1.0 / x
    return np.sum(np.exp(-y * y) * x)


CASES = [
    (shifted, (np.linspace(0.3, 1.1, 5), 0.7)),
    (triangle, (np.arange(16.0).reshape(4, 4) / 9.0 + 3.0 * np.eye(4), np.arange(1.0, 5.0))),
    (stretched, (np.array([0.2, 0.4]), np.array([1.0, 0.5, -0.3]))),
    (infinite, (np.array([0.0, 0.1, 2.0, -3.0]),)),
]


@pytest.mark.parametrize(("function", "given"), CASES, ids=[f.__name__ for f, _ in CASES])
def test_the_gradient(function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    argnums = tuple(range(len(given)))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value, wanted = value_and_grad(function, argnums)(*given)
        compiled = value_and_grad(function, argnums, jit="numba")
        found, got = compiled(*given)
    assert found == pytest.approx(value, rel=1e-12, nan_ok=True)
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_allclose(one, other, 1e-12, 1e-12)
    text = compiled.source_for(*given)
    assert "for i in range(" in text
