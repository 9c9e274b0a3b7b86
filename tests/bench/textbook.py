"""Thirty test functions of optimisation, as a scientist writes them: elements of a vector.

Each with a point, away from its minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[[Any], Any]


def rosenbrock(x: Any) -> Any:
    return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2


def beale(x: Any) -> Any:
    return (
        (1.5 - x[0] + x[0] * x[1]) ** 2
        + (2.25 - x[0] + x[0] * x[1] ** 2) ** 2
        + (2.625 - x[0] + x[0] * x[1] ** 3) ** 2
    )


def booth(x: Any) -> Any:
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def himmelblau(x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def branin(x: Any) -> Any:
    a, b, c = 1.0, 5.1 / (4 * np.pi**2), 5 / np.pi
    r, s, t = 6.0, 10.0, 1 / (8 * np.pi)
    return a * (x[1] - b * x[0] ** 2 + c * x[0] - r) ** 2 + s * (1 - t) * np.cos(x[0]) + s


def goldstein_price(x: Any) -> Any:
    a, b = x[0], x[1]
    first = 19 - 14 * a + 3 * a**2 - 14 * b + 6 * a * b + 3 * b**2
    second = 18 - 32 * a + 12 * a**2 + 48 * b - 36 * a * b + 27 * b**2
    return (1 + (a + b + 1) ** 2 * first) * (30 + (2 * a - 3 * b) ** 2 * second)


def ackley(x: Any) -> Any:
    mean = 0.5 * (x[0] ** 2 + x[1] ** 2)
    waves = 0.5 * (np.cos(2 * np.pi * x[0]) + np.cos(2 * np.pi * x[1]))
    return -20 * np.exp(-0.2 * np.sqrt(mean)) - np.exp(waves) + np.e + 20


def levy(x: Any) -> Any:
    u = 1 + (x[0] - 1) / 4
    v = 1 + (x[1] - 1) / 4
    first = np.sin(np.pi * u) ** 2
    middle = (u - 1) ** 2 * (1 + 10 * np.sin(np.pi * u + 1) ** 2)
    return first + middle + (v - 1) ** 2 * (1 + np.sin(2 * np.pi * v) ** 2)


def levy_13(x: Any) -> Any:
    return (
        np.sin(3 * np.pi * x[0]) ** 2
        + (x[0] - 1) ** 2 * (1 + np.sin(3 * np.pi * x[1]) ** 2)
        + (x[1] - 1) ** 2 * (1 + np.sin(2 * np.pi * x[1]) ** 2)
    )


def mccormick(x: Any) -> Any:
    return np.sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - 1.5 * x[0] + 2.5 * x[1] + 1


def powell(x: Any) -> Any:
    return (
        (x[0] + 10 * x[1]) ** 2
        + 5 * (x[2] - x[3]) ** 2
        + (x[1] - 2 * x[2]) ** 4
        + 10 * (x[0] - x[3]) ** 4
    )


def wood(x: Any) -> Any:
    x1, x2, x3, x4 = x
    return (
        100 * (x1**2 - x2) ** 2
        + (x1 - 1) ** 2
        + (x3 - 1) ** 2
        + 90 * (x3**2 - x4) ** 2
        + 10.1 * ((x2 - 1) ** 2 + (x4 - 1) ** 2)
        + 19.8 * (x2 - 1) * (x4 - 1)
    )


def helical_valley(x: Any) -> Any:
    theta = np.arctan2(x[1], x[0]) / (2 * np.pi)
    radius = np.sqrt(x[0] ** 2 + x[1] ** 2)
    return 100 * ((x[2] - 10 * theta) ** 2 + (radius - 1) ** 2) + x[2] ** 2


def easom(x: Any) -> Any:
    bump = np.exp(-((x[0] - np.pi) ** 2) - (x[1] - np.pi) ** 2)
    return -np.cos(x[0]) * np.cos(x[1]) * bump


def rastrigin(x: Any) -> Any:
    total = 10.0 * len(x)
    for i in range(len(x)):
        total += x[i] ** 2 - 10 * np.cos(2 * np.pi * x[i])
    return total


def styblinski_tang(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        total += x[i] ** 4 - 16 * x[i] ** 2 + 5 * x[i]
    return 0.5 * total


def six_hump_camel(x: Any) -> Any:
    a = (4 - 2.1 * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2
    return a + x[0] * x[1] + (-4 + 4 * x[1] ** 2) * x[1] ** 2


def three_hump_camel(x: Any) -> Any:
    return 2 * x[0] ** 2 - 1.05 * x[0] ** 4 + x[0] ** 6 / 6 + x[0] * x[1] + x[1] ** 2


def sphere(x: Any) -> Any:
    total = 0.0
    for value in x:
        total += value**2
    return total


def matyas(x: Any) -> Any:
    return 0.26 * (x[0] ** 2 + x[1] ** 2) - 0.48 * x[0] * x[1]


def eggholder(x: Any) -> Any:
    a = np.sqrt(np.abs(x[0] / 2 + x[1] + 47))
    b = np.sqrt(np.abs(x[0] - (x[1] + 47)))
    return -(x[1] + 47) * np.sin(a) - x[0] * np.sin(b)


def cross_in_tray(x: Any) -> Any:
    bump = np.exp(np.abs(100 - np.sqrt(x[0] ** 2 + x[1] ** 2) / np.pi))
    return -0.0001 * (np.abs(np.sin(x[0]) * np.sin(x[1]) * bump) + 1) ** 0.1


def drop_wave(x: Any) -> Any:
    square = x[0] ** 2 + x[1] ** 2
    return -(1 + np.cos(12 * np.sqrt(square))) / (0.5 * square + 2)


def schaffer_2(x: Any) -> Any:
    a = np.sin(x[0] ** 2 - x[1] ** 2) ** 2 - 0.5
    return 0.5 + a / (1 + 0.001 * (x[0] ** 2 + x[1] ** 2)) ** 2


def bohachevsky(x: Any) -> Any:
    waves = 0.3 * np.cos(3 * np.pi * x[0]) + 0.4 * np.cos(4 * np.pi * x[1])
    return x[0] ** 2 + 2 * x[1] ** 2 - waves + 0.7


def bukin_6(x: Any) -> Any:
    return 100 * np.sqrt(np.abs(x[1] - 0.01 * x[0] ** 2)) + 0.01 * np.abs(x[0] + 10)


def holder_table(x: Any) -> Any:
    bump = np.exp(np.abs(1 - np.sqrt(x[0] ** 2 + x[1] ** 2) / np.pi))
    return -np.abs(np.sin(x[0]) * np.cos(x[1]) * bump)


def griewank(x: Any) -> Any:
    total, product = 0.0, 1.0
    for i in range(x.shape[0]):
        total += x[i] ** 2 / 4000
        product *= np.cos(x[i] / np.sqrt(i + 1))
    return total - product + 1


def michalewicz(x: Any) -> Any:
    total = 0.0
    for i in range(len(x)):
        total -= np.sin(x[i]) * np.sin((i + 1) * x[i] ** 2 / np.pi) ** 20
    return total


def freudenstein_roth(x: Any) -> Any:
    f1 = -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1]
    f2 = -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]
    return f1**2 + f2**2


POINTS: dict[Function, tuple[float, ...]] = {
    rosenbrock: (-1.2, 1.0),
    beale: (1.0, 0.8),
    booth: (0.5, -1.0),
    himmelblau: (1.0, 1.5),
    branin: (2.0, 3.0),
    goldstein_price: (0.5, -0.4),
    ackley: (0.7, -1.3),
    levy: (2.3, -0.6),
    levy_13: (2.3, -0.6),
    mccormick: (0.3, -0.9),
    powell: (3.0, -1.0, 0.5, 1.0),
    wood: (-3.0, -1.0, -2.9, -1.1),
    helical_valley: (-1.0, 0.4, 0.3),
    easom: (2.5, 3.6),
    rastrigin: (0.3, -1.2, 2.1, 0.7),
    styblinski_tang: (0.3, -1.2, 2.1, 0.7),
    six_hump_camel: (0.6, -0.5),
    three_hump_camel: (0.6, -0.5),
    sphere: (0.3, -1.2, 2.1, 0.7),
    matyas: (0.6, -0.5),
    eggholder: (12.0, 40.0),
    cross_in_tray: (0.6, -0.5),
    drop_wave: (0.6, -0.5),
    schaffer_2: (1.6, -0.5),
    bohachevsky: (0.6, -0.5),
    bukin_6: (-7.0, 1.2),
    holder_table: (1.6, -0.5),
    griewank: (12.0, -3.0, 7.0, 1.0),
    michalewicz: (2.0, 1.4, 1.1),
    freudenstein_roth: (0.5, -2.0),
}
