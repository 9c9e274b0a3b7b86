"""Names that may be unbound: where one that holds a value has to lose it.

for …:                        for …:
    if c: t = x        →          if c: t = x
    (else t is unbound)           else: t = 0.0; del t      (bound by an earlier pass)
    y = t                         y = t
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.backend.commands import Branch, Command, For, Guard, Move, Repeat, flat
from s2sad.backend.live import targets, writes
from s2sad.ir.nodes import Atom, Undef, Var


class Unbinding:
    """`names` are those of variables that may be unbound. `lost`: (id of a move, name)
    where the name may hold a value; `bound`: the names that hold one at all."""

    def __init__(self, names: dict[Var, str], exclusive: set[str]) -> None:
        self.names = names
        self.exclusive = exclusive
        self.lost: set[tuple[int, str]] = set()
        self.bound: set[str] = set()

    def walk(self, commands: list[Command], bound: set[str]) -> set[str]:
        """What may be bound after the commands."""
        for command in commands:
            match command:
                case Branch(_, then, orelse):
                    bound = self.walk(then, set(bound)) | self.walk(orelse, set(bound))
                case For(body=body):
                    bound |= self._written(targets(command))
                    bound = self._loop(body, bound)
                case Repeat(head, _, body):
                    bound = self._loop([*head, *body], bound)
                case Guard(body, handlers):
                    before = set(bound)
                    bound = self.walk(body, bound)
                    # The body may have been left after any of its statements.
                    start = before | bound | self._inside(body)
                    for _, handler in handlers:
                        bound |= self.walk(handler, set(start))
                case Move(outs, sources):
                    for out, source in zip(outs, sources, strict=True):
                        name = self.names[out]
                        if self._gives(name, source):
                            bound |= self._written((out,))
                        elif isinstance(source, Undef) and name in bound:
                            self.lost.add((id(command), name))
                case _:
                    bound |= self._written(writes(command))
        return bound

    def _loop(self, body: list[Command], bound: set[str]) -> set[str]:
        """A pass begins with what any earlier one may have bound."""
        return bound | self.walk(body, bound | self._inside(body))

    def _inside(self, commands: list[Command]) -> set[str]:
        """What the commands bind anywhere."""
        found: set[str] = set()
        for _, command in flat(commands):
            match command:
                case For():
                    found |= self._written(targets(command))
                case Move(outs, sources):
                    pairs = zip(outs, sources, strict=True)
                    found |= self._written(
                        out for out, source in pairs if self._gives(self.names[out], source)
                    )
                case _:
                    found |= self._written(writes(command))
        return found

    def _gives(self, name: str, source: Atom) -> bool:
        """Does a move bind the name?"""
        if isinstance(source, Var):
            return self.names.get(source) != name
        return not isinstance(source, Undef)

    def _written(self, variables: Iterable[Var | None]) -> set[str]:
        found = {self.names[var] for var in variables if var is not None}
        self.bound |= found
        return found & self.exclusive
