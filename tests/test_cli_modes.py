"""The verbs of the other modes on the command line."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from s2sad.cli import main

MODEL = """\
import math


def loss(x: float, w: float, n: int = 2) -> float:
    return math.sin(x * w) + x**n


def total(xs: list[float], scale: float) -> float:
    y = 0.0
    for x in xs:
        y += scale * x * x
    return y


def talks(x: float) -> float:
    print("here")
    return x * x
"""

VERBS = {
    "jvp": ((0.5, 2.0, 2, 1.0, 0.0), "loss_jvp"),
    "vjp": ((0.5, 2.0, 2, 1.0), "loss_vjp"),
    "jacobian": ((0.5, 2.0), "loss_jacobian"),
    "hessian": ((0.5, 2.0), "loss_hessian"),
    "hvp": ((0.5, 2.0, 2, 1.0, 0.0), "loss_hvp"),
    "taylor": ((0.5, 2.0, 2, 1.0, 0.0), "loss_taylor"),
    "linearize": ((0.5, 2.0), "loss_jacobian"),
}


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    return path


def loaded(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_is_written_checked_and_stale(
    verb: str, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = model.with_name("made.py")
    assert main([verb, "model.py:loss", "-o", "made.py"]) == 0
    assert f"s2sad {verb} model.py:loss -o made.py" in out.read_text().splitlines()[0]
    arguments, name = VERBS[verb]
    assert getattr(loaded(out), name)(*arguments)
    assert main(["--check", "made.py"]) == 0
    model.write_text(MODEL.replace("sin", "cos"))
    assert main(["--check", "made.py"]) == 1
    assert "its sources have changed" in capsys.readouterr().out


def test_at_evaluates(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> str:
        assert main(list(words)) == 0, capsys.readouterr().err
        return capsys.readouterr().out.strip()

    assert said("grad", "model.py:total", "--wrt", "scale", "--at", "xs=[1,2],scale=3") == (
        "(15.0, 5.0)"
    )
    assert (
        said(
            "jvp",
            "model.py:total",
            "--wrt",
            "xs",
            "--at",
            "xs=[1.0, 2.0], scale=3.0",
            "--at",
            "xs_dot=[1.0, 0.0]",
        )
        == "(15.0, 6.0)"
    )
    assert said(
        "taylor", "model.py:loss", "--wrt", "x", "--order", "2", "--at", "x=0.0,w=2"
    ) == ("2x + x²")
    line = said("linearize", "model.py:loss", "--at", "x=0.0,w=2.0")
    assert line == "2x"


def test_at_wants_all_arguments(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jvp", "model.py:loss", "--at", "x=1.0,w=2.0"]) == 2
    assert "--at gives no x_dot" in capsys.readouterr().err
    assert main(["grad", "model.py:loss", "--at", "z=1.0"]) == 2
    assert "--at z: it takes x, w, n" in capsys.readouterr().err
    assert main(["grad", "model.py:loss", "--at", "x"]) == 2


def test_a_polynomial_in_several_numbers(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Example 5.15, exact; a default of the function's is one here too."""
    model.write_text("def f(x: float, y: float, n: int = 3):\n    return x**2 + 2*x*y + y**n\n")
    for order in ("3", "9"):
        assert main(["taylor", "model.py:f", "--order", order, "--at", "x=1,y=2"]) == 0
        said = capsys.readouterr().out
        exact = "13 + 6(x-1) + 14(y-2) + (x-1)² + 2(x-1)(y-2) + 6(y-2)² + (y-2)³"
        assert said == f"{exact}\n"
    assert main(["taylor", "model.py:f", "--wrt", "y", "--order", "0", "--at", "x=1,y=2"]) == 0
    assert capsys.readouterr().out == "13\n"
    line = "x=1,y=2,x_dot=1,y_dot=0"
    assert main(["taylor", "model.py:f", "--order", "2", "--at", line]) == 0
    assert capsys.readouterr().out == "(13.0, 6.0, 1.0)\n"


def test_a_hessian_of_each_result(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model.write_text("def f(x: float, y: float):\n    return x**2 * y, x - y\n")
    assert main(["hessian", "model.py:f", "--at", "x=3,y=2"]) == 0
    first, second = (
        "((12.0, 9.0), (1.0, -1.0))",
        "(((4.0, 6.0), (6.0, 0.0)), ((0.0, 0.0), (0.0, 0.0)))",
    )
    assert capsys.readouterr().out == f"({first}, {second})\n"


def test_at_does_not_run_code_of_the_users(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grad", "model.py:talks", "--at", "x=3.0"]) == 2
    assert "which is code of yours: add --run" in capsys.readouterr().err
    assert main(["grad", "model.py:talks", "--at", "x=3.0", "--run"]) == 0
    assert capsys.readouterr().out == "here\n(9.0, 6.0)\n"


def test_the_order_is_in_the_header(model: Path) -> None:
    assert main(["taylor", "model.py:loss", "--wrt", "x", "--order", "6", "-o", "made.py"]) == 0
    text = model.with_name("made.py").read_text()
    assert "--order 6" in text.splitlines()[0]
    assert len(loaded(model.with_name("made.py")).loss_taylor(0.5, 2.0, 2)) == 7
    assert main(["--check", "made.py"]) == 0
