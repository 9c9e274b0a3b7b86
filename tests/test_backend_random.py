"""Random programs: the emitted text does what the interpreter says.

`python -m tests.test_backend_random FIRST COUNT` runs as many seeds as wanted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from s2sad.backend.load import load
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.inspect.interpreter import run
from s2sad.ir.nodes import Module
from tests.irgen import Program

VARIANTS = (
    Options(0, checks=False),
    Options(1, checks=False),
    Options(1, inline=False, checks=False),
)
SEEDS = 120


def outcome(function: Callable[..., Any], args: tuple[int, ...]) -> Any:
    try:
        return function(*args)
    except Exception as error:
        return type(error)


def check(module: Module, kind: str) -> None:
    count = len(module.funcs["entry"].params)
    for options in VARIANTS:
        text = emit(module, options)
        function = load(text, "entry")
        for args in ((2, 3, 1), (-1, 0, 2), (0, 5, -3)):
            wanted = outcome(lambda *a: run(module, list(a)), args[:count])
            found = outcome(function, args[:count])
            # An adjoint may raise another of its errors first; a list that nothing reads
            # is not recorded, and a copy reads what is then never used.
            both = isinstance(wanted, type) and isinstance(found, type)
            if (kind == "adjoint" and both) or UnboundLocalError in (wanted, found):
                continue
            assert found == wanted, f"{args[:count]}\n{text}"


@pytest.mark.parametrize("kind", ["primal", "adjoint", "unbound"])
@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_random(first: int, kind: str) -> None:
    for seed in range(first, first + 20):
        one(seed, kind)


def one(seed: int, kind: str) -> None:
    adjoint = 0.7 if kind == "adjoint" else 0.0
    unbound = 0.1 if kind == "unbound" else 0.0
    check(Program(seed, adjoint, unbound).module(), kind)


if __name__ == "__main__":
    start, number = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(start, start + number):
        for kind in ("primal", "adjoint", "unbound"):
            try:
                one(seed, kind)
            except Exception:
                print("seed", seed, kind)
                raise
