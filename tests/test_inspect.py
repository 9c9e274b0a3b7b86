"""Looking for what is wrong: validate, why_zero, debug; and the graph."""

from __future__ import annotations

import copy
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad import grad, rules, value_and_grad
from s2sad.cli import main
from s2sad.inspect.layout import laid_out
from s2sad.ops.core import PRIMITIVES
from tests.arrays import trees as array_trees
from tests.arrays.check import arguments as array_arguments
from tests.arrays.check import positions as array_positions
from tests.language import table
from tests.language import tree as trees
from tests.language.check import _positions
from tests.language.running import arguments, load
from tests.language.table import Entry

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture
def _rules() -> Iterator[None]:
    before = {**PRIMITIVES}, {**rules.BOUND}, {**rules._NAMES}
    yield
    for known, old in zip((PRIMITIVES, rules.BOUND, rules._NAMES), before, strict=True):
        known.clear()  # type: ignore[attr-defined]
        known.update(old)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_rules")
def test_validate_names_the_line_of_a_wrong_rule() -> None:
    @s2sad.rule("math.sin(x)")
    def my_cos(x: float) -> float:
        return math.cos(x)

    @grad
    def f(x: float) -> float:
        y = x * x
        return my_cos(y) + y

    found = f.validate(0.7)
    assert not found
    (wrong,) = found.wrong
    assert wrong.loc is not None
    assert "return my_cos(y) + y" in str(wrong)
    assert "by the rule of my_cos" in str(wrong)


def test_validate_of_arrays() -> None:
    @grad(argnums=(0, 1))
    def f(w, x):  # type: ignore[no-untyped-def]
        h = np.tanh(w @ x)
        h[0] = 2.0 * x[1]
        return np.sum(h**2) + np.linalg.svd(w)[1][0]

    found = f.validate(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0.1, 0.2]))
    assert found.ok, str(found)
    assert len(found.inputs) == 6


def test_validate_of_lists_and_dicts() -> None:
    @grad
    def f(p):  # type: ignore[no-untyped-def]
        total = p["b"]
        for w in p["w"]:
            total = total * w + max(w, 0.5)
        return total

    found = f.validate({"w": [0.2, 0.9], "b": 1.5})
    assert found.ok, str(found)
    assert [one.label for one in found.inputs][-1].endswith("b")


