"""The samples: each has a generated file beside it, which is fresh and right."""

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2sad.cli import main
from s2sad.trees import parts, with_parts

SAMPLES = Path(__file__).resolve().parents[1] / "samples"

# The function, its arguments, how many of them are differentiated, the step of the
# differences: lorenz is chaotic, its higher derivatives are huge.
CASES: dict[str, tuple[str, tuple[float, ...], int, float]] = {
    "lecture": ("f", (0.7,), 1, 1e-3),
    "black_scholes": ("call_price", (100.0, 105.0, 0.03, 0.2, 1.5), 5, 1e-3),
    "newton": ("cubic_root", (3.0, 5.0), 2, 1e-3),
    "kepler": ("eccentric_anomaly", (0.6, 1.2), 2, 1e-3),
    "rosenbrock": ("rosenbrock", (1.2, 0.99, 100), 2, 1e-5),
    "lorenz": ("lorenz", (10.0, 28.0, 8.0 / 3.0), 3, 1e-6),
}


R = np.random.default_rng(5)
N = R.normal
THETA = [(N(size=(4, 3)), N(size=4)), (N(size=(4, 4)), N(size=4)), (N(size=(2, 4)), N(size=2))]
PICTURE, WANTED = N(size=3), N(size=2)
M = N(size=(4, 4))
SEEN = np.array([[0, 0], [1, 1], [0, 2], [1, 0], [0, 1]])

# The sample, the function, its arguments, and how many of them are differentiated.
ARRAYS: list[tuple[str, str, tuple[Any, ...], int]] = [
    ("network", "loss", (THETA, PICTURE, WANTED), 1),
    ("network", "squared_loss", (THETA, PICTURE, WANTED), 1),
    ("network", "relu_loss", (THETA, PICTURE, WANTED), 1),
    ("heat", "misfit", (N(size=9), N(size=9), 20, 0.3), 1),
    ("cholesky", "log_det", (M @ M.T + np.eye(4),), 1),
    (
        "gmm",
        "log_likelihood",
        (N(size=3), N(size=(3, 4)), N(size=(3, 4)), N(size=(3, 6)), N(size=(7, 4)), 1.3, 2),
        4,
    ),
    (
        "ba",
        "half_square",
        (N(size=(2, 11)), N(size=(3, 3)) + 5.0, N(size=5), SEEN, N(size=(5, 2))),
        3,
    ),
    ("fit", "misfit", (0.3 * N(size=3), N(size=(41, 3))), 1),
]


def names() -> list[str]:
    files = (path.stem for path in SAMPLES.glob("*.py"))
    return sorted(name for name in files if not name.endswith(("_grad", "__")))


def test_every_sample_is_listed() -> None:
    assert names() == sorted({*CASES, *(name for name, *_ in ARRAYS)})


@pytest.mark.parametrize("name", names())
def test_the_generated_file_is_fresh(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = os.path.relpath(SAMPLES / f"{name}_grad.py")
    assert main(["--check", path]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_is_that_of_the_sample(name: str) -> None:
    function, args, count, step = CASES[name]
    primal = runpy.run_path(str(SAMPLES / f"{name}.py"))[function]
    emitted = runpy.run_path(str(SAMPLES / f"{name}_grad.py"))[f"{function}_grad"]
    value, gradient = emitted(*args)
    assert value == primal(*args)
    partials = gradient if isinstance(gradient, tuple) else (gradient,)
    assert len(partials) == count
    for k, partial in enumerate(partials):
        assert partial == pytest.approx(difference(primal, args, k, step), rel=1e-7)


@pytest.mark.parametrize(
    ("name", "function", "args", "count"), ARRAYS, ids=[f"{c[0]}-{c[1]}" for c in ARRAYS]
)
def test_the_gradient_in_arrays(
    name: str, function: str, args: tuple[Any, ...], count: int
) -> None:
    primal = runpy.run_path(str(SAMPLES / f"{name}.py"))[function]
    emitted = runpy.run_path(str(SAMPLES / f"{name}_grad.py"))[f"{function}_grad"]
    before = repr(args)
    value, gradient = emitted(*args)
    assert value == primal(*args)
    assert repr(args) == before
    for k, bars in enumerate(gradient if isinstance(gradient, tuple) else (gradient,)):
        along = mapped(np.shape, args[k], N)
        slope = sum(np.sum(v * bar) for v, bar in zip(flat(along), flat(bars), strict=True))

        def at(h: float, k: int = k, along: Any = along) -> Any:
            moved = mapped(lambda x, by: x + h * by, args[k], None, along)
            return primal(*args[:k], moved, *args[k + 1 :])

        wanted = (8 * (at(1e-3) - at(-1e-3)) - at(2e-3) + at(-2e-3)) / 12e-3
        assert slope == pytest.approx(wanted, rel=1e-6), k
    assert len(gradient) == count if isinstance(gradient, tuple) else count == 1


def flat(tree: Any) -> list[Any]:
    inner = parts(tree)
    return [tree] if inner is None else [leaf for part in inner for leaf in flat(part)]


def mapped(change: Callable[..., Any], tree: Any, then: Any = None, *more: Any) -> Any:
    """The structure with its arrays changed, together with those of others like it."""
    inner = parts(tree)
    if inner is None:
        found = change(tree, *more)
        return then(size=found) if then else found
    rows = zip(inner, *map(parts, more), strict=True)
    return with_parts(tree, tuple(mapped(change, row[0], then, *row[1:]) for row in rows))


def difference(f: Callable[..., Any], args: tuple[float, ...], k: int, step: float) -> float:
    """The partial derivative by central differences of the sixth order."""

    def at(offset: int) -> float:
        value: float = f(*args[:k], args[k] + offset * step, *args[k + 1 :])
        return value

    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    return sum(w * (at(n) - at(-n)) for n, w in weights.items()) / step
