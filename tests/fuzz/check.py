"""Compare the compiler with the oracle on one program.

The compiler is used through its public interface only, on functions that live in real
files, as a user's do.
"""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Sequence
from types import ModuleType
from typing import Any, TypeAlias

from . import forward
from .limits import TimeLimit, time_limit
from .oracle import (
    Derivatives,
    central_difference,
    derivatives,
    infinite_slopes,
    uncertainty,
)
from .outcomes import (
    OK,
    Outcome,
    Verdict,
    call,
    close,
    compare_errors,
    compile_error,
    explained,
    loaded,
    same_bits,
)
from .program import Program
from .texts import check_text, emitted_name, source_for

SECONDS = 20.0


def check(
    program: Program, orders: Sequence[int] = (1, 2), seconds: float = SECONDS
) -> Verdict:
    """The verdict on a program: the first fault that is found, or ok."""
    try:
        with time_limit(seconds), loaded(program.source) as module:
            return _check(program, module, orders)
    except TimeLimit:
        return Verdict("hang", f"not done after {seconds} s")


class Depth:
    """How much is asked of each program: a long campaign asks less of most of them.

    `forward`: forward mode, and the mixed modes at order 2.
    """

    sparse = False
    forward = False


def _asked(program: Program, one_in: int) -> bool:
    return not Depth.sparse or zlib.crc32(program.source.encode()) % one_in == 0


def _check(program: Program, module: ModuleType, orders: Sequence[int]) -> Verdict:
    outcomes = [_expected(point, module, max(orders)) for point in program.at_points()]
    for order in orders:
        if Depth.forward:
            verdict = _forward(program, module, outcomes, order)
        else:
            checks = first_order if order == 1 else second_order
            verdict = checks(program, module, outcomes)
        if verdict.kind != "ok":
            return Verdict(verdict.kind, f"order {order}: {verdict.detail}")
    return OK


Expected: TypeAlias = "tuple[Outcome, Derivatives | None]"


def _expected(program: Program, module: ModuleType, order: int) -> Expected:
    primal = call(getattr(module, program.function), program.arguments)
    return primal, derivatives(program, order) if primal.error is None else None


def first_order(program: Program, module: ModuleType, outcomes: list[Expected]) -> Verdict:
    """value_and_grad in all float arguments."""
    from s2sad import value_and_grad

    function = getattr(module, program.function)
    made = call(lambda: value_and_grad(function, argnums=program.active), ())
    if made.error:
        return compile_error(made.error)
    for point, (primal, exact) in zip(program.at_points(), outcomes, strict=True):
        verdict = _first_order_at(point, module, made.value, primal, exact)
        if verdict.kind not in ("ok", "unstable"):
            return _located(verdict, point)
    return verdict


def _first_order_at(
    program: Program, module: ModuleType, made: Any, primal: Outcome, exact: Derivatives | None
) -> Verdict:
    got = call(made, program.arguments)
    if primal.error or got.error:
        return compare_errors(primal, got, exact)
    assert exact is not None
    value, gradient = got.value
    if not same_bits(value, primal.value):
        return Verdict("value_differs", f"{value!r} for {primal.value!r}")
    verdict = _compare_gradient(program, exact, tuple(gradient))
    if verdict.kind == "ok" and _asked(program, 8):
        verdict = check_text(program, module, made, got.value)
    return verdict


def _compare_gradient(program: Program, exact: Derivatives, got: tuple[Any, ...]) -> Verdict:
    if len(got) != len(exact.gradient):
        return Verdict("wrong", f"{len(got)} partials for {len(exact.gradient)}")
    scale = max((abs(g) for g in exact.gradient if math.isfinite(g)), default=0.0)
    for i, (expected, found) in enumerate(zip(exact.gradient, got, strict=True)):
        if close(expected, found, scale, exact.value):
            continue
        if found != found and infinite_slopes(program):
            return Verdict("unstable", "nan where an infinite slope is met")
        spread = uncertainty(program, exact)
        if explained(expected, found, spread.gradient[i]):
            return Verdict("unstable", "gradient within rounding error, or not finite")
        numeric = central_difference(program, program.active[i])
        return Verdict(
            "wrong",
            f"partial {i}: {found!r}, oracle {expected!r}, difference {numeric!r}",
        )
    return OK


def index_pairs(program: Program) -> list[tuple[int, int]]:
    """One or two pairs of active arguments, fixed by the source."""
    rng = random.Random(zlib.crc32(program.source.encode()))
    count = len(program.active)
    wanted = 2 if _asked(program, 8) else 1
    pairs = [(rng.randrange(count), rng.randrange(count)) for _ in range(wanted)]
    return list(dict.fromkeys(pairs))


