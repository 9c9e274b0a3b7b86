"""The benchmark's own machinery; nothing here looks at a time."""

import math

import pytest

from tests.bench.compile_time import exponent, straight_line
from tests.bench.measure import measure
from tests.bench.programs import PROGRAMS, Program, with_math
from tests.bench.table import number, table
from tests.bench.tools import TOOLS, Contender, Refused


def test_exponent() -> None:
    assert exponent((10, 100, 1000), [0.2, 2.0, 20.0]) == pytest.approx(1.0)


def test_straight_line_runs() -> None:
    scope: dict[str, object] = {}
    exec(straight_line(200), scope)
    assert math.isfinite(eval("f(0.7)", scope))
    assert straight_line(200).count(" = ") == 200


def test_math_is_replaced_in_helpers_too() -> None:
    program = next(p for p in PROGRAMS if p.name == "black_scholes")
    names = ("sqrt", "log", "exp")
    functions = {name: getattr(math, name) for name in names} | {"erf": lambda x: 1.0}
    assert with_math(program.primal, functions)(2.0, 1.0, 0.0, 1.0, 1.0) == 1.0


def test_refusals_and_wrong_answers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: Program) -> Contender:
        raise Refused("takes no loops")

    def wrong(program: Program) -> Contender:
        return Contender(lambda x: (1.0, 2.0), program.args)

    monkeypatch.setitem(TOOLS, "refuses", refuses)
    monkeypatch.setitem(TOOLS, "wrong", wrong)
    for tool in TOOLS.keys() - {"refuses", "wrong", "written by hand"}:
        monkeypatch.delitem(TOOLS, tool)
    entries = {entry.tool: entry for entry in measure(PROGRAMS[0], 1)}
    assert entries["refuses"].reason == "takes no loops"
    assert entries["wrong"].reason.startswith("wrong: (1.0, 2.0) for (0.93")
    assert not entries["wrong"].seconds
    assert len(entries["written by hand"].seconds) == 1


def test_rebinding() -> None:
    lorenz = next(p for p in PROGRAMS if p.name == "lorenz")
    rebinding = with_math(lorenz.primal, {}, rebinding=True)
    assert rebinding(*lorenz.args) == lorenz.primal(*lorenz.args)


def test_table() -> None:
    assert table(["", "b"], [["a", number(12.345)]]) == (
        "|   |    b |\n| - | ---: |\n| a | 12.3 |"
    )
