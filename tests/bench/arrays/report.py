"""The gradients on arrays side by side, as Markdown."""

import warnings
from collections.abc import Callable, Sequence

from tests.bench.arrays.programs import LIMITS, Program, programs
from tests.bench.arrays.tools import TOOLS, mismatch
from tests.bench.measure import Entry, interleaved, ratio
from tests.bench.table import number, table

PRIMAL, EMITTED, HAND = list(TOOLS)[:3]

Results = dict[str, dict[str, Entry]]


def results(chosen: Sequence[Program], repeat: int) -> Results:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            p.name: {e.tool: e for e in interleaved(p, repeat, TOOLS, mismatch)} for p in chosen
        }


def _against_limits(found: Results, chosen: Sequence[Program]) -> str:
    rows = []
    for program in chosen:
        entries = found[program.name]
        limit = LIMITS.get(program.kind)
        primal = entries[PRIMAL].median
        rows.append(
            [
                program.name,
                program.kind if program.kind != program.name else "",
                number(primal and 1e3 * primal),
                number(ratio(entries[EMITTED], entries[PRIMAL])),
                number(limit),
                number(ratio(entries[HAND], entries[PRIMAL])),
                number(ratio(entries[EMITTED], entries[HAND])),
            ]
        )
    head = ["", "", "primal, ms", "emitted / primal", "at most", "hand / primal",
            "emitted / hand"]  # fmt: skip
    return table(head, rows)


def _others(found: Results, cell: Callable[[Entry, Entry], str]) -> str:
    others = [tool for tool in TOOLS if tool not in (PRIMAL, EMITTED, HAND)]
    rows = [
        [name, *(cell(entries[tool], entries[EMITTED]) for tool in others)]
        for name, entries in found.items()
    ]
    return table(["", *others], rows)


def _notes(found: Results) -> str:
    programs_of: dict[tuple[str, str], list[str]] = {}
    for tool in TOOLS:
        for name, entries in found.items():
            for text in filter(None, (entries[tool].reason, entries[tool].note)):
                text = " ".join(text.split())
                programs_of.setdefault((tool, text), []).append(name)
    return "\n".join(
        f"- {tool}, {', '.join(names)}: {text}" for (tool, text), names in programs_of.items()
    )


def markdown(repeat: int) -> str:
    chosen = programs()
    found = results(chosen, repeat)
    return "\n\n".join(
        [
            "## Value and gradient on arrays",
            "Unmodified NumPy with loops and in-place updates (`tests/bench/arrays`), float64;"
            f" contenders take turns in {repeat} rounds, as above. The gradient written by hand"
            " is the limit; JAX and PyTorch got programs written for them.",
            _against_limits(found, chosen),
            "### Times as long as the emitted function",
            _others(found, lambda entry, emitted: number(ratio(entry, emitted))),
            "### Why there is no figure",
            _notes(found),
        ]
    )
