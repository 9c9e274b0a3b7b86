"""Random assignments and other simple statements."""

from __future__ import annotations

from .blocks import INDENT, Block, Blocks
from .scope import CAP, pick

ERRORS = (
    "ValueError",
    "ArithmeticError",
    "RuntimeError",
    "ZeroDivisionError",
    "OverflowError",
)


class Assignments(Blocks):
    """Statements without blocks of their own."""

    # assignments
    def assign(self) -> Block:
        text, bound = self.value(self.depth())
        name = self.target()
        self.scope.bind_float(name, bound)
        return Block([f"{name} = {text}"])

    def augmented(self) -> Block:
        known = sorted(set(self.scope.floats) - self.scope.fixed)
        if not known:
            return self.assign()
        name = self.rng.choice(known)
        operator = pick(self.rng, {"+=": 10, "-=": 6, "*=": 6, "/=": 4, "**=": 1, "%=": 1})
        if self.rng.random() < 0.01:
            operator = "//="
        bound = self.scope.floats[name]
        return Block(self._update(name, operator, bound))

    def _update(self, name: str, operator: str, bound: float) -> list[str]:
        """An augmented assignment that keeps the variable tame."""
        if operator in ("+=", "-="):
            step = self.small(self.depth(), 2.0)
            self.scope.bind_float(name, min(bound + step.bound, CAP))
            return [f"{name} {operator} {step.text}"]
        if operator == "*=":
            wobble = self.small(1, 1.0).text
            factor = self.rng.choice((f"1.0 + 0.1 * {wobble}", wobble, "0.9", "-1", "0.5"))
            return [f"{name} *= {factor}"]
        if operator == "/=":
            return [f"{name} /= {self.positive(1).text}"]
        if operator == "**=":
            return [
                f"{name} = {self.scaled(self.variable(), 1.5).text}",
                f"{name} **= 2",
            ]
        step_text = self.rng.choice(("0.7", "2.0", "3", self.positive(1).text))
        return [f"{name} {operator} {step_text}"]

    def chained(self) -> Block:
        text, bound = self.value(2)
        names = [self.target(), self.target()]
        for name in names:
            self.scope.bind_float(name, bound)
        return Block([f"{names[0]} = {names[1]} = {text}"])

    def annotated(self) -> Block:
        text, bound = self.value(2)
        name = self.target()
        self.scope.bind_float(name, bound)
        return Block([f"{name}: float = {text}"])

    def tuple_(self) -> Block:
        values = [self.value(2) for _ in range(self.rng.randint(2, 3))]
        names: list[str] = []
        for _ in values:
            names.append(self.target())
        for name, (_, bound) in zip(names, values, strict=True):
            self.scope.bind_float(name, bound)
        texts = [text for text, _ in values]
        if len(names) == 3 and self.rng.random() < 0.3:
            left = f"{names[0]}, ({names[1]}, {names[2]})"
            return Block([f"{left} = {texts[0]}, ({texts[1]}, {texts[2]})"])
        if self.rng.random() < 0.2:
            return Block([f"[{', '.join(names)}] = [{', '.join(texts)}]"])
        return Block([f"{', '.join(names)} = {', '.join(texts)}"])

    def swap(self) -> Block:
        known = sorted(set(self.scope.floats) - self.scope.fixed)
        if len(known) < 2:
            return self.assign()
        a, b = self.rng.sample(known, 2)
        way = self.rng.random()
        bounds = self.scope.floats
        high = max(bounds[a], bounds[b])
        if way < 0.5:
            self.scope.floats |= {a: high, b: high}
            return Block([f"{a}, {b} = {b}, {a}"])
        self.scope.floats |= {a: high, b: CAP}
        if way < 0.8 and bounds[a] + bounds[b] <= CAP and not self.scope.loops:
            return Block([f"{a}, {b} = {b}, {a} + {b}"])
        tail = self.scaled(self.number(1), 2.0).text
        return Block([f"{a}, {b} = {b}, 0.4 * {a} + 0.3 * {b} + {tail}"])

    def unpack(self) -> Block:
        """Two results of one call."""
        pairs = [h for h in self.callable_helpers() if h.pair]
        inner = self.small(1, CAP).text
        ways: list[str] = [self.call(self.rng.choice(pairs), 2)] * 4 if pairs else []
        if self.scope.builtin("divmod"):
            ways.append(f"divmod({inner}, {self.positive(1).text})")
        for name in ("modf", "frexp"):
            if function := self.scope.spell(self.rng, name):
                ways.append(f"{function}({inner})")
        if not ways:
            return self.assign()
        text = self.rng.choice(ways)
        names = [self.target(), self.target()]
        for name in names:
            self.scope.bind_float(name, 20.0)
        return Block([f"{names[0]}, {names[1]} = {text}"])

    def flag(self) -> Block:
        name = self.fresh()
        if name is None:
            return self.assign()
        text = self.condition(1)
        self.scope.bind_flag(name)
        if self.rng.random() < 0.15:
            text = self.rng.choice(("True", "False"))
        return Block([f"{name} = {text}"])

    def count_assignment(self) -> Block:
        name = self.fresh()
        if name is None:
            return self.assign()
        if self.rng.random() < 0.4:
            # an accumulator that starts as an int
            self.scope.bind_float(name, 1.0)
            return Block([f"{name} = {self.rng.randint(0, 1)}"])
        text, bound = self.count(4)
        self.scope.bind_int(name, bound)
        return Block([f"{name} = {text}"])

    # small statements
    def pass_(self) -> Block:
        return Block([self.rng.choice(("pass", "'a remark'", "..."))])

    def assert_(self) -> Block:
        name = self.variable().text
        limit = self.rng.choice(("1e6", "1e9", "50.0"))
        text = self.rng.choice(
            (f"-{limit} < {name} < {limit}", f"{name} == {name}", f"{name} < {limit}")
        )
        if self.rng.random() < 0.1:
            text = self.condition(1)
        message = self.rng.choice(("", ", 'out of range'", f", {name}"))
        return Block([f"assert {text}{message}"])

    def rare(self) -> str:
        """A condition that seldom holds."""
        name = self.variable().text
        limit = round(self.rng.uniform(2.0, 30.0), 1)
        return self.rng.choice((f"{name} > {limit}", f"{name} < -{limit}", f"{name} != {name}"))

    def raise_(self) -> Block:
        test = self.rare() if self.rng.random() < 0.95 else self.condition(1)
        error = self.rng.choice(ERRORS)
        call = self.rng.choice((error, f"{error}('no')", f"{error}()"))
        return Block([f"if {test}:", f"{INDENT}raise {call}"])

    def delete(self) -> Block:
        known = sorted((set(self.scope.floats) | set(self.scope.ints)) - self.scope.fixed)
        if len(known) < 4 or self.scope.loops:
            return self.assign()
        name = self.rng.choice(known)
        self.scope.unbind(name)
        return Block([f"del {name}"])

    def expression(self) -> Block:
        return Block([self.small(2, CAP).text])
