"""Statements without a block: what is assigned, changed, called."""

from __future__ import annotations

from tests.fuzz.blocks import indented
from tests.fuzz.scope import pick

from .places import KEYS, Place
from .shapes import NUM, TEXT, Dct, Lst, Obj, Shape, Tup
from .values import Values


class Actions(Values):
    """Each method gives lines and keeps the names up to date."""

    def assign(self) -> list[str]:
        """A number, to a name that is known or new."""
        name = self._target(NUM)
        value = self.number(2)
        self.names.bind(name, NUM)
        return [f"{name} = {value}"]

    def _target(self, shape: Shape) -> str:
        known = [n for n in self.of_shape(shape) if n not in self.names.fixed | self.names.held]
        if known and self.chance(0.6):
            return self.rng.choice(known)
        return self.fresh()

    def build(self) -> list[str]:
        """A structure."""
        shape = self.shape(2)
        known = [s for s in self.names.values.values() if not self.immutable(s)]
        if known and self.chance(0.4):
            shape = self.rng.choice(known)
        name = self._target(shape)
        value = self.value(shape, 2)
        self.names.bind(name, shape)
        return [f"{name} = {value}"]

    def alias(self) -> list[str]:
        """Another name of what is there."""
        found = [p for p in self.places(2) if not self.immutable(p.shape)]
        if not found:
            return self.build()
        place = self.rng.choice(found)
        name = self._target(place.shape)
        self.names.bind(name, place.shape)
        if place.root in self.names.held:
            self.names.held.add(name)
        return [f"{name} = {place.text}"]

    def write(self) -> list[str]:
        """A number into a list, a dict or an object."""
        place = self._within_something(NUM)
        if place is None:
            return self.assign()
        sign = pick(self.rng, {"=": 5, "+=": 2, "*=": 1, "-=": 1})
        return [f"{place.text} {sign} {self.number(2)}"]

    def replace(self) -> list[str]:
        """A structure into a structure."""
        found = [
            p
            for p in self.places(2)
            if p.text != p.root and p.writable and not self.immutable(p.shape)
        ]
        if not found:
            return self.build()
        place = self.rng.choice(found)
        return [f"{place.text} = {self.value(place.shape, 2)}"]

    def _within_something(self, shape: Shape) -> Place | None:
        found = [
            p for p in self.places(3) if p.shape == shape and p.writable and p.text != p.root
        ]
        return self.rng.choice(found) if found else None

    def augment(self) -> list[str]:
        free = [n for n in self.of_shape(NUM) if n not in self.names.fixed]
        if not free:
            return self.assign()
        sign = pick(self.rng, {"+=": 4, "-=": 2, "*=": 1})
        value = self.number(2)
        value = f"math.tanh({value})" if sign == "*=" else f"0.5 * {value}"
        return [f"{self.rng.choice(free)} {sign} {value}"]

    def list_change(self) -> list[str]:
        place = self._changeable(Lst)
        if place is None:
            return self.build()
        assert isinstance(place.shape, Lst)
        text, element = place.text, place.shape.element
        value = self.value(element, 1)
        way = self.choose(
            {
                "append": 6.0,
                "insert": 1.0,
                "extend": 1.0,
                "reverse": 1.0,
                "pop": 2.0,
                "plus": 1.0,
                "slice": 1.0,
                "sort": 0.5,
            }
        )
        if way == "pop":
            if element == NUM and self.chance(0.5) and (name := self._target(NUM)):
                keep = name in self.names.values
                taken = f"{name} = {text}.pop({self.rng.choice(('', '0', '-1'))})"
                return [f"if len({text}) > 1:", *indented([taken if keep else f"{text}.pop()"])]
            return [
                f"if len({text}) > 1:",
                *indented([f"{text}.pop({self.chance(0.5) * '0'})"]),
            ]
        if way == "sort" and element == NUM:
            return [f"{text}.sort({self.chance(0.3) * 'reverse=True'})"]
        ways = {
            "insert": f"{text}.insert({self.rng.randint(0, 1)}, {value})",
            "extend": f"{text}.extend([{value}])",
            "reverse": f"{text}.reverse()",
            "plus": f"{text} += [{value}]",
            "slice": f"{text}[{self.rng.choice(('1:', ':1', '1:1'))}] = [{value}]",
        }
        if way == "plus" and text == place.root and text in self.names.fixed:
            way = "append"
        return [ways.get(way, f"{text}.append({value})")]

    def _changeable(self, kind: type) -> Place | None:
        found = [
            p
            for p in self.places(2)
            if isinstance(p.shape, kind)
            and p.root not in self.names.held
            and (p.text == p.root or p.writable)
        ]
        return self.rng.choice(found) if found else None

    def dict_change(self) -> list[str]:
        """A key more, one taken out and put back, what is merged."""
        place = self._changeable(Dct)
        if place is None:
            return self.build()
        assert isinstance(place.shape, Dct)
        text, (key, part) = place.text, self.rng.choice(place.shape.items)
        value = self.value(part, 1)
        ways = {
            f"{text}[{self.rng.choice(KEYS)!r}] = {value}": 4,
            f"{text}.setdefault({self.rng.choice(KEYS)!r}, {value})": 2,
            f"{text}.update({{{key!r}: {value}}})": 2,
            f"{text}[{key!r}] = {text}.pop({key!r})": 2,
            f"{text} |= {{{key!r}: {value}}}": 0 if text in self.names.fixed else 1,
            f"{text}[{self.known_text()}] = {value}": 1,
        }
        return [pick(self.rng, ways)]

    def swap(self) -> list[str]:
        places = [p for p in self.places(2) if p.shape == NUM and p.writable]
        if len(places) < 2:
            return self.assign()
        one, other = self.rng.sample(places, 2)
        first, second = other.text, one.text
        if self.chance(0.4):
            second = f"math.sin({second}) + {self.leaf()}"
        return [f"{one.text}, {other.text} = {first}, {second}"]

    def unpack(self) -> list[str]:
        found = [p for p in self.places(2) if isinstance(p.shape, Tup)]
        if not found:
            name, other = self.fresh(), self.leaf()
            value = self.number(1)
            self.names.bind(name, NUM)
            rest = self.fresh()
            more = self.number(1)
            if self.chance(0.5):
                self.names.bind(rest, NUM)
                return [f"{name}, {rest} = {value}, {other}"]
            self.names.bind(rest, Lst(NUM))
            return [f"{name}, *{rest} = {value}, {other}, {more}"]
        place = self.rng.choice(found)
        assert isinstance(place.shape, Tup)
        names: list[str] = []
        for part in place.shape.parts:
            name = self.fresh()
            self.names.bind(name, part)
            if place.root in self.names.held:
                self.names.held.add(name)
            names.append(name)
        return [f"{', '.join(names)} = {place.text}"]

    def effect(self) -> list[str]:
        """A call for what it does."""
        text = self._call(2)
        if "(" not in text or self.chance(0.6):
            name = self._target(NUM)
            self.names.bind(name, NUM)
            return [f"{name} = 0.5 * {text}"]
        return [text]

    def text_value(self) -> list[str]:
        name = self._target(TEXT)
        value = self.text()
        self.names.bind(name, TEXT)
        return [f"{name} = {value}"]

    def by_name(self) -> list[str]:
        """An attribute by its name."""
        found = [p for p in self.places(1) if isinstance(p.shape, Obj)]
        if not found:
            return self.assign()
        place = self.rng.choice(found)
        assert isinstance(place.shape, Obj)
        made = self.classes[place.shape.name]
        fields = [k for k, s in made.fields.items() if s == NUM]
        if made.frozen or not fields or place.root in self.names.held:
            return self.assign()
        key = self.rng.choice(fields)
        return [
            f"setattr({place.text}, {key!r}, getattr({place.text}, {key!r}) + {self.leaf()})"
        ]

    def assertion(self) -> list[str]:
        test = self.condition(1)
        if not self.names.guarded:
            test = f"({test} or True)" if self.chance(0.5) else f"{self.leaf()} > -50.0"
        return [f"assert {test}"]
