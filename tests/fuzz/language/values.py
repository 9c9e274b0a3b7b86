"""Expressions of every shape, and calls."""

from __future__ import annotations

from tests.fuzz.scope import pick

from .numbers import Numbers
from .places import WORDS
from .shapes import COUNT, NUM, TEXT, Dct, Fun, Lst, Names, Obj, Param, Scalar, Shape, Tup


class Values(Numbers):
    """Values that are made anew, copied, or are there already under another name."""

    def value(self, shape: Shape, depth: int) -> str:
        """An alias of what there is, or something new."""
        if shape != NUM and self.chance(0.35) and (found := self.place(shape)):
            return found.text
        match shape:
            case Scalar("num"):
                return self.number(depth)
            case Scalar("count"):
                return self.count()
            case Scalar():
                return self.text()
            case Tup(parts):
                return f"({', '.join(self.value(part, depth - 1) for part in parts)},)"
            case Lst():
                return self.list_(shape, depth)
            case Dct():
                return self.dict_(shape, depth)
            case Obj(name):
                return self.object_(name, depth)

    def count(self) -> str:
        counts = self.of_shape(COUNT)
        if counts and self.chance(0.6):
            name = self.rng.choice(counts)
            return pick(self.rng, {name: 3, f"({name} + 1) % 3": 1, f"{name} * 2": 1})
        lists = [p.text for p in self.places(1) if isinstance(p.shape, Lst)]
        if lists and self.chance(0.2):
            return f"len({self.rng.choice(lists)}) % 3"
        return str(self.rng.randint(0, 3))

    def text(self) -> str:
        word = self.rng.choice(WORDS)
        counts = self.of_shape(COUNT)
        if counts and self.chance(0.5):
            return f"f'k{{{self.rng.choice(counts)} % 2 + 1}}'"
        ways = {repr(word): 4, f"{word.upper()!r}.lower()": 1}
        if counts:
            other = self.rng.choice(WORDS)
            ways[f"({word!r} if {self.rng.choice(counts)} > 1 else {other!r})"] = 2
        return pick(self.rng, ways)

    def list_(self, shape: Lst, depth: int) -> str:
        element = shape.element
        way = self.choose(
            {
                "display": 8.0,
                "comprehension": 4.0,
                "copy": 3.0,
                "join": 2.0,
                "repeat": 1.0,
                "filtered": 2.0 if element == NUM else 0.0,
            }
        )
        found = self.place(shape)
        match way:
            case "comprehension":
                return self.comprehension(element, depth)
            case "copy" if found:
                return pick(
                    self.rng,
                    {
                        f"list({found.text})": 3,
                        f"{found.text}[:]": 3,
                        f"{found.text}.copy()": 1,
                    },
                )
            case "join" if found:
                more = self.value(element, depth - 1)
                ways = {f"{found.text} + [{more}]": 2, f"[*{found.text}, {more}]": 1}
                return pick(self.rng, ways)
            case "repeat":
                return f"[{self.value(element, depth - 1)}] * {self.rng.randint(1, 3)}"
            case "filtered":
                items = self.iterable(0)
                return f"[e_ for e_ in {items} if e_ > {self.literal()}] + [{self.leaf()}]"
        parts = [self.value(element, depth - 1) for _ in range(self.rng.randint(1, 3))]
        return f"[{', '.join(parts)}]"

    def comprehension(self, element: Shape, depth: int) -> str:
        """A list comprehension over a count, a list, a dict or pairs."""
        before = self.names
        self.names = before.inner()
        self.names.returns = False
        self.names.loops += 1
        name, index = self.fresh(), "i_"
        items = self.iterable(0)
        heads: dict[str, dict[str, Shape]] = {
            f"{name} in {items}": {name: NUM},
            f"{index} in range({self.rng.randint(1, 3)})": {index: COUNT},
            f"{index}, {name} in enumerate({items})": {index: COUNT, name: NUM},
            f"{name}, e_ in zip({items}, {self.iterable(0)})": {name: NUM, "e_": NUM},
        }
        head = self.rng.choice(list(heads))
        self.names.values |= heads[head]
        made = f"[{self.value(element, depth - 1)} for {head}]"
        self.names = before
        return made

    def dict_(self, shape: Dct, depth: int) -> str:
        parts = [(key, self.value(part, depth - 1)) for key, part in shape.items]
        found = self.place(shape)
        way = self.choose(
            {"display": 6.0, "call": 1.5, "copy": 2.0, "merged": 2.0, "dict_comp": 1.5}
        )
        match way:
            case "call":
                return f"dict({', '.join(f'{key}={text}' for key, text in parts)})"
            case "copy" if found:
                return self.rng.choice((f"dict({found.text})", f"{found.text}.copy()"))
            case "merged" if found:
                key, text = self.rng.choice(parts)
                return self.rng.choice(
                    (
                        f"{{**{found.text}, {key!r}: {text}}}",
                        f"{found.text} | {{{key!r}: {text}}}",
                    )
                )
            case "dict_comp" if all(part == NUM for _, part in shape.items):
                if found and self.chance(0.5):
                    return f"{{k_: v_ * 0.7 for k_, v_ in {found.text}.items()}}"
                keys = tuple(key for key, _ in shape.items)
                return f"{{k_: {self.leaf()} * 0.5 for k_ in {keys!r}}}"
        return "{" + ", ".join(f"{self.key(key)}: {text}" for key, text in parts) + "}"

    def object_(self, name: str, depth: int) -> str:
        made = self.classes[name]
        found = self.place(Obj(name))
        if found and "__add__" in made.operators and self.chance(0.2):
            return f"({found.text} + {self.number(depth - 1)})"
        if found and "__mul__" in made.operators and self.chance(0.1):
            return f"({found.text} * {found.text})"
        makers = [(m, f) for m, f in made.methods.items() if f.result == Obj(name)]
        if found and makers and self.chance(0.3):
            method, fun = self.rng.choice(makers)
            if self._affordable(fun):
                return self.called(f"{found.text}{method}", fun, depth)
        return self.called(name, made.init, depth)

    def called(self, text: str, function: Fun, depth: int) -> str:
        """A call: arguments by place, by name, left out, from a list or a dict."""
        given: list[str] = []
        named: list[str] = []
        by_name = False
        for param in function.params:
            by_name = by_name or param.keyword or self.chance(0.12)
            if param.default is not None and self.chance(0.5):
                by_name = True
                continue
            value = self.value(param.shape, depth - 1)
            if by_name:
                named.append(f"{param.name}={value}")
            else:
                given.append(value)
        if function.rest and not by_name:
            given += [self.number(depth - 1) for _ in range(self.rng.randint(0, 2))]
            if self.chance(0.25):
                given = [f"*({', '.join([*given, self.leaf()])},)"]
        if function.options:
            named += [f"o{i}={self.leaf()}" for i in range(self.rng.randint(0, 2))]
            if self.chance(0.3):
                named.append(f"**{{'o3': {self.leaf()}}}")
        if self.chance(0.3):
            self.rng.shuffle(named[: len(named) - 1])
        return f"{text}({', '.join(given + named)})"

    def inside(self, params: tuple[Param, ...]) -> Names:
        """The names of a function that is made here: what is around it is captured."""
        inner = self.names.inner()
        inner.held = set()
        inner.fixed = {*inner.values, *inner.functions}
        inner.loops, inner.in_loop, inner.guarded, inner.returns = 0, False, False, True
        for param in params:
            inner.bind(param.name, param.shape)
            inner.fixed.discard(param.name)
        return inner

    def known_text(self) -> str:
        """The name of a text, if there is one."""
        texts = self.of_shape(TEXT)
        return self.rng.choice(texts) if texts else self.text()
