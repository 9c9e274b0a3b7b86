"""`s2sad build`, and errors for editors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from s2sad.cli import main
from s2sad.cli.diagnostics import code_of
from s2sad.errors import S2sadError
from s2sad.inspect.subject import PointNeeded

pytest.importorskip("tomllib")

MODEL = """\
import math

def loss(w: float, b: float) -> float:
    return math.exp(w) * b

def penalty(w):
    return w**2
"""
PROJECT = """\
[[tool.s2sad.generate]]
functions = ["model.py:loss"]
out = "loss_grad.py"
wrt = ["w", "b"]

[[tool.s2sad.generate]]
functions = "model.py:penalty"
out = "penalty_jvp.py"
verb = "jvp"
types = { w = "float" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path / "pyproject.toml"


def built(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["build", *map(str, words), "--jobs", "1"])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_what_is_built(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = "loss_grad.py: new\npenalty_jvp.py: new\n"
    assert built(capsys, project, "--check") == (1, out, "")
    assert not (project.parent / "loss_grad.py").exists()
    assert built(capsys, project) == (0, out, "")
    assert built(capsys, project) == (0, out.replace("new", "unchanged"), "")
    assert "def loss_grad(w: float, b: float):" in (project.parent / "loss_grad.py").read_text()
    files = [str(project.parent / name) for name in ("loss_grad.py", "penalty_jvp.py")]
    assert main(["--check", *files]) == 0
    (project.parent / "model.py").write_text(MODEL.replace("w**2", "w**3"))
    code, text, _ = built(capsys, project, "--check")
    assert code == 1
    assert "penalty_jvp.py: changed" in text


def test_one_that_is_refused_does_not_keep_others_back(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.parent / "model.py").write_text(MODEL.replace("w**2", "open(w)"))
    code, text, errors = built(capsys, project)
    assert code == 3
    assert text == "loss_grad.py: new\npenalty_jvp.py: refused\n"
    assert "open() is not supported" in errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[tool.s2sad.generate]]"),
        ("[tool.s2sad]\nmake = 1\n", "has no make"),
        ("[[tool.s2sad.generate]]\nout = 'x'\n", "wants functions and out"),
        ("[[tool.s2sad.generate]]\nwhat = 1\n", "has no what"),
        ("[", "pyproject.toml:"),
    ],
)
def test_what_is_no_project(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    code, _, errors = built(capsys, tmp_path / "pyproject.toml")
    assert code == 2
    assert said in errors


def test_errors_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project.parent / "model.py").write_text(MODEL.replace("w**2", "open(w)"))
    target = f"{project.parent / 'model.py'}:penalty"
    assert main(["--errors", "json", "grad", target]) == 3
    found = json.loads(capsys.readouterr().err)
    assert (found["line"], found["column"], found["end_column"]) == (7, 12, 19)
    assert found["code"] == "unsupported-syntax"
    assert main(["--errors", "json", "grad", f"{target}s"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "usage"


def test_every_code_has_a_section() -> None:
    page = (Path(__file__).parent.parent / "docs" / "errors.md").read_text()
    kinds = [*S2sadError.__subclasses__(), PointNeeded]
    for kind in kinds:
        assert f"\n## {code_of(kind('x'))}\n" in page
