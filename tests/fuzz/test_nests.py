"""Gradients of random nests of loops over a matrix, against differences."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad import value_and_grad
from tests.language.running import load

from .nests import SIZE, nest


@pytest.mark.parametrize("seed", range(40))
def test_nest(seed: int) -> None:
    source = nest(seed)
    f = vars(load(source))["f"]
    rng = np.random.default_rng(seed)
    X, along = 0.7 * rng.normal(size=(SIZE, SIZE)), rng.normal(size=(SIZE, SIZE))
    with np.errstate(all="ignore"):
        wanted = f(X)
        if not abs(wanted) < 1e6:
            pytest.skip("it overflows")
        value, gradient = value_and_grad(f)(X)
        slopes = [(f(X + h * along) - f(X - h * along)) / (2.0 * h) for h in (1e-4, 1e-5, 1e-6)]
    assert value == wanted
    slope = np.sum(gradient * along)
    # The step that suits: of a kink nearby a small one, of a steep function too.
    assert any(slope == pytest.approx(s, rel=1e-4, abs=1e-4) for s in slopes), source
