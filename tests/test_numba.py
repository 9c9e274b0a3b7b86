"""What Numba compiles: the numbers, the exceptions and the integers of plain Python."""

from __future__ import annotations

import importlib.util
import math
import random
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from s2sad import S2sadError, grad, value_and_grad
from tests.bench.programs import PROGRAMS, Program
from tests.fuzz.compiled import check_compiled
from tests.fuzz.generate import generate
from tests.fuzz.lists import generate_lists

pytest.importorskip("numba")

G = 2.0


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_samples(program: Program) -> None:
    made = value_and_grad(program.primal, program.wrt, jit="numba")
    value, gradient = made(*program.args)
    wanted, slopes = value_and_grad(program.primal, program.wrt)(*program.args)
    assert value == pytest.approx(wanted, rel=1e-13)
    assert gradient == pytest.approx(slopes, rel=1e-11)
    assert made.primal(*program.args) == pytest.approx(wanted, rel=1e-13)
    assert "@njit(cache=True)" in made.source_for(*program.args)


def outcome(function: Callable[..., Any], args: tuple[Any, ...]) -> object:
    try:
        return function(*args)
    except Exception as error:
        return type(error), str(error)


def agree(function: Callable[..., Any], *points: tuple[Any, ...], argnums: Any = 0) -> None:
    plain = value_and_grad(function, argnums)
    compiled = value_and_grad(function, argnums, jit="numba")
    for point in points:
        assert repr(outcome(compiled, point)) == repr(outcome(plain, point)), point
        assert repr(outcome(compiled.primal, point)) == repr(outcome(function, point)), point


def of_math(x: float, k: int) -> float:
    if k == 0:
        return math.exp(x)
    if k == 1:
        return math.log(x) * 0.0
    if k == 2:
        return 1.0 / (1.0 + math.sqrt(x))
    if k == 3:
        return 1.0 / x
    if k == 4:
        return x**2
    if k == 5:
        return math.copysign(x**-1.0, 0.0)
    if k == 6:
        return 1.0 / math.cosh(x)
    return x % (x - 1.0)


def test_math_raises_as_in_python() -> None:
    points = (1e3, 0.0, -0.0, -1.0, 1e200, 0.5, 1.0, math.inf, -math.inf, math.nan)
    agree(of_math, *((x, k) for x in points for k in range(8)))


def of_integers(x: float, n: int) -> float:
    product = 1
    for i in range(1, n + 1):
        product = product * i
    total = n * n * n - n // 3 + product % 1000003
    if total == float(total) and n > -5:
        x = x * 0.5
    return x * total


def test_integers_do_not_wrap() -> None:
    points = [(1.5, n) for n in (0, 1, 5, 20, 21, 30, -7, -2, 3_000_000)[:-1]]
    agree(of_integers, *points, (2.0, -(2**70)), (2.0, -(2**63)), (1.5, -(2**31) - 1))


def to_integers(x: float) -> float:
    return x * (math.floor(x) % 7) + int(x / 3.0) - round(x) // 2 + math.trunc(x)


def test_floats_become_integers() -> None:
    agree(to_integers, *((x,) for x in (2.5, -3.7, 1e10, 1e19, 1e300, math.inf, math.nan)))


def over_global(x: float) -> float:
    return x * x * G


def test_globals_are_read_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = grad(over_global, jit="numba")
    assert compiled(3.0) == 12.0
    monkeypatch.setattr(sys.modules[__name__], "G", 10)
    assert compiled(3.0) == 60.0
    monkeypatch.delattr(sys.modules[__name__], "G")
    with pytest.raises(NameError):
        compiled(3.0)


def loops(x: float, n: int) -> float:
    total = 0.0
    for i in reversed(range(2, n, 2)):
        row = [x / (i + 1.0)]
        for j in range(i):
            if j == 5:
                break
            row.append(row[-1] * math.sin(x + j))
        for value in row:
            total += value * value
    while total > 1.0:
        total = math.sqrt(total) * 0.9
    return total


