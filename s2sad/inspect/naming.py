"""What the values of a run are called: c, or c₁, c₂, … where a name has several."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from s2sad.inspect.events import Event
from s2sad.inspect.formula import name


def named(
    events: Iterable[Event], output: Event | None, function: str
) -> dict[Event, ast.expr]:
    """The name of each; the result, where it has none of the user's, is the function's."""
    shown = list(events)
    bases = {event: _base(event) for event in shown}
    taken = set(bases.values())
    if output is not None and not output.is_input and not output.out.user:
        others = {base for event, base in bases.items() if event is not output}
        if function.isidentifier() and function not in others:
            bases[output] = function
    counts = Counter(base for event, base in bases.items() if not event.is_input)
    inputs = {base for event, base in bases.items() if event.is_input}
    seen: Counter[str] = Counter()
    found: dict[Event, ast.expr] = {}
    for event in shown:
        base = bases[event]
        if event.is_input or (counts[base] == 1 and base not in inputs):
            found[event] = name(base)
        else:
            seen[base] += 1
            found[event] = name(base, seen[base])
    assert taken or not shown
    return found


def _base(event: Event) -> str:
    if event.is_input:
        return event.label
    return event.name or "t"
