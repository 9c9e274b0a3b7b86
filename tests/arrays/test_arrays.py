"""Every array program of the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.table import Entry, entries_in

from .check import refusal, verdict

HERE = Path(__file__).parent


def each(*tables: str) -> pytest.MarkDecorator:
    listed = [entry for table in tables for entry in entries_in(HERE / table)]
    names = [f"{entry.chapter}-{entry.name}" for entry in listed]
    assert len(set(names)) == len(names)
    return pytest.mark.parametrize("entry", listed, ids=names)


@each("programs", "memory")
def test_program(entry: Entry) -> None:
    _judge(entry)


@each("hostile")
def test_hostile_program(entry: Entry) -> None:
    """Two owners, overlapping views, repeated indices, masks that change."""
    _judge(entry)


def _judge(entry: Entry) -> None:
    found = verdict(entry)
    if entry.is_open:
        assert found.kind == "refused", found.detail
        assert entry.words["open"] in found.detail
    else:
        assert found.kind == "right", found.detail


@each("refused")
def test_refused(entry: Entry) -> None:
    found = refusal(entry)
    assert found.kind == "right", found.detail
