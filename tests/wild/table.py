"""The tables: differences are the oracle, for installed code knows no jets."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

from tests.language.check import Verdict, verdict
from tests.language.table import Chapter, Entry, read

FUNCTIONS = Path(__file__).parent / "functions"


@cache
def chapters() -> tuple[Chapter, ...]:
    return tuple(
        dataclasses.replace(chapter, entries=tuple(map(_compared, chapter.entries)))
        for chapter in read(FUNCTIONS)
    )


def _compared(entry: Entry) -> Entry:
    return dataclasses.replace(entry, words={"oracle": "differences", **entry.words})


def is_refused(entry: Entry) -> bool:
    return "says" in entry.words


def judged(entry: Entry) -> Verdict:
    """The verdict on an entry as it is read, before it is told its oracle."""
    return verdict(_compared(entry))
