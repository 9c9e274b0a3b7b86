"""Forward mode against the oracle, and against the other orders of modes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .oracle import Derivatives, uncertainty
from .outcomes import (
    OK,
    Outcome,
    Verdict,
    call,
    close,
    compare_errors,
    compile_error,
    explained,
    same_bits,
)
from .program import Program

WEIGHTS = (0.8, -1.3, 0.45, 2.1, -0.6, 1.7, 0.25)
Pair = tuple[int, int]


def first_order(
    program: Program, module: ModuleType, primal: Outcome, exact: Derivatives | None
) -> Verdict:
    """The tangent is the gradient's product with the direction."""
    from s2sad.modes import jvp

    function = getattr(module, program.function)
    directions = WEIGHTS[: len(program.active)]
    made = call(lambda: jvp(function, argnums=tuple(program.active)), ())
    if made.error:
        return compile_error(made.error)
    got = call(lambda: made.value(program.arguments, directions), ())
    if primal.error or got.error:
        return compare_errors(primal, got, exact)
    assert exact is not None
    value, tangent = got.value
    if not same_bits(value, primal.value):
        return Verdict("value_differs", f"{value!r} for {primal.value!r}")
    shares = [g * w for g, w in zip(exact.gradient, directions, strict=True)]
    if not all(map(math.isfinite, shares)):
        return Verdict("unstable", "a derivative is not finite")
    expected = math.fsum(shares)
    if close(expected, tangent, 1e6 * max(map(abs, shares))):
        return OK
    spread = uncertainty(program, exact).gradient
    total = math.fsum(abs(s * w) for s, w in zip(spread, directions, strict=True))
    if explained(expected, tangent, total):
        return Verdict("unstable", "tangent within rounding error")
    return Verdict("wrong", f"tangent {tangent!r}, oracle {expected!r}")


def mixed(i: int, j: int) -> dict[str, Callable[[Any], Any]]:
    """The second derivative in arguments i and j, by the orders of modes."""
    from s2sad import grad
    from s2sad.jacobians import Slope

    return {
        "forward over reverse": lambda f: Slope(grad(f, argnums=i), j),
        "forward over forward": lambda f: Slope(Slope(f, i), j),
        "reverse over forward": lambda f: grad(Slope(f, i), argnums=j),
    }


def second_order(
    program: Program,
    module: ModuleType,
    primal: Outcome,
    exact: Derivatives | None,
    pairs: Sequence[Pair],
    compare: Callable[[Outcome, Pair], Verdict],
) -> Verdict:
    function = getattr(module, program.function)
    for pair in pairs:
        i, j = (program.active[k] for k in pair)
        for name, make in mixed(i, j).items():
            made = call(make, (function,))
            if made.error:
                return compile_error(made.error)
            got = call(made.value, program.arguments)
            verdict = compare(got, pair)
            if verdict.kind != "ok":
                return Verdict(verdict.kind, f"{name}: {verdict.detail}")
    return OK