def test_the_exit_code_of_validate(capsys: pytest.CaptureFixture[str]) -> None:
    sample = f"{SAMPLES / 'lecture.py'}:f"
    assert main(["validate", sample, "--at", "x=0.7"]) == 0
    assert main(["validate", sample, "--at", "x=0.7", "--tolerance", "1e-300"]) == 1
    assert main(["validate", sample]) == 2
    capsys.readouterr()
    assert main(["validate", sample, "--at", "x=0.7", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_why_zero() -> None:
    @grad(argnums=(0, 1, 2))
    def f(x: float, y: float, z: float) -> float:
        a = max(x, 0.0)
        b = a * y
        n = math.floor(z)
        if z > 0:
            b = b + 1
        return b * 3 + n

    in_x, in_y, in_z = f.why_zero(-1.0, 2.0, 0.5)
    assert "a = max(x, 0)" in str(in_x)
    assert "from a = 0" in str(in_y)
    assert "floor(z)" in str(in_z)
    assert "z > 0" in str(in_z)
    assert "is 6" in str(f.why_zero(1.0, 2.0, 0.5)[0])


def test_where_a_nan_comes_from() -> None:
    @grad
    def f(x: float) -> float:
        s = math.sqrt(x)
        return s * s

    text = str(f.debug(0.0))
    assert "s = math.sqrt(x)" in text
    assert "reverse sweep: what x gets from here is nan" in text
    assert "∂s/∂x = ∞" in text
    assert "emitted, line" in text


def test_where_an_inf_comes_from() -> None:
    @grad
    def f(x: float) -> float:
        big = x * 1e200
        return big * big

    assert "forward sweep: f = big² = ∞" in str(f.debug(10.0))


def test_what_raises() -> None:
    @grad
    def f(x: float) -> float:
        y = x - 1
        return math.log(y)

    text = str(f.debug(0.5))
    assert "return math.log(y)" in text
    assert "raises ValueError" in text
    with pytest.raises(ValueError, match="math domain error"):
        f.explain(0.5)


def test_layout() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]
    made = laid_out(dict.fromkeys("abcd", 50.0), edges, 40.0, 40.0)
    heights = [made.places[key][1] for key in "abcd"]
    assert heights == sorted(heights)
    assert len(made.ways["a", "c"]) == 3


def test_graphs(capsys: pytest.CaptureFixture[str]) -> None:
    sample = f"{SAMPLES / 'lecture.py'}:f"
    assert main(["graph", sample, "--at", "x=0.7"]) == 0
    svg = ET.fromstring(capsys.readouterr().out)
    assert len(svg.findall(".//{*}rect")) == 7
    assert main(["graph", sample, "--format", "dot"]) == 0
    assert '[label="e^a"' in capsys.readouterr().out
    assert main(["graph", sample, "--format", "mermaid"]) == 0
    assert 'n2["b = e^a"]' in capsys.readouterr().out


def test_a_large_graph_is_folded(capsys: pytest.CaptureFixture[str]) -> None:
    sample = f"{SAMPLES / 'rosenbrock.py'}:rosenbrock"
    point = "start=0.3,ratio=1.01,n=50"
    assert main(["graph", sample, "--at", point, "--format", "dot"]) == 0
    text = capsys.readouterr().out
    assert "passes 2 to 49" in text
    assert text.count("label") < 80


def programs() -> list[Entry]:
    found = [e for e in table.entries("supported") if not e.is_open and e.state == "None"]
    arrays = table.entries_in(Path(__file__).parent / "arrays" / "programs")
    also = ("a force between particles", "what a mask replaces", "matrix exponential")
    some = [
        entry
        for k, entry in enumerate(arrays)
        if k % 9 == 0 or entry.chapter == "complex" or entry.name in also
    ]
    return [*found[::23], *(e for e in some if not e.is_open)]


@pytest.mark.parametrize("entry", programs(), ids=lambda entry: f"{entry.chapter}/{entry.name}")
def test_programs_of_the_tables(entry: Entry) -> None:
    """What the run says is what the emitted gradient says, and everything is written."""
    names = vars(load(entry.source))
    point = entry.points[0]
    if "np" in names:
        given, named = array_arguments(names, point), {}
        wrt = array_positions(entry, given)
    else:
        made = arguments(names, point)
        given, named = made.positional, made.keywords
        wrt = _positions(entry, made)
    argnums = entry.argnums if entry.argnums is not None else tuple(wrt)
    if argnums == ():
        return
    derivative = value_and_grad(names["f"], argnums, entry.aux)
    try:
        with np.errstate(all="ignore"):
            _, gradient = derivative(*copy.deepcopy(given), **copy.deepcopy(named))
    except s2sad.S2sadError:
        raise
    except Exception as error:
        with pytest.raises(type(error)):
            derivative.explain(*given, **named)
        return
    derivation = derivative.explain(*given, **named)
    found = [np.ravel(value) for _, value in derivation.gradient]
    leaves = array_trees.leaves(gradient) if "np" in names else trees.leaves(gradient)
    expected = [np.ravel(np.asarray(leaf)) for leaf in leaves]
    np.testing.assert_allclose(
        np.sort(np.concatenate([np.zeros(0), *found])),
        np.sort(np.concatenate([np.zeros(0), *expected])),
        rtol=1e-9,
        atol=1e-12,
    )
    assert max(map(len, str(derivation).splitlines())) <= 80
    assert derivation._repr_html_()
    assert derivation._repr_latex_()
