"""The text form and the meaning of the IR, on functions written by hand."""

# The lines of IR are as long as they are.
# ruff: noqa: E501

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from s2sad.errors import Loc, S2sadError
from s2sad.inspect.interpreter import run
from s2sad.ir.nodes import Block, Func, Let, Lit, Module, Undef, Var
from s2sad.ir.text import parse, show
from s2sad.ir.types import BOOL, COMPLEX, FLOAT, INT, NONE, Array, List, Opaque, Tuple
from s2sad.ir.verify import verify

LECTURE = """\
func f(x: float) -> 0 {
  'The lecture, equation 30.'
  a = pow(x, 2)
  b = exp(a)
  c = add(a, b)
  d = sqrt(c)
  %0 = cos(c)
  y = add(d, %0)
  yield y
}
"""

# y = y * x in the innermost of three loops; each level records a list of the inner one's.
TRIPLE = """\
func triple(x: float, n: int = 2) -> (0, 1) forward 1 {
  loop i in range(0, n, 1) carry (y = 1.0) {
    loop j in range(0, i, 1) carry (y.1 = y) {
      loop k in range(0, 2, 1) carry (y.2 = y.1) {
        y.3 = mul(y.2, x)
        yield next (y.3) record (y.2)
      } -> (y.4) lists (%y)
      yield next (y.4) record (%y)
    } -> (y.5) lists (%y.1)
    yield next (y.5) record (%y.1)
  } -> (y.6) lists (%y.2)
  loop i.1 in reversed(range(0, n, 1)) carry (%y_bar = 1.0, %x_bar = 0.0) over (%y.3 in reversed(%y.2)) {
    loop j.1 in reversed(range(0, i.1, 1)) carry (%y_bar.1 = %y_bar, %x_bar.1 = %x_bar) over (%y.4 in reversed(%y.3)) {
      loop k.1 carry (%y_bar.2 = %y_bar.1, %x_bar.2 = %x_bar.1) over (%y.5 in reversed(%y.4)) {
        %0 = mul(%y_bar.2, %y.5)
        %x_bar.3 = add(%x_bar.2, %0)
        %y_bar.3 = mul(%y_bar.2, x)
        yield next (%y_bar.3, %x_bar.3)
      } -> (%y_bar.4, %x_bar.4)
      yield next (%y_bar.4, %x_bar.4)
    } -> (%y_bar.5, %x_bar.5)
    yield next (%y_bar.5, %x_bar.5)
  } -> (%y_bar.6, %x_bar.6)
  yield y.6, %x_bar.6
}
"""

NEWTON = """\
func newton(x: float) -> (0, 1) {
  while (y = x, n = 0) {
    %0 = lt(n, 50)
    yield %0
  } do (y.1, n.1) {
    %1 = div(x, y.1)
    %2 = add(y.1, %1)
    y.2 = mul(0.5, %2)
    n.2 = add(n.1, 1)
    %3 = eq(y.2, y.1)
    yield stop %3 next (y.2, n.2) record (y.1)
  } -> (y.3, n.3) lists (%ys)
  yield y.3, %ys
}
"""

# The least i * n + j in the product's order with i * j == target; a return stops both.
EARLY = """\
func early(target: int, n: int) -> 0 {
  loop i in range(1, n, 1) carry (found = False, result = -1) {
    loop j in range(1, n, 1) carry (found.1 = found, result.1 = result) {
      %0 = mul(i, j)
      %1 = eq(%0, target)
      if %1 {
        %2 = mul(i, n)
        %3 = add(%2, j)
        yield True, %3
      } else {
        yield found.1, result.1
      } -> (found.2, result.2)
      yield stop found.2 next (found.2, result.2)
    } -> (found.3, result.3)
    yield stop found.3 next (found.3, result.3)
  } -> (found.4, result.4)
  yield result.4
}
"""

ARRAYS = """\
func running(A: float[n], m: int) -> (0, 1) {
  A.1 = copy(A)
  loop i in range(1, m, 1) carry (A.2 = A.1) {
    %0 = sub(i, 1)
    %1 = get(A.2, %0)
    A.3 = acc(A.2, %1, i)
    %2 = copy(A.3)
    yield next (A.3) record (%2)
  } -> (A.4) lists (%A)
  A.5 = set(A.4, -0.0, 0)
  yield A.5, %A
}
"""

