"""`f.debug(0.7)`: the two sweeps step by step, the user's line and the emitted one of each;
where the program raises, up to there; and where the first nan or inf comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from s2sad.errors import Loc
from s2sad.inspect.derivation import Maker, source_line
from s2sad.inspect.events import Event, Stopped, plain
from s2sad.inspect.finding import Found, first_not_finite, is_finite, place_of
from s2sad.inspect.render import shown
from s2sad.inspect.subject import Run
from s2sad.inspect.writing import TEXT

_MOST = 400


class Step(NamedTuple):
    """One step of a sweep; `emitted` is the number of the line of the emitted text."""

    sweep: str
    text: str
    value: Any
    loc: Loc | None
    emitted: int | None


class Steps:
    """The steps, the emitted text they are lines of, and what went wrong, if anything."""

    def __init__(
        self, steps: tuple[Step, ...], source: str, error: str, found: Found | None
    ) -> None:
        self.steps = steps
        self.source = source
        self.error = error
        self.found = found

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        return "\n".join(_told(self)) + "\n"

    __repr__ = __str__


def stepped(run: Run, source: str) -> Steps:
    """`source` is the text that is emitted at -O0, which names what the SSA names."""
    made = Maker(run)
    lines = _Lines(source)
    steps = [_forward(made, event, lines) for event in made.shown if not event.is_input]
    order = sorted(made.active, key=lambda event: -event.index)
    for event in order:
        bar = run.swept.bars.get(event)
        text = f"{TEXT.write(made.of_output(event))}"
        line = lines.of(_base(event) + "_bar", backward=True)
        steps.append(Step("reverse", text, bar, event.loc, line))
    return Steps(tuple(steps), source, "", first_not_finite(run))


def stopped_steps(stopped: Stopped, source: str) -> Steps:
    lines = _Lines(source)
    steps = []
    for event in stopped.trace.events:
        if not event.is_input:
            line = lines.of(_base(event))
            steps.append(
                Step("forward", event.name or event.op, plain(event.value), event.loc, line)
            )
    error = f"{stopped.place}\n  raises {type(stopped.error).__name__}: {stopped.error}"
    return Steps(tuple(steps), source, error, None)


def _forward(made: Maker, event: Event, lines: _Lines) -> Step:
    text = f"{TEXT.write(made.names[event])} = {TEXT.write(made.formula(event))}"
    return Step("forward", text, plain(event.value), event.loc, lines.of(_base(event)))


def _base(event: Event) -> str:
    return event.name or event.label


class _Lines:
    """The lines of an emitted text by the name that they assign."""

    def __init__(self, source: str) -> None:
        self.found: dict[str, list[int]] = {}
        for number, line in enumerate(source.splitlines(), 1):
            match = re.match(r"\s+(\w+)(?:\[.*\])? (?:[-+*/]?=) ", line)
            if match:
                self.found.setdefault(match[1], []).append(number)

    def of(self, name: str, backward: bool = False) -> int | None:
        lines = self.found.get(name, [None])
        return lines[-1] if backward else lines[0]


def _told(steps: Steps) -> Iterator[str]:
    text = steps.source.splitlines()
    shown_line: Loc | None = None
    sweep = ""
    listed = steps.steps if len(steps.steps) <= _MOST else steps.steps[:_MOST]
    for step in listed:
        if step.sweep != sweep:
            sweep = step.sweep
            yield f"{sweep} sweep"
            shown_line = None
        if step.loc is not None and (shown_line is None or step.loc[:2] != shown_line[:2]):
            shown_line = step.loc
            yield f"  {place_of(step.loc)}{source_line(step.loc)}"
        mark = "" if is_finite(step.value) else "   <-- not finite"
        yield f"      {step.text} = {shown(step.value)}{mark}"
        if step.emitted is not None:
            yield f"          emitted, line {step.emitted}: {text[step.emitted - 1].strip()}"
    if len(steps.steps) > _MOST:
        yield f"  ⋮ {len(steps.steps) - _MOST} more"
    if steps.error:
        yield steps.error
    if steps.found is not None:
        yield "The first value that is not finite:"
        yield from (f"  {line}" for line in str(steps.found).splitlines())
