"""Which variables share a name: groups whose live ranges do not meet.

The versions of a buffer have to; the two sides of a move should, unless the user gave
them different names; what carries the same hint may.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from s2sad.backend.commands import Command, Guard, Move, Pop, Set, flat
from s2sad.errors import InternalError
from s2sad.ir.nodes import Let, Undef, Var
from s2sad.ir.structure import CONSUMES
from s2sad.ir.types import Scalar

TRIES = 12  # names with the same hint that a variable is tried against


class Group:
    """Variables of one name; `exclusive`: it may be unbound, so that nothing but what
    it is joined with may leave a value in it."""

    __slots__ = ("alone", "ends", "exclusive", "fixed", "hints", "members", "starts")

    def __init__(self, var: Var, ranges: list[tuple[int, int]], hint: str, user: bool) -> None:
        self.members = [var]
        # How many members want which name; a name of the user's goes first.
        self.hints: dict[tuple[bool, str], int] = {(user, hint): 1} if hint else {}
        if len(ranges) == 1:
            self.starts, self.ends = [ranges[0][0]], [ranges[0][1]]
        else:
            self.starts = [start for start, _ in reversed(ranges)]
            self.ends = [end for _, end in reversed(ranges)]
        self.fixed = ""
        self.exclusive = False
        self.alone = False

    @property
    def label(self) -> tuple[bool, str]:
        """Whether the user chose the name of the group, and the name; "" if there is none."""
        if self.fixed:
            return True, self.fixed
        if len(self.hints) > 1:
            return max(self.hints, key=lambda h: (h[0], self.hints[h]))
        for hint in self.hints:
            return hint
        return False, ""

    def alike(self, other: Group) -> bool:
        """May both have one name in turn? A counter of ours is not the user's float k."""
        one, two = self.members[0].type, other.members[0].type
        same = one == two if isinstance(one, Scalar) else type(one) is type(two)
        return same or self.label[0] == other.label[0]

    def meets(self, other: Group) -> bool:
        small, large = sorted((self, other), key=lambda group: len(group.starts))
        for start, end in zip(small.starts, small.ends, strict=True):
            after = bisect_right(large.starts, start)
            if after and large.ends[after - 1] > start:
                return True
            if after < len(large.starts) and large.starts[after] < end:
                return True
        return False

    def absorb(self, other: Group) -> None:
        """Take over the members and ranges of a group that this one does not meet."""
        for start, end in zip(other.starts, other.ends, strict=True):
            at = bisect_left(self.starts, start)
            if at and self.ends[at - 1] == start:
                self.ends[at - 1] = end
            else:
                self.starts.insert(at, start)
                self.ends.insert(at, end)
        self.members += other.members
        for hint, number in other.hints.items():
            self.hints[hint] = self.hints.get(hint, 0) + number
        self.fixed = self.fixed or other.fixed
        self.exclusive = self.exclusive or other.exclusive


class Coalescing:
    """`groups[var]` is the group of a variable."""

    def __init__(self, ranges: dict[Var, list[tuple[int, int]]], hints: dict[Var, str]) -> None:
        self.groups = {
            var: Group(var, found, hints.get(var, var.hint), var.user and var not in hints)
            for var, found in ranges.items()
        }

    def params(self, params: Iterable[Var]) -> None:
        for var in params:
            self.groups[var].fixed = var.hint

    def errors(self, commands: list[Command]) -> None:
        """Python unbinds the name of an exception: no other variable may have it."""
        for _, command in flat(commands):
            if isinstance(command, Guard):
                for clause in command.clauses:
                    if clause.error is not None:
                        self.groups[clause.error].alone = True

    def moves(self, commands: list[Command]) -> None:
        """Join what moves connect, the innermost loops first."""
        pairs: dict[int, list[tuple[Var, Var]]] = {}
        for depth, command in flat(commands):
            if isinstance(command, Set):
                stmt = command.stmt
                if isinstance(stmt, Let) and stmt.op in CONSUMES:
                    taken = stmt.args[0]
                    assert isinstance(taken, Var)
                    self._same(command.out, taken)
                continue
            match command:
                case Pop(_, rest, taken):
                    self._same(rest, taken)
                case Move(targets, sources):
                    for target, source in zip(targets, sources, strict=True):
                        if isinstance(source, Undef):
                            self.groups[target].exclusive = True
                        elif isinstance(source, Var) and source in self.groups:
                            pairs.setdefault(depth, []).append((target, source))
                case _:
                    pass
        for depth in sorted(pairs, reverse=True):
            for target, source in pairs[depth]:
                self.join(target, source)

    def _same(self, version: Var, taken: Var) -> None:
        """The next version of a buffer is in its place."""
        if not self.join(version, taken, forced=True):
            raise InternalError(f"two live versions of the buffer {taken!r}")

    def join(self, a: Var, b: Var, forced: bool = False) -> bool:
        left, right = self.groups[a], self.groups[b]
        if left is right:
            return True
        if left.alone or right.alone:
            return False
        if not forced and not (left.exclusive or right.exclusive or self._alike(left, right)):
            return False
        if (left.fixed and right.fixed) or left.meets(right):
            return False
        if len(left.starts) < len(right.starts):
            left, right = right, left
        left.absorb(right)
        for var in right.members:
            self.groups[var] = left
        return True

    def _alike(self, left: Group, right: Group) -> bool:
        """May the two share a name as far as the reader is concerned?"""
        one, two = left.label, right.label
        if not one[1] or not two[1] or one[1] == two[1]:
            return True
        return not (one[0] and two[0]) and not left.fixed and not right.fixed

    def share(self) -> dict[str, list[Group]]:
        """Join groups of the same hint; the names that each hint needs, in order."""
        named: dict[str, list[Group]] = {}
        groups = dict.fromkeys(self.groups.values())
        order = sorted(groups, key=lambda group: (not group.fixed, group.starts[0]))
        for group in order:
            hint = group.label[1]
            if not hint:
                continue
            known = named.setdefault(hint, [])
            for other in () if group.alone else known[:TRIES]:
                apart = group.exclusive or other.exclusive or other.alone
                if not apart and other.alike(group) and not other.meets(group):
                    other.absorb(group)
                    for var in group.members:
                        self.groups[var] = other
                    break
            else:
                known.append(group)
        return named

    def unnamed(self) -> list[Group]:
        """The groups without a hint, in program order."""
        groups = dict.fromkeys(self.groups.values())
        return sorted((g for g in groups if not g.label[1]), key=lambda group: group.starts[0])
