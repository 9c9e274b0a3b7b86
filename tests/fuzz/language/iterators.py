"""Iterators and generators under a name; exceptions that carry numbers."""

from __future__ import annotations

from tests.fuzz.blocks import INDENT, indented

from .flow import Flow
from .shapes import NUM, Lst


class Iterators(Flow):
    """Statements that make an iterator, and use it up a little later."""

    def iterator(self) -> list[str]:
        name, part = self.fresh(), self.fresh()
        kept = f"{name}_i"
        made = self.rng.choice(
            (
                f"iter({self.iterable(1)})",
                f"({part} * {self.leaf()} for {part} in {self.iterable(1)})",
                f"map(lambda {part}: {part} + {self.leaf()}, {self.iterable(0)})",
                f"iter([{self.number(1)}, {self.leaf()}, {self.number(1)}])",
            )
        )
        lines = [f"{kept} = {made}"]
        if self.chance(0.3):
            # Most changes of what it reads are refused.
            lines += self.rng.choice((self.assign, self.write, self.effect))()
        return lines + self._used(kept, name)

    def generator(self) -> list[str]:
        """A generator function inside, and its one use."""
        name, part, total = self.fresh(), self.fresh(), self.fresh()
        source, first = self.iterable(1), self.number(1)
        body = [f"yield {part} * {self.leaf()} + {self.leaf()}"]
        if self.chance(0.3):
            body = [f"if {part} > {self.literal()}:", INDENT + body[0]]
        if self.chance(0.3):
            body = [f"if {part} > {self.leaf()}:", f"{INDENT}return", *body]
        lines = [f"def {name}_g():", INDENT + f"yield {first}"]
        lines += indented([f"for {part} in {source}:", *indented(body)])
        way = self.choose({"sum": 2.0, "loop": 2.0, "kept": 1.5, "list": 1.0})
        if way == "kept":
            return [*lines, f"{name}_i = {name}_g()", *self._used(f"{name}_i", name)]
        if way == "list":
            self.names.bind(total, Lst(NUM))
            return [*lines, f"{total} = list({name}_g())"]
        if way == "sum":
            self.names.bind(total, NUM)
            return [*lines, f"{total} = sum({name}_g()) - max({name}_g())"]
        return lines + self._loop(f"{name}_g()", name)

    def _used(self, kept: str, name: str) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(0, 2)):
            first = self.fresh()
            lines.append(f"{first} = next({kept}, {self.literal()})")
            self.names.bind(first, NUM)
        if self.chance(0.4):
            return lines + self._loop(kept, name)
        self.names.bind(name, NUM)
        return [*lines, f"{name} = sum({kept})"]

    def _loop(self, source: str, name: str) -> list[str]:
        with self.nested() as names:
            names.loops += 1
            names.in_loop = True
            names.bind(name, NUM)
            names.held |= {n for n, shape in names.values.items() if shape != NUM}
            body = self.block(1)
        return [f"for {name} in {source}:", *indented(body)]

    def carrying(self) -> list[str]:
        """`raise` and its handler, which reads what the exception carries."""
        name = self.fresh()
        test, value = self.condition(1), self.number(1)
        error = self.rng.choice(("Trouble", "KeyError", "ValueError"))
        with self.nested() as names:
            names.guarded = True
            before = self.assign() if self.chance(0.6) else []
        lines = [*before, f"if {test}:", f"{INDENT}raise {error}('t', {value})"]
        lines.append(f"{name} = {self.leaf()}")
        self.names.bind(name, NUM)
        caught = f"{INDENT}{name} = err.args[1] * {self.leaf()}"
        return ["try:", *indented(lines), f"except {error} as err:", caught]
