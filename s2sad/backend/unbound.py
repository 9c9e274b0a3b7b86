"""Names that may be unbound: what takes the place of a value that is not there.

    for …:                        for …:
        if c: t = x        →          if c: t = x
        (else t is unbound)           else: t = 0.0; del t      (bound by an earlier pass)
        y = t                         y = t

To read an unbound name of the user's raises, as it did in the primal; where the name is
only handed on to another, which does not raise, it holds None instead. A name of the
compiler's is never read where it is unbound: it keeps what it holds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from s2sad.backend.coalesce import Coalescing
from s2sad.backend.commands import (
    Branch,
    Command,
    For,
    Guard,
    Move,
    Repeat,
    Return,
    Set,
    flat,
    targets,
    writes,
)
from s2sad.backend.lower import Lowering
from s2sad.ir.nodes import Atom, If, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, Type

# What a name of the compiler's holds where it is not there: of its type, so that the
# emitted gradient can be differentiated again.
_NOTHING: dict[Type, float | int | bool] = {FLOAT: 0.0, INT: 0, BOOL: False}


class Unbinding:
    """`after[id of a move]`: the statements that follow it; `nowhere`: the names that
    nothing binds, which Python would take for globals."""

    def __init__(
        self,
        names: dict[Var, str],
        coalescing: Coalescing,
        lowering: Lowering,
        commands: list[Command],
        params: Iterable[Var],
    ) -> None:
        self.after: dict[int, list[ast.stmt]] = {}
        self.nowhere: list[str] = []
        groups = {id(g): g for g in coalescing.groups.values() if g.exclusive}.values()
        # The names that may be unbound, and whether they are the user's.
        self.exclusive = {names[group.members[0]]: group.label[0] for group in groups}
        if not self.exclusive:
            return
        self.names = names
        self.lowering = lowering
        self.maybe = self._maybe(commands)
        self.copied = set(self._copied(commands))
        start = {param.hint for param in params}
        self._walk(commands, set(start))
        everywhere = start | self.copied | self._inside(commands)
        self.nowhere = sorted(self.exclusive.keys() - everywhere)

    def _maybe(self, commands: list[Command]) -> set[Var]:
        """The variables that may be unbound; others have a value wherever they are live."""
        found: set[Var] = set()
        pairs: list[tuple[Var, list[Atom]]] = []
        for _, command in flat(commands):
            match command:
                case Move(outs, sources):
                    for out, source in zip(outs, sources, strict=True):
                        pairs.append((out, list(self.lowering.leaves(source))))
                        if isinstance(source, Undef):
                            found.add(out)
                case Set(out, If(then=then, orelse=orelse)):
                    yields = (*then.yields, *orelse.yields)
                    pairs.append((out, [v for y in yields for v in self.lowering.leaves(y)]))
                case _:
                    pass
        size = -1
        while size < len(found):
            size = len(found)
            found |= {out for out, sources in pairs if not found.isdisjoint(sources)}
        return found

    def _copied(self, commands: list[Command]) -> Iterable[str]:
        """The names whose value may be handed on, there or not, to other names."""
        returned = {
            var
            for command in commands
            if isinstance(command, Return)
            for atom in command.yields
            for var in self.lowering.leaves(atom)
        }
        for _, command in flat(commands):
            match command:
                case Move(outs, sources):
                    pairs = zip(outs, sources, strict=True)
                    yield from self._handed_on((o, s) for o, s in pairs)
                case Set(out, If(then=then, orelse=orelse)):
                    # A conditional expression reads what it yields: the user's raises.
                    yields = (*then.yields, *orelse.yields)
                    found = self._handed_on((out, source) for source in yields)
                    # What is returned is there, so that what it is made of is, too.
                    if out not in returned:
                        yield from (text for text in found if not self.exclusive[text])
                case _:
                    pass

    def _handed_on(self, pairs: Iterable[tuple[Var, Atom]]) -> Iterable[str]:
        for target, source in pairs:
            for var in self.lowering.leaves(source):
                text = self.names[var]
                given = text in self.exclusive and var in self.maybe
                if given and text != self.names[target]:
                    yield text

    def _walk(self, commands: list[Command], bound: set[str]) -> set[str]:
        """What may be bound after the commands."""
        for command in commands:
            match command:
                case Branch(_, then, orelse):
                    bound = self._walk(then, set(bound)) | self._walk(orelse, set(bound))
                case For(body=body):
                    bound |= self._written(targets(command))
                    bound |= self._walk(body, bound | self._inside(body))
                case Repeat(head, _, body):
                    passes = [*head, *body]
                    bound |= self._walk(passes, bound | self._inside(passes))
                case Guard(body, clauses):
                    # The body may have been left after any of its statements, but for
                    # the moves at its end.
                    size = len(body)
                    while size and isinstance(body[size - 1], Move):
                        size -= 1
                    start = bound | self._inside(body[:size])
                    bound = self._walk(body, bound)
                    for clause in clauses:
                        bound |= self._walk(clause.body, set(start))
                case Move(outs, sources):
                    self._unbind(command, bound)
                    bound |= self._given(outs, sources)
                case _:
                    bound |= self._written(writes(command))
        return bound

    def _unbind(self, move: Move, bound: set[str]) -> None:
        made: list[ast.stmt] = []
        for out, source in zip(move.targets, move.sources, strict=True):
            text = self.names[out]
            if not isinstance(source, Undef):
                continue
            users = self.exclusive[text]
            if text in self.copied:
                made.append(_assign(text, None if users else _NOTHING.get(out.type)))
            elif users and text in bound:
                # `del` alone would fail where there is no value.
                made += [_assign(text, 0.0), ast.Delete([ast.Name(text, ast.Del())])]
        if made:
            self.after[id(move)] = made

    def _inside(self, commands: list[Command]) -> set[str]:
        """What the commands bind anywhere."""
        found: set[str] = set()
        for _, command in flat(commands):
            match command:
                case For():
                    found |= self._written(targets(command))
                case Move(outs, sources):
                    found |= self._given(outs, sources)
                case _:
                    found |= self._written(writes(command))
        return found

    def _given(self, outs: Iterable[Var], sources: Iterable[Atom]) -> set[str]:
        """The names that a move binds."""
        return self._written(
            out
            for out, source in zip(outs, sources, strict=True)
            if not isinstance(source, Undef)
            and not (isinstance(source, Var) and self.names.get(source) == self.names[out])
        )

    def _written(self, variables: Iterable[Var | None]) -> set[str]:
        found = {self.names[var] for var in variables if var is not None}
        return found & self.exclusive.keys()


def _assign(text: str, value: float | None) -> ast.stmt:
    return ast.Assign([ast.Name(text, ast.Store())], ast.Constant(value))