def second_order(program: Program, module: ModuleType, outcomes: list[Expected]) -> Verdict:
    """grad(grad(f, i), j) for some i and j."""
    from s2sad import grad

    function = getattr(module, program.function)
    for pair in index_pairs(program):
        i, j = (program.active[k] for k in pair)
        made = call(lambda f, i, j: grad(grad(f, argnums=i), argnums=j), (function, i, j))
        if made.error:
            return compile_error(made.error)
        for point, (primal, exact) in zip(program.at_points(), outcomes, strict=True):
            got = call(made.value, point.arguments)
            verdict = _compare_second(point, primal, got, exact, pair)
            if verdict.kind != "ok" and not (program.points and verdict.kind == "unstable"):
                return _located(verdict, point)
    return OK


def _located(verdict: Verdict, point: Program) -> Verdict:
    if verdict.kind == "refused":
        return verdict
    return Verdict(verdict.kind, f"at {point.arguments}: {verdict.detail}")


def _forward(
    program: Program, module: ModuleType, outcomes: list[Expected], order: int
) -> Verdict:
    """Forward mode, at every point."""
    checks = forward.first_order if order == 1 else forward_second_order
    for point, (primal, exact) in zip(program.at_points(), outcomes, strict=True):
        verdict = checks(point, module, primal, exact)
        if verdict.kind not in ("ok", "unstable"):
            return _located(verdict, point)
    return OK


def forward_second_order(
    program: Program, module: ModuleType, primal: Outcome, exact: Derivatives | None
) -> Verdict:
    """The same by the other orders of modes."""

    def compare(got: Outcome, pair: tuple[int, int]) -> Verdict:
        return _compare_second(program, primal, got, exact, pair)

    pairs = index_pairs(program)
    return forward.second_order(program, module, primal, exact, pairs, compare)


def _compare_second(
    program: Program,
    primal: Outcome,
    got: Outcome,
    exact: Derivatives | None,
    pair: tuple[int, int],
) -> Verdict:
    if primal.error or got.error:
        return compare_errors(primal, got, exact)
    assert exact is not None
    key = (max(pair), min(pair))
    expected, found = exact.hessian[key], got.value
    finite = [abs(h) for h in exact.hessian.values() if math.isfinite(h)]
    if close(expected, found, max(finite, default=0.0), exact.value):
        return OK
    if found != found and infinite_slopes(program):
        return Verdict("unstable", "nan where an infinite slope is met")
    if not all(map(math.isfinite, exact.gradient)):
        return Verdict("unstable", "a first derivative is not finite")
    if explained(expected, found, uncertainty(program, exact).hessian[key]):
        return Verdict("unstable", "second derivative within rounding error, or not finite")
    return Verdict("wrong", f"second partial {key}: {found!r}, oracle {expected!r}")


def second_order_from_text(program: Program) -> Verdict:
    """Differentiate the emitted text in a file, with a wrapper for the gradient."""
    from s2sad import grad

    with loaded(program.source) as module:
        primal = call(getattr(module, program.function), program.arguments)
        if primal.error:
            return OK
        exact = derivatives(program)
        numbers = {k: v for k, v in vars(module).items() if isinstance(v, (int, float))}
        for i, j in index_pairs(program):
            function = getattr(module, program.function)
            first = call(lambda f, k: grad(f, argnums=k), (function, program.active[i]))
            if first.error:
                return compile_error(first.error)
            source = call(source_for, (first.value, program.arguments))
            if source.error:
                return compile_error(source.error)
            text = _with_wrapper(source.value, program, numbers)
            verdict = _differentiate_text(text, program, primal, exact, (i, j))
            if verdict.kind != "ok":
                return verdict
    return OK


def _with_wrapper(text: str, program: Program, numbers: dict[str, float]) -> str:
    """The emitted module, its globals, and a function that returns the gradient."""
    parameters = ", ".join(f"p{k}" for k in range(len(program.arguments)))
    name = emitted_name(text, program.function)
    assignments = "".join(
        f"{k} = {v!r}\n" for k, v in numbers.items() if not k.startswith("__")
    )
    wrapper = f"def only_gradient({parameters}):\n    return {name}({parameters})[1]\n"
    return f"{text}\n\n{assignments}\n\n{wrapper}"


def _differentiate_text(
    text: str,
    program: Program,
    primal: Outcome,
    exact: Derivatives,
    pair: tuple[int, int],
) -> Verdict:
    from s2sad import grad

    with loaded(text) as emitted:
        made = call(lambda: grad(emitted.only_gradient, argnums=program.active[pair[1]]), ())
        if made.error:
            return compile_error(made.error)
        got = call(made.value, program.arguments)
        return _compare_second(program, primal, got, exact, pair)
