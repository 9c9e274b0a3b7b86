"""The gradients on arrays side by side, as Markdown."""

import warnings
from collections.abc import Sequence

from tests.bench.arrays.programs import LIMITS, Program
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


def markdown(found: Results, chosen: Sequence[Program], repeat: int) -> str:
    return "\n\n".join(
        [
            "## Arrays",
            "Unmodified NumPy with loops and in-place updates (`tests/bench/arrays`), float64;"
            f" contenders take turns in {repeat} rounds, as above. The gradient written by hand"
            " is the limit; JAX and PyTorch got programs written for them.",
            _against_limits(found, chosen),
        ]
    )
