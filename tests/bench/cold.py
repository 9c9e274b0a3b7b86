"""CPU time of a cold process up to the first gradient of equation 30."""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.table import number, table

ROOT = Path(__file__).parents[2]
BARE = "import ast, inspect"

GRADIENT = """
import sys
from s2sad import value_and_grad
from samples.lecture import f
value_and_grad(f)(0.7)
print(*sorted({"numpy", "sympy"} & sys.modules.keys()))
"""
GENERATED = "from samples.lecture_grad import f_grad\nf_grad(0.7)"

TOOL = """
from tests.bench.programs import PROGRAMS
from tests.bench.tools import TOOLS
contender = TOOLS["{}"](PROGRAMS[0])
contender.call(*contender.args)
"""
EMPTY = "s2sad, first gradient, nothing kept on disk"
FILLED = "s2sad, first gradient, compiled by an earlier process"
PROGRAMS = {
    "pass": "pass",
    BARE: BARE,
    "generated file, first gradient": GENERATED,
    EMPTY: GRADIENT,
    FILLED: GRADIENT,
    **{
        f"{tool}, first gradient": TOOL.format(tool)
        for tool in ("s2sad, Numba", "jax.jit", "PyTorch", "autograd", "tangent-ad")
    },
}


@dataclass
class Run:
    seconds: float
    output: str
    failure: str


def run(label: str, cache: str) -> Run:
    code = PROGRAMS[label]
    kept = cache if label == FILLED else "0"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "S2SAD_CACHE": kept}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    failure = done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
    return Run(seconds, done.stdout.strip(), failure)


def markdown(repeat: int) -> str:
    with tempfile.TemporaryDirectory() as cache:
        warm = {label: run(label, cache) for label in PROGRAMS}
        rounds = [{label: run(label, cache) for label in PROGRAMS} for _ in range(repeat)]
    bare = [runs[BARE].seconds for runs in rounds]
    rows = []
    for label, first in warm.items():
        seconds = [runs[label].seconds for runs in rounds]
        over = statistics.median(a / b for a, b in zip(seconds, bare, strict=True))
        cells = [f"{1e3 * statistics.median(seconds):.1f}", number(over)]
        rows.append([label, *(["—", "—"] if first.failure else cells)])
    loaded = warm[EMPTY].output or warm[FILLED].output
    failures = [f"- {label}: {r.failure}" for label, r in warm.items() if r.failure]
    return "\n\n".join(
        [
            "## From a cold process",
            f"CPU time of `python -c …`, medians of {repeat} interleaved rounds.",
            table(["", "ms", f"over {BARE}"], rows),
            f"NumPy and SymPy loaded by the first gradient: {loaded or 'neither'}.",
            *failures,
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=21, metavar="N")
    print(markdown(parser.parse_args().repeat))


if __name__ == "__main__":
    main()
