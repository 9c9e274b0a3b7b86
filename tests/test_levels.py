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


def _difference_at_hand(x: float, p: float, q: float) -> float:
    gap = p - q
    return (p * x - q * x) * gap


def _difference_turned(x: float, p: float, q: float) -> float:
    gap = q - p
    return math.sin((p * x - q * x) * gap)


def _sum_at_hand(x: float, p: float, q: float) -> float:
    both = q + p
    return math.exp((x**2 + x * p + x * q) / both)


def _after_others(x: float, p: float, q: float) -> float:
    gap = p - q
    return math.sqrt((x * x * q + p * x - q * x) * gap)


def _turned_after_others(x: float, p: float, q: float) -> float:
    gap = q - p
    return math.cos((x * x * q + p * x - q * x) * gap)


SHARED = (
    *(_difference_at_hand, _difference_turned, _sum_at_hand),
    *(_after_others, _turned_after_others),
)


@pytest.mark.parametrize("function", SHARED)
def test_a_common_factor_is_taken_out_where_the_rest_stands(function: Any) -> None:
    """r * p - r * q is r * gap: the literal form has both products."""
    derived = value_and_grad(function, (0, 1, 2))
    plain = derived(0.7, 1.3, 0.4)
    literal = value_and_grad(function, (0, 1, 2), optimize=0)(0.7, 1.3, 0.4)
    assert literal[0] == plain[0]
    assert literal[1] == pytest.approx(plain[1], rel=1e-14)
    line = next(row for row in derived.source.splitlines() if " x_bar = " in row)
    assert "gap" in line or "both" in line, derived.source
