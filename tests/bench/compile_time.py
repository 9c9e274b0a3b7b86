"""How the time to compile grows with the length of a straight-line function."""

import argparse
import importlib.util
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.table import number, table
from tests.bench.tools import load

SIZES = (100, 1000, 10000)
STATEMENTS = (
    "v{n} = v{a} * v{b} + x",
    "v{n} = math.sin(v{a}) - 0.5 * v{b}",
    "v{n} = v{a} / (1.0 + v{b} * v{b})",
    "v{n} = math.exp(-v{a} * v{a}) + v{b}",
)


def straight_line(size: int) -> str:
    lines = ["import math", "", "", "def f(x: float) -> float:", "    v0 = x"]
    for n in range(1, size):
        statement = STATEMENTS[n % len(STATEMENTS)]
        lines.append("    " + statement.format(n=n, a=n - 1, b=max(0, n - 3)))
    return "\n".join([*lines, f"    return v{size - 1}", ""])


def exponent(sizes: tuple[int, ...], seconds: list[float]) -> float:
    """The slope of the least-squares line through the logarithms."""
    return statistics.linear_regression(
        [math.log(size) for size in sizes], [math.log(s) for s in seconds]
    ).slope


def cpu_seconds(action: Callable[..., Any], *args: Any) -> float:
    start = time.process_time()
    action(*args)
    return time.process_time() - start


def _function(text: str, folder: Path, name: str) -> Any:
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def _times(size: int, repeat: int) -> tuple[float, float]:
    """Seconds that s2sad takes, and CPython's compile() of what it emitted."""
    value_and_grad = load("s2sad").value_and_grad

    def emit(function: Any) -> Any:
        return value_and_grad(function).emitted

    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(repeat):
            # A new function each time: nothing is found in a cache.
            name = f"straight_{size}_{run}"
            function = _function(straight_line(size), Path(folder), name)
            ours.append(cpu_seconds(emit, function))
            text: str = value_and_grad(function).source
            theirs.append(cpu_seconds(compile, text, "<emitted>", "exec"))
    return statistics.median(ours), statistics.median(theirs)


def markdown(repeat: int) -> str:
    title = "## Compile time\n\n"
    try:
        _times(10, 1)
        times = [_times(size, repeat if size < 10000 else 3) for size in SIZES]
    except Exception as error:
        return f"{title}s2sad: {type(error).__name__}: {error}"
    rows = [
        [f"{size:,}", f"{ours:.3f}", f"{theirs:.3f}", number(ours / theirs)]
        for size, (ours, theirs) in zip(SIZES, times, strict=True)
    ]
    slopes = [exponent(SIZES, [pair[i] for pair in times]) for i in range(2)]
    rows.append(["exponent", *(f"{slope:.2f}" for slope in slopes), ""])
    head = ["statements", "s2sad, s", "compile() of the emitted text, s", "ratio"]
    intro = "CPU time from a straight-line function to its gradient function; medians."
    return f"{title}{intro}\n\n{table(head, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7, metavar="N")
    print(markdown(parser.parse_args().repeat))


if __name__ == "__main__":
    main()
