"""The verdict on what the command line writes, which never runs the program."""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import traceback
from pathlib import Path
from typing import Any

from s2sad.cli import main

from .check import Verdict, Wrong, close, expected, same, same_outcome
from .running import arguments, call, load, time_limit
from .table import Entry
from .tree import is_leaf, leaves


def takes_floats(entry: Entry) -> bool:
    """The command line must be told the type of anything else."""
    names = vars(load(entry.source))
    if any(
        p.kind is p.VAR_POSITIONAL for p in inspect.signature(names["f"]).parameters.values()
    ):
        return False
    given = [arguments(names, point) for point in entry.points]
    floats = all(is_leaf(x) for call in given for x in call.positional)
    return floats and not any(call.keywords for call in given) and not entry.aux


def written_verdict(entry: Entry, level: int = 1) -> Verdict:
    """As `verdict`, of the file that the command line writes."""
    told = io.StringIO()
    try:
        with time_limit(20), contextlib.redirect_stderr(told):
            written = None
            for point in entry.points:
                if written is None or "state" in entry.words:
                    written = _written(entry, level)
                if written is None:
                    return Verdict("refused", told.getvalue())
                _check(entry, point, written)
    except Wrong as error:
        return Verdict("wrong", str(error))
    except Exception:
        return Verdict("crash", traceback.format_exc(limit=-6))
    return Verdict("right")


def _written(entry: Entry, level: int) -> dict[str, Any] | None:
    """The names of the file that is written, if it is."""
    module = load(entry.source)
    _, positions, _ = expected(entry, entry.points[0])
    params = list(inspect.signature(module.f).parameters)
    file = Path(str(module.__file__))
    out = file.with_name(f"{file.stem}_grad.py")
    wrt = ",".join(params[i] for i in positions)
    target = f"{os.path.relpath(file)}:f"
    code = main(["grad", target, "--wrt", wrt, f"-O{level}", "-o", os.path.relpath(out)])
    return None if code else vars(load(out.read_text(encoding="utf-8")))


def _check(entry: Entry, point: str, written: dict[str, Any]) -> None:
    wanted, _, exact = expected(entry, point)
    derived = next(value for name, value in written.items() if name.endswith("_grad"))
    given = arguments(written, point)
    got = call(written, lambda: given.of(derived))
    same_outcome(f"at {point}", got, wanted, state=False)
    if wanted.error is None:
        value, gradient = got.value
        same(f"at {point}: the value", value, wanted.value)
        tolerance = 1e-5 if entry.by_differences else 1e-9
        close(f"at {point}: the gradient", leaves(gradient), exact.gradient, tolerance)
