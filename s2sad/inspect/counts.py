"""What the two directions cost: the lecture's argument at its equations 23-29.

An edge of the graph is one product with a local partial. Backward each edge is passed once
for every result, forward once for every number that goes in.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from s2sad.inspect.adjoints import is_of_arrays
from s2sad.inspect.events import Event
from s2sad.inspect.subject import Run


class Counts(NamedTuple):
    """Products and sums of each direction; `sweeps` is how often forward starts."""

    reverse: tuple[int, int]
    forward: tuple[int, int]
    sweeps: int
    arrays: bool

    def __str__(self) -> str:
        unit = "array products" if self.arrays else "products"
        back = f"{_many(self.reverse[0], unit)} and {_many(self.reverse[1], 'sums')}"
        along = f"{_many(self.forward[0], unit)} and {_many(self.forward[1], 'sums')}"
        if sum(self.forward) == sum(self.reverse):
            cheaper = "neither is cheaper"
        elif sum(self.forward) < sum(self.reverse):
            cheaper = "forward is cheaper"
        else:
            ratio = max(1.0, sum(self.forward) / max(1, sum(self.reverse)))
            cheaper = f"reverse is cheaper, {ratio:.3g} times"
        once = "1 sweep" if self.sweeps == 1 else f"{self.sweeps} sweeps, one for each number"
        return f"Reverse: 1 sweep, {back}.\nForward: {once}, {along}.\nHere {cheaper}."


def _many(count: int, what: str) -> str:
    return f"{count} {what if count != 1 else what.removesuffix('s')}"


def counted(run: Run) -> Counts:
    active = [e for e in run.trace.events if e in run.swept.active]
    edges = {
        event: [p for p in dict.fromkeys(event.parents) if p in run.swept.active]
        for event in active
    }
    into = sum(map(len, edges.values()))
    uses: dict[Event, int] = dict.fromkeys(active, 0)
    for parents in edges.values():
        for parent in parents:
            uses[parent] += 1
    back = into, sum(max(0, count - 1) for count in uses.values())
    products = sums = sweeps = 0
    for start in run.wrt:
        size = start.value.size if isinstance(start.value, np.ndarray) else 1
        sweeps += size
        reached = {start}
        for event in active:
            parents = [p for p in edges[event] if p in reached]
            if parents and not event.is_input:
                reached.add(event)
                products += size * len(parents)
                sums += size * (len(parents) - 1)
    arrays = any(is_of_arrays(event) for event in active if not event.is_input)
    return Counts(back, (products, sums), sweeps, arrays)
