"""Arguments, gradients and results that are lists, tuples, dicts and objects."""

from __future__ import annotations

import collections
import copy
import inspect
import math
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import InitVar, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest

import s2sad
from s2sad import grad, value_and_grad
from s2sad.cli import main
from s2sad.frontend import from_function
from s2sad.frontend.annotations import read_text
from s2sad.frontend.calltypes import type_of_argument
from s2sad.frontend.lower import lower
from s2sad.ir.paths import path_of
from s2sad.ir.text import parse, show
from s2sad.ir.types import FLOAT, INT, NONE, List, Record, Tuple
from s2sad.ir.verify import verify


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    power: int = 2


@dataclass
class Line:
    start: Point
    end: Point
    weights: list[float] = field(default_factory=list)
    name: str = "line"


class Pair(NamedTuple):
    u: float
    v: float


Old = collections.namedtuple("Old", "a b")


@dataclass
class Checked:
    x: float
    unit: ClassVar[str] = "m"

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("negative")


@dataclass
class Hidden:
    x: float
    seed: InitVar[int] = 0


@dataclass
class Made:
    x: float
    twice: float = field(init=False, default=1.0)


@dataclass
class Written:
    x: float

    def __init__(self, x: float) -> None:
        self.x = x


class Plain:
    def __init__(self, x: float) -> None:
        self.x = x


# An oracle that shares nothing with s2sad: differences over the floats of a structure.


def numbers(value: Any, wanted: Callable[[Any], bool]) -> Iterator[float]:
    for child in children(value):
        yield from numbers(child, wanted)
    if not children(value) and wanted(value):
        yield value


def children(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list() | tuple():
            return list(value)
        case _ if is_dataclass(value):
            return [getattr(value, f.name) for f in fields(value)]
        case _:
            return []


def is_float(value: Any) -> bool:
    return type(value) is float


def replaced(value: Any, numbers: Iterator[float]) -> Any:
    """The value with other floats."""
    match value:
        case dict():
            return {key: replaced(part, numbers) for key, part in value.items()}
        case list():
            return [replaced(part, numbers) for part in value]
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(replaced(part, numbers) for part in value))
        case tuple():
            return tuple(replaced(part, numbers) for part in value)
        case float():
            return next(numbers)
        case _ if is_dataclass(value) and not isinstance(value, type):
            parts = {f.name: replaced(getattr(value, f.name), numbers) for f in fields(value)}
            return type(value)(**parts)
        case _:
            return value


def differences(f: Callable[[Any], float], at: Any, h: float = 1e-5) -> list[float]:
    flat = list(numbers(at, is_float))

    def moved(k: int, step: float) -> float:
        changed = [v + step * (j == k) for j, v in enumerate(flat)]
        return f(replaced(at, iter(changed)))

    return [
        (8 * (moved(k, h) - moved(k, -h)) - moved(k, 2 * h) + moved(k, -2 * h)) / (12 * h)
        for k in range(len(flat))
    ]


def same_structure(gradient: Any, at: Any) -> bool:
    """None where there is no float, and the same containers everywhere else."""
    if children(at) or isinstance(at, dict | list | tuple):
        return type(gradient) is type(at) and all(
            same_structure(g, a) for g, a in zip(children(gradient), children(at), strict=True)
        )
    return type(gradient) is float if type(at) is float else gradient is None


# The programs: one for each structure.


def of_dict(p):  # type: ignore[no-untyped-def]
    return p["a"] ** 2 * math.sin(p["b"])


def of_tuple(p):  # type: ignore[no-untyped-def]
    return p[0] * p[1] ** 3 + math.exp(p[0])


def of_point(p):  # type: ignore[no-untyped-def]
    return p.x**p.power * p.y + math.sin(p.x * p.y)


def of_pair(p):  # type: ignore[no-untyped-def]
    u, v = p.u, p[1]
    return u * math.exp(v) + v**3


def of_old(p):  # type: ignore[no-untyped-def]
    return p.a * p.a * p.b


def of_list(xs):  # type: ignore[no-untyped-def]
    total = 0.0
    for x in xs:
        total += x**3 * (total + 1.0)
    return total


