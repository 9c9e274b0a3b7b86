"""Running a program: as Python, on jets, by differences, and through s2sad."""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import io
import itertools
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.fuzz.jetbuiltins import builtins_for
from tests.fuzz.jetmath import module as jet_math
from tests.fuzz.jets import Jet, Run, triangle, variables

from .table import Entry
from .tree import leaves, rebuilt

_DIRECTORY = tempfile.TemporaryDirectory(prefix="language")
_numbers = itertools.count()
PROGRAM = "language_program_"

Positions = tuple[int, ...]


@dataclass(frozen=True)
class Arguments:
    positional: tuple[Any, ...]
    keywords: dict[str, Any]

    def of(self, function: Callable[..., Any]) -> Any:
        return function(*self.positional, **self.keywords)

    def floats(self, positions: Positions) -> list[Any]:
        return leaves([self.positional[i] for i in positions])

    def moved(self, positions: Positions, values: Sequence[Any]) -> Arguments:
        """With other floats in the positional arguments at the positions."""
        fresh = iter(values)
        made = {i: rebuilt(self.positional[i], fresh) for i in positions}
        return Arguments(
            tuple(made.get(i, tree) for i, tree in enumerate(self.positional)), self.keywords
        )


@dataclass(frozen=True)
class Outcome:
    """What a call came to: a value or an exception, what it printed, what it left behind."""

    value: Any = None
    error: Exception | None = None
    printed: str = ""
    state: object = None


@dataclass(frozen=True)
class Derivatives:
    gradient: tuple[float, ...]
    hessian: dict[tuple[int, int], float]


def load(source: str) -> ModuleType:
    """A module of its own, imported from a file, as a user's is."""
    name = f"{PROGRAM}{next(_numbers)}"
    path = Path(_DIRECTORY.name, f"{name}.py")
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def arguments(namespace: dict[str, Any], point: str) -> Arguments:
    made = eval(f"__call({point})", {**namespace, "__call": lambda *a, **k: (a, k)})
    return Arguments(*made)


def call(
    namespace: dict[str, Any], function: Callable[[], Any], state: str = "None"
) -> Outcome:
    """The outcome of a call; whatever it raises is part of it."""
    printed = io.StringIO()
    value, error = None, None
    with contextlib.redirect_stdout(printed):
        try:
            value = function()
        except Exception as raised:
            error = raised
    return Outcome(value, error, printed.getvalue(), eval(state, namespace))


def primal(entry: Entry, point: str) -> Outcome:
    names = vars(load(entry.source))
    given = arguments(names, point)
    return call(names, lambda: given.of(names["f"]), entry.state)


def on_jets(entry: Entry, point: str, positions: Positions, order: int = 2) -> Derivatives:
    """By jets; raises what the program raises on them."""
    return _jets_at(entry, point, positions, None, order)


def _jets_at(
    entry: Entry, point: str, positions: Positions, moved: Sequence[float] | None, order: int
) -> Derivatives:
    names = _on_jets(entry)
    given = arguments(names, point)
    run = Run(order=order)
    numbers = given.floats(positions) if moved is None else moved
    given = given.moved(positions, variables(run, numbers))
    with contextlib.redirect_stdout(io.StringIO()):
        result = given.of(names["f"])
    result = result[0] if entry.aux else result
    pairs = triangle(len(numbers)) if order > 1 else []
    if not isinstance(result, Jet):
        return Derivatives((0.0,) * len(numbers), dict.fromkeys(pairs, 0.0))
    return Derivatives(result.grad, dict(zip(pairs, result.hess, strict=True)))


def _on_jets(entry: Entry) -> dict[str, Any]:
    """The program's names, where its builtins and its `math` take jets."""
    names: dict[str, Any] = {"__name__": "program", "__builtins__": _builtins()}
    exec(compile(entry.source, "<jets>", "exec", dont_inherit=True), names)
    return names


def by_differences(entry: Entry, point: str, positions: Positions) -> Derivatives:
    """By extrapolated central differences of the primal."""
    start = arguments(vars(load(entry.source)), point).floats(positions)

    def value(at: Sequence[float]) -> float:
        names = vars(load(entry.source))
        given = arguments(names, point).moved(positions, at)
        with contextlib.redirect_stdout(io.StringIO()):
            result = given.of(names["f"])
        return float(result[0] if entry.aux else result)

    def slope(at: Sequence[float], i: int, step: float) -> float:
        return extrapolated(lambda d: value(shifted(at, i, d)), step)

    def curve(i: int, j: int) -> float:
        return extrapolated(lambda d: slope(shifted(start, j, d), i, 1e-2), 1e-2)

    gradient = tuple(slope(start, i, 1e-3) for i in range(len(start)))
    return Derivatives(gradient, {pair: curve(*pair) for pair in triangle(len(start))})


def jet_differences(entry: Entry, point: str, positions: Positions) -> dict[Any, float]:
    """The Hessian by differences of the jets' gradients."""
    names = _on_jets(entry)
    start = arguments(names, point).floats(positions)

    def part(i: int, j: int, d: float) -> float:
        at = shifted(start, j, d)
        return _jets_at(entry, point, positions, at, 1).gradient[i]

    def curve(i: int, j: int) -> float:
        return extrapolated(lambda d: part(i, j, d), 1e-4)

    return {pair: curve(*pair) for pair in triangle(len(start))}


def shifted(at: Sequence[float], i: int, distance: float) -> list[float]:
    return [x + distance if k == i else x for k, x in enumerate(at)]


def extrapolated(value: Callable[[float], float], step: float) -> float:
    """The derivative at 0: Richardson's extrapolation of two central differences."""
    coarse = (value(step) - value(-step)) / (2 * step)
    fine = (value(step / 2) - value(-step / 2)) / step
    return (4 * fine - coarse) / 3


def _builtins() -> dict[str, Any]:
    """The builtins on jets, with `key` and `default` for min and max, and sums of objects."""
    made = builtins_for(jet_math())
    plain_sum, plain_names = made["sum"], ("min", "max")

    def total(terms: Any, /, start: Any = 0) -> Any:
        listed = list(terms)
        if all(isinstance(x, (Jet, float, int)) for x in [start, *listed]):
            return plain_sum(listed, start)
        return sum(listed, start)

    def extreme(name: str) -> Callable[..., Any]:
        original, on_numbers = getattr(builtins, name), made[name]

        def function(*args: Any, **options: Any) -> Any:
            terms = list(args[0]) if len(args) == 1 else list(args)
            numbers = all(isinstance(x, (Jet, float, int)) for x in terms)
            if terms and numbers and options.get("key") is None:
                return on_numbers(terms)
            return original(terms, **options)

        return function

    return {**made, "sum": total, **{name: extreme(name) for name in plain_names}}


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what does not end (where there are signals)."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
