"""Statements: from commands and names to `ast`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from s2sad.backend import origins
from s2sad.backend.augment import added_to, augmented
from s2sad.backend.commands import (
    Append,
    Branch,
    Break,
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
    terminates,
)
from s2sad.backend.expressions import Expressions, NoValue
from s2sad.backend.folding import can_raise
from s2sad.backend.lower import Lowering
from s2sad.backend.places import mark
from s2sad.backend.results import shaped
from s2sad.backend.sequence import in_sequence
from s2sad.backend.syntax import STORE, call, name, negated, sum_of, tuple_of
from s2sad.backend.text import Comment, Kept, Trailed
from s2sad.errors import UnsupportedSyntax, assert_never
from s2sad.ir.nodes import (
    Atom,
    If,
    Input,
    Let,
    Lit,
    Range,
    Structure,
    Undef,
    Var,
    int_lit,
    parts_of,
)
from s2sad.ir.types import NONE, Array, List, Scalar, Tuple
from s2sad.ops.core import PRIMITIVES


def store(text: str) -> ast.Name:
    return ast.Name(text, STORE)


def assign(target: ast.expr, value: ast.expr) -> ast.stmt:
    return ast.Assign([target], value)


_ASSIGNED = (ast.Assign, ast.AugAssign)


class Statements:
    def __init__(
        self,
        names: dict[Var, str],
        lowering: Lowering,
        expressions: Expressions,
        structures: dict[str, Structure],
        notes: origins.Notes | None,
        blank: str,
    ) -> None:
        self.names = names
        self.lowering = lowering
        self.expressions = expressions
        self.structures = structures
        self.notes = notes
        self.blank = blank
        self.inputs: dict[str, tuple[Input, ...]] = {}
        self.in_reverse = False
        self.located = False
        self.unbinding: dict[int, list[ast.stmt]] = {}

    def function(self, commands: Sequence[Command], structure: Structure) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for command in commands:
            if isinstance(command, Set):  # most of them are
                made = self.set(command)
                if self.notes is not None:
                    made = self._noted(command.out, command.stmt, made, self.notes)
                result += self._located(command, made)
                continue
            match command:
                case Note(text, derived):
                    self.in_reverse = derived
                    result.append(Comment(text))
                case Return(yields):
                    try:
                        atoms = [self.expressions.atom(atom) for atom in yields]
                    except NoValue:
                        what = "a result that has a value on no path"
                        advice = "look for what is certain to raise before"
                        raise UnsupportedSyntax(what, None, advice) from None
                    result.append(ast.Return(shaped(structure, atoms)))
                case _:
                    result += self._located(command, self.command(command))
        return result

    def _located(self, command: Command, made: list[ast.stmt]) -> list[ast.stmt]:
        """Statements that know which line of the user's they come from, if asked to."""
        loc = self.lowering.place(command) if made and self.located else None
        if loc is not None:
            for stmt in made:
                mark(stmt, loc)
        return made

    def _noted(
        self, out: Var, stmt: Let | If, made: list[ast.stmt], notes: origins.Notes
    ) -> list[ast.stmt]:
        """A line of the forward sweep is kept, one of the reverse sweep quotes."""
        if len(made) != 1 or not isinstance(made[0], _ASSIGNED):
            return made
        if not self.in_reverse:
            kept = Kept(made[0])
            notes.keep(out, kept)
            return [kept]
        quoted = notes.of(stmt)
        return [Trailed(made[0], quoted)] if quoted else made

    def block(self, commands: Iterable[Command]) -> list[ast.stmt]:
        return [
            stmt
            for command in commands
            for stmt in self._located(command, self.command(command))
        ]

    def command(self, command: Command) -> list[ast.stmt]:
        match command:
            case Set():
                return self.set(command)
            case Unpack(outs, record):
                return [assign(self.pattern(outs), self.expressions.atom(record))]
            case Pop(out, _, taken):
                pop = ast.Attribute(self.expressions.atom(taken), "pop", ast.Load())
                return [assign(store(self.names[out]), call(pop))]
            case Move(targets, sources):
                return [*self.move(targets, sources), *self.unbinding.get(id(command), ())]
            case New(var):
                return [assign(store(self.names[var]), ast.List([], ast.Load()))]
            case Append(var, value):
                append = ast.Attribute(name(self.names[var]), "append", ast.Load())
                return [ast.Expr(call(append, self.expressions.atom(value)))]
            case Branch():
                return self.branch(command)
            case For():
                return [self.for_(command)]
            case Repeat():
                return [self.repeat(command)]
            case Break():
                return [ast.Break()]
            case Invoke():
                return [self.invoke(command)]
            case Fail(stmt):
                cause = None if stmt.cause is None else self.expressions.atom(stmt.cause)
                return [ast.Raise(self.exception(stmt.exc), cause)]
            case Guard():
                return [self.guard(command)]
            case Return() | Note():
                return []
            case _:
                assert_never(command)

    def set(self, command: Set) -> list[ast.stmt]:
        out, stmt = command.out, command.stmt
        target = self.names[out]
        if isinstance(stmt, If):
            return self.choice(target, stmt)
        special = None if stmt.op in PRIMITIVES else self.structure(stmt)
        if special is not None:
            return special
        if stmt.op == "add" and isinstance(out.type, List | Tuple):
            left, right = map(self.expressions.atom, stmt.args)
            return [assign(store(target), sum_of(left, right, out.type, 0))]
        found = augmented(self.expressions, target, stmt)
        if found is not None:
            return [ast.AugAssign(store(target), *found)]
        value = self.expressions.let(stmt)
        if out.type == NONE and stmt.op == "python" and not self.lowering.uses[out]:
            return [ast.Expr(value)]
        if isinstance(value, ast.Name) and value.id == target:
            return []
        return [assign(store(target), value)]

    def structure(self, let: Let) -> list[ast.stmt] | None:
        """What is written in place; None if it is an expression."""
        match let:
            case Let(_, "set" | "acc" as op, (Var() as array, value, *index)):
                place = self.expressions.element(array, index, ast.Store())
                if op == "set":
                    made = self.expressions.atom(value)
                    here = self.expressions.element(array, index, ast.Load())
                    change = _change(here, made) if isinstance(value.type, Scalar) else None
                    if change is not None:
                        return [ast.AugAssign(place, *change)]
                    return [assign(place, made)]
                sign, added = added_to(self.expressions, value, bool(let.origin))
                return [ast.AugAssign(place, sign, added)]
            case Let(_, "put" | "add_to" | "add_at", (Var() as array, value, at, *index)):
                return [self.part_written(let, array, value, at, index)]
            case Let(_, "append", (Var() as array, value, *index)):
                row = self.expressions.atom(array)
                if index:
                    row = self.expressions.element(array, index, ast.Load())
                append = ast.Attribute(row, "append", ast.Load())
                return [ast.Expr(call(append, self.expressions.atom(value)))]
            case Let(_, "enter", (Var() as places, key)):
                place = self.expressions.element(places, [key], ast.Store())
                return [assign(place, call("len", self.expressions.atom(places)))]
            case Let(_, "store", (Lit(str() as place), value)):
                if place.endswith("="):
                    (counted,) = ast.parse(f"{place} 0").body
                    assert isinstance(counted, ast.AugAssign)
                    counted.value = self.expressions.atom(value)
                    return [counted]
                changed = ast.parse(place, mode="eval").body
                if isinstance(changed, ast.Call):
                    changed.args.append(self.expressions.atom(value))
                    return [ast.Expr(changed)]
                return [assign(changed, self.expressions.atom(value))]
            case Let(_, "drop", (Var() as array, *index)):
                last = self.expressions.element(array, [*index, int_lit(-1)], ast.Del())
                return [ast.Delete([last])]
            case _:
                return None

    def part_written(
        self, let: Let, array: Var, value: Atom, at: Atom, index: Sequence[Atom]
    ) -> ast.stmt:
        """`A[1:] = v`, `A[1:] += v`, `A += v`, `np.add.at(A, k, v)`"""
        assert isinstance(at, Lit)
        if let.op == "add_at":
            place = self.expressions.part(array, at, index, ast.Load())
            added = self.expressions.atom(value)
            match place.value:
                case ast.Attribute(base, "flat"):
                    # np.add.at takes no iterator.
                    shape = ast.Attribute(base, "shape", ast.Load())
                    found = call("np.unravel_index", _as_argument(place.slice), shape)
                    return ast.Expr(call("np.add.at", base, found, added))
            return ast.Expr(call("np.add.at", place.value, _as_argument(place.slice), added))
        place_: ast.expr = self.expressions.part(array, at, index, ast.Store())
        whole = store(self.names[array]) if at.value == "..." else place_
        if let.op == "put":
            made = self.expressions.atom(value)
            match made:
                case ast.BinOp(left, sign_, right) if (
                    ast.dump(left) == ast.dump(self.expressions.atom(array))
                    and at.value == "..."
                    and not self.expressions.compiled
                ):
                    # x[...] = x * w is x *= w.
                    return ast.AugAssign(whole, sign_, right)  # type: ignore[arg-type]
            if _fits(value, array) and not self.expressions.compiled:
                here = self.expressions.part(array, at, index, ast.Load())
                change = _change(here, made)
                if change is not None:
                    return ast.AugAssign(whole, *change)  # type: ignore[arg-type]
            return assign(place_, made)
        place_ = whole
        sign, added = added_to(self.expressions, value, bool(let.origin))
        return ast.AugAssign(place_, sign, added)  # type: ignore[arg-type]

    def choice(self, target: str, stmt: If) -> list[ast.stmt]:
        """`y = A if c else B`, without the branch that leaves y as it is."""
        value = self.expressions.choice(stmt)
        if isinstance(value, ast.IfExp):
            for kept, other, test in (
                (value.orelse, value.body, value.test),
                (value.body, value.orelse, negated(value.test)),
            ):
                if isinstance(kept, ast.Name) and kept.id == target:
                    if isinstance(other, ast.Name) and other.id == target:
                        return []
                    return [ast.If(test, [assign(store(target), other)], [])]
        return [assign(store(target), value)]

    def move(self, targets: Sequence[Var], sources: Sequence[Atom]) -> list[ast.stmt]:
        pairs = [
            (self.names[target], source)
            for target, source in zip(targets, sources, strict=True)
            if not isinstance(source, Undef)
        ]
        reads = [
            (target, {self.names[var] for var in self.lowering.leaves(source)})
            for target, source in pairs
        ]
        result: list[ast.stmt] = []
        for step in in_sequence(reads):
            parts = [(store(pairs[k][0]), self.expressions.atom(pairs[k][1])) for k in step]
            if len(parts) == 1:
                result.append(assign(*parts[0]))
            else:
                into = ast.Tuple([target for target, _ in parts], ast.Store())
                result.append(assign(into, tuple_of([value for _, value in parts])))
        return result

    def branch(self, command: Branch) -> list[ast.stmt]:
        then, orelse = self.block(command.then), self.block(command.orelse)
        test = self.expressions.condition(command.cond)
        if terminates(command.then):
            return [ast.If(test, then, []), *orelse]
        if terminates(command.orelse):
            return [ast.If(negated(test), orelse, []), *then]
        if not then and not orelse:
            return [ast.Expr(test)] if self.can_raise(command.cond) else []
        if not then:
            return [ast.If(negated(test), orelse, [])]
        return [ast.If(test, then, orelse)]

    def can_raise(self, atom: Atom) -> bool:
        stmt = self.expressions.folded.get(atom) if isinstance(atom, Var) else None
        if stmt is None:
            return False
        parts = stmt.args if isinstance(stmt, Let) else (stmt.cond,)
        return can_raise(stmt) or any(self.can_raise(part) for part in parts)

    def for_(self, command: For) -> ast.stmt:
        loop = command.loop
        columns: list[tuple[ast.expr, ast.expr]] = []
        # Each source stays, read or not: the shortest ends the loop.
        if loop.domain is not None:
            columns.append((self.target(command.counter), self.range(loop.domain)))
        for seq, element in zip(loop.seqs, command.elements, strict=True):
            values = self.expressions.atom(seq.list)
            values = call("reversed", values) if seq.reversed else values
            columns.append((self.pattern(element), values))
        targets = [target for target, _ in columns]
        values = columns[0][1]
        if len(columns) > 1:
            values = call("zip", *(column for _, column in columns))
        target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
        if loop.domain is None and command.counter is not None:
            values = call("enumerate", values)
            target = ast.Tuple([self.target(command.counter), target], ast.Store())
        return ast.For(target, values, self.block(command.body) or [ast.Pass()], [])

    def target(self, var: Var | None) -> ast.expr:
        return store(self.blank if var is None else self.names[var])

    def pattern(self, element: Var | tuple[Var | None, ...] | None) -> ast.expr:
        if isinstance(element, tuple):
            return ast.Tuple([self.target(var) for var in element], ast.Store())
        return self.target(element)

    def range(self, domain: Range) -> ast.expr:
        ends = list(domain[:3])
        if isinstance(domain.step, Lit) and domain.step.value == 1:
            ends.pop()
            if isinstance(domain.start, Lit) and domain.start.value == 0:
                ends.pop(0)
        result = call("range", *(self.expressions.atom(end) for end in ends))
        return call("reversed", result) if domain.backward else result

    def repeat(self, command: Repeat) -> ast.stmt:
        head, body = self.block(command.head), self.block(command.body)
        test = self.expressions.condition(command.cond)
        if not head:
            return ast.While(test, body or [ast.Pass()], [])
        leave = ast.If(negated(test), [ast.Break()], [])
        return ast.While(ast.Constant(True), [*head, leave, *body], [])

    def invoke(self, command: Invoke) -> ast.stmt:
        outs, stmt = command.outs, command.call
        args = [self.expressions.atom(arg) for arg in stmt.args]
        if stmt.func in self.inputs:
            args = [shaped(shape, args) for _, shape in self.inputs[stmt.func]]
        value = call(stmt.func, *args)
        if not any(outs):
            return ast.Expr(value)
        left = {k: out for k, out in enumerate(outs) if out is not None}
        return assign(self._results(self.structures[stmt.func], left), value)

    def _results(self, structure: Structure, left: dict[int, Var]) -> ast.expr:
        if isinstance(structure, int):
            return self.target(left.pop(structure, None))
        parts = [self._results(part, left) for part in parts_of(structure)]
        return ast.Tuple(parts, ast.Store())

    def exception(self, exc: Atom) -> ast.expr | None:
        match exc:
            case Lit(None):
                return None
            case Lit(str() as text):
                return ast.parse(text, mode="eval").body
            case _:
                return self.expressions.atom(exc)

    def guard(self, command: Guard) -> ast.stmt:
        body = self.block(command.body) or [ast.Pass()]
        if command.manager is not None:
            into = command.entered
            entered = None if into is None else store(self.names[into])
            item = ast.withitem(self.expressions.atom(command.manager), entered)
            return ast.With([item], body)
        handlers = [
            ast.ExceptHandler(
                ast.parse(exc, mode="eval").body if exc else None,
                None if error is None else self.names[error],
                self.block(handler) or [ast.Pass()],
            )
            for exc, error, handler in command.clauses
        ]
        return ast.Try(body, handlers, [], [])


def _change(place: ast.expr, value: ast.expr) -> tuple[ast.operator, ast.expr] | None:
    """A[i] = A[i] - v is A[i] -= v: the operator, and v."""
    match value:
        case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as sign, right):
            return (sign, right) if ast.dump(left) == ast.dump(place) else None
        case _:
            return None


def _fits(value: Atom, array: Var) -> bool:
    """Has a value the dtype of the array that it is written to?"""
    dtype = getattr(value.type, "dtype", value.type)
    return isinstance(array.type, Array) and dtype == array.type.dtype


def _as_argument(index: ast.expr) -> ast.expr:
    """An index outside of brackets: `1:` is slice(1, None)."""
    match index:
        case ast.Tuple(entries):
            return ast.Tuple(list(map(_as_argument, entries)), ast.Load())
        case ast.Slice(None, None, None):
            return call("slice", ast.Constant(None))
        case ast.Slice(lower, upper, step):
            ends = [end or ast.Constant(None) for end in (lower, upper, step)]
            return call("slice", *(ends if step else ends[:2]))
        case _:
            return index
