"""The harness itself, on stand-ins for the compiler: each kind of fault is seen."""

from __future__ import annotations

import inspect
import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from .check import check
from .generate import generate
from .oracle import derivatives, primal
from .program import Program
from .shrink import shrink

PROGRAM = Program(
    "def f(x, n, y):\n    for i in range(n):\n        x = x * y + i\n    return x\n",
    "f",
    (0.5, 3, 1.25),
)


class Refused(Exception):
    """Plays S2sadError."""


class Compiled:
    """Plays the result of value_and_grad: it asks the oracle."""

    def __init__(self, function: Callable[..., Any], flaw: str) -> None:
        self.function = function
        self.flaw = flaw

    def __call__(self, *arguments: Any) -> Any:
        source = inspect.getsource(sys.modules[self.function.__module__])
        exact = derivatives(Program(source, self.function.__name__, arguments))
        first, *rest = exact.gradient
        value = exact.value
        if self.flaw == "wrong" and "range" in source:
            first *= 1.0 + 1e-5
        if self.flaw == "value_differs":
            value *= 1.0 + 1e-15
        if self.flaw == "crash":
            raise KeyError("x")
        return value, (first, *rest)

    def source_for(self, *arguments: Any) -> str:
        """A text that only knows the answer."""
        value, gradient = self(*arguments)
        if self.flaw == "text_differs":
            value += 1.0
        extra = f"# {random.random()}\n" if self.flaw == "not_deterministic" else ""
        name = self.function.__name__
        return f"{extra}def {name}_grad(*a):\n    return {value!r}, {gradient!r}\n"


def stand_in(flaw: str) -> ModuleType:
    """A module that plays s2sad."""

    def value_and_grad(function: Callable[..., Any], argnums: object) -> Compiled:
        if flaw == "refused":
            raise Refused("file.py:1:2: no\n  the line\n")
        return Compiled(function, flaw)

    played = ModuleType("s2sad")
    played.__dict__.update(__file__=__file__, value_and_grad=value_and_grad, S2sadError=Refused)
    return played


FLAWS = (
    *("ok", "wrong", "value_differs", "refused", "crash"),
    *("text_differs", "not_deterministic"),
)


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_fault_is_seen(flaw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s2sad", stand_in(flaw))
    assert check(PROGRAM, orders=(1,)).kind == flaw


def test_errors_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    raising = Program("def f(x):\n    raise ValueError\n", "f", (1.0,))
    monkeypatch.setitem(sys.modules, "s2sad", stand_in("ok"))
    assert check(raising, orders=(1,)).kind == "ok"
    monkeypatch.setitem(sys.modules, "s2sad", stand_in("crash"))
    assert check(raising, orders=(1,)).kind == "ok"  # raised before it could crash


def test_hangs_end(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Program("def f(x):\n    while True:\n        pass\n", "f", (1.0,))
    monkeypatch.setitem(sys.modules, "s2sad", stand_in("ok"))
    assert check(endless, orders=(1,), seconds=0.2).kind == "hang"


def test_programs_are_reproducible() -> None:
    programs = [generate(random.Random("7:3")) for _ in range(2)]
    assert programs[0] == programs[1]
    compile(programs[0].describe(), "<program>", "exec")


def test_shrinking_keeps_the_failure_and_little_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "s2sad", stand_in("wrong"))
    program = next(
        p
        for p in (generate(random.Random(f"shrink:{i}")) for i in range(50))
        if "range" in p.source and check(p, orders=(1,)).kind == "wrong"
    )
    small = shrink(program, lambda p: check(p, (1,)).kind == "wrong", seconds=20.0)
    assert check(small, orders=(1,)).kind == "wrong"
    assert small.source.count("\n") <= 5
    primal(small)(*small.arguments)
