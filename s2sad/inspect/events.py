"""The events of a run, and values that know the event they came from.

A float of a run is a `Traced`. Without a point the values are `Unknown`; what has to know
one, a branch or the passes of a loop, raises `NeedsPoint`.
"""

from __future__ import annotations

import linecache
from typing import Any, NamedTuple, TypeAlias

from s2sad.errors import Loc
from s2sad.inspect.interpreter import Values
from s2sad.ir.nodes import Atom, Func, Let, Module

# Where in loops something ran: the line of each, and its pass, from 1.
Passes: TypeAlias = "tuple[tuple[int, int], ...]"


class NeedsPoint(BaseException):
    """Something depends on a value, and there is no point. No handler of a program's own
    catches it."""

    def __init__(self, name: str, loc: Loc | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.loc = loc


class Stopped(Exception):
    """The program raised an exception: `error`, at `loc`, after the events of `trace`."""

    def __init__(self, error: Exception, loc: Loc | None, trace: Trace) -> None:
        super().__init__(str(error))
        self.error = error
        self.loc = loc
        self.trace = trace

    @property
    def place(self) -> str:
        """The user's line, and what it says."""
        if self.loc is None:
            return ""
        line = linecache.getline(self.loc.file, self.loc.line).strip()
        return f"{self.loc.file}:{self.loc.line}: {line}"

    def noted(self) -> Exception:
        """The error of the program, which tells the user's line (from Python 3.11 on)."""
        add_note = getattr(self.error, "add_note", None)
        if add_note is not None and self.place:
            add_note(f"s2sad: in {self.place}")
        return self.error


class Operand(NamedTuple):
    """What an operation took: a float or array of an event, or something constant.

    `atom` is what it is called in the program, `value` what it was.
    """

    event: Event | None
    atom: Atom
    value: Any


class Event:
    """One operation that ran, and the value that it gave."""

    __slots__ = (
        "args",
        "given",
        "index",
        "label",
        "let",
        "loc",
        "name",
        "op",
        "out",
        "passes",
        "value",
    )

    def __init__(
        self,
        index: int,
        op: str,
        args: tuple[Operand, ...],
        value: Any,
        let: Let,
        passes: Passes = (),
        label: str = "",
    ) -> None:
        self.index = index
        self.op = op
        self.args = args
        self.value = value
        self.let = let
        self.out = let.out
        self.loc = let.loc
        self.passes = passes
        # Of an input: its name, `x`, `w[2]`, `p.w`.
        self.label = label
        # The arguments of the statement as they were: of a list that counts as its
        # elements in `args` the list.
        self.given: tuple[Any, ...] = tuple(arg.value for arg in args)
        # What it is called; a part of a tuple is called what it is taken out as.
        self.name = let.out.hint if not label.startswith("[") else ""

    @property
    def parents(self) -> list[Event]:
        return [arg.event for arg in self.args if arg.event is not None]

    @property
    def is_input(self) -> bool:
        return self.op == "input"

    def __repr__(self) -> str:
        return f"<{self.index} {self.label or self.out.hint or self.op} = {self.value!r}>"


class Note(NamedTuple):
    """What control flow did: `before` is the index of the event that came next."""

    before: int
    loc: Loc | None
    kind: str
    text: str
    passes: Passes
    taken: bool = True


class Traced(float):
    """A float and the event that it came from."""

    __slots__ = ("event",)
    event: Event

    def __new__(cls, value: float, event: Event) -> Traced:
        made = super().__new__(cls, value)
        made.event = event
        return made


class TracedComplex(complex):
    """The same for complex numbers."""

    event: Event

    def __new__(cls, value: complex, event: Event) -> TracedComplex:
        made = super().__new__(cls, value)
        made.event = event
        return made


class Unknown:
    """A value that only a point would tell."""

    def __init__(self, event: Event) -> None:
        self.event = event

    def _asked(self, *_: object) -> Any:
        raise NeedsPoint(self.event.label or self.event.out.hint)

    __bool__ = __index__ = __len__ = __float__ = __iter__ = __getitem__ = _asked
    __eq__ = _asked
    __hash__ = object.__hash__


class Trace:
    """A run: its events, the notes of what control flow did, and what it returned."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.events: list[Event] = []
        self.notes: list[Note] = []
        # What took floats and gave none: comparisons, roundings to ints.
        self.ends: list[Event] = []
        self.inputs: dict[int, list[Event]] = {}
        self.results: Values = []
        self.known = True

    @property
    def entry(self) -> Func:
        return self.module.funcs[self.module.entry]


def plain(value: Any) -> Any:
    """A value without what it knows."""
    match value:
        case Traced():
            return float(value)
        case TracedComplex():
            return complex(value)
        case Unknown():
            return value._asked()
        case list():
            return [plain(part) for part in value]
        case tuple() if type(value) is tuple:
            return tuple(plain(part) for part in value)
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case _:
            return value
