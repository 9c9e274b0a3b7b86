"""`strict=True`: at a kink that depends on what is differentiated, ArithmeticError."""

from __future__ import annotations

import importlib
import math
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from s2sad import grad, value_and_grad
from s2sad.cli import main
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.kinks import OF_ARRAYS, OF_NUMBERS
from s2sad.ops.reductions import REDUCTIONS

Vector = NDArray[np.float64]


def size(x: float) -> float:
    return abs(x) * 2.0


def highest(x: float) -> float:
    return max(x, 1.0, x * x)


def stepped(x: float) -> float:
    return math.floor(x) * x


def branched(x: float) -> float:
    if x >= 2.0:
        return x * x
    return 4.0 * x


def root(x: float) -> float:
    return math.sqrt(x - 1.0)


def rest(x: float) -> float:
    return x % 0.5


def rounded(x: float) -> float:
    return round(x) + x


def looped(x: float) -> float:
    total = 0.0
    for k in range(4):
        total += abs(x - k)
    return total


def callee(u: float, n: int) -> float:
    return abs(u) if n == 0 else callee(u - 1.0, n - 1)


def recursive(x: float) -> float:
    return callee(x, 3)


def listed(x: float) -> float:
    return max([x, 2.0 * x, 3.0])


NUMBERS: list[tuple[Callable[[float], float], float, float, str]] = [
    (size, 0.5, 0.0, "abs(x) is at a kink"),
    (highest, 0.5, 1.0, "max(x, 1.0, x * x) is at a kink"),
    (stepped, 0.5, 2.0, "math.floor(x) is at a kink"),
    (branched, 1.5, 2.0, "x >= 2.0 is at a kink"),
    (root, 1.5, 1.0, "math.sqrt(x - 1.0) is at a kink"),
    (rest, 0.7, 1.5, "x % 0.5 is at a kink"),
    (rounded, 0.7, 2.5, "round(x) is at a kink"),
    (looped, 1.5, 3.0, "abs(x - k) is at a kink"),
    (recursive, 1.5, 3.0, "abs(u) is at a kink"),
    (listed, 1.0, 1.5, "max([x, 2.0 * x, 3.0]) is at a kink"),
]


@pytest.mark.parametrize(("func", "smooth", "kink", "what"), NUMBERS)
def test_numbers(func: Callable[[float], float], smooth: float, kink: float, what: str) -> None:
    plain, strict = value_and_grad(func), value_and_grad(func, strict=True)
    assert strict(smooth) == plain(smooth)
    plain(kink)
    with pytest.raises(ArithmeticError, match="line ") as caught:
        strict(kink)
    assert str(caught.value).endswith(what)


ARRAYS: list[tuple[str, Callable[[Vector], Any], list[float], list[float]]] = [
    ("abs", lambda x: np.sum(np.abs(x)), [1.0, -2.0], [1.0, 0.0]),
    ("maximum", lambda x: np.sum(np.maximum(x, 1.0)), [2.0, 0.0], [2.0, 1.0]),
    ("clip", lambda x: np.sum(np.clip(x, 0.0, None)), [2.0, -1.0], [2.0, 0.0]),
    ("max", lambda x: np.max(x), [2.0, 1.0], [2.0, 2.0]),
    ("rows", lambda x: np.sum(np.min(x.reshape(2, 2), axis=1)), [1, 2, 3, 4], [1, 2, 3, 3]),
    ("power", lambda x: np.sum(x**0.5 + x % 3.0), [2.0, 1.0], [6.0, 1.0]),
    ("sort", lambda x: np.sort(x) @ np.array([1.0, 2.0]), [2.0, 1.0], [2.0, 2.0]),
    ("norm", lambda x: np.linalg.norm(x), [2.0, 1.0], [0.0, 0.0]),
    ("std", lambda x: np.std(x), [2.0, 1.0], [1.0, 1.0]),
    ("sign", lambda x: np.sum(np.sign(x) * x), [2.0, 1.0], [0.0, 1.0]),
    ("sqrt", lambda x: np.sum(np.sqrt(x)), [2.0, 1.0], [0.0, 1.0]),
    ("where", lambda x: np.sum(np.where(x > 1.0, x, 2 * x)), [2.0, 0.0], [1.0, 0.0]),
    ("round", lambda x: np.sum(np.round(x, 1) * x), [0.21, 0.0], [0.25, 0.0]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("func", "smooth", "kink"), [row[1:] for row in ARRAYS], ids=[row[0] for row in ARRAYS]
)
def test_arrays(func: Callable[[Vector], Any], smooth: list[float], kink: list[float]) -> None:
    plain, strict = grad(func), grad(func, strict=True)
    x, at = np.array(smooth, float), np.array(kink, float)
    np.testing.assert_array_equal(strict(x), plain(x))
    with np.errstate(divide="ignore"):
        plain(at)
        with pytest.raises(ArithmeticError, match="is at a kink"):
            strict(at)


def test_what_does_not_vary_may_be_at_one() -> None:
    def shifted(x: float, c: float) -> float:
        return x * abs(c) + max(c, 0.0)

    assert value_and_grad(shifted, strict=True)(2.0, 0.0) == (0.0, 0.0)


def test_second_order_and_pickles() -> None:
    second = grad(grad(size, strict=True))
    assert second(1.0) == 0.0
    with pytest.raises(ArithmeticError):
        second(0.0)
    with pytest.raises(ArithmeticError):
        pickle.loads(pickle.dumps(grad(size, strict=True)))(0.0)


def test_a_file_and_its_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "kinks.py").write_text("def f(x: float) -> float:\n    return abs(x - 1.0)\n")
    assert main(["jvp", "kinks.py:f", "--strict", "-o", "kinks_jvp.py"]) == 0
    assert main(["--check", "kinks_jvp.py"]) == 0
    try:
        made = importlib.import_module("kinks_jvp")
        assert made.f_jvp(3.0, 1.0) == (2.0, 1.0)
        with pytest.raises(ArithmeticError, match=r"line 2: abs\(x - 1.0\) is at a kink"):
            made.f_jvp(1.0, 1.0)
    finally:
        sys.modules.pop("kinks_jvp", None)


def test_the_tables_speak_of_primitives() -> None:
    assert set(OF_NUMBERS) <= {*PRIMITIVES, *REDUCTIONS}
    assert set(OF_ARRAYS) <= {*ARRAY_OPS, *PRIMITIVES}
