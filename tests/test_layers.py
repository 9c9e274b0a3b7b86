"""Imports point downward only: a layer imports from itself and from those above it here."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "s2sad"

LAYERS = (
    ("errors",),
    ("marks", "watched"),
    ("linked", "fingerprint"),
    ("cache",),
    ("ops",),
    ("ir",),
    ("frontend",),
    ("analysis",),
    ("transform",),
    ("backend",),
    (
        "rules",
        "rules_of_arrays",
    ),
    ("trees",),
    ("sparsity",),
    ("compile",),
    ("forward",),
    ("keep",),
    ("link",),
    ("inspect",),
    ("argnums",),
    ("specialised",),
    ("api",),
    ("gradients",),
    ("modes",),
    ("sparse",),
    ("jacobians",),
    ("hessians",),
    ("linearization",),
    ("polynomial",),
    ("expansion",),
    ("symbolic",),
    ("testing",),
    ("__init__",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def layer(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    """The layers that a file imports from, those for type checking included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module="s2sad", names=names):
                found.update(alias.name for alias in names if alias.name in RANK)
            case ast.ImportFrom(module=str() as module) if module.startswith("s2sad."):
                found.add(module.split(".")[1])
    return found


def test_every_file_has_a_layer() -> None:
    assert {layer(path) for path in PACKAGE.rglob("*.py")} <= set(RANK)


def test_imports_point_downward() -> None:
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for name in sorted(imported(path))
        if RANK[name] > RANK[layer(path)]
    ]
    assert not upward
