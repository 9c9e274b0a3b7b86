"""Records of recursion at higher orders, and the lists that they are kept in."""

# ruff: noqa: B905
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from s2sad import UnsupportedSyntax, grad


def g(x: float, n: int) -> float:
    if n <= 0:
        return math.sin(x)
    if n % 2:
        return math.cos(g(x * 0.9, n - 1)) * x
    return g(x * x * 0.5, n - 2) * 0.7 + g(x, n - 1)


def even(x: float, n: int) -> float:
    return math.sin(x) if n <= 0 else x * odd(0.8 * x, n - 1)


def odd(x: float, n: int) -> float:
    return x * x if n <= 0 else math.cos(x) + even(x, n - 1) * even(0.5 * x, n - 2)


def in_a_branch(x: float) -> float:
    s = 0.5
    if x > 0.5:
        for i in range(4):
            s += g(x * i, i) * math.sin(s)
    return s


def in_either(x: float) -> float:
    s = 0.5
    if x > 0.5:
        for i in range(3):
            s += even(x * i, i) * math.sin(s)
    else:
        for i in range(4):
            s += g(x + i, i) * s
        s *= odd(s, 2)
    return s


def in_a_nest(x: float) -> float:
    s = x
    for i in range(3):
        t = s
        for j in range(i):
            t = t * g(t, j)
            if t > 5.0:
                break
        s += t
    return s


def in_a_try(x: float) -> float:
    s = x
    try:
        for i in range(3):
            s = s * g(math.sqrt(s - 0.1), i)
            s += math.sin(s) * i
    except ValueError:
        for i in range(3):
            s = s * g(x + s, i)
    return s * math.cos(s)


def shrunk(x: float, y: float, n: int) -> float:
    if n <= 0:
        return x
    for _ in range(2):
        x = math.cos(x * y)
    return shrunk(y, x, n - 1)


def in_the_last_pass(x: float) -> float:
    s = x - shrunk(0.5 * x, 1.0, 1)
    k = 0
    while True:
        if s < 0.9 or k > 2:
            return shrunk(0.5 * s, 0.8, k + 2) + math.cos(s)
        k += 1
        s *= 0.8


def lists_in_records(x: float) -> float:
    s = x
    for i in range(3):
        s += product(s, i)
    return s


def product(x: float, n: int) -> float:
    s = x
    if n > 0:
        for i in range(n):
            s = s * math.sin(s + i)
        return s + product(s * 0.5, n - 1) * x
    return s * s


Tree: TypeAlias = "tuple[float, Tree, Tree] | None"


def tree(x: float, n: int) -> Tree:
    return None if n <= 0 else (math.sin(x), tree(x * 0.5, n - 1), tree(x * x, n - 2))


def folded(t: Tree, w: float) -> float:
    if t is None:
        return w
    v, left, right = t
    return v * folded(left, w) + 0.1 * folded(right, w * v)


def a_tree(x: float) -> float:
    t = tree(x, 3)
    s = folded(t, x)
    for _ in range(3):
        s += folded(t, s) * 0.1
    return s * folded(t, 1.0)


def trees(x: float) -> float:
    ts = [tree(x * i, i) for i in range(3)]
    s = x
    for t in ts:
        s += folded(t, s)
    for t in ts:
        s += folded(t, 0.1 * s * s) * 0.1
    return s


def one_of_two_lengths(x: float) -> float:
    a, b = [], []
    if x > 0.5:
        for i in range(3):
            a.append(x * i)
            b.append(x * x * i)
    else:
        for i in range(4):
            a.append(x * i * i)
        for i in range(3):
            b.append(x * x * i)
    s = 1.0
    for u, v in zip(a, b):
        s += 0.1 * u * v * math.sin(s + u)
    return s


def two_conditions(x: float) -> float:
    a = [x * i for i in range(3)] if x > 0.5 else [x + i for i in range(5)]
    b = [x * x * i for i in range(3)] if x > 0.4 else [x - i for i in range(5)]
    s = 1.0
    for u, v in zip(a, b):
        s += 0.1 * u * v * math.sin(s + u)
    for u, v in zip(b, a):
        s += 0.1 * u * v * math.cos(s + u)
    return s


def the_pass_before(x: float) -> float:
    a = [x, x * x, x]
    s = 0.1
    for _ in range(3):
        b = [x * j for j in range(2)] if s < 0.5 else [x + j for j in range(5)]
        for u, v in zip(a, b):
            s += 0.1 * u * v * math.sin(s + u)
        a = b
    return s


def two_whiles(x: float) -> float:
    a, b = [], []
    t = x
    while t < 3.0:
        a.append(t * x)
        t += 0.7
    t = x
    while t < 5.0:
        b.append(t * x)
        t += 0.9
    s = 0.0
    for u, v in zip(a, b):
        s += 0.1 * u * v * math.sin(s + u)
    return s


FUNCTIONS = (
    in_a_branch,
    in_either,
    in_a_nest,
    in_a_try,
    in_the_last_pass,
    lists_in_records,
    a_tree,
    trees,
    one_of_two_lengths,
    two_conditions,
    the_pass_before,
    two_whiles,
)


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: str(f.__name__))
def test_three_orders(f: Callable[[float], float]) -> None:
    for _ in range(3):
        derivative = grad(f)
        for x in (0.7, 0.45, 0.31):
            h = 1e-5
            slope = (f(x + h) - f(x - h)) / (2 * h)
            assert derivative(x) == pytest.approx(slope, rel=1e-5, abs=1e-5)
        f = derivative


def kept(x: float, n: int) -> tuple[float, Any]:
    seen = []
    if n > 0:
        for i in range(n):
            seen.append(x * i)
        y, rest = kept(0.5 * x, n - 1)
    else:
        y, rest = x, None
    return y, (n, seen, rest)


def spent(record: Any, y: float) -> float:
    n, seen, rest = record
    if n <= 0:
        return y
    for v in seen:
        y = y * v
    return spent(rest, y)


def in_a_loop(x: float) -> float:
    for i in range(3):
        y, record = kept(x, i)
        x = y + spent(record, x)
    return x


def test_a_refusal_in_a_recursion_is_told() -> None:
    """It was forgotten where the loop around was read a second time: a KeyError."""
    with pytest.raises(UnsupportedSyntax, match="a loop over a list"):
        grad(in_a_loop)(0.7)


def test_records_of_a_branch_are_appended() -> None:
    """One adjoint for each record: nothing is added up, up to the second order."""
    second = grad(grad(in_a_branch)).source
    assert ".append(g_rec_bar" in second
    assert "def add_" not in second


def test_records_are_added_up() -> None:
    """What is used twice is added up as deep as it goes, by a function."""
    assert (
        """
        c, d, e = a
        f, g, h = b
        i = add_tree_bar(d, g)
        j = add_tree_bar(e, h)
        total = c + f, i, j
    return total
"""
        in grad(a_tree).source
    )
