"""What the README shows is what happens."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from s2sad.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
EMITTED, LITERAL, LOOP, LOOP_EMITTED, ARRAY, ARRAY_EMITTED, *BLOCKS_OF_USE = BLOCKS
LIBRARY, TANGENTS, MODES, ARRAYS, CHECKED, SERIES, JIT, FAST = BLOCKS_OF_USE


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> str:
        monkeypatch.chdir(ROOT)
        assert main(list(words)) == 0
        return capsys.readouterr().out

    return run


def test_the_first_command(printed: Any) -> None:
    assert "s2sad grad samples/lecture.py:f\n" in README
    assert printed("grad", "samples/lecture.py:f") == EMITTED


def test_the_literal_form(printed: Any) -> None:
    assert printed("grad", "samples/lecture.py:f", "-O0").endswith(LITERAL)


def test_the_loop(printed: Any, tmp_path: Path) -> None:
    path = tmp_path / "power.py"
    path.write_text(LOOP)
    assert printed("grad", f"{path}:power").endswith(LOOP_EMITTED)


def test_the_array(printed: Any, tmp_path: Path) -> None:
    path = tmp_path / "heat.py"
    path.write_text(ARRAY)
    assert printed("grad", f"{path}:heat").endswith(ARRAY_EMITTED)


def test_forward_mode(printed: Any) -> None:
    assert printed("jvp", "samples/lecture.py:f").endswith(TANGENTS)


def test_speed(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    path = tmp_path / "decay.py"
    path.write_text(JIT, encoding="utf-8")
    names = runpy.run_path(str(path))
    shown = ast.literal_eval(JIT.rpartition("# ")[2].strip())
    assert names["fast"](1.0, 1000) == pytest.approx(shown, rel=1e-12)


@pytest.mark.parametrize(
    "block", [MODES, ARRAYS, SERIES, FAST], ids=["modes", "arrays", "series", "fast"]
)
def test_every_derivative(block: str, tmp_path: Path) -> None:
    """Each line with a value in its comment has that value."""
    lines = []
    for line in block.splitlines():
        shown = re.fullmatch(r"(\S.*?)\s+# (.*)", line)
        lines.append(f"assert {shown[1]} == {shown[2]}, {shown[1]}" if shown else line)
    path = tmp_path / "modes.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    runpy.run_path(str(path))


def test_checking(tmp_path: Path) -> None:
    path = tmp_path / "checked.py"
    path.write_text(CHECKED, encoding="utf-8")
    with pytest.raises(AssertionError) as caught:
        runpy.run_path(str(path))
    assert f"```\n{caught.value}\n```" in README


def test_the_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line with a value in its comment has that value."""
    path = tmp_path / "library.py"
    checks = 0
    lines = []
    for line in LIBRARY.splitlines():
        shown = re.fullmatch(r"(\S.*?)\s+# (.*)", line)
        wanted = _literal(shown[2]) if shown else None
        if shown and wanted is not None:
            lines.append(f"assert {shown[1]} == {wanted!r}")
            checks += 1
        else:
            lines.append(line)
    path.write_text("\n".join(lines))
    assert checks >= 3
    runpy.run_path(str(path))
    assert "a = x**2" in capsys.readouterr().out


def _literal(text: str) -> object:
    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value


def test_every_command_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)`", README):
        assert f"\n{target}:" in makefile
