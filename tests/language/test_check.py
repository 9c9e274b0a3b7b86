"""The checker itself: what a perfect compiler would get, and what faults it sees."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from . import check
from .check import expected, verdict
from .running import arguments, load
from .table import Entry, entries
from .tree import leaves, rebuilt

Derive = Callable[..., Callable[..., Any]]


def stubs(entry: Entry, point: str) -> tuple[Derive, Derive]:
    """`value_and_grad` and `grad(grad)` that know the answer."""
    _, positions, exact = expected(entry, point)
    like = arguments(vars(load(entry.source)), point).positional
    numbers = itertools.chain(exact.gradient, itertools.repeat(0.0))
    parts = {i: rebuilt(like[i], numbers) for i in positions}

    def value_and_grad(f: Any, argnums: Any, has_aux: bool = False, **_: Any) -> Any:
        order = check._order(argnums, entry, arguments(vars(load(entry.source)), point))
        gradient: Any = tuple(parts[i] for i in order)
        gradient = gradient[0] if isinstance(argnums, (int, str)) else gradient

        def call(*args: Any, **keywords: Any) -> Any:
            value = f(*copy.deepcopy(args), **keywords)
            return value, gradient

        return call

    def grad(f: Any, argnums: Any, **_: Any) -> Any:
        if isinstance(argnums, int):
            row = argnums

            def inner(*args: Any) -> Any:
                f(*args)
                count = len(args)
                return tuple(exact.hessian[max(row, j), min(row, j)] for j in range(count))

            return inner
        return f

    return value_and_grad, grad


@pytest.mark.parametrize("table", ["supported", "either"])
def test_a_perfect_compiler_is_right(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for entry in entries(table):
        for point in entry.points:
            value_and_grad, grad = stubs(entry, point)
            monkeypatch.setattr(check, "value_and_grad", value_and_grad)
            monkeypatch.setattr(check, "grad", grad)
            check._check(check.Made(entry, 1), point)


def entry(source: str, **words: str) -> Entry:
    return Entry("test", "test", "", source, {"at": "0.7", **words})


CUBE = "def f(x):\n    return x**3\n"
NOTED = "N = []\ndef f(x):\n    N.append(1)\n    print(len(N))\n    return x**3\n"


def faulty(value: Callable[[Any, Any], Any], gradient: object) -> Derive:
    return lambda f, *_, **__: lambda x: (value(f, x), gradient)


FAULTS = {
    "gradient": (CUBE, faulty(lambda f, x: f(x), 1.4), "the gradient"),
    "value": (CUBE, faulty(lambda f, x: x * x, 1.47), "the value"),
    "value by a rounding": (
        CUBE,
        faulty(lambda f, x: math.nextafter(f(x), 1.0), 1.47),
        "the value",
    ),
    "structure": (CUBE, faulty(lambda f, x: f(x), (1.47,)), "structure"),
    "effect": (NOTED, faulty(lambda f, x: (f(x), f(x))[0], 1.47), "printed"),
    "no effect": (NOTED, faulty(lambda f, x: x**3, 1.47), "printed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source, derive, words = FAULTS[name]
    monkeypatch.setattr(check, "value_and_grad", derive)
    found = verdict(entry(source, orders="1", state="locals().get('N')"))
    assert found.kind == "wrong"
    assert words in found.detail


def test_a_changed_argument_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def f(a):\n    a[0] = 2.0 * a[0]\n    return a[0] ** 3\n"
    monkeypatch.setattr(check, "value_and_grad", faulty(lambda f, a: f(a), [24.0]))
    found = verdict(entry(source, at="[1.0]", orders="1"))
    assert (found.kind, "an argument was changed" in found.detail) == ("wrong", True)


def test_the_other_exception_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def f(x):\n    raise ValueError('a')\n"

    def derived(x: float) -> None:
        raise ValueError("b")

    monkeypatch.setattr(check, "value_and_grad", lambda *_, **__: derived)
    assert verdict(entry(source)).kind == "wrong"


def test_structures_are_taken_apart_and_built_again() -> None:
    tree = {"a": [1.0, (2.0, "s")], "b": 3, "c": ()}
    assert leaves(tree) == [1.0, 2.0]
    assert rebuilt(tree, iter([5.0, 6.0])) == {"a": [5.0, (6.0, "s")], "b": 3, "c": ()}
