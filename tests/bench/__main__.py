"""Measures s2sad: the samples' gradients, compile time, cold start."""

import argparse
import sys
from pathlib import Path

from tests.bench import cold, compile_time, elements, gradients, modes
from tests.bench.arrays import memory
from tests.bench.arrays import report as arrays
from tests.bench.programs import PROGRAMS
from tests.bench.table import machine, versions

PACKAGES = "s2sad numpy sympy jax torch tangent-ad autograd".split()
SECTIONS = ("modes", "compile_time", "cold", "arrays", "elements", "memory")


def arguments() -> argparse.Namespace:
    names = [*(program.name for program in PROGRAMS), *SECTIONS]
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(names)}; default: all")
    parser.add_argument("--repeat", type=int, default=25, metavar="N", help="rounds")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write it there")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"no such program: {', '.join(unknown)}; there are {', '.join(names)}")
    if options.repeat < 1:
        parser.error("--repeat takes a positive number")
    options.names = options.names or names
    return options


def report(names: list[str], repeat: int) -> str:
    programs = [program for program in PROGRAMS if program.name in names]
    command = " ".join(["python -m tests.bench", *sys.argv[1:]])
    parts = [
        "# Benchmarks",
        f"Made by `{command}`. {machine()}; {versions(PACKAGES)}.",
    ]
    if programs:
        parts.append(gradients.markdown(programs, repeat))
    if "modes" in names:
        parts.append(modes.markdown(min(repeat, 9)))
    if "arrays" in names:
        parts.append(arrays.markdown(repeat))
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
    text = report(options.names, options.repeat)
    print(text, end="")
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
