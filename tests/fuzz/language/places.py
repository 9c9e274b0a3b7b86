"""Where values lie: variables, and the ways into what they hold."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.fuzz.scope import pick

from .shapes import COUNT, NUM, TEXT, Class, Dct, Fun, Lst, Names, Obj, Scalar, Shape, Tup

POOL = (
    *("a", "b", "c", "d", "e", "g", "h", "p", "q", "r", "s", "t", "u", "v", "w"),
    *(
        "xs",
        "ys",
        "zs",
        "data",
        "state",
        "total",
        "acc",
        "item",
        "obj",
        "cell",
        "x_bar",
        "rows",
    ),
)
INDICES = ("i", "j", "k", "m")
KEYS = ("lo", "hi", "mid", "w", "b")
WORDS = ("up", "down", "left", "k1", "k2")


class Place(NamedTuple):
    """A way to a value; ``root`` is the variable where it begins."""

    text: str
    shape: Shape
    root: str
    writable: bool


class Places:
    """The state of a program under construction, and what can be reached in it."""

    def __init__(self, rng: random.Random, weights: Mapping[str, float]) -> None:
        self.rng = rng
        self.weights = weights
        self.classes: dict[str, Class] = {}
        self.helpers: dict[str, Fun] = {}
        self.names = Names()
        self.result: Shape = NUM

    def choose(self, choices: dict[str, float]) -> str:
        """One of the ways, by its own weight times what is asked for."""
        scaled = {k: v * self.weights.get(k, 1.0) for k, v in choices.items()}
        if not any(scaled.values()):
            scaled = choices
        return self.rng.choices(list(scaled), list(scaled.values()))[0]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def fresh(self) -> str:
        """A name that is not bound here."""
        taken = self.names.taken() | set(self.classes) | set(self.helpers) | self.names.fixed
        free = [name for name in POOL if name not in taken]
        return self.rng.choice(free) if free else f"z{len(taken)}"

    def index_name(self) -> str:
        free = [n for n in INDICES if n not in self.names.taken()]
        return free[0] if free else f"i{len(self.names.values)}"

    # ways into values
    def places(self, depth: int = 2) -> Iterator[Place]:
        """Everything within reach."""
        for name, shape in self.names.values.items():
            writable = name not in self.names.fixed
            yield Place(name, shape, name, writable)
            yield from self._within(name, shape, name, depth)

    def _within(self, text: str, shape: Shape, root: str, depth: int) -> Iterator[Place]:
        if depth == 0:
            return
        free = root not in self.names.held
        found: list[tuple[str, Shape, bool]] = []
        match shape:
            case Tup(parts):
                found = [(f"{text}[{i}]", part, False) for i, part in enumerate(parts)]
            case Lst(element):
                found = [(f"{text}[{self.index(text)}]", element, free)]
            case Dct(items):
                found = [(f"{text}[{self.key(key)}]", part, free) for key, part in items]
            case Obj(name):
                made = self.classes[name]
                fields = made.fields.items()
                found = [
                    (f"{text}.{key}", part, free and not made.frozen) for key, part in fields
                ]
                found += [(f"{text}.{key}", NUM, False) for key in made.constants]
                found += [
                    (f"{text}.{key}", NUM, free and key in made.settable)
                    for key in made.properties
                ]
        for way, part, writable in found:
            yield Place(way, part, root, writable)
            yield from self._within(way, part, root, depth - 1)

    def index(self, owner: str) -> str:
        """An index in range of a list with an element."""
        counts = self.of_shape(COUNT)
        if counts and self.chance(0.3):
            return f"{self.rng.choice(counts)} % len({owner})"
        return pick(self.rng, {"0": 4, "-1": 4, f"len({owner}) // 2": 1})

    def key(self, key: str) -> str:
        if key in ("k1", "k2") and self.chance(0.5):
            return f"f'k{{{key[1]}}}'"
        return repr(key)

    def of_shape(self, shape: Shape) -> list[str]:
        """The variables of a shape."""
        return [name for name, known in self.names.values.items() if known == shape]

    def place(self, shape: Shape, *, writable: bool = False) -> Place | None:
        """A random place of the shape, the near ones oftener."""
        near = [p for p in self.places(0) if p.shape == shape and (p.writable or not writable)]
        if near and self.chance(0.45):
            return self.rng.choice(near)
        far = [p for p in self.places(2) if p.shape == shape and (p.writable or not writable)]
        return self.rng.choice(far) if far else None

    # shapes
    def shape(self, depth: int) -> Shape:
        """Any shape of a variable."""
        if depth <= 0:
            return NUM
        kinds = {"num": 3.0, "list": 3.0, "dict": 3.0, "tuple": 2.0, "object": 4.0, "text": 0.5}
        if not self.classes:
            del kinds["object"]
        match self.choose(kinds):
            case "list":
                return Lst(self.shape(depth - 1))
            case "dict":
                keys = self.rng.sample((*KEYS, "k1", "k2"), self.rng.randint(1, 3))
                inner = self.shape(depth - 1) if self.chance(0.3) else NUM
                return Dct(tuple((key, inner) for key in keys))
            case "tuple":
                parts = [self.shape(depth - 1) for _ in range(self.rng.randint(2, 3))]
                return Tup(tuple(parts))
            case "object":
                return Obj(self.rng.choice(sorted(self.classes)))
            case "text":
                return TEXT
        return NUM

    def immutable(self, shape: Shape) -> bool:
        match shape:
            case Scalar():
                return True
            case Tup(parts):
                return all(map(self.immutable, parts))
            case Obj(name):
                made = self.classes[name]
                return made.frozen and all(map(self.immutable, made.fields.values()))
        return False