ROWS = """\
func rows(A: float[n, 3], k: int) -> 0 {
  row = get(A, k)
  %0 = get(row, 0)
  %1 = get(A, k, 2)
  s = add(%0, %1)
  yield s
}
"""

CALLS = """\
func polar(x: float, y: float = 1.0) -> (0, (1, 0)) {
  r = hypot(x, y)
  phi = atan2(y, x)
  yield r, phi
}

func g(x: float) -> 0 {
  call polar(x, 2.0) -> (r: float, phi: float)
  s = mul(r, phi)
  yield s
}
"""

# fact(n) with a record of each level: (n, the record of the call); fact_back reads it.
RECURSION = """\
record fact_record (float, @fact_record)

func fact(n: float) -> (0, 1) {
  c = le(n, 1.0)
  if c {
    yield 1.0, None
  } else {
    %0 = sub(n, 1.0)
    call fact(%0) -> (r: float, %rest: @fact_record)
    %1 = mul(n, r)
    yield %1, %rest
  } -> (r.1, %rest.1)
  %2: @fact_record = tuple(n, %rest.1)
  yield r.1, %2
}

func levels(n: float) -> (0, 1) {
  call fact(n) -> (y: float, %record: @fact_record)
  while (%record.1 = %record, s = 0.0) {
    %0 = item(%record.1, 0)
    %1 = gt(%0, 1.0)
    yield %1
  } do (%record.2, s.1) {
    %2 = item(%record.2, 0)
    %3 = add(s.1, %2)
    %4 = item(%record.2, 1)
    yield next (%4, %3)
  } -> (%record.3, s.2)
  yield y, s.2
}
"""

TRY = """\
func safe(x: float) -> (0, 1) {
  try {
    %0 = log(x)
    y = div(1.0, %0)
    yield y
  } except ZeroDivisionError {
    yield +inf
  } except '(ValueError, TypeError)' {
    %1 = lt(x, -1.0)
    if %1 {
      raise None
    }
    yield undef<never>
  } -> (y.1) path %path
  yield y.1, %path
}
"""

RAISE = """\
func checked(x: float) -> 0 {
  %0 = lt(x, 0.0)
  if %0 {
    %e: <exception> = python('ValueError("got", {0})', x)
    raise %e
    yield undef<never>
  } else {
    y = sqrt(x)
    yield y
  } -> (y.1)
  yield y.1
}
"""

CAUSES = """\
func caused(x: float) -> 0 {
  %m: <manager> = python('contextlib.nullcontext({0})', x)
  try with %m (w: <object>) {
    y = mul(x, x)
    yield y
  } -> (y.1) path %path
  try {
    z = log(y.1)
    yield z
  } except ValueError (e: <exception>) {
    %0: <exception> = python('KeyError("got", {0})', e)
    raise %0 from e
    yield undef<never>
  } -> (z.1) path %path.1
  yield z.1
}
"""

LITERALS = """\
func literals() -> (0, 1, 2, (3, 4), 5, 6, (7,), 8, 9, 10) {
  %0: float[n, 3, ?, 'n + 1'] = python('f(\\'a\\', "b\\\\n")')
  if True {
    yield undef<list<(<object>, <'a type'>, @r, bool[], ())>>
  } else {
    yield undef<never>
  } -> (inf)
  yield 1e-05, -0.0, +inf, -inf, +nan, complex(-0.0, +nan), None, 'a"\\'b', 3: float, 10000000000000000000000
}
"""

ALL = (
    LECTURE,
    TRIPLE,
    NEWTON,
    EARLY,
    ARRAYS,
    ROWS,
    CALLS,
    RECURSION,
    TRY,
    RAISE,
    CAUSES,
    LITERALS,
)
EXECUTABLE = ALL[:-1]


@pytest.mark.parametrize("text", ALL)
def test_text_reads_back(text: str) -> None:
    module = parse(text)
    assert show(module) == text
    assert alike(module, parse(show(module)))


@pytest.mark.parametrize("text", EXECUTABLE)
def test_verified(text: str) -> None:
    verify(parse(text))


