"""The data flow of a run: its operations, the values and adjoints that pass between them.

Where it is too large, it is folded: the middle passes of a loop into one node, then what
stands on one line of the source, then the middle of what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from s2sad.inspect.adjoints import is_of_arrays
from s2sad.inspect.derivation import Maker, about
from s2sad.inspect.events import Event, plain
from s2sad.inspect.folding import last_passes
from s2sad.inspect.render import shown
from s2sad.inspect.subject import Run
from s2sad.inspect.writing import TEXT

MOST = 40
_LONGEST = 26


class Point(NamedTuple):
    """A node: `kind` is input, output, inner or folded; `about` is what values it is of."""

    key: str
    title: str
    value: str
    adjoint: str
    kind: str
    active: bool
    line: int | None
    about: frozenset[str]


class Line(NamedTuple):
    """An edge: what goes along it forward, and what comes back."""

    source: str
    target: str
    value: str
    adjoint: str
    active: bool


class Graph(NamedTuple):
    name: str
    points: tuple[Point, ...]
    lines: tuple[Line, ...]


def graph_of(run: Run, most: int = MOST) -> Graph:
    """The graph of what the result was computed from, of at most about `most` nodes."""
    made = Maker(run)
    events = made.shown
    key_of: Callable[[Event], Hashable] = lambda event: event.index  # noqa: E731
    for rule in (_by_event, _by_passes(events), _by_line, _by_half(events, most)):
        key_of = rule
        if len({key_of(event) for event in events}) <= most:
            break
    groups: dict[Hashable, list[Event]] = {}
    for event in events:
        groups.setdefault(key_of(event), []).append(event)
    names = {key: f"n{number}" for number, key in enumerate(groups)}
    points = tuple(_point(made, names[key], group) for key, group in groups.items())
    lines: dict[tuple[str, str], Line] = {}
    for event in events:
        for parent in dict.fromkeys(event.parents):
            ends = names[key_of(parent)], names[key_of(event)]
            if ends[0] != ends[1] and ends not in lines:
                lines[ends] = _line(made, ends, parent, event)
    ordered = _acyclic(points, tuple(lines.values()))
    return Graph(run.subject.entry.name, points, ordered)


def _by_event(event: Event) -> Hashable:
    return event.index


def _by_passes(events: list[Event]) -> Callable[[Event], Hashable]:
    last = last_passes(event.passes for event in events)

    def key(event: Event) -> Hashable:
        for depth, (line, number) in enumerate(event.passes):
            count = last[(*event.passes[:depth], (line, 0))]
            if count > 3 and 1 < number < count:
                return ("passes", *event.passes[:depth], line)
        return event.index

    return key


def _by_line(event: Event) -> Hashable:
    if event.is_input or event.loc is None:
        return "inputs" if "[" in event.label else event.index
    return ("line", event.loc.file, event.loc.line)


def _by_half(events: list[Event], most: int) -> Callable[[Event], Hashable]:
    keys = list(dict.fromkeys(map(_by_line, events)))
    kept = {*keys[: most // 2], *keys[-(most - most // 2 - 1) :]}
    return lambda event: key if (key := _by_line(event)) in kept else "more"


def _acyclic(points: tuple[Point, ...], lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Of a folded graph the edges that go forward: one back into a fold is its own."""
    place = {point.key: number for number, point in enumerate(points)}
    return tuple(line for line in lines if place[line.source] < place[line.target])


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _point(made: Maker, key: str, group: list[Event]) -> Point:
    run, event = made.run, group[-1]
    active = any(one in made.active for one in group)
    kind = "output" if run.output in group else "input" if event.is_input else "inner"
    line = event.loc.line if event.loc and not event.is_input else None
    names = frozenset(map(about, group)) - {""}
    if len(group) > 1:
        places = {one.loc.line for one in group if one.loc}
        title = f"line {line}" if len(places) == 1 else f"⋮ {len(group)} operations"
        numbers = [one.passes[0][1] for one in group if one.passes]
        if len(places) > 1 and len(numbers) == len(group):
            title = f"⋮ passes {min(numbers)} to {max(numbers)}: {len(group)} operations"
        if all(one.is_input for one in group):
            title = f"{len(group)} inputs"
        elif len(places) == 1:
            title += f": {len(group)} operations"
        return Point(
            key, title, "", "", kind if kind == "output" else "folded", active, line, names
        )
    name = made.names[event]
    text = TEXT.write(name)
    if not event.is_input:
        text = f"{text} = {TEXT.write(made.formula(event))}"
    value = shown(plain(event.value), 4) if made.known else ""
    return Point(key, _short(text), value, _bar(made, event), kind, active, line, names)


def _bar(made: Maker, event: Event) -> str:
    found = made.run.swept.bars.get(event)
    return "" if found is None or not made.known else shown(found, 4)


def _line(made: Maker, ends: tuple[str, str], parent: Event, event: Event) -> Line:
    active = parent in made.active and event in made.active
    if made.known:
        share: Any = made.run.swept.shares.get((event, parent))
        back = "" if share is None else shown(share, 4)
        return Line(*ends, shown(plain(parent.value), 4), back, active)
    text = ""
    if active and not is_of_arrays(event):
        formula = made.partial_formula(made.edges(event).get(parent, []))
        text = "" if formula is None else TEXT.write(formula)
    return Line(*ends, "", text if len(text) <= 14 else "", active)
