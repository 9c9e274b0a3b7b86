"""The literal form of level 0 and the default compute the same, on random programs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from s2sad import value_and_grad
from tests.fuzz.__main__ import program_at
from tests.fuzz.outcomes import loaded

SEED = 909


def outcome(function: Any, active: Any, arguments: Any, level: int) -> Any:
    try:
        return value_and_grad(function, active, optimize=level)(*arguments)
    except Exception as error:  # the program's own, or a refusal: to be the same
        return type(error)


@pytest.mark.parametrize("index", range(40))
def test_levels_agree(index: int) -> None:
    program = program_at(SEED, index)
    with loaded(program.source) as module:
        function = getattr(module, program.function)
        plain, literal = (
            outcome(function, program.active, program.arguments, level) for level in (1, 0)
        )
    if isinstance(plain, type):
        assert literal is plain
        return
    scale = max([1e-9, *(abs(slope) for slope in plain[1] if math.isfinite(slope))])
    assert literal[0] == plain[0]
    assert literal[1] == pytest.approx(plain[1], rel=1e-9, abs=1e-9 * scale, nan_ok=True)
