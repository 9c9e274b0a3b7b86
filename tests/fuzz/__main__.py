"""Random programs against the oracle: ``python -m tests.fuzz --count 1000 --seed 7``.

Program number INDEX of a campaign with seed SEED is always the same (on one version of
Python); ``--only SEED:INDEX`` shows and checks that one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import ClassVar

from tests import verified
from tests.language.table import Entry

from .array_check import check_arrays
from .arrays import ArrayProgram, generate_arrays
from .census import census
from .check import Depth, check, second_order_from_text
from .elements import generate_elements
from .generate import generate
from .language.generate import generate_language
from .levels import check_levels
from .limits import TimeLimit, time_limit
from .lists import generate_lists
from .mutants import check_mutant, mutant_at
from .outcomes import FAILURES, KINDS, Verdict
from .program import Program
from .replayed import check_replayed
from .shrink import shrink

Report = tuple[int, Verdict]


class Kind:
    """What the programs are made of."""

    lists = False
    language = False
    arrays = False
    elements = False
    replayed = False
    levels = False
    mutants = False
    weights: ClassVar[dict[str, float]] = {}


def program_at(seed: int, index: int) -> Program:
    """Program number ``index`` of the campaign with this seed."""
    rng = random.Random(f"{seed}:{index}")
    if Kind.language:
        return generate_language(rng, Kind.weights)
    return generate_lists(rng) if Kind.lists else generate(rng)


def arrays_at(seed: int, index: int) -> ArrayProgram:
    rng = random.Random(f"{seed}:{index}")
    return generate_elements(rng) if Kind.elements else generate_arrays(rng)


def made_at(seed: int, index: int) -> Program | ArrayProgram:
    return arrays_at(seed, index) if Kind.arrays else program_at(seed, index)


def mutant(seed: int, index: int) -> Entry:
    return mutant_at(seed, index, on_arrays=Kind.arrays)


def array_verdict(program: ArrayProgram, orders: tuple[int, ...]) -> Verdict:
    with quiet():
        return check_arrays(program, max(orders), Depth.forward)


def verdict_on(program: Program, orders: tuple[int, ...], *, text: bool = False) -> Verdict:
    """check(), and if asked the second order from the emitted text."""
    with quiet():
        try:
            verdict = check(program, orders)
            if text and verdict.kind == "ok":
                with time_limit(20.0):
                    found = second_order_from_text(program)
                verdict = (
                    found
                    if found.kind == "ok"
                    else Verdict(found.kind, f"text: {found.detail}")
                )
        except TimeLimit:
            return Verdict("hang", "second order from the text")
        except Exception as error:
            return Verdict("crash", f"of the harness or the compiler: {error!r}")
    return verdict


@contextmanager
def quiet() -> Iterator[None]:
    """Without CPython's warnings about odd but legal code (``1 is 1``, ``0()``)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_at(index: int, seed: int, orders: tuple[int, ...], text: bool) -> Report:
    """Generate one program and judge it."""
    if Kind.mutants:
        with quiet():
            return index, check_mutant(mutant(seed, index), on_arrays=Kind.arrays)
    if Kind.replayed or Kind.levels:
        check = check_replayed if Kind.replayed else check_levels
        with quiet():
            try:
                return index, check(made_at(seed, index))
            except Exception as error:
                return index, Verdict("crash", f"of the harness or the compiler: {error!r}")
    if Kind.arrays:
        return index, array_verdict(arrays_at(seed, index), orders)
    return index, verdict_on(program_at(seed, index), orders, text=text)


def reports(options: argparse.Namespace) -> Iterator[Report]:
    """The verdicts in order, from one process or several."""
    work = partial(check_at, seed=options.seed, orders=options.orders, text=options.text)
    indices = range(options.start, options.start + options.count)
    if options.jobs == 1:
        yield from map(work, indices)
        return
    with multiprocessing.Pool(options.jobs) as pool:
        yield from pool.imap(work, indices, chunksize=8)


