"""-O2 puts the sums and products of a reverse sweep in the form that costs least."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad
from s2sad.testing import check_grads

Array = np.ndarray
rng = np.random.default_rng(6)


def mixed(w: Array, L: Array, m: Array) -> Any:
    centred = w - m
    whitened = np.einsum("kij,nkj->nki", L, centred) + m * centred
    return np.sum(np.tanh(whitened) ** 2)


def plain(a: Array, b: Array) -> Any:
    c = np.einsum("ij,jk->ik", np.sin(a), b)
    return np.sum(np.einsum("ik,ij->kj", c, a) ** 2)


def rows(x: Array, w: Array) -> Any:
    total = 0.0
    for k in range(x.shape[0]):
        y = x * w - x[k]
        total += np.sum(np.exp(-(y**2)))
        x = x + 0.1 * y
    return total


def in_place(x: Array, w: Array) -> Any:
    y = x * w
    z = y * w
    y[0] += w
    z[1:] -= y[1:] * w
    return np.sum(np.sin(z) * y)


ARGS: dict[Callable[..., Any], tuple[Array, ...]] = {
    mixed: (rng.normal(size=(7, 2, 3)), rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 3))),
    plain: (rng.normal(size=(4, 3)), rng.normal(size=(3, 5))),
    rows: (rng.normal(size=(4, 3)), rng.normal(size=3)),
    in_place: (rng.normal(size=(4, 3)), rng.normal(size=3)),
}


@pytest.mark.parametrize("function", ARGS)
def test_gradient(function: Callable[..., Any]) -> None:
    args = ARGS[function]
    which = tuple(range(len(args)))
    value, gradient = value_and_grad(function, which, optimize=2)(*args)
    expected_value, expected = value_and_grad(function, which)(*args)
    assert value == expected_value == function(*args)
    for one, other in zip(gradient, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)
    for k in which:
        check_grads(function, args, argnums=k)


def test_no_einsum_is_left() -> None:
    source = value_and_grad(mixed, (0, 1, 2), optimize=2).source_for(*ARGS[mixed])
    reverse = source.partition("# reverse")[2]
    assert "np.einsum" not in reverse
    assert "@" in reverse


def test_a_sum_goes_to_the_factor_that_has_the_axis() -> None:
    def f(w: Array, m: Array) -> Any:
        return np.sum((w * m) ** 2 * m)

    args = rng.normal(size=(5, 3)), rng.normal(size=3)
    source = value_and_grad(f, (0, 1), optimize=2).source_for(*args)
    assert "* m, 0)" not in source
