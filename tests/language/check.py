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
from pathlib import Path
from typing import Any

from s2sad import InternalError, S2sadError, grad, value_and_grad

from .running import (
    PROGRAM,
    Arguments,
    Derivatives,
    Outcome,
    Positions,
    arguments,
    by_differences,
    call,
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
            made = Made(entry, level)
            for point in entry.points:
                _check(made, point)
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
        line = None if in_a_library(error) else error.lineno
        said = f"{error.what} {error.instead}"
        if line == entry.refused_line and entry.words["says"] in said:
            return Verdict("right", "", error)
        wanted = f"on line {entry.refused_line} with {entry.words['says']!r}"
        return Verdict("refused", f"wanted {wanted}:\n{error}", error)
    except Exception:
        return Verdict("crash", traceback.format_exc(limit=-6))
    return Verdict("wrong", "not refused")


def in_a_library(error: S2sadError) -> bool:
    """Refused in what the program calls, not in its own text."""
    file = error.filename
    return file is not None and not Path(file).name.startswith(PROGRAM)


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


class Made:
    """A program and its derivatives: one for all points, unless the program keeps state."""

    def __init__(self, entry: Entry, level: int) -> None:
        self.entry = entry
        self._level = level
        self._names: dict[str, dict[str, Any]] = {}
        self._derived: dict[tuple[str, object], Callable[..., Any]] = {}

    def names(self, source: str) -> dict[str, Any]:
        if source not in self._names or "state" in self.entry.words:
            self._names[source] = vars(load(source))
            self._derived.clear()
        return self._names[source]

    def first(self, source: str, argnums: Any) -> Callable[..., Any]:
        def make() -> Callable[..., Any]:
            f = self._names[source]["f"]
            made: Callable[..., Any] = value_and_grad(
                f, argnums, self.entry.aux, optimize=self._level
            )
            return made

        return self._once((source, argnums), make)

    def second(self, source: str, name: str, row: int, count: int) -> Callable[..., Any]:
        """A row of the Hessian."""

        def make() -> Callable[..., Any]:
            inner = grad(self._names[source][name], row, optimize=self._level)
            outer: Callable[..., Any] = grad(inner, tuple(range(count)), optimize=self._level)
            return outer

        return self._once((source, (name, row)), make)

    def _once(
        self, key: tuple[str, object], make: Callable[[], Callable[..., Any]]
    ) -> Callable[..., Any]:
        if key not in self._derived:
            self._derived[key] = make()
        return self._derived[key]


def _check(made: Made, point: str) -> None:
    entry = made.entry
    wanted, positions, exact = expected(entry, point)
    argnums = entry.argnums
    if argnums is None:
        argnums = positions[0] if len(positions) == 1 else positions
    _first_order(made, point, argnums, wanted, exact)
    if entry.orders > 1 and wanted.error is None:
        _second_order(made, point, positions, exact)


def _first_order(
    made: Made, point: str, argnums: Any, wanted: Outcome, exact: Derivatives
) -> None:
    entry = made.entry
    names = made.names(entry.source)
    given = arguments(names, point)
    before = copy.deepcopy(given)
    derived = made.first(entry.source, argnums)
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


def _second_order(made: Made, point: str, positions: Positions, exact: Derivatives) -> None:
    """One row of the Hessian, of the program as a function of its floats alone."""
    entry = made.entry
    probe = vars(load(entry.source))
    given = arguments(probe, point)
    count = len(given.floats(positions))
    source, numbers = entry.source, given.floats(positions)
    function = "f"
    bare = list(given.positional) == numbers and not given.keywords
    if not bare or entry.argnums is not None:
        source, function = source + _flat(given, positions), "flat_f"
    row = min(1, count - 1)
    names = made.names(source)
    derived = made.second(source, function, row, count)
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

    made = {i: written(given.positional[i], leaf) for i in positions}
    parts = [made[i] if i in made else repr(tree) for i, tree in enumerate(given.positional)]
    parts += [f"{key}={value!r}" for key, value in given.keywords.items()]
    return f"\n\ndef flat_f({', '.join(names)}):\n    return f({', '.join(parts)})\n"


def same_outcome(where: str, got: Outcome, wanted: Outcome, state: bool = True) -> None:
    if isinstance(got.error, S2sadError):
        raise got.error
    raised, due = exception_text(got.error), exception_text(wanted.error)
    if raised != due:
        if got.error is not None and _in_the_compiler(got.error):
            raise got.error
        tail = "".join(traceback.format_exception(got.error)[-2:]) if got.error else ""
        raise Wrong(f"{where}: raised {raised}, the primal {due}\n{tail}")
    if got.printed != wanted.printed:
        raise Wrong(f"{where}: printed {got.printed!r}, the primal {wanted.printed!r}")
    if state and repr(got.state) != repr(wanted.state):
        raise Wrong(f"{where}: left {got.state!r} behind, the primal {wanted.state!r}")


def exception_text(error: Exception | None) -> str:
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
