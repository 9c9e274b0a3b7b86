"""grad and value_and_grad as a user meets them."""

from __future__ import annotations

import inspect
import linecache
import math
import os
import pickle
import subprocess
import sys
import textwrap
import traceback
import types
from pathlib import Path
from typing import Any

import pytest

import s2sad
from s2sad import grad, value_and_grad

ROOT = Path(__file__).parent.parent
SCALE = 2.0
from math import sin  # noqa: E402


@grad
def lecture(x: float) -> float:
    """Equation 30."""
    return math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2))


def plain(x, w=3.0):  # type: ignore[no-untyped-def]
    return x * x * w


def scaled(x: float) -> float:
    return SCALE * x * x


def helper(x: float) -> float:
    return 3.0 * x


def calls_helper(x: float) -> float:
    return helper(x) * x


def with_sin(x: float) -> float:
    return sin(x) * x


def with_aux(x: float) -> tuple[float, float]:
    y = x * x
    return y * x, y


@value_and_grad(argnums=("w", 0))
def two(x: float, w: float) -> float:
    return x * w + math.sin(w)


def test_decorator() -> None:
    assert lecture(0.7) == pytest.approx(-1.8740017049647133, rel=1e-15)
    assert lecture.primal(0.7) == pytest.approx(0.9328347830212237, rel=1e-15)


def test_keeps_what_identifies_the_primal() -> None:
    assert lecture.__name__ == "lecture"
    assert lecture.__doc__ == "Equation 30."
    assert lecture.__wrapped__ is lecture.primal
    assert list(inspect.signature(lecture).parameters) == ["x"]


def test_argnums_by_position_name_and_sequence() -> None:
    assert grad(plain)(2.0) == 12.0
    assert grad(plain, argnums="w")(2.0) == 4.0
    assert grad(plain, argnums=1)(2.0, 5.0) == 4.0
    assert grad(plain, argnums=-1)(2.0, 5.0) == 4.0
    assert grad(plain, argnums=(0,))(2.0) == (12.0,)
    assert grad(plain, argnums=("w", "x"))(2.0) == (4.0, 12.0)
    assert grad(plain)(x=2.0, w=1.0) == 4.0
    value, (w_bar, x_bar) = two(2.0, 0.5)
    assert (value, x_bar) == (1.0 + math.sin(0.5), 0.5)
    assert w_bar == pytest.approx(2.0 + math.cos(0.5))


@pytest.mark.parametrize("argnums", [2, -3, "y", (), (0, 0), ("x", 0)])
def test_argnums_that_name_nothing(argnums: Any) -> None:
    with pytest.raises(ValueError, match="argnums"):
        grad(plain, argnums=argnums)


def test_aux() -> None:
    assert value_and_grad(with_aux, has_aux=True)(2.0) == ((8.0, 4.0), 12.0)
    assert grad(with_aux, has_aux=True)(2.0) == (12.0, 4.0)
    with pytest.raises(s2sad.NotDifferentiable, match="has_aux"):
        grad(with_aux)(2.0)


def test_integers_are_floats() -> None:
    assert grad(plain)(3) == grad(plain)(3.0)
    assert type(grad(plain)(3)) is float
    assert value_and_grad(scaled)(True) == (2.0, 4.0)


def test_a_gradient_is_a_float() -> None:
    def f(x: float) -> float:
        return x * int(3.7) + (x > 0.0) * x

    assert grad(f)(1.5) == 4.0
    assert type(grad(f)(1.5)) is float
    assert type(grad(lambda x: x * int(3.7))(1.5)) is float


