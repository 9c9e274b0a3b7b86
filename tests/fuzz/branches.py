"""Random branches and returns."""

from __future__ import annotations

from .assignments import Assignments
from .blocks import INDENT, Block, indented
from .scope import CAP, Scope, pick


class Branches(Assignments):
    """``if`` in all its forms."""

    # branches
    def if_(self) -> Block:
        arms = pick(self.rng, {1: 5, 2: 4, 3: 1})
        lines: list[str] = []
        live: list[Scope] = []
        for arm in range(arms):
            word = "if" if arm == 0 else "elif"
            lines.append(f"{word} {self.condition(1)}:")
            body, end = self.nested(self.rng.randint(1, 3))
            lines += indented(body.lines)
            live += [] if body.ended else [end]
        if self.rng.random() < 0.55:
            lines.append("else:")
            body, end = self.nested(self.rng.randint(1, 3))
            lines += indented(body.lines)
            live += [] if body.ended else [end]
        else:
            live.append(self.scope.copy())
        if not live:
            return Block(lines, ended=True)
        self.scope.join(live)
        return Block(lines)

    def guarded(self) -> Block:
        """A variable bound in one branch only and read under the same guard."""
        flag, name = self.fresh(), self.fresh()
        if flag is None or name is None or flag == name or not self.scope.floats:
            return self.assign()
        test, value = self.condition(1), self.value(2)[0]
        reader = self.rng.choice(sorted(set(self.scope.floats) - self.scope.fixed) or [""])
        if not reader:
            return self.assign()
        first = [f"{flag} = {test}", f"if {flag}:", f"{INDENT}{name} = {value}"]
        kept = self.scope.fixed
        self.scope.unbind(name)
        self.scope.bind_flag(flag)
        self.scope.fixed = kept | {flag, name}
        between = self.block(self.rng.randint(0, 2))
        self.scope.fixed = kept
        if between.ended:
            return Block(first + between.lines, ended=True)
        update = (
            f"{reader} = 0.5 * {reader} + 0.3 * {name}" if reader in self.scope.floats else name
        )
        return Block([*first, *between.lines, f"if {flag}:", f"{INDENT}{update}"])

    def early_return(self) -> Block:
        test = self.condition(1) if self.rng.random() < 0.3 else self.rare()
        return Block([f"if {test}:", f"{INDENT}return {self.result()}"])

    def result(self) -> str:
        """What the function returns: most live variables in it."""
        names = sorted(self.scope.floats)
        self.rng.shuffle(names)
        terms = [self.scaled(self.number(2), CAP).text]
        for name in names[:4]:
            bounded = self.scope.spell(self.rng, self.rng.choice(("sin", "cos", "tanh")))
            plain = f"{round(self.rng.uniform(0.1, 1.5), 2)} * {name}"
            terms.append(
                self.rng.choice((name, plain, f"{bounded}({name})" if bounded else name))
            )
        total = " + ".join(terms)
        return f"{total}, {self.value(2)[0]}" if self.pair else total
