"""Measures s2sad: the samples' gradients, compile time, cold start."""

import argparse
import sys
from pathlib import Path

from tests.bench import bars, cold, compile_time, elements, gradients, modes, proof
from tests.bench.arrays import memory
from tests.bench.arrays import report as arrays
from tests.bench.arrays.programs import Program
from tests.bench.arrays.programs import programs as array_programs
from tests.bench.programs import PROGRAMS
from tests.bench.table import machine, versions

PACKAGES = "s2sad numpy numba sympy jax torch tangent-ad autograd".split()
SECTIONS = ("modes", "compile_time", "cold", "arrays", "elements", "memory")


def arguments() -> argparse.Namespace:
    names = [*(program.name for program in PROGRAMS), *SECTIONS]
    single = [program.name for program in array_programs(small=True)]
    choice = ", ".join((*names, *single))
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {choice}; default: all")
    parser.add_argument("--repeat", type=int, default=25, metavar="N", help="rounds")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write it there, and a plot"
    )
    options = parser.parse_args()
    unknown = sorted(set(options.names) - {*names, *single})
    if unknown:
        parser.error(f"no such program: {', '.join(unknown)}; there are {', '.join(names)}")
    if options.repeat < 1:
        parser.error("--repeat takes a positive number")
    options.names = options.names or names
    return options


def kernels(names: list[str]) -> tuple[Program, ...]:
    every = array_programs()
    return tuple(p for p in every if p.name in names or "arrays" in names)


def report(names: list[str], repeat: int, plot: Path | None) -> str:
    programs = [program for program in PROGRAMS if program.name in names]
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    parts = [
        "# Benchmarks",
        f"Made by `{command}`. {machine()}; {versions(PACKAGES)}.",
    ]
    samples = gradients.results(programs, repeat)
    chosen = kernels(names)
    of_arrays = arrays.results(chosen, repeat)
    if samples or of_arrays:
        parts.append(proof.markdown(samples, of_arrays, chosen, plot.name if plot else None))
        if plot:
            plot.write_text(bars.picture({**samples, **of_arrays}), encoding="utf-8")
    if samples:
        parts.append(gradients.markdown(samples, repeat))
    if "modes" in names:
        parts.append(modes.markdown(min(repeat, 9)))
    if of_arrays:
        parts.append(arrays.markdown(of_arrays, chosen, repeat))
    if "elements" in names:
        parts.append(elements.markdown(repeat))
    if "memory" in names:
        parts.append(memory.markdown())
    if "compile_time" in names:
        parts.append(compile_time.markdown(min(repeat, 7)))
    if "cold" in names:
        parts.append(cold.markdown(min(repeat, 21)))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    options = arguments()
    page = options.markdown
    if page:
        page.parent.mkdir(parents=True, exist_ok=True)
    text = report(options.names, options.repeat, page and page.with_suffix(".svg"))
    print(text, end="")
    if page:
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
