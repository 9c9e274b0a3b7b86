"""What the other derivatives cost: jvp, hvp, Jacobians in several directions at once, banded
Hessians, and Taylor series of growing order."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from functools import partial
from timeit import Timer
from typing import Any

import numpy as np

from tests.bench.table import number, table
from tests.bench.tools import Refused, load

RNG = np.random.default_rng(1)
N = 50
W, A = RNG.normal(size=(N, N)) / 7, RNG.normal(size=(20, N)) / 7
B = RNG.normal(size=(1000, N)) / 7


def lecture(x: float) -> float:
    return math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2))


def logistic(x: float, w: float) -> float:
    y = x
    for _ in range(20):
        y = w * math.tanh(y) + math.exp(-y * y)
    return y


def rosenbrock(x: np.ndarray) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def network(x: np.ndarray) -> Any:
    h = np.tanh(W @ x)
    return np.sum(np.tanh(A @ np.tanh(W @ h + x)) ** 2)


def softmax(x: np.ndarray) -> Any:
    e = np.exp(x - np.max(x))
    return np.log(np.sum(e)) + np.sum(e * np.sin(x)) / np.sum(e)


def elements(x: np.ndarray) -> Any:
    return (np.sin(x) * x[0] + np.exp(-(x**2))) * np.tanh(x)


def layers(x: np.ndarray) -> Any:
    return np.tanh(A @ np.tanh(W @ np.tanh(W @ x) + x))


def long(x: np.ndarray) -> Any:
    return np.tanh(B @ x) ** 2


def diffusion(u: np.ndarray) -> Any:
    for _ in range(10):
        u = u.copy()
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
    return u


def seconds(call: Callable[[], Any], repeat: int) -> float:
    """The least CPU time of a call: other processes do not count."""
    import time

    timer = Timer(call, timer=time.process_time)
    count = 1
    while timer.timeit(count) < 2e-3 and count < 10**6:
        count *= 2
    return min(timer.repeat(repeat, count)) / count


SCALARS: tuple[tuple[Callable[..., Any], tuple[float, ...]], ...] = (
    (lecture, (0.7,)),
    (logistic, (0.3, 0.8)),
)
ARRAYS = ((rosenbrock, 1000), (network, N), (softmax, 1000))


def _products(repeat: int) -> str:
    s2sad = load("s2sad")
    rows = []
    for f, args in SCALARS:
        rows.append(_row(s2sad, f, args, tuple(1.0 for _ in args), repeat, scalars=True))
    for f, size in ARRAYS:
        x = RNG.normal(size=size)
        rows.append(_row(s2sad, f, (x,), (np.ones(size),), repeat, scalars=False))
    head = ["function", "primal, µs", "jvp / primal", "gradient / primal", "hvp / gradient"]
    return table(head, rows)


def _row(
    s2sad: Any,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    dots: tuple[Any, ...],
    repeat: int,
    scalars: bool,
) -> list[str]:
    argnums = tuple(range(len(args)))
    pushed, pulled = s2sad.jvp(f, argnums), s2sad.value_and_grad(f, argnums)
    product = s2sad.hvp(f, argnums)
    pushed(args, dots), pulled(*args), product(args, dots)
    primal = seconds(lambda: f(*args), repeat)
    jvp = pushed.emitted
    hvp = product.emitted
    gradient = pulled.emitted
    forward = seconds(lambda: jvp(*args, *dots), repeat)
    backward = seconds(lambda: gradient(*args), repeat)
    second = seconds(lambda: hvp(*args, *dots), repeat)
    ratios = (primal * 1e6, forward / primal, backward / primal, second / backward)
    size = "" if scalars else f", n = {args[0].size:,}"
    return [f"{f.__name__}{size}", *map(number, ratios)]


def _columns(push: Callable[..., Any], x: np.ndarray, units: np.ndarray) -> list[Any]:
    return [push(x, unit)[1] for unit in units]


def _jacobians(repeat: int) -> str:
    s2sad = load("s2sad")
    rows = []
    for f in (elements, layers, long, diffusion):
        x = RNG.normal(size=N)
        made, single = s2sad.jacobian(f, mode="forward"), s2sad.jvp(f)
        full = made(x)
        units = np.eye(N)
        single((x,), (units[0],))
        push, once = single.emitted, made.emitted
        columns = np.stack([push(x, unit)[1] for unit in units], -1)
        assert np.allclose(full, columns)
        at_once = seconds(partial(once, x), repeat)
        each = seconds(partial(_columns, push, x, units), repeat)
        rows.append([
            f"{f.__name__}, {N} → {full.shape[0]:,}",
            *(number(v) for v in (at_once * 1e6, each * 1e6, each / at_once)),
        ])  # fmt: skip
    return table(["Jacobian", "at once, µs", f"{N} passes, µs", "times faster"], rows)


def _banded(repeat: int) -> str:
    s2sad = load("s2sad")
    rows = []
    for size in (200, 2000):
        x = RNG.normal(size=size)
        made = s2sad.hessian(rosenbrock, sparse=True)
        made(x)
        taken = 1e3 * seconds(partial(made, x), repeat)
        rows.append([f"{size:,}", str(made.passes), number(taken)])
    return table(["n", "passes", "ms"], rows)


ORDERS = (1, 2, 4, 6, 8, 10, 20)


def _taylor(repeat: int) -> str:
    from s2sad.expansion import Series

    s2sad = load("s2sad")
    rows = []
    times: dict[int, float] = {}
    for order in ORDERS:
        series = Series(lecture, 0, order, 1)
        series.at((0.7,), (1.0,))
        emitted = series.emitted
        times[order] = seconds(partial(emitted, 0.7, 1.0), repeat)
        cells = [str(order), number(times[order] * 1e6)]
        if order in (1, 2, 4):
            f: Any = lecture
            for _ in range(order):
                f = s2sad.grad(f)
            f(0.7)
            cells.append(number(seconds(partial(f, 0.7), repeat) * 1e6))
        else:
            cells.append("—")
        cells.append(number(_jet(order, repeat)))
        rows.append(cells)
    slope = statistics.linear_regression(
        [math.log(order) for order in (4, 6, 8, 10, 20)],
        [math.log(times[order]) for order in (4, 6, 8, 10, 20)],
    ).slope
    head = ["order", "all coefficients, µs", "nested grad, µs", "JAX's jet, jitted, µs"]
    return f"{table(head, rows)}\n\nThe time grows as the order to the power {slope:.1f}."


def _jet(order: int, repeat: int) -> float | None:
    """By JAX's Taylor mode, where it is installed."""
    try:
        jax = load("jax")
        jet = load("jax.experimental.jet").jet
    except Refused:
        return None
    jnp = jax.numpy
    if order > 8:
        return None

    def f(x: Any) -> Any:
        return jnp.sqrt(x**2 + jnp.exp(x**2)) + jnp.cos(x**2 + jnp.exp(x**2))

    series = ([1.0] + [0.0] * (order - 1),)
    made = jax.jit(lambda x: jet(f, (x,), series))
    made(0.7)
    return seconds(lambda: jax.block_until_ready(made(0.7)), repeat) * 1e6


def markdown(repeat: int) -> str:
    return "\n\n".join((
        "## Other derivatives",
        "Least CPU time of a call of the emitted function.",
        _products(repeat),
        f"The Jacobian of {N} inputs, all directions at once, and by one jvp a column:",
        _jacobians(repeat),
        "A sparse Hessian (rosenbrock), its pattern known:",
        _banded(repeat),
        "The Taylor series of equation 30:",
        _taylor(repeat),
    ))  # fmt: skip
