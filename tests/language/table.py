"""Reading the tables: one text file a chapter, one entry a construct.

    Title of the chapter

    Prose for the page, if there is any.

    == name of the entry
    One line: what it shows.
    at: 0.7 / -1.3
    def f(x): ...

Between the line of prose and the text there may stand

at: the points, `/` between them, each the text of the arguments of a call.
argnums: what `grad` is told; without it, every argument that holds a float.
aux: f returns (value, aux).
orders: 1, and why: the second derivative is not asked for.
oracle: differences, where the program cannot run on jets.
state: an expression that must have the same value after the gradient as after the primal;
    such a program is loaded anew for each call.
page: code, if the page is to show the program.
open: what is said of a program that is yet refused (`python -m tests.language --open`).
says: a part of the message; the line that is refused ends in `# refused`, unless it is in
    a library.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
MARK = "# refused"
# The tables and pages hold what is said with this version; of the sources and the objects
# of another version, other things may be said.
SAME_TEXT = sys.version_info[:2] == (3, 11)
_DIRECTIVE = re.compile(r"(at|argnums|aux|orders|oracle|state|page|open|says): (.*)")


@dataclass(frozen=True)
class Entry:
    """One program of a table."""

    chapter: str
    name: str
    shows: str
    source: str
    words: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> list[str]:
        return self.words["at"].split(" / ")

    @property
    def argnums(self) -> int | str | tuple[int | str, ...] | None:
        text = self.words.get("argnums")
        value: int | str | tuple[int | str, ...] | None = text and ast.literal_eval(text)
        return value

    @property
    def aux(self) -> bool:
        return "aux" in self.words

    @property
    def orders(self) -> int:
        return 1 if self.aux else int(self.words.get("orders", "2")[0])

    @property
    def is_open(self) -> bool:
        return "open" in self.words

    @property
    def state(self) -> str:
        return self.words.get("state", "None")

    @property
    def by_differences(self) -> bool:
        return "oracle" in self.words

    @property
    def refused_line(self) -> int | None:
        for number, line in enumerate(self.source.splitlines(), 1):
            if line.endswith(MARK):
                return number
        return None


@dataclass(frozen=True)
class Chapter:
    title: str
    prose: str
    entries: tuple[Entry, ...]


@cache
def chapters(table: str) -> tuple[Chapter, ...]:
    """The chapters of a table, in the order of their file names."""
    return read(HERE / table)


def read(directory: Path) -> tuple[Chapter, ...]:
    return tuple(_chapter(path) for path in sorted(directory.glob("*.txt")))


def entries(table: str) -> list[Entry]:
    return [entry for chapter in chapters(table) for entry in chapter.entries]


def entries_in(directory: Path) -> list[Entry]:
    return [entry for chapter in read(directory) for entry in chapter.entries]


def _chapter(path: Path) -> Chapter:
    head, *parts = split(path)
    title, _, prose = head.strip().partition("\n")
    made = tuple(entry(chapter_name(path), part) for part in parts)
    return Chapter(title, prose.strip(), made)


def split(path: Path) -> list[str]:
    """The text of a chapter: its head, and a part for each entry."""
    return re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def chapter_name(path: Path) -> str:
    return path.stem[3:]


def entry(chapter: str, text: str) -> Entry:
    name, shows, *lines = text.splitlines()
    words = {}
    while lines and (found := _DIRECTIVE.fullmatch(lines[0])):
        words[found[1]] = found[2]
        del lines[0]
    source = "\n".join(lines).strip("\n") + "\n"
    if "at" not in words:
        raise ValueError(f"{chapter}: {name}: no points")
    return Entry(chapter, name, shows, source, words)


def with_word(text: str, key: str, value: str | None) -> str:
    """The text of an entry with another value of a word, or without it."""
    name, shows, *lines = text.splitlines(keepends=True)
    words = []
    while lines and _DIRECTIVE.fullmatch(lines[0].rstrip("\n")):
        words.append(lines.pop(0))
    words = [line for line in words if not line.startswith(f"{key}: ")]
    if value is not None:
        words.append(f"{key}: {value}\n")
    return "".join([name, shows, *words, *lines])
