"""Is a program, and what its oracle says of it, consistent? s2sad is not asked."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from .check import Wrong, close, exception_text, expected
from .running import by_differences, jet_differences, on_jets, primal, time_limit
from .table import Entry


def complaint(entry: Entry) -> str:
    """What is wrong with a program or its oracle, without s2sad; "" if nothing is."""
    try:
        with time_limit(20):
            return "; ".join(filter(None, (_complaint(entry, p) for p in entry.points)))
    except Exception:
        return traceback.format_exc(limit=-4)


def _complaint(entry: Entry, point: str) -> str:
    wanted, positions, exact = expected(entry, point)
    if wanted.error is not None:
        made: Callable[..., object] = primal if entry.by_differences else on_jets
        try:
            made(entry, point, positions)
        except Exception as error:
            return (
                ""
                if exception_text(error) == exception_text(wanted.error)
                else exception_text(error)
            )
        return "" if entry.by_differences else "the jets do not raise"
    if not isinstance(wanted.value[0] if entry.aux else wanted.value, float):
        return f"the value at {point} is {wanted.value!r}, no float"
    if entry.by_differences:
        return ""
    rough = by_differences(entry, point, positions)
    second = jet_differences(entry, point, positions)
    try:
        close(f"at {point}: jets' gradient", exact.gradient, rough.gradient, 1e-6)
        keys = sorted(second)
        # The gradient goes with them, for the scale of what cancels.
        listed = [*(exact.hessian[key] for key in keys), *exact.gradient]
        rough_too = [*(second[key] for key in keys), *exact.gradient]
        close(f"at {point}: jets' Hessian", listed, rough_too, 1e-5)
    except Wrong as error:
        return str(error)
    return ""
