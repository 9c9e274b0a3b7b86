"""`docs/wild.md`, made from the tables: `python -m tests.wild.page`."""

from __future__ import annotations

from pathlib import Path

from tests.language.table import Chapter, Entry

from .table import chapters, is_refused

PAGE = Path(__file__).parents[2] / "docs" / "wild.md"

_HEAD = """\
# Functions in the wild

Functions of the standard library and of installed packages, differentiated as they are
installed: nothing is rewritten, what they call is followed into its own source. Of {all}
tried, {right} are right: value, gradient and second derivative are compared with numerical
differences, at every point the tests name, and so are the exceptions where the function
raises. {refused} are refused, each for the reason given; none is wrong. The tables are in
`tests/wild/functions/`, for Python 3.11; `make docs` writes this page anew.
"""


def page() -> str:
    listed = [entry for chapter in chapters() for entry in chapter.entries]
    refused = sum(map(is_refused, listed))
    head = _HEAD.format(all=len(listed), right=len(listed) - refused, refused=refused)
    return "\n".join([head, *map(_chapter, chapters())])


def _chapter(chapter: Chapter) -> str:
    right = [entry for entry in chapter.entries if not is_refused(entry)]
    refused = [entry for entry in chapter.entries if is_refused(entry)]
    return "".join(
        [
            f"## {chapter.title}\n\n",
            f"{len(right)} of {len(chapter.entries)} are right.\n\n",
            "| | |\n|---|---|\n",
            *(f"| `{e.name}` | {_cell(e.shows)} |\n" for e in right),
            "\nRefused:\n\n",
            "| | why | what is said |\n|---|---|---|\n",
            *(_refused(e) for e in refused),
        ]
    )


def _refused(entry: Entry) -> str:
    return f"| `{entry.name}` | {_cell(entry.shows)} | {_cell(entry.words['says'])} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
