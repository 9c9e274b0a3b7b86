"""What `--open` writes: the words of a refusal, and never that something wrong is fine."""

from __future__ import annotations

from pathlib import Path

import pytest

from s2sad import UnsupportedSyntax

from .check import Verdict
from .recording import record

ENTRY = "== a\nIt shows b.\nat: 0.7\ndef f(x):\n    return x\n"
OPEN = ENTRY.replace("at: 0.7\n", "at: 0.7\nopen: no such thing\n")


def refused(what: str) -> Verdict:
    return Verdict("refused", f"error: {what}", UnsupportedSyntax(what))


@pytest.mark.parametrize(
    ("before", "found", "after"),
    [
        (ENTRY, refused("no such thing,"), OPEN),
        (OPEN, refused("no such thing at all"), OPEN),
        (OPEN, refused("another"), OPEN.replace("no such thing", "another")),
        (OPEN, Verdict("right"), ENTRY),
        (ENTRY, Verdict("right"), ENTRY),
        (ENTRY, Verdict("wrong", "2.0, not 1.0"), ENTRY),
        (OPEN, Verdict("crash", "AssertionError"), OPEN),
    ],
)
def test_recorded(tmp_path: Path, before: str, found: Verdict, after: str) -> None:
    path = tmp_path / "01_chapter.txt"
    path.write_text(f"Title\n\n{before}", encoding="utf-8")
    told = record(tmp_path, "open", lambda entry: found)
    assert path.read_text(encoding="utf-8") == f"Title\n\n{after}"
    assert bool(told) == (before != after or found.kind in ("wrong", "crash"))
