"""Writes docs/architecture.md: the layout of the package, one line a file.

python -m tests.architecture
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"
_HEAD = """# The architecture

The package is laid out as the pipeline. Imports point downward only: `errors`, `ops`, `ir`,
`frontend`, `analysis`, `transform`, `backend`, then what a user calls. This page is written
by `make docs` from the docstrings.
"""


def text() -> str:
    parts = [_HEAD]
    package = ROOT / "s2sad"
    folders = sorted({path.parent for path in package.rglob("*.py")})
    for folder in folders:
        name = folder.relative_to(ROOT).as_posix()
        parts.append(f"\n## {name}/\n")
        init = _summary(folder / "__init__.py")
        if init:
            parts.append(f"{init}\n")
        rows = [
            f"- `{path.name}`: {_summary(path)}"
            for path in sorted(folder.glob("*.py"))
            if path.name != "__init__.py"
        ]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _summary(path: Path) -> str:
    """The first sentence or line of a docstring."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(doc.split("\n\n")[0].split()).replace("<", "\\<")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
