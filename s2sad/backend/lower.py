"""From IR to commands: block parameters and yields become moves, records lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from s2sad.backend.commands import (
    Append,
    Branch,
    Break,
    Clause,
    Command,
    Fail,
    For,
    Guard,
    Invoke,
    Move,
    New,
    Note,
    Pop,
    Repeat,
    Return,
    Set,
    Unpack,
    reads,
)
from s2sad.backend.exits import known, replaced, settled
from s2sad.backend.inline import Inlining
from s2sad.errors import Loc, assert_never
from s2sad.ir.nodes import (
    TRUE,
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Raise,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    int_lit,
    raises_always,
)
from s2sad.ir.types import BOOL, Named, Tuple, Type
from s2sad.ir.walk import defines


class Lowering:
    def __init__(
        self,
        uses: Counter[Var],
        inlining: Inlining,
        records: Mapping[str, tuple[Type, ...]],
    ) -> None:
        self.uses = uses
        self.inlining = inlining
        self.records = records
        self.settled: dict[Var, Lit] = {}  # flags of the loops around
        self.hoisted: set[Let] = set()  # items that the head of a loop unpacks

    def function(self, func: Func, notes: bool) -> list[Command]:
        body = func.body
        if not (notes and func.forward):
            return [*self.stmts(body.stmts), Return(body.yields)]
        result: list[Command] = []
        forward, reverse = body.stmts[: func.forward], body.stmts[func.forward :]
        for title, part in zip(func.sweeps, (forward, reverse), strict=True):
            commands = self.stmts(part)
            result += [Note(title, part is reverse), *commands] if commands else []
        return [*result, Return(body.yields)]

    def stmts(
        self, stmts: Sequence[Stmt], appends: dict[int, list[Append]] | None = None
    ) -> list[Command]:
        """The commands of statements; `appends` go after the statement of that number."""
        result: list[Command] = []
        if appends:
            result += appends.get(-1, ())
        for k, stmt in enumerate(stmts):
            if isinstance(stmt, Let):
                self.let(stmt, result)
            else:
                self.region(stmt, result)
            if appends:
                result += appends.get(k, ())
        return result

    def let(self, let: Let, result: list[Command]) -> None:
        if let.out in self.inlining.folded or let in self.hoisted:
            return
        if let.op not in ("item", "drop"):
            result.append(Set(let.out, let))
            return
        match let:
            case Let(_, "item", (Var() as record, Lit(int() as k))) if result and (
                size := self.size(record.type)
            ):
                outs: list[Var | None] = [None] * size
                match result[-1]:
                    case Set(other, Let(_, "item", (one, Lit(int() as j)))) if one is record:
                        outs[j] = other
                    case Unpack(known, again) if again is record and known[k] is None:
                        outs = list(known)
                if any(outs) and outs[k] is None:
                    outs[k] = let.out
                    result[-1] = Unpack(tuple(outs), record)
                    return
            case Let(_, "drop", (Var() as taken,)) if result:
                last = self._just_read(result[-1], taken)
                if last is not None:
                    result[-1] = Pop(last, let.out, taken)
                    return
        result.append(Set(let.out, let))

    def _just_read(self, command: Command, taken: Var) -> Var | None:
        """The variable for the last element of a list: what is taken off needs no copy."""
        if not isinstance(command, Set):
            return None
        made: Stmt | None = command.stmt
        if isinstance(made, Let) and made.op == "copy":
            source = made.args[0]
            made = self.inlining.folded.get(source) if isinstance(source, Var) else None
        match made:
            case Let(_, "get", (read, Lit(-1))) if read is taken:
                return command.out
            case _:
                return None

    def size(self, type_: Type) -> int:
        """Into how many parts a value can be unpacked."""
        match type_:
            case Tuple(items):
                return len(items)
            case Named(name):
                return len(self.records.get(name, ()))
            case _:
                return 0

    def region(self, stmt: Stmt, result: list[Command]) -> None:
        match stmt:
            case Let():
                self.let(stmt, result)
            case If():
                if stmt in self.inlining.choices:
                    if stmt.outs[0] not in self.inlining.folded:
                        result.append(Set(stmt.outs[0], stmt))
                else:
                    result.append(self.branch(stmt))
            case Loop():
                self.loop(stmt, result)
            case While():
                self.while_(stmt, result)
            case Call(outs):
                kept = tuple(out if self.uses[out] else None for out in outs)
                result.append(Invoke(kept, stmt))
            case Try():
                result.append(self.try_(stmt))
            case Raise():
                result.append(Fail(stmt))
            case _:
                assert_never(stmt)

    def move(self, targets: Iterable[Var], sources: Iterable[Atom]) -> list[Command]:
        pairs = [(t, s) for t, s in zip(targets, sources, strict=True) if t is not s]
        if not pairs:
            return []
        return [Move(tuple(t for t, _ in pairs), tuple(s for _, s in pairs))]

    def yielded(self, outs: Sequence[Var], yields: Sequence[Atom]) -> list[Command]:
        """What a block hands on, of that what is read."""
        kept = [(o, y) for o, y in zip(outs, yields, strict=True) if self.uses[o]]
        return self.move([o for o, _ in kept], [y for _, y in kept])

    def arm(
        self, block: Block, outs: Sequence[Var], extra: Sequence[Command] = ()
    ) -> list[Command]:
        commands = self.stmts(block.stmts)
        if raises_always(block):
            return commands
        return [*commands, *self.yielded(outs, block.yields), *extra]

    def branch(self, stmt: If) -> Branch:
        then, orelse = self.arm(stmt.then, stmt.outs), self.arm(stmt.orelse, stmt.outs)
        return Branch(stmt.cond, then, orelse)

    def try_(self, stmt: Try) -> Guard:
        def end(block: Block, number: int) -> list[Command]:
            path: list[Command] = []
            if self.uses[stmt.path]:
                path = [Move((stmt.path,), (int_lit(number),))]
            return self.arm(block, stmt.outs, path)

        def opens(block: Block) -> Var | None:
            return next((param for param in block.params if self.uses[param]), None)

        clauses = tuple(
            Clause(handler.exc, opens(handler.block), end(handler.block, k + 1))
            for k, handler in enumerate(stmt.handlers)
        )
        return Guard(end(stmt.body, 0), clauses, stmt.manager, opens(stmt.body))

    def live_carries(self, loop: Loop | While) -> list[int]:
        return [
            k
            for k, (param, out) in enumerate(zip(loop.carries, loop.outs, strict=True))
            if self.uses[param] or self.uses[out]
        ]

    def alive(self, loop: Loop | While, carry: Var) -> bool:
        return any(loop.carries[k] is carry for k in self.live_carries(loop))

    def enter(self, loop: Loop | While, result: list[Command]) -> None:
        live = self.live_carries(loop)
        inits = [self.flag(loop.carries[k], loop.inits[k]) for k in live]
        result += self.move([loop.carries[k] for k in live], inits)
        result += [New(var) for var in loop.lists]

    def flag(self, carry: Var, init: Atom) -> Atom:
        """A flag begins as the flag of the loop around, if that has the same value."""
        if isinstance(init, Lit) and carry.type == BOOL and carry.hint:
            for other, value in reversed(self.settled.items()):  # the innermost first
                if other.hint == carry.hint and value.key == init.key:
                    return other
        return init

    def leave(self, loop: Loop | While, result: list[Command]) -> None:
        result += self.yielded(loop.outs, loop.carries)

    def loop(self, loop: Loop, result: list[Command]) -> None:
        self.enter(loop, result)
        items: dict[Var, dict[int, Let]] = {}
        for stmt in loop.body.stmts:
            match stmt:
                case Let(_, "item", (Var() as record, Lit(int() as k))):
                    items.setdefault(record, {}).setdefault(k, stmt)
        elements: list[Var | tuple[Var | None, ...] | None] = []
        for element in loop.elements:
            parts = items.get(element, {})
            if not self.uses[element]:
                elements.append(None)
            elif len(parts) == self.uses[element] and isinstance(element.type, Tuple):
                self.hoisted.update(parts.values())
                lets = [parts.get(k) for k in range(len(element.type.items))]
                elements.append(tuple(let.out if let else None for let in lets))
            else:
                elements.append(element)
        named = loop.index.user and loop.index.hint != "_" and not loop.seqs
        index = loop.index if self.uses[loop.index] or named else None
        result.append(For(loop, index, tuple(elements), self.unpacked(self.body(loop))))
        self.leave(loop, result)

    def unpacked(self, body: list[Command]) -> list[Command]:
        """`a, b = passes[k]` at the beginning of a body, in one line."""
        match body:
            case [Set(entry, Let(_, "get") as read), Unpack(outs, record), *rest] if (
                record is entry and self.uses[entry] == sum(out is not None for out in outs)
            ):
                self.inlining.folded[entry] = read
                return [Unpack(outs, record), *rest]
            case _:
                return body

    def while_(self, loop: While, result: list[Command]) -> None:
        self.enter(loop, result)
        head = self.stmts(loop.cond.stmts)
        body = self.unpacked(self.body(loop))
        result.append(Repeat(head, loop.cond.yields[0], body))
        self.leave(loop, result)

    def body(self, loop: Loop | While) -> list[Command]:
        """The statements, the records as soon as they are there, the carries at the end."""
        stmts = [s for s in loop.body.stmts if not self._is_recorded_tuple(s)]
        carries = self.live_carries(loop)
        around = self.settled
        found = settled(loop, self.splits)
        self.settled = {**around, **{c: v for c, v in found.items() if self.alive(loop, c)}}
        end = self.move([loop.carries[k] for k in carries], [loop.nexts[k] for k in carries])
        position = {v: k for k, stmt in enumerate(stmts) for v in defines(stmt)}
        appends: dict[int, list[Append]] = {}
        for var, atom in zip(loop.lists, loop.recorded, strict=True):
            at = max((position.get(leaf, -1) for leaf in self.leaves(atom)), default=-1)
            appends.setdefault(at, []).append(Append(var, atom))
        stop = loop.stop
        if isinstance(stop, Var) and stmts and stop in defines(stmts[-1]):
            end = [*appends.pop(len(stmts) - 1, ()), *end]
        commands = self.tail(stmts, stop, end, appends)
        self.settled = around
        return commands

    def _is_recorded_tuple(self, stmt: Stmt) -> bool:
        return isinstance(stmt, Let) and stmt.op == "tuple" and stmt.out in self.inlining.folded

    def place(self, command: Command) -> Loc | None:
        """The user's line that a command comes from."""
        match command:
            case Set(_, stmt) | Invoke(_, stmt) | Fail(stmt) | For(stmt):
                return _place(stmt)
            case _:
                for atom in reads(command):
                    folded = self.inlining.folded.get(atom) if isinstance(atom, Var) else None
                    if folded is not None:
                        return _place(folded)
                return None

    def leaves(self, atom: Atom) -> Sequence[Var]:
        """The variables whose names an atom prints."""
        if not isinstance(atom, Var):
            return ()
        stmt = self.inlining.folded.get(atom)
        if stmt is None:
            return (atom,)
        if isinstance(stmt, Let):
            parts = stmt.args
        else:
            parts = (stmt.cond, *stmt.then.yields, *stmt.orelse.yields)
        found: list[Var] = []
        for part in parts:
            if isinstance(part, Var):
                if part in self.inlining.folded:
                    found += self.leaves(part)
                else:
                    found.append(part)
        return found

    def tail(
        self,
        stmts: Sequence[Stmt],
        stop: Atom,
        end: list[Command],
        appends: dict[int, list[Append]] | None = None,
    ) -> list[Command]:
        """Statements, then the end of the pass, then a break if it is to stop."""
        last = stmts[-1] if stmts else None
        if raises_always(Block((), tuple(stmts[-1:]), ())):
            return self.stmts(stmts, appends)
        if isinstance(stop, Var) and isinstance(last, If) and self.splits(last, stop):
            then = self.split(last, True, stop, end)
            orelse = self.split(last, False, stop, end)
            return [*self.stmts(stmts[:-1], appends), Branch(last.cond, then, orelse)]
        commands = self.stmts(stmts, appends)
        end = self.changed(end)
        if isinstance(stop, Var):
            if stop in self.inlining.folded:
                return [*commands, Branch(stop, [*end, Break()], end)]
            return [*commands, *end, Branch(stop, [Break()], [])]
        if isinstance(stop, Lit) and stop.value:
            return [*commands, *end, Break()]
        return [*commands, *end]

    def splits(self, last: If, stop: Var) -> bool:
        """Is the stop known in an arm of the last statement, or read nowhere else?"""
        if stop not in last.outs or last in self.inlining.choices:
            return False
        k = last.outs.index(stop)
        arms = (last.then, last.orelse)
        return self.uses[stop] == 1 or any(
            isinstance(arm.yields[k], Lit) for arm in arms if not raises_always(arm)
        )

    def split(self, last: If, truth: bool, stop: Var, end: list[Command]) -> list[Command]:
        """An arm of the last statement, and in it the end of the pass."""
        arm = last.then if truth else last.orelse
        if raises_always(arm):
            return self.stmts(arm.stmts)
        # A condition that is folded has no name.
        cond = last.cond if last.cond not in self.inlining.folded else TRUE
        values = dict(zip(last.outs, known(cond, truth, last.outs, arm.yields), strict=True))
        ended = [self.with_values(command, values) for command in end]
        read = {v for command in ended for atom in reads(command) for v in self.leaves(atom)}
        left = [(out, value) for out, value in values.items() if out in read]
        moved = self.move([out for out, _ in left], [value for _, value in left])
        stop_ = arm.yields[last.outs.index(stop)]
        return self.tail(arm.stmts, stop_, [*moved, *ended])

    def with_values(self, command: Command, values: dict[Var, Atom]) -> Command:
        """A command of the end of a pass, with what an arm yields for what it reads."""
        match command:
            case Move(targets, sources):
                return Move(targets, tuple(replaced(source, values) for source in sources))
            case Append(var, value):
                return Append(var, self._recorded(value, values))
            case _:
                return command

    def _recorded(self, value: Atom, values: dict[Var, Atom]) -> Atom:
        if not isinstance(value, Var):
            return value
        let = self.inlining.folded.get(value)
        if isinstance(let, Let) and let.op == "tuple":
            row = Var(value.type, value.hint)
            args = tuple(self._recorded(arg, values) for arg in let.args)
            self.inlining.folded[row] = Let(row, "tuple", args)
            return row
        given = values.get(value, value)
        return value if isinstance(given, Undef) else given

    def changed(self, end: list[Command]) -> list[Command]:
        """The end of a pass, without the flags that have that value since it began."""
        result: list[Command] = []
        for command in end:
            if isinstance(command, Move):
                pairs = [
                    (target, source)
                    for target, source in zip(command.targets, command.sources, strict=True)
                    if not (isinstance(source, Lit) and self._holds(target, source))
                ]
                result += self.move([t for t, _ in pairs], [s for _, s in pairs])
            else:
                result.append(command)
        return result

    def _holds(self, target: Var, value: Lit) -> bool:
        known = self.settled.get(target)
        return known is not None and known.key == value.key


def _place(stmt: Stmt) -> Loc | None:
    """Where a statement stands, or the one whose derivative it is."""
    if stmt.loc is None and isinstance(stmt, Let):
        return next((loc for origin in stmt.origin if (loc := _place(origin))), None)
    return stmt.loc
