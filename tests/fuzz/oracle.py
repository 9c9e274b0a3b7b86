"""Derivatives of a program by jets and by differences, with their uncertainty."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .jetbuiltins import builtins_for
from .jetmath import module, watched
from .jets import Jet, Run, triangle, variables
from .program import Program

_MATH = module()
_BUILTINS = builtins_for(_MATH)


@dataclass(frozen=True)
class Derivatives:
    """Value, gradient and Hessian (by index pair, i ≥ j) in the float arguments."""

    value: Any
    gradient: tuple[float, ...]
    hessian: dict[tuple[int, int], float]
    decisions: tuple[object, ...] = ()


def load(source: str, namespace: dict[str, Any], filename: str = "<program>") -> dict[str, Any]:
    """Execute a module's text in a namespace and hand that back."""
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)
    return namespace


def primal(program: Program) -> Callable[..., Any]:
    """The program's function as Python runs it."""
    function: Callable[..., Any] = load(program.source, {"__name__": "program"})[
        program.function
    ]
    return function


def _evaluate(program: Program, run: Run) -> Derivatives:
    """One evaluation on jets."""
    namespace = load(program.source, {"__name__": "program", "__builtins__": _BUILTINS})
    arguments: list[Any] = list(program.arguments)
    values = [arguments[i] for i in program.active]
    for index, jet in zip(program.active, variables(run, values), strict=True):
        arguments[index] = jet
    return _unpack(namespace[program.function](*arguments), run, len(values))


def _unpack(result: Any, run: Run, count: int) -> Derivatives:
    decisions = tuple(run.decisions)
    pairs = triangle(count) if run.order > 1 else []
    if not isinstance(result, Jet):
        return Derivatives(result, (0.0,) * count, dict.fromkeys(pairs, 0.0), decisions)
    return Derivatives(
        result.value, result.grad, dict(zip(pairs, result.hess, strict=True)), decisions
    )


def derivatives(program: Program, order: int = 2) -> Derivatives:
    """The program's value and derivatives; whatever the program raises, this raises."""
    return _evaluate(program, Run(order=order))


def uncertainty(program: Program, exact: Derivatives, samples: int = 6) -> Derivatives:
    """How far derivatives move when every operation is off by a few hundred roundings.

    The runs replay the decisions of the exact one.  A run that leaves a domain is no
    evidence and is left out.
    """
    order = 2 if exact.hessian else 1
    gradient = [0.0] * len(exact.gradient)
    hessian = dict.fromkeys(exact.hessian, 0.0)
    for sample in range(samples):
        run = Run(order=order, replay=exact.decisions, noise=random.Random(sample))
        try:
            noisy = _evaluate(program, run)
        except Exception:
            continue
        for i, value in enumerate(noisy.gradient):
            gradient[i] = max(gradient[i], abs(value - exact.gradient[i]))
        for pair, value in noisy.hessian.items():
            hessian[pair] = max(hessian[pair], abs(value - exact.hessian[pair]))
    return Derivatives(exact.value, tuple(gradient), hessian)


def infinite_slopes(program: Program) -> list[str]:
    """The functions of ``math`` whose slope is infinite where the program calls them."""
    found: list[str] = []
    builtins = builtins_for(watched(found))
    namespace = load(program.source, {"__name__": "program", "__builtins__": builtins})
    namespace[program.function](*program.arguments)
    return found


def central_difference(program: Program, index: int, step: float = 1e-4) -> float:
    """∂f/∂argument by extrapolated central differences; nan if the primal raises."""
    function = primal(program)

    def at(distance: float) -> float:
        moved = list(program.arguments)
        moved[index] += distance
        return float(function(*moved))

    try:
        coarse = (at(step) - at(-step)) / (2 * step)
        fine = (at(step / 2) - at(-step / 2)) / step
    except (ArithmeticError, ValueError, AssertionError, RuntimeError, NameError):
        return math.nan
    return (4 * fine - coarse) / 3
