"""Functions of the elements of arrays at -O2: gradient over primal, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import geometric_mean
from typing import Any

import numpy as np

from s2sad import value_and_grad
from tests.bench.measure import Entry, interleaved, ratio
from tests.bench.table import number, table
from tests.bench.textbook import POINTS
from tests.bench.textbook_loops import cases
from tests.bench.tools import Contender


@dataclass(frozen=True)
class Program:
    name: str
    primal: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[int, ...]


def _primal(program: Program) -> Contender:
    return Contender(program.primal, program.args)


def _on_copies(program: Program) -> Contender:
    """The primal writes to its arguments, the gradient does not."""

    def call(*args: Any) -> Any:
        return program.primal(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))

    return Contender(call, program.args)


def _emitted(program: Program, level: int) -> Contender:
    derivative = value_and_grad(program.primal, program.wrt, optimize=level)
    derivative(*program.args)
    return Contender(derivative.emitted, program.args)


def _tools(primal: Callable[[Program], Contender]) -> Mapping[str, Any]:
    return {
        "primal": primal,
        "-O1": lambda program: _emitted(program, 1),
        "-O2": lambda program: _emitted(program, 2),
    }


def mismatch(program: Program, contender: Contender) -> str:
    wanted = _emitted(program, 1)
    (value, gradient), (right, slopes) = (
        contender.call(*program.args),
        wanted.call(*wanted.args),
    )
    pairs = zip((value, *gradient), (right, *slopes), strict=True)
    return "" if all(np.allclose(a, b, 1e-9, 1e-12) for a, b in pairs) else "wrong"


def _rows(programs: list[Program], repeat: int, primal: Any) -> list[list[str]]:
    rows, ratios = [], []
    for program in programs:
        found: dict[str, Entry] = {
            entry.tool: entry
            for entry in interleaved(program, repeat, _tools(primal), mismatch)
        }
        base = found["primal"]
        usual, fast = ratio(found["-O1"], base), ratio(found["-O2"], base)
        ratios.append((usual or 1.0, fast or 1.0))
        micro = base.median and 1e6 * base.median
        rows.append([program.name, number(micro), number(usual), number(fast)])
    means = [geometric_mean(column) for column in zip(*ratios, strict=True)]
    return [*rows, ["geometric mean", "", *map(number, means)]]


def markdown(repeat: int) -> str:
    points = [Program(f.__name__, f, (np.array(at),), (0,)) for f, at in POINTS.items()]
    loops = [Program(f.__name__, f, args, wrt) for f, (args, wrt) in cases().items()]
    head = ["", "primal, µs", "-O1 / primal", "-O2 / primal"]
    return "\n\n".join(
        [
            "## Elements of arrays",
            "Thirty test functions of optimisation in two to four unknowns, and loops over"
            " elements (`tests/bench/textbook*.py`): value and gradient over the primal, the"
            f" emitted functions, in {repeat} rounds as above.",
            table(head, _rows(points, repeat, _primal)),
            table(head, _rows(loops, repeat, _on_copies)),
        ]
    )
