"""Loops that are reversed from snapshots, `checkpoint="revolve"`: the same to the bit as
those that record every pass, in less memory, with as many passes as the theory says."""

from __future__ import annotations

import pickle
import random
import runpy
import tracemalloc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2sad import NotDifferentiable, UnsupportedSyntax, grad, hvp, jvp, value_and_grad, vjp
from s2sad.cli import main
from s2sad.ops.helpers import HELPERS
from s2sad.transform import revolve
from tests import revolve_programs as programs
from tests.fuzz.arrays import generate_arrays
from tests.fuzz.generate import generate
from tests.fuzz.lists import generate_lists
from tests.fuzz.replayed import bits, check_replayed

Function = Callable[..., Any]
# How many states are kept, and how many passes recorded at once.
SCHEDULES = ((1, 1), (2, 1), (3, 2))


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    sizes = revolve.BLOCK, revolve.NEST, revolve.FEW
    revolve.FEW = 1
    yield
    revolve.BLOCK, revolve.NEST, revolve.FEW = sizes


def outcome(function: Function, *args: Any) -> object:
    try:
        return bits(function(*args))
    except ValueError as error:
        return str(error)


def agree(function: Function, points: list[tuple[Any, ...]]) -> None:
    plain = value_and_grad(function)
    turn = sum(map(ord, function.__name__))
    for snapshots, block in ((None, 3), SCHEDULES[turn % 3]):
        revolve.BLOCK = revolve.NEST = block
        made = value_and_grad(function, checkpoint="revolve", snapshots=snapshots)
        for point in points:
            assert outcome(made, *point) == outcome(plain, *point), (snapshots, point)
        assert "_revolve(" in made.source_for(*points[0])


@pytest.mark.parametrize("function", programs.SCALAR, ids=lambda f: str(f.__name__))
def test_numbers(function: Function) -> None:
    agree(function, [(0.7, n) for n in (0, 1, 2, 7, 23)])


@pytest.mark.parametrize("function", programs.LISTS, ids=lambda f: str(f.__name__))
def test_lists(function: Function) -> None:
    agree(function, [([0.3 * k - 1.0 for k in range(n)],) for n in (1, 2, 9)])


@pytest.mark.parametrize("function", programs.ARRAYS, ids=lambda f: str(f.__name__))
def test_arrays(function: Function) -> None:
    agree(function, [(np.linspace(0.1, 1.3, n),) for n in (3, 6)])


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize(
    "function", [programs.nested, programs.broken_off, programs.through_calls]
)
def test_levels(function: Function, level: int) -> None:
    revolve.BLOCK = revolve.NEST = 2
    made = value_and_grad(function, optimize=level, checkpoint="revolve")
    plain = value_and_grad(function, optimize=level)
    for n in (0, 1, 9):
        assert outcome(made, 0.7, n) == outcome(plain, 0.7, n)


def test_pullbacks() -> None:
    revolve.BLOCK = revolve.NEST = 2
    for function in (programs.nested, programs.while_small):
        value, back = vjp(function, 0, checkpoint="revolve", snapshots=2)(0.7, 9)
        expected = value_and_grad(function)(0.7, 9)
        assert (value, back(1.0)) == expected
    x = np.linspace(0.1, 1.3, 5)
    backs = (vjp(programs.stencil, checkpoint=how)(x)[1] for how in (None, "revolve"))
    assert bits(next(backs)(1.5)) == bits(next(backs)(1.5))


def test_differentiated_again() -> None:
    """By both modes: what is emitted is a program like any other."""
    revolve.BLOCK = revolve.NEST = 2
    for function in (programs.nested, programs.while_small, programs.pairs):
        first = grad(function, checkpoint="revolve")
        expected = grad(grad(function))(0.7, 6)
        assert grad(first)(0.7, 6) == pytest.approx(expected, rel=1e-12)
        assert jvp(first, 0)((0.7, 6), (1.0,))[1] == pytest.approx(expected, rel=1e-12)
        outer = grad(grad(function), checkpoint="revolve")
        assert outer(0.7, 6) == pytest.approx(expected, rel=1e-12)
    x = np.linspace(0.1, 1.3, 5)
    v = np.cos(x)
    for array in (programs.stencil, programs.rolled):
        _, product = jvp(grad(array, checkpoint="revolve"))((x,), (v,))
        assert np.allclose(product, hvp(array)(x, v), rtol=1e-12)


