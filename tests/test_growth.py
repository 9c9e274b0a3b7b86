"""Emitted code of orders 2 and 3 against that of order 1: its lines, lists and branches.

Order 2 is forward over reverse, `f_hvp`; order 3 a direction more, made of its text.
"""

from __future__ import annotations

import ast
import itertools
import runpy
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from s2sad.cli.arguments import request_from
from s2sad.cli.generate import generate
from s2sad.cli.request import Request, Target

ROOT = Path(__file__).resolve().parent.parent
MOST = 2.5


class Program(NamedTuple):
    file: str
    function: str
    wrt: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{Path(self.file).stem}:{self.function}"


def _samples() -> Iterator[Program]:
    for path in sorted((ROOT / "samples").glob("*_grad.py")):
        first = path.read_text().split("\n", 1)[0]
        request = request_from(shlex.split(first.split(": ", 1)[1]))
        for file, function in request.targets:
            wrt = request.wrt or WRT.get((function, Path(file).stem), ("theta",))
            yield Program(file, function, wrt, request.types)


WRT = {
    ("log_det", "cholesky"): ("A",),
    ("misfit", "fit"): ("log_rates",),
    ("misfit", "heat"): ("u0",),
    ("f", "lecture"): ("x",),
}
SCALAR = (
    *("lecture power_loop branches guarded early_return triple_nest recursion").split(),
    *("two_helpers smooth swap recovered until_it_fails doubling polynomial").split(),
)
OTHERS = {
    "programs": {"named_steps": "x,w", "newton_sqrt": "a", "kinks": "x,w"},
    "arrays": {
        **dict.fromkeys(("stencil", "burgers", "swept"), "u"),
        **dict.fromkeys(("rosenbrock", "gathered", "guarded"), "x"),
        "dense": "weights,bias",
        "rotation": "angles",
        "softmax": "z",
        "recurrence": "a,x0",
        "regression": "X",
        "forces": "positions",
    },
}
PROGRAMS = (
    *_samples(),
    *(Program("tests/golden/programs.py", name, ("x",)) for name in SCALAR),
    *(
        Program(f"tests/golden/{file}.py", name, tuple(wrt.split(",")))
        for file, functions in OTHERS.items()
        for name, wrt in functions.items()
    ),
)
# What grows more, and why: five kinks in one line, where each branch then has two values; a
# recursion's record, whose parts are handed on one by one; sums of matrices, which keep a
# name for each.
MORE = {
    ("programs:kinks", 2): 3.7,
    ("programs:recursion", 3): 2.75,
    ("arrays:regression", 3): 2.7,
}


@cache
def texts(program: Program, folder: str) -> tuple[str, str, str]:
    def made(file: str, function: str, verb: str, of: int | None) -> str:
        target = (Target(file, function),)
        types = program.types if of is None else ()
        request = Request(target, wrt=program.wrt, of=of, types=types, verb=verb)
        return generate(request, str(ROOT)).text

    first = made(program.file, program.function, "grad", None)
    second = made(program.file, program.function, "hvp", None)
    path = Path(folder) / f"{Path(program.file).stem}_{program.function}_hvp.py"
    path.write_text(second)
    third = made(str(path), f"{program.function}_hvp", "jvp", 1)
    return first, second, third


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("growth"))


each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)


def lines(text: str) -> int:
    """The statements of functions, docstrings left out, by the lines that they begin on."""
    return len({stmt.lineno for block in blocks(text) for stmt in block if not _is_doc(stmt)})


def blocks(text: str) -> Iterator[list[ast.stmt]]:
    """The statements that follow each other, of each function and of all that is in it."""
    functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    for function in functions:
        for node in ast.walk(function):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list):
                    yield block


def _is_doc(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)


@each_program
def test_lines_grow_by_no_more_than_a_factor(program: Program, folder: str) -> None:
    counts = list(map(lines, texts(program, folder)))
    for order in (2, 3):
        factor = MORE.get((program.name, order), MOST)
        assert counts[order - 1] <= factor * counts[order - 2], counts


@each_program
def test_no_two_branches_on_one_condition_follow_each_other(
    program: Program, folder: str
) -> None:
    for text in texts(program, folder)[1:]:
        for block in blocks(text):
            for one, other in itertools.pairwise(block):
                if isinstance(one, ast.If) and isinstance(other, ast.If):
                    assert ast.unparse(one.test) != ast.unparse(other.test), text


@each_program
def test_no_two_lists_hold_the_same(program: Program, folder: str) -> None:
    for text in texts(program, folder)[1:]:
        for block in blocks(text):
            kept = [
                ast.unparse(stmt.value.args[0])
                for stmt in block
                if isinstance(stmt, ast.Expr)
                and isinstance(stmt.value, ast.Call)
                and ast.unparse(stmt.value.func).endswith(".append")
            ]
            parts = [
                name
                for text in kept
                if isinstance(node := ast.parse(text, mode="eval").body, ast.Tuple)
                for name in map(ast.unparse, node.elts)
            ]
            assert len({*kept}) == len(kept), text
            assert len({*parts}) == len(parts), text


def test_the_second_order_of_lists_of_matrices_from_text_is_the_difference(folder: str) -> None:
    import numpy as np

    # Their annotations are s2sad's, which say nothing to a type checker.
    layers = runpy.run_path(str(ROOT / "samples/network.py"))["layers"]
    loss_grad = runpy.run_path(str(ROOT / "samples/network_grad.py"))["loss_grad"]
    rng = np.random.default_rng(0)
    theta, along = (layers((4, 3, 5, 2), rng) for _ in range(2))
    x, y = rng.normal(size=4), rng.normal(size=2)

    def gradient(step: float) -> list[float]:
        moved = [
            (A + step * P, b + step * p) for (A, b), (P, p) in zip(theta, along, strict=True)
        ]
        return flat(loss_grad(moved, x, y)[1])

    def flat(parts: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
        return [float(v) for pair in parts for part in pair for v in part.ravel()]

    target = Target("samples/network_grad.py", "loss_grad")
    made = generate(Request((target,), wrt=("theta",), of=1, verb="jvp"), str(ROOT)).text
    names: dict[str, object] = {}
    exec(compile(made, "network_grad_jvp", "exec"), names)
    _, second = names["loss_grad_jvp"](theta, x, y, along)  # type: ignore[operator]
    up, down = gradient(1e-6), gradient(-1e-6)
    wanted = [(a - b) / 2e-6 for a, b in zip(up, down, strict=True)]
    assert flat(second) == pytest.approx(wanted, rel=1e-6, abs=1e-8)
