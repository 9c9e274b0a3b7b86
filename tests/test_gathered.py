"""`*rest` and `**named` of the function that is differentiated."""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path

import pytest

from s2sad import S2sadError, grad, hessian, hvp, jacobian, jvp, taylor, value_and_grad, vjp
from s2sad.cli import main
from s2sad.testing import check_grads


def f(x: float, *rest: float, k: float = 2.0, **named: float) -> float:
    s = x * k
    for i, r in enumerate(rest):
        s += r * r * x * (i + 1)
    for name in named:
        s += len(name) * named[name] ** 3 * x
    return s * s


GIVEN = (2.0, 3.0, 1.0)


def test_by_name_and_position() -> None:
    """rest is a tuple, named a dict; positions go on in rest, names in named."""
    g = grad(f, ("x", "rest", "named"))
    x_bar, rest_bar, named_bar = g(*GIVEN, a=1.5, bb=2.0)
    assert (x_bar, rest_bar, named_bar) == (
        4192.5625,
        (1554.0, 1036.0),
        {"a": 1748.25, "bb": 6216.0},
    )
    assert g(2.0) == (16.0, (), {})
    assert grad(f, (0, 1, 2))(*GIVEN, a=1.5, bb=2.0) == (x_bar, *rest_bar)
    assert grad(f, "bb")(*GIVEN, a=1.5, bb=2.0) == named_bar["bb"]
    assert grad(f, "rest[1]")(*GIVEN, a=1.5, bb=2.0) == rest_bar[1]
    assert grad(f, "rest")(2, 3, 1) == grad(f, "rest")(*GIVEN)
    assert pickle.loads(pickle.dumps(grad(f, "rest")))(*GIVEN) == grad(f, "rest")(*GIVEN)
    for which, args in ((3, GIVEN), ("missing", GIVEN)):
        with pytest.raises(S2sadError, match="has no"):
            grad(f, which)(*args)


def test_the_signature_is_the_primals() -> None:
    g = value_and_grad(f, "x")
    assert g(*GIVEN, a=0.5) == g.emitted(*GIVEN, a=0.5)
    kinds = [p.kind for p in inspect.signature(f).parameters.values()]
    made = inspect.signature(g.emitted).parameters.values()
    assert [p.kind for p in made] == kinds
    assert next(p.default for p in made if p.name == "k") == 2.0
    with pytest.raises(TypeError, match="rest has to be"):
        g.emitted(2.0, 3.0, a=0.5)
    with pytest.raises(TypeError, match="named has to be"):
        g.emitted(*GIVEN, b=0.5)


def test_modes() -> None:
    check_grads(f, GIVEN)
    check_grads(f, GIVEN[:1])
    gradient = grad(f, (0, 1, 2))(*GIVEN)
    value, along = jvp(f)(GIVEN, (1.0, 0.5, None))
    assert (value, along) == (f(*GIVEN), gradient[0] + 0.5 * gradient[1])
    value, pullback = vjp(f)(*GIVEN)
    assert pullback(1.0) == jacobian(f, (0, 1, 2))(*GIVEN) == gradient
    rows = hessian(f, (0, 1, 2))(*GIVEN)
    assert hessian(f, "rest")(*GIVEN) == tuple(row[1:] for row in rows[1:])
    assert hvp(f)(2.0, 1.0, 3.0, 1.0) == rows[0][0]
    assert grad(grad(f, 1), 2)(*GIVEN) == pytest.approx(rows[1][2])
    assert taylor(f, GIVEN[:2], 2).tensor(1) == list(grad(f, (0, 1))(*GIVEN[:2]))


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of floats; `--type` says which keywords there are, and how many others;
    what is written reads back."""
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(
        "def f(x: float, *rest: float):\n"
        "    s = x\n"
        "    for r in rest:\n"
        "        s = s * r + x\n"
        "    return s\n"
        "def g(x: float, **named):\n"
        "    return x * named['a'] ** 2\n"
    )

    def written(*words: str) -> dict[str, object]:
        assert main(["grad", *words, "-o", "out.py", "--force"]) == 0
        names: dict[str, object] = {}
        exec(Path("out.py").read_text(), names)
        return names

    made = written("m.py:f", "--wrt", "x,rest")["f_grad"]
    assert made(2.0, 3, 5.0) == (42.0, (21.0, [10.0, 8.0]))  # type: ignore[operator]
    assert main(["grad", "m.py:g"]) == 3
    typed = "named={'a': float}"
    assert main(["grad", "m.py:g", "--wrt", "named", "--type", typed, "-o", "g1.py"]) == 0
    again = written("g1.py:g_grad", "--of", "0", "--wrt", "named")["g_grad_grad"]
    value, slope = again(3.0, a=2.0)  # type: ignore[operator]
    assert (value, slope) == ((12.0, {"a": 12.0}), {"a": 12.0})
    main(
        ["grad", "m.py:f", "--type", "rest=tuple[float, float]", "-o", "g2.py", "--wrt", "rest"]
    )
    again = written("g2.py:f_grad", "--of", "0", "--wrt", "x")["f_grad_grad"]
    (value, slope), x_bar = again(2.0, 3.0, 5.0)  # type: ignore[operator]
    assert (value, slope, x_bar) == (42.0, (10.0, 8.0), 21.0)