def of_rows(rows):  # type: ignore[no-untyped-def]
    total, scale = 0.0, 1.0
    for row in rows:
        for x in row:
            total += x * x * scale
        scale += 1.0
    return total


def of_pairs(pairs):  # type: ignore[no-untyped-def]
    total = 0.0
    for u, v in pairs:
        total += u * u * v
    return total


def of_points(points):  # type: ignore[no-untyped-def]
    total = 0.0
    for p in points:
        total += p.x**p.power * math.exp(p.y)
    return total


def of_records(records):  # type: ignore[no-untyped-def]
    total = 0.0
    for r in records:
        total += r["u"] * r["w"][1] ** 2
    return total


def of_groups(groups):  # type: ignore[no-untyped-def]
    total, scale = 0.0, 1.0
    for group in groups:
        for u, v in group:
            total += scale * u * v * v
        scale += 2.0
    return total


def of_line(p):  # type: ignore[no-untyped-def]
    total = p.start.x * p.end.y**p.end.power
    for w in p.weights:
        total += w * w * p.end.x
    return total


def of_all(p):  # type: ignore[no-untyped-def]
    total = p["point"].x * p["pair"][1].v + p["mixed"][0] ** 2 * p["mixed"][2][0]
    for w in p["inner"]["w"]:
        total += w * w * p["inner"][3]
    return total if p["flag"] else 0.0


PROGRAMS: dict[str, tuple[Callable[..., float], Any]] = {
    "dict": (of_dict, {"a": 1.3, "b": 0.4}),
    "dict, other parts": (of_dict, {"a": 1.3, "b": 0.4, "c": "unused", "d": None}),
    "tuple": (of_tuple, (0.7, 1.2)),
    "longer tuple": (of_tuple, (0.7, 1.2, 5.0, "s")),
    "frozen dataclass": (of_point, Point(0.7, 1.1)),
    "other field": (of_point, Point(0.7, 1.1, 3)),
    "named tuple": (of_pair, Pair(0.3, 0.8)),
    "collections.namedtuple": (of_old, Old(0.3, 0.8)),
    "list": (of_list, [0.5, 1.5, -2.0]),
    "empty list": (of_list, []),
    "nested list": (of_rows, [[1.0, 2.0], [3.0], []]),
    "list of tuples": (of_pairs, [(1.0, 2.0), (3.0, 0.5)]),
    "list of objects": (of_points, [Point(1.0, 0.2), Point(0.3, 0.4, 3)]),
    "list of dicts": (of_records, [{"u": 2.0, "w": (1.0, 3.0)}, {"u": 0.5, "w": (1.0, 2.0)}]),
    "list of lists of tuples": (of_groups, [[(1.0, 2.0)], [(0.5, 0.4), (3.0, 1.0)]]),
    "objects in an object": (of_line, Line(Point(1.0, 2.0), Point(3.0, 0.5), [1.0, 2.0])),
    "all of them": (
        of_all,
        {
            "point": Point(1.5, 2.0),
            "pair": (1.0, Pair(2.0, 3.0)),
            "mixed": [0.5, "text", (2.0,)],
            "inner": {"w": [1.0, 2.0], 3: 0.25},
            "flag": True,
        },
    ),
}


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_has_the_structure_of_the_argument(name: str, level: int) -> None:
    f, at = PROGRAMS[name]
    before = copy.deepcopy(at)
    value, gradient = value_and_grad(f, optimize=level)(at)
    assert value == f(at)
    assert same_structure(gradient, at)
    found = list(numbers(gradient, is_float))
    assert found == pytest.approx(differences(f, at), rel=1e-7, abs=1e-7)
    assert at == before


SECOND = {
    "p['a']": (of_dict, {"a": 1.3, "b": 0.4}),
    "p[1]": (of_tuple, (0.7, 1.2)),
    "p.x": (of_point, Point(0.7, 1.1)),
    "p.v": (of_pair, Pair(0.3, 0.8)),
    "p.end.y": (of_line, Line(Point(1.0, 2.0), Point(3.0, 0.5), [1.0, 2.0])),
    "p['point'].x": PROGRAMS["all of them"],
}


