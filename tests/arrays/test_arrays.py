"""Every array program of the tables."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2sad import value_and_grad
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import REQUIRED
from tests.language.table import Entry, entries_in

from .check import Verdict, curvature, forward, product, refusal, slopes, verdict

HERE = Path(__file__).parent


def each(*tables: str) -> pytest.MarkDecorator:
    listed = [entry for table in tables for entry in entries_in(HERE / table)]
    names = [f"{entry.chapter}-{entry.name}" for entry in listed]
    assert len(set(names)) == len(names)
    return pytest.mark.parametrize("entry", listed, ids=names)


@each("programs", "memory")
def test_program(entry: Entry) -> None:
    _judge(entry)


@each("hostile")
def test_hostile_program(entry: Entry) -> None:
    """Two owners, overlapping views, repeated indices, masks that change."""
    _judge(entry)


def _judge(entry: Entry, verdict: Callable[[Entry], Verdict] = verdict) -> None:
    found = verdict(entry)
    if entry.is_open and found.kind != "right":
        assert found.kind == "refused", found.detail
        assert entry.words["open"] in found.detail
    else:
        assert found.kind == "right", found.detail


@each("programs", "memory", "hostile")
def test_forward_mode(entry: Entry) -> None:
    _judge(entry, forward)


@each("hostile")
def test_forward_over_reverse(entry: Entry) -> None:
    _judge(entry, product)


@each("programs", "memory")
def test_hessian(entry: Entry) -> None:
    _judge(entry, curvature)


@each("programs")
def test_several_directions_at_once(entry: Entry) -> None:
    _judge(entry, slopes)


@each("refused")
def test_refused(entry: Entry) -> None:
    found = refusal(entry)
    assert found.kind == "right", found.detail


def test_arguments_that_share_memory() -> None:
    """Two parameters that are parts of one array, and one of them is written to."""

    def f(x, y):  # type: ignore[no-untyped-def]
        x[0] = y[0] ** 2
        return np.sum(x * y)

    both = np.linspace(0.3, 0.9, 5)
    derived = value_and_grad(f, argnums=(0, 1))
    derived(both[:3].copy(), both[2:].copy())
    for x, y in ((both[:3], both[2:]), (both, both), (both[::2], both[1:4])):
        with pytest.raises(ValueError, match="share memory"):
            derived(x, y)
    derived(both[::2][:2], both[1::2])  # no element of both


def test_views_are_declared() -> None:
    """What a primitive returns shares memory with an argument only where the table says it."""
    for name, call in _CALLS.items():
        for array in (np.ones((3, 3)), np.asfortranarray(np.ones((3, 3)))):
            made: Any = None
            with np.errstate(all="ignore"), contextlib.suppress(TypeError, ValueError):
                made = call(array)
            parts = made if isinstance(made, tuple | list) else [made]
            if any(np.may_share_memory(array, part) for part in parts):
                assert ARRAY_OPS[name].view != "never", name


_CALLS: dict[str, Callable[[np.ndarray], Any]] = {
    "np.diag": np.diag,
    "np.einsum": lambda a: np.einsum("ii->i", a),
    "np.linalg.matrix_power": lambda a: np.linalg.matrix_power(a, 1),
    **{
        name: function
        for name, op in ARRAY_OPS.items()
        if name.count(".") == 1
        and (function := getattr(np, name[3:], None)) is not None
        and sum(p.default == REQUIRED for p in op.params) == 1
        and not any(p.rest for p in op.params)
        and not op.varies
        and name not in ("np.arange", "np.eye", "np.identity", "np.tri", "np.zeros", "np.empty")
    },
}
