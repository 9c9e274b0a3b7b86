"""Rules that a file declares, read by the command line; functions with a rule as entries."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import s2sad
from s2sad.cli import main
from s2sad.rules import BOUND, forget

FILE = """\
import os
import math
import numpy as np
import s2sad
from s2sad import rule as known


@known("-math.sin(x)")
def my_cos(x):
    return math.cos(x)


@s2sad.rule("my_cos(x)")
def my_sin(x):
    return math.sin(x) + 0.0 * len(os.listdir())


def in_a(a, b):
    return b * b


@known(in_a, "2 * a * b")
def mixed(a, b):
    return a * b * b


@s2sad.rule(a="y_bar @ b.T", b="a.T @ y_bar", result="float[:, :]")
def product(a, b):
    return np.matmul(a, b)


@s2sad.rule("3.0")
def rounded(x):
    return float(round(x))


def f(x: float, w: float) -> float:
    return my_sin(x) * mixed(x, w)


def g(a: "float[:, :]", b: "float[:, :]") -> float:
    return np.sum(product(a, b))
"""

BAD = """
@s2sad.rule(s2sad.nothing(1))
def odd(x):
    return x


@s2sad.rule("unheard(x)")
def unknown(x):
    return x


def h(x: float) -> float:
    return odd(x)


def k(x: float) -> float:
    return unknown(x)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "declares.py").write_text(FILE)
    yield tmp_path
    for name in ("declares", "made"):
        sys.modules.pop(name, None)
    for name in [name for name in BOUND if name.startswith("declares.")]:
        forget(name)


def made(*argv: str) -> Any:
    assert main([*argv, "-o", "made.py", "--force"]) == 0
    importlib.invalidate_caches()
    sys.modules.pop("made", None)
    return importlib.import_module("made")


def test_partials_texts_and_functions(folder: Path) -> None:
    module = made("grad", "declares.py:f", "--wrt", "x,w")
    x, w = 0.7, 1.3
    value, (x_bar, w_bar) = module.f_grad(x, w)
    assert value == pytest.approx(math.sin(x) * x * w * w)
    assert x_bar == pytest.approx(math.cos(x) * x * w * w + math.sin(x) * w * w)
    assert w_bar == pytest.approx(math.sin(x) * 2 * x * w)
    text = (folder / "made.py").read_text()
    assert "import declares\n" in text
    assert "declares.my_cos(x)" in text


def test_second_order_follows_the_rules_of_rules(folder: Path) -> None:
    source = FILE[: FILE.index("def in_a")] + "\n\ndef f(x: float): return my_sin(2 * x)\n"
    (folder / "declares.py").write_text(source)
    _, second = made("hessian", "declares.py:f").f_hessian(0.4)
    assert second == pytest.approx(-4 * math.sin(0.8))


def test_arrays(folder: Path) -> None:
    module = made("grad", "declares.py:g", "--wrt", "a,b")
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    _, (a_bar, b_bar) = module.g_grad(a, b)
    np.testing.assert_allclose(a_bar, np.ones((2, 4)) @ b.T)
    np.testing.assert_allclose(b_bar, a.T @ np.ones((2, 4)))


def test_a_change_of_the_rule_is_seen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grad", "declares.py:rounded", "-o", "made.py"]) == 0
    assert "return a, 3.0" in (folder / "made.py").read_text()
    (folder / "declares.py").write_text(FILE.replace('"3.0"', '"4.0"'))
    assert main(["--check", "made.py"]) == 1
    assert main(["grad", "declares.py:rounded"]) == 0
    assert "return a, 4.0" in capsys.readouterr().out


def test_what_cannot_be_read_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "declares.py").write_text(FILE + BAD)
    for name, what in (("h", "s2sad.nothing(1) is neither"), ("k", "calls unheard")):
        assert main(["grad", f"declares.py:{name}"]) == 3
        err = capsys.readouterr().err
        line = (FILE + BAD).splitlines().index(f"def {name}(x: float) -> float:") + 2
        assert f"declares.py:{line}:12: error[unsupported-function]" in err
        assert what in err


def test_it_is_not_run_without_leave(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["grad", "declares.py:rounded", "--at", "x=2.4"]
    assert main(at) == 2
    assert "declares.rounded, which is code of yours" in capsys.readouterr().err
    assert main([*at, "--run"]) == 0
    assert capsys.readouterr().out == "(2.0, 3.0)\n"


def stepped(x: float) -> float:
    return float(eval("round(x)"))


def test_a_function_with_a_rule_has_that_derivative() -> None:
    """Its body is not looked into, neither for the derivative nor to refuse it."""
    s2sad.rule("3.0 * y", of=stepped)
    try:
        f = s2sad.grad(stepped)
        assert f(2.2) == 6.0
        assert s2sad.grad(f)(2.2) == 18.0
        assert s2sad.jvp(stepped)((2.2,), (1.0,)) == (2.0, 6.0)
    finally:
        forget("stepped")