@pytest.mark.parametrize("part", SECOND)
def test_second_derivatives(part: str) -> None:
    f, at = SECOND[part]
    first = grad(f, argnums=part)
    assert type(first(at)) is float
    second = grad(first)(at)
    assert same_structure(second, at)
    found = list(numbers(second, is_float))
    assert found == pytest.approx(differences(first, at), rel=1e-6, abs=1e-6)
    assert type(grad(grad(first, argnums=part), argnums=part)(at)) is float


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_ir_goes_through_its_text(name: str) -> None:
    f, at = PROGRAMS[name]
    types = {from_function(f).params[0].arg: type_of_argument("p", at)}
    module = lower(from_function(f), types).module
    text = show(module)
    again = parse(text)
    assert show(again) == text
    verify(again)
    assert again.funcs[again.entry].inputs == module.funcs[module.entry].inputs


# Types.


def test_ints_are_floats_where_they_are_differentiated() -> None:
    assert grad(of_dict)({"a": 2, "b": 1}) == grad(of_dict)({"a": 2.0, "b": 1.0})
    assert grad(of_tuple)((1, 2)) == grad(of_tuple)((1.0, 2.0))
    assert grad(of_list)([1, 2.0]) == grad(of_list)([1, 2]) != [0.0, 0.0]
    assert all(type(v) is float for v in grad(of_list)([1, 2]))
    assert grad(of_rows)([[1, 2], [3.0]]) == [[2.0, 4.0], [12.0]]
    assert grad(of_old)(Old(1, 2)) == Old(4.0, 1.0)
    # A field that is declared to be an int stays one, one declared a float becomes one.
    assert grad(of_point)(Point(2, 3)).power is None
    assert type(grad(of_point)(Point(2, 3)).x) is float


def test_what_is_not_differentiated_keeps_its_ints() -> None:
    def f(x: float, p: Any) -> Any:
        return x * (p["n"] // 2)

    assert grad(f)(1.0, {"n": 5}) == 2.0
    assert grad(f)(1.0, {"n": 5.0}) == 2.0
    assert grad(f)(1.0, {"n": 2**60 + 3}) == float((2**60 + 3) // 2)


def test_types_of_arguments() -> None:
    def typed(value: object) -> object:
        return type_of_argument("p", value)

    assert typed([]) == List(FLOAT)
    assert typed([1, 2]) == List(INT)
    assert typed([True, 2.0]) == List(FLOAT)
    assert typed([[], [1]]) == List(List(INT))
    assert typed([(1, 2.0), (2.0, 1)]) == List(Tuple((FLOAT, FLOAT)))
    assert typed([(1.0,), (1.0, 2.0)]) == Record(
        "list", (), (Tuple((FLOAT,)), Tuple((FLOAT, FLOAT)))
    )
    assert typed([{"a": 1}, {"a": 2.0}]) == List(Record("dict", ("a",), (FLOAT,)))
    assert typed({"a": 1.0, "b": 2}) != typed({"b": 2, "a": 1.0})
    assert hash(typed({"a": [1.0]})) == hash(typed({"a": [2.0, 3.0]}))


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ({1.5: 1.0}, "key 1.5"),
        ({("a", 1): 1.0}, "key"),
        (Plain(1.0), "make Plain a dataclass"),
        ({"a": Plain(1.0)}, r"p\['a'\] is of type Plain"),
        (collections.OrderedDict(a=1.0), "plain dict"),
        (collections.defaultdict(float, a=1.0), "plain dict"),
        ({"a": {1.0}}, "set"),
        ({"a": "text"}, "no floats"),
        ("text", "only numbers"),
        (Checked(1.0), "__post_init__"),
        (Hidden(1.0), "InitVar seed"),
        (Made(1.0), "twice of Made"),
        (Written(1.0), "__init__"),
    ],
)
def test_what_is_refused(bad: object, what: str) -> None:
    def f(p: Any) -> Any:
        return 1.0

    with pytest.raises(s2sad.TypeRefused, match=what):
        grad(f)(bad)


def test_a_list_in_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(s2sad.TypeRefused, match="too deeply"):
        grad(of_list)(loop)


