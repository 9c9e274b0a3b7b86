"""Golden files: each is compared to the byte, run, and checked against differences.

`make golden` writes them anew; review the change with the code that made it.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from s2sad.cli.generate import generate
from s2sad.cli.request import Request, Target
from tests.golden import programs

GOLDEN = Path(__file__).parent / "golden"
HEADER_LINES = 2


class Case(NamedTuple):
    """A program, what it is differentiated in, a level, and where it is checked."""

    function: str
    wrt: tuple[str, ...]
    points: tuple[tuple[float, ...], ...]
    level: int = 1
    jit: str | None = None
    checkpoint: str | None = None

    @property
    def name(self) -> str:
        how = filter(None, [self.jit, self.checkpoint])
        return "_".join([self.function, *how, f"O{self.level}"])

    @property
    def path(self) -> Path:
        return GOLDEN / f"{self.name}.py"


CASES = (
    Case("lecture", ("x",), ((0.7,), (-1.3,), (0.0,)), 0),
    Case("lecture", ("x",), ((0.7,), (-1.3,), (0.0,))),
    Case("power_loop", ("x",), ((1.3, 5), (1.3, 0), (-0.4, 3))),
    Case("power_loop", ("x",), ((1.3, 5), (1.3, 0)), 0),
    Case("named_steps", ("x", "w"), ((0.3, 1.7),)),
    Case("branches", ("x",), ((2.5,), (0.4,), (-0.8,))),
    Case("guarded", ("x",), ((0.6,),)),
    Case("early_return", ("x",), ((1.6, 6), (0.3, 4), (1.1, 0))),
    Case("newton_sqrt", ("a",), ((2.0,), (30.0,))),
    Case("doubling", ("x",), ((1.7,), (130.0,))),
    Case("triple_nest", ("x",), ((0.8, 5), (0.8, 2))),
    Case("recursion", ("x",), ((0.8, 4), (0.8, 0))),
    Case("polynomial", ("x", "coefficient"), ((0.8, 1.5),)),
    Case("two_helpers", ("x",), ((0.3,),)),
    Case("kinks", ("x", "w"), ((0.8, 0.3), (-0.8, 2.5))),
    Case("limited", ("x",), ((0.8, 50), (0.8, 3), (-2.0, 4), (3.5, 2))),
    Case("swap", ("x",), ((0.8, 5), (0.8, 0), (0.8, 1))),
    Case("recovered", ("x", "w"), ((0.8, 1.5), (-0.8, 1.5))),
    Case("until_it_fails", ("x",), ((0.8, 2), (0.8, 5), (0.8, 0))),
    Case("power_loop", ("x",), ((1.3, 5), (1.3, 0)), jit="numba"),
    Case("newton_sqrt", ("a",), ((2.0,), (30.0,)), jit="numba"),
    Case("triple_nest", ("x",), ((0.8, 5), (0.8, 2)), jit="numba"),
    Case("power_loop", ("x",), ((1.3, 5), (1.3, 0)), checkpoint="revolve"),
    Case("newton_sqrt", ("a",), ((2.0,), (30.0,)), checkpoint="revolve"),
)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


def emitted(case: Case) -> str:
    """The text without its header, whose hash covers all the programs."""
    target = Target("programs.py", case.function)
    request = Request((target,), wrt=case.wrt, level=case.level, jit=case.jit)
    request = request._replace(checkpoint=case.checkpoint)
    text = generate(request, str(GOLDEN)).text
    return text.split("\n", HEADER_LINES)[HEADER_LINES]


def load(path: Path, name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    # What Numba keeps in files is found by the name of the module.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


@each_case
def test_text(case: Case, request: pytest.FixtureRequest) -> None:
    text = emitted(case)
    if request.config.getoption("--refresh-golden"):
        case.path.write_text(text)
    assert case.path.read_text() == text


@each_case
def test_gradient(case: Case) -> None:
    if case.jit:
        pytest.importorskip(case.jit)
    primal = getattr(programs, case.function)
    names = list(inspect.signature(primal).parameters)
    gradient = load(case.path, f"{case.function}_grad")
    for point in case.points:
        value, slopes = gradient(*point)
        exact = primal(*point)
        assert value == (pytest.approx(exact, rel=1e-14) if case.jit else exact)
        for name, slope in zip(
            case.wrt, slopes if len(case.wrt) > 1 else (slopes,), strict=True
        ):
            assert slope == pytest.approx(
                difference(primal, point, names.index(name)), rel=1e-6, abs=1e-8
            )


def difference(f: Callable[..., float], point: tuple[float, ...], k: int) -> float:
    """A central difference of fourth order."""
    step = 1e-3

    def at(offset: float) -> float:
        return f(*point[:k], point[k] + offset * step, *point[k + 1 :])

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)