def reason(detail: str) -> str:
    """A refusal's message without places, names and numbers: to count by."""
    text = re.sub(r"\S*\.py:\d+:\d+: |\S*fuzz_program_\d+\S*", "", detail)
    text = re.sub(r"[`'][A-Za-z_]\w*['`]", "NAME", text)
    return re.sub(r"\b(line|column) \d+", r"\1", text).split(" | ")[0][:160]


def campaign(options: argparse.Namespace) -> int:
    """Check many programs; the exit code is 1 if one fails."""
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    examples: dict[str, int] = {}
    failures: list[Report] = []
    for index, verdict in reports(options):
        kinds[verdict.kind] += 1
        if verdict.kind == "refused":
            why = reason(verdict.detail)
            refusals[why] += 1
            examples.setdefault(why, index)
        if verdict.failed:
            failures.append((index, verdict))
            print(
                f"--only {options.seed}:{index}  {verdict.kind}: {verdict.detail}",
                flush=True,
            )
    seconds = time.monotonic() - started
    print_tallies(kinds, refusals, examples, options.seed)
    print(f"{options.count} programs, {seconds:.1f} s, {options.count / seconds:.1f} a second")
    if options.shrink and not (Kind.arrays or Kind.levels or Kind.mutants):
        for index, verdict in distinct(failures)[: options.max_shrink]:
            print_shrunk(
                program_at(options.seed, index),
                verdict,
                options,
                f"{options.seed}:{index}",
            )
    return 1 if failures else 0


def distinct(failures: list[Report]) -> list[Report]:
    """Failures of different looks first."""
    seen: set[str] = set()
    first: list[Report] = []
    rest: list[Report] = []
    for index, verdict in failures:
        look = re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "#", f"{verdict.kind} {verdict.detail}")[:120]
        (rest if look in seen else first).append((index, verdict))
        seen.add(look)
    return first + rest


def print_tallies(
    kinds: Counter[str], refusals: Counter[str], examples: dict[str, int], seed: int
) -> None:
    """How many of each verdict, and why programs were refused."""
    for kind in KINDS:
        mark = "  <-- failures" if kinds[kind] and kind in FAILURES else ""
        print(f"{kinds[kind]:8d}  {kind}{mark}")
    if refusals:
        print("refused because:")
    for why, count in refusals.most_common(40):
        print(f"{count:8d}  {why}  (--only {seed}:{examples[why]})")


def print_shrunk(
    program: Program, verdict: Verdict, options: argparse.Namespace, label: str
) -> None:
    """A failure's smallest program of the same kind."""

    def still_fails(candidate: Program) -> bool:
        return same_failure(verdict, verdict_on(candidate, options.orders, text=options.text))

    small = shrink(program, still_fails, options.shrink_seconds)
    found = verdict_on(small, options.orders, text=options.text)
    print(f"\n=== {label} {found.kind}: {found.detail}\n{small.describe()}")


def same_failure(before: Verdict, after: Verdict) -> bool:
    """The same kind; a crash also of the same exception, a refusal in the same words."""
    if before.kind != after.kind:
        return False
    if before.kind == "refused":
        return reason(before.detail) == reason(after.detail)
    return before.kind != "crash" or before.detail.split(":")[:2] == after.detail.split(":")[:2]


