"""Functions: of the module, inside of others, bound, made by functions."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.blocks import INDENT, indented
from tests.fuzz.scope import pick

from .iterators import Iterators
from .shapes import COUNT, MADE, NUM, Dct, Fun, Lst, Names, Obj, Param, Shape

HELPERS = ("mix", "update", "make", "step", "total_of", "guard")
PARAMS = ("v", "w", "items", "o", "k", "state", "x")


class Callables(Iterators):
    """Definitions, as lines."""

    # inside a function
    def closure(self) -> list[str]:
        """A nested function that reads, changes and rebinds what is around it."""
        name = self.fresh()
        params = self._parameters(pick(self.rng, {0: 1, 1: 4, 2: 2}))
        outer, result = self.names, self.result
        inner = self.inside(params)
        free = [n for n, s in outer.values.items() if s == NUM and n not in outer.fixed]
        free = [n for n in free if inner.values.get(n) == NUM and n in inner.fixed]
        rebound = self.rng.sample(free, 1) if free and self.chance(0.35) else []
        inner.fixed -= set(rebound)
        lines = [f"nonlocal {n}" for n in rebound]
        self.names, self.result = inner, NUM
        signature = self.signature(params)
        lines += self.block(self.rng.randint(0, 2))
        lines += [f"{n} = 0.5 * {n} + {self.number(1)}" for n in rebound]
        lines.append(f"return {self.number(2)}")
        self.names, self.result = outer, result
        text = "\n".join(lines)
        loops = "for " in text or "while " in text
        fun = Fun(params, loops=loops, raises="raise " in text)
        outer.functions[name] = fun
        outer.fixed.add(name)
        return [f"def {name}({signature}):", *indented(lines)]

    def bound(self) -> list[str]:
        """A lambda, a partial, a method, a choice or a list of functions under a name."""
        name = self.fresh()
        way = self.choose(
            {
                "lambdas": 2.0,
                "partial": 2.0,
                "method": 2.0,
                "chosen": 1.0,
                "made": 2.0,
                "table": 1.0,
            }
        )
        functions = {
            n: f
            for n, f in {**self.helpers, **self.names.functions}.items()
            if f.result == NUM and n not in self.names.values
        }
        simple = {n: f for n, f in functions.items() if [p.shape for p in f.params] == [NUM]}
        unary = Fun((Param("v", NUM),))
        match way:
            case "partial" if partials := [
                (n, f) for n, f in functions.items() if f.params and not f.params[0].keyword
            ]:
                text, fun = self.rng.choice(partials)
                first, *rest = fun.params
                given = self.value(first.shape, 1)
                lines = [f"{name} = partial({text}, {given})"]
                unary = Fun(tuple(rest), NUM, fun.rest, fun.options, fun.loops, fun.raises)
            case "method" if methods := self._methods():
                text, unary = self.rng.choice(methods)
                lines = [f"{name} = {text}"]
            case "chosen" if simple:
                other = self.rng.choice(sorted(simple))
                lines = [f"{name} = {other} if {self.condition(0)} else math.sin"]
                unary = Fun((Param("v", NUM),), loops=simple[other].loops, raises=True)
            case "made" if makers := [n for n, f in self.helpers.items() if f.result == MADE]:
                maker = self.rng.choice(makers)
                lines = [f"{name} = {self.called(maker, self.helpers[maker], 1)}"]
            case "table":
                table = [f"lambda v: {self._lambda_body(('v',))}", "math.tanh"]
                if self.chance(0.3):
                    table.append(f"lambda v, k=0.3: {self._lambda_body(('v', 'k'))}")
                index = self.count()
                lines = [f"{name} = [{', '.join(table)}][({index}) % {len(table)}]"]
            case _:
                default = self.leaf()
                lines = [f"{name} = lambda v, k={default}: {self._lambda_body(('v', 'k'))}"]
        self.names.values.pop(name, None)
        self.names.functions[name] = unary
        self.names.fixed.add(name)
        return lines

    def _lambda_body(self, params: tuple[str, ...]) -> str:
        outer = self.names
        self.names = self.inside(tuple(Param(p, NUM) for p in params))
        self.names.returns = False
        text = self.number(2)
        self.names = outer
        return text

    def _methods(self) -> list[tuple[str, Fun]]:
        found: list[tuple[str, Fun]] = []
        for place in self.places(1):
            if isinstance(place.shape, Obj) and place.root not in self.names.held:
                methods = self.classes[place.shape.name].methods.items()
                found += [(f"{place.text}{m}", f) for m, f in methods if m and f.result == NUM]
        return found

    # parameters
    def _parameters(self, count: int, *, shapes: tuple[Shape, ...] = ()) -> tuple[Param, ...]:
        names = self.rng.sample(PARAMS, count)
        params: list[Param] = []
        for i, name in enumerate(names):
            shape = shapes[i] if i < len(shapes) else NUM
            default = None
            if (shape == NUM and self.chance(0.2)) or (params and params[-1].default):
                shape, default = NUM, self.leaf()
            params.append(Param(name, shape, default))
        if len(params) > 1 and self.chance(0.1):
            params[-1] = replace(params[-1], keyword=True)
        return tuple(params)

    def signature(self, params: tuple[Param, ...], *, rest: bool = False) -> str:
        pieces: list[str] = []
        for param in params:
            if param.keyword:
                pieces.append("*rest" if rest else "*")
                rest = False
            text = param.name
            pieces.append(text if param.default is None else f"{text}={param.default}")
        if rest:
            pieces.append("*rest")
        return ", ".join(pieces)

    # of the module
    def helper(self, name: str) -> list[str]:
        """A function of the module."""
        self.names = Names()
        count = pick(self.rng, {1: 2, 2: 4, 3: 1})
        shapes = tuple(self.shape(pick(self.rng, {0: 3, 1: 4, 2: 1})) for _ in range(count))
        if name == "make":
            return self._maker(name)
        params = self._parameters(count, shapes=shapes)
        rest = self.chance(0.2) and not any(p.keyword for p in params)
        rest = rest and not any(p.default for p in params)
        options = self.chance(0.12)
        self.names = self.inside(params)
        signature = self.signature(params, rest=rest)
        lines: list[str] = []
        if rest:
            self.names.bind("rest_", NUM)
            lines.append("rest_ = sum(rest) if rest else 0.4")
        if options:
            signature += ", **options"
            self.names.bind("given", NUM)
            lines.append("given = sum(options.values()) + options.get('o1', 0.2)")
        self.result = NUM
        if self.chance(0.25):
            self.result = self.rng.choice((*shapes, Lst(NUM), Dct((("lo", NUM), ("w", NUM)))))
        lines += self.block(self.rng.randint(1, 4))
        lines.append(f"return {self.value(self.result, 2)}")
        text = "\n".join(lines)
        loops = "for " in text or "while " in text
        raises = "raise " in text or "math.sqrt" in text or "math.log" in text
        self.helpers[name] = Fun(params, self.result, rest, options, loops, raises)
        self.result = NUM
        return [f"def {name}({signature}):", *indented(lines)]

    def _maker(self, name: str) -> list[str]:
        """A function that makes a function, which keeps a number."""
        params = (Param("s", NUM), Param("k", NUM, "0.6"))
        self.names = self.inside((*params, Param("v", NUM)))
        self.names.fixed -= {"s"}
        body = ["nonlocal s", *self.block(self.rng.randint(0, 1))]
        body += [f"s = 0.5 * s + {self.number(1)}", f"return {self.number(2)}"]
        self.helpers[name] = Fun(params, MADE)
        lines = ["def inner(v):", *indented(body), "return inner"]
        if self.chance(0.3):
            lines.insert(0, f"s = {self.rng.choice(('s * 0.7', 'math.sin(s)', 's + k'))}")
        return [f"def {name}(s, k=0.6):", *indented(lines)]

    def recursive(self) -> list[str]:
        """A function that calls itself, over a count or a nested tuple."""
        self.names = Names({"v": NUM, "n": COUNT})
        step = self.number(1)
        self.helpers["walk"] = Fun((Param("v", NUM), Param("n", COUNT)), loops=True)
        return [
            "def walk(v, n):",
            f"{INDENT}if n <= 0:",
            f"{INDENT * 2}return {self.leaf()}",
            f"{INDENT}return 0.5 * walk({step}, n - 1) + {self.number(1)}",
        ]
