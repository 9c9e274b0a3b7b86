"""Loops that are left early, conditions, class tests: text → IR → text does the same."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from s2sad.backend.load import load
from s2sad.backend.python import emit
from s2sad.frontend import from_file, lower

NESTED = """
def f(x: float, n: int):
    y = x
    for i in range(n):
        k = 0
        while k < n:
            for j in range(i):
                y = y * x + 0.5 * j
                if y > 10.0:
                    return y - i
                elif y < -9.0:
                    break
                if y == 3.0:
                    return 7.0
            k += 1
            if y < -20.0:
                return y + k
        if y > 5.0:
            break
        y = y - 1.5
    else:
        return y * 2.0
    return y
"""

FLAGS = """
def f(x: float, n: int):
    found = False
    again = False
    y = x
    for i in range(n):
        found = False
        for j in range(i + 1):
            y = y * 1.5 - j
            if y > 4.0:
                found = True
                break
            again = not again
        if found and again:
            y = y - 3.0
            break
    if found:
        y = y + 1.0
    if again:
        y = y * 2.0
    return y
"""

CHAIN = """
def f(x: float, n: int):
    if x > 1.0:
        y = x * n
    elif x > 0.0:
        y = x - n
    elif x > -1.0:
        y = -x
    else:
        y = x * x
    if x > 1.0:
        x = x + y
    if x > 1.0:
        y = y - 1.0
    return x * y
"""

SEVERAL = """
def f(x: float, n: int, y: float = 2.0, z: float = 3.0):
    return x * y ** n - z
"""


@pytest.mark.parametrize("source", [NESTED, FLAGS, CHAIN, SEVERAL])
def test_again_and_again(source: str, tmp_path: Path) -> None:
    scope: dict[str, Any] = {}
    exec(source, scope)
    text = source
    for round_ in range(3):
        path = tmp_path / f"round{round_}.py"
        path.write_text(text)
        text = emit(lower(from_file(str(path), "f")).module)
        emitted = load(text, "f")
        for x, n in product((-3, -2.0, -0.5, 0.3, 1.0, 1.1, 1.7, 2, 3.0, 6.5), range(6)):
            assert emitted(x, n) == scope["f"](x, n), text


def test_elif_stays(tmp_path: Path) -> None:
    path = tmp_path / "chain.py"
    path.write_text(CHAIN)
    text = emit(lower(from_file(str(path), "f")).module)
    assert "    elif x > 0.0:\n" in text


def test_several_floats_are_tested_together(tmp_path: Path) -> None:
    path = tmp_path / "several.py"
    path.write_text(SEVERAL)
    text = emit(lower(from_file(str(path), "f")).module)
    assert "    if not (x.__class__ is y.__class__ is z.__class__ is float):\n" in text
    assert "        x, y, z = float(+x), float(+y), float(+z)\n" in text
