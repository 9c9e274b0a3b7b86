"""Calls after the first: an argument is tested, not looked into, and never stale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from s2sad import S2sadError, grad, value_and_grad


class Spring:
    shared = 1.0

    def __init__(self, k: float) -> None:
        self.k: Any = k
        self.offsets: Any = [0.5, 1.0]
        self.unread = "text"

    def energy(self, x: float, power: int = 2) -> float:
        return float(self.k * x**power + self.offsets[0] * x + self.shared * x)

    def __len__(self) -> int:
        return 3


@dataclass
class Line:
    slope: Any
    offset: Any


def slope(spring: Spring, x: float, power: int = 2) -> float:
    h = 1e-6
    return (spring.energy(x + h, power) - spring.energy(x - h, power)) / (2 * h)


CHANGES = {
    "another value": lambda s: setattr(s, "k", 5.0),
    "an int": lambda s: setattr(s, "k", 7),
    "a bool": lambda s: setattr(s, "k", True),
    "more in a list": lambda s: s.offsets.append(2.0),
    "other numbers in a list": lambda s: setattr(s, "offsets", [3.0, 2.0]),
    "ints in a list": lambda s: setattr(s, "offsets", [3, 2]),
    "a tuple for a list": lambda s: setattr(s, "offsets", (4.0, 1.0)),
    "a dict for a list": lambda s: setattr(s, "offsets", {0: 6.0}),
    "an attribute for one of the class": lambda s: setattr(s, "shared", 9.0),
    "one that is not read": lambda s: setattr(s, "unread", 3.0),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_bound_method_sees_what_changed(change: Any) -> None:
    spring = Spring(2.0)
    derivative = grad(spring.energy)
    for _ in range(2):
        assert derivative(3.0) == pytest.approx(slope(spring, 3.0))
    change(spring)
    for _ in range(2):
        assert derivative(3.0) == pytest.approx(slope(spring, 3.0))
        assert derivative(3.0, power=3) == pytest.approx(slope(spring, 3.0, 3))


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_so_does_an_object_that_is_passed(change: Any) -> None:
    derivative = grad(Spring.energy, "x")
    spring, other = Spring(2.0), Spring(4.0)
    change(other)
    for one in (spring, other, spring, other):
        assert derivative(one, 3.0) == pytest.approx(slope(one, 3.0))
        assert derivative(one, 3.0, 3) == pytest.approx(slope(one, 3.0, 3))


def test_an_attribute_that_is_taken_away_is_that_of_the_class() -> None:
    spring = Spring(2.0)
    spring.shared = 5.0
    derivative = grad(spring.energy)
    assert derivative(3.0) == pytest.approx(slope(spring, 3.0))
    del spring.shared
    assert derivative(3.0) == pytest.approx(slope(spring, 3.0))
    Spring.shared = 2.0
    try:
        assert derivative(3.0) == pytest.approx(slope(spring, 3.0))
    finally:
        Spring.shared = 1.0


def test_a_method_that_is_put_in_its_place() -> None:
    class Scaled:
        scale = 2.0

        def factor(self) -> float:
            return self.scale

        def value(self, x: float) -> float:
            return self.factor() * x

    one = Scaled()
    derivative = grad(one.value)
    assert [derivative(1.0), derivative(1.0)] == [2.0, 2.0]
    one.factor = lambda: 7.0  # type: ignore[method-assign]
    try:
        found = derivative(1.0)
    except S2sadError:
        return
    assert found == 7.0


@pytest.mark.parametrize(
    "second",
    [Line(2, 1.0), Line(2.0, 1), Line(True, 1.0), Line(4.0, 5.0)],
    ids=str,
)
def test_fields_of_another_type(second: Line) -> None:
    def f(line: Any, x: float) -> Any:
        return math.sin(line.slope * x) + line.offset * x

    derivative = grad(f, "x")
    first = Line(1.5, 2.0)
    for line in (first, second, first, second):
        wanted = line.slope * math.cos(line.slope * 0.3) + line.offset
        assert derivative(line, 0.3) == pytest.approx(wanted)


def test_dicts_with_other_keys_and_tuples_of_other_lengths() -> None:
    def total(items: Any, x: float) -> Any:
        return sum(items.values()) * x

    def product(items: Any, x: float) -> Any:
        return items[0] * items[-1] * x

    of_dict, of_tuple = grad(total, "x"), grad(product, "x")
    for entries in ({"a": 1.0}, {"a": 1.0, "b": 2.0}, {"b": 3.0, "a": 1}, {1: 2.0}, {"a": 1.0}):
        assert of_dict(entries, 2.0) == sum(entries.values())
    for values in ((1.0, 2.0), (3.0,), (2, 3.0, 4.0), (1.0, 2.0)):
        assert of_tuple(values, 2.0) == values[0] * values[-1]


def test_lists_of_other_numbers() -> None:
    def total(items: Any, x: float) -> Any:
        found = 0.0
        for item in items:
            found += item * x
        return found

    derivative = grad(total, "x")
    for values in ([1.0], [1, 2], [], [1.0, 2], [1], [True, 2.0], [1.0]):
        assert derivative(values, 2.0) == sum(values)
    with pytest.raises(Exception, match="str"):
        derivative(["a"], 2.0)


def test_what_raises_after_it_wrote_runs_once() -> None:
    class Counter:
        def __init__(self) -> None:
            self.calls = 0
            self.by: Any = 2.0

        def f(self, x: float) -> float:
            self.calls = self.calls + 1
            return float(x * self.by)

    counter = Counter()
    derivative = value_and_grad(counter.f)
    assert [derivative(3.0), derivative(3.0)] == [(6.0, 2.0)] * 2
    assert counter.calls == 2
    with pytest.raises(TypeError):
        derivative()
    assert counter.calls == 2


def test_what_is_given_beforehand_and_its_defaults() -> None:
    def f(a: float, b: float = 3.0, c: float = 4.0) -> float:
        return a * b * c

    first = grad(partial(f, 2.0))
    assert [first(), first(), first(1.0), first(c=5.0), first(1.0, 1.0)] == [8, 8, 8, 10, 2]
    second = grad(partial(f, 2.0, 5.0))
    assert [second(), second(), second(7.0), second(c=5.0)] == [10, 10, 10, 10]
    every = grad(f, 2)
    assert [every(1.0), every(1.0, 2.0), every(1.0, c=7.0)] == [3.0, 2.0, 3.0]
