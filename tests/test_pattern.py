"""`s2sad show --stage sparsity`: patterns in words and as text, against Jacobians."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from s2sad import hessian, jacobian
from s2sad.cli.generate import lower_target
from s2sad.cli.request import Request, Target
from s2sad.cli.stages import sparsity
from s2sad.inspect.pattern import described, pattern, reduced
from tests.language.running import load

SOURCE = """
import numpy as np

K = 0.3

def heat(u):
    u[1:-1] = u[1:-1] + K * (u[2:] - 2 * u[1:-1] + u[:-2])
    return u

def ring(u):
    return np.roll(u, 1) + np.roll(u, -1) - 2 * u * u

def arrow(u):
    return u[0] * np.sum(u**2) + np.sum(np.sin(u))

def second(u):
    return np.diff(u, 2) * np.arange(1, len(u) - 1)

def smooth(u):
    return np.convolve(u, [1.0, 2.0, 1.0], "same")

def chosen(u):
    return u[u > 0] * 2
"""
TELLS = {
    "heat": "diagonals -1, 0, 1",
    "ring": "diagonals 1 - n, -1, 0, 1, n - 1",
    "arrow": "row 0, column 0, diagonal 0",
    "second": "diagonals 0, 1, 2",
    "smooth": "diagonals -1, 0, 1",
    "chosen": "",
}


@pytest.mark.parametrize("name", TELLS)
def test_a_pattern_holds_all_entries(name: str, tmp_path: Any) -> None:
    path = tmp_path / "m.py"
    path.write_text(SOURCE)
    target = Target(str(path), name)
    subject = lower_target(Request((target,)), target)
    found = pattern(subject.lowered, subject.wish, {}, dict(subject.lowered.constants))
    said = "\n".join(described(found))
    assert TELLS[name] in said
    assert ("not told apart" in said) == (name == "chosen")
    f = vars(load(SOURCE))[name]
    x = np.linspace(0.2, 1.1, 10)
    matrix = hessian(f)(x) if name == "arrow" else jacobian(f)(x)
    assert np.array_equal(matrix != 0, found.at[0]) or name == "chosen"
    text = sparsity(subject, {"u": [1.0, 2.0, 3.0, 4.0]})
    assert len(text.splitlines()[-1].split()) == 4


def test_a_large_pattern_is_drawn_small() -> None:
    small, step = reduced(np.eye(500, dtype=bool))
    assert step == 11
    assert small.shape == (46, 46)
    assert np.array_equal(small, np.eye(46, dtype=bool))
