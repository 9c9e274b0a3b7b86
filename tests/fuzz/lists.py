"""Random programs with lists: built, read, written, sliced, nested, handed to functions.

The parameters are floats and counts. Indices are in range by construction: they are taken
modulo the length, or belong to a loop over it. A list is not changed while it is looped over.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from .blocks import INDENT, indented
from .limits import StepLimit, step_limit
from .oracle import primal
from .program import Program
from .scope import pick

ATTEMPTS = 60
STEPS = 3000
FLAT = ("xs", "ys", "zs", "us", "ws", "vs")
NESTED = ("rows", "table")
FLOATS = ("a", "b", "c", "d", "s", "t")
ELEMENTS = ("u", "v", "w", "p", "q", "r", "e", "g", "h")
INDICES = ("i", "j", "k", "m", "o")


def generate_lists(rng: random.Random) -> Program:
    """A program with lists; the same one for the same state of ``rng``."""
    program = Maker(rng).program()
    for _ in range(ATTEMPTS):
        if _runs(program):
            break
        program = Maker(rng).program()
    return program


def _runs(program: Program) -> bool:
    try:
        function = primal(program)
        with step_limit(STEPS):
            value = function(*program.arguments)
    except StepLimit:
        return False
    except (ArithmeticError, ValueError, LookupError, NameError):
        return False
    except TypeError:  # a power of a negative number became complex
        return False
    return isinstance(value, float) and math.isfinite(value) and abs(value) < 1e9


@dataclass
class Names:
    """What is bound at a point; ``fixed`` lists are being looped over or are shared."""

    floats: list[str]
    flat: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    indices: list[str] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)
    depth: int = 0
    loops: int = 0

    def inner(self, *floats: str, index: str = "", fixed: tuple[str, ...] = ()) -> Names:
        return Names(
            [*self.floats, *floats],
            list(self.flat),
            list(self.nested),
            [*self.indices, *([index] if index else [])],
            {*self.fixed, *fixed},
            self.depth + 1,
            self.loops,
        )


class Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.helpers: list[tuple[str, str]] = []

    def program(self) -> Program:
        lines = ["import math"]
        for name in ("change", "make", "total")[: self.rng.randint(0, 3)]:
            lines += self.helper(name)
        names = Names(["x", "y"])
        body = [*self.display(names), *self.block(names, self.rng.randint(3, 9))]
        for _ in range(self.rng.randint(0, 1)):
            body += self.nested_display(names)
            body += self.block(names, self.rng.randint(1, 4))
        ends = " + ".join(self.reduced(names) for _ in range(self.rng.randint(1, 3)))
        lines += [
            "def f(x, y, n):",
            *indented([*body, f"return {self.number(names, 1)} + {ends}"]),
        ]
        values = (round(self.rng.uniform(-1.5, 1.5), 3), round(self.rng.uniform(0.1, 2.0), 3))
        return Program("\n".join(lines) + "\n", "f", (*values, self.rng.randint(0, 4)))

    def helper(self, name: str) -> list[str]:
        """A function that changes a list, makes one, or sums one up."""
        names = Names(["w"], ["items"])
        body = self.block(names, self.rng.randint(1, 3))
        if name == "make":
            body.append(f"return {self.list_value(names)}")
        else:
            body.append(f"return {self.number(names, 1)} + {self.reduced(names)}")
        self.helpers.append((name, "list" if name == "make" else "float"))
        return [f"def {name}(items, w):", *indented(body)]

    # Numbers.

    def number(self, names: Names, depth: int) -> str:
        if depth <= 0:
            return self.leaf(names)
        one, other = self.number(names, depth - 1), self.number(names, depth - 1)
        return self.rng.choice(
            [
                f"math.sin({one} + {other})",
                f"math.tanh({one} * {other})",
                f"(0.5 * {one} - 0.4 * {other})",
                f"({one} * {other} * 0.3 + 0.2)",
                f"({one} / (1.5 + {other} ** 2))",
                f"math.exp(-({one} ** 2))",
                f"max({one}, {other})",
            ]
        )

    def leaf(self, names: Names) -> str:
        way = self.rng.random()
        if way < 0.3 and names.flat:
            return self.element(names)
        if way < 0.4 and names.nested:
            return self.nested_element(names)
        if way < 0.5:
            return repr(round(self.rng.uniform(-1.0, 1.5), 2))
        if way < 0.55 and names.indices:
            return f"0.1 * {self.rng.choice(names.indices)}"
        return self.rng.choice(names.floats)

    def index(self, names: Names, owner: str) -> str:
        way = self.rng.random()
        if way < 0.5 and names.indices:
            name = self.rng.choice(names.indices)
            inner = self.rng.choice((name, f"({name} + 1)", f"({name} * 2)", f"({name} - 1)"))
            return f"{inner} % len({owner})"
        return self.rng.choice(("0", "-1", "0", f"len({owner}) // 2", f"2 % len({owner})"))

    def element(self, names: Names) -> str:
        owner = self.rng.choice(names.flat)
        return f"{owner}[{self.index(names, owner)}]"

    def nested_element(self, names: Names) -> str:
        owner = self.rng.choice(names.nested)
        return f"{owner}[{self.index(names, owner)}][{self.rng.choice(('0', '1', '-1'))}]"

    def reduced(self, names: Names) -> str:
        """A list as a number."""
        value = self.list_value(names) if self.rng.random() < 0.3 else self.flat(names)
        ways = [f"sum({value})", f"0.1 * len({value})", f"max({value})", f"min({value})"]
        if names.nested:
            ways.append(f"sum(sum(row) for row in {self.rng.choice(names.nested)})")
        floats = [name for name, kind in self.helpers if kind == "float"]
        if floats:
            ways.append(f"{self.rng.choice(floats)}({self.copied(names)}, {self.leaf(names)})")
        return self.rng.choice(ways)

    def copied(self, names: Names) -> str:
        owner = self.flat(names)
        return self.rng.choice((f"list({owner})", f"{owner}[:]", f"{owner} + [0.5]"))

    def test(self, names: Names) -> str:
        operator = self.rng.choice(("<", ">", "<=", ">"))
        return f"{self.leaf(names)} {operator} {self.number(names, 1)}"

    # Lists.

    def flat(self, names: Names) -> str:
        return self.rng.choice(names.flat) if names.flat else "[0.3, 0.7]"

    def list_value(self, names: Names) -> str:
        """An expression that makes a list of at least one number."""
        owner, other = self.flat(names), self.flat(names)
        v, k = "z_", "k_"
        inner = Names([*names.floats, v], list(names.flat), list(names.nested), names.indices)
        counted = Names(list(names.floats), list(names.flat), list(names.nested), [k])
        ways = [
            f"[{self.number(inner, 1)} for {v} in {owner}]",
            f"[{self.number(counted, 1)} for {k} in range({self.rng.randint(1, 4)})]",
            f"[{self.number(counted, 1)} for {k} in range(n_)]".replace("n_", f"len({owner})"),
            f"[{v} * t_ for {v}, t_ in zip({owner}, {other})]",
            f"[{v} - t_ for {v}, t_ in zip({owner}, {other}[1:])] + [{self.leaf(names)}]",
            f"[{v} * 0.5 + 0.1 * {k} for {k}, {v} in enumerate({owner})]",
            f"{owner} + [{self.number(names, 1)}]",
            f"[{v} for {v} in {owner} if {v} > 0.1] + [{self.leaf(names)}]",
            f"{owner} + {other}[:3]",
            f"{owner}[{self.rng.choice((':', ':2', '-2:', '::2', '::-1', ':-1', '1:'))}]"
            f" + [{self.leaf(names)}]",
            f"[{self.leaf(names)}] * {self.rng.randint(1, 3)}",
            f"[{v} + sum({other}) for {v} in reversed({owner})]",
        ]
        makers = [name for name, kind in self.helpers if kind == "list"]
        if makers:
            ways.append(f"{makers[0]}({self.copied(names)}, {self.leaf(names)})")
        return self.rng.choice(ways)

    def display(self, names: Names) -> list[str]:
        name = self.rng.choice(FLAT)
        parts = [self.number(names, 1) for _ in range(self.rng.randint(2, 4))]
        self.bind(names, name)
        return [f"{name} = [{', '.join(parts)}]"]

    def nested_display(self, names: Names) -> list[str]:
        name = self.rng.choice(NESTED)
        k, m = "k_", "m_"
        inner = Names(list(names.floats), list(names.flat), [], [k, m])
        count, width = self.rng.randint(2, 3), self.rng.choice(("2", "3", f"{k} + 2"))
        names.nested = sorted({*names.nested, name})
        return [
            f"{name} = [[{self.number(inner, 1)} for {m} in range({width})]"
            f" for {k} in range({count})]"
        ]

    def bind(self, names: Names, name: str) -> None:
        if name not in names.flat:
            names.flat.append(name)
        names.fixed.discard(name)

    # Statements.

    def block(self, names: Names, count: int) -> list[str]:
        return [line for _ in range(count) for line in self.statement(names)]

    def statement(self, names: Names) -> list[str]:
        makers: dict[Callable[[Names], list[str]], int] = {
            self.assign: 4,
            self.assign_list: 5,
            self.write: 6,
            self.resize: 4,
            self.call: 3 if self.helpers else 0,
        }
        if names.depth < 3:
            makers |= {self.if_: 3, self.gather: 3 if names.loops < 2 else 0}
            makers |= {self.for_: 7 if names.loops < 2 else 0}
            makers |= {self.while_: 1 if names.loops < 2 else 0}
        if names.nested:
            makers |= {self.write_nested: 4, self.over_rows: 3 if names.loops < 2 else 0}
        return pick(self.rng, makers)(names)

    def assign(self, names: Names) -> list[str]:
        value = self.reduced(names) if self.rng.random() < 0.25 else self.number(names, 2)
        known = [name for name in names.floats if name in FLOATS]
        if names.depth == 0 or not known:
            name = self.rng.choice(FLOATS) if names.depth == 0 else "x"
        else:
            name = self.rng.choice(known)
        if name not in names.floats:
            names.floats.append(name)
        return [f"{name} = {value}"]

    def assign_list(self, names: Names) -> list[str]:
        value = self.list_value(names)
        known = [name for name in names.flat if name not in names.fixed]
        if names.depth == 0:
            known += FLAT
        if not known:
            return self.write(names)
        name = self.rng.choice(known)
        self.bind(names, name)
        return [f"{name} = {value}"]

    def changeable(self, names: Names) -> str | None:
        free = [name for name in names.flat if name not in names.fixed]
        return self.rng.choice(free) if free else None

    def write(self, names: Names) -> list[str]:
        owner = self.changeable(names)
        if owner is None:
            return self.assign(names)
        sign = self.rng.choice(("=", "=", "+=", "*="))
        return [f"{owner}[{self.index(names, owner)}] {sign} {self.number(names, 1)}"]

    def write_nested(self, names: Names) -> list[str]:
        owner = self.rng.choice(names.nested)
        if owner in names.fixed:
            return self.assign(names)
        place = f"{owner}[{self.index(names, owner)}][{self.rng.choice(('0', '1', '-1'))}]"
        return [f"{place} {self.rng.choice(('=', '+='))} {self.number(names, 1)}"]

    def resize(self, names: Names) -> list[str]:
        owner = self.changeable(names)
        if owner is None:
            return self.assign(names)
        value = self.number(names, 1)
        ways = {
            f"{owner}.append({value})": 5,
            f"{owner}.insert({self.rng.randint(0, 1)}, {value})": 1,
            # Not by a whole list: in a loop it would double every time.
            f"{owner}.extend({self.list_value(names)}[:3])": 1,
            f"{owner}.reverse()": 1,
        }
        if self.rng.random() < 0.3:
            at = self.rng.choice(("", "0", "-1", f"len({owner}) // 2"))
            return [
                f"if len({owner}) > 2:",
                f"{INDENT}x = {owner}.pop({at}) * 0.7",
            ]
        return [pick(self.rng, ways)]

    def call(self, names: Names) -> list[str]:
        owner = self.changeable(names)
        floats = [name for name, kind in self.helpers if kind == "float"]
        if owner is None or not floats:
            return self.assign(names)
        return [f"y = {self.rng.choice(floats)}({owner}, {self.leaf(names)}) * 0.5"]

    def if_(self, names: Names) -> list[str]:
        lines = [f"if {self.test(names)}:"]
        lines += indented(self.block(names.inner(), self.rng.randint(1, 2)))
        if self.rng.random() < 0.5:
            lines += ["else:", *indented(self.block(names.inner(), self.rng.randint(1, 2)))]
        return lines

    def gather(self, names: Names) -> list[str]:
        """A list that grows under conditions."""
        name = self.rng.choice(FLAT)
        if names.depth or name in names.flat:
            return self.assign_list(names)
        index = INDICES[names.loops]
        inner = names.inner(index=index)
        inner.loops += 1
        body = self.block(inner, self.rng.randint(0, 1))
        body += [f"if {self.test(inner)}:", f"{INDENT}{name}.append({self.number(inner, 1)})"]
        self.bind(names, name)
        start = f"{name} = [{self.leaf(names)}]"
        return [start, f"for {index} in range({self.count()}):", *indented(body)]

    def count(self) -> str:
        return self.rng.choice(("3", "2", "4", "5"))

    def for_(self, names: Names) -> list[str]:
        owner, other = self.flat(names), self.flat(names)
        index, u = INDICES[names.loops], ELEMENTS[names.loops * 2]
        w = ELEMENTS[names.loops * 2 + 1]
        head, floats, counted = self.rng.choice(
            [
                (f"{u} in {owner}", (u,), False),
                (f"{u} in reversed({owner})", (u,), False),
                (f"{index}, {u} in enumerate({owner})", (u,), True),
                (f"{u}, {w} in zip({owner}, {other})", (u, w), False),
                (f"{u}, {w} in zip({owner}, {other}[1:])", (u, w), False),
                (f"{u}, {w} in zip({owner}, reversed({other}))", (u, w), False),
                (f"{index} in range(len({owner}))", (), True),
                (f"{index} in range(1, len({owner}))", (), True),
                (f"{index} in range(len({owner}) - 1, -1, -1)", (), True),
                (f"{index} in range({self.count()})", (), True),
            ]
        )
        fixed = (owner, other) if floats else ()
        inner = names.inner(*floats, index=index if counted else "", fixed=fixed)
        inner.loops += 1
        body = self.block(inner, self.rng.randint(1, 3))
        if self.rng.random() < 0.25:
            word = self.rng.choice(("break", "continue"))
            at = self.rng.randint(0, 1) * len(body)
            body[at:at] = [f"if {self.test(inner)}:", f"{INDENT}{word}"]
        return [f"for {head}:", *indented(body)]

    def over_rows(self, names: Names) -> list[str]:
        owner = self.rng.choice(names.nested)
        u = ELEMENTS[names.loops * 2]
        inner = names.inner(fixed=(owner, "row"))
        inner.loops += 1
        inner.flat.append("row")
        body = self.block(inner, self.rng.randint(1, 2))
        if self.rng.random() < 0.5:
            deep = inner.inner(u)
            deep.loops += 1
            body += [f"for {u} in row:", *indented(self.block(deep, 1))]
        return [f"for row in {owner}:", *indented(body)]

    def while_(self, names: Names) -> list[str]:
        owner, index = self.flat(names), INDICES[names.loops]
        inner = names.inner(index=index, fixed=(owner,))
        inner.loops += 1
        test = f"{index} < len({owner}) and {self.test(inner)}"
        body = [*self.block(inner, self.rng.randint(1, 2)), f"{index} += 1"]
        return [f"{index} = 0", f"while {test}:", *indented(body)]
