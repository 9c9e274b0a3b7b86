"""Golden files of the other modes: compared to the byte, run, and checked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from s2sad.cli.generate import generate
from s2sad.cli.request import Request, Target
from tests.golden import programs
from tests.test_golden import GOLDEN, HEADER_LINES, difference, load


class Case(NamedTuple):
    """A program, the verb, what it is differentiated in, and where it is checked."""

    verb: str
    function: str
    wrt: tuple[str, ...]
    point: tuple[Any, ...]
    level: int = 1
    order: int | None = None

    @property
    def name(self) -> str:
        order = self.order if self.order is not None and self.order > 8 else ""
        return f"{self.function}_{self.verb}{order}_O{self.level}"

    @property
    def path(self) -> Path:
        return GOLDEN / f"{self.name}.py"


CASES = (
    Case("jvp", "lecture", ("x",), (0.7,), 0),
    Case("jvp", "lecture", ("x",), (0.7,)),
    Case("jvp", "power_loop", ("x",), (1.3, 5)),
    Case("jvp", "named_steps", ("x", "w"), (0.3, 1.7)),
    Case("jvp", "branches", ("x",), (2.5,)),
    Case("jvp", "early_return", ("x",), (1.6, 6)),
    Case("jvp", "newton_sqrt", ("a",), (2.0,)),
    Case("jvp", "recursion", ("x",), (0.8, 4)),
    Case("jvp", "two_helpers", ("x",), (0.3,)),
    Case("jvp", "kinks", ("x", "w"), (0.8, 0.3)),
    Case("jvp", "recovered", ("x", "w"), (-0.8, 1.5)),
    Case("jvp", "guarded", ("x",), (0.6,)),
    Case("vjp", "lecture", ("x",), (0.7,)),
    Case("vjp", "power_loop", ("x",), (1.3, 5)),
    Case("jacobian", "named_steps", ("x", "w"), (0.3, 1.7)),
    Case("hvp", "named_steps", ("x", "w"), (0.3, 1.7)),
    Case("hvp", "power_loop", ("x",), (1.3, 5)),
    Case("hessian", "lecture", ("x",), (0.7,)),
    Case("hessian", "kinks", ("x", "w"), (0.8, 0.3)),
    Case("taylor", "lecture", ("x",), (0.7,), 1, 3),
    Case("taylor", "power_loop", ("x",), (1.3, 5), 1, 3),
    Case("taylor", "branches", ("x",), (0.4,), 1, 2),
    Case("taylor", "recursion", ("x",), (0.8, 4), 1, 2),
    Case("taylor", "lecture", ("x",), (0.7,), 1, 12),
    Case("taylor", "power_loop", ("x",), (1.3, 5), 1, 12),
    Case("taylor", "recursion", ("x",), (0.8, 4), 1, 12),
)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


@each_case
def test_text(case: Case, request: pytest.FixtureRequest) -> None:
    target = Target("programs.py", case.function)
    asked = Request((target,), wrt=case.wrt, level=case.level, verb=case.verb, order=case.order)
    text = generate(asked, str(GOLDEN)).text.split("\n", HEADER_LINES)[HEADER_LINES]
    if request.config.getoption("--refresh-golden"):
        case.path.write_text(text)
    assert case.path.read_text() == text


@each_case
def test_numbers(case: Case) -> None:
    primal = getattr(programs, case.function)
    emitted = load(case.path, f"{case.function}_{case.verb}")
    point = case.point
    size = len(case.wrt)
    slopes = [difference(primal, point, k) for k in range(size)]
    direction = (0.8, -1.3)[:size]
    along = math.fsum(s * d for s, d in zip(slopes, direction, strict=True))
    match case.verb:
        case "jvp":
            assert emitted(*point, *direction) == (primal(*point), near(along))
        case "vjp":
            value, gradient = emitted(*point, 2.0)
            assert (value, gradient / 2.0) == (primal(*point), near(slopes[0]))
        case "jacobian":
            assert emitted(*point)[1] == near(slopes)
        case "hvp" | "hessian":
            columns = second_differences(primal, point, size)
            if case.verb == "hvp":
                gradient, found = emitted(*point, *direction)
                products = [
                    math.fsum(h * d for h, d in zip(row, direction, strict=True))
                    for row in columns
                ]
            else:
                gradient, found = emitted(*point)
                products = [h for row in columns for h in row]
                found = [h for row in found for h in row] if size > 1 else found
            gradient = gradient if size > 1 else (gradient,)
            found = found if isinstance(found, tuple | list) else (found,)
            assert list(gradient) == near(slopes)
            assert list(found) == pytest.approx(products, rel=1e-4, abs=1e-4)
        case "taylor":
            coefficients = emitted(*point)
            assert len(coefficients) == (case.order or 4) + 1
            assert coefficients[0] == primal(*point)
            moved = primal(point[0] + 1e-3, *point[1:])
            total = math.fsum(c * 1e-3**k for k, c in enumerate(coefficients))
            assert total == pytest.approx(moved, rel=1e-6)
            assert coefficients[1] == near(slopes[0])


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-5, abs=1e-6)


def second_differences(f: Any, point: tuple[Any, ...], size: int) -> list[list[float]]:
    def slope(i: int) -> Any:
        return lambda *at: difference(f, at, i)

    return [[difference(slope(i), point, j) for j in range(size)] for i in range(size)]
