"""Lowering keeps the meaning: the IR, interpreted, gives what Python gives, to the bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from .frontend_programs import PROGRAMS
from .frontend_tools import interpreted, load, lower_live, lower_static, outcome


@pytest.mark.parametrize("name", PROGRAMS)
def test_meaning(name: str, tmp_path: Path) -> None:
    text, points = PROGRAMS[name]
    function = load(text)["f"]
    static, live = lower_static(text, tmp_path), lower_live(text)
    for args in points:
        expected = outcome(function, *args)
        assert outcome(interpreted, static, args) == expected
        assert outcome(interpreted, live, args) == expected
