"""Verdicts, and what leads to them: outcomes of calls, comparisons, errors."""

from __future__ import annotations

import importlib.util
import itertools
import linecache
import math
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .oracle import Derivatives

RTOL = 1e-6
KINDS = (
    *("ok", "refused", "unstable", "wrong", "value_differs", "crash"),
    *("exception_mismatch", "text_differs", "not_deterministic", "hang"),
)
FAILURES = frozenset(KINDS) - {"ok", "refused", "unstable"}

_numbers = itertools.count()


@dataclass(frozen=True)
class Verdict:
    """How the comparison ended, and what there is to say about it."""

    kind: str
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether this is a fault of the compiler."""
        return self.kind in FAILURES


@dataclass(frozen=True)
class Outcome:
    """What a call returned or raised."""

    value: Any = None
    error: Exception | None = None


OK = Verdict("ok")


def call(function: Callable[..., Any], arguments: Sequence[Any]) -> Outcome:
    """The outcome of a call."""
    try:
        return Outcome(function(*arguments))
    except Exception as error:
        return Outcome(error=error)


@contextmanager
def loaded(source: str) -> Iterator[ModuleType]:
    """The module of a source text, in a file of its own while the context lasts."""
    name = f"fuzz_program_{next(_numbers)}"
    with tempfile.TemporaryDirectory(prefix="fuzz-") as directory:
        path = Path(directory, f"{name}.py")
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        write_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
            yield module
        finally:
            sys.dont_write_bytecode = write_bytecode
            del sys.modules[name]
            linecache.cache.pop(str(path), None)


def close(expected: float, found: Any, scale: float, value: float = 0.0) -> bool:
    """Equal to the tolerance; partials far below the largest one, and below the last digit
    of the value, count as zero."""
    if not isinstance(found, (float, int)):
        return False
    if math.isnan(expected) or math.isnan(found) or math.isinf(expected) or math.isinf(found):
        return expected == found or (math.isnan(expected) and math.isnan(found))
    floor = 1e-13 * scale + 1e-15 * max(abs(value), 1e-2)
    return abs(expected - found) <= RTOL * max(abs(expected), abs(found)) + floor


def explained(expected: float, found: Any, spread: float) -> bool:
    """Whether rounding, or an infinite derivative, explains the difference."""
    if not isinstance(found, (float, int)):
        return False
    if not math.isfinite(expected):
        return True
    return abs(expected - found) <= 30.0 * spread


def same_bits(a: Any, b: Any) -> bool:
    """The same float to the bit; an int counts as its float; nan is nan."""
    if not isinstance(a, (float, int)) or not isinstance(b, (float, int)):
        return bool(a == b)
    if math.isnan(a) and math.isnan(b):
        return True
    return struct.pack("d", float(a)) == struct.pack("d", float(b))


def refusal(error: Exception) -> Verdict | None:
    """A refusal by the compiler; an error it calls internal is none."""
    from s2sad import S2sadError

    internal = type(error).__name__ == "InternalError"
    if internal or not isinstance(error, S2sadError):
        return None
    lines = [line for line in str(error).splitlines() if line.strip()]
    return Verdict("refused", f"{type(error).__name__}: {' | '.join(lines)}")


def compile_error(error: Exception) -> Verdict:
    return refusal(error) or Verdict("crash", located(error))


def located(error: BaseException) -> str:
    """The error with the place in the compiler it comes from."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = ""
    if trace:
        path = Path(trace.tb_frame.f_code.co_filename)
        where = f" at {path.parent.name}/{path.name}:{trace.tb_lineno}"
    return f"{type(error).__name__}: {error}{where}"


def from_compiler(error: BaseException) -> bool:
    """Whether the innermost frame is code of the compiler, not emitted code."""
    import s2sad

    root = Path(s2sad.__file__).parent
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return bool(trace and root in Path(trace.tb_frame.f_code.co_filename).parents)


def compare_errors(primal: Outcome, got: Outcome, exact: Derivatives | None) -> Verdict:
    """One of the two raised."""
    if got.error:
        if refused := refusal(got.error):
            return refused
        internal = type(got.error).__name__ == "InternalError"
        if internal or from_compiler(got.error):
            return Verdict("crash", located(got.error))
    if primal.error and got.error and type(primal.error) is type(got.error):
        return OK
    if exact and not all(map(math.isfinite, [*exact.gradient, *exact.hessian.values()])):
        return Verdict("unstable", "raises where a derivative is not finite")
    raised = located(got.error) if got.error else f"returned {got.value!r}"
    expected = f"primal raised {primal.error!r}" if primal.error else "primal returned"
    return Verdict("exception_mismatch", f"{expected}, gradient: {raised}")
