"""Run by `.ci/run` under every Python that is found: no test tool is needed.

Checks a few derivatives against known numbers, runs the command line once, and prints
the SHA-256 of what is emitted for each sample, which is to be the same everywhere.
"""

import hashlib
import importlib.util
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from s2sad import grad, value_and_grad

ROOT = Path(__file__).resolve().parents[1]

SAMPLES: dict[str, tuple[str, int | tuple[int, ...]]] = {
    "lecture": ("f", 0),
    "black_scholes": ("call_price", (0, 1, 2, 3, 4)),
    "newton": ("cubic_root", (0, 1)),
    "kepler": ("eccentric_anomaly", (0, 1)),
    "rosenbrock": ("rosenbrock", (0, 1)),
    "lorenz": ("lorenz", (0, 1, 2)),
}


def power(x: float, n: int) -> float:
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


def halved(x: float) -> float:
    while True:
        if x < 1.0:
            return x * x
        x = 0.5 * x


def sample(name: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location(name, ROOT / "samples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, SAMPLES[name][0])
    return function


def check_close(found: float, known: float) -> None:
    assert math.isclose(found, known, rel_tol=1e-12), f"{found!r} is not {known!r}"


def check_derivatives() -> None:
    value, slope = value_and_grad(sample("lecture"))(0.7)
    check_close(value, 0.9328347830212237)
    check_close(slope, -1.8740017049647129)
    check_close(grad(power)(3.0, 4), 108.0)
    check_close(grad(grad(power))(3.0, 4), 108.0)
    # How the source of a live function is found differs from one Python to the next.
    check_close(grad(halved)(6.0), 2.0 * 0.75 / 8.0)
    first, second = (lambda x: x * x), (lambda x: x * x * x)
    check_close(grad(first)(3.0) + grad(second)(2.0), 6.0 + 12.0)


def check_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "s2sad", "grad", "samples/lecture.py:f"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    scope: dict[str, Any] = {}
    exec(done.stdout, scope)
    check_close(scope["f_grad"](0.7)[1], -1.8740017049647129)


def digest(name: str) -> str:
    source: str = value_and_grad(sample(name), argnums=SAMPLES[name][1]).source
    return hashlib.sha256(source.encode()).hexdigest()


def main() -> None:
    check_derivatives()
    check_command_line()
    for name in SAMPLES:
        print(f"sha256 {digest(name)} {name}")


if __name__ == "__main__":
    main()