def test_the_text_is_read_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    target = f"{programs.__file__}:stretched"
    assert main(["grad", target, "-o", str(first), "--checkpoint", "revolve"]) == 0
    words = ["--wrt", "x", "--of", "1", "-o", str(second)]
    assert main(["grad", f"{first}:stretched_grad", *words]) == 0
    made = runpy.run_path(str(second))["stretched_grad_grad"](0.7, 2500)[1]
    assert made == pytest.approx(grad(grad(programs.stretched))(0.7, 2500), rel=1e-12)


def test_not_by_two_reverse_passes_over_arrays() -> None:
    inner = grad(programs.stencil, checkpoint="revolve")
    with pytest.raises(NotDifferentiable, match=r"by reverse mode.*that keeps arrays"):
        vjp(inner)(np.linspace(0.1, 1.3, 5))


# Passes.


@cache
def fewest(parts: int, states: int) -> int:
    """The passes that have to be made again, by trying every place for the next state."""
    if parts == 1:
        return 0
    if states == 1:
        return parts * (parts - 1) // 2
    return min(
        at + fewest(parts - at, states - 1) + fewest(at, states) for at in range(1, parts)
    )


def counted(n: int, states: int, block: int = 1) -> int:
    """The passes that `_revolve` has made again, and that at most so many states are kept."""
    names: dict[str, Any] = {}
    exec(HELPERS["_revolve"], names)
    kept, stop, made = [0], n, 0
    while stop > 0:
        start = kept[-1]
        while stop - start > block:
            middle = names["_revolve"](start, stop, block, states - len(kept))
            assert start < middle < stop
            made += middle - start
            kept.append(middle)
            start = middle
        # The last one is where the passes that are reversed begin: it is not kept.
        assert len(kept) <= states + 1
        kept.pop()
        stop = start
    return made


def test_the_fewest_passes() -> None:
    for states in range(1, 8):
        for n in (1, 2, 3, 5, 8, 13, 34, 60):
            assert counted(n, states) == fewest(n, states)


