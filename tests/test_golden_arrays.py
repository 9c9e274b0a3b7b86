"""Golden files of programs on arrays: compared to the byte, run, and checked."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from s2sad.cli.generate import generate
from s2sad.cli.request import Request, Target
from tests.arrays.check import Draws, arguments
from tests.golden import arrays
from tests.test_golden import GOLDEN, HEADER_LINES, load


class Case(NamedTuple):
    """A program, what it is differentiated in, and where it is checked."""

    function: str
    wrt: tuple[str, ...]
    point: str
    checkpoint: str | None = None

    @property
    def name(self) -> str:
        return "_".join([self.function, "arrays", *filter(None, [self.checkpoint])])

    @property
    def path(self) -> Path:
        return GOLDEN / f"{self.name}_O1.py"


CASES = (
    Case("dense", ("weights", "bias"), "N(4, 3), N(3), N(5, 4)"),
    Case("stencil", ("u",), "N(6), 3"),
    Case("cholesky", ("A",), "S(4)"),
    Case("rosenbrock", ("x",), "N(5)"),
    Case("rotation", ("angles", "v"), "N(2), N(3)"),
    Case("softmax", ("z",), "N(4), 2"),
    Case("gathered", ("x",), "N(5) + 1.0, np.array([0, 3, 3, -1])"),
    Case("recurrence", ("a", "x0"), "N(4), 0.7"),
    Case("swept", ("u",), "N(4, 5), 2"),
    Case("burgers", ("u",), "N(6), 3", "revolve"),
    Case("regression", ("X", "y"), "N(6, 2), N(6)"),
    Case("forces", ("positions",), "N(4, 2)"),
    Case("guarded", ("x",), "N(4)"),
    Case("layered", ("first", "bias"), "N(3, 4), N(4, 2), N(4), N(5, 3)"),
)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


@each_case
def test_text(case: Case, request: pytest.FixtureRequest) -> None:
    target = Target("arrays.py", case.function)
    made = generate(
        Request((target,), wrt=case.wrt, checkpoint=case.checkpoint), str(GOLDEN)
    ).text
    text = made.split("\n", HEADER_LINES)[HEADER_LINES]
    if request.config.getoption("--refresh-golden"):
        case.path.write_text(text)
    assert case.path.read_text() == text


@pytest.mark.filterwarnings("ignore:invalid value")  # the primal's own, of np.log
@each_case
def test_gradient(case: Case) -> None:
    primal = getattr(arrays, case.function)
    names = list(inspect.signature(primal).parameters)
    point = arguments({}, case.point)
    before = copy.deepcopy(point)
    value, slopes = load(case.path, f"{case.function}_grad")(*point)
    assert value == primal(*copy.deepcopy(before))
    for given, kept in zip(point, before, strict=True):
        assert np.array_equal(given, kept)
    slopes = slopes if len(case.wrt) > 1 else (slopes,)
    for name, slope in zip(case.wrt, slopes, strict=True):
        k = names.index(name)
        direction = Draws().N(*np.shape(point[k])) if np.shape(point[k]) else 1.0
        assert np.sum(slope * direction) == pytest.approx(
            _along(primal, before, k, direction), rel=1e-6, abs=1e-8
        )


def _along(primal: Any, point: tuple[Any, ...], k: int, direction: Any) -> float:
    """A central difference of fourth order along a direction."""
    step = 1e-3

    def at(offset: float) -> float:
        moved = list(copy.deepcopy(point))
        moved[k] = moved[k] + offset * step * direction
        return float(primal(*moved))

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)
