"""Every program of the tables."""

from __future__ import annotations

import pytest

from .check import refusal, verdict
from .commandline import takes_floats, written_verdict
from .forward import forward_verdict, is_plain
from .page import PAGE, page
from .selfcheck import complaint
from .table import SAME_TEXT, Entry, entries


def each(*tables: str) -> pytest.MarkDecorator:
    listed = [entry for table in tables for entry in entries(table)]
    names = [f"{entry.chapter}-{entry.name}" for entry in listed]
    assert len(set(names)) == len(names)
    return pytest.mark.parametrize("entry", listed, ids=names)


@each("supported")
def test_supported(entry: Entry) -> None:
    found = verdict(entry)
    if not entry.is_open:
        assert found.kind == "right", found.detail
    elif SAME_TEXT:
        assert found.kind != "right", "this works now: delete its `open:` line"
        assert found.kind == "refused", found.detail
        assert entry.words["open"] in found.detail
    else:
        assert found.kind in ("right", "refused"), found.detail


@each("supported")
def test_supported_in_forward_mode(entry: Entry) -> None:
    """The tangent, the pullback, and the Hessian times a vector."""
    if is_plain(entry):
        found = forward_verdict(entry)
        assert found.kind in ("right", *(["refused"] if entry.is_open else [])), found.detail


@each("either")
def test_refused_or_right(entry: Entry) -> None:
    found = verdict(entry)
    assert found.kind in ("right", "refused"), found.detail


@each("supported", "either")
def test_written_is_refused_or_right(entry: Entry) -> None:
    """What the command line writes without running the program."""
    if takes_floats(entry):
        found = written_verdict(entry)
        assert found.kind in ("right", "refused"), found.detail


@each("refused")
def test_refused(entry: Entry) -> None:
    found = refusal(entry)
    assert found.kind in ("right", *([] if SAME_TEXT else ["refused"])), found.detail


@pytest.mark.parametrize("entry", entries("supported")[::7], ids=lambda entry: entry.name)
def test_the_oracle(entry: Entry) -> None:
    """A sample; `python -m tests.language --check` looks at all."""
    assert not complaint(entry)


@pytest.mark.skipif(not SAME_TEXT, reason="it quotes Python's own texts")
def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
