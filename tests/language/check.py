"""The verdict on one program."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import math
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from s2sad import InternalError, S2sadError, grad, value_and_grad

from .running import (
    Arguments,
    Derivatives,
    Outcome,
    Positions,
    arguments,
    by_differences,
    call,
    jet_differences,
    load,
    on_jets,
    primal,
    time_limit,
)
from .table import Entry
from .tree import leaves, shape, written

KINDS = ("wrong", "crash", "refused", "right")


@dataclass(frozen=True)
class Verdict:
    kind: str
    detail: str = ""
    error: S2sadError | None = None


class Wrong(Exception):
    """A number, an effect or an exception that is not the primal's."""


def verdict(entry: Entry, level: int = 1) -> Verdict:
    """What s2sad makes of a program."""
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


def refuse(entry: Entry, level: int = 1) -> None:
    """Differentiate at the first point, which is to raise."""
    names = vars(load(entry.source))
    given = arguments(names, entry.points[0])
    with contextlib.redirect_stdout(io.StringIO()):
        given.of(grad(names["f"], entry.argnums or 0, optimize=level))


def refusal(entry: Entry) -> Verdict:
    """Right if the program is refused on its line and in its words."""
    try:
        with time_limit(20):
            refuse(entry)
    except InternalError as error:
        return Verdict("crash", str(error), error)
    except S2sadError as error:
        said = f"{error.what} {error.instead}"
        if error.lineno == entry.refused_line and entry.words["says"] in said:
            return Verdict("right", "", error)
        wanted = f"on line {entry.refused_line} with {entry.words['says']!r}"
        return Verdict("refused", f"wanted {wanted}:\n{error}", error)
    except Exception:
        return Verdict("crash", traceback.format_exc(limit=-6))
    return Verdict("wrong", "not refused")


def expected(entry: Entry, point: str) -> tuple[Outcome, Positions, Derivatives]:
    """The primal's outcome, which arguments are differentiated, and the derivatives."""
    return _expected(_Key(entry), point)


@cache
def _expected(key: _Key, point: str) -> tuple[Outcome, Positions, Derivatives]:
    entry = key.entry
    given = arguments(vars(load(entry.source)), point)
    positions = _positions(entry, given)
    outcome = primal(entry, point)
    if outcome.error is not None:
        return outcome, positions, Derivatives((), {})
    made = by_differences if entry.by_differences else on_jets
    return outcome, positions, made(entry, point, positions)


