"""The samples' gradients side by side, as Markdown."""

from collections.abc import Callable, Sequence
from statistics import median

from tests.bench.measure import Entry, measure, ratio
from tests.bench.programs import Program
from tests.bench.table import number, table
from tests.bench.tools import TOOLS

PRIMAL, EMITTED, WRAPPER, HAND, FAST, NUMBA, NUMBA_PRIMAL = list(TOOLS)[:7]

Results = dict[str, dict[str, Entry]]


def results(programs: Sequence[Program], repeat: int) -> Results:
    return {p.name: {e.tool: e for e in measure(p, repeat)} for p in programs}


def _grid(found: Results, tools: Sequence[str], cell: Callable[[Entry], str]) -> str:
    rows = [[tool, *(cell(found[name][tool]) for name in found)] for tool in tools]
    return table(["", *found], rows)


def _against_limits(found: Results) -> str:
    def row(label: str, top: str, bottom: str) -> list[str]:
        cells = (number(ratio(r[top], r[bottom])) for r in found.values())
        return [label, *cells]

    def overhead(entries: dict[str, Entry]) -> str:
        """Where it stands out of the noise."""
        pairs = zip(entries[WRAPPER].seconds, entries[EMITTED].seconds, strict=False)
        differences = [a - b for a, b in pairs if b < 1e-5]
        return f"{1e6 * median(differences):.2f}" if differences else "—"

    rows = [
        row("emitted / primal", EMITTED, PRIMAL),
        row("hand / primal", HAND, PRIMAL),
        row("emitted / hand", EMITTED, HAND),
        row("emitted at -O2 / primal", FAST, PRIMAL),
        row("emitted at -O2 / hand", FAST, HAND),
        row("Numba / its primal", NUMBA, NUMBA_PRIMAL),
        ["wrapper - emitted, µs", *(overhead(r) for r in found.values())],
    ]
    return table(["", *found], rows)


def markdown(found: Results, repeat: int) -> str:
    def microseconds(entry: Entry) -> str:
        return number(entry.median and 1e6 * entry.median)

    return "\n\n".join(
        [
            "## The samples",
            "Arguments are the samples' own plain numbers. All contenders of a sample take "
            f"turns in {repeat} rounds of batches of about 10 ms; a batch takes the lesser "
            "of its CPU and its wall-clock time; medians of the rounds.",
            "### Against the limits",
            _against_limits(found),
            "### Microseconds a call",
            _grid(found, list(TOOLS), microseconds),
        ]
    )
