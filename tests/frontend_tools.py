"""Lowering a text in both modes, and running the IR on the reference interpreter."""

from __future__ import annotations

import linecache
import textwrap
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from s2sad.frontend import Lowered, from_file, from_function, lower
from s2sad.inspect.interpreter import run
from s2sad.ir.verify import verify

_NUMBERS = count()


def load(text: str) -> dict[str, Any]:
    """Execute a module's text; its functions have a source that can be found."""
    file = f"<program {next(_NUMBERS)}>"
    text = textwrap.dedent(text).lstrip("\n")
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    namespace: dict[str, Any] = {"__name__": "program"}
    exec(compile(text, file, "exec"), namespace)
    return namespace


def written(text: str, folder: Path, name: str = "program.py") -> str:
    path = folder / name
    path.write_text(textwrap.dedent(text).lstrip("\n"))
    return str(path)


def lower_static(text: str, folder: Path, name: str = "f") -> Lowered:
    return lower(from_file(written(text, folder), name))


def lower_live(text: str, name: str = "f") -> Lowered:
    return lower(from_function(load(text)[name]))


def names_of(lowered: Lowered) -> dict[str, object]:
    """The globals that the IR reads, by the names that it has for them."""
    names: dict[str, object] = {c.name: c.value for c in lowered.constants}
    for number in lowered.numbers:
        cell = number.cell
        names[number.name] = cell.cell_contents if cell else number.names[number.key]
    names.update({c.name: c.found for c in lowered.classes if c.found})
    return names


def interpreted(lowered: Lowered, args: Sequence[object]) -> Any:
    verify(lowered.module)
    return run(lowered.module, args, names=names_of(lowered))


def outcome(function: Any, *args: Any) -> str:
    """What a call gives, to the bit: its value, or what it raises."""
    try:
        return repr(function(*args))
    except (ArithmeticError, ValueError, AssertionError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    except NameError as error:
        return type(error).__name__