def test_loops_and_lists() -> None:
    agree(loops, (1.3, 9), (1.3, 0), (0.0, 4), (7.0, 20))


def second(x: float) -> float:
    y = 1.0
    for i in range(4):
        y = y * math.sin(x + i) + x
    return y


def test_second_order() -> None:
    plain, compiled = grad(grad(second)), grad(grad(second), jit="numba")
    assert compiled(0.7) == pytest.approx(plain(0.7), rel=1e-13)


def helper(x: float) -> float:
    if x > 3.0:
        raise ValueError("too large")
    return math.tan(x)


def calls(x: float) -> float:
    return helper(x) * helper(x + 1.0) + helper(2.0)


def test_functions_and_exceptions() -> None:
    agree(calls, (0.3,), (2.5,), (4.0,))


def catches(x: float) -> float:
    try:
        return math.sqrt(x)
    except ValueError:
        return 0.0


def formats(x: float) -> float:
    if x < 0.0:
        raise ValueError(f"{x} is negative")
    return x


def recursive(x: float, n: int) -> float:
    return x if n == 0 else x * recursive(x, n - 1)


def unbound(x: float) -> float:
    if x > 0.0:
        y = x * x
    return y


def counts(x: float) -> float:
    found: dict[int, float] = {}
    for i in range(3):
        found[i * i] = x * i
    return found[4]


@pytest.mark.parametrize("function", [catches, formats, recursive, unbound, counts])
def test_refusals_name_the_line(function: Callable[..., Any]) -> None:
    args = (2.0, 3)[: function.__code__.co_argcount]
    with pytest.raises(S2sadError, match="Numba: ") as caught:
        grad(function, jit="numba")(*args)
    first = function.__code__.co_firstlineno
    assert caught.value.filename == __file__
    assert caught.value.lineno is not None
    assert first <= caught.value.lineno < first + 8


