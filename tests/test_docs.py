"""The pages: their programs run and give what they show, and the whole builds without a
warning."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from s2sad.cli import main
from tests import architecture, rules_page

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
GUIDES = sorted(path.stem for path in DOCS.glob("howto-*.md"))
PAGES = ("tour", "lecture", "inspecting", *GUIDES)
_BLOCK = re.compile(r"^```(python|text|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_VALUE = re.compile(r"(\S.*?)\s+# (.*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def same(found: object, shown: str) -> None:
    """The same words, and the same numbers but for the last digits."""
    text = re.sub(r"np\.float64\(([^)]*)\)|np\.(True|False)_", r"\1\2", repr(found))
    assert _NUMBER.sub("#", text) == _NUMBER.sub("#", shown)
    numbers = [[float(n) for n in _NUMBER.findall(words)] for words in (text, shown)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-9, abs=1e-12)


def checked(block: str) -> str:
    """The program, where a line with a value in its comment has that value."""
    lines = []
    for line in block.splitlines():
        shown = _VALUE.fullmatch(line)
        is_value = shown and not re.match(r"(import|from|def|class|@|#)|[\w, ]+ = ", line)
        lines.append(f"__same({shown[1]}, {shown[2]!r})" if shown and is_value else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PAGES)
def test_the_programs_of_a_page(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program: list[str] = []
    printed: list[str] = []
    for kind, block in _BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8")):
        if kind == "console":
            commands(block)
        elif kind == "text":
            program.append(f"__printed({len(printed)})\n")
            printed.append(block)
        elif first := re.match(r"# (\w+\.py)\n", block):
            Path(first[1]).write_text(block.partition("\n")[2], encoding="utf-8")
        else:
            program.append(checked(block))
    out = io.StringIO()

    def compare(which: int) -> None:
        assert out.getvalue().strip("\n") == printed[which].strip("\n")
        out.seek(0)
        out.truncate()

    path = tmp_path / f"{page.replace('-', '_')}_page.py"
    path.write_text("".join(program), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        runpy.run_path(str(path), {"__same": same, "__printed": compare})


def commands(block: str) -> None:
    """Each command, and what it prints; … stands for anything."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        program, *words = command.split()
        out = io.StringIO()
        if program == "s2sad":
            with contextlib.redirect_stdout(out):
                assert main(words) == 0
        else:
            assert program == "head"
            out.write("\n".join(Path(words[1]).read_text().splitlines()[:2]))
        pattern = re.escape(shown.strip()).replace("…", ".*")
        assert re.fullmatch(pattern, out.getvalue().strip())


def test_they_build(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    source = tmp_path / "docs"
    shutil.copytree(DOCS, source)
    words = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-q",
        "-E",
        str(source),
        str(tmp_path / "html"),
    ]
    done: Any = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "tour.html").exists()


def test_the_architecture_is_that_of_today() -> None:
    """`make docs` writes it."""
    assert architecture.PAGE.read_text(encoding="utf-8") == architecture.text()


def test_the_rule_table_is_that_of_today() -> None:
    """`make docs` writes it."""
    assert rules_page.PAGE.read_text(encoding="utf-8") == rules_page.text()
