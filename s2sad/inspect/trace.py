"""What ran at a point: the operations on floats and arrays, in order, each with its values.

    x = 0.7     →     a = pow(x, 2) = 0.49, b = exp(a) = 1.63, …

A float finds its way through lists, records, loops and calls by itself (events.py).
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np

from s2sad.errors import Loc
from s2sad.inspect.arguments import Leaf, flattened
from s2sad.inspect.events import (
    Event,
    NeedsPoint,
    Note,
    Operand,
    Passes,
    Stopped,
    Trace,
    Traced,
    TracedComplex,
    Unknown,
    plain,
)
from s2sad.inspect.interpreter import STRUCTURAL, Frame, Interpreter, Values
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.types import BOOL, COMPLEX, FLOAT, INT, Array, List, Type
from s2sad.ops.reductions import REDUCTIONS

_TEXTS = {"global", "constant", "python", "store"}
# What moves floats about and does not change them: they are the same events after.
_MOVES = {"tuple", "item", "list", "slice", "concat", "append", "drop", "repeat", "id"} | {
    "reverse_list"
}
_MOVES_OF_LISTS = {"get", "set", "copy"}


class Tracer(Interpreter):
    def __init__(self, module: Module, names: dict[str, Any]) -> None:
        super().__init__(module, names)
        self.trace = Trace(module)
        # The loops that are running: each its body, its line and its pass.
        self.loops: list[tuple[Block, int, int]] = []
        self.arrays: dict[int, tuple[Any, Event]] = {}
        self.loc: Loc | None = None
        self.given: tuple[Any, ...] = ()

    def call(self, func: Func, args: Values) -> Values:
        frame = TracingFrame(self)
        return [frame.read(atom) for atom in frame.block(func.body, args)]

    @property
    def passes(self) -> Passes:
        return tuple((line, number) for _, line, number in self.loops)

    def new(
        self, op: str, args: tuple[Operand, ...], value: Any, let: Let, label: str = ""
    ) -> Event:
        event = Event(len(self.trace.events), op, args, value, let, self.passes, label)
        if op == let.op and len(self.given) == len(let.args):
            event.given = self.given
        self.trace.events.append(event)
        return event

    def note(self, loc: Loc | None, kind: str, text: str, taken: bool = True) -> None:
        before = len(self.trace.events)
        self.trace.notes.append(Note(before, loc, kind, text, self.passes, taken))

    def marked(self, value: Any, event: Event) -> Any:
        """A value that knows where it came from."""
        if isinstance(value, np.ndarray):
            self.arrays[id(value)] = value, event
            return value
        if isinstance(value, (np.floating, np.complexfloating)):
            value = value.item()
        if isinstance(value, complex):
            return TracedComplex(value, event)
        return Traced(value, event) if isinstance(value, float) else value

    def event_of(self, value: Any) -> Event | None:
        if isinstance(value, (Traced, TracedComplex, Unknown)):
            return value.event
        if isinstance(value, np.ndarray):
            found = self.arrays.get(id(value))
            return found[1] if found is not None else None
        return None


class TracingFrame(Frame):
    interpreter: Tracer

    def stmt(self, stmt: Stmt) -> None:
        tracer = self.interpreter
        before = tracer.loc
        tracer.loc = getattr(stmt, "loc", None) or before
        try:
            match stmt:
                case Let():
                    self.env[stmt.out] = self.let(stmt)
                case If(outs, cond, then, orelse):
                    taken = bool(self.read(cond))
                    if then.stmts or orelse.stmts or outs:
                        tracer.note(stmt.loc, "if", self.shown(cond), taken)
                    self.bind(outs, self.values(self.block(then if taken else orelse)))
                case Loop() | While():
                    self.looped(stmt)
                case Call(_, func, _):
                    tracer.note(stmt.loc, "call", func)
                    super().stmt(stmt)
                case Raise() | Try():
                    super().stmt(stmt)
        except NeedsPoint as missing:
            missing.loc = missing.loc or tracer.loc
            raise
        if not isinstance(stmt, Raise):
            tracer.loc = before

    def looped(self, loop: Loop | While) -> None:
        tracer = self.interpreter
        line = loop.loc.line if loop.loc else 0
        place = len(tracer.trace.notes)
        tracer.note(loop.loc, "loop", "")
        tracer.loops.append((loop.body, line, 0))
        if isinstance(loop, Loop):
            self.loop(loop)
        else:
            self.while_(loop)
        _, _, passes = tracer.loops.pop()
        said = "1 pass" if passes == 1 else f"{passes} passes"
        tracer.trace.notes[place] = tracer.trace.notes[place]._replace(text=said)

    def passes(self, loop: Loop) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """As in the interpreter; the rows of an array are events of their own."""
        columns: list[Sequence[Any]] = []
        for seq, element in zip(loop.seqs, loop.elements, strict=True):
            values = self.read(seq.list)
            if isinstance(values, np.ndarray):
                rows = [self.row(seq.list, values, k, element) for k in range(len(values))]
                columns.append(rows[::-1] if seq.reversed else rows)
            else:
                columns.append(self.column(values, seq.reversed))
        shortest = min(map(len, columns), default=0)
        indices = range(shortest) if loop.domain is None else self.range(loop.domain)
        each: Iterable[tuple[Any, ...]] = [()] * len(indices)
        if columns:
            each = zip(*columns, strict=False)
        return zip(indices, each, strict=False)

    def listed(self, array: Atom, values: Any, item: Type) -> list[Any]:
        """The rows of an array as a list, or as a list of lists."""
        if not isinstance(item, List):
            return [self.row(array, values, k, Var(item)) for k in range(len(values))]
        assert isinstance(array.type, Array)
        inner = Var(Array(array.type.dtype, array.type.dims[1:]))
        rows = [self.row(array, values, k, inner) for k in range(len(values))]
        return [self.listed(inner, row, item.item) for row in rows]

    def row(self, array: Atom, values: Any, k: int, element: Var) -> Any:
        value = STRUCTURAL["get"](values, k)
        event = self.interpreter.event_of(values)
        if event is None:
            return value
        index = Lit(k, INT)
        made = Let(Var(element.type, element.hint), "get", (array, index))
        self.interpreter.given = values, k
        operands = Operand(event, array, values), Operand(None, index, k)
        return self.interpreter.marked(
            value, self.interpreter.new("get", operands, value, made)
        )

    def block(self, block: Block, args: Sequence[Any] = ()) -> tuple[Atom, ...]:
        loops = self.interpreter.loops
        if loops and loops[-1][0] is block:
            body, line, number = loops[-1]
            loops[-1] = body, line, number + 1
        return super().block(block, args)

    def handler_of(self, error: BaseException, handlers: Sequence[Handler]) -> int | None:
        if isinstance(error, NeedsPoint):
            return None
        number = super().handler_of(error, handlers)
        if number is not None:
            self.interpreter.note(self.interpreter.loc, "except", type(error).__name__)
        return number

    def shown(self, cond: Atom) -> str:
        return cond.hint if isinstance(cond, Var) else repr(cond)

    # One primitive.

    def let(self, let: Let) -> Any:
        args = self.operands(let.op, let.args)
        if let.op in _TEXTS:
            return self.outside(let, args)
        if let.op in _MOVES or (let.op in _MOVES_OF_LISTS and isinstance(args[0], list)):
            moved = STRUCTURAL[let.op](*args)
            event = self.interpreter.event_of(moved)
            if event is not None and not event.name:
                event.name = let.out.hint
            return moved
        if let.op == "to_list" and isinstance(let.out.type, List):
            return self.listed(let.args[0], args[0], let.out.type.item)
        if let.op == "acc" and isinstance(args[0], list):
            return self.added_to(let, args)
        operands = tuple(self.spread(let, args))
        self.interpreter.given = tuple(args)
        if any(isinstance(operand.value, Unknown) for operand in operands):
            made = Unknown(self.interpreter.new(let.op, operands, None, let))
            made.event.value = made
            return made
        value = self.apply(let.op, [plain(arg) for arg in args])
        event = self.interpreter.new(let.op, operands, value, let)
        if isinstance(value, (list, tuple)):
            return self.parts(let, value, operands)
        marked = self.interpreter.marked(value, event)
        if not isinstance(value, np.ndarray) and marked is value:
            # No number that could vary: a truth value, an int, a text.
            self.interpreter.trace.ends.append(self.interpreter.trace.events.pop())
        return marked

    def parts(self, let: Let, value: Any, operands: tuple[Operand, ...]) -> Any:
        """What gave several results: an event each."""
        trace = self.interpreter.trace
        trace.events.pop()
        made = []
        for k, part in enumerate(value):
            if isinstance(part, (list, tuple)):
                made.append(self.parts(let, part, operands))
                continue
            event = self.interpreter.new(let.op, operands, part, let, f"[{k}]")
            marked = self.interpreter.marked(part, event)
            if not isinstance(part, np.ndarray) and marked is part:
                trace.events.pop()
            made.append(marked)
        return type(value)(made) if type(value) in (list, tuple) else tuple(made)

    def outside(self, let: Let, args: Values) -> Any:
        if any(isinstance(arg, Unknown) for arg in args):
            if let.op != "python":
                return None
            raise NeedsPoint(next(a for a in args if isinstance(a, Unknown)).event.out.hint)
        if let.op == "store":
            return None  # looking changes nothing
        value = self.apply(let.op, [plain(arg) for arg in args])
        if let.op in ("global", "constant"):
            event = self.interpreter.new("input", (), value, let, str(args[0]))
            marked = self.interpreter.marked(value, event)
            if marked is value and not isinstance(value, np.ndarray):
                self.interpreter.trace.events.pop()
            return marked
        return value

    def added_to(self, let: Let, args: Values) -> Any:
        values, value, *index = args
        old = STRUCTURAL["get"](values, *index)
        operands = tuple(
            Operand(self.interpreter.event_of(v), Lit(None, FLOAT), v) for v in (old, value)
        )
        total = old + plain(value)
        event = self.interpreter.new("add", operands, total, let)
        return STRUCTURAL["set"](values, self.interpreter.marked(total, event), *index)

    def spread(self, let: Let, args: Values) -> Iterator[Operand]:
        """The operands; a list of floats counts as its elements."""
        for atom, arg in zip(let.args, args, strict=True):
            is_list = isinstance(arg, (list, tuple))
            if is_list and (let.op in REDUCTIONS or self.holds_event(arg)):
                yield from self.elements(atom, arg)
            else:
                yield Operand(self.interpreter.event_of(arg), atom, arg)

    def holds_event(self, value: Any) -> bool:
        if isinstance(value, (list, tuple)):
            return any(map(self.holds_event, value))
        return self.interpreter.event_of(value) is not None

    def elements(self, atom: Atom, values: Sequence[Any]) -> Iterator[Operand]:
        for value in values:
            if isinstance(value, (list, tuple)):
                yield from self.elements(atom, value)
            else:
                yield Operand(self.interpreter.event_of(value), atom, value)


def traced(
    module: Module,
    given: Mapping[str, object] | None,
    names: Mapping[str, object] | None = None,
    partial: bool = False,
) -> Trace:
    """Run the entry of a module with these arguments, or with unknown ones; `partial`: those
    that are not given are unknown.

    Raises `Stopped` where the program raises, `NeedsPoint` where a value is needed.
    """
    tracer = Tracer(module, {**vars(builtins), "math": math, "np": np, **(names or {})})
    entry = module.funcs[module.entry]
    trace = tracer.trace
    trace.known = given is not None and not partial
    leaves: dict[int, tuple[Leaf, bool]] = {}
    for name, structure in entry.signature:
        there = None if given is None or (partial and name not in given) else given
        for k, leaf in flattened(structure, entry.params, name, there):
            leaves[k] = leaf, there is not None
    args = [entered(tracer, entry.params[k], *leaves[k]) for k in range(len(entry.params))]
    for k, arg in enumerate(args):
        trace.inputs[k] = list(inputs_in(tracer, arg))
    try:
        with np.errstate(all="ignore"), redirect_stdout(StringIO()):
            trace.results = tracer.call(entry, args)
    except Exception as error:
        raise Stopped(error, tracer.loc, trace) from error
    return trace


def entered(tracer: Tracer, param: Var, leaf: Leaf, known: bool) -> Any:
    """An argument, its floats as events."""

    def event(label: str, value: Any) -> Event:
        return tracer.new("input", (), value, Let(param, "input", ()), label)

    def walked(label: str, value: Any, type_: Type) -> Any:
        if isinstance(value, (list, tuple)):
            parts = [walked(f"{label}[{k}]", part, type_) for k, part in enumerate(value)]
            return parts if isinstance(value, list) else tuple(parts)
        if isinstance(value, np.ndarray):
            value = value.copy()
            return tracer.marked(value, event(label, value))
        wanted = isinstance(value, (float, np.floating)) or (
            "float" in str(type_) and isinstance(value, (int, np.integer))
        )
        if wanted and not isinstance(value, bool):
            number = float(value)
            return Traced(number, event(label, number))
        if isinstance(value, complex):
            return TracedComplex(value, event(label, value))
        return value

    if not known:
        if param.type not in (FLOAT, INT, BOOL, COMPLEX):
            raise NeedsPoint(leaf.label)
        made = Unknown(event(leaf.label, None))
        made.event.value = made
        return made
    return walked(leaf.label, leaf.value, param.type)


def inputs_in(tracer: Tracer, value: Any) -> Iterator[Event]:
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from inputs_in(tracer, part)
        return
    event = tracer.event_of(value)
    if event is not None:
        yield event