def test_inactive_integers_stay_integers() -> None:
    def digits(x: float, n: int) -> float:
        return x * (n // 2)

    g = value_and_grad(digits)
    assert g(1.5, 3) == (1.5, 1)
    assert g(1.5, 5) == (3.0, 2)


def test_each_signature_is_compiled_for_itself() -> None:
    def times(x: float, k: Any) -> Any:
        return x * (k / 2) + k // 2

    g = value_and_grad(times)
    assert g(1.5, 3) == (times(1.5, 3), 1.5)
    assert g(1.5, 3.0) == (times(1.5, 3.0), 1.5)
    assert g(1.5, 2**60 + 1) == (times(1.5, 2**60 + 1), (2**60 + 1) / 2)


@pytest.mark.parametrize("bad", ["1.0", None, [1.0], (1.0,), 1j])
def test_what_is_no_number_is_refused(bad: object) -> None:
    with pytest.raises(s2sad.S2sadError):
        grad(plain)(bad)
    with pytest.raises(TypeError):
        grad(plain).emitted(bad)


@pytest.mark.parametrize("shape", [(1,), (3,), (1, 1)])
def test_an_array_is_no_number(shape: tuple[int, ...]) -> None:
    import numpy as np

    g = grad(plain)
    for _ in range(2):
        with pytest.raises(s2sad.NotDifferentiable, match="plain returns a float"):
            g(np.ones(shape))
        assert g(2.0) == 12.0


def test_numpy_scalars_are_numbers() -> None:
    import numpy as np

    def times(x: float, n: Any) -> Any:
        return x * n + n // 2

    g = value_and_grad(times)
    assert g(np.float64(1.5), np.int64(3)) == g(1.5, 3) == (5.5, 3.0)
    assert type(g(np.float64(1.5), 3)[1]) is float
    assert g(np.array(1.5), 3) == (5.5, 3.0)


def test_strings_choose_and_have_defaults() -> None:
    def mode(x: float, kind: str = "double") -> float:
        if kind == "double":
            return 2.0 * x
        if kind == "square":
            return x * x
        raise ValueError(kind)

    g = grad(mode)
    assert (g(3.0), g(3.0, "square"), g(3.0, kind="double")) == (2.0, 6.0, 2.0)
    with pytest.raises(ValueError, match="cube"):
        g(3.0, "cube")


def test_globals_are_read_live() -> None:
    global SCALE
    g = grad(scaled)
    assert g(1.0) == 4.0
    emitted = g.emitted
    SCALE = 5.0
    try:
        assert g(1.0) == 10.0
        assert emitted(1.0) == (5.0, 10.0)
    finally:
        SCALE = 2.0


def test_a_rebound_function_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    g = grad(calls_helper)
    assert g(1.0) == 6.0

    def other(x: float) -> float:
        return x * x

    monkeypatch.setattr(sys.modules[__name__], "helper", other)
    assert g(1.0) == 3.0


def test_a_rebound_primitive_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    g = grad(with_sin)
    assert g(0.3) == pytest.approx(math.sin(0.3) + 0.3 * math.cos(0.3))
    monkeypatch.setattr(sys.modules[__name__], "sin", math.cos)
    assert g(0.3) == pytest.approx(math.cos(0.3) - 0.3 * math.sin(0.3))


def doubled_by_global(x: float) -> float:
    for _ in range(2):
        x = x * SCALE
    return x


def hides_the_global(SCALE: float, x: float) -> float:
    y = 0.0
    for _ in range(2):
        y = y + doubled_by_global(x)
    SCALE = 0.5 * SCALE
    return y + SCALE


def calls_it_twice(x: float) -> float:
    return hides_the_global(x, x) * hides_the_global(0.5, x * x)


def test_a_callee_whose_parameter_hides_a_global_that_it_needs() -> None:
    value, slope = value_and_grad(calls_it_twice)(1.5)
    assert value == calls_it_twice(1.5)
    assert slope == pytest.approx(
        (calls_it_twice(1.5 + 1e-6) - calls_it_twice(1.5 - 1e-6)) / 2e-6, rel=1e-7
    )


def test_closures_are_read_live() -> None:
    factor = 2.0

    def f(x: float) -> float:
        return factor * x

    g = grad(f)
    assert g(1.0) == 2.0
    factor = 7.0
    assert g(1.0) == 7.0


def test_lambdas_and_several_on_a_line() -> None:
    square, cube = (lambda x: x * x), (lambda x: x * x * x)
    assert grad(square)(2.0) == 4.0
    assert grad(cube)(2.0) == 12.0


def test_higher_orders() -> None:
    f = grad(grad(grad(lambda x: math.exp(2.0 * x))))
    assert f(0.5) == pytest.approx(8.0 * math.exp(1.0), rel=1e-14)
    headers = [line for line in f.source.splitlines() if line.startswith("def ")]
    assert headers == ["def function_grad_grad_grad(x: float):"]


def test_emitted_source_is_found_by_inspect_and_tracebacks() -> None:
    def root(x: float) -> float:
        return math.sqrt(x)

    g = grad(root)
    assert inspect.getsource(g.emitted).startswith("def root_grad(x: float):")
    with pytest.raises(ValueError, match=r"domain|nonnegative") as raised:
        g(-1.0)
    assert "a = math.sqrt(x)" in "".join(traceback.format_exception(raised.value))


def test_source_before_any_call_runs_by_itself() -> None:
    scope: dict[str, Any] = {}
    exec(lecture.source, scope)
    assert scope["lecture_grad"](0.7) == value_and_grad(lecture.primal)(0.7)


def test_source_for_follows_the_arguments() -> None:
    def times(x, k):  # type: ignore[no-untyped-def]
        return x * k

    g = grad(times)
    assert "k: float" in g.source
    assert "k: int" in g.source_for(1.0, 2)


def test_ssa_shows_the_intermediates() -> None:
    lines = [line.strip() for line in lecture.ssa.splitlines()]
    start = lines.index("a = x**2")
    assert lines[start : start + 6] == [
        "a = x**2",
        "b = math.exp(a)",
        "c = a + b",
        "d = math.sqrt(c)",
        "e = math.cos(c)",
        "f = d + e",
    ]


def test_pickle() -> None:
    again = pickle.loads(pickle.dumps(lecture))
    assert again is lecture
    g = pickle.loads(pickle.dumps(value_and_grad(plain, argnums=1)))
    assert g(2.0, 3.0) == (12.0, 4.0)


def test_functions_without_source_are_refused() -> None:
    scope: dict[str, Any] = {}
    exec("def f(x):\n    return x * x", scope)
    with pytest.raises(s2sad.SourceNotFound, match="linecache"):
        grad(scope["f"])


def test_functions_of_a_prompt_with_linecache() -> None:
    text = "def f(x):\n    return x * x\n"
    linecache.cache["<prompt-7>"] = (len(text), None, text.splitlines(True), "<prompt-7>")
    scope: dict[str, Any] = {}
    exec(compile(text, "<prompt-7>", "exec"), scope)
    assert grad(scope["f"])(3.0) == 6.0


def test_ipython_cells() -> None:
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for cell in (
        "from s2sad import grad\n@grad\ndef f(x):\n    return x * x",
        "first = f(3.0)",
        "@grad\ndef f(x):\n    return x * x * x",
        "second = f(2.0)",
    ):
        result = shell.run_cell(cell)  # type: ignore[no-untyped-call]
        result.raise_error()
    assert (shell.user_ns["first"], shell.user_ns["second"]) == (6.0, 12.0)


def test_rule_from_text_sympy_and_function() -> None:
    import sympy

    x = sympy.Symbol("x")
    by_text = s2sad.rule("2.0 * x")(types.FunctionType(_opaque.__code__, globals(), "by_text"))

    def slope(x: float) -> float:
        return 2.0 * x

    by_function = s2sad.rule(slope)(
        types.FunctionType(_opaque.__code__, globals(), "by_function")
    )
    by_sympy = s2sad.rule(x**2)(types.FunctionType(_opaque.__code__, globals(), "by_sympy"))

    def first(x: float) -> float:
        y: float = by_text(x) * 3.0
        return y

    def second(x: float) -> float:
        y: float = by_function(x) * 3.0
        return y

    def third(x: float) -> float:
        y: float = by_sympy(x) * 3.0
        return y

    assert grad(first)(2.0) == grad(second)(2.0) == grad(third)(2.0) == 12.0
    assert grad(grad(first))(2.0) == 6.0


def _opaque(x):  # type: ignore[no-untyped-def]
    return eval("x * x")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (("2.0 * x", "x"), "2 partials for the 1 parameters"),
        (("2.0 * z",), "knows no z"),
        (("[x]",), "cannot say"),
        (("os.system(x)",), "calls"),
        (("2.0 *",), "no expression"),
        ((3,), "no|a partial"),
    ],
)
def test_a_bad_rule_registers_nothing(rules: Any, message: str) -> None:
    def target(x: float) -> float:
        return x

    with pytest.raises(ValueError, match=message):
        s2sad.rule(*rules)(target)
    assert s2sad.rules.primitive_of(target) is None


def test_a_branch_that_is_never_taken_compiles() -> None:
    def f(x: float) -> float:
        y = math.exp(abs(x))
        if y <= 0.0:
            return x / y
        return x * y

    assert grad(f)(0.5) == pytest.approx(1.5 * math.exp(0.5))


def test_stop_gradient() -> None:
    def f(x: float) -> float:
        return x * s2sad.stop_gradient(x * x)

    assert value_and_grad(f)(3.0) == (27.0, 9.0)


def test_neither_numpy_nor_sympy_is_loaded(tmp_path: Path) -> None:
    script = tmp_path / "cold.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys
            from s2sad import grad

            def f(x):
                return x * x

            assert grad(f)(3.0) == 6.0
            print(sorted({"numpy", "sympy", "mpmath"} & sys.modules.keys()))
            """
        )
    )
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert done.stdout.strip() == "[]"
