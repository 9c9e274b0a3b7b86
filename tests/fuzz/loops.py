"""Random loops."""

from __future__ import annotations

from collections.abc import Callable

from .blocks import INDENT, Block, indented
from .branches import Branches
from .scope import CAP, Scope


class Loops(Branches):
    """``for`` and ``while``, with bounded numbers of passes."""

    # loops
    def _enter(self, passes: int) -> Callable[[Scope], None]:
        """What changes on entry to a loop body: bounds are those of any later pass."""

        def prepare(scope: Scope) -> None:
            scope.loops += 1
            scope.loop_variable = ""
            scope.passes *= max(1, passes)
            scope.floats = {n: max(b, CAP) for n, b in scope.floats.items()}

        return prepare

    def _after_loop(self, body_end: Scope) -> None:
        """The scope after a loop: what was bound before and still is, no narrower."""
        self.scope.join([self.scope.copy(), body_end])
        self.scope.floats = {n: max(b, CAP) for n, b in self.scope.floats.items()}

    def _loop_else(self) -> list[str]:
        if self.rng.random() > 0.15:
            return []
        before = self.scope.copy()
        body, end = self.nested(self.rng.randint(1, 2))
        self.scope.join([before] if body.ended else [before, end])
        return ["else:", *indented(body.lines)]

    def _range(self) -> tuple[str, int]:
        """A range and the bound of its length."""
        limit = 4 if self.scope.loops else 6
        way = self.rng.random()
        if way < 0.55:
            text, bound = self.count(limit)
            return f"range({text})", bound
        start, step = self.rng.randint(0, 3), self.rng.randint(1, 3)
        text, bound = self.count(limit)
        if way < 0.75:
            return f"range({start}, {text})", bound
        if way < 0.85:
            return f"range({start}, {text}, {step})", bound
        if way < 0.97:
            return f"range({text}, {self.rng.choice((-1, 0))}, -{step})", bound + 1
        return f"range({text}, {start}, -1)", bound + 1

    def for_(self) -> Block:
        name = self._loop_variable()
        if name is None:
            return self.assign()
        header, passes = self._range()
        was_bound = name in self.scope.floats or name in self.scope.ints
        prepare = self._enter(passes)

        def enter(scope: Scope) -> None:
            prepare(scope)
            scope.bind_int(name, passes + 3)
            scope.loop_variable = name

        body, end = self.nested(self.rng.randint(1, 4), enter)
        lines = [f"for {name} in {header}:", *indented(body.lines)]
        if not was_bound:
            self.scope.unbind(name)
        if was_bound and name in self.scope.ints:
            self.scope.ints[name] = max(self.scope.ints[name], passes + 3)
        self._after_loop(end)
        return Block(self._read_after(name, was_bound, lines) + self._loop_else())

    def _read_after(self, name: str, was_bound: bool, lines: list[str]) -> list[str]:
        """Sometimes bind the loop variable before, to be read after the loop."""
        if was_bound or self.rng.random() > 0.25 or name in self.scope.flags:
            return lines
        self.scope.bind_float(name, 9.0)
        return [f"{name} = {self.rng.choice(('0', '-1'))}", *lines]

    def _loop_variable(self) -> str | None:
        """Fresh mostly; sometimes a variable in use, even a parameter."""
        if self.rng.random() < 0.12:
            known = sorted(set(self.scope.floats) - self.scope.fixed)
            if len(known) > 2:
                return self.rng.choice(known)
        return self.fresh()

    def while_(self) -> Block:
        name = self.fresh()
        if name is None:
            return self.assign()
        passes = self.rng.randint(1, 4 if self.scope.loops else 6)
        down = self.rng.random() < 0.35
        first, test, step = (
            (f"{name} = {passes}", f"{name} > 0", f"{name} -= 1")
            if down
            else (f"{name} = 0", f"{name} < {passes}", f"{name} += 1")
        )
        roll = self.rng.random()
        if roll < 0.15 and not down:
            header, bottom = (
                "while True:",
                [f"if {name} >= {passes}:", f"{INDENT}break"],
            )
        else:
            extra = f" and {self.condition(0)}" if roll > 0.6 else ""
            header, bottom = f"while {test}{extra}:", []
        prepare = self._enter(passes)

        def enter(scope: Scope) -> None:
            prepare(scope)
            scope.bind_int(name, passes + 1)
            scope.fixed = scope.fixed | {name}

        body, end = self.nested(self.rng.randint(1, 4), enter)
        early = self.rng.random() < 0.5 or "continue" in " ".join(body.lines)
        tail = [] if body.ended else [step]
        lines = bottom + ([step, *body.lines] if early else [*body.lines, *tail])
        if bottom and early:
            lines = [step, *bottom, *body.lines]
        self.scope.bind_int(name, passes + 1)
        self._after_loop(end)
        return Block([first, header, *indented(lines), *self._loop_else()])

    def break_(self) -> Block:
        if self.rng.random() < 0.08:
            return Block(["break"], ended=True)
        lines = [f"if {self.condition(1)}:"]
        before = self._assign_line() if self.rng.random() < 0.4 else []
        return Block([*lines, *indented([*before, "break"])])

    def continue_(self) -> Block:
        lines = [f"if {self.condition(1)}:"]
        before = self._assign_line() if self.rng.random() < 0.4 else []
        return Block([*lines, *indented([*before, "continue"])])

    def _assign_line(self) -> list[str]:
        """One assignment to a variable that is bound already."""
        known = sorted(set(self.scope.floats) - self.scope.fixed)
        if not known:
            return []
        return [f"{self.rng.choice(known)} = {self.value(1)[0]}"]
