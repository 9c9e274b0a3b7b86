"""Whole programs of the language: a module with classes and functions, one of them to
differentiate."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Mapping
from dataclasses import replace

from tests.fuzz.blocks import indented
from tests.fuzz.jets import Unsupported
from tests.fuzz.limits import TimeLimit, time_limit
from tests.fuzz.oracle import derivatives, primal
from tests.fuzz.outcomes import same_bits
from tests.fuzz.program import Program
from tests.fuzz.scope import pick

from .callables import HELPERS
from .classes import CLASSES, Classes
from .shapes import COUNT, NUM, Dct, Lst, Names, Obj

ATTEMPTS = 200
RAISING = 0.06
POINTS = 4
HEAD = """\
import math
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, reduce
from typing import NamedTuple

class Trouble(Exception):
    pass
"""


def generate_language(
    rng: random.Random, weights: Mapping[str, float] | None = None
) -> Program:
    """A program; the same one for the same state of ``rng`` and the same weights.

    The weights multiply those of the ways that are named by them: ``{"try_": 3.0}``.
    """
    wanted = "raises" if rng.random() < RAISING else "returns"
    for _ in range(ATTEMPTS):
        program = Maker(rng, weights or {}).program()
        if behaviour(program) == wanted:
            break
    # A name that is not bound is a fault of the program, no path of it.
    points = [
        at for at in program.at_points() if behaviour(at) in ("returns", "raises", "flat")
    ]
    return replace(program, points=tuple(at.arguments for at in points[1:]))


def behaviour(program: Program) -> str:
    """Whether it "returns" a number of sensible size that depends on the arguments, or one
    that does not ("flat"), "raises", or is "unfit"."""
    try:
        with time_limit(0.5):
            value = primal(program)(*program.arguments)
    except (TypeError, NameError, AttributeError, SyntaxError, RecursionError, TimeLimit):
        return "unfit"
    except Exception:
        return "raises"
    if not isinstance(value, (float, int)) or not math.isfinite(value) or abs(value) > 1e9:
        return "unfit"
    try:
        exact = derivatives(program, 1)
    except Unsupported:
        return "unfit"
    if not same_bits(value, exact.value):
        return "unfit"
    return "returns" if any(exact.gradient) else "flat"


class Maker(Classes):
    """One module under construction."""

    def program(self) -> Program:
        lines = HEAD.splitlines()
        for name in CLASSES[: pick(self.rng, {0: 2, 1: 4, 2: 3, 3: 1})]:
            self.names = Names()
            lines += self.class_(name)
        helpers = self.rng.sample(HELPERS, pick(self.rng, {0: 2, 1: 4, 2: 3}))
        for name in helpers:
            lines += self.helper(name)
        if self.chance(0.1):
            lines += self.recursive()
        lines += self._main()
        first, *more = (self._arguments() for _ in range(POINTS))
        source = ast.unparse(ast.parse("\n".join(lines))) + "\n"
        return Program(source, "f", first, tuple(more))

    def _arguments(self) -> tuple[float, float, int]:
        x, y = self.rng.uniform(-1.5, 1.5), self.rng.uniform(0.1, 2.0)
        return round(x, 3), round(y, 3), self.rng.randint(0, 3)

    def _main(self) -> list[str]:
        self.names = Names({"x": NUM, "y": NUM, "n": COUNT})
        self.names.fixed = {"n"}
        self.result = NUM
        lines: list[str] = []
        for name in self.classes:
            if self.chance(0.7):
                variable = self.fresh()
                lines.append(f"{variable} = {self.called(name, self.classes[name].init, 1)}")
                self.names.bind(variable, Obj(name))
        lines += self.block(pick(self.rng, {3: 2, 5: 4, 8: 3, 12: 1}))
        return ["def f(x, y, n):", *indented([*lines, f"return {self._ending()}"])]

    def _ending(self) -> str:
        """Everything that is left, looked at."""
        parts = [self.number(1)]
        for name, shape in self.names.values.items():
            match shape:
                case Lst(element) if element == NUM:
                    parts.append(f"sum({name})")
                case Dct(items) if items[0][1] == NUM:
                    parts.append(f"sum({name}.values())")
                case Obj(kind):
                    fields = self.classes[kind].fields
                    parts += [f"{name}.{k}" for k, s in fields.items() if s == NUM]
                case _ if shape == NUM and self.chance(0.6):
                    parts.append(name)
        return " + ".join(self.rng.sample(parts, min(len(parts), 5)))
