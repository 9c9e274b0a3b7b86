"""What the other derivatives cost: jvp, hvp, Jacobians in several directions at once, banded
Hessians, and Taylor series of growing order."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from timeit import Timer
from types import FunctionType
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


def of(f: Callable[..., Any], module: Any) -> Callable[..., Any]:
    """The function with another module in the place of math and NumPy."""
    return FunctionType(f.__code__, {**f.__globals__, "np": module, "math": module}, f.__name__)


def others(time: Callable[[], float]) -> float | None:
    """What another tool takes, in microseconds; None where it is not there, or refuses."""
    try:
        return 1e6 * time()
    except Refused:
        return None
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return None


def by_jax(
    make: Callable[[Any], Callable[..., Any]], args: Sequence[Any], repeat: int
) -> float:
    """JAX, jitted; `make` is given the module, and gives what is called."""
    jax = load("jax")
    jax.config.update("jax_enable_x64", True)
    made = jax.jit(make(jax))
    given = [jax.numpy.asarray(arg) for arg in args]
    jax.block_until_ready(made(*given))
    return seconds(lambda: jax.block_until_ready(made(*given)), repeat)


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
    head += ["hvp, µs", "JAX's hvp, jitted, µs", "autograd's hvp, µs"]
    limits = ["at most", "", f"{2:.2f} scalar, {2.5:.2f} NumPy", "", f"{2.5:.2f}", "", "", ""]
    return table(head, [*rows, limits])


def _jax_hvp(
    f: Callable[..., Any], args: Sequence[Any], dots: Sequence[Any], repeat: int
) -> float:
    def make(jax: Any) -> Callable[..., Any]:
        gradient = jax.grad(of(f, jax.numpy), tuple(range(len(args))))
        return lambda *both: jax.jvp(gradient, both[: len(args)], both[len(args) :])[1]

    return by_jax(make, (*args, *dots), repeat)


def _autograd_hvp(f: Callable[..., Any], args: Sequence[Any], repeat: int) -> float:
    autograd = load("autograd")
    module = load("autograd.numpy")
    inner = of(f, module)
    stacked = args[0] if len(args) == 1 else np.array(args)
    whole = inner if len(args) == 1 else lambda x: inner(*x)
    product = autograd.hessian_vector_product(whole)
    ones = np.ones_like(stacked)
    product(stacked, ones)
    return seconds(lambda: product(stacked, ones), repeat)


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
    beside = (
        second * 1e6,
        others(lambda: _jax_hvp(f, args, dots, repeat)),
        others(lambda: _autograd_hvp(f, args, repeat)),
    )
    return [f"{f.__name__}{size}", *map(number, (*ratios, *beside))]


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
            number(others(partial(_jax_jacobian, f, x, repeat))),
            number(others(partial(_autograd_jacobian, f, x, repeat))),
        ])  # fmt: skip
    head = ["Jacobian", "at once, µs", f"{N} passes, µs", "times faster"]
    head += ["JAX's jacfwd, jitted, µs", "autograd's jacobian, µs"]
    return table(head, rows)


def _jax_jacobian(f: Callable[..., Any], x: np.ndarray, repeat: int) -> float:
    return by_jax(lambda jax: jax.jacfwd(of(f, jax.numpy)), (x,), repeat)


def _autograd_jacobian(f: Callable[..., Any], x: np.ndarray, repeat: int) -> float:
    autograd = load("autograd")
    made = autograd.jacobian(of(f, load("autograd.numpy")))
    made(x)
    return seconds(partial(made, x), min(repeat, 3))


def _banded(repeat: int) -> str:
    s2sad = load("s2sad")
    rows = []
    for size in (200, 2000):
        x = RNG.normal(size=size)
        made = s2sad.hessian(rosenbrock, sparse=True)
        made(x)
        taken = 1e3 * seconds(partial(made, x), repeat)
        dense = others(partial(_jax_hessian, x, min(repeat, 3)))
        cells = [f"{size:,}", str(made.passes), number(taken)]
        rows.append([*cells, number(None if dense is None else dense / 1e3)])
    return table(["n", "passes", "ms", "JAX's hessian, dense, jitted, ms"], rows)


def _jax_hessian(x: np.ndarray, repeat: int) -> float:
    return by_jax(lambda jax: jax.hessian(of(rosenbrock, jax.numpy)), (x,), repeat)


ORDERS = (1, 2, 4, 6, 8, 10, 20, 40)
NESTED = 5  # the text of nested derivatives grows as a power of the order


def _taylor(repeat: int) -> str:
    from s2sad.expansion import Series

    s2sad = load("s2sad")
    rows = []
    times: dict[int, float] = {}
    f: Any = lecture
    made = 0
    for order in ORDERS:
        series = Series(lecture, 0, order, 1)
        series.at((0.7,), (1.0,))
        times[order] = seconds(partial(series.emitted, 0.7, 1.0), repeat)
        cells = [str(order), number(times[order] * 1e6)]
        nested = None
        if order <= NESTED:
            while made < order:
                f, made = s2sad.grad(f), made + 1
            f(0.7)
            nested = 1e6 * seconds(partial(f, 0.7), repeat)
        cells += [number(nested), number(_sympy(order, repeat)), number(_jet(order, repeat))]
        rows.append(cells)
    head = ["order", "all coefficients, µs", "nested grad, µs", "SymPy's diff, lambdified, µs"]
    head.append("JAX's jet, jitted, µs")
    straight, loops = _power(times, (2, 4, 6, 8)), _power(times, (10, 20, 40))
    return (
        f"{table(head, rows)}\n\nUp to order 8 the code is straight, above it has loops over "
        f"lists. The time grows as the order to the power {straight:.1f} up to 8, {loops:.1f} "
        "from 10 to 40."
    )


def _power(times: Mapping[int, float], orders: Sequence[int]) -> float:
    logs = [[math.log(x) for x in xs] for xs in (orders, [times[order] for order in orders])]
    return statistics.linear_regression(*logs).slope


def _sympy(order: int, repeat: int) -> float | None:
    """The derivative of that order, of the expression."""
    if order > 6:
        return None
    sympy = load("sympy")
    x = sympy.Symbol("x")
    expression = sympy.diff(of(lecture, sympy)(x), x, order)
    made = sympy.lambdify(x, expression, "math", cse=True)
    made(0.7)
    return 1e6 * seconds(partial(made, 0.7), repeat)


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
