"""Random nests of loops that read and write parts of one matrix.

What the reverse sweep may read again, and what has to be recorded, depends on which writes
come later and where: the ranges of inner loops, rows, columns, slices, -1 that counts from
the end.
"""

from __future__ import annotations

import random

SIZE = 7


class _Nest:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines: list[str] = []

    def one_of(self, *options: str) -> str:
        return self.rng.choice(options)

    def index(self, names: list[str]) -> str:
        if names and self.rng.random() < 0.75:
            name = self.one_of(*names)
            return self.one_of(name, name, name, f"{name} + 1", f"{name} - 1")
        return self.one_of("0", "1", "2")

    def place(self, names: list[str]) -> str:
        return f"A[{self.index(names)}, {self.index(names)}]"

    def slice(self, names: list[str]) -> str:
        end = self.index(names)
        return self.one_of(f":{end}", f"{end}:", ":", "1:-1", f"{end}:{self.index(names)}")

    def statement(self, names: list[str], pad: str) -> None:
        here, there, other = (self.place(names) for _ in range(3))
        part, row, another = self.slice(names), self.index(names), self.index(names)
        sign = self.one_of("=", "+=", "-=")
        kinds = [
            [f"{here} = 0.3 * np.sin({there}) * {other} + 0.1"],
            [f"{here} {self.one_of('+=', '-=', '*=', '/=')} 1.1 + 0.2 * {there}"],
            [f"{here} /= 2.0 + {there}**2"],
            [f"A[{row}, {part}] {sign} 0.3 * A[{another}, {part}] * {there}"],
            [f"{here} = 0.2 * (A[{row}, {part}] @ A[{another}, {part}])"],
            [f"A[{part}, {row}] /= 2.0 + {there}**2"],
            [f"if {here} > 0.1:", f"    {there} = {there} * {other}"],
        ]
        self.lines += [pad + line for line in self.rng.choice(kinds)]

    def loop(self, names: list[str], pad: str, depth: int) -> None:
        name = "ijk"[len(names)]
        starts = ["0", "1", "2", *names, *(f"{outer} + 1" for outer in names)]
        stops = ["n", "n", "n - 1", *names, *(f"{outer} + 1" for outer in names)]
        domain = f"range({self.one_of(*starts)}, {self.one_of(*stops)})"
        if self.rng.random() < 0.25:
            domain = f"range({self.one_of(*stops)} - 1, {self.one_of('-1', '0', *names)}, -1)"
        elif self.rng.random() < 0.1:
            domain = f"reversed({domain})"
        self.lines.append(f"{pad}for {name} in {domain}:")
        inside = [*names, name]
        for _ in range(self.rng.randint(1, 3)):
            self.statement(inside, pad + "    ")
        if depth > 1 and self.rng.random() < 0.8:
            self.loop(inside, pad + "    ", depth - 1)
        if self.rng.random() < 0.5:
            self.statement(inside, pad + "    ")


def nest(seed: int) -> str:
    """The source of a program f(X), X a matrix of SIZE rows and columns."""
    made = _Nest(seed)
    made.loop([], "    ", 3)
    if made.rng.random() < 0.3:
        made.statement([], "    ")
    head = ["import numpy as np", "", "", "def f(X):", "    A = X.copy()"]
    lines = [*head, "    n = A.shape[0] - 2", *made.lines, "    return np.sum(A * A)", ""]
    return "\n".join(lines)