def test_auto_falls_back_and_says_so_once() -> None:
    made = grad(catches, jit="auto")
    with pytest.warns(UserWarning, match="catches runs in plain Python.*`try`") as told:
        assert made(4.0) == 0.25
    assert [Path(warning.filename).name for warning in told] == ["test_numba.py"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert made(9.0) == 1 / 6
        assert made(9) == 1 / 6
        assert made.primal(9.0) == 3.0
    with pytest.raises(ValueError, match="jit"):
        grad(catches, jit="maybe")


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_line_writes_a_file(tmp_path: Path) -> None:
    out = tmp_path / "both_grad.py"
    samples = Path(__file__).parent.parent / "samples"
    targets = [f"{samples}/newton.py:cubic_root", f"{samples}/rosenbrock.py:rosenbrock"]
    run = [sys.executable, "-m", "s2sad"]
    words = [*run, "grad", *targets, "--jit", "numba", "-o", str(out)]
    subprocess.run(words, check=True, capture_output=True)
    subprocess.run([*run, "--check", str(out)], check=True, capture_output=True)
    made = imported(out)
    for program in PROGRAMS:
        if program.name in ("newton", "rosenbrock"):
            written = getattr(made, f"{program.primal.__name__}_grad")
            value, slope = value_and_grad(program.primal, 0)(*program.args)
            assert written(*program.args) == pytest.approx((value, slope), rel=1e-12)


@pytest.mark.parametrize("seed", range(24))
def test_random_programs(seed: int) -> None:
    make = generate_lists if seed % 4 == 3 else generate
    program = make(random.Random(f"nb:{seed}"))
    verdict = check_compiled(program)
    assert verdict.kind in ("ok", "refused"), f"{verdict.detail}\n\n{program.describe()}"


def sweep(A: Any, n: int) -> Any:
    for _ in range(2):
        for i in range(1, n - 1):
            A[i] = (A[i - 1] + A[i] + A[i + 1]) / 3.0
        A[1:-1] = A[1:-1] + 0.5 * (A[2:] - A[:-2])
    return np.sum(A * A)


def factor(A: Any) -> Any:
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = s / L[j, j]
        s = A[i, i]
        for k in range(i):
            s -= L[i, k] ** 2
        L[i, i] = np.sqrt(s)
    return np.sum(L)


def layer(W: Any, b: Any, x: Any) -> Any:
    h = np.tanh(x @ W + b)
    return np.sum(h * h) + b[0] * x[0, 1]


def shift(A: Any, B: Any) -> Any:
    for i in range(A.shape[0]):
        A[i] = A[i] * B[i]
    return np.sum(A)


def alike(function: Callable[..., Any], *points: tuple[Any, ...]) -> None:
    """As plain Python: numbers, exceptions, arguments left as they are."""
    plain, compiled = value_and_grad(function), value_and_grad(function, jit="numba")
    for point in points:
        before = [np.copy(part) for part in point]
        wanted, got = outcome(plain, point), outcome(compiled, point)
        assert isinstance(wanted, tuple)
        assert isinstance(got, tuple)
        if isinstance(wanted[0], type):
            assert got == wanted
            continue
        assert got[0] == pytest.approx(wanted[0], rel=1e-12)
        np.testing.assert_allclose(got[1], wanted[1], rtol=1e-10, atol=1e-12)
        for part, old in zip(point, before, strict=True):
            np.testing.assert_array_equal(part, old)
        assert not np.shares_memory(got[1], point[0])


def test_arrays() -> None:
    rng = np.random.default_rng(3)
    A = rng.random(9)
    alike(sweep, (A, 9), (A[::-1], 9), (A, 4), (A, 12), (A[:2], 2))
    S = rng.random((5, 5))
    S = S @ S.T + 5.0 * np.eye(5)
    alike(factor, (S,), (np.asfortranarray(S),), (S[:3],), (np.diag([1, 2, 3, 4]),))
    W, b, x = rng.random((3, 2)), rng.random(2), rng.random((4, 3))
    alike(layer, (W, b, x), (W, b, x[::2]), (W, b, x[:, :2]))
    alike(shift, (A, A + 1.0), (A, A), (A, A[:-1]))


def overlapping(x: Any) -> Any:
    x[1:] += x[:-1]
    x[...] *= x[::-1]
    x[:-1] = x[1:]
    return np.sum(x * x)


def test_overlapping_parts() -> None:
    alike(overlapping, (np.linspace(0.5, 2.0, 5),))


def over_list(xs: list[float], k: float) -> float:
    total = 0.0
    for i in range(len(xs) - 1):
        total += xs[i] * xs[i + 1] * k
    for x in xs:
        total += x * x
    return total + xs[3]


def test_lists_as_arguments() -> None:
    agree(over_list, ([1.0, 2.0, 3.0, 5.0], 2.0), ([1, 2.5, 3, 4], 2.0), argnums=(0, 1))
    agree(over_list, ([1.0, 2.0], 2.0), ([], 2.0), argnums=(0, 1))


def adds_lists(xs: list[float]) -> float:
    return max(xs) * xs[0]


def adds_truths(x: Any) -> Any:
    return x[2] * ((x[0] > 0.0) + (x[1] > 0.0))


@pytest.mark.parametrize(
    ("function", "given"), [(adds_lists, [1.0]), (adds_truths, np.ones(3))]
)
def test_what_is_otherwise_in_numba(function: Callable[..., Any], given: Any) -> None:
    with pytest.raises(S2sadError, match="Numba: "):
        grad(function, jit="numba")(given)


def of_two(xs: list[float], ys: list[float]) -> float:
    total = 0.0
    for i, (x, y) in enumerate(zip(xs, ys)):  # noqa: B905
        total += x * y * i
    for x, k in zip(xs, range(5, 0, -2)):  # noqa: B905
        total += x**2 * k
    return total * sum(ys)


def test_the_shortest_ends_a_loop() -> None:
    xs = [1.0, 2.0, 3.0, 4.0]
    points = [(xs, xs), (xs, xs[:2]), (xs[:1], xs), ([], xs), ([], [])]
    agree(of_two, *points, argnums=(0, 1))
