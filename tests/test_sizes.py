"""Sizes of arrays in annotations and `--type`: what they promise is tested at the call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2sad import UnsupportedSyntax, value_and_grad
from s2sad.cli import main

PROGRAM = """import numpy as np


def misfit(u, v):
    return np.sum((u - v) ** 2)


def network(theta, x):
    for A, b in theta:
        x = np.tanh(A @ x + b)
    return np.sum(x)
"""
A, B = np.arange(6.0).reshape(2, 3) / 6, np.arange(2.0)


@pytest.fixture
def emitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The function that the command line emits for types."""

    def make(name: str, **types: str) -> Any:
        path = tmp_path / "program.py"
        path.write_text(PROGRAM)
        words = [f"--type={name}={text}" for name, text in types.items()]
        assert main(["grad", f"{path}:{name}", *words]) == 0
        names: dict[str, Any] = {}
        exec(capsys.readouterr().out, names)
        return names[f"{name}_grad"]

    return make


def test_one_name_is_one_size(emitted: Callable[..., Any]) -> None:
    grad = emitted("misfit", u="float[n]", v="float[n]")
    for n in (1, 4):
        _, gradient = grad(np.zeros(n), np.ones(n))
        assert gradient.tolist() == [-2.0] * n
    with pytest.raises(TypeError, match=r"v has to be float\[n\]"):
        grad(np.zeros(1), np.ones(4))


def test_a_known_size(emitted: Callable[..., Any]) -> None:
    grad = emitted("misfit", u="float[3]", v="float[3]")
    assert grad(np.zeros(3), np.ones(3))[0] == 3.0
    with pytest.raises(TypeError, match=r"u has to be float\[3\]"):
        grad(np.zeros(4), np.ones(4))


def test_any_size_broadcasts(emitted: Callable[..., Any]) -> None:
    grad = emitted("misfit", u="float[_]", v="float[_]")
    assert grad(np.zeros(1), np.ones(4))[1].tolist() == [-8.0]
    with pytest.raises(TypeError, match="an axis of size 1 in u"):
        emitted("misfit", u="float[:]", v="float[:]")(np.zeros(1), np.ones(4))


@pytest.mark.parametrize("axis", [":", "_"])
def test_arrays_in_a_list_are_looked_at(emitted: Callable[..., Any], axis: str) -> None:
    types = f"list[tuple[float[{axis}, {axis}], float[{axis}]]]"
    grad = emitted("network", theta=types, x="float[:]")
    _, [(A_bar, b_bar)] = grad([(A, B)], np.ones(3))
    assert A_bar.shape == (2, 3)
    assert b_bar.shape == (2,)
    wrong = [
        [(A, B[None])],
        [(A[0], B)],
        [(A, B.astype(int))],
        [(A.tolist(), B)],
        [(A, B, B)],
    ]
    for theta in wrong:
        with pytest.raises(TypeError, match="theta has to be"):
            grad(theta, np.ones(3))


def test_an_axis_of_1_in_a_list(emitted: Callable[..., Any]) -> None:
    single = [(A, B), (np.ones((1, 2)), np.ones(1))]
    grad = emitted("network", theta="list[tuple[float[:, :], float[:]]]", x="float[:]")
    with pytest.raises(TypeError, match="an axis of size 1 in theta"):
        grad(single, np.ones(3))
    grad = emitted("network", theta="list[tuple[float[_, _], float[_]]]", x="float[:]")
    assert [b.shape for _, b in grad(single, np.ones(3))[1]] == [(2,), (1,)]


def turned(w: float[:, 3], x: float[:, 3]) -> Any:  # type: ignore[valid-type, type-arg]
    return np.sum(np.cross(w, x) ** 2)


def test_an_annotation_is_believed() -> None:
    rows = np.arange(12.0).reshape(4, 3)
    value, gradient = value_and_grad(turned)(rows, rows[::-1].copy())
    assert value == np.sum(np.cross(rows, rows[::-1]) ** 2)
    assert gradient.shape == (4, 3)
    with pytest.raises(TypeError, match=r"w has to be float\[:, 3\]"):
        value_and_grad(turned)(rows[:, :2].copy(), rows)


def test_a_size_that_settles_the_rank() -> None:
    def crossed(w: np.ndarray, x: np.ndarray) -> Any:
        return np.sum(np.squeeze(w[: x.shape[0]]) * x)

    with pytest.raises(UnsupportedSyntax, match="the rank of the result depends on a value"):
        value_and_grad(crossed)(np.ones(4), np.ones(4))
