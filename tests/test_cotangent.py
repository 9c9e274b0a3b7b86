"""`with s2sad.cotangent(y) as y_bar:` a block of the reverse sweep."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import s2sad
from s2sad import cotangent, grad, value_and_grad
from s2sad.cli import main

Vector = NDArray[np.float64]
seen: list[float] = []


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


def clipped(x: float, w: float) -> float:
    y = x * w
    with cotangent(y) as y_bar:
        y_bar = max(-1.0, min(1.0, y_bar))
    return math.exp(y) + y


def test_the_adjoint_is_changed_where_it_is_complete() -> None:
    f = value_and_grad(clipped, (0, 1))
    assert f(0.5, 2.0) == (math.e + 1.0, (2.0, 0.5))
    # exp'(y) + 1 at y = -3 is less than the bound above, so 1.0 is what is left.
    assert f(-3.0, 1.0)[1][0] == 1.0


def test_the_value_is_that_without_the_block() -> None:
    assert clipped(0.5, 2.0) == math.e + 1.0


def watched(x: float) -> float:
    y = x
    for _ in range(3):
        y = math.sin(y) * x
        with cotangent(y) as y_bar:
            seen.append(y_bar)
    return y


def plain(x: float) -> float:
    y = x
    for _ in range(3):
        y = math.sin(y) * x
    return y


def test_a_look_at_each_pass_and_no_change() -> None:
    assert value_and_grad(watched)(0.7) == value_and_grad(plain)(0.7)
    ys = [0.7]
    for _ in range(3):
        ys.append(math.sin(ys[-1]) * 0.7)
    bars = [1.0]
    for y in reversed(ys[1:3]):
        bars.append(bars[-1] * 0.7 * math.cos(y))
    assert seen == pytest.approx(bars)


def test_forward_mode_passes_what_is_only_looked_at() -> None:
    assert s2sad.jvp(watched)((0.7,), (1.0,)) == s2sad.jvp(plain)((0.7,), (1.0,))
    assert seen == []
    with pytest.raises(s2sad.NotDifferentiable, match="whose adjoint is changed"):
        s2sad.jvp(clipped)((0.5, 2.0), (1.0, 0.0))


def branchy(x: float) -> float:
    y = x**3
    if x > 0:
        z = y * 2
        with cotangent(y) as g:
            g = 0.0  # noqa: F841
        z = z + y
    else:
        z = y
    with cotangent(z) as gz:
        if abs(gz) > 0.5:
            gz = gz / abs(gz)
    return 3 * z


def test_in_a_branch_only_what_comes_after_counts() -> None:
    # The y in y * 2 is the one before the block.
    assert grad(branchy)(2.0) == 2 * 3 * 4.0
    assert grad(branchy)(-2.0) == 3 * 4.0
    assert grad(grad(branchy))(2.0) == 2 * 6 * 2.0


def on_arrays(x: Vector) -> float:
    a = np.sin(x)
    b = a
    with cotangent(a) as a_bar:
        a_bar *= 0.5
        assert np.all(np.isfinite(a_bar)), "not finite"
    b[0] = 2.0
    return float(np.sum(a * b))


def test_arrays_and_their_other_names() -> None:
    x = np.array([1.0, 2.0, 3.0])
    value, gradient = value_and_grad(on_arrays)(x)
    assert value == on_arrays(x) == 4.0 + np.sum(np.sin(x[1:]) ** 2)
    expected = np.sin(x) * np.cos(x)
    expected[0] = 0.0
    np.testing.assert_allclose(gradient, expected)
    assert x[0] == 1.0


def weighed(x: float, n: int) -> float:
    total, weights = 0.0, np.zeros(2)
    for k in range(n):
        weights[0] = x * k
        y = x * x
        with cotangent(y) as y_bar:
            y_bar = y_bar * weights[0]
        total += y
    weights[0] = 100.0
    return float(total + 0.0 * weights[0])


def test_the_block_reads_what_there_was_at_its_place() -> None:
    """Elements that are overwritten later, in the next pass and after the loop."""
    value, gradient = value_and_grad(weighed)(1.5, 4)
    assert value == 4 * 1.5**2
    assert gradient == pytest.approx(2 * 1.5 * 1.5 * (0 + 1 + 2 + 3))


def overflows(x: Vector) -> float:
    a = np.sqrt(x)
    with cotangent(a) as a_bar:
        assert np.all(np.abs(a_bar) < 1e3), "too steep"
    return float(np.sum(np.exp(a)))


def test_what_the_block_raises_is_raised() -> None:
    x = np.array([1.0, 100.0])
    overflows(x)
    with pytest.raises(AssertionError, match="too steep"):
        grad(overflows)(x)


def forgotten(x: float) -> float:
    y = x * x
    with cotangent(y) as y_bar:
        seen.append(y_bar)
        y_bar = y_bar + 1.0
    return x + 0.0 * y


def test_an_adjoint_of_zero_is_one_too() -> None:
    assert grad(forgotten)(3.0) == 1.0 + 1.0 * 6.0
    assert seen == [0.0]


def returns(x: float) -> float:
    y = x * x
    with cotangent(y) as y_bar:  # noqa: F841
        return y


def binds(x: float) -> float:
    y, n = x * x, 1.0
    with cotangent(y) as y_bar:
        n = n + y_bar
    return y * n


def computed(x: float) -> float:
    with cotangent(x * x) as y_bar:
        y_bar = y_bar * 2.0
    return x


def whole(x: float, n: int) -> float:
    with cotangent(n) as n_bar:
        n_bar = n_bar * 2
    return x * n


def part(x: Vector) -> float:
    y = x[1:]
    with cotangent(y) as y_bar:
        y_bar = y_bar * 2.0
    return float(np.sum(y))


@pytest.mark.parametrize(
    ("func", "args", "what"),
    [
        (returns, (1.0,), "a way out of the block"),
        (binds, (1.0,), "an assignment to n"),
        (computed, (1.0,), "this use of s2sad.cotangent"),
        (whole, (1.0, 2), "the cotangent of n, which is of type int"),
        (part, (np.ones(3),), "the cotangent of a part"),
    ],
)
def test_refusals(func: Callable[..., float], args: tuple[Any, ...], what: str) -> None:
    with pytest.raises(s2sad.S2sadError, match=what) as caught:
        grad(func)(*args)
    assert caught.value.lineno is not None


def test_no_derivation_hides_it() -> None:
    with pytest.raises(s2sad.UnsupportedFunction, match="block of a cotangent"):
        grad(branchy).explain(2.0)


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "clips.py").write_text(
        "import math\nimport s2sad as ad\n\n\n"
        "def f(x: float) -> float:\n    y = x * x\n"
        "    with ad.cotangent(y) as y_bar:\n"
        "        y_bar = min(y_bar, 1.0)\n"
        "    return 5.0 * y\n"
    )
    assert main(["grad", "clips.py:f", "-o", "clips_grad.py"]) == 0
    assert "s2sad" not in (tmp_path / "clips_grad.py").read_text().partition("def ")[2]
    try:
        assert importlib.import_module("clips_grad").f_grad(3.0) == (45.0, 6.0)
    finally:
        sys.modules.pop("clips_grad", None)
