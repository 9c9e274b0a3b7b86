"""What once went wrong: arrays that loops walk through, arguments that the primal writes."""

from __future__ import annotations

import numpy as np

from s2sad import grad


def walked(x, w):  # type: ignore[no-untyped-def]
    total = 0.0
    for value in x:
        total = total * w + value**2
    return total


def shifted(x, z):  # type: ignore[no-untyped-def]
    total = 0.0
    for value in x:
        z[1:] = z[:-1]
        z[0] = value
        total += z @ z
    return total


def test_an_array_that_a_loop_walks_through() -> None:
    made = grad(walked)
    x = np.array([0.3, 0.5, -0.2])
    ((_, found),) = made.explain(x, 0.7).gradient
    np.testing.assert_allclose(found, made(x, 0.7))


def test_the_primal_writes_to_its_argument() -> None:
    made = grad(shifted, argnums=(0, 1))
    x, z = np.array([0.3, 0.5, -0.2]), np.array([1.0, 2.0, 3.0])
    found = made.validate(x, z)
    assert found.ok, str(found)
    np.testing.assert_array_equal(z, [1.0, 2.0, 3.0])
    for (_, bar), expected in zip(made.explain(x, z).gradient, made(x, z), strict=True):
        np.testing.assert_allclose(bar, expected)
