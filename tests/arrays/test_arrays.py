"""Every array program of the tables."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2sad import hessian, jacobian, jvp, value_and_grad
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import REQUIRED
from tests.language.running import load
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


def test_order_in_memory() -> None:
    """A write through a ravel is one to the argument only if that lies in C's order."""

    def f(x):  # type: ignore[no-untyped-def]
        x.ravel()[0] = 2.0 * x[1, 1]
        return np.sum(x * x)

    derived = value_and_grad(f)
    x = np.arange(1.0, 7.0).reshape(2, 3)
    value, bar = derived(x)
    assert value == f(x.copy())  # type: ignore[no-untyped-call]
    assert np.array_equal(bar, [[0.0, 4.0, 6.0], [8.0, 50.0, 12.0]])
    for turned in (np.asfortranarray(x), x[:, ::2], x.T):
        with pytest.raises(ValueError, match="C's order"):
            derived(turned)


def test_complex_arguments() -> None:
    """The gradient is df/du - i df/dv, as JAX has it."""

    def orbit(c):  # type: ignore[no-untyped-def]
        z = 0j
        for _ in range(3):
            z = z * z + c
        return abs(z)

    def spectrum(z):  # type: ignore[no-untyped-def]
        return np.sum(np.abs(np.fft.fft(z * z)) ** 3) + np.sum(np.angle(z)) + z[0].imag

    c = 0.3 + 0.4j
    assert np.isclose(value_and_grad(lambda z: abs(z) ** 2)(c)[1], 2 * np.conj(c))
    _complex_gradient(orbit, np.array(c))
    _complex_gradient(spectrum, np.array([0.3 + 0.4j, 1.0 - 0.5j, 0.2j]))


def _complex_gradient(f: Any, z: np.ndarray) -> None:
    h, wanted = 1e-6, np.zeros(z.shape, complex)
    for at in np.ndindex(z.shape):
        step = np.zeros(z.shape, complex)
        step[at] = h
        u, v = ((f(z + d) - f(z - d)) / (2 * h) for d in (step, 1j * step))
        wanted[at] = u - 1j * v
    found = value_and_grad(f)(complex(z) if z.ndim == 0 else z)[1]
    assert np.allclose(found, wanted, 1e-6)


@pytest.mark.parametrize("factor", ["2.0", "np.sqrt(2.0)", "x", "np.float64(0.5)", "t"])
def test_float32_stays(factor: str) -> None:
    """Whatever it is multiplied with, the gradient is of the argument's dtype."""
    source = f"""
import numpy as np

def f(w, x, t):
    y = w * {factor}
    for _ in range(2):
        y = np.tanh(y) + 0.1 * w
    w[1] *= 3
    return np.sum(y * y) + np.mean(w**2) * t
"""
    f: Any = vars(load(source))["f"]
    w, x = np.array([0.3, 0.8, 0.5], np.float32), np.array([0.4, 1.2, 0.7])
    value, (w_bar, x_bar, t_bar) = value_and_grad(f, argnums=(0, 1, 2))(w, x, 0.7)
    assert value == f(w.copy(), x, 0.7)
    assert (w_bar.dtype, x_bar.dtype, type(t_bar)) == (np.float32, np.float64, float)
    exact = value_and_grad(f, argnums=(0, 1, 2))(w.astype(float), x, 0.7)[1]
    for found, wanted in zip((w_bar, x_bar, t_bar), exact, strict=True):
        assert np.allclose(found, wanted, 1e-5, 1e-5)


def test_tangents_in_another_order() -> None:
    """A tangent in Fortran's order is written to through a reshape."""

    def f(x):  # type: ignore[no-untyped-def]
        y = x * 2
        y.reshape(2, 6)[:, 1] = 3.0 * x[0, 0]
        y.reshape(2, 3, 2)[0, 1] *= x[1, 1]
        return np.sum(y**2)

    x = np.arange(1.0, 13.0).reshape(4, 3) / 7
    dot = np.cos(x)
    value, tangent = jvp(f)((x,), (np.asfortranarray(dot),))
    assert value == f(x)  # type: ignore[no-untyped-call]
    h = 1e-6
    slope = (f(x + h * dot) - f(x - h * dot)) / (2 * h)  # type: ignore[no-untyped-call]
    assert np.isclose(tangent, slope, 1e-7)


def test_complex_numbers_forward() -> None:
    """Forward mode, in one direction and in several, through complex numbers."""

    def orbit(x):  # type: ignore[no-untyped-def]
        z = x[0] + 1j * x[1]
        for _ in range(3):
            z = z * z + 0.1
        return abs(z) + z.real * z.imag

    x, dot = np.array([0.3, 0.5, 0.7]), np.array([0.2, -1.0, 0.4])
    bar = value_and_grad(orbit)(x)[1]
    assert np.isclose(jvp(orbit)((x,), (dot,))[1], bar @ dot)
    assert np.allclose(jacobian(orbit, mode="forward")(x), bar)
    steps = 1e-6 * np.eye(3)
    wanted = [
        (value_and_grad(orbit)(x + s)[1] - value_and_grad(orbit)(x - s)[1]) for s in steps
    ]
    assert np.allclose(hessian(orbit)(x), np.array(wanted) / 2e-6, 1e-5, 1e-6)
