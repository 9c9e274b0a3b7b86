"""Expressions for numbers, counts, texts and conditions."""

from __future__ import annotations

from abc import abstractmethod

from tests.fuzz.scope import pick

from .places import WORDS, Places
from .shapes import COUNT, NUM, TEXT, Dct, Fun, Lst, Obj, Shape


class Numbers(Places):
    """Numbers stay tame: whatever grows goes through a bounded function."""

    @abstractmethod
    def value(self, shape: Shape, depth: int) -> str:
        """An expression of a shape."""

    @abstractmethod
    def called(self, text: str, function: Fun, depth: int) -> str:
        """A call."""

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf()
        way = self.choose(
            {
                "arithmetic": 30.0,
                "leaf": 10.0,
                "call": 14.0,
                "reduction": 7.0,
                "ternary": 3.0,
                "lambda": 2.0,
                "walrus": 2.0,
                "get": 2.0,
                "logic": 1.0,
                "operator": 3.0,
                "risky": 3.0 if self.names.guarded else 0.1,
            }
        )
        made = getattr(self, f"_{way}")(depth)
        assert isinstance(made, str)
        return made

    def leaf(self) -> str:
        if self.chance(0.15):
            return self.literal()
        if self.chance(0.1) and (counts := self.of_shape(COUNT)):
            return f"(0.1 * {self.rng.choice(counts)})"
        found = self.place(NUM)
        return found.text if found else self.literal()

    def literal(self) -> str:
        return repr(round(self.rng.uniform(-1.0, 1.5), 2))

    def _leaf(self, depth: int) -> str:
        return self.leaf()

    def _arithmetic(self, depth: int) -> str:
        one, other = self.number(depth - 1), self.number(depth - 1)
        ways = (
            f"math.sin({one} + {other})",
            f"math.tanh({one} * {other})",
            f"(0.5 * {one} - 0.4 * {other})",
            f"(0.3 * ({one}) * ({other}) + 0.2)",
            f"(({one}) / (1.5 + ({other}) ** 2))",
            f"math.exp(-({one}) ** 2)",
            f"max({one}, {other})",
            f"abs({one})",
            f"(({one}) - ({other}))",
            f"-({one})",
            f"({one}) % 1.7",
            f"({one}) ** 2 * 0.3",
        )
        return self.rng.choice(ways)

    def _ternary(self, depth: int) -> str:
        test = self.condition(1)
        return f"({self.number(depth - 1)} if {test} else {self.number(depth - 1)})"

    def _logic(self, depth: int) -> str:
        word = self.rng.choice(("or", "and"))
        return f"({self.leaf()} {word} {self.number(depth - 1)})"

    def _lambda(self, depth: int) -> str:
        name = self.fresh()
        before = dict(self.names.values)
        given = self.number(depth - 1)
        default = f", k_={self.leaf()}" if self.chance(0.4) else ""
        self.names.values = {**before, name: NUM, **({"k_": NUM} if default else {})}
        body = self.number(depth - 1)
        self.names.values = before
        return f"(lambda {name}{default}: {body})({given})"

    def _walrus(self, depth: int) -> str:
        """Bound and read in one expression, from left to right."""
        if not self.names.returns:  # inside a lambda or a class: no names of the function
            return self.leaf()
        free = [n for n in self.of_shape(NUM) if n not in self.names.fixed]
        name = self.rng.choice(free) if free and self.chance(0.5) else self.fresh()
        value = self.number(depth - 1)
        return f"math.sin(({name} := {value}) + 0.5 * {name})"

    def _get(self, depth: int) -> str:
        """A key that may be missing."""
        found = [p for p in self.places(1) if isinstance(p.shape, Dct)]
        found = [p for p in found if isinstance(p.shape, Dct) and p.shape.items[0][1] == NUM]
        if not found:
            return self.leaf()
        owner = self.rng.choice(found)
        key = self.rng.choice((*WORDS[:2], "lo", "hi"))
        return f"{owner.text}.get({key!r}, {self.number(depth - 1)})"

    def _call(self, depth: int) -> str:
        """A function, a method, or a callable object."""
        ways = {**self.helpers, **self.names.functions}
        texts = [(name, fun) for name, fun in ways.items() if name not in self.names.values]
        for place in self.places(1):
            if isinstance(place.shape, Obj) and place.root not in self.names.held:
                methods = self.classes[place.shape.name].methods
                texts += [(f"{place.text}{name}", fun) for name, fun in methods.items()]
        texts = [(t, f) for t, f in texts if f.result == NUM and self._affordable(f)]
        if not texts:
            return self.leaf()
        return self.called(*self.rng.choice(texts), depth)

    def _affordable(self, function: Fun) -> bool:
        if function.raises and not self.names.guarded and self.chance(0.9):
            return False
        return not (function.loops and self.names.loops)

    def _operator(self, depth: int) -> str:
        """Operators of a class, seen as a number."""
        found = [p for p in self.places(1) if isinstance(p.shape, Obj)]
        ways: list[str] = []
        for place in found:
            assert isinstance(place.shape, Obj)
            made = self.classes[place.shape.name]
            first = next(iter(made.fields))
            if "__add__" in made.operators:
                ways.append(f"({place.text} + {self.number(depth - 1)}).{first}")
            if "__mul__" in made.operators:
                ways.append(f"({place.text} * {place.text}).{first}")
            if "__getitem__" in made.operators:
                ways.append(f"{place.text}[{self.rng.randint(0, 1)}]")
            if "__len__" in made.operators:
                ways.append(f"(0.1 * len({place.text}))")
            if "__neg__" in made.operators:
                ways.append(f"(-{place.text}).{first}")
        return self.rng.choice(ways) if ways else self.leaf()

    def _reduction(self, depth: int) -> str:
        """A list or a generator expression as a number."""
        items, name = self.iterable(depth - 1), self.fresh()
        before = dict(self.names.values)
        self.names.values[name] = NUM
        returns, self.names.returns = self.names.returns, False
        loops, self.names.loops = self.names.loops, self.names.loops + 1
        body = self.number(depth - 1)
        test = f" if {self.condition(0)}" if self.chance(0.3) else ""
        self.names.values, self.names.returns, self.names.loops = before, returns, loops
        each = f"{body} for {name} in {items}"
        ways = {
            f"sum({each}{test})": 4,
            f"max([{each}])": 1,
            f"min({each})": 1,
            f"sum([{each}{test}], {self.leaf()})": 1,
            f"math.fsum({each}{test})": 1,
            f"sum(map(lambda {name}: {body}, {items}))": 1,
            f"reduce(lambda a_, b_: 0.5 * a_ * b_ + 0.3, {items}, {self.leaf()})": 2,
            f"reduce(lambda a_, {name}: math.sin(a_ + {body}), {items}, 0.0)": 2,
            f"sorted({items})[0]": 1,
            f"(0.1 * len([{each}{test}]))": 1,
        }
        return pick(self.rng, ways)

    def iterable(self, depth: int) -> str:
        """Numbers to run over: a list or a tuple of known length, perhaps a view of one."""
        found = self.place(Lst(NUM))
        if found is not None and self.chance(0.75):
            ways = {found.text: 5, f"reversed({found.text})": 1, f"{found.text}[::-1]": 1}
            ways |= {f"{found.text}[1:] + [{self.leaf()}]": 1, f"sorted({found.text})": 1}
            return pick(self.rng, ways)
        dicts = [
            p for p in self.places(1) if isinstance(p.shape, Dct) and p.shape.items[0][1] == NUM
        ]
        if dicts and self.chance(0.5):
            return f"{self.rng.choice(dicts).text}.values()"
        parts = [self.number(min(depth, 1)) for _ in range(self.rng.randint(2, 3))]
        opening, closing = self.rng.choice(("()", "[]"))
        return f"{opening}{', '.join(parts)}{closing}"

    def _risky(self, depth: int) -> str:
        """What may raise."""
        inner = self.number(depth - 1)
        ways = [
            f"math.sqrt({inner})",
            f"math.log({inner})",
            f"(1.0 / ({inner} - {self.rng.choice(('0.5', '1.0', '0.2'))}))",
            f"math.asin({inner} * 2.0)",
        ]
        found = self.place(Lst(NUM))
        if found:
            ways.append(f"{found.text}[{self.rng.randint(1, 4)}]")
        dicts = [p for p in self.places(1) if isinstance(p.shape, Dct)]
        if dicts and (owner := self.rng.choice(dicts)):
            assert isinstance(owner.shape, Dct)
            if owner.shape.items[0][1] == NUM:
                ways.append(f"{owner.text}[{self.rng.choice(WORDS)!r}]")
        return self.rng.choice(ways)

    # conditions
    def condition(self, depth: int) -> str:
        way = self.choose(
            {
                "compare": 10.0,
                "chain": 1.0,
                "both": 2.0 if depth else 0.0,
                "member": 1.5,
                "word": 1.5,
                "quantifier": 1.0 if depth else 0.0,
                "instance": 0.5,
                "truth": 0.5,
                "parity": 2.0,
            }
        )
        match way:
            case "chain":
                return f"(-0.5 < {self.number(depth)} <= {self.leaf()})"
            case "both":
                word = self.rng.choice(("and", "or", "and not"))
                return f"({self.condition(0)} {word} {self.condition(0)})"
            case "member" if dicts := [p for p in self.places(1) if isinstance(p.shape, Dct)]:
                return f"({self.rng.choice((*WORDS, 'lo', 'hi'))!r} in {dicts[0].text})"
            case "word" if texts := self.of_shape(TEXT):
                return f"({self.rng.choice(texts)} == {self.rng.choice(WORDS)!r})"
            case "quantifier":
                name = self.rng.choice(("any", "all"))
                return f"{name}(e_ > {self.literal()} for e_ in {self.iterable(0)})"
            case "instance" if objects := [
                n for n, s in self.names.values.items() if isinstance(s, Obj)
            ]:
                other = self.rng.choice(sorted(self.classes))
                return f"isinstance({self.rng.choice(objects)}, {other})"
            case "truth" if found := self.place(Lst(NUM)):
                return self.rng.choice((f"(not {found.text})", f"(len({found.text}) > 2)"))
            case "parity" if counts := self.of_shape(COUNT):
                return f"({self.rng.choice(counts)} % 2 == {self.rng.randint(0, 1)})"
        operator = self.rng.choice(("<", ">", "<=", ">="))
        return f"({self.leaf()} {operator} {self.number(depth)})"
