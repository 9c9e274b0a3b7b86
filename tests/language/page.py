"""`docs/language.md`, made from the tables: `python -m tests.language.page`."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from .check import refusal
from .table import MARK, Chapter, Entry, chapters

PAGE = Path(__file__).parents[2] / "docs" / "language.md"

_HEAD = """\
# The language

What s2sad differentiates. Each line stands for a program that the tests run: its value, its
gradient and its second derivative are compared with an independent oracle. The programs are
in `tests/language/`; `make docs` writes this page anew.
"""

_REFUSED = """\
# What is refused

What is not understood in full is refused, with the place and with what to write instead.
"""


def page() -> str:
    parts = [_HEAD]
    for chapter in chapters("supported"):
        parts += [_title(chapter), *map(_supported, chapter.entries)]
    parts += ["", _REFUSED]
    for chapter in chapters("refused"):
        parts += [_title(chapter), *map(_refused, chapter.entries)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts) + "\n")


def _title(chapter: Chapter) -> str:
    prose = f"{chapter.prose}\n\n" if chapter.prose else ""
    return f"\n## {chapter.title}\n\n{prose}".rstrip("\n") + "\n"


def _supported(entry: Entry) -> str:
    line = f"- {entry.name}: {entry.shows}"
    if "page" in entry.words:
        line += f"\n\n{_fenced('python', entry.source)}"
    return line


def _refused(entry: Entry) -> str:
    return f"- {entry.name}: {entry.shows}\n\n{_fenced('text', message(entry))}"


def _fenced(language: str, text: str) -> str:
    """A block of code within an item of a list."""
    block = f"```{language}\n{text.rstrip()}\n```"
    return "".join(f"  {line}\n" if line else "\n" for line in block.splitlines())


def _plain(source: str) -> str:
    return re.sub(rf" *{MARK}$", "", source, flags=re.MULTILINE)


def message(entry: Entry) -> str:
    """The refusal as it is printed, for a file called model.py."""
    plain = dataclasses.replace(entry, source=_plain(entry.source))
    error = refusal(plain).error
    if error is None:
        return "(not yet refused)"
    file = error.filename or ""
    return str(error).replace(file, "model.py") if file else str(error)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
