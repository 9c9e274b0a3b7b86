"""The table of docs/kinks.md, through the emitted code, at both levels."""

from __future__ import annotations

import math
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from s2sad import grad, value_and_grad

INF, NAN = math.inf, math.nan
Function = Callable[..., float]


def root(x: float) -> float:
    return math.sqrt(x)


def half_power(x: float) -> float:
    y: float = x**0.5
    return y


def relu(x: float) -> float:
    return max(x, 0.0)


def highest(x: float, w: float) -> float:
    return max(x, w)


def lowest(x: float, w: float) -> float:
    return min(x, w)


def highest_of_three(x: float, w: float, v: float) -> float:
    return max(x, w, v)


def size(x: float) -> float:
    return abs(x)


def size_in_math(x: float) -> float:
    return math.fabs(x)


def norm(x: float, w: float) -> float:
    return math.hypot(x, w)


def jumps(x: float) -> float:
    return math.floor(x) + math.ceil(x) + math.trunc(x) + round(x) + int(x) + x // 2.0


def comparison(x: float) -> float:
    return (x > 1.0) * 2.0 + 0.0 * x


def remainder(x: float, w: float) -> float:
    return x % w


def arc_sine(x: float) -> float:
    return math.asin(x)


def arc_cosine(x: float) -> float:
    return math.acos(x)


def area_cosine(x: float) -> float:
    return math.acosh(x)


def square(x: float) -> float:
    return x**2


def first(x: float) -> float:
    return x**1


def zeroth(x: float) -> float:
    return x**0


def inverse_square(x: float) -> float:
    return x**-2


def power(x: float, w: float) -> float:
    y: float = x**w
    return y


def angle(x: float, w: float) -> float:
    return math.atan2(x, w)


def branch_not_taken(x: float) -> float:
    return math.log(x) if x > 0.0 else 0.0


def sinc(x: float) -> float:
    return 1.0 if x == 0.0 else math.sin(x) / x


def root_of_relu(x: float) -> float:
    return math.sqrt(max(x, 0.0)) + math.sqrt(abs(min(x, -1.0) + 1.0))


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


ROWS: list[tuple[Function, tuple[float, ...], tuple[float, ...]]] = [
    (size, (0.0,), (0.0,)),
    (size, (-0.0,), (0.0,)),
    (size, (-2.0,), (-1.0,)),
    (size_in_math, (0.0,), (0.0,)),
    (highest, (1.0, 1.0), (0.5, 0.5)),
    (highest, (2.0, 1.0), (1.0, 0.0)),
    (lowest, (1.0, 1.0), (0.5, 0.5)),
    (lowest, (2.0, 1.0), (0.0, 1.0)),
    (highest_of_three, (1.0, 1.0, 0.0), (0.5, 0.5, 0.0)),
    (highest_of_three, (1.0, 1.0, 1.0), (1 / 3, 1 / 3, 1 / 3)),
    (relu, (0.0,), (0.5,)),
    (relu, (1.0,), (1.0,)),
    (relu, (-1.0,), (0.0,)),
    (norm, (0.0, 0.0), (0.0, 0.0)),
    (norm, (3.0, 4.0), (0.6, 0.8)),
    (jumps, (1.5,), (0.0,)),
    (jumps, (1.0,), (0.0,)),
    (comparison, (1.0,), (0.0,)),
    (remainder, (7.5, 2.0), (1.0, -3.0)),
    (root, (0.0,), (INF,)),
    (half_power, (0.0,), (INF,)),
    (arc_sine, (1.0,), (INF,)),
    (arc_sine, (-1.0,), (INF,)),
    (arc_cosine, (1.0,), (-INF,)),
    (area_cosine, (1.0,), (INF,)),
    (square, (0.0,), (0.0,)),
    (first, (0.0,), (1.0,)),
    (zeroth, (0.0,), (0.0,)),
    (square, (-3.0,), (-6.0,)),
    (inverse_square, (-2.0,), (0.25,)),
    (power, (0.0, 2.0), (0.0, 0.0)),
    (power, (0.0, 1.0), (1.0, 0.0)),
    (power, (0.0, 0.0), (0.0, 0.0)),
    (power, (0.0, 0.5), (INF, 0.0)),
    (power, (-2.0, 3.0), (12.0, NAN)),
    (angle, (0.0, 0.0), (0.0, 0.0)),
    (branch_not_taken, (0.0,), (0.0,)),
    (sinc, (0.0,), (0.0,)),
    (logistic, (-800.0,), (0.0,)),
    # Where nothing flows, an infinite slope further out does no harm.
    (root_of_relu, (-1.0,), (0.0,)),
]


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("f", "point", "wanted"), ROWS)
def test_row(
    f: Function, point: tuple[float, ...], wanted: tuple[float, ...], level: int
) -> None:
    derivative = value_and_grad(f, argnums=tuple(range(len(point))), optimize=level)
    value, slopes = derivative(*point)
    assert value == f(*point)
    assert slopes == pytest.approx(wanted, rel=1e-14, nan_ok=True)


PAGE = Path(__file__).parent.parent / "docs" / "kinks.md"
ON_ARRAYS = [
    [cell.strip(" `") for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text().partition("## Arrays")[2].splitlines()
    if line.startswith("| `")
]


@pytest.mark.parametrize("row", ON_ARRAYS, ids=[row[0] for row in ON_ARRAYS])
def test_row_of_arrays(row: list[str], tmp_path: Path) -> None:
    expression, point, wanted = row
    path = tmp_path / "row.py"
    path.write_text(f"import numpy as np\n\n\ndef f(x):\n    return {expression}\n")
    f = runpy.run_path(str(path))["f"]
    x = np.array(eval(point), float)
    with np.errstate(all="ignore"):
        assert list(grad(f)(x)) == eval(wanted, {"inf": INF})


def test_the_page_lists_what_is_tested() -> None:
    page = PAGE.read_text()
    for name in ("abs", "max", "hypot", "floor", "sqrt", "asin", "acos", "acosh", "atan2"):
        assert name in page
