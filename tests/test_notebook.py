"""In notebooks, and SymPy in and out."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy

import s2sad
from s2sad import from_sympy, grad

X, W = sympy.symbols("x w")


@grad
def lecture(x: float) -> float:
    return math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2))


def power(x: float, n: int) -> float:
    y = 1.0
    for _ in range(n):
        y = y * x + 0.5
    return y


def test_to_sympy() -> None:
    x = sympy.Symbol("x", real=True)
    inner = x**2 + sympy.exp(x**2)
    assert lecture.to_sympy() == sympy.sqrt(inner) + sympy.cos(inner)
    assert sympy.expand(grad(power).to_sympy(n=2) - (x**2 + x / 2 + sympy.Rational(1, 2))) == 0
    with pytest.raises(s2sad.S2sadError, match="depends on the value of n"):
        grad(power).to_sympy()


def test_from_sympy() -> None:
    expr = sympy.sin(X * W) ** 2 + sympy.exp(-sympy.sin(X * W))
    value, gradient = from_sympy(expr, (X, W))(0.3, 0.4)
    at = {X: 0.3, W: 0.4}
    assert value == pytest.approx(float(expr.subs(at)))
    assert gradient == pytest.approx([float(expr.diff(v).subs(at)) for v in (X, W)])


def test_from_sympy_of_pieces() -> None:
    made = from_sympy(sympy.Piecewise((sympy.log(X), X > 0), (0, True)), (X,))
    assert made(2.0) == pytest.approx((math.log(2.0), 0.5))
    assert made(-1.0) == (0, 0.0)


def test_from_sympy_is_linear_in_what_is_shared() -> None:
    expr = X
    for _ in range(60):
        expr = sympy.sin(expr) * expr + sympy.cos(expr)
    made = from_sympy(expr, (X,))
    assert len(made.source.splitlines()) < 500
    assert math.isfinite(made(0.3)[1])


def test_what_from_sympy_refuses() -> None:
    with pytest.raises(s2sad.UnsupportedFunction):
        from_sympy(sympy.besselj(0, X), (X,))
    with pytest.raises(ValueError, match="no arguments"):
        from_sympy(X * W, (X,))


def test_rich_display() -> None:
    html = lecture._repr_html_()
    assert html is not None
    assert "Emitted Python" in html
    assert "<math" in html
    assert lecture._repr_latex_()
    assert grad(power)._repr_latex_() is None
    assert "<math" not in (grad(power)._repr_html_() or "<math")


def test_a_notebook_from_end_to_end(tmp_path) -> None:  # type: ignore[no-untyped-def]
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    import warnings

    import nbformat

    cells = [
        "import math, s2sad\nfrom s2sad import grad, taylor\n%load_ext s2sad",
        "@grad\ndef f(x):\n    return math.sin(x) * x\nf",
        "f(0.5)",
        "@grad\ndef f(x):\n    return x**3\nf(2.0)",
        "f.explain(2.0)",
        "taylor(lambda x: math.exp(x), 0.0, 2)",
        "%%s2sad --explain --at x=2.0\ndef g(x):\n    return x**2",
        "g_grad(3.0)",
        "%%s2sad\ndef h(x):\n    return x * math.exp(x)",
    ]
    made: Any = nbformat.v4
    notebook = made.new_notebook(cells=[made.new_code_cell(cell) for cell in cells])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    data = [
        [out.get("data", {}) for out in cell.outputs if out.output_type != "stream"]
        for cell in notebook.cells
    ]
    assert "Emitted Python" in data[1][0]["text/html"]
    assert float(data[2][0]["text/plain"]) == pytest.approx(math.sin(0.5) + 0.5 * math.cos(0.5))
    assert data[3][0]["text/plain"] == "12.0"
    assert "<math" in data[4][0]["text/html"]
    assert "text/latex" in data[5][0]
    assert "<math" in data[6][0]["text/html"]
    assert data[7][0]["text/plain"] == "(9.0, 6.0)"
    assert "def h_grad" in data[8][0]["text/plain"]
