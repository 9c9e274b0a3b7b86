"""Where a run goes wrong: the first nan or inf, and where an input loses its influence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from s2sad.errors import Loc
from s2sad.inspect.derivation import Maker, source_line
from s2sad.inspect.events import Event, plain
from s2sad.inspect.render import shown
from s2sad.inspect.subject import Run
from s2sad.inspect.writing import TEXT

_MOST_PATHS = 5


class Found(NamedTuple):
    """A finding: what it is, where, and the values that led to it."""

    sweep: str
    loc: Loc | None
    what: str
    because: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{place_of(self.loc)}{self.sweep}: {self.what}"]
        line = source_line(self.loc)
        if line:
            lines.append(f"    {line}")
        return "\n".join([*lines, *(f"  {reason}" for reason in self.because)])


def place_of(loc: Loc | None) -> str:
    return f"{loc.file}:{loc.line}: " if loc else ""


def is_finite(value: Any) -> bool:
    if isinstance(value, (bool, int, str)) or value is None:
        return True
    if isinstance(value, np.ndarray):
        return bool(np.all(np.isfinite(value))) if value.dtype.kind in "fc" else True
    if isinstance(value, complex):
        return math.isfinite(value.real) and math.isfinite(value.imag)
    return math.isfinite(value) if isinstance(value, float) else True


def first_not_finite(run: Run) -> Found | None:
    """The first operation that gave a nan or inf without being given one."""
    made = Maker(run)
    for event in run.trace.events:
        if is_finite(plain(event.value)):
            continue
        if event.is_input:
            what = f"{event.label} is {shown(plain(event.value))} to begin with"
            return Found("forward sweep", event.loc, what, ())
        text = _told(made, event)
        reasons = tuple(_values(made, event))
        return Found(
            "forward sweep", event.loc, f"{text} = {shown(plain(event.value))}", reasons
        )
    order = sorted(run.swept.active, key=lambda event: -event.index)
    for event in order:
        bar = run.swept.bars.get(event)
        for parent in dict.fromkeys(event.parents):
            share = run.swept.shares.get((event, parent))
            if share is None or is_finite(share) or not is_finite(bar):
                continue
            product = f"{TEXT.write(made.of_output(event))} = {shown(bar)}"
            found = made.edges(event).get(parent, [])
            local = made.local(event, parent)
            formula = made.partial_formula(found)
            value = sum(one.value for one in found if one.value is not None)
            said = TEXT.write(local)
            if formula is not None:
                steps = dict.fromkeys((TEXT.write(formula), shown(value)))
                said += "".join(f" = {step}" for step in steps)
            what = f"what {TEXT.write(made.names[parent])} gets from here is {shown(share)}"
            reasons = (said, product, *_values(made, event))
            return Found("reverse sweep", event.loc, what, reasons)
        if not is_finite(bar):
            what = f"{TEXT.write(made.of_output(event))} = {shown(bar)}, a sum of finite terms"
            return Found("reverse sweep", event.loc, what, ())
    return None


def _told(made: Maker, event: Event) -> str:
    name = made.names.get(event)
    left = TEXT.write(name) if name is not None else event.name or event.op
    return f"{left} = {TEXT.write(made.formula(event))}"


def _values(made: Maker, event: Event) -> Iterator[str]:
    said: set[str] = set()
    for arg in event.args:
        if arg.event is None:
            continue
        name = made.names.get(arg.event)
        left = TEXT.write(name) if name is not None else arg.event.name
        text = f"from {left} = {shown(plain(arg.value))}"
        text += f", of line {arg.event.loc.line}" if arg.event.loc else ""
        if text not in said:
            said.add(text)
            yield text


# Why a derivative is 0.


class Lost(NamedTuple):
    """A path from an input to where its influence ends."""

    path: tuple[str, ...]
    loc: Loc | None
    why: str

    def __str__(self) -> str:
        line = source_line(self.loc)
        text = f"{' → '.join(self.path)}\n    {place_of(self.loc)}{self.why}"
        return f"{text}\n        {line}" if line else text


class Reason(NamedTuple):
    """Why the derivative in one input is 0, or that it is not."""

    label: str
    derivative: Any
    lost: tuple[Lost, ...]

    def __str__(self) -> str:
        if not _is_zero(self.derivative):
            return f"The derivative in {self.label} is {shown(self.derivative)}."
        lines = [f"The derivative in {self.label} is 0:"]
        lines += [f"  {line}" for lost in self.lost for line in str(lost).splitlines()]
        if not self.lost:
            lines.append("  nothing that runs here reads it")
        return "\n".join(lines)


class Findings(tuple[Reason, ...]):
    """Reasons, one for each input; as text, one after the other."""

    def __str__(self) -> str:
        return "\n".join(map(str, self)) + "\n"

    __repr__ = __str__


def _is_zero(value: Any) -> bool:
    return value is None or bool(np.all(np.asarray(value) == 0))


def why_zero(run: Run) -> tuple[Reason, ...]:
    """For each input whose derivative is 0 the paths on which its influence ends."""
    made = Maker(run)
    uses: dict[Event, list[Event]] = {}
    for event in (*run.trace.events, *run.trace.ends):
        for parent in dict.fromkeys(event.parents):
            uses.setdefault(parent, []).append(event)
    reasons = []
    for event in run.wrt:
        bar = run.swept.bars.get(event)
        lost = tuple(_lost(made, uses, event))[:_MOST_PATHS] if _is_zero(bar) else ()
        reasons.append(Reason(event.label, bar, lost))
    return tuple(reasons)


def _lost(made: Maker, uses: dict[Event, list[Event]], start: Event) -> Iterator[Lost]:
    run = made.run
    ends = set(run.trace.ends)
    waiting: list[tuple[Event, tuple[str, ...]]] = [(start, (start.label,))]
    seen = {start}
    while waiting:
        event, path = waiting.pop(0)
        following = uses.get(event, [])
        if not following and event is not run.output:
            yield Lost(path, event.loc, "nothing uses it further")
        for user in following:
            name = made.names.get(user)
            label = TEXT.write(name) if name is not None else user.name or user.op
            if user in ends:
                why = (
                    f"{_told(made, user).split(' = ', 1)[-1]} only decides or counts: no slope"
                )
                yield Lost(path, user.loc, why)
                continue
            if user.op == "stop_gradient":
                yield Lost((*path, label), user.loc, "stop_gradient: taken as a constant")
                continue
            if user not in run.swept.active:
                if user not in seen:
                    seen.add(user)
                    waiting.append((user, (*path, label)))
                continue
            found = made.edges(user).get(event, [])
            share = run.swept.shares.get((user, event))
            value = sum(one.value for one in found if one.value is not None)
            if found and value == 0:
                names = TEXT.write(made.local(user, event))
                why = (
                    f"{names} is 0 here: {_told(made, user)}, {'; '.join(_values(made, user))}"
                )
                yield Lost((*path, label), user.loc, why)
            elif share is not None and _is_zero(share) and not _is_zero(run.swept.bars[user]):
                why = f"nothing comes back through {_told(made, user)}"
                yield Lost((*path, label), user.loc, why)
            elif user not in seen:
                seen.add(user)
                if _is_zero(run.swept.bars.get(user)):
                    waiting.append((user, (*path, label)))
                else:
                    bar = shown(run.swept.bars[user])
                    why = f"its use in {_told(made, user)} gives {shown(share)} (adjoint {bar})"
                    yield Lost((*path, label), user.loc, f"{why}; the uses cancel")
