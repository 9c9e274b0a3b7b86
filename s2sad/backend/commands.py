"""The program on its way to Python: statements in order, with the moves between names.

What the IR says by block parameters and yields is said here by `Move`; where a value is
read and where a name is written is then the same for liveness and for printing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from s2sad.errors import assert_never
from s2sad.ir.node import Node
from s2sad.ir.nodes import Atom, Call, If, Let, Loop, Raise, Var


class Set(Node):
    """`out = expression`; the statement is a `Let`, or an `If` that is an expression."""

    out: Var
    stmt: Let | If


class Unpack(Node):
    """`a, _, b = record`."""

    outs: tuple[Var | None, ...]
    record: Atom


class Pop(Node):
    """`out = taken.pop()`; `rest` is the list without it."""

    out: Var
    rest: Var
    taken: Var


class Move(Node):
    """All targets take the values of their sources at once."""

    targets: tuple[Var, ...]
    sources: tuple[Atom, ...]


class New(Node):
    """`list = []`."""

    list: Var


class Append(Node):
    list: Var
    value: Atom


class Branch(Node):
    cond: Atom
    then: list[Command]
    orelse: list[Command]


class For(Node):
    """`counter` is None if nothing reads it; an element is a variable, or the variables
    that its tuple is unpacked into, None those that nothing reads."""

    loop: Loop
    counter: Var | None
    elements: tuple[Var | tuple[Var | None, ...] | None, ...]
    body: list[Command]


class Repeat(Node):
    """`while cond:`, with the statements `head` before each test."""

    head: list[Command]
    cond: Atom
    body: list[Command]


class Break(Node):
    pass


class Invoke(Node):
    outs: tuple[Var | None, ...]
    call: Call


class Fail(Node):
    stmt: Raise


class Clause(NamedTuple):
    """`except exc as error:`"""

    exc: str
    error: Var | None
    body: list[Command]


class Guard(Node):
    """`try`, with its `except` clauses; or `with manager as entered`."""

    body: list[Command]
    clauses: tuple[Clause, ...]
    manager: Atom | None
    entered: Var | None


class Return(Node):
    yields: tuple[Atom, ...]


class Note(Node):
    """A comment on a line of its own, over what is `derived` or is not."""

    text: str
    derived: bool = False


Command: TypeAlias = (
    "Set | Unpack | Pop | Move | New | Append | Branch | For | Repeat | Break | Invoke | Fail"
    " | Guard | Return | Note"
)


def terminates(commands: list[Command]) -> bool:
    """Does control never reach the end of the commands?"""
    match commands[-1:]:
        case [Break() | Fail() | Return()]:
            return True
        case [Branch(_, then, orelse)]:
            return terminates(then) and terminates(orelse)
        case [Guard(body, clauses)]:
            return terminates(body) and all(terminates(clause.body) for clause in clauses)
        case _:
            return False


def fails(commands: list[Command]) -> bool:
    """Does every path through the commands raise?"""
    match commands[-1:]:
        case [Fail()]:
            return True
        case [Branch(_, then, orelse)]:
            return fails(then) and fails(orelse)
        case [Guard(body, clauses)]:
            return fails(body) and all(fails(clause.body) for clause in clauses)
        case _:
            return False


def flat(commands: list[Command], depth: int = 0) -> Iterator[tuple[int, Command]]:
    """All commands, with the number of loops around each."""
    for command in commands:
        yield depth, command
        if isinstance(command, Set):  # most of them are
            continue
        match command:
            case Branch(_, then, orelse):
                yield from flat(then, depth)
                yield from flat(orelse, depth)
            case For(body=body):
                yield from flat(body, depth + 1)
            case Repeat(head, _, body):
                yield from flat(head, depth + 1)
                yield from flat(body, depth + 1)
            case Guard(body, clauses):
                yield from flat(body, depth)
                for clause in clauses:
                    yield from flat(clause.body, depth)
            case _:
                pass


def targets(command: For) -> list[Var | None]:
    """The variables in the head of a loop."""
    result: list[Var | None] = [command.counter]
    for element in command.elements:
        result += element if isinstance(element, tuple) else (element,)
    return result


def writes(command: Command) -> tuple[Var | None, ...]:
    match command:
        case Set(out):
            return (out,)
        case Unpack(outs) | Invoke(outs):
            return outs
        case Pop(out, rest):
            return out, rest
        case Move(targets):
            return targets
        case New(var):
            return (var,)
        case Guard(entered=Var() as entered):
            return (entered,)
        case _:
            return ()


def reads(command: Command) -> tuple[Atom, ...]:
    """The atoms that a command reads itself; those of a `For` are its head's."""
    if isinstance(command, Set):
        made = command.stmt
        if isinstance(made, Let):
            return made.args
        return (made.cond, *made.then.yields, *made.orelse.yields)
    match command:
        case Unpack(_, record):
            return (record,)
        case Pop(_, _, taken):
            return (taken,)
        case Move(_, sources):
            return sources
        case Append(var, value):
            return var, value
        case Branch(cond) | Repeat(_, cond):
            return (cond,)
        case For(Loop(domain=domain, seqs=seqs)):
            ends = domain[:3] if domain else ()
            return (*ends, *(seq.list for seq in seqs))
        case Invoke(_, call):
            return call.args
        case Fail(stmt):
            return (stmt.exc,) if stmt.cause is None else (stmt.exc, stmt.cause)
        case Guard(manager=Var() as manager):
            return (manager,)
        case Return(yields):
            return yields
        case New() | Break() | Guard() | Note():
            return ()
        case _:
            assert_never(command)
