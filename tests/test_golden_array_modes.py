"""Golden files of the other modes on arrays: compared to the byte, run, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from s2sad.cli.generate import generate
from s2sad.cli.request import Request, Target
from tests.golden import arrays
from tests.test_golden import GOLDEN, HEADER_LINES, load

RNG = np.random.default_rng(4)
M = RNG.normal(size=(4, 4))


class Case(NamedTuple):
    verb: str
    function: str
    wrt: tuple[str, ...]
    point: tuple[Any, ...]

    @property
    def name(self) -> str:
        return f"arrays_{self.function}_{self.verb}_O1"

    @property
    def path(self) -> Path:
        return GOLDEN / f"{self.name}.py"


DENSE = (RNG.normal(size=(3, 2)), RNG.normal(size=2), RNG.normal(size=(4, 3)))
CASES = (
    Case("jvp", "dense", ("weights", "bias"), DENSE),
    Case("jvp", "stencil", ("u",), (RNG.normal(size=6), 3)),
    Case("jvp", "cholesky", ("A",), (M @ M.T + np.eye(4),)),
    Case("jvp", "rotation", ("angles", "v"), (RNG.normal(size=2), RNG.normal(size=3))),
    Case("jacobian", "stencil", ("u",), (RNG.normal(size=6), 3)),
    Case("hessian", "rosenbrock", ("x",), (RNG.normal(size=5),)),
    Case("hvp", "softmax", ("z",), (RNG.normal(size=5), 2)),
    Case("taylor", "rosenbrock", ("x",), (RNG.normal(size=5),)),
)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


@each_case
def test_text(case: Case, request: pytest.FixtureRequest) -> None:
    target = Target("arrays.py", case.function)
    asked = Request((target,), wrt=case.wrt, level=1, verb=case.verb, order=2)
    text = generate(asked, str(GOLDEN)).text.split("\n", HEADER_LINES)[HEADER_LINES]
    if request.config.getoption("--refresh-golden"):
        case.path.write_text(text)
    assert case.path.read_text() == text


@each_case
def test_numbers(case: Case) -> None:
    primal = getattr(arrays, case.function)
    emitted = load(case.path, f"{case.function}_{case.verb}")
    count = len(case.wrt)
    dots = tuple(np.cos(3.0 * x) for x in case.point[:count])

    def moved(h: float) -> Any:
        there = [x + h * v for x, v in zip(case.point, dots, strict=False)]
        return primal(*there, *case.point[count:])

    slope = (moved(1e-6) - moved(-1e-6)) / 2e-6
    curve = (moved(1e-4) - 2 * moved(0.0) + moved(-1e-4)) / 1e-8
    (v, *_) = dots
    match case.verb:
        case "jvp":
            value, dot = emitted(*case.point, *dots)
            assert (value, dot) == (moved(0.0), pytest.approx(slope, rel=1e-6))
        case "jacobian":
            assert emitted(*case.point)[1] @ v == pytest.approx(slope, rel=1e-6)
        case "hessian":
            assert v @ emitted(*case.point)[1] @ v == pytest.approx(curve, rel=1e-4)
        case "hvp":
            assert v @ emitted(*case.point, *dots)[1] == pytest.approx(curve, rel=1e-4)
        case _:
            found = emitted(*case.point, *dots)
            assert found[1] == pytest.approx(slope, rel=1e-6)
            assert 2 * found[2] == pytest.approx(curve, rel=1e-4)
