"""What is looked at: a function in SSA form, the result and the inputs that are meant."""

from __future__ import annotations

from collections.abc import Mapping
from types import FunctionType
from typing import Any, NamedTuple

from s2sad.compile import Wish, chosen_result, parts_wished
from s2sad.errors import S2sadError, UnsupportedFunction
from s2sad.frontend import Lowered
from s2sad.inspect.adjoints import Swept, swept
from s2sad.inspect.events import Event, NeedsPoint, Trace
from s2sad.inspect.trace import traced
from s2sad.ir.nodes import Func, Module, indices
from s2sad.rules import BOUND
from s2sad.transform.naming import name_all


class PointNeeded(S2sadError):
    """Without a point it is not known what runs."""

    code = "point-needed"


class Subject(NamedTuple):
    """`names` are what the function's own texts read: its globals, and what it closes
    over."""

    lowered: Lowered
    wish: Wish
    names: Mapping[str, Any]

    @property
    def module(self) -> Module:
        return self.lowered.module

    @property
    def entry(self) -> Func:
        return self.module.funcs[self.module.entry]

    @property
    def leaves(self) -> list[int]:
        """The parameters of the IR that are differentiated by."""
        return [k for part in parts_wished(self.lowered, self.wish) for k in indices(part)]


def subject_of(lowered: Lowered, wish: Wish, names: Mapping[str, Any]) -> Subject:
    name_all(lowered.module)
    return Subject(lowered, wish, {**dict(lowered.constants), **names})


def names_of(function: FunctionType, lowered: Lowered) -> dict[str, Any]:
    """What the texts of a function in memory read."""
    cells: dict[str, Any] = {}
    found = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    for name, cell in found:
        try:
            cells[name] = cell.cell_contents
        except ValueError:  # not bound yet
            continue
    numbers = {
        number.name: number.cell.cell_contents if number.cell else number.names[number.key]
        for number in lowered.numbers
    }
    classes = {meaning.name: meaning.found for meaning in lowered.classes if meaning.found}
    return {**function.__globals__, **cells, **classes, **BOUND, **numbers}


class Run(NamedTuple):
    """One run at a point, or without one, and the sweep back over it."""

    subject: Subject
    trace: Trace
    output: Event | None
    wrt: tuple[Event, ...]
    swept: Swept

    @property
    def value(self) -> Any:
        return self.trace.results[chosen_result(self.subject.entry, self.subject.wish.of)]


def ran(subject: Subject, given: Mapping[str, object] | None) -> Run:
    """Run it. Raises `PointNeeded` where values decide what runs, and there are none."""
    of = chosen_result(subject.entry, subject.wish.of)
    try:
        trace = traced(subject.module, given, subject.names)
    except NeedsPoint as missing:
        what = missing.name or "a condition"
        example = ",".join(f"{name}=…" for name, _ in subject.entry.signature)
        raise PointNeeded(
            f"what runs here depends on the value of {what}",
            missing.loc,
            f"give a point: --at {example}, or explain({example.replace(',', ', ')})",
        ) from None
    for event in trace.events:
        if event.op == "cotangent":
            raise UnsupportedFunction(
                "a derivation does not show the block of a cotangent",
                event.loc,
                "look at the source of the gradient",
            )
    result = trace.results[of]
    output = result.event if hasattr(result, "event") else None
    wrt = tuple(event for k in subject.leaves for event in trace.inputs[k])
    return Run(subject, trace, output, wrt, swept(trace, output, wrt))
