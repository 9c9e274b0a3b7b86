"""Where each variable is live, as ranges of positions in the program.

Positions grow in program order; one walk from the end to the start finds them all. A
statement reads at one position and writes at the next, so that a result may take the
name of an operand that dies there. A variable's ranges have holes: between its last use
in a pass and the assignment at the end of the pass, in the branch that does not read it.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.backend.commands import (
    Branch,
    Break,
    Command,
    Fail,
    For,
    Guard,
    Repeat,
    Return,
    Set,
    reads,
    targets,
    terminates,
    writes,
)
from s2sad.backend.lower import Lowering
from s2sad.ir.nodes import Atom, Var

Names = dict[Var, None]


class Liveness:
    """`ranges[var]`: half-open (start, end), from the last to the first."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering
        self.ranges: dict[Var, list[tuple[int, int]]] = {}
        self.position = 0
        self.open: dict[Var, int] = {}
        self._exposed: dict[int, Names] = {}
        self._writes: dict[int, Names] = {}
        # What has to survive a raise: the variables that the handlers around read.
        self._on_raise: list[Names] = []

    def function(self, params: Iterable[Var], commands: list[Command]) -> None:
        self._walk(commands, {})
        self._write(params)
        for var in list(self.open):
            self._close(var, self.position)

    # One step down the program.

    def _read(self, atoms: Iterable[Atom]) -> None:
        self.position -= 1
        end = self.position + 1
        for atom in atoms:
            for var in self.lowering.leaves(atom):
                self.open.setdefault(var, end)

    def _write(self, targets: Iterable[Var | None]) -> None:
        self.position -= 1
        for var in targets:
            if var is not None:
                self.open.setdefault(var, self.position + 1)
                self._close(var, self.position)

    def _close(self, var: Var, start: int) -> None:
        end = self.open.pop(var)
        if end > start:
            self.ranges.setdefault(var, []).append((start, end))

    def _switch(self, live: Iterable[Var]) -> None:
        """Above here, exactly these are live."""
        wanted = dict.fromkeys(live)
        for var in [var for var in self.open if var not in wanted]:
            self._close(var, self.position)
        self._add(wanted)

    def _add(self, live: Iterable[Var]) -> None:
        for var in live:
            self.open.setdefault(var, self.position)

    def _walk(self, commands: list[Command], head: Names) -> None:
        """`head` is live where a `break` leaves the loop around."""
        for command in reversed(commands):
            if isinstance(command, Set):  # most of them are
                self.position -= 1
                self.open.setdefault(command.out, self.position + 1)
                self._close(command.out, self.position)
                self._read(reads(command))
                continue
            match command:
                case Branch():
                    self._branch(command, head)
                case For():
                    self._for(command)
                case Repeat():
                    self._repeat(command)
                case Guard():
                    self._guard(command, head)
                case Break():
                    self._switch(head)
                case Fail() | Return():
                    self._switch(self._on_raise[-1] if self._on_raise else ())
                    self._read(reads(command))
                case _:
                    self._write(writes(command))
                    self._read(reads(command))

    def _branch(self, command: Branch, head: Names) -> None:
        join = list(self.open)
        self._arm(command.orelse, join, head)
        orelse = list(self.open)
        self._arm(command.then, join, head)
        self._add(orelse)
        self._read((command.cond,))

    def _arm(self, commands: list[Command], join: list[Var], head: Names) -> None:
        # A block that ends in `break` or `raise` sets what is live itself.
        self._switch(() if terminates(commands) else join)
        self._walk(commands, head)
        self.position -= 1

    def _for(self, command: For) -> None:
        after = dict.fromkeys(self.open)
        head = {**after, **self._around(command)}
        self._add(head)
        self._walk(command.body, after)
        self._write(targets(command))
        self._add(head)
        self.position -= 1
        self._read(reads(command))

    def _repeat(self, command: Repeat) -> None:
        after = dict.fromkeys(self.open)
        head = {**after, **self._expose([command])}
        self._add(head)
        self._walk(command.body, after)
        self._add(after)
        self._read((command.cond,))
        self._walk(command.head, after)
        self._add(head)
        self.position -= 1

    def _guard(self, command: Guard, head: Names) -> None:
        join = list(self.open)
        entries: Names = {}
        for clause in reversed(command.clauses):
            self._switch(() if terminates(clause.body) else join)
            # Python unbinds the exception where the clause ends.
            self._add(() if clause.error is None else (clause.error,))
            self._walk(clause.body, head)
            self._write((clause.error,))
            entries.update(dict.fromkeys(self.open))
        self._switch(() if terminates(command.body) else join)
        # Any statement of the body may be the last before a handler.
        if command.clauses:
            self._on_raise.append(entries)
        self._add(entries)
        self._walk(command.body, head)
        if command.clauses:
            self._on_raise.pop()
        self._add(entries)
        self._write((command.entered,))
        self._read(reads(command))

    # What a region reads before it writes it.

    def exposed(self, commands: list[Command]) -> Names:
        key = id(commands)
        if key not in self._exposed:
            self._exposed[key] = self._expose(commands)
        return self._exposed[key]

    def _expose(self, commands: list[Command]) -> Names:
        names: Names = {}
        for command in reversed(commands):
            match command:
                case Branch(cond, then, orelse):
                    for var in self._joined(then, orelse):
                        names.pop(var, None)
                    names |= self.exposed(then) | self.exposed(orelse)
                    self._leaves((cond,), names)
                case For():
                    names |= self._around(command)
                    self._leaves(reads(command), names)
                case Repeat(first, cond, body):
                    inside = dict(self.exposed(body))
                    self._leaves((cond,), inside)
                    for var in self.written(first):
                        inside.pop(var, None)
                    names |= inside | self.exposed(first)
                case Guard(body, clauses):
                    for clause in clauses:
                        names |= self.exposed(clause.body)
                    names |= self.exposed(body)
                    self._leaves(reads(command), names)
                case _:
                    for target in writes(command):
                        if target is not None:
                            names.pop(target, None)
                    self._leaves(reads(command), names)
        return names

    def _around(self, command: For) -> Names:
        """What each pass of a loop reads before it writes it."""
        written = targets(command)
        return {var: None for var in self.exposed(command.body) if var not in written}

    def _leaves(self, atoms: Iterable[Atom], names: Names) -> None:
        for atom in atoms:
            names.update(dict.fromkeys(self.lowering.leaves(atom)))

    def written(self, commands: list[Command]) -> Names:
        """What the commands certainly write before they end."""
        key = id(commands)
        if key not in self._writes:
            self._writes[key] = self._written(commands)
        return self._writes[key]

    def _written(self, commands: list[Command]) -> Names:
        names: Names = {}
        for command in commands:
            match command:
                case Branch(_, then, orelse):
                    names |= self._joined(then, orelse)
                case For() | Repeat():
                    pass
                case Guard(body, clauses):
                    names |= self._joined(body, *(clause.body for clause in clauses))
                case _:
                    names |= {var: None for var in writes(command) if var is not None}
        return names

    def _joined(self, *arms: list[Command]) -> Names:
        """What is certainly written where the arms meet."""
        sets = [self.written(arm) for arm in arms if not terminates(arm)]
        return {v: None for v in sets[0] if all(v in s for s in sets)} if sets else {}
