"""Compare what Numba compiles with plain Python, on one program."""

from __future__ import annotations

import math
from types import ModuleType

from s2sad.errors import S2sadError

from .limits import TimeLimit, time_limit
from .outcomes import OK, Verdict, call, compile_error, loaded
from .program import Program

SECONDS = 60.0
# Of the largest number: Numba's library rounds otherwise in places, and sums cancel.
TOLERANCE = 1e-9


def check_compiled(program: Program, order: int = 1, seconds: float = SECONDS) -> Verdict:
    """The derivative through Numba against the same without; `refused` where it is not
    compiled."""
    try:
        with time_limit(seconds), loaded(program.source) as module:
            return _check(program, module, order)
    except TimeLimit:
        return Verdict("hang", f"not done after {seconds} s")


def _check(program: Program, module: ModuleType, order: int) -> Verdict:
    from s2sad import grad, value_and_grad

    function = getattr(module, program.function)
    if order == 2:
        function = grad(function, argnums=program.active[0])
    plain = call(lambda: value_and_grad(function, argnums=program.active), ())
    if plain.error:
        return compile_error(plain.error)
    compiled = value_and_grad(function, argnums=program.active, jit="numba")
    for point in program.at_points():
        wanted = call(plain.value, point.arguments)
        got = call(compiled, point.arguments)
        verdict = _compare(wanted.error, got.error)
        if verdict is None:
            found = _agree((wanted.value[0], *wanted.value[1]), (got.value[0], *got.value[1]))
            verdict = OK if found else Verdict("wrong", f"{got.value} for {wanted.value}")
        if verdict.kind != "ok":
            return Verdict(verdict.kind, f"at {point.arguments}: {verdict.detail}")
    return OK


def _compare(wanted: Exception | None, got: Exception | None) -> Verdict | None:
    if wanted is None and got is None:
        return None
    if type(wanted) is type(got) and str(wanted) == str(got):
        return OK
    if isinstance(wanted, S2sadError):
        return Verdict("refused", str(wanted))
    if got is not None and "Numba" in str(got):
        refused = "Numba does not compile what is emitted" not in str(got)
        return Verdict("refused" if refused else "crash", str(got))
    return Verdict("error_differs", f"{got!r} for {wanted!r}")


def _agree(wanted: tuple[float, ...], got: tuple[float, ...]) -> bool:
    scale = max((abs(x) for x in wanted if math.isfinite(x)), default=0.0)
    return all(
        x == y or (math.isnan(x) and math.isnan(y)) or abs(x - y) <= TOLERANCE * scale
        for x, y in zip(wanted, got, strict=True)
    )
