"""Statements with blocks: branches, loops, patterns, exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.fuzz.blocks import INDENT, indented
from tests.fuzz.scope import pick

from .actions import Actions
from .places import WORDS, Place
from .shapes import COUNT, NUM, TEXT, Dct, Lst, Names, Obj, Shape

ERRORS = ("ValueError", "ZeroDivisionError", "KeyError", "IndexError", "(ValueError, KeyError)")
RAISED = ("ValueError", "KeyError", "ZeroDivisionError", "ArithmeticError", "Trouble")

CHANGES = ("write", "replace", "list_change", "dict_change", "swap", "effect", "by_name")


class Flow(Actions):
    """Control flow; names made in a block are forgotten after it."""

    def block(self, count: int) -> list[str]:
        lines: list[str] = []
        for _ in range(count):
            lines += self.statement()
        return lines

    def statement(self) -> list[str]:
        """Any statement."""
        names = self.names
        deep = names.blocks < 3
        loops = deep and names.loops < 2
        weights = {
            "assign": 10.0,
            "build": 9.0,
            "alias": 4.0,
            "write": 8.0,
            "replace": 2.0,
            "augment": 5.0,
            "list_change": 6.0,
            "dict_change": 5.0,
            "swap": 2.0,
            "unpack": 3.0,
            "effect": 4.0,
            "text_value": 1.0,
            "by_name": 0.7,
            "assertion": 1.0,
            "if_": 5.0 if deep else 0.0,
            "for_": 5.0 if loops else 0.0,
            "while_": 1.5 if loops else 0.0,
            "try_": 4.0 if deep else 0.0,
            "match_": 1.5 if deep else 0.0,
            "suppress": 0.7 if deep else 0.0,
            "early": 1.5 if deep else 0.0,
            "leave": 3.0 if names.in_loop else 0.0,
            "raising": 3.0 if names.guarded else 0.05,
            "iterator": 1.2,
            "generator": 1.0 if names.blocks < 2 else 0.0,
            "carrying": 0.8 if deep else 0.0,
            "closure": 4.0 if names.blocks == 0 else 0.5,
            "bound": 3.0 if names.blocks == 0 else 0.0,
        }
        if names.guarded:
            # A change before what may raise is mostly refused.
            weights |= {way: 0.3 * weights[way] for way in CHANGES}
        made = getattr(self, self.choose(weights))()
        assert isinstance(made, list)
        return made

    @contextmanager
    def nested(self) -> Iterator[Names]:
        """A block: what it binds is gone after it."""
        outer = self.names
        self.names = outer.inner()
        try:
            yield self.names
        finally:
            self.names = outer

    def body(self, low: int = 1, high: int = 3) -> list[str]:
        with self.nested():
            return self.block(self.rng.randint(low, high))

    def if_(self) -> list[str]:
        test = self.condition(1)
        with self.nested():
            if self.chance(0.15):
                name = self.fresh()
                test = f"({name} := {self.number(1)}) > {self.literal()}"
                self.names.bind(name, NUM)
            lines = [f"if {test}:", *indented(self.block(self.rng.randint(1, 2)))]
        if self.chance(0.2):
            lines += [f"elif {self.condition(0)}:", *indented(self.body(1, 2))]
        if self.chance(0.5):
            lines += ["else:", *indented(self.body(1, 2))]
        return lines

    # loops
    def for_(self) -> list[str]:
        heads = self._heads()
        head = self.rng.choice(list(heads))
        bound, held = heads[head]
        with self.nested() as names:
            names.loops += 1
            names.in_loop = True
            names.values |= bound
            names.fixed |= {n for n, s in bound.items() if s == COUNT}
            names.held |= held
            lines = [f"for {head}:", *indented(self.block(self.rng.randint(1, 3)))]
        if self.chance(0.1):
            lines += ["else:", *indented(self.body(1, 1))]
        return lines

    def _heads(self) -> dict[str, tuple[dict[str, Shape], set[str]]]:
        name, index = self.fresh(), self.index_name()
        other = f"{name}2"
        heads: dict[str, tuple[dict[str, Shape], set[str]]] = {
            f"{index} in range({self.rng.randint(2, 4)})": ({index: COUNT}, set()),
            f"{name} in {self.iterable(1)}": ({name: NUM}, {"everything"}),
        }
        for place in self.places(1):
            held = {place.root}
            match place.shape:
                case Lst(element):
                    heads[f"{name} in {place.text}"] = ({name: element}, held)
                    head = f"{index}, {name} in enumerate({place.text})"
                    heads[head] = ({index: COUNT, name: element}, held)
                    head = f"{name}, {other} in zip({place.text}, {self.iterable(0)})"
                    heads[head] = ({name: element, other: NUM}, held)
                    heads[f"{index} in range(len({place.text}))"] = ({index: COUNT}, set())
                case Dct(items) if len({part for _, part in items}) == 1:
                    part = items[0][1]
                    head = f"{name}_k, {name} in {place.text}.items()"
                    heads[head] = ({name: part, f"{name}_k": TEXT}, held)
                    heads[f"{name} in {place.text}.values()"] = ({name: part}, held)
                    heads[f"{name}_k in {place.text}"] = ({f"{name}_k": TEXT}, held)
        # what runs over an alias of something held is not changed either
        others = {n for n, shape in self.names.values.items() if shape != NUM}
        return {h: (bound, held and others) for h, (bound, held) in heads.items()}

    def while_(self) -> list[str]:
        index = self.index_name()
        limit = self.rng.randint(2, 4)
        more = f" and {self.condition(1)}" if self.chance(0.5) else ""
        with self.nested() as names:
            names.loops += 1
            names.in_loop = True
            names.bind(index, COUNT)
            names.fixed.add(index)
            body = self.block(self.rng.randint(1, 2))
        return [
            f"{index} = 0",
            f"while {index} < {limit}{more}:",
            *indented([f"{index} += 1", *body]),
        ]

    def leave(self) -> list[str]:
        return [f"if {self.condition(1)}:", INDENT + self.rng.choice(("break", "continue"))]

    def early(self) -> list[str]:
        """A return in a branch."""
        with self.nested():
            body = self.block(self.rng.randint(0, 1))
            body.append(f"return {self.value(self.result, 2)}")
        return [f"if {self.condition(1)}:", *indented(body)]

    # patterns
    def match_(self) -> list[str]:
        way = self.rng.choice(("count", "text", "tuple", "list", "object"))
        counts, texts = self.of_shape(COUNT), self.of_shape(TEXT)
        name = self.fresh()
        cases: list[tuple[str, dict[str, Shape]]]
        if way == "count" and counts:
            subject = f"{self.rng.choice(counts)} % 3"
            cases = [("0", {}), ("1 | 2", {}), ("_", {})]
        elif way == "text" and texts:
            subject = self.rng.choice(texts)
            cases = [(repr(self.rng.choice(WORDS)), {}), ("'up' | 'k1'", {}), ("_", {})]
        elif way == "list" and (place := self.place(Lst(NUM))):
            subject = place.text
            cases = [
                (f"[{name}]", {name: NUM}),
                (f"[{name}, {name}2]", {name: NUM, f"{name}2": NUM}),
                (f"[{name}, *{name}2]", {name: NUM, f"{name}2": Lst(NUM)}),
            ]
        elif way == "object" and (found := self._objects()):
            place, fields = self.rng.choice(found)
            subject = place.text
            assert isinstance(place.shape, Obj)
            key = fields[0]
            cases = [(f"{place.shape.name}({key}={name})", {name: NUM}), ("_", {})]
        else:
            subject = f"({self.leaf()}, {self.leaf()}, {self.count()})"
            cases = [
                (f"({name}, {name}2, 0)", {name: NUM, f"{name}2": NUM}),
                (f"({name}, _, {name}2) if {name} > 0.2", {name: NUM, f"{name}2": COUNT}),
                (f"({name}, *_)", {name: NUM}),
            ]
        lines = [f"match {subject}:"]
        for pattern, bound in cases:
            with self.nested() as names:
                names.values |= bound
                body = self.block(1)
            lines += indented([f"case {pattern}:", *indented(body)])
        return lines

    def _objects(self) -> list[tuple[Place, list[str]]]:
        """Objects with numbers in them, and the names of these."""
        found: list[tuple[Place, list[str]]] = []
        for place in self.places(1):
            if isinstance(place.shape, Obj):
                fields = self.classes[place.shape.name].fields
                found.append((place, [k for k, s in fields.items() if s == NUM]))
        return [(place, fields) for place, fields in found if fields]

    # exceptions
    def raising(self) -> list[str]:
        error = self.rng.choice(RAISED)
        test = self.condition(1) if self.names.guarded else f"{self.leaf()} > 40.0"
        return [f"if {test}:", f"{INDENT}raise {error}('{self.rng.choice(WORDS)}')"]

    def try_(self) -> list[str]:
        with self.nested() as names:
            names.guarded = True
            body = self.block(self.rng.randint(1, 3))
            if self.chance(0.7):
                body.insert(self.rng.randint(0, 1) * len(body), self._risk())
        lines = ["try:", *indented(body)]
        caught = self.rng.random() < 0.9
        if caught:
            lines += self._handlers()
            if self.chance(0.25):
                lines += ["else:", *indented(self.body(1, 2))]
        if not caught or self.chance(0.25):
            with self.nested() as names:
                names.in_loop = False
                lines += ["finally:", *indented(self.block(1))]
        return lines

    def _risk(self) -> str:
        known = [n for n in self.of_shape(NUM) if n not in self.names.fixed]
        name = self.rng.choice(known) if known else "_"
        return f"{name} = {self._risky(1)}"

    def _handlers(self) -> list[str]:
        lines: list[str] = []
        for error in self.rng.sample(ERRORS, pick(self.rng, {1: 3, 2: 1})):
            with self.nested():
                body = self.block(self.rng.randint(1, 2))
                if self.chance(0.1):
                    body.append("raise")
                if self.chance(0.1):
                    body = ["pass"]
            name = " as err" if self.chance(0.2) else ""
            lines += [f"except {error}{name}:", *indented(body)]
        if self.chance(0.6):
            lines += ["except Exception:", *indented(self.body(1, 1))]
        return lines

    def suppress(self) -> list[str]:
        with self.nested() as names:
            names.guarded = True
            body = [*self.block(self.rng.randint(0, 1)), self._risk()]
        return ["with suppress(ValueError, LookupError, ArithmeticError):", *indented(body)]
