"""Random programs on NumPy arrays: views, writes in place, broadcasting, loops, helpers.

Shapes are followed while a program is made, so that most programs run. What is large is
kept in bounds by sines; the arguments are drawn away from the constants of comparisons.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

Shape = tuple[int, ...]


class ArrayProgram(NamedTuple):
    """A source with a function f, and the text of its arguments (of `tests.arrays`)."""

    source: str
    point: str


def generate_arrays(rng: random.Random) -> ArrayProgram:
    return _Maker(rng).program()


def _slices(rng: random.Random, size: int) -> tuple[str, int]:
    """The text of a slice, and how many elements it has."""
    texts = [":", "1:", ":-1", "::-1", "::2", "-2:", ":2", "1:-1", "2::-1", "-1:0:-1", "1::2"]
    text = rng.choice(texts)
    ends = [int(part) if part else None for part in text.split(":")]
    return text, len(range(size)[slice(*ends)])


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.arrays: dict[str, Shape] = {}
        self.scalars: list[str] = []
        # Loop indices, and what they stay below.
        self.indices: dict[str, int] = {}
        self.lines: list[str] = []
        self.depth = 1
        self.counter = 0
        self.helpers: list[tuple[str, list[Shape], str]] = []

    # Programs.

    def program(self) -> ArrayProgram:
        rng = self.rng
        n, m = rng.choice([(2, 3), (3, 3), (3, 2), (3, 4), (4, 2)])
        if rng.random() < 0.08:
            n = rng.choice([0, 1])
        dims = [n, m]
        texts: list[str] = []
        for _ in range(rng.choice([0, 0, 1, 2])):
            texts.append(self.helper(dims))
        params, points = [], []
        for name in "xyz"[: rng.randint(1, 3)]:
            shape = self.some_shape(dims)
            self.arrays[name] = shape
            params.append(name)
            points.append(f"{rng.choice('RN')}({', '.join(map(str, shape))})")
        if rng.random() < 0.5:
            params.append("t")
            points.append(str(round(rng.uniform(0.2, 1.5), 2)))
            self.scalars.append("t")
        for _ in range(rng.randint(3, 8)):
            self.statement()
        self.result()
        head = f"def f({', '.join(params)}):"
        texts.append("\n".join([head, *self.lines]))
        return ArrayProgram(
            "import numpy as np\n\n" + "\n\n".join(texts) + "\n", ", ".join(points)
        )

    def some_shape(self, dims: Sequence[int]) -> Shape:
        rank = self.rng.choice([1, 1, 1, 2, 2, 3])
        shape = [self.rng.choice(dims) for _ in range(rank)]
        if rank > 1 and self.rng.random() < 0.15:
            shape[self.rng.randrange(rank)] = 1
        return tuple(shape)

    def helper(self, dims: Sequence[int]) -> str:
        inner = _Maker(self.rng)
        shapes = [self.some_shape(dims)[:2] for _ in range(self.rng.randint(1, 2))]
        names = ["a", "b"][: len(shapes)]
        inner.arrays = dict(zip(names, shapes, strict=True))
        inner.scalars = ["k"]
        inner.helpers = list(self.helpers)
        inner.counter = 50
        for _ in range(self.rng.randint(1, 3)):
            inner.statement()
        if not inner.lines:
            inner.line("a[:] = a * k")
        gives = self.rng.choice(["nothing", "scalar", "a"])
        if gives == "scalar":
            inner.line(f"return {inner.scalar(1)}")
        elif gives == "a":
            if inner.arrays.get("a") != shapes[0]:
                gives = "nothing"
            else:
                inner.line("return a")
        name = f"h{len(self.helpers)}"
        self.helpers.append((name, shapes, gives))
        return "\n".join([f"def {name}({', '.join([*names, 'k'])}):", *inner.lines])

    def result(self) -> None:
        parts = []
        for name, shape in self.arrays.items():
            weight = self.rng.choice(["", f" * {round(self.rng.uniform(0.5, 2), 1)}"])
            text = self.rng.choice([f"np.sum({name} * {name})", f"{name}.sum()"])
            if self.rng.random() < 0.2 and 0 not in shape:
                text = self.rng.choice([f"np.mean(np.sin({name}))", f"np.max({name})"])
            parts.append(text + weight)
        self.line("return " + " + ".join([*parts, self.scalar(1)]))

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def fresh(self) -> str:
        self.counter += 1
        return f"v{self.counter}"

    # Choices.

    def of_shape(self, fits: Callable[[Shape], bool]) -> str | None:
        names = [name for name, shape in self.arrays.items() if fits(shape)]
        return self.rng.choice(names) if names else None

    def any(self) -> str:
        return self.rng.choice(list(self.arrays))

    # Expressions.

    def number(self) -> str:
        return str(round(self.rng.uniform(-1.5, 1.5), 2))

    def element(self, name: str) -> str | None:
        shape = self.arrays[name]
        if 0 in shape or not shape:
            return None
        return f"{name}[{', '.join(map(self.index, shape))}]"

    def index(self, size: int) -> str:
        known = [i for i, below in self.indices.items() if below <= size]
        if known and self.rng.random() < 0.7:
            return self.rng.choice(known)
        return str(self.rng.randrange(-size, size))

    def scalar(self, depth: int) -> str:
        rng = self.rng
        way = rng.randrange(9)
        if way == 0 and self.scalars:
            return rng.choice(self.scalars)
        if way in (1, 2) and (found := self.element(self.any())):
            return found
        if way == 3 and depth:
            return f"{self.scalar(depth - 1)} {rng.choice('+-*')} {self.scalar(depth - 1)}"
        name = self.any()
        if way == 4 and 0 not in self.arrays[name]:
            return f"{name}.{rng.choice(['mean', 'max', 'min'])}()"
        if way == 5 and len(self.arrays[name]) == 1:
            return f"np.dot({name}, {name})"
        if way == 6:
            return f"np.sum({self.expr(self.arrays[name], depth - 1)})"
        if way == 7:
            return f"np.sin({self.scalar(depth - 1)})" if depth > 0 else self.number()
        return self.number()

    def leaf(self, shape: Shape) -> str:
        """A variable or a part of one, of a shape."""
        rng = self.rng
        found = [name for name, have in self.arrays.items() if have == shape]
        found += [
            f"{name}.T" for name, have in self.arrays.items() if have == shape[::-1] != shape
        ]
        found += [
            f"{name}[{self.index(have[0])}]"
            for name, have in self.arrays.items()
            if have[1:] == shape and have[0] and shape
        ]
        if len(shape) == 1:
            for name, have in self.arrays.items():
                if len(have) == 2 and have[0] == shape[0] and have[1]:
                    found.append(f"{name}[:, {self.index(have[1])}]")
                if len(have) == 1 and have[0] > shape[0]:
                    start = rng.randint(0, have[0] - shape[0])
                    found.append(f"{name}[{start}:{start + shape[0]}]")
                if len(have) == 1 and have[0]:
                    at = [rng.randrange(-have[0], have[0]) for _ in range(shape[0])]
                    if at:
                        found.append(f"{name}[{at}]")
        if len(shape) == 2:
            for name, have in self.arrays.items():
                if have == shape[:1]:
                    found.append(f"(np.ones({shape}) * {name}[:, None])")
        if found and rng.random() < 0.95:
            return rng.choice(found)
        return rng.choice([f"np.zeros({shape})", f"np.full({shape}, {self.scalar(0)})"])

    def narrower(self, shape: Shape) -> Shape:
        """A shape that is broadcast to this one."""
        cut = shape[self.rng.randint(0, len(shape)) :] if self.rng.random() < 0.4 else shape
        return tuple(1 if self.rng.random() < 0.1 else d for d in cut)

    def operand(self, shape: Shape, depth: int) -> str:
        """Something that is broadcast to a shape."""
        if self.rng.random() < 0.2:
            return self.scalar(min(depth, 1))
        small = self.narrower(shape)
        return self.expr(small, depth) if small else self.scalar(0)

    def expr(self, shape: Shape, depth: int) -> str:
        """An expression of a shape."""
        rng = self.rng
        if not shape:
            return self.scalar(depth)
        if depth <= 0:
            return self.leaf(shape)
        way = rng.randrange(17)
        if way < 5:
            sides = [self.expr(shape, depth - 1), self.operand(shape, depth - 1)]
            rng.shuffle(sides)
            return f"({sides[0]} {rng.choice('+-**')} {sides[1]})"
        if way < 7:
            elementary = rng.choice(["sin", "cos", "tanh", "arctan"])
            return f"np.{elementary}({self.expr(shape, depth - 1)})"
        match way:
            case 7:
                below = self.operand(shape, 0)
                return f"({self.expr(shape, depth - 1)} / (1.5 + ({below}) ** 2))"
            case 8:
                cond = f"{self.leaf(shape)} {rng.choice('<>')} {self.number()}"
                return (
                    f"np.where({cond}, {self.expr(shape, depth - 1)},"
                    f" {self.operand(shape, depth - 1)})"
                )
            case 9:
                axis = rng.randint(0, len(shape))
                size = rng.choice([2, 3])
                name = self.of_shape(
                    lambda s: s[:axis] + s[axis + 1 :] == shape and len(s) > axis
                )
                which = rng.choice(["sum", "sum", "mean", "max", "prod"])
                if name and self.arrays[name][axis] == 0:
                    which = "sum"
                inner = name or self.expr((*shape[:axis], size, *shape[axis:]), 0)
                return f"np.{which}({inner}, axis={axis})"
            case 10:
                name = self.of_shape(lambda s: len(s) == 2 and s[0] == shape[0])
                if name and len(shape) <= 2:
                    inner_shape = (self.arrays[name][1], *shape[1:])
                    return f"({name} @ {self.expr(inner_shape, depth - 1)})"
            case 11:
                flat = [shape[0] * shape[1]] if len(shape) == 2 else []
                if flat:
                    return f"{self.expr((flat[0],), depth - 1)}.reshape({shape[0]}, {shape[1]})"
            case 12:
                if shape[0] >= 2:
                    first = rng.randint(1, shape[0] - 1)
                    a = self.expr((first, *shape[1:]), depth - 1)
                    b = self.expr((shape[0] - first, *shape[1:]), depth - 1)
                    return f"np.concatenate(({a}, {b}))"
            case 13:
                return f"{self.leaf(shape)}.copy()"
            case 14:
                which = rng.choice(["maximum", "minimum"])
                return f"np.{which}({self.expr(shape, depth - 1)}, {self.operand(shape, 0)})"
            case 15:
                if shape[0] in (2, 3) and len(shape) > 1:
                    rows = ", ".join(self.expr(shape[1:], depth - 1) for _ in range(shape[0]))
                    return f"np.stack(({rows}))"
                return f"{self.leaf(shape)}[::-1]"
            case _:
                pass
        return f"np.sin({self.expr(shape, depth - 1)})"

    # Parts.

    def part(self, shape: Shape, views: bool = False) -> tuple[str, Shape]:
        """An index of an array of this shape, and the shape of what it leads to."""
        rng = self.rng
        texts: list[str] = []
        rest: list[int] = []
        if not views and rng.random() < 0.2 and shape[0]:
            at = [rng.randrange(shape[0]) for _ in range(rng.randint(1, 3))]
            return str(at), (len(at), *shape[1:])
        for size in shape[: rng.randint(1, len(shape))]:
            if rng.random() < 0.4 and size:
                texts.append(self.index(size))
            else:
                text, count = _slices(rng, size)
                texts.append(text)
                rest.append(count)
        rest += shape[len(texts) :]
        return ", ".join(texts), tuple(rest)

    # Statements.

    def statement(self) -> None:
        rng = self.rng
        ways: list[tuple[Callable[[], None], int]] = [
            (self.assign, 4),
            (self.alias, 3),
            (self.write, 6),
            (self.augment, 6),
            (self.masked, 2),
            (self.loop, 3 if self.depth < 3 else 0),
            (self.rows, 1 if self.depth < 3 else 0),
            (self.while_, 1 if self.depth < 2 else 0),
            (self.branch, 3 if self.depth < 3 else 0),
            (self.call, 3 if self.helpers else 0),
            (self.add_at, 1),
            (self.swap, 1),
            (self.number_, 2),
            (self.bound, 1),
            (self.turn, 2),
            (self.chosen, 1),
        ]
        rng.choices([way for way, _ in ways], [weight for _, weight in ways])[0]()

    def assign(self) -> None:
        rng = self.rng
        old = self.any()
        name = old if rng.random() < 0.4 else self.fresh()
        shape = self.arrays[old]
        text = self.expr(shape, 2)
        self.line(f"{name} = {text}")
        self.arrays[name] = shape

    def bound(self) -> None:
        """Keep an array within bounds."""
        name = self.any()
        self.line(self.rng.choice([f"{name}[:] = np.sin({name})", f"{name} = np.tanh({name})"]))

    def number_(self) -> None:
        name = f"s{self.counter}"
        self.counter += 1
        self.line(f"{name} = {self.scalar(2)}")
        self.scalars.append(name)

    def alias(self) -> None:
        name, old = self.fresh(), self.any()
        shape = self.arrays[old]
        way = self.rng.randrange(8)
        if way == 0:
            self.line(f"{name} = {old}")
        elif way == 1:
            self.line(f"{name} = {old}.T")
            shape = shape[::-1]
        elif way == 2 and len(shape) == 2:
            self.line(
                f"{name} = {old}.{self.rng.choice(['ravel()', 'reshape(-1)', 'flatten()'])}"
            )
            shape = (shape[0] * shape[1],)
        elif way == 3:
            self.line(f"{name} = {old}[:, None]")
            shape = (shape[0], 1, *shape[1:])
            if len(shape) > 3:
                self.lines.pop()
                return
        else:
            text, shape = self.part(shape, views=True)
            if not shape:
                self.line(f"{name} = {old}[{text}]")
                self.scalars.append(name)
                return
            self.line(f"{name} = {old}[{text}]")
        self.arrays[name] = shape

    def turn(self) -> None:
        """A view that no index makes."""
        rng, name, old = self.rng, self.fresh(), self.any()
        shape = self.arrays[old]
        rank, size = len(shape), math.prod(shape)
        texts: list[tuple[str, Shape]] = [
            (f"np.flip({old})", shape),
            (f"np.flipud({old})", shape),
            (f"np.expand_dims({old}, {rank - 1})", (*shape[:-1], 1, shape[-1])),
            (f"{old}.reshape(-1)", (size,)),
            (f"np.reshape({old}, (1, {size}))", (1, size)),
        ]
        if rank > 1:
            texts.append((f"np.swapaxes({old}, 0, -1)", (shape[-1], *shape[1:-1], shape[0])))
            texts.append((f"np.moveaxis({old}, 0, -1)", (*shape[1:], shape[0])))
        if 1 in shape and rank > 1:
            axis = shape.index(1)
            texts.append((f"{old}.squeeze({axis})", (*shape[:axis], *shape[axis + 1 :])))
        if size and size % 2 == 0:
            texts.append((f"{old}.reshape(2, {size // 2})", (2, size // 2)))
        text, made = rng.choice(texts)
        if len(made) > 3:
            return
        self.line(f"{name} = {text}")
        self.arrays[name] = made

    def chosen(self) -> None:
        """A function of some elements."""
        name = self.any()
        shape = self.arrays[name]
        mask = f"{self.leaf(shape)} {self.rng.choice('<>')} {self.number()}"
        which = self.rng.choice(["sin", "tanh", "square"])
        self.line(f"np.{which}({self.leaf(shape)}, where={mask}, out={name})")

    def write(self) -> None:
        name = self.any()
        text, shape = self.part(self.arrays[name])
        value = self.operand(shape, 2) if shape else self.scalar(2)
        self.line(f"{name}[{text}] = {value}")

    def augment(self) -> None:
        name = self.any()
        shape = self.arrays[name]
        target = name
        if self.rng.random() < 0.6:
            text, shape = self.part(shape)
            target = f"{name}[{text}]"
        op = self.rng.choice(["+=", "+=", "-=", "*=", "*=", "/=", "**="])
        value = self.operand(shape, 2) if shape else self.scalar(2)
        if op == "/=":
            value = f"1.2 + ({value}) ** 2"
        if op == "**=":
            value = "2"
        self.line(f"{target} {op} {value}")

    def masked(self) -> None:
        name = self.any()
        cond = f"{self.leaf(self.arrays[name])} {self.rng.choice('<>')} {self.number()}"
        mask = self.fresh().replace("v", "m")
        self.line(f"{mask} = {cond}")
        way = self.rng.randrange(3)
        other = self.leaf(self.arrays[name])
        if way == 0:
            self.line(f"{name}[{mask}] {self.rng.choice(['', '+', '*'])}= {self.scalar(1)}")
        elif way == 1:
            self.line(f"{name}[{mask}] = {other}[{mask}] * {self.scalar(0)}")
        else:
            self.line(f"{name}[~{mask}] {self.rng.choice('+*-')}= np.sin({name}[~{mask}])")

    def add_at(self) -> None:
        name = self.any()
        shape = self.arrays[name]
        if not shape[0]:
            return
        at = [self.rng.randrange(shape[0]) for _ in range(3)]
        self.line(f"np.add.at({name}, {at}, {self.operand((3, *shape[1:]), 1)})")

    def swap(self) -> None:
        name = self.any()
        shape = self.arrays[name]
        other = self.of_shape(lambda s: s == shape)
        if self.rng.random() < 0.4 and other != name:
            self.line(f"{name}, {other} = {other}, {name}")
        elif shape[0] > 1:
            self.line(f"{name}[[0, 1]] = {name}[[1, 0]]")

    def call(self) -> None:
        name, shapes, gives = self.rng.choice(self.helpers)
        found = [self.of_shape(lambda s, want=shape: s == want) for shape in shapes]  # type: ignore[misc]
        args: list[str] = []
        for have, shape in zip(found, shapes, strict=True):
            if have is None and len(args) == 0:
                have = self.fresh()
                self.line(f"{have} = {self.expr(shape, 1)}")
                self.arrays[have] = shape
            args.append(have or self.expr(shape, 1))
        text = f"{name}({', '.join([*args, self.scalar(0)])})"
        if gives == "scalar":
            kept = f"s{self.counter}"
            self.counter += 1
            self.line(f"{kept} = {text}")
            self.scalars.append(kept)
        elif gives == "a":
            kept = self.fresh()
            self.line(f"{kept} = {text}")
            self.arrays[kept] = shapes[0]
        else:
            self.line(text)

    # Regions.

    def body(self, statements: int) -> None:
        """A block whose new names are not seen afterwards."""
        arrays, scalars = dict(self.arrays), list(self.scalars)
        before = len(self.lines)
        self.depth += 1
        for _ in range(statements):
            self.statement()
        if len(self.lines) == before:
            self.line("pass")
        self.depth -= 1
        self.arrays, self.scalars = arrays, scalars

    def loop(self) -> None:
        name = self.any()
        size = self.arrays[name][0]
        i = "ijklpq"[len(self.indices) % 6]
        if self.rng.random() < 0.5:
            self.line(f"for {i} in range({name}.shape[0]):")
        else:
            size = self.rng.randint(0, 3)
            text = self.rng.choice([f"range({size})", f"range({size} - 1, -1, -1)"])
            self.line(f"for {i} in {text}:")
        self.indices[i] = size
        self.body(self.rng.randint(1, 3))
        del self.indices[i]

    def rows(self) -> None:
        name = self.of_shape(lambda s: len(s) == 2)
        if name is None:
            return
        row = self.fresh().replace("v", "r")
        self.line(f"for {row} in {name}:")
        self.arrays[row] = self.arrays[name][1:]
        self.body(self.rng.randint(1, 2))
        del self.arrays[row]

    def while_(self) -> None:
        self.counter += 1
        k = f"k{self.counter}"
        name = self.any()
        self.line(f"{k} = 0")
        self.line(
            f"while {k} < 3 and np.sum({name}) < {self.rng.choice(['4.1', '1.3', '9.7'])}:"
        )
        self.depth += 1
        self.line(f"{k} += 1")
        self.depth -= 1
        self.body(self.rng.randint(1, 2))

    def branch(self) -> None:
        self.line(f"if {self.scalar(1)} > {self.number()}:")
        self.body(self.rng.randint(1, 2))
        if self.rng.random() < 0.6:
            self.line("else:")
            self.body(self.rng.randint(1, 2))
