"""Programs that are known to be right, changed a little, and what s2sad makes of them.

A program that nobody would think of, close to one that somebody did: such found more
faults in minutes than generated programs in hours.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from tests.arrays import check as array_check
from tests.arrays import trees
from tests.language import check as language_check
from tests.language.running import arguments, call, load, time_limit
from tests.language.table import Entry, entries, entries_in
from tests.language.tree import leaves, rebuilt

from .changes import changed
from .outcomes import OK, Verdict

ATTEMPTS = 60
SECONDS = 2  # of a program's own run
# What a program may raise and be of interest: others are always refused, or never end.
RAISED = (ArithmeticError, LookupError, ValueError, UnboundLocalError, AssertionError)
TABLES = Path(array_check.__file__).parent
NUDGE = "\n\nfrom tests.fuzz.mutants import {0}\n"


def mutant_at(seed: int, index: int, *, on_arrays: bool) -> Entry:
    """Mutant number `index` of a campaign: a program that can be called."""
    rng = random.Random(f"mutant:{seed}:{index}")
    parents = _parents(on_arrays)
    for _ in range(ATTEMPTS):
        parent = rng.choice(parents)
        words = {**parent.words, "at": rng.choice(parent.points)}
        # What is read before it is written is another number in each run.
        source = changed(parent.source, rng).replace("np.empty", "np.zeros")
        entry = dataclasses.replace(
            parent, name=f"{parent.name}, mutant {seed}:{index}", source=source, words=words
        )
        if _runs(entry, on_arrays=on_arrays):
            return entry
    raise RuntimeError(f"no mutant that runs in {ATTEMPTS} attempts")


def check_mutant(entry: Entry, *, on_arrays: bool) -> Verdict:
    """The verdict; a wrong number has to be wrong next to the point too, off a kink."""
    found = _verdict(entry, on_arrays=on_arrays)
    if found.kind != "wrong":
        return found
    nudge = "nudged_arrays" if on_arrays else "nudged_numbers"
    words = {**entry.words, "at": f"*{nudge}({entry.points[0]})"}
    source = entry.source + NUDGE.format(nudge)
    beside = dataclasses.replace(entry, name=f"{entry.name}'", source=source, words=words)
    again = _verdict(beside, on_arrays=on_arrays)
    return found if again.kind == "wrong" else Verdict("unstable", found.detail)


def nudged_numbers(*given: Any) -> tuple[Any, ...]:
    """The arguments, each float a little off."""
    return tuple(rebuilt(tree, _beside(leaves(tree))) for tree in given)


def nudged_arrays(*given: Any) -> tuple[Any, ...]:
    """The arguments, each float, alone or in an array, a little off."""

    def move(leaf: Any) -> Any:
        if not trees.is_active(leaf):
            return leaf
        return leaf + 1e-2 * np.cos(1.0 + np.arange(np.size(leaf))).reshape(np.shape(leaf))

    return tuple(trees.mapped(tree, move) for tree in given)


def _beside(numbers: list[float]) -> Iterator[float]:
    return (x + 1e-2 * math.cos(k) for k, x in zip(count(1), numbers))


@cache
def _parents(on_arrays: bool) -> list[Entry]:
    if on_arrays:
        listed = entries_in(TABLES / "programs") + entries_in(TABLES / "hostile")
    else:
        listed = entries("supported")
    known = {"at", "page", "orders"}
    return [
        entry
        for entry in listed
        if known.issuperset(entry.words) and "random" not in entry.source
    ]


def _runs(entry: Entry, *, on_arrays: bool) -> bool:
    """Does it end soon, with a number, or if there are no arrays with an exception?"""
    try:
        with time_limit(SECONDS), np.errstate(all="ignore"):
            names = vars(load(entry.source))
            if "f" not in names:
                return False
            if on_arrays:
                given = array_check.arguments(names, entry.points[0])
                value = names["f"](*given)
                return isinstance(value, float) and math.isfinite(value)
            made = arguments(names, entry.points[0])
            outcome = call(names, lambda: made.of(names["f"]))
    except Exception:  # What a changed program does when it is loaded is its own affair.
        return False
    if outcome.error is not None:
        return isinstance(outcome.error, RAISED)
    return type(outcome.value) is float and math.isfinite(outcome.value)


def _verdict(entry: Entry, *, on_arrays: bool) -> Verdict:
    if on_arrays:
        array = array_check.verdict(entry)
        return _named(array.kind, array.detail)
    found = language_check.verdict(entry)
    return _named(found.kind, found.detail)


def _named(kind: str, detail: str) -> Verdict:
    if kind == "right":
        return OK
    if kind == "crash" and "TimeoutError" in detail:
        return Verdict("hang", detail)
    return Verdict(kind, detail)
