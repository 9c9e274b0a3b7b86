"""Primitives that take sequences: `max((a, b))`, `sum([…])`, `math.dist(p, q)`.

The elements become the primitive's arguments, where the sequence is a tuple that is
written out.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.frontend.values import TupleValue, Value

_ALWAYS = frozenset({"sum", "math.fsum", "math.prod", "math.dist", "math.sumprod"})
_ALONE = frozenset({"max", "min"})


def flat_arguments(dotted: str, values: Sequence[Value]) -> list[Value] | None:
    """The arguments with their sequences taken apart; None where one is no tuple."""
    if dotted in _ALWAYS:
        return _sequences(dotted, values)
    if dotted in _ALONE and len(values) == 1:
        return _items(values[0]) or None
    return list(values)


def _sequences(dotted: str, values: Sequence[Value]) -> list[Value] | None:
    paired = dotted in ("math.dist", "math.sumprod")
    sequences = values[:2] if paired else values[:1]
    items = [_items(value) for value in sequences]
    if any(part is None for part in items):
        return None
    parts = [part or [] for part in items]
    if paired and (len(parts) != 2 or len(parts[0]) != len(parts[1])):
        return None
    rest = list(values[len(sequences) :])
    if dotted == "math.prod" and rest:
        return None
    # The start of a sum is one more term, before the others.
    return rest + [item for part in parts for item in part]


def _items(value: Value) -> list[Value] | None:
    return list(value.items) if isinstance(value, TupleValue) else None
