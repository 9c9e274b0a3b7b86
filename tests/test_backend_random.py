"""Random programs: the emitted text does what the interpreter says."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from s2sad.backend.load import load
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.ir.nodes import Module
from tests.interp import run
from tests.irgen import Program

VARIANTS = (
    Options(0, checks=False),
    Options(1, checks=False),
    Options(1, inline=False, checks=False),
)
SEEDS = 300


def outcome(function: Any, args: tuple[int, ...]) -> Any:
    try:
        return function(*args)
    except Exception as error:
        return type(error)


def check(module: Module, exact: bool) -> None:
    count = len(module.funcs["entry"].params)
    for options in VARIANTS:
        text = emit(module, options)
        function = load(text, "entry")
        for args in ((2, 3, 1), (-1, 0, 2), (0, 5, -3)):
            wanted = outcome(lambda *a: run(module, list(a)), args[:count])
            found = outcome(function, args[:count])
            if not exact and isinstance(wanted, type) and isinstance(found, type):
                continue
            assert found == wanted, f"{args[:count]}\n{text}"


@pytest.mark.parametrize("kind", ["primal", "adjoint", "unbound"])
@pytest.mark.parametrize("seed", range(0, SEEDS, 50))
def test_random(seed: int, kind: str) -> None:
    for k in range(seed, seed + 50):
        one(k, kind)


def one(seed: int, kind: str) -> None:
    adjoint = {"primal": 0.0, "adjoint": 0.7, "unbound": 0.0}[kind]
    program = Program(seed, adjoint, undef=0.1 if kind == "unbound" else 0.0)
    check(program.module(), exact=kind == "primal")


if __name__ == "__main__":
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for number in range(first, first + count):
        for name in ("primal", "adjoint", "unbound"):
            try:
                one(number, name)
            except Exception:
                print("seed", number, name)
                raise
