"""The samples: each has a generated file beside it, which is fresh and right."""

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s2sad.cli import main

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


def names() -> list[str]:
    files = (path.stem for path in SAMPLES.glob("*.py"))
    return sorted(name for name in files if not name.endswith(("_grad", "__")))


def test_every_sample_is_listed() -> None:
    assert names() == sorted(CASES)


@pytest.mark.parametrize("name", CASES)
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


def difference(f: Callable[..., Any], args: tuple[float, ...], k: int, step: float) -> float:
    """The partial derivative by central differences of the sixth order."""

    def at(offset: int) -> float:
        value: float = f(*args[:k], args[k] + offset * step, *args[k + 1 :])
        return value

    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    return sum(w * (at(n) - at(-n)) for n, w in weights.items()) / step
