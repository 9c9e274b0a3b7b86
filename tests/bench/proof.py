"""All workloads against all tools, and what was aimed at, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import geometric_mean
from typing import NamedTuple

from tests.bench.arrays.programs import FACTORISATION, STENCIL
from tests.bench.arrays.programs import Program as ArrayProgram
from tests.bench.measure import Entry, ratio, spread
from tests.bench.table import number, table

ROOT = Path(__file__).parents[2]

Results = dict[str, dict[str, Entry]]

PRIMAL, HAND, C = "primal (no gradient)", "written by hand", "by hand, C"
O1, O2, NUMBA, NUMBA_PRIMAL = (
    "s2sad, emitted",
    "s2sad -O2, emitted",
    "s2sad, Numba",
    "primal, Numba",
)
OURS = O1, O2, NUMBA
# How the columns are headed, in their order; the rest of the tools has tables of its own.
SHOWN = {
    O1: "s2sad -O1",
    O2: "s2sad -O2",
    HAND: "hand",
    NUMBA_PRIMAL: "Numba: primal",
    NUMBA: "s2sad",
    "by hand, Numba": "hand",
    C: "C: hand",
    "jax.jit": "jax.jit",
    "PyTorch": "PyTorch",
    "autograd": "autograd",
    "tangent-ad": "tangent-ad",
}


class Goal(NamedTuple):
    """`top` over `bottom`, the least of ours where there is none: a mean, an extreme."""

    what: str
    top: str
    bottom: str | None
    over: tuple[str, ...]
    mean: str = ""
    worst: str = ""


def goals(samples: Sequence[str], arrays: Sequence[ArrayProgram]) -> list[Goal]:
    names = tuple(p.name for p in arrays)
    loops = tuple(p.name for p in arrays if p.kind in (STENCIL, FACTORISATION))
    models = tuple(n for n in names if n not in loops and n != "ba")
    solvers = ("jacobi_1d", "jacobi_2d", "trisolv", "durbin")
    jax, everything = "jax.jit", (*samples, *names)
    return [
        Goal("-O2 / primal", O2, PRIMAL, (*samples, *loops), "≤ 2.2", "≤ 3.7"),
        Goal("-O2 / hand, the samples", O2, HAND, tuple(samples), worst="≤ 1.0"),
        Goal("Numba / its primal", NUMBA, NUMBA_PRIMAL, everything, "≤ 2.2", "≤ 3.6"),
        Goal("Numba / C by hand", NUMBA, C, everything, "≤ 1.0", "≤ 1.4"),
        Goal("jax.jit / ours, lorenz", jax, None, ("lorenz",), "≥ 120"),
        Goal("jax.jit / ours, six loops", jax, None,
             (*solvers, "seidel_2d", "cholesky_loops"), "≥ 15"),
        Goal("jax.jit / ours, four of them", jax, None, solvers, "≥ 4"),
        Goal("jax.jit / ours, network and mixtures", jax, None, models, worst="≥ 1.0"),
    ]  # fmt: skip


def best(entries: dict[str, Entry]) -> Entry:
    """The fastest of ours."""
    ran = [entries[tool] for tool in OURS if entries[tool].seconds]
    return min(ran, key=lambda entry: entry.median or 0.0)


def _goal(goal: Goal, found: Results) -> list[str]:
    ratios = {}
    for name in goal.over:
        entries = found.get(name, {})
        if goal.top in entries:
            under = entries[goal.bottom] if goal.bottom else best(entries)
            ratios[name] = ratio(entries[goal.top], under)
    known = {name: value for name, value in ratios.items() if value is not None}
    without = len(goal.over) - len(known)
    if not known:
        return [goal.what, "—", goal.mean, "—", goal.worst, "", f"{without}"]
    pick = min if goal.bottom is None else max
    worst = pick(known, key=lambda name: known[name])
    mean = number(geometric_mean(known.values()))
    return [goal.what, mean, goal.mean, number(known[worst]), goal.worst, worst, f"{without}"]


def _rows(found: Results, cell: Callable[[dict[str, Entry], str], str]) -> str:
    tools = [tool for tool in SHOWN if any(tool in entries for entries in found.values())]
    rows = [[name, *(cell(entries, tool) for tool in tools)] for name, entries in found.items()]
    return table(["", *(SHOWN[tool] for tool in tools)], rows)


def _over_primal(entries: dict[str, Entry], tool: str) -> str:
    entry, base = entries[tool], entries[PRIMAL]
    value, wide = ratio(entry, base), spread(entry, base)
    return number(value) + (f" ±{100.0 * wide:.0f}%" if wide >= 0.05 else "")


def _first(entries: dict[str, Entry], tool: str) -> str:
    entry = entries[tool]
    return number(entry.first) if entry.seconds else "—"


def _notes(found: Results) -> str:
    """The notes and reasons, one line for workloads that share them."""
    names: dict[tuple[str, str], list[str]] = {}
    for tool in dict.fromkeys(tool for entries in found.values() for tool in entries):
        for name, entries in found.items():
            entry = entries.get(tool, Entry(tool))
            for text in filter(None, (entry.reason, entry.note)):
                short = " ".join(text.replace(f"{ROOT}/", "").split())[:160]
                names.setdefault((tool, short), []).append(name)
    return "\n".join(f"- {tool}, {', '.join(of)}: {text}" for (tool, text), of in names.items())


def markdown(
    samples: Results, arrays: Results, programs: Sequence[ArrayProgram], plot: str | None
) -> str:
    both = {**samples, **arrays}
    head = ["", "geometric mean", "aim", "worst", "aim", "of", "not measured"]
    aims = [_goal(goal, both) for goal in goals(tuple(samples), programs)]
    parts = [
        "## Value and gradient, against the primal",
        "CPU time of the value and the gradient over that of the primal in Python: what a tool"
        " makes of the same function. Contenders take turns; a round's ratio is of two batches"
        " of about 10 ms beside each other, a figure the median of the rounds; ± half of what"
        " the middle half of the rounds spans, where that is 5% or more. Every answer was"
        " compared with the hand-written gradient's first. C is `gcc -O3 -march=native`"
        " (`tests/bench/native`), called from C for the samples; Numba's are called from"
        " Python, which alone is half a microsecond.",
        _rows(both, _over_primal),
    ]
    if plot:
        parts.append(f"![The same as bars, on logarithmic scales]({plot})")
    return "\n\n".join(
        [
            *parts,
            "### What was aimed at",
            "`ours` is the fastest of -O1, -O2 and Numba.",
            table(head, aims),
            "### Seconds to the first answer",
            "CPU time with the tool's modules loaded: tracing, compiling, the first call.",
            _rows(both, _first),
            "### Notes",
            _notes(both),
        ]
    )
