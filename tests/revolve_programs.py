"""Loops of every kind, to be reversed from snapshots: `test_revolve.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def steps_up(x: float, n: int) -> float:
    y = x
    for i in range(2, n, 3):
        y = y * 0.9 + math.sin(y * i)
    return y


def steps_down(x: float, n: int) -> float:
    y = x
    for i in range(n - 1, -1, -1):
        y = y * 0.9 + math.sin(y * i)
    return y


def backward(x: float, n: int) -> float:
    y = x
    for i in reversed(range(1, n, 2)):
        y = y * 0.9 + math.sin(y * i)
    return y


def broken_off(x: float, n: int) -> float:
    y = x
    for i in range(n):
        y = y * 1.5 + math.sin(y * i)
        if y > 50.0:
            break
        y = y - 0.01
    return y * y


def returned_from(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        y = y * 1.5 + math.sin(y)
        if y > 50.0:
            return y * y
    return y


def continued(x: float, n: int) -> float:
    y = x
    for i in range(n):
        if i % 3 == 1:
            continue
        y = y * 0.9 + math.sin(y * i)
    return y * y


def while_small(x: float, n: int) -> float:
    y = x
    while y < 10.0 * n:
        y = y * y + 0.5
    return y


def while_true(x: float, n: int) -> float:
    y, k = x, 0
    while True:
        k += 1
        y = math.sin(y) + y / k
        if k >= n:
            break
    return y + k * x


def nested(x: float, n: int) -> float:
    y, total = x, 0.0
    for i in range(n):
        for j in range(i):
            y = y * 0.99 + math.sin(y * j) * x
        total = total + y
    return total


def inside_a_list(x: float, n: int) -> float:
    ends = []
    for i in range(n):
        y = x * i
        for j in range(n):
            y = y * 0.99 + math.sin(y * j) * x
        ends.append(y)
    return sum(ends)


def two_in_a_row(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        y = y + math.sin(y) * x
    z = y
    for _ in range(2 * n):
        z = z * 0.9 + math.sin(z) * y
    return z * y


def pairs(x: float, n: int) -> float:
    pair = (x, 2.0 * x)
    for _ in range(n):
        a, b = pair
        pair = (b * 0.5 + a, math.cos(a))
    return pair[0] * pair[1]


def bound_inside(x: float, n: int) -> float:
    y = x
    for i in range(n):
        if i > 2:
            w = y * y
            y = math.sin(w) + y
        else:
            w = x
    return y * w if n else y


def from_an_int(x: float, n: int) -> float:
    y = 0
    for _ in range(n):
        y = math.sin(y) + x * math.cos(y)  # type: ignore[assignment]
    return y


def ended(y: float, n: int, x: float) -> float:
    for _ in range(n):
        y = y + 0.1 * math.sin(y) * x
    return y


def through_calls(x: float, n: int) -> float:
    a = ended(x, n, 2.0)
    return a * ended(a, n, x)


def raises(x: float, n: int) -> float:
    y = x
    for i in range(n):
        y = y * 1.5 + x * y
        if y > 20.0:
            raise ValueError(f"too large in pass {i}: {y}")
    return y


def recovers(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        try:
            y = math.log(y - 1.0) + y
        except ValueError:
            y = y + 3.0 * x
    return y


class Pendulum:
    def __init__(self, angle: float, speed: float) -> None:
        self.angle, self.speed = angle, speed

    def step(self, h: float) -> None:
        self.angle, self.speed = self.angle + h * self.speed, self.speed - math.sin(self.angle)


def an_object(x: float, n: int) -> float:
    p = Pendulum(x, 0.0)
    for _ in range(n):
        p.step(0.1)
    return p.angle


def a_dict(x: float, n: int) -> float:
    d = {"a": x, "b": 1.0}
    for _ in range(n):
        d["a"] = d["a"] * math.sin(d["b"])
        d["b"] += x
    return d["a"]


def a_mode(x: float, n: int, mode: str = "sine") -> float:
    y = x
    for _ in range(n):
        y = math.sin(y) + x if mode == "sine" else y * y
    return y


SCALAR = (
    steps_up, steps_down, backward, broken_off, returned_from, continued, while_small,
    while_true, nested, inside_a_list, two_in_a_row, pairs, bound_inside, from_an_int,
    through_calls, raises, recovers, an_object, a_dict, a_mode,
)  # fmt: skip


def elements(xs: list[float]) -> float:
    y = 1.0
    for v in xs:
        y = y * 0.9 + math.sin(y * v)
    return y


def zeros_with_a_sign(xs: list[float]) -> float:
    y = 1.0
    for v in xs:
        y = y + y * math.sin(y * v) * -0.0
    return y


def numbered(xs: list[float]) -> float:
    y = 1.0
    for i, v in enumerate(xs):
        y = y * 0.9 + math.sin(y * v) * i
    return y


def from_the_end(xs: list[float]) -> float:
    y = 1.0
    for v in reversed(xs):
        y = y * 0.9 - math.sin(y * v)
    return y + xs[0]


def ragged(xs: list[float]) -> float:
    y = 1.0
    for v, w in zip(xs, xs[2:]):  # noqa: B905
        y = y * 0.9 + math.sin(y * v) * w
    return y


def in_place(xs: list[float]) -> float:
    u = list(xs)
    for _ in range(5):
        for i in range(1, len(xs)):
            u[i] = u[i] + 0.5 * u[i - 1] * u[i]
    u[0] = 3.0
    return sum(u)


def written_to_later(xs: list[float]) -> float:
    u = list(xs)
    y = 1.0
    for i in range(len(xs)):
        y = y * u[i] + math.sin(y)
    u[0] = y
    return y * sum(u)


def rows(xs: list[float]) -> float:
    y = 1.0
    for row in [[v, v * v] for v in xs]:
        y = y * row[0] + math.sin(row[1])
    return y


LISTS = (
    elements, zeros_with_a_sign, numbered, from_the_end, ragged, in_place, written_to_later,
    rows,
)  # fmt: skip


def rolled(x: Array) -> Array:
    u = x
    for _ in range(7):
        u = u + 0.1 * np.sin(np.roll(u, 1)) * x
    return np.sum(u * u)


def stencil(x: Array) -> Array:
    u = x.copy()
    for _ in range(7):
        u[1:-1] = u[1:-1] * u[2:] + 0.1 * u[:-2]
        u[0] = np.sum(u) * 0.1
    return np.sum(u * u)


def changed_later(x: Array) -> Array:
    u, w, y = x.copy(), 2.0 * x, 1.0
    for t in range(len(x)):
        y = y * w[t] + u[t]
    w[0] = y
    u[1] = 2.0
    return np.sum(w * u)


def two_arrays(x: Array) -> Array:
    u, v = x.copy(), np.zeros(len(x))
    for _ in range(6):
        v += 0.1 * u
        u -= 0.1 * v * u
    return np.sum(u * v)


def swapped(x: Array) -> Array:
    u, v = x.copy(), np.zeros(len(x))
    for _ in range(6):
        v[1:-1] = u[1:-1] + 0.1 * u[2:] * u[:-2]
        u, v = v, u
    return np.sum(u * u)


def until_small(x: Array) -> Array:
    u = x.copy()
    while np.sum(u * u) > 0.1:
        u *= 0.5 * np.cos(u)
    return np.sum(u)


def power_method(x: Array) -> Array:
    A = np.outer(x, x)
    v = x
    for _ in range(9):
        v = A @ v
        v = v / np.sqrt(v @ v)
    return v @ A @ v


def seidel(x: Array) -> Array:
    u = x.copy()
    for _ in range(4):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1]) * u[i]
    return np.sum(u)


def of_an_array(x: Array) -> Array:
    y = 1.0
    for v in x:
        y = y * 0.9 + np.sin(y * v)
    return y


def as_many_as_in_an_array(x: Array) -> Array:
    counts = np.array([3, 7])
    y = x[0]
    for _ in range(counts[1]):
        y = np.sin(y) * x[1]
    return y


ARRAYS = (
    rolled, stencil, changed_later, two_arrays, swapped, until_small, power_method, seidel,
    of_an_array, as_many_as_in_an_array,
)  # fmt: skip


# What is left as it is, and what is refused.


def nothing_recorded(x: float, n: int) -> float:
    total = 0.0
    for i in range(n):
        total = total + math.sin(x * i)
    return total


def makes_a_list(x: float, n: int) -> float:
    y, path = x, [x]
    for _ in range(n):
        y = math.sin(y) * y
        path.append(y)
    return sum(path)


def few_passes(x: float) -> float:
    y = x
    for _ in range(3):
        y = math.sin(y) * y
    return y


def prints(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        y = math.sin(y) * x
        print(y)
    return y


def draws(x: float, n: int) -> float:
    rng = np.random.default_rng(0)
    y = x
    for _ in range(n):
        y = math.sin(y) * rng.normal()
    return y


def told(y: float) -> float:
    print(y)
    return math.sin(y)


def prints_in_a_call(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        y = told(y) * y
    return y


def prints_and_recovers(x: float, n: int) -> float:
    y = x
    for _ in range(n):
        try:
            if y > 0.5:
                print(y)
                raise ValueError("too large")
            y = math.sin(y) * y + x
        except ValueError:
            y = y * 0.5
    return y


def stretched(x: float, n: int) -> float:
    """The memory and the time of this are looked at."""
    y, z = x, 1.0
    for _ in range(n):
        y, z = y + 0.001 * z, z - 0.001 * math.sin(y) * z
    return y
