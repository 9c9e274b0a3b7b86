"""Errors out of emitted code: under each emitted line stands the user's."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import s2sad

HERE = str(Path(__file__))


def gap(u: float) -> float:
    return math.log(u - 3)


def walk(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        y = y * x - math.sqrt(y)
    return gap(y)


def branch(x: float) -> float:
    if 1 / (x - 2.0) > 1:
        return x
    return math.sqrt(x - 1.0)


def down(x: float, n: int) -> float:
    if n == 0:
        return 1 / (x - 2)
    return down(x * 1.0, n - 1)


def solved(x: NDArray[np.float64], A: NDArray[np.float64]) -> float:
    y = A @ x
    return float(np.sum(np.linalg.solve(A, y)))


def places(call: Callable[[], object]) -> list[tuple[str, str]]:
    """The function and the line of each entry that is the user's, and the last emitted."""
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call()
    entries = traceback.extract_tb(caught.value.__traceback__)
    own = [e for e in entries if e.filename == HERE and e.name in OWN]
    for entry in own:
        before = entries[entries.index(entry) - 1]
        assert before.filename.startswith("<s2sad ")
        assert before.line
    return [(entry.name, entry.line or "") for entry in own]


OWN = ("gap", "walk", "branch", "down", "solved")


def test_the_users_line_stands_under_the_emitted_one() -> None:
    f = s2sad.grad(walk)
    # The first call, one that goes straight to the emitted function, one with an int.
    for x in (1.0, 1.0, 1):
        assert places(partial(f, x, 3)) == [("gap", "return math.log(u - 3)")]


def test_a_condition_and_the_reverse_sweep() -> None:
    f = s2sad.grad(branch)
    assert places(lambda: f(2.0)) == [("branch", "if 1 / (x - 2.0) > 1:")]
    assert places(lambda: f(0.5)) == [("branch", "return math.sqrt(x - 1.0)")]


def test_each_level_of_a_recursion() -> None:
    f = s2sad.grad(down)
    again, last = ("down", "return down(x * 1.0, n - 1)"), ("down", "return 1 / (x - 2)")
    assert places(lambda: f(2.0, 2)) == [again, again, last]


def test_arrays_and_forward_mode() -> None:
    f, ones = s2sad.grad(solved), np.ones((2, 2))
    line = ("solved", "return float(np.sum(np.linalg.solve(A, y)))")
    assert places(lambda: f(ones[0], ones)) == [line]
    push = s2sad.jvp(solved)
    assert places(lambda: push((ones[0], ones), (ones[0], ones))) == [line]


def test_the_entry_points_to_the_expression_and_has_the_variables() -> None:
    f = s2sad.grad(branch)
    with pytest.raises(ZeroDivisionError) as caught:
        f(2.0)
    entry = caught.value.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    assert entry is not None
    assert entry.tb_frame.f_locals["x"] == 2.0
    text = "".join(traceback.format_exception(caught.value))
    assert text.count("if 1 / (x - 2.0) > 1:") == 1
