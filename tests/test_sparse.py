"""Sparse Jacobians and Hessians: patterns, colours, compressed evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import hessian, jacobian

pytest.importorskip("scipy.sparse")

from s2sad.sparse import column_colours, star_colours

RNG = np.random.default_rng(3)
X = RNG.normal(size=9)
BAND = np.diag(np.ones(8), 1) - 2 * np.eye(9)


def rosenbrock(x: np.ndarray) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def arrow(x: np.ndarray) -> Any:
    return x[0] * np.sum(x**2) + np.sum(np.sin(x))


def branches(u: np.ndarray) -> Any:
    """Which elements are read depends on their values."""
    v = np.zeros(len(u))
    for i in range(1, len(u) - 1):
        v[i] = u[i - 1] * u[i] if u[i] > 0 else np.sin(u[i + 1])
    v[0] = u[0] ** 2
    return v


def chosen(x: np.ndarray) -> Any:
    k = int(np.argmax(x))
    y = np.sin(x)
    y[k] = x[0] ** 2
    return y * x[k]


def stencil(u: np.ndarray) -> Any:
    for _ in range(2):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
    return u


def converged(x: np.ndarray) -> Any:
    y = x.copy()
    while np.sum(y * y) > 0.1:
        y = 0.5 * y * np.cos(y)
    return y


def masked(x: np.ndarray) -> Any:
    return np.where(x > 0, x * x, np.roll(x, 1))


def banded(x: np.ndarray) -> Any:
    return np.tanh(BAND @ x) * x


def reshaped(x: np.ndarray) -> Any:
    m = x.reshape(3, 3)
    return np.concatenate([m[:, 0] * m[:, 1], np.sum(m, axis=1), np.diag(m.T) ** 2])


def ordered(x: np.ndarray) -> Any:
    return np.sort(x) * x


JACOBIANS = (branches, chosen, stencil, converged, masked, banded, reshaped, ordered)


@pytest.mark.parametrize("f", JACOBIANS, ids=lambda f: f.__name__)
def test_a_jacobian_at_other_points(f: Callable[..., Any]) -> None:
    """The pattern is that of all points: what was found at the first holds at the others."""
    made, dense = jacobian(f, sparse=True), jacobian(f, mode="forward")
    for scale in (1.0, -1.0, 0.3, 2.0):
        x = scale * X
        assert np.allclose(made(x.copy()).toarray(), dense(x.copy()), 1e-12, 1e-14)
    assert not made.dense_because


def test_what_is_known_is_used() -> None:
    wanted = {branches: 4, stencil: 5, masked: 3, banded: 3, reshaped: 3, converged: 1}
    for f, passes in wanted.items():
        made = jacobian(f, sparse=True)
        made(X.copy())
        assert made.passes <= passes, f.__name__
    assert jacobian(branches, sparse=True).pattern(X)[[3], [2, 3, 4]].all()


def test_a_banded_hessian_takes_as_many_passes_as_the_band() -> None:
    x = RNG.normal(size=2000)
    made = hessian(rosenbrock, sparse=True)
    found = made(x)
    assert made.passes == 3
    assert found.shape == (2000, 2000)
    assert found.nnz == 3 * 2000 - 2
    assert abs(found - found.T).max() == 0.0
    small = hessian(rosenbrock, sparse=True)(X)
    assert np.array_equal(small.toarray(), hessian(rosenbrock)(X))


def test_an_arrow_takes_two_passes() -> None:
    made = hessian(arrow, sparse=True)
    assert np.allclose(made(X).toarray(), hessian(arrow)(X), 1e-13)
    assert made.passes == 2


def test_what_is_not_known_is_full() -> None:
    def sized(x: np.ndarray) -> Any:
        return np.cumsum(x[x > 0.0] ** 2)

    made = jacobian(sized, sparse=True)
    assert np.allclose(made(X).toarray(), jacobian(sized)(X))
    assert "mask" in made.dense_because


def test_a_global_that_changes_changes_the_pattern() -> None:
    global BAND
    made = jacobian(banded, sparse=True)
    made(X)
    before = BAND
    try:
        BAND = before + np.diag(np.ones(6), 3)
        assert np.allclose(made(X).toarray(), jacobian(banded)(X), 1e-12)
    finally:
        BAND = before


def test_integers_are_part_of_the_pattern() -> None:
    def shifted(x: np.ndarray, k: np.ndarray) -> Any:
        return x[k] * x

    made = jacobian(shifted, sparse=True)
    for k in (np.arange(9), np.arange(9)[::-1].copy(), np.zeros(9, int)):
        assert np.allclose(made(X, k).toarray(), jacobian(shifted)(X, k))


@pytest.mark.parametrize("seed", range(8))
def test_colours(seed: int) -> None:
    """Each entry can be told from the compressed columns."""
    rng = np.random.default_rng(seed)
    pattern = rng.random((12, 12)) < 0.15
    colours = column_colours(pattern)
    for row in pattern:
        there = colours[row]
        assert len(set(there)) == len(there)
    both = pattern | pattern.T | np.eye(12, dtype=bool)
    stars = star_colours(both)
    for i, j in zip(*both.nonzero(), strict=True):
        alone = [np.sum(stars[both[a]] == stars[b]) == 1 for a, b in ((i, j), (j, i))]
        assert any(alone)


def test_it_is_in_one_array() -> None:
    with pytest.raises(TypeError, match="argnums"):
        jacobian(banded, (0, 1), sparse=True)
    with pytest.raises(Exception, match="give an array"):
        jacobian(lambda x: x * X, sparse=True)(2.0)
