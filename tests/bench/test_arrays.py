"""The hand-written gradients of the kernels are right, and s2sad's are the same."""

from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad
from s2sad.trees import parts
from tests.bench.arrays.programs import Program, programs

SMALL = programs(small=True)


def flat(tree: Any) -> np.ndarray:
    inner = parts(tree)
    if inner is None:
        return np.ravel(tree)
    return np.concatenate([flat(part) for part in inner])


@pytest.mark.parametrize("program", SMALL, ids=[p.name for p in SMALL])
def test_the_gradient(program: Program) -> None:
    before = repr(program.args)
    value, by_hand = program.hand(*program.args)
    assert value == program.primal(*program.args)
    emitted = value_and_grad(program.primal, argnums=program.wrt)
    found, gradient = emitted(*program.args)
    assert found == value
    assert flat(by_hand) == pytest.approx(flat(gradient), rel=1e-9, abs=1e-9)
    assert repr(program.args) == before
