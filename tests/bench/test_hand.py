"""The hand-written gradients against 50-digit differences of the samples."""

from typing import Any

import mpmath
import pytest

from tests.bench.programs import PROGRAMS, Program, gradient_tuple, with_math

DIGITS = 50
STEP = mpmath.mpf(10) ** -15
MATH = {name: getattr(mpmath, name) for name in ("sqrt exp log cos sin erf".split())}

POINTS: dict[str, list[tuple[Any, ...]]] = {
    "lecture": [(0.0,), (-1.3,), (2.1,)],
    "black_scholes": [(80.0, 100.0, -0.01, 0.4, 0.25), (130.0, 90.0, 0.1, 0.15, 3.0)],
    "newton": [(1.0, 2.0), (-1.5, 4.0), (2.0, 4.0)],
    "kepler": [(0.0, 0.5), (0.9, 2.5), (0.3, -4.0)],
    "rosenbrock": [(0.5, 1.01, 7), (2.0, -0.5, 3), (1.5, 0.9, 0)],
    "lorenz": [(9.0, 20.0, 2.0)],
}

CASES = [
    (program, args) for program in PROGRAMS for args in (program.args, *POINTS[program.name])
]


def differences(program: Program, args: tuple[Any, ...]) -> tuple[float, ...]:
    """Fourth-order central differences."""
    primal = with_math(program.primal, MATH)
    exact = [mpmath.mpf(a) if isinstance(a, float) else a for a in args]

    def shifted(index: int, steps: int) -> Any:
        moved = list(exact)
        moved[index] += steps * STEP
        return primal(*moved)

    def partial(index: int) -> float:
        near = shifted(index, 1) - shifted(index, -1)
        far = shifted(index, 2) - shifted(index, -2)
        return float((8 * near - far) / (12 * STEP))

    with mpmath.workdps(DIGITS):
        return tuple(partial(index) for index in program.active)


@pytest.mark.parametrize(
    ("program", "args"), CASES, ids=[f"{p.name}{args}" for p, args in CASES]
)
def test_gradient(program: Program, args: tuple[Any, ...]) -> None:
    value, gradient = program.hand(*args)
    assert value == program.primal(*args)
    assert gradient_tuple(program, gradient) == pytest.approx(
        differences(program, args), rel=1e-10, abs=1e-12
    )