def alike(a: object, b: object, renaming: dict[Var, Var] | None = None) -> bool:
    """Equal up to the identity of variables, locations and origins."""
    renaming = {} if renaming is None else renaming
    match a, b:
        case Var(), Var():
            same = (a.type, a.hint, a.user) == (b.type, b.hint, b.user)
            return same and renaming.setdefault(a, b) is b
        case Lit(), Lit():
            return a.key == b.key
        case Undef(), Undef():
            return a.type == b.type
        case dict(), dict():
            return list(a) == list(b) and alike([*a.values()], [*b.values()], renaming)
        case ((tuple() | list()), (tuple() | list())):
            return len(a) == len(b) and all(
                alike(x, y, renaming) for x, y in zip(a, b, strict=True)
            )
        case _ if is_dataclass(a) and type(a) is type(b):
            names = [f.name for f in fields(a) if f.name not in ("loc", "origin")]
            return all(alike(getattr(a, n), getattr(b, n), renaming) for n in names)
        case _:
            return a == b


def test_built_by_hand() -> None:
    """What no source writes: hints that clash or are no names, typed literals."""
    x, y, z = Var(FLOAT, "x", True), Var(FLOAT, "x"), Var(FLOAT, "not a name", True)
    u, v = Var(FLOAT, "undef", True), Var(INT, "loop", True)
    stmts = (
        Let(y, "add", (x, Lit(1, FLOAT)), Loc("a.py", 1, 0)),
        Let(z, "neg", (y,)),
        Let(u, "neg", (z,)),
        Let(v, "add", (Lit(True, BOOL), Lit(2, INT))),
        Let(Var(FLOAT, "call", True), "mul", (u, v)),
    )
    func = Func("f", Block((x,), stmts, (u,)), 0, "Doc.\n\n'quoted'\n")
    module = Module({"f": func}, "f", {})
    text = show(module)
    assert text == show(func)
    assert text.splitlines() == [
        "func f(x: float) -> 0 {",
        "  \"Doc.\\n\\n'quoted'\\n\"",
        "  %x = add(x, 1: float)",
        "  %0 = neg(%x)",
        "  undef = neg(%0)",
        "  loop = add(True, 2)",
        "  call = mul(undef, loop)",
        "  yield undef",
        "}",
    ]
    assert show(parse(text)) == text


def test_literals_are_exact() -> None:
    yields = parse(LITERALS).funcs["literals"].body.yields
    values = [atom.value for atom in yields if isinstance(atom, Lit)]
    assert repr(values) == (
        "[1e-05, -0.0, inf, -inf, nan, (-0+nanj), None, 'a\"\\'b', 3, 10000000000000000000000]"
    )
    kinds = [FLOAT] * 5 + [COMPLEX, NONE, Opaque(), FLOAT, INT]
    assert [atom.type for atom in yields] == kinds


def test_types_follow() -> None:
    body = parse(ARRAYS).funcs["running"].body
    assert [param.type for param in body.params] == [Array(FLOAT, ("n",)), INT]
    assert [atom.type for atom in body.yields] == [
        Array(FLOAT, ("n",)),
        List(Array(FLOAT, ("n",))),
    ]
    pair = parse("func f(x: int) -> 0 {\n  t = tuple(x, True)\n  yield t\n}\n")
    assert pair.funcs["f"].body.yields[0].type == Tuple((INT, BOOL))


def test_comments_and_layout_are_free() -> None:
    text = "func f(x: float) -> 0 { # one\n y = neg(x) yield y }  # two"
    assert show(parse(text)) == ("func f(x: float) -> 0 {\n  y = neg(x)\n  yield y\n}\n")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "at least one function"),
        (
            "func f(x: float) -> 0 {\n  y = neg(x)\n  yield y\n",
            4,
            "expected ',', found 'the end'",
        ),
        ("func f(x: real) -> 0 {\n}", 1, "no type 'real'"),
        ("func f(x) -> 0 {\n}", 1, "the type of x does not follow"),
        ("func f() -> 0 {\n  y = frobnicate(1)\n}", 2, "the type of y does not follow"),
        ("func f() -> 0 {\n  y = neg(;)\n}", 2, "unexpected ';'"),
        ("func f() -> 0 {\n  y = neg(])\n}", 2, "expected a value, found ']'"),
        ("func f() -> 0 {\n\n  unless c {\n}", 3, "expected a statement"),
        ("func f() -> 0 {\n  loop i in range(0, 1) {\n  }\n}", 2, "a start, a stop"),
        ("func f() -> x {\n}", 1, "expected an index, found 'x'"),
        ("func f(x: float = y) -> 0 {\n}", 1, "a default is a literal"),
        ("func f() -> 0 {\n  'open\n}", 2, 'unexpected "\'"'),
    ],
)
def test_parse_errors_have_a_line(text: str, line: int, message: str) -> None:
    with pytest.raises(S2sadError) as caught:
        parse(text)
    assert message in caught.value.what
    assert caught.value.lineno == line


