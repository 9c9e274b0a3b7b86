"""Names of one file that another file changes: `conf.SCALE = 5.0` in setup.py.

The command line reads files and runs none, so that it would take `SCALE` for what conf.py
binds it to. The files that the program imports, and those that these import, are looked
through for such changes, as far as they lie in the same project.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterator

from s2sad.errors import Loc, S2sadError
from s2sad.frontend.files import find_module, parse_source, read_source
from s2sad.frontend.source import locate

MOST_FILES = 500


def changed_elsewhere(path: str, names: Collection[str]) -> tuple[str, Loc] | None:
    """A name among these that a file of the program gives to something that it imports."""
    root = os.path.dirname(os.path.abspath(path))
    while os.path.isfile(os.path.join(root, "__init__.py")):
        root = os.path.dirname(root)
    pending, seen = [os.path.abspath(path)], set[str]()
    while pending and len(seen) < MOST_FILES:
        file = pending.pop()
        if file in seen or not file.endswith(".py"):
            continue
        seen.add(file)
        try:
            tree = parse_source(file, read_source(file))
        except S2sadError:
            continue
        imported = set[str]()
        for stmt in ast.walk(tree):
            for name, dotted, level in _imports(stmt):
                imported.add(name)
                found = _file_of(dotted, level, os.path.dirname(file), root)
                if found is not None:
                    pending += [found, *_packages(found, root)]
        for node in ast.walk(tree):
            attr = _changed(node, imported)
            if attr in names:
                return attr, locate(file, node)
    return None


def _imports(stmt: ast.AST) -> Iterator[tuple[str, str, int]]:
    """The names that an import binds, and the modules that may be behind them."""
    match stmt:
        case ast.Import(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.split(".")[0], alias.name, 0
        case ast.ImportFrom(module=module, names=aliases, level=level):
            for alias in aliases:
                name = alias.asname or alias.name
                yield name, module or "", level
                yield name, f"{module}.{alias.name}" if module else alias.name, level
        case _:
            return


def _file_of(dotted: str, level: int, here: str, root: str) -> str | None:
    for _ in range(level - 1):
        here = os.path.dirname(here)
    found = find_module(dotted, [here] if level else [here, root]) if dotted else None
    inside = found is not None and os.path.abspath(found).startswith(root + os.sep)
    if found is not None and inside and os.path.isdir(found):
        found = os.path.join(found, "__init__.py")
    return os.path.abspath(found) if found is not None and inside else None


def _packages(path: str, root: str) -> Iterator[str]:
    """The packages that a file lies in: they are run before it."""
    folder = os.path.dirname(path)
    while folder != root and folder.startswith(root):
        init = os.path.join(folder, "__init__.py")
        if os.path.isfile(init):
            yield init
        folder = os.path.dirname(folder)


def _changed(node: ast.AST, imported: Collection[str]) -> str:
    """The attribute that a node gives to what the file imports; empty if there is none."""
    match node:
        case ast.Attribute(value=owner, attr=attr, ctx=ast.Store() | ast.Del()):
            pass
        case ast.Call(
            func=ast.Name(id="setattr" | "delattr"),
            args=[owner, ast.Constant(value=str(attr)), *_],
        ):
            pass
        case _:
            return ""
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    return attr if isinstance(owner, ast.Name) and owner.id in imported else ""