def test_an_object_that_cannot_be_made_has_its_fields_differentiated() -> None:
    def f(p: Any) -> Any:
        return p.x**3

    assert grad(f, argnums="p.x")(Checked(2.0)) == 12.0
    assert grad(f, argnums="p.x")(Hidden(2.0)) == 12.0


# Wrong arguments raise, in the emitted function too.


@pytest.mark.parametrize(
    ("f", "right", "wrong"),
    [
        (of_dict, {"a": 1.0, "b": 2.0}, {"a": 1.0}),
        (of_dict, {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0, "c": 3.0}),
        (of_dict, {"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 2.0}),
        (of_dict, {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": "2.0"}),
        (of_dict, {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": [2.0]}),
        (of_tuple, (1.0, 2.0), (1.0, 2.0, 3.0)),
        (of_tuple, (1.0, 2.0), (1.0,)),
        (of_tuple, (1.0, 2.0), [1.0, 2.0]),
        (of_tuple, (1.0, 2.0), {0: 1.0, 1: 2.0}),
        (of_point, Point(1.0, 2.0), Pair(1.0, 2.0)),
        (of_point, Point(1.0, 2.0), Point(1.0, 2.0, "2")),  # type: ignore[arg-type]
        (of_list, [1.0], {1.0: 2.0}),
        (of_list, [1.0], {1.0}),
        (of_list, [1.0], "12"),
        (of_list, [1.0], ["1"]),
        (of_list, [1.0], [[1.0]]),
        (of_rows, [[1.0]], [{1.0: 2.0}]),
        (of_rows, [[1.0]], [1.0]),
        (of_pairs, [(1.0, 2.0)], [(1.0, 2.0, 3.0)]),
        (of_pairs, [(1.0, 2.0)], [[1.0, 2.0]]),
        (of_points, [Point(1.0, 2.0)], [Pair(1.0, 2.0)]),
        (of_records, [{"u": 1.0, "w": (1.0, 2.0)}], [{"w": (1.0, 2.0), "u": 1.0}]),
        (of_records, [{"u": 1.0, "w": (1.0, 2.0)}], [{"u": 1.0, "w": [1.0, 2.0]}]),
        (of_groups, [[(1.0, 2.0)]], [{(1.0, 2.0): 0}]),
        (of_all, PROGRAMS["all of them"][1], {**PROGRAMS["all of them"][1], "mixed": [0.5]}),
    ],
)
def test_the_emitted_function_takes_nothing_else(f: Any, right: Any, wrong: Any) -> None:
    derivative = grad(f)
    derivative(right)
    emitted = derivative.emitted
    assert emitted(right) == emitted(right)
    with pytest.raises((TypeError, KeyError, ValueError, AttributeError, IndexError)):
        emitted(wrong)


def test_none_is_none() -> None:
    def f(p: Any) -> Any:
        return p["x"] if p["y"] is None else p["x"] * 2.0

    derivative = grad(f)
    assert derivative({"x": 1.0, "y": None}) == {"x": 1.0, "y": None}
    emitted = derivative.emitted
    assert derivative({"x": 1.0, "y": 2.0}) == {"x": 2.0, "y": 0.0}
    with pytest.raises(TypeError, match="has to be"):
        emitted({"x": 1.0, "y": 2.0})


def test_a_tuple_passes_for_a_list_in_the_emitted_function() -> None:
    derivative = grad(of_list)
    derivative([1.0])
    assert derivative.emitted((1.0, 2.0)) == derivative.emitted([1.0, 2.0])


def test_each_structure_is_compiled_for_itself() -> None:
    def f(p: Any) -> Any:
        total = 0.0
        for x in p["w"]:
            total += x * p["s"]
        return total

    g = grad(f)
    assert g({"w": [1.0], "s": 2.0}) == {"w": [2.0], "s": 1.0}
    emitted = g.emitted
    assert g({"w": [1.0, 5.0], "s": 2.0}) == {"w": [2.0, 2.0], "s": 6.0}
    assert g.emitted is emitted
    assert g({"s": 2.0, "w": [1.0, 5.0]}) == {"s": 6.0, "w": [2.0, 2.0]}
    assert g.emitted is not emitted
    assert g({"w": [1], "s": 2, "name": "n"}) == {"w": [2.0], "s": 1.0, "name": None}


def test_a_structure_after_a_number() -> None:
    def f(x: Any, k: Any = 2.0) -> Any:
        return x * x * k

    g = grad(f)
    assert g(3.0) == 12.0

    def h(x: Any, p: Any) -> Any:
        return x * x * p["k"]

    other = grad(h)
    assert other(3.0, {"k": 2.0}) == other(3, p={"k": 2}) == 12.0


# Parts of arguments.


def test_argnums_reach_inside() -> None:
    at = {"a": 1.3, "b": 0.4}
    full = grad(of_dict)(at)
    assert grad(of_dict, argnums="p['a']")(at) == full["a"]
    assert grad(of_dict, argnums=("p['b']", 'p["a"]'))(at) == (full["b"], full["a"])
    line = Line(Point(1.0, 2.0), Point(3.0, 0.5), [1.0, 2.0])
    whole = grad(of_line)(line)
    assert grad(of_line, argnums="p.end")(line) == whole.end
    assert grad(of_line, argnums="p.weights")(line) == whole.weights
    assert grad(of_tuple, argnums="p[-1]")((0.7, 1.2)) == grad(of_tuple)((0.7, 1.2))[1]
    assert grad(of_pair, argnums="p[0]")(Pair(0.3, 0.8)) == math.exp(0.8)


def test_only_the_part_has_its_ints_promoted() -> None:
    def f(p: Any) -> Any:
        return p["x"] * (p["n"] // 2)

    assert grad(f, argnums="p['x']")({"x": 3, "n": 5}) == 2.0


@pytest.mark.parametrize(
    ("argnums", "error"),
    [
        ("q.a", ValueError),
        ("p.a +", ValueError),
        ("p['a'][x]", ValueError),
        ("p['c']", s2sad.TypeRefused),
        ("p.a", s2sad.TypeRefused),
        ("p[0]", s2sad.TypeRefused),
        ("p['s']", s2sad.TypeRefused),
    ],
)
def test_a_part_that_is_not_there(argnums: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        grad(of_dict, argnums=argnums)({"a": 1.0, "b": 2.0, "s": "text"})


def test_paths() -> None:
    assert path_of("p") == ("p", ())
    assert path_of(" p.a['b'][0][-1] ") == (
        "p",
        (("a", True), ("b", False), (0, False), (-1, False)),
    )
    for text in ("", "1", "p[True]", "p[1.5]", "p[a]", "p()", "p.a.", "p[0:1]", "a b"):
        assert path_of(text) is None


# What is shared, results, and what else a derivative has.


def test_one_list_in_two_places_is_two_arguments() -> None:
    def f(p: Any) -> Any:
        total = 1.0
        for x in p["u"]:
            total *= x
        for y in p["v"]:
            total += y * y
        return total

    same = [1.0, 2.0]
    gradient = grad(f)({"u": same, "v": same})
    assert gradient == {"u": [2.0, 1.0], "v": [2.0, 4.0]}
    assert gradient["u"] is not gradient["v"]
    assert same == [1.0, 2.0]


def test_lists_of_different_lengths_are_never_paired_wrongly() -> None:
    def dot(xs: Any, ys: Any) -> Any:
        total = 0.0
        for x, y in zip(xs, ys):  # noqa: B905
            total += x * y * y
        return total

    def counted(x: float, ks: Any) -> Any:
        total = 0.0
        for i, k in zip(range(5), ks):  # noqa: B905
            total += x**3 * k * i
        return total

    assert grad(counted)(2.0, [1.0, 2.0, 3.0]) == 12.0 * 8.0
    assert grad(counted)(2.0, [1.0] * 9) == 12.0 * 10.0
    assert grad(grad(counted))(2.0, [1.0, 2.0, 3.0]) == 12.0 * 8.0
    long, short = [1.0, 2.0, 3.0], [4.0, 5.0]
    assert grad(dot, argnums=(0, 1))(long, short) == ([16.0, 25.0, 0.0], [8.0, 20.0])
    assert grad(dot, argnums=(0, 1))(short, long) == ([1.0, 4.0], [8.0, 20.0, 0.0])


def test_results_in_structures() -> None:
    def f(p: Any) -> Any:
        return p["x"] ** 2, (p["x"] * 3.0, (p["y"], p))

    at = {"x": 2.0, "y": 5.0}
    gradient, aux = grad(f, has_aux=True)(at)
    assert gradient == {"x": 4.0, "y": 0.0}
    assert aux == (6.0, (5.0, at))
    assert aux[1][1] is not at

    point, rows = Point(2.0, 3.0), [(1.0, "a", [2.0]), (3.0, "b", [])]
    (value, aux), gradient = value_and_grad(of_point_and_rows, has_aux=True)(point, rows)
    assert value == 6.0
    assert aux == (point, rows)
    assert type(aux[0]) is Point
    assert gradient == Point(3.0, 2.0, None)  # type: ignore[arg-type]


def of_point_and_rows(p, rows):  # type: ignore[no-untyped-def]
    return p.x * p.y, (p, rows)


def test_a_named_tuple_as_the_pair_of_has_aux() -> None:
    def f(x: float, p: Any) -> Any:
        return p

    assert grad(f, argnums="p.u", has_aux=True)(1.0, Pair(2.0, 3.0)) == (1.0, 3.0)


@pytest.mark.parametrize("at", [{"a": 1.0}, [1.0, "a"], (1.0, 2.0), Point(1.0, 2.0)])
def test_a_structure_has_no_gradient(at: object) -> None:
    def f(p: Any) -> Any:
        return p

    with pytest.raises(s2sad.NotDifferentiable, match="has_aux"):
        grad(f)(at)


def test_recursion_with_a_structure() -> None:
    def f(p: Any, n: int) -> Any:
        if n == 0:
            return p[0] * p[1]
        return p[0] * f((p[1], p[0]), n - 1)

    assert grad(f)((2.0, 3.0), 3) == (108.0, 48.0)
    text = grad(f_recursive).ssa
    assert "f_recursive((p_2, p_1), " in text


def f_recursive(p: tuple[float, float], n: int) -> float:
    if n == 0:
        return p[0] * p[1]
    return p[0] * f_recursive((p[1], p[0]), n - 1)


def test_defaults() -> None:
    def f(x: float, p: Any = {"k": 2.0}, *, q: Any = (3.0, 1)) -> Any:  # noqa: B006
        return x * x * p["k"] * q[0]

    assert grad(f)(1.0) == 12.0
    assert grad(f)(1.0, {"k": 1.0}) == 6.0
    assert grad(f)(x=1.0, q=(1.0, 2)) == 4.0
    assert grad(f, argnums="p")(1.0) == {"k": 3.0}


@grad
def decorated(p: Point) -> float:
    """The area."""
    return p.x * p.y


def test_what_a_derivative_has() -> None:
    assert decorated(Point(2.0, 3.0)) == Point(3.0, 2.0, None)  # type: ignore[arg-type]
    assert list(inspect.signature(decorated).parameters) == ["p"]
    assert repr(grad(of_dict, argnums="p['a']")) == ("<Grad of of_dict with respect to p['a']>")
    assert "def decorated_grad(p: Point):" in decorated.source
    assert "return a, Point(x=y, y=x, power=None)" in decorated.source
    assert "x = p.x" in decorated.ssa
    assert "float" not in decorated.ssa.split("\n", 1)[1]
    assert "p: \"{'a': float, 'b': float}\"" in grad(of_dict).source_for({"a": 1, "b": 2})
    assert "def of_dict_grad" in inspect.getsource(_compiled(of_dict, {"a": 1.0, "b": 2.0}))
    again = pickle.loads(pickle.dumps(grad(of_dict, argnums="p['a']")))
    assert again({"a": 1.0, "b": 2.0}) == grad(of_dict)({"a": 1.0, "b": 2.0})["a"]
    assert pickle.loads(pickle.dumps(decorated)) is decorated


def _compiled(f: Callable[..., Any], at: object) -> Callable[..., Any]:
    derivative = grad(f)
    derivative(at)
    return derivative.emitted


def test_names_of_parts() -> None:
    def f(p: Any, a: float) -> Any:
        return p["a"] * a + p["p"] + p["lambda"] + p["two words"] + p["math"] * math.pi

    at = {"a": 1.0, "p": 2.0, "lambda": 3.0, "two words": 4.0, "math": 5.0}
    assert grad(f)(at, 2.0) == {
        "a": 2.0, "p": 1.0, "lambda": 1.0, "two words": 1.0, "math": math.pi,
    }  # fmt: skip
    text = grad(f).source_for(at, 2.0)
    for line in ("p_a = p['a']", "p_p = p['p']", "p_3 = p['lambda']", "p_4 = p['two words']"):
        assert line in text


# Annotations, and the command line.

FILE = """\
from dataclasses import dataclass
from typing import NamedTuple, Optional, Sequence


@dataclass
class Point:
    x: float
    y: float
    power: int = 2


class Box(NamedTuple):
    corner: "Point"
    sizes: list[float]


def area(b: Box, scale: Optional[float] = 1.0):
    total = b.corner.x ** b.corner.power * scale
    for s in b.sizes:
        total += s * s
    return total


def loss(p, x):
    total = p["b"]
    for w in p["w"]:
        total += w * x
    return total


def sums(xs: Sequence[float], pairs: "list[tuple[float, float]]", ys: tuple[float, ...]):
    total = 0.0
    for x in xs:
        total += x * x
    for y in ys:
        total += 2 * y
    for u, v in pairs:
        total += u * v
    return total


def unknown(d: dict[str, float]):
    return d["a"]


def parts(p: "{'a': float, 'b': (float, int)}"):
    return p["a"] * p["b"][0] ** p["b"][1]
"""


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(FILE)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        return (code, *capsys.readouterr())

    return call


Run = Callable[..., tuple[int, str, str]]


def outcome(*lines: str, isolated: bool = False) -> str:
    flags = ["-I", "-S"] if isolated else []
    text = "\n".join(["import sys", "sys.path.insert(0, '')", *lines])
    done = subprocess.run(
        [sys.executable, *flags, "-c", text], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_file_stands_alone(run: Run) -> None:
    notation = "p={'w': list[float], 'b': float}"
    code, _, err = run("grad", "m.py:loss", "--type", notation, "-o", "g.py")
    assert (code, err) == (
        0,
        "m.py:24: x is taken to be a float (annotate it, or --type x=int)\n",
    )
    assert run("--check", "g.py")[0] == 0
    lines = ["from g import loss_grad", "print(loss_grad({'w': [1, 2.0], 'b': 3}, 2))"]
    assert outcome(*lines, isolated=True) == "(9.0, {'w': [2.0, 2.0], 'b': 1.0})"
    lines[1] = "try: loss_grad({'b': 3, 'w': []}, 2)\nexcept TypeError as error: print(error)"
    assert outcome(*lines, isolated=True) == "p has to be {'w': list[float], 'b': float}"


def test_a_class_is_imported_by_the_file_only(run: Run) -> None:
    code, text, _ = run("grad", "m.py:area", "--wrt", "b")
    assert code == 0
    assert "\nfrom m import Box, Point\n" in text
    Path("out.py").write_text(text)
    lines = ["from m import Box, Point", "from out import area_grad"]
    lines.append("print(area_grad(Box(Point(3, 1.0), [2.0])))")
    expected = "(13.0, Box(corner=Point(x=6.0, y=0.0, power=None), sizes=[4.0]))"
    assert outcome(*lines) == expected


def test_annotations_are_believed(run: Run) -> None:
    code, text, err = run("grad", "m.py:sums", "--wrt", "xs,pairs,ys")
    assert (code, err) == (0, "")
    assert (
        "def sums_grad(xs: list[float], pairs: list[tuple[float, float]], ys: list[float]):"
        in (text.replace("\n    ", " "))
    )
    Path("out.py").write_text(text)
    line = "from out import sums_grad; print(sums_grad([1, 2], [(3, 4)], (5, 6)))"
    assert outcome(line, isolated=True) == "(39.0, ([2.0, 4.0], [(4.0, 3.0)], [2.0, 2.0]))"


def test_the_notation_in_an_annotation(run: Run) -> None:
    assert run("grad", "m.py:parts", "--wrt", "p['b'],p['a']", "-o", "out.py")[0] == 0
    line = "from out import *; print(parts_grad({'a': 2, 'b': (3, 2)}))"
    assert outcome(line, isolated=True) == "(18.0, ((12.0, None), 9.0))"
    assert run("--check", "out.py")[0] == 0


def test_the_emitted_text_is_differentiated_again(run: Run) -> None:
    run("grad", "m.py:area", "--wrt", "b.corner.x", "-o", "first.py")
    code, _, err = run(
        "grad", "first.py:area_grad", "--wrt", "b.corner.x", "--of", "1", "-o", "two.py"
    )
    assert (code, err) == (0, "")
    lines = ["from m import Box, Point", "from two import area_grad_grad"]
    lines.append("print(area_grad_grad(Box(Point(3, 1.0, 4), [2.0]))[1])")
    assert float(outcome(*lines)) == 108.0
    run("grad", "m.py:parts", "--wrt", "p['a'],p['b'][0]", "-o", "first.py")
    code, _, err = run(
        "grad", "first.py:parts_grad", "--wrt", "p['b'][0]", "--of", "0", "-o", "two.py"
    )
    assert (code, err) == (0, "")


def test_tests_of_lists_are_read_back(run: Run) -> None:
    Path("n.py").write_text(
        "def f(x: float, rows: 'list[list[float]]', pairs: 'list[{1: float}]',"
        " t: (float, None)):\n"
        "    total = t[0]\n"
        "    for row in rows:\n        for v in row:\n            total += v * x * x\n"
        "    for p in pairs:\n        total += p[1] * x\n"
        "    return total\n"
    )
    assert run("grad", "n.py:f", "-o", "first.py")[0] == 0
    assert "for r in rows for v in r" in Path("first.py").read_text()
    code, _, err = run("grad", "first.py:f_grad", "--of", "1", "-o", "two.py")
    assert (code, err) == (0, "")
    line = "from two import *; print(f_grad_grad(1.0, [[1, 2], [3]], [{1: 5}], (0.0, None))[1])"
    assert outcome(line, isolated=True) == "12.0"


def test_refusals_of_the_command_line(run: Run) -> None:
    code, _, err = run("grad", "m.py:unknown")
    assert code == 3
    assert "--type d=" in err
    assert run("grad", "m.py:unknown", "--type", "d={'a': float}")[0] == 0
    assert run("grad", "m.py:loss", "--type", "p=Nowhere")[0] == 2
    assert run("grad", "m.py:loss", "--type", "p={'a'")[0] == 2
    assert run("grad", "m.py:loss", "--wrt", "p.a.")[0] == 2
    assert run("grad", "m.py:loss", "--wrt", "q.a")[0] == 2
    code, _, err = run("grad", "m.py:area", "--wrt", "b.corner.z")
    assert code == 3
    assert "area has no b.corner.z" in err
    Path("my-shapes.py").write_text(FILE)
    code, _, err = run("grad", "my-shapes.py:area")
    assert code == 3
    assert "cannot be imported" in err


def test_the_notation() -> None:
    def read(text: str) -> object:
        return read_text(text, None)

    assert read("list[float]") == read("Sequence[float]") == read("typing.List[float]")
    assert read("tuple[float, ...]") == List(FLOAT)
    assert read("tuple[float, int]") == read("(float, int)") == Tuple((FLOAT, INT))
    assert read("tuple[()]") == Tuple(())
    assert read("float | None") == read("Optional[float]") == read("Union[int, float]") == FLOAT
    assert read("Annotated[float, 'm']") == read("'float'") == FLOAT
    assert read("{'a': float, 1: [int, None]}") == Record(
        "dict", ("a", 1), (FLOAT, Record("list", (), (INT, NONE)))
    )
    for text in (
        "dict[str, float]",
        "list",
        "{'a': float, 'a': int}",
        "{x: float}",
        "f()",
        "(",
    ):
        assert read(text) is None
