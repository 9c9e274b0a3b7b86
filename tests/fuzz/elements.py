"""Random programs that use arrays element by element, in loops, branches and in place."""

from __future__ import annotations

import random

from .arrays import ArrayProgram

_FUNCTIONS = ("np.sin", "np.cos", "np.exp", "np.sqrt", "np.abs", "np.log", "np.tanh", "np.sign")


def generate_elements(rng: random.Random) -> ArrayProgram:
    return _Maker(rng).program()


class _Maker:
    """A function of the vectors x and y, the matrix A and the number k."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.indices: list[str] = []
        self.scalars = ["k"]
        self.lines: list[str] = []
        self.counter = 0

    def program(self) -> ArrayProgram:
        rng = self.rng
        n = rng.choice([2, 3, 4])
        self.lines = ["import numpy as np", "", "def f(x, y, A, k):", "    n = len(x)"]
        if rng.random() < 0.5:
            self.lines.append("    z = np.zeros(n)")
        else:
            self.lines.append("    z = x.copy()")
        if rng.random() < 0.5:
            self.lines.append("    B = np.zeros((n, n))")
        else:
            self.lines.append("    B = A.copy()")
        self.lines.append("    total = 0.0")
        for _ in range(rng.randint(1, 4)):
            self.statement(1)
        result = self.sum(1)
        self.lines.append(f"    return total + {result}")
        vectors = [f"np.array([{self.numbers(n)}])" for _ in range(2)]
        rows = ", ".join(f"[{self.numbers(n)}]" for _ in range(n))
        point = ", ".join([*vectors, f"np.array([{rows}])", repr(self.number())])
        return ArrayProgram("\n".join(self.lines) + "\n", point)

    def number(self) -> float:
        return self.rng.choice([-1.0, 1.0]) * round(self.rng.uniform(0.3, 1.8), 2)

    def numbers(self, n: int) -> str:
        return ", ".join(str(self.number()) for _ in range(n))

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def statement(self, depth: int) -> None:
        rng = self.rng
        way = rng.random()
        if depth == 1 and rng.random() < 0.2:
            vectors = [rng.choice("xyz") for _ in range(3)]
            self.put(
                depth,
                rng.choice(
                    [
                        "total += np.sum({0} * {1})",
                        "z = np.sin({0}) * {1} + 0.5",
                        "total -= {0} @ {1}",
                        "z = {0} + k * {1}",
                        "total += np.max({0})",
                        "z = np.cumsum({0}) - {2}",
                        "z = {0}.copy()",
                    ]
                ).format(*vectors),
            )
        elif way < 0.45 and depth < 4:
            self.loop(depth)
        elif way < 0.6 and depth < 5:
            self.put(depth, f"if {self.atom()} {rng.choice(['>', '<', '>='])} {self.atom()}:")
            known = list(self.scalars)
            self.statement(depth + 1)
            self.scalars = list(known)
            if rng.random() < 0.5:
                self.put(depth, "else:")
                self.statement(depth + 1)
                self.scalars = known
        elif way < 0.75:
            sign = rng.choice(["=", "+=", "-=", "*="])
            self.put(depth, f"{self.place(written=True)} {sign} 0.5 * {self.sum(1)}")
        elif way < 0.85:
            self.put(depth, f"total {rng.choice(['+=', '-='])} {self.sum(2)}")
        else:
            self.counter += 1
            self.put(depth, f"s{self.counter} = {self.sum(2)}")
            self.scalars.append(f"s{self.counter}")

    def loop(self, depth: int) -> None:
        rng = self.rng
        index = "ijm"[len(self.indices) % 3]
        start = rng.choice(["", "1, ", f"{self.indices[-1]}, " if self.indices else ""])
        stop = rng.choice(["n", "n", "n - 1", self.indices[-1] if self.indices else "n"])
        text = f"range({start}{stop})"
        if rng.random() < 0.2:
            text = "range(n - 1, -1, -1)"
        self.put(depth, f"for {index} in {text}:")
        self.indices.append(index)
        known = list(self.scalars)
        for _ in range(rng.randint(1, 3)):
            self.statement(depth + 1)
        self.scalars = known
        self.indices.pop()

    def index(self) -> str:
        rng = self.rng
        if not self.indices or rng.random() < 0.15:
            return rng.choice(["0", "1", "-1", "n - 1"])
        found = rng.choice(self.indices)
        return found if rng.random() < 0.8 else f"{found} - 1"

    def place(self, written: bool = False) -> str:
        rng = self.rng
        name = rng.choice(["z", "B", "x", "A"] if written else ["x", "y", "A", "z", "B"])
        if name in "AB":
            return f"{name}[{self.index()}, {self.index()}]"
        return f"{name}[{self.index()}]"

    def atom(self) -> str:
        rng = self.rng
        if rng.random() < 0.2:
            return rng.choice(["2", "0.5", "3.0", "-1.5"])
        return self.place() if rng.random() < 0.7 else rng.choice(self.scalars)

    def sum(self, size: int) -> str:
        rng = self.rng
        if size == 0:
            return self.atom()
        way = rng.random()
        if way < 0.35:
            return f"{self.sum(size - 1)} {rng.choice('+-*')} {self.atom()}"
        if way < 0.5:
            return f"({self.sum(size - 1)} {rng.choice('+-')} {self.atom()}) * {self.atom()}"
        if way < 0.6:
            return f"{self.atom()} / (1.0 + {self.atom()}**2)"
        if way < 0.65:
            return f"{self.atom()} / {self.place()}"
        if way < 0.85:
            return f"{rng.choice(_FUNCTIONS)}({self.sum(size - 1)})"
        return f"{self.place()}**{rng.choice(['2', '3', '2', '0.5'])}"
