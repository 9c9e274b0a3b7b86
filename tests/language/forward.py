"""The verdict on a program in forward mode, and on what stands on it.

The tangent in a direction is the gradient's dot product with it; the Hessian times a
direction, forward over reverse, is a combination of the Hessian's columns.
"""

from __future__ import annotations

import contextlib
import io
import math
import traceback
from typing import Any

from s2sad import InternalError, S2sadError
from s2sad.modes import hvp, jvp, vjp

from .check import Verdict, Wrong, close, expected, same, same_outcome
from .running import Arguments, Outcome, arguments, call, load, time_limit
from .table import Entry
from .tree import leaves, rebuilt

WEIGHTS = (0.8, -1.3, 0.45, 2.1, -0.6)


def forward_verdict(entry: Entry, level: int = 1) -> Verdict:
    """Of a program whose arguments are given by position."""
    try:
        with time_limit(20):
            for point in entry.points:
                _check(entry, point, level)
    except InternalError as error:
        return Verdict("crash", str(error), error)
    except S2sadError as error:
        return Verdict("refused", str(error), error)
    except Wrong as error:
        return Verdict("wrong", str(error))
    except Exception:
        return Verdict("crash", traceback.format_exc(limit=-6))
    return Verdict("right")


def is_plain(entry: Entry) -> bool:
    """Can it be asked for by position, in whole arguments?"""
    names = [entry.argnums] if not isinstance(entry.argnums, tuple) else entry.argnums
    parts = any(isinstance(name, str) and not name.isidentifier() for name in names)
    given = [arguments(vars(load(entry.source)), point) for point in entry.points]
    return not parts and not any(call.keywords for call in given)


def _directions(
    entry: Entry, point: str, given: Arguments
) -> tuple[Any, list[Any], list[float]]:
    """argnums, the tangents in their order, and all their numbers."""
    _, positions, _ = expected(entry, point)
    weights = iter(WEIGHTS * 50)
    tangents = []
    for i in positions:
        count = len(leaves(given.positional[i]))
        fresh = [next(weights) for _ in range(count)]
        tangents.append(rebuilt(given.positional[i], iter(fresh)))
    argnums = entry.argnums if isinstance(entry.argnums, tuple) else tuple(positions)
    return argnums, tangents, leaves(tangents)


def _check(entry: Entry, point: str, level: int) -> None:
    wanted, _, exact = expected(entry, point)
    names = vars(load(entry.source))
    given = arguments(names, point)
    argnums, tangents, weights = _directions(entry, point, given)
    before = repr(leaves(given.positional))
    pushed = jvp(names["f"], argnums, entry.aux, optimize=level)
    got = call(names, lambda: pushed(given.positional, tangents), entry.state)
    same_outcome(f"at {point}", got, wanted)
    if repr(leaves(given.positional)) != before:
        raise Wrong(f"at {point}: an argument was changed")
    if wanted.error is not None:
        return
    value, tangent, *aux = got.value
    value = (value, *aux) if aux else value
    same(f"at {point}: the value", value, wanted.value)
    tolerance = 1e-5 if entry.by_differences else 1e-9
    slope = math.fsum(g * w for g, w in zip(exact.gradient, weights, strict=True))
    scale = max([abs(g * w) for g, w in zip(exact.gradient, weights, strict=True)], default=1.0)
    _near(f"at {point}: the tangent", tangent, slope, scale, tolerance)
    _pulled_back(entry, point, argnums, exact.gradient, level)
    if entry.orders > 1 and not entry.by_differences:
        _second_order(entry, point, exact.hessian, level, wanted)


def _near(where: str, got: object, wanted: float, scale: float, tolerance: float) -> None:
    if not isinstance(got, float) or not math.isclose(
        got, wanted, rel_tol=tolerance, abs_tol=tolerance * scale + 1e-12
    ):
        raise Wrong(f"{where} is {got!r}, not {wanted!r}")


def _pulled_back(
    entry: Entry, point: str, argnums: Any, gradient: tuple[float, ...], level: int
) -> None:
    names = vars(load(entry.source))
    given = arguments(names, point)
    with contextlib.redirect_stdout(io.StringIO()):
        _, pullback, *_ = vjp(names["f"], argnums, entry.aux, optimize=level)(*given.positional)
        found = pullback(2.0)
    tolerance = 1e-5 if entry.by_differences else 1e-9
    half = [x / 2.0 for x in leaves(found)]
    close(f"at {point}: the pullback", half, gradient, tolerance)


def _second_order(
    entry: Entry,
    point: str,
    hessian: dict[tuple[int, int], float],
    level: int,
    wanted: Outcome,
) -> None:
    names = vars(load(entry.source))
    given = arguments(names, point)
    argnums, tangents, weights = _directions(entry, point, given)
    _, positions, _ = expected(entry, point)
    product = hvp(names["f"], argnums, optimize=level)
    at = tuple(given.positional[i] for i in positions)
    others = [x for i, x in enumerate(given.positional) if i not in positions]
    got = call(names, lambda: product(at, tuple(tangents), *others), entry.state)
    same_outcome(f"at {point}, forward over reverse", got, wanted)
    count = len(weights)
    exact = [
        math.fsum(hessian[max(i, j), min(i, j)] * weights[j] for j in range(count))
        for i in range(count)
    ]
    close(f"at {point}: the Hessian times a vector", leaves(got.value), exact, 1e-8)
