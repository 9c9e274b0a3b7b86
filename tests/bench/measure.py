"""Interleaved timing of the contenders of one program."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from timeit import Timer
from typing import TypeAlias, TypeVar

from tests.bench.programs import Program, gradient_tuple
from tests.bench.tools import TOOLS, Contender, Refused

P = TypeVar("P")
Make: TypeAlias = "Callable[[P], Contender]"
Mismatch: TypeAlias = "Callable[[P, Contender], str]"

BATCH = 0.01
SLOW = 2.0  # seconds a call: measured once


@dataclass
class Entry:
    """One contender on one program: seconds a call in each round, or why there are
    none; `first`: the seconds until its first answer, compilation included."""

    tool: str
    note: str = ""
    reason: str = ""
    seconds: list[float] = field(default_factory=list)
    first: float | None = None

    @property
    def median(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds else None


def ratios(entry: Entry, base: Entry) -> list[float]:
    """Those of the rounds that both ran in, in order of size."""
    pairs = zip(entry.seconds, base.seconds, strict=False)
    return sorted(a / b for a, b in pairs)


def ratio(entry: Entry, base: Entry) -> float | None:
    """The median over the rounds that both ran in."""
    found = ratios(entry, base)
    return statistics.median(found) if found else None


def spread(entry: Entry, base: Entry) -> float:
    """Half of what the middle half of the ratios spans, over their median."""
    found = ratios(entry, base)
    quarter = len(found) // 4
    if not quarter:
        return 0.0
    return (found[-1 - quarter] - found[quarter]) / 2.0 / statistics.median(found)


class Stopwatch:
    """Calls a contender in batches of about 10 ms, with the garbage collector on.

    A batch takes the lesser of its CPU time and its wall-clock time: other processes do
    not count, nor do the threads of a tool that uses several.
    """

    def __init__(self, contender: Contender) -> None:
        names = [f"x{i}" for i in range(len(contender.args))]
        scope = dict(zip(names, contender.args, strict=True))
        scope |= {"call": contender.call, "gc": gc}
        self._times = contender.times
        self._timer = Timer(f"call({', '.join(names)})", "gc.enable()", globals=scope)
        self._number = 1
        self.first = elapsed = self.seconds()
        while elapsed * self._number * self._times < BATCH:
            self._number *= 2
            elapsed = self.seconds()

    def seconds(self) -> float:
        cpu, wall = time.process_time(), time.perf_counter()
        self._timer.timeit(self._number)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return min(cpu, wall) / self._number / self._times


def _mismatch(program: Program, contender: Contender) -> str:
    """Why the contender's answer is wrong, by the hand-written gradient; or ''."""
    value, gradient = contender.split(contender.call(*contender.args))
    right_value, right = program.hand(*program.args)
    found = (float(value), *gradient_tuple(program, gradient))
    wanted = (right_value, *gradient_tuple(program, right))
    close = all(
        abs(a - b) <= 1e-9 * max(1.0, abs(b)) for a, b in zip(found, wanted, strict=True)
    )
    return "" if close else f"wrong: {found} for {wanted}"


def _prepare(
    program: P, tool: str, make: Make[P], mismatch: Mismatch[P]
) -> tuple[Entry, Stopwatch | None]:
    entry = Entry(tool)
    try:
        begun = time.process_time()
        contender = make(program)
        contender.call(*contender.args)
        entry.first = time.process_time() - begun
        entry.note = contender.note
        if not tool.startswith("primal"):
            entry.reason = mismatch(program, contender)
        return entry, None if entry.reason else Stopwatch(contender)
    except Refused as refusal:
        entry.reason = str(refusal)
    except Exception as error:
        lines = (line.strip() for line in str(error).splitlines())
        first_line = next((line for line in lines if any(map(str.isalpha, line))), "")
        entry.reason = f"{type(error).__name__}: {first_line}"
    return entry, None


def measure(program: Program, repeat: int) -> list[Entry]:
    return interleaved(program, repeat, TOOLS, _mismatch)


def interleaved(
    program: P, repeat: int, tools: Mapping[str, Make[P]], mismatch: Mismatch[P]
) -> list[Entry]:
    """The contenders of a program take turns."""
    prepared = [_prepare(program, tool, make, mismatch) for tool, make in tools.items()]
    gc.collect()
    gc.freeze()
    for round_number in range(repeat):
        for entry, stopwatch in prepared:
            if stopwatch and stopwatch.first < SLOW:
                entry.seconds.append(stopwatch.seconds())
            elif stopwatch and round_number == 0:
                entry.seconds.append(stopwatch.first)
    gc.unfreeze()
    return [entry for entry, _ in prepared]