class _Key:
    """An entry, by its name: its words make it unhashable."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.entry is self.entry

    def __hash__(self) -> int:
        return hash((self.entry.chapter, self.entry.name))


def _positions(entry: Entry, given: Arguments) -> Positions:
    """The positions of what is differentiated."""
    if entry.argnums is None:
        return tuple(i for i, x in enumerate(given.positional) if leaves(x))
    named = entry.argnums if isinstance(entry.argnums, tuple) else (entry.argnums,)
    function = vars(load(entry.source))["f"]
    order = list(inspect.signature(function).parameters)
    return tuple(order.index(x) if isinstance(x, str) else x for x in named)


def _check(entry: Entry, point: str, level: int) -> None:
    wanted, positions, derivatives = expected(entry, point)
    argnums = entry.argnums
    if argnums is None:
        argnums = positions[0] if len(positions) == 1 else positions
    _first_order(entry, point, level, argnums, wanted, derivatives)
    if entry.orders > 1 and wanted.error is None:
        _second_order(entry, point, level, positions, derivatives)


def _first_order(
    entry: Entry, point: str, level: int, argnums: Any, wanted: Outcome, exact: Derivatives
) -> None:
    names = vars(load(entry.source))
    given = arguments(names, point)
    before = copy.deepcopy(given)
    derived = value_and_grad(names["f"], argnums, entry.aux, optimize=level)
    got = call(names, lambda: given.of(derived), entry.state)
    same_outcome(f"at {point}", got, wanted)
    if (shape(given.positional), leaves(given.positional)) != (
        shape(before.positional),
        leaves(before.positional),
    ):
        raise Wrong(f"at {point}: an argument was changed: {given} from {before}")
    if wanted.error is not None:
        return
    value, gradient = got.value
    same(f"at {point}: the value", value, wanted.value)
    like: Any = tuple(before.positional[i] for i in _order(argnums, entry, before))
    if isinstance(argnums, (int, str)):
        like = like[0]
    if shape(gradient) != shape(like):
        raise Wrong(f"at {point}: the gradient {gradient!r} has not the structure of {like!r}")
    tolerance = 1e-5 if entry.by_differences else 1e-9
    close(f"at {point}: the gradient", leaves(gradient), exact.gradient, tolerance)


def _order(argnums: Any, entry: Entry, given: Arguments) -> Positions:
    if entry.argnums is not None:
        return _positions(entry, given)
    return (argnums,) if isinstance(argnums, int) else tuple(argnums)


def _second_order(
    entry: Entry, point: str, level: int, positions: Positions, exact: Derivatives
) -> None:
    """One row of the Hessian, of the program as a function of its floats alone."""
    probe = vars(load(entry.source))
    given = arguments(probe, point)
    count = len(given.floats(positions))
    source, numbers = entry.source, given.floats(positions)
    function = "f"
    bare = list(given.positional) == numbers and not given.keywords
    if not bare or entry.argnums is not None:
        source, function = source + _flat(given, positions), "flat_f"
    row = min(1, count - 1)
    names = vars(load(source))
    derived = grad(
        grad(names[function], row, optimize=level), tuple(range(count)), optimize=level
    )
    got = call(names, lambda: derived(*numbers), entry.state)
    wanted = primal(entry, point)
    same_outcome(f"at {point}, second order", got, wanted)
    column = [exact.hessian[max(row, j), min(row, j)] for j in range(count)]
    tolerance = 1e-3 if entry.by_differences else 1e-8
    close(f"at {point}: row {row} of the Hessian", got.value, column, tolerance)


def _flat(given: Arguments, positions: Positions) -> str:
    """A function of the floats that calls f with the structures built from them."""
    names: list[str] = []

    def leaf() -> str:
        names.append(f"x{len(names)}")
        return names[-1]

    parts = [
        written(tree, leaf) if i in positions else repr(tree)
        for i, tree in enumerate(given.positional)
    ]
    parts += [f"{key}={value!r}" for key, value in given.keywords.items()]
    return f"\n\ndef flat_f({', '.join(names)}):\n    return f({', '.join(parts)})\n"


def same_outcome(where: str, got: Outcome, wanted: Outcome, state: bool = True) -> None:
    if isinstance(got.error, S2sadError):
        raise got.error
    raised, due = _exception(got.error), _exception(wanted.error)
    if raised != due:
        if got.error is not None and _in_the_compiler(got.error):
            raise got.error
        tail = "".join(traceback.format_exception(got.error)[-2:]) if got.error else ""
        raise Wrong(f"{where}: raised {raised}, the primal {due}\n{tail}")
    if got.printed != wanted.printed:
        raise Wrong(f"{where}: printed {got.printed!r}, the primal {wanted.printed!r}")
    if state and repr(got.state) != repr(wanted.state):
        raise Wrong(f"{where}: left {got.state!r} behind, the primal {wanted.state!r}")


def _exception(error: Exception | None) -> str:
    return "nothing" if error is None else f"{type(error).__name__}: {error}"


def _in_the_compiler(error: Exception) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return "/s2sad/" in frames[-1].filename and not frames[-1].filename.endswith("link.py")


def same(where: str, got: object, wanted: object) -> None:
    if shape(got) != shape(wanted) or list(map(repr, leaves(got))) != list(
        map(repr, leaves(wanted))
    ):
        raise Wrong(f"{where} is {got!r}, the primal's {wanted!r}")


def close(where: str, got: Sequence[float], wanted: Sequence[float], tolerance: float) -> None:
    scale = max([abs(x) for x in wanted], default=0.0)
    if len(got) != len(wanted) or not all(
        math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance * scale + 1e-12)
        for a, b in zip(got, wanted, strict=True)
    ):
        raise Wrong(f"{where} is {list(got)}, not {list(wanted)}")


def complaint(entry: Entry) -> str:
    """What is wrong with a program or its oracle, without s2sad; "" if nothing is."""
    try:
        with time_limit(20):
            return "; ".join(filter(None, (_complaint(entry, p) for p in entry.points)))
    except Exception:
        return traceback.format_exc(limit=-4)


def _complaint(entry: Entry, point: str) -> str:
    wanted, positions, exact = expected(entry, point)
    if wanted.error is not None:
        made: Callable[..., object] = primal if entry.by_differences else on_jets
        try:
            made(entry, point, positions)
        except Exception as error:
            return "" if _exception(error) == _exception(wanted.error) else _exception(error)
        return "" if entry.by_differences else "the jets do not raise"
    if not isinstance(wanted.value[0] if entry.aux else wanted.value, float):
        return f"the value at {point} is {wanted.value!r}, no float"
    if entry.by_differences:
        return ""
    rough = by_differences(entry, point, positions)
    second = jet_differences(entry, point, positions)
    try:
        close(f"at {point}: jets' gradient", exact.gradient, rough.gradient, 1e-6)
        keys = sorted(second)
        # The gradient goes with them, for the scale of what cancels.
        listed = [*(exact.hessian[key] for key in keys), *exact.gradient]
        rough_too = [*(second[key] for key in keys), *exact.gradient]
        close(f"at {point}: jets' Hessian", listed, rough_too, 1e-5)
    except Wrong as error:
        return str(error)
    return ""
