"""Long sections, folded: of a loop the first two passes and the last, of a long list its
beginning and its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2sad.inspect.derivation import Row
    from s2sad.inspect.events import Passes

_MOST_PASSES, _FIRST, _LAST = 4, 2, 1
_MOST_ROWS, _HEAD, _TAIL = 60, 36, 12


def folded(rows: tuple[Row, ...], last: dict[Passes, int]) -> tuple[Row, ...]:
    """`last` tells how many passes each loop made: `last_passes`."""
    from s2sad.inspect.derivation import Row

    rows = tuple(_without_passes(rows, last))
    if len(rows) <= _MOST_ROWS:
        return rows
    left_out = len(rows) - _HEAD - _TAIL
    gap = Row(note=f"⋮ {left_out} more")
    return (*rows[:_HEAD], gap, *rows[-_TAIL:])


def last_passes(every: Iterable[Passes]) -> dict[Passes, int]:
    """How many passes each loop made, by where it ran: its line with the pass 0."""
    last: dict[Passes, int] = {}
    for passes in every:
        for depth, (line, number) in enumerate(passes):
            key = (*passes[:depth], (line, 0))
            last[key] = max(last.get(key, 0), number)
    return last


def _without_passes(rows: tuple[Row, ...], last: dict[Passes, int]) -> Iterator[Row]:
    """Leave out the middle passes of the loops, outermost first."""
    gap: tuple[int, int, int] | None = None
    passes: Passes = ()
    for row in rows:
        hidden = is_hidden(row.passes, last)
        if hidden is None:
            if gap is not None:
                yield _gap(gap, passes)
                gap = None
            yield row
            continue
        line, number = row.passes[hidden]
        if gap is not None and (gap[0] != line or passes != row.passes[:hidden]):
            yield _gap(gap, passes)
            gap = None
        passes = row.passes[:hidden]
        gap = (
            (line, number, number)
            if gap is None
            else (
                line,
                min(gap[1], number),
                max(gap[2], number),
            )
        )
    if gap is not None:
        yield _gap(gap, passes)


def is_hidden(passes: Passes, last: dict[Passes, int]) -> int | None:
    """Which of the loops that something ran in is folded there."""
    for depth, (line, number) in enumerate(passes):
        count = last.get((*passes[:depth], (line, 0)), 0)
        if count > _MOST_PASSES and _FIRST < number <= count - _LAST:
            return depth
    return None


def _gap(gap: tuple[int, int, int], passes: Passes) -> Row:
    from s2sad.inspect.derivation import Row

    line, low, high = gap
    which = f"pass {low}" if low == high else f"passes {low} to {high}"
    return Row(note=f"⋮ {which} of the loop on line {line}", passes=passes)