def show_one(options: argparse.Namespace) -> int:
    """Print and check one program."""
    seed, index = map(int, options.only.split(":"))
    if Kind.mutants:
        entry = mutant(seed, index)
        print(f"at: {entry.points[0]}\n{entry.source}\n")
        _, found = check_at(index, seed, options.orders, options.text)
        print(f"{found.kind}: {found.detail}")
        return 1 if found.failed else 0
    if Kind.replayed or Kind.levels:
        one = made_at(seed, index)
        print(one.describe() if isinstance(one, Program) else f"at: {one.point}\n{one.source}")
        _, found = check_at(index, seed, options.orders, options.text)
        print(f"{found.kind}: {found.detail}")
        return 1 if found.failed else 0
    if Kind.arrays:
        made = arrays_at(seed, index)
        found = array_verdict(made, options.orders)
        print(f"at: {made.point}\n{made.source}\n{found.kind}: {found.detail}")
        return 1 if found.failed else 0
    program = program_at(seed, index)
    verdict = verdict_on(program, options.orders, text=options.text)
    print(program.describe())
    print(f"{verdict.kind}: {verdict.detail}")
    if options.shrink and verdict.kind != "ok":
        print_shrunk(program, verdict, options, options.only)
    return 1 if verdict.failed else 0


def show_census(options: argparse.Namespace) -> int:
    """Print what the generator makes."""
    started = time.monotonic()
    with quiet():
        tally = census(
            program_at(options.seed, options.start + i) for i in range(options.count)
        )
    seconds = time.monotonic() - started
    for name, count in tally.most_common():
        print(f"{count:8d}  {100 * count / options.count:6.1f} %  {name}")
    print(f"{options.count / seconds:.0f} programs a second, oracle and differences included")
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="index of the first program")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--orders", default="1,2", type=_orders, help="1, 2 or 1,2")
    parser.add_argument(
        "--text", action="store_true", help="also differentiate the emitted text"
    )
    parser.add_argument("--shrink", action="store_true", help="shrink what fails")
    parser.add_argument("--max-shrink", type=int, default=5, help="shrink so many failures")
    parser.add_argument("--shrink-seconds", type=float, default=60.0, help="for each")
    parser.add_argument(
        "--sparse",
        action="store_true",
        help="for long campaigns: one second partial each, the text and the verifier for"
        " some programs only",
    )
    parser.add_argument("--arrays", action="store_true", help="programs on NumPy arrays")
    parser.add_argument(
        "--elements", action="store_true", help="programs on the elements of arrays"
    )
    parser.add_argument("--lists", action="store_true", help="programs with lists")
    parser.add_argument(
        "--language", action="store_true", help="programs with classes, closures, dicts, …"
    )
    parser.add_argument(
        "--weights",
        default={},
        type=_weights,
        metavar="WAY=FACTOR,…",
        help="with --language: make more or less of a way, as in try_=3,object=0",
    )
    parser.add_argument(
        "--forward", action="store_true", help="forward mode, and mixed modes at order 2"
    )
    parser.add_argument(
        "--checkpoint",
        action="store_true",
        help='checkpoint="revolve" against recording all, to the bit',
    )
    parser.add_argument(
        "--levels", action="store_true", help="-O2 against -O1, first order, and no more"
    )
    parser.add_argument(
        "--mutants",
        action="store_true",
        help="programs of the tests' tables, changed; with --arrays those on arrays",
    )
    parser.add_argument("--only", metavar="SEED:INDEX", help="check this program only")
    parser.add_argument(
        "--census", action="store_true", help="describe the programs, no compiler"
    )
    return parser.parse_args(arguments)


def _orders(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _weights(text: str) -> dict[str, float]:
    pairs = (part.split("=") for part in text.split(","))
    return {way: float(factor) for way, factor in pairs}


def main() -> int:
    """The command."""
    options = parse(sys.argv[1:])
    Kind.lists, Kind.language = options.lists, options.language
    Kind.elements, Kind.levels = options.elements, options.levels
    Kind.arrays = options.arrays or options.elements
    Kind.replayed, Kind.mutants = options.checkpoint, options.mutants
    Kind.weights = options.weights
    Depth.forward = options.forward
    if options.sparse:
        Depth.sparse = True
    else:
        verified.install()
    if options.only:
        return show_one(options)
    return show_census(options) if options.census else campaign(options)


if __name__ == "__main__":
    sys.exit(main())
