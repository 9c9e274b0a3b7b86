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

Each construct below is a program that the tests run: its value, its gradient and its second
derivative are compared with an independent oracle. The tables are in `tests/language/`;
`make docs` writes this page anew.
"""

_REFUSED = """\
# What is refused

Each with the message as it is printed.
"""


def page() -> str:
    parts = [_HEAD]
    for chapter in chapters("supported"):
        parts.append(_supported(chapter))
    parts.append(_REFUSED)
    for chapter in chapters("refused"):
        parts.append(f"## {chapter.title}\n")
        parts += [_refusal(entry) for entry in chapter.entries]
    return "\n".join(parts)


def _supported(chapter: Chapter) -> str:
    lines = [f"- {entry.shows}" for entry in chapter.entries]
    return f"## {chapter.title}\n\n" + "\n".join(lines) + "\n"


def _code(title: str, entry: Entry) -> str:
    return f"{title}\n\n```python\n{_plain(entry.source)}```\n"


def _plain(source: str) -> str:
    return re.sub(rf" *{MARK}$", "", source, flags=re.MULTILINE)


def _refusal(entry: Entry) -> str:
    return _code(entry.shows, entry) + f"\n```text\n{message(entry)}\n```\n"


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