def test_passes_in_blocks() -> None:
    for n in (1, 999, 1000, 1001, 20_500):
        parts = -(-n // 1000)
        assert counted(n, 4, 1000) <= 1000 * fewest(parts, 4)


def test_a_million_passes() -> None:
    """Each block is made again 3 times at most, with 20 states: C(23, 3) = 1771 blocks."""
    made = counted(1_000_000, 20, 1000)
    assert 2_000_000 < made < 3_000_000


def test_the_emitted_loop_makes_so_many() -> None:
    """Those of the forward sweep, those made again, and each once more, to be recorded."""
    passes = 0

    def counting(*ends: int) -> range:
        nonlocal passes
        passes += len(range(*ends)) if len(ends) > 1 else 0
        return range(*ends)

    revolve.BLOCK = 1
    made = value_and_grad(programs.stretched, checkpoint="revolve", snapshots=3)
    text = made.source_for(0.7, 50).replace("reversed(range", "reversed(plain")
    names: dict[str, Any] = {"range": counting, "plain": range}
    exec(text, names)
    assert names["stretched_grad"](0.7, 50) == made(0.7, 50)
    assert passes == fewest(50, 3) + 50


# Memory.


def peak(function: Function, *args: Any) -> int:
    function(*args)
    tracemalloc.start()
    function(*args)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_of_a_loop_of_numbers() -> None:
    plain = value_and_grad(programs.stretched)
    made = value_and_grad(programs.stretched, checkpoint="revolve")
    few, many = (peak(made, 0.7, n) for n in (2_000, 10_000))
    assert many < 1.5 * few
    assert many < 0.4 * peak(plain, 0.7, 10_000)


def test_memory_of_arrays() -> None:
    def loop(x: Any, n: int) -> Any:
        u = x.copy()
        for _ in range(n):
            u[1:-1] = u[1:-1] * np.cos(u[2:]) + 0.1 * u[:-2]
        return np.sum(u)

    x = np.linspace(0.0, 1.0, 10_000)
    made = value_and_grad(loop, checkpoint="revolve", snapshots=4)
    assert (
        peak(made, x, 60) < 30 * x.nbytes < 100 * x.nbytes < peak(value_and_grad(loop), x, 60)
    )


@pytest.mark.parametrize("memory", [20_000, 1_000_000])
def test_a_bound_of_memory(memory: int) -> None:
    made = value_and_grad(programs.stretched, memory=memory)
    assert peak(made, 0.7, 10_000) < 1.1 * memory + 2_000
    assert made(0.7, 10_000) == value_and_grad(programs.stretched)(0.7, 10_000)


def test_a_bound_of_memory_for_arrays() -> None:
    x = np.linspace(0.1, 1.3, 2_000)
    expected = value_and_grad(programs.stencil)(x)
    for memory in (100, 60_000, 10**7):
        made = value_and_grad(programs.stencil, memory=memory)
        assert bits(made(x)) == bits(expected)
    assert f"max(1, {10**7} // (40 + u_kept.nbytes))" in made.source_for(x)


# Random programs: `python -m tests.fuzz --checkpoint` makes more.


@pytest.mark.parametrize("index", range(2))
@pytest.mark.parametrize("make", [generate, generate_lists, generate_arrays])
def test_random_programs(make: Callable[[random.Random], Any], index: int) -> None:
    verdict = check_replayed(make(random.Random(f"revolve {index}")))
    assert not verdict.failed, verdict.detail


# What is left, and what is refused.


@pytest.mark.parametrize("function", [programs.nothing_recorded, programs.makes_a_list])
def test_loops_that_are_left(function: Function) -> None:
    made = value_and_grad(function, checkpoint="revolve")
    assert made.source_for(0.7, 5) == value_and_grad(function).source_for(0.7, 5)


def test_few_passes_are_left() -> None:
    revolve.FEW = 10
    made = value_and_grad(programs.few_passes, checkpoint="revolve")
    assert made.source == value_and_grad(programs.few_passes).source


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (programs.prints, "print"),
        (programs.prints_in_a_call, "print"),
        (programs.prints_and_recovers, "print"),
        (programs.draws, "normal"),
    ],
)
def test_what_cannot_be_made_again(function: Function, what: str) -> None:
    with pytest.raises(UnsupportedSyntax, match=rf"a loop that runs {what}\(\)") as caught:
        grad(function, checkpoint="revolve")(0.7, 5)
    lines = Path(programs.__file__).read_text(encoding="utf-8").splitlines()
    assert caught.value.loc is not None
    assert what in lines[caught.value.loc.line - 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"checkpoint": "all"}, 'checkpoint is "revolve" or None'),
        ({"snapshots": 3}, 'it goes with checkpoint="revolve"'),
        ({"checkpoint": "revolve", "snapshots": 0}, "snapshots is a number, 1 at least"),
        ({"memory": 1e6}, "memory is a number"),
        ({"checkpoint": "revolve", "snapshots": 3, "memory": 10}, "memory tells how many"),
        ({"checkpoint": "revolve", "jit": "numba"}, "do not go together"),
    ],
)
def test_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grad(programs.nested, **options)


def test_a_list_of_lists_has_no_bound() -> None:
    def loop(x: float, n: int) -> float:
        a = [[x, 1.0], [0.0, x]]
        for i in range(n):
            a[i % 2][1] = a[0][0] * a[1][1]
            a[0][0] += 0.1 * a[1][1]
        return a[0][1]

    with pytest.raises(UnsupportedSyntax, match="memory= of a loop that carries"):
        grad(loop, memory=1000)(0.7, 5)


def test_pickled() -> None:
    made = pickle.loads(pickle.dumps(grad(programs.nested, checkpoint="revolve", snapshots=2)))
    assert made._wish.checkpoints == (2, None)


def test_command_line(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.py"
    target = f"{programs.__file__}:nested"
    words = ["--checkpoint", "revolve", "--snapshots", "3"]
    assert main(["grad", target, "-o", str(out), *words]) == 0
    assert "3 - len(kept)" in out.read_text()
    assert "--checkpoint revolve --snapshots 3" in out.read_text()
    assert main(["--check", str(out)]) == 0
    assert main(["grad", target, "--memory", "100000"]) == 0
    assert "_revolve(start, stop, 1, 694 - len(kept))" in capsys.readouterr().out
    assert main(["jvp", target, *words]) == 2
    assert main(["grad", target, "--snapshots", "3"]) == 2
