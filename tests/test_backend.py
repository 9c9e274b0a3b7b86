"""The emitted text: what it looks like, to the byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from s2sad.backend.load import load
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.errors import UnsupportedSyntax
from s2sad.ir.build import Builder
from s2sad.ir.nodes import (
    FALSE,
    ONE,
    ZERO,
    Block,
    Func,
    Let,
    Loop,
    Module,
    Range,
    Seq,
    Stmt,
    Var,
    float_lit,
    int_lit,
)
from s2sad.ir.parser import parse
from s2sad.ir.types import FLOAT, INT, List
from s2sad.linked import LinkNames

PLAIN = Options(checks=False)
GOLDEN = Path(__file__).parent / "golden" / "backend"


def module(func: Func) -> Module:
    return Module({func.name: func}, func.name, {})


def lecture() -> Module:
    """Equation 30 and its gradient, as reverse mode writes it."""
    build = Builder()
    x = Var(FLOAT, "x", user=True)
    a = build.let("pow", (x, int_lit(2)), hint="a")
    b = build.let("exp", (a,), hint="b")
    c = build.let("add", (a, b), hint="c")
    d = build.let("sqrt", (c,), hint="d")
    e = build.let("cos", (c,), hint="e")
    f = build.let("add", (d, e), hint="f")
    line: dict[Var, Stmt] = {s.out: s for s in build.stmts if isinstance(s, Let)}
    half = build.let("div", (float_lit(0.5), d), origin=(line[f], line[d]))
    sine = build.let("sin", (c,), origin=(line[f], line[e]))
    both = (line[f], line[e], line[d])
    c_bar = build.let("sub", (half, sine), hint="c_bar", origin=both)
    product = build.let("mul", (c_bar, b), origin=(line[b],))
    a_bar = build.let("add", (c_bar, product), hint="a_bar", origin=(line[c],))
    slope = build.let("mul", (int_lit(2), x), origin=(line[a],))
    x_bar = build.let("mul", (a_bar, slope), hint="x_bar", origin=(line[a],))
    doc = "Value of f at x, and df/dx."
    return module(Func("f_grad", build.block((x,), (f, x_bar)), (0, 1), doc, forward=6))


def power() -> Module:
    """y = x**n by a loop, and its gradient."""
    x, n = Var(FLOAT, "x", user=True), Var(INT, "n", user=True)
    y, y_list, y_out = (
        Var(FLOAT, "y", user=True),
        Var(List(FLOAT), "y"),
        Var(FLOAT, "y", user=True),
    )
    y_next = Let(Var(FLOAT, "y", user=True), "mul", (y, x))
    forward = Loop(
        (y_out,),
        (y_list,),
        Var(INT, "i", user=True),
        Range(int_lit(0), n, int_lit(1)),
        (ONE,),
        (),
        Block((y,), (y_next,), (FALSE, y_next.out, y)),
    )
    y_bar, x_bar, y_i = Var(FLOAT, "y_bar"), Var(FLOAT, "x_bar"), Var(FLOAT, "y", user=True)
    build = Builder()
    share = build.let("mul", (y_bar, y_i), origin=(y_next,))
    more = build.let("add", (x_bar, share), hint="x_bar", origin=(y_next,))
    less = build.let("mul", (y_bar, x), hint="y_bar", origin=(y_next,))
    end = Var(FLOAT, "x_bar")
    reverse = Loop(
        (Var(FLOAT, "y_bar"), end),
        (),
        Var(INT, "i"),
        Range(int_lit(0), n, int_lit(1), backward=True),
        (ONE, ZERO),
        (Seq(y_list, reversed=True),),
        build.block((y_bar, x_bar, y_i), (FALSE, less, more)),
    )
    body = Block((x, n), (forward, reverse), (y_out, end))
    return module(Func("f_grad", body, (0, 1), forward=1))


def test_the_lecture() -> None:
    assert emit(lecture(), PLAIN) == dedent('''\
        import math


        def f_grad(x: float):
            """Value of f at x, and df/dx."""
            # forward sweep
            a = x**2
            b = math.exp(a)
            c = a + b
            d = math.sqrt(c)
            e = math.cos(c)
            f = d + e
            # reverse sweep
            c_bar = 0.5 / d - math.sin(c)      # f = d + e; e = cos(c); d = sqrt(c)
            a_bar = c_bar + c_bar * b          # c = a + b; b = exp(a)
            x_bar = a_bar * 2 * x              # a = x**2
            return f, x_bar
        ''')


def test_a_loop() -> None:
    assert emit(power(), PLAIN) == dedent("""\
        def f_grad(x: float, n: int):
            # forward sweep
            y = 1.0
            y_in = []
            for i in range(n):
                y_in.append(y)
                y = y * x
            # reverse sweep
            y_bar = 1.0
            x_bar = 0.0
            for y_i in reversed(y_in):
                x_bar += y_bar * y_i
                y_bar *= x
            return y, x_bar
        """)
    assert load(emit(power()), "f_grad")(3, True) == (3.0, 1.0)


def test_level_0_keeps_brackets_and_single_lines() -> None:
    text = emit(lecture(), Options(level=0, inline=False, comments=False))
    body = text[text.index("    f = d + e") :].splitlines()[1:-1]
    assert body == [
        "    g = 0.5 / d",
        "    h = math.sin(c)",
        "    c_bar = g - h",
        "    i = c_bar * b",
        "    a_bar = c_bar + i",
        "    j = 2 * x",
        "    x_bar = a_bar * j",
    ]
    assert "x_bar = a_bar * (2 * x)" in emit(lecture(), Options(level=0))


def test_checks() -> None:
    text = emit(power())
    assert "    if x.__class__ is not float:\n        x = float(+x)\n" in text
    assert "    if n.__class__ is not int:\n        n = n.__index__()\n" in text


def cases() -> list[str]:
    return sorted(path.stem for path in GOLDEN.glob("*.ir"))


@pytest.mark.parametrize("case", cases())
def test_golden(case: str, request: pytest.FixtureRequest) -> None:
    text = emit(parse((GOLDEN / f"{case}.ir").read_text()), PLAIN)
    golden = GOLDEN / f"{case}.py"
    if request.config.getoption("--refresh-golden"):
        golden.write_text(text)
    assert text == golden.read_text()
    compile(text, case, "exec")


def test_a_name_that_an_earlier_pass_bound_is_unbound_again() -> None:
    function = load(
        emit(parse((GOLDEN / "unbound.ir").read_text())), "f", LinkNames({"u": 1.0})
    )
    assert function(3.0, 3) == 12.0
    with pytest.raises(UnboundLocalError):
        function(3.0, 4)
    with pytest.raises(UnboundLocalError):
        function(3000.0, 3)


def test_a_parameter_that_hides_what_the_text_needs_is_refused() -> None:
    source = "func f(math: float) -> 0 {\n  y = sin(math)\n  yield y\n}\n"
    with pytest.raises(UnsupportedSyntax, match="the parameter math of f hides"):
        emit(parse(source))


def test_prelude_and_helpers() -> None:
    source = "func f(x: float) -> 0 forward 1 {\n  %0 = polygamma(0, x)\n  yield %0\n}\n"
    text = emit(parse(source), PLAIN._replace(prelude=("G = 9.81",)))
    assert text.startswith("import math\n\nG = 9.81\n\n\ndef _polygamma(n: int")
    assert text.endswith("    a = _polygamma(0, x)\n    return a\n")


def test_documentation() -> None:
    func = parse("func f(x: float) -> 0 {\n  yield x\n}\n").funcs["f"]
    tricky = 'One.\n\n    """Two\\n"""\nsays "three"'
    body = Func(func.name, func.body, func.structure, tricky)
    text = emit(module(body), PLAIN)
    documented = load(text, "f").__doc__
    assert documented is not None
    assert [line.strip() for line in documented.strip().splitlines()] == [
        line.strip() for line in tricky.splitlines()
    ]


SCRIPT = """
from s2sad.backend.python import emit
from tests.irgen import Program
from tests.test_backend import lecture, power
print(emit(lecture()), emit(power()))
for seed in range(20):
    print(emit(Program(seed, 0.5).module()))
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    root = Path(__file__).resolve().parents[1]
    texts = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
