"""Every function of the tables: right, or refused in the words that stand there."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.language.check import Verdict, verdict
from tests.language.running import primal
from tests.language.table import SAME_TEXT, Entry

from .page import PAGE, page
from .table import chapters, is_refused

LISTED = [entry for chapter in chapters() for entry in chapter.entries]


def judged(entry: Entry) -> Verdict:
    for name in re.findall(r"^(?:from|import) ([\w.]+)", entry.source, re.MULTILINE):
        try:
            importlib.import_module(name)
        except ImportError as error:
            pytest.skip(f"not installed: {error}")
    if not SAME_TEXT and isinstance(primal(entry, entry.points[0]).error, TypeError):
        pytest.skip("this version does not take these arguments")
    return verdict(entry)


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry.name)
def test_installed_function(entry: Entry) -> None:
    found = judged(entry)
    assert found.kind in ("right", "refused"), found.detail
    if SAME_TEXT:
        assert found.kind == ("refused" if is_refused(entry) else "right"), found.detail
        assert entry.words.get("says", "") in found.detail


def test_enough_are_right() -> None:
    assert sum(not is_refused(entry) for entry in LISTED) >= 20


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
