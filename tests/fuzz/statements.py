"""Random statements of every kind."""

from __future__ import annotations

from collections.abc import Callable

from .blocks import INDENT, Block
from .loops import Loops
from .scope import CAP, Helper, Parameter, Scope, pick


class Statements(Loops):
    """The statement grammar over a scope."""

    def statement(self) -> Block:
        """Any statement."""
        deep = self.scope.blocks < 5
        looping = self.scope.loops < 3 and self.scope.passes < 60 and deep
        makers: dict[Callable[[], Block], int] = {
            self.assign: 30,
            self.augmented: 14,
            self.chained: 2,
            self.annotated: 2,
            self.tuple_: 5,
            self.swap: 3,
            self.unpack: 3,
            self.flag: 2,
            self.count_assignment: 3,
            self.pass_: 1,
            self.assert_: 2,
            self.raise_: 2,
            self.delete: 1,
            self.expression: 1,
            self.guarded: 2,
        }
        if deep:
            makers |= {self.if_: 12, self.early_return: 3, self._closure: 1}
        if looping:
            makers |= {self.for_: 12, self.while_: 6}
        if self.scope.loops:
            makers |= {self.break_: 5, self.continue_: 4}
        return pick(self.rng, makers)()

    # functions inside
    def _closure(self) -> Block:
        """A nested function or a lambda that reads variables of this one."""
        name = self.fresh()
        if name is None or self.scope.loops or len(self.scope.floats) < 2:
            return self.assign()
        parameter = "x" if name != "x" else "y"
        captured = [n for n in sorted(self.scope.floats) if n != parameter][:2]
        self.scope.unbind(name)
        inner = Statements(self.rng, self._inner_scope(parameter, captured), 2)
        value = inner.scaled(inner.number(2), CAP).text
        self.scope.fixed |= {name, *captured} if self.rng.random() < 0.5 else {name}
        self.scope.helpers.append(Helper(name, (_float_parameter(parameter),)))
        if self.rng.random() < 0.4:
            return Block([f"{name} = lambda {parameter}: {value}"])
        return Block([f"def {name}({parameter}):", f"{INDENT}return {value}"])

    def _inner_scope(self, parameter: str, captured: list[str]) -> Scope:
        inner = self.scope.copy()
        inner.floats = dict.fromkeys(captured, CAP) | {parameter: CAP}
        inner.ints, inner.flags, inner.helpers = {}, set(), []
        return inner


def _float_parameter(name: str) -> Parameter:
    return Parameter(name, "float")