def test_ten_thousand_statements() -> None:
    lines = [f"  a.{i + 1} = mul(a.{i}, 2.0)" for i in range(1, 10_000)]
    head = "func f(x: float) -> 0 {\n  a = neg(x)\n  a.1 = neg(a)\n"
    text = head + "\n".join(lines) + "\n  yield a.10000\n}\n"
    module = parse(text)
    verify(module)
    assert show(module) == text


def test_lecture() -> None:
    assert run(parse(LECTURE), [0.7]) == pytest.approx(
        math.sqrt(0.49 + math.exp(0.49)) + math.cos(0.49 + math.exp(0.49))
    )


def test_triple_nest_records_lists_of_lists() -> None:
    module = parse(TRIPLE)
    y, x_bar = run(module, [1.5, 4])
    assert y == pytest.approx(1.5**12)
    assert x_bar == pytest.approx(12 * 1.5**11)
    assert run(module, [3.0]) == (9.0, 6.0)


def test_while_stops() -> None:
    y, ys = run(parse(NEWTON), [2.0])
    assert y == pytest.approx(math.sqrt(2.0))
    assert ys[:2] == [2.0, 1.5]
    assert len(ys) < 50


def test_early_return_stops_every_level() -> None:
    module = parse(EARLY)
    assert run(module, [6, 10]) == 16
    assert run(module, [25, 10]) == 55
    assert run(module, [11, 10]) == -1


def test_arrays_have_versions() -> None:
    array = np.array([1.0, 2.0, 3.0])
    last, versions = run(parse(ARRAYS), [array, 3])
    assert array.tolist() == [1.0, 2.0, 3.0]
    assert [version.tolist() for version in versions] == [[1, 3, 3], [1, 3, 6]]
    assert last.tolist() == [0.0, 3.0, 6.0]
    assert math.copysign(1.0, last[0]) == -1.0


def test_views() -> None:
    assert run(parse(ROWS), [np.arange(6.0).reshape(2, 3), 1]) == 8.0


def test_calls_and_structure() -> None:
    module = parse(CALLS)
    assert run(module, [2.0]) == pytest.approx(math.hypot(2, 2) * math.pi / 4)
    polar = run(module, [0.0], "polar")
    assert polar == (1.0, (pytest.approx(math.pi / 2), 1.0))
    with pytest.raises(TypeError, match="takes 2 arguments, 0 given"):
        run(module, [], "polar")


def test_recursion_has_a_named_record() -> None:
    module = parse(RECURSION)
    assert run(module, [4.0]) == (24.0, 9.0)
    record = (3.0, (2.0, (1.0, None)))
    assert run(module, [3.0], "fact") == (6.0, record)


def test_try_tells_its_path() -> None:
    module = parse(TRY)
    assert run(module, [math.e]) == (1.0, 0)
    assert run(module, [1.0]) == (math.inf, 1)
    with pytest.raises(UnboundLocalError, match="'y'"):
        run(module, [-0.5])
    with pytest.raises(ValueError, match=r"positive|domain"):
        run(module, [-2.0])


def test_raise() -> None:
    module = parse(RAISE)
    assert run(module, [4.0]) == 2.0
    with pytest.raises(ValueError, match=r"'got', -1\.0"):
        run(module, [-1.0])


def test_names_of_the_user() -> None:
    text = """\
func f(x: float) -> 0 {
  k = global('k')
  %0: <list> = python('[{0}, {1}]', x, k)
  yield %0
}
"""
    assert run(parse(text), [1.0], names={"k": 2.0}) == [1.0, 2.0]
