"""`docs/language.md`, made from the tables: `python -m tests.language.page`."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from .check import in_a_library, refusal
from .table import MARK, Chapter, Entry, chapters, entries

PAGE = Path(__file__).parents[2] / "docs" / "language.md"

_HEAD = """\
# The language

What s2sad differentiates. Each line stands for a program that the tests run: its value, its
gradient and its second derivative are compared with an independent oracle. {right} are right.
{open} more, under "Not yet", are refused so far, in the words that stand there; none is wrong.
The programs are in `tests/language/`; `make docs` writes this page anew.
"""

_REFUSED = """\
# What is refused

What is not understood in full is refused, with the place and with what to write instead.
"""


def page() -> str:
    listed = entries("supported")
    count = sum(entry.is_open for entry in listed)
    parts = [_HEAD.format(right=len(listed) - count, open=count)]
    for chapter in chapters("supported"):
        right = [entry for entry in chapter.entries if not entry.is_open]
        parts += [_title(chapter), *map(_supported, right)]
        not_yet = [entry for entry in chapter.entries if entry.is_open]
        parts += ["\nNot yet:\n", *map(_open, not_yet)] if not_yet else []
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


def _open(entry: Entry) -> str:
    return f"- {entry.name}: {entry.shows} Said: `{entry.words['open']}`"


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
    file = error.filename
    if file is None:
        return str(error)
    if in_a_library(error):
        # No line and no text of it: they differ from one version to the next.
        package = re.split(r"/python3\.\d+/(?:site-packages/)?", file)[-1]
        advice = f"\n  instead: {error.instead}" if error.instead else ""
        return f"{package}: error[{error.code}]: {error.what}{advice}"
    return str(error).replace(file, "model.py")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
