"""`explain`: the lecture's derivation of its own example, to the letter, and of others."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from s2sad import grad
from s2sad.cli import main
from s2sad.inspect.formula import parsed, simplified
from s2sad.inspect.latex import LATEX
from s2sad.inspect.writing import TEXT

Said = Callable[..., str]

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    monkeypatch.chdir(SAMPLES.parent)

    def run(*words: str, code: int = 0) -> str:
        assert main(words) == code
        found = capsys.readouterr()
        return found.out if code == 0 else found.err

    return run


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lecture", ("samples/lecture.py:f", "--first", "30")),
        ("lecture_at", ("samples/lecture.py:f", "--first", "30", "--at", "x=0.7")),
        ("lecture_forward", ("samples/lecture.py:f", "--forward")),
        (
            "kepler",
            (
                "samples/kepler.py:eccentric_anomaly",
                "--at",
                "eccentricity=0.3,mean_anomaly=1.0",
            ),
        ),
    ],
)
def test_the_golden_files(
    name: str,
    words: tuple[str, ...],
    said: Said,
    request: pytest.FixtureRequest,
) -> None:
    text = said("explain", *words)
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{name}_explain.txt"
    if request.config.getoption("--refresh-golden"):
        path.write_text(text)
    assert text == path.read_text()


def test_the_equations_of_the_lecture(said: Said) -> None:
    """Its 30 to 50, in its order and with its names; of its (42) the misprint is mended."""
    text = said("explain", "samples/lecture.py:f", "--first", "30")
    rows = [line for line in text.splitlines() if line.endswith(")") and " (" in line]
    found = [" ".join(row.split()).replace(" line 7", "") for row in rows if row[4] != " "]
    assert [row for row in found if not row.startswith("7 |")] == [
        "f(x) = √(x² + e^(x²)) + cos(x² + e^(x²)) (30)",
        "a = x² (31)",
        "b = e^a (32)",
        "c = a + b (33)",
        "d = √c (34)",
        "e = cos(c) (35)",
        "f = d + e (36)",
        "∂a/∂x = 2x (37)",
        "∂b/∂a = e^a (38)",
        "∂c/∂a = 1 = ∂c/∂b (39)",
        "∂d/∂c = 0.5c^(-0.5) (40)",
        "∂e/∂c = -sin(c) (41)",
        "∂f/∂d = 1 = ∂f/∂e (42)",
        "∂f/∂c = ∂f/∂d·∂d/∂c + ∂f/∂e·∂e/∂c (43)",
        "∂f/∂b = ∂f/∂c·∂c/∂b (44)",
        "∂f/∂a = ∂f/∂b·∂b/∂a + ∂f/∂c·∂c/∂a (45)",
        "∂f/∂x = ∂f/∂a·∂a/∂x (46)",
        "∂f/∂c = 1 · 0.5c^(-0.5) + 1 · (-sin(c)) (47)",
        "∂f/∂b = ∂f/∂c · 1 (48)",
        "∂f/∂a = ∂f/∂b · e^a + ∂f/∂c · 1 (49)",
        "∂f/∂x = ∂f/∂a · 2x (50)",
    ]


def test_json_has_the_numbers(said: Said) -> None:
    made = json.loads(
        said("explain", "samples/lecture.py:f", "--at", "x=0.7", "--format", "json")
    )
    assert made["gradient"]["∂f/∂x"] == pytest.approx(-1.8740017049647133)
    assert [section["key"] for section in made["sections"]] == [
        "function",
        "intermediates",
        "partials",
        "accumulation",
        "substitution",
    ]


@pytest.mark.parametrize("form", ["latex", "markdown", "html"])
def test_the_other_formats(form: str, said: Said) -> None:
    text = said("explain", "samples/lecture.py:f", "--format", form)
    assert "partial" in text or "∂" in text


def test_a_loop_needs_a_point(said: Said) -> None:
    text = said("explain", "samples/rosenbrock.py:rosenbrock", code=2)
    assert "samples/rosenbrock.py:8" in text
    assert "--at start=…,ratio=…,n=…" in text


def test_a_missing_argument(said: Said) -> None:
    assert "gives no b" in said(
        "explain", "samples/newton.py:cubic_root", "--at", "a=2", code=2
    )


@dataclasses.dataclass
class Params:
    w: list[float]
    b: float


OUTSIDE = 3.0


def loss(p: Params, xs: list[float]) -> float:
    total = 0.0
    for x in xs:
        y = p.b
        for w in p.w:
            y = y + w * x * OUTSIDE
        if y > 1:
            total += y**2
        else:
            total += abs(y)
    return total


def test_structures_loops_and_branches() -> None:
    made = grad(loss)
    point = (Params([0.1, 0.2], 0.3), [1.0, -2.0])
    derivation = made.explain(*point)
    text, gradient = str(derivation), made(*point)
    found = [value for _, value in derivation.gradient]
    assert found == pytest.approx([*gradient.w, gradient.b])
    assert "∂total₂/∂p.b = " in text
    assert "if y > 1: holds" in text
    assert "if y > 1: does not hold" in text
    assert "for x in xs: 2 passes" in text


def network(w, x):  # type: ignore[no-untyped-def]
    h = np.tanh(w @ x)
    h[0] = 2.0 * x[1]
    return np.sum(h**2)


def test_arrays() -> None:
    made = grad(network, argnums=(0, 1))
    w, x = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0.1, 0.2])
    derivation = made.explain(w, x)
    for (_, found), expected in zip(derivation.gradient, made(w, x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert "∂network/∂a · ∂a/∂w = outer(∂network/∂a, x)" in str(derivation)
    assert "forward" not in str(derivation)
    assert "Forward: 6 sweeps" in str(made.explain(w, x, forward=True))


def test_what_does_not_vary() -> None:
    @grad
    def f(x: float) -> float:
        return 2.0 * math.pi

    assert "x has no influence" in str(f.explain(0.5))


def test_a_partial_that_could_be_read_as_the_total_one() -> None:
    @grad
    def f(x: float) -> float:
        a = math.sin(x)
        return a + a**2 * x

    text = str(f.explain(0.5))
    assert "(∂f/∂a)|" in text


@pytest.mark.parametrize(
    ("python", "text", "latex"),
    [
        ("0.5 * c**-0.5", "0.5c^(-0.5)", "0.5c^{-0.5}"),
        ("2 * x**(2 - 1)", "2x", "2x"),
        ("math.exp(a)", "e^a", "e^{a}"),
        ("-(x / w) / w", "-x/w²", r"-\frac{x}{w^{2}}"),
        ("a - (b - c)", "a - (b - c)", r"a - \left(b - c\right)"),
        ("(-x)**2", "(-x)²", r"\left(-x\right)^{2}"),
        ("a * -math.sin(c)", "a · (-sin(c))", r"a \cdot \left(-\sin\left(c\right)\right)"),
        ("a / (b * c)", "a/(b·c)", r"\frac{a}{b \, c}"),
        ("2 * volatility", "2·volatility", r"2\mathit{volatility}"),
    ],
)
def test_formulas(python: str, text: str, latex: str) -> None:
    made = simplified(parsed(python))
    assert TEXT.write(made) == text
    assert LATEX.write(made) == latex


def test_names_that_could_be_taken_for_others() -> None:
    @grad
    def total(dot: float) -> float:
        return dot**2 + math.sin(dot)

    assert "total(dot) = dot² + sin(dot)" in str(total.explain())


def test_nothing_of_it_is_loaded_by_a_gradient(tmp_path: Path) -> None:
    path = tmp_path / "cold.py"
    path.write_text(
        "import sys, s2sad\n"
        "def f(x): return x * x\n"
        "assert s2sad.grad(f)(2.0) == 4.0\n"
        "print([m for m in sys.modules if 's2sad.inspect' in m or m in ('numpy', 'sympy')])\n"
    )
    words = [sys.executable, str(path)]
    run = subprocess.run(words, capture_output=True, text=True, check=True, cwd=SAMPLES.parent)
    assert run.stdout == "[]\n"


def test_values_that_do_not_fit(said: Said) -> None:
    text = said(
        "explain", "samples/rosenbrock.py:rosenbrock", "--at", "start=1,ratio=1,n=2.5", code=2
    )
    assert "--at n: 2.5 is no int" in text


def ringing(x: float) -> float:
    z = complex(x, 1.0)
    return abs(z * z.conjugate() + 2.0 * z)


def test_complex_numbers() -> None:
    text = str(grad(ringing).explain(0.5))
    assert "conj(z)" in text
    assert "∂z/∂x = Re(" in text
    # |z|² + 2z at z = x + i is x² + 1 + 2x + 2i.
    real = 0.5**2 + 1 + 2 * 0.5
    slope = real * (2 * 0.5 + 2) / abs(complex(real, 2.0))
    assert f"{slope:.10g}" in text
