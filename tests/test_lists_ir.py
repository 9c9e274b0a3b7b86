"""Reverse mode on lists, as IR written by hand, against differences of the primal.

Each gradient is run by the interpreter and as emitted Python: the value has the bits of the
primal's, the arguments stay as they were.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from s2sad.backend.load import load
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.inspect.interpreter import run
from s2sad.ir.nodes import Module
from s2sad.ir.parser import parse
from s2sad.ir.text import show
from s2sad.ir.verify import verify
from s2sad.transform.gradient import as_primal, gradient
from tests.lists_programs import PROGRAMS
from tests.lists_random import ARGS, program

Path = tuple[int, ...]


class Case(NamedTuple):
    name: str
    module: Module
    args: tuple[Any, ...]
    wrt: tuple[int, ...]


def cases() -> list[Case]:
    return [
        Case(f"{name}-{k}", parse(program.text), args, program.wrt)
        for name, program in PROGRAMS.items()
        for k, args in enumerate(program.args)
    ]


CASES = [pytest.param(case, id=case.name) for case in cases()]


def leaves(value: Any, path: Path = ()) -> list[tuple[Path, float]]:
    """The numbers of an argument or gradient, each with the way to it."""
    if isinstance(value, (list, tuple)):
        return [leaf for k, part in enumerate(value) for leaf in leaves(part, (*path, k))]
    return [(path, value)]


def moved(value: Any, path: Path, step: float) -> Any:
    if not path:
        return value + step
    first, *rest = path
    return [moved(v, tuple(rest), step) if k == first else v for k, v in enumerate(value)]


def slopes(
    f: Callable[..., float], args: Sequence[Any], k: int, path: Path
) -> tuple[float, float]:
    """Central differences in one number of one argument, of the fourth order, and of the
    second with a step that does not reach over a kink nearby."""

    def at(step: float) -> float:
        return f(*(moved(a, path, step) if j == k else a for j, a in enumerate(args)))

    h, short = 1e-3, 1e-6
    wide = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
    return wide, (at(short) - at(-short)) / (2.0 * short)


def emitted(module: Module, level: int) -> Callable[..., Any]:
    return load(emit(module, Options(level, checks=False)), module.entry)


def close(found: float, wanted: float) -> bool:
    return math.isclose(found, wanted, rel_tol=2e-6, abs_tol=2e-7)


def check(found: Any, f: Callable[..., float], args: Sequence[Any], k: int, text: str) -> None:
    shape = [path for path, _ in leaves(args[k])]
    assert [path for path, _ in leaves(found)] == shape, text
    for path, value in leaves(found):
        wanted = slopes(f, args, k, path)
        assert any(close(value, slope) for slope in wanted), f"{k}{path}\n{text}"


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("case", CASES)
def test_gradient(case: Case, level: int) -> None:
    _, module, args, wrt = case
    verify(module)
    derived = gradient(module, wrt, bare=False, level=level)
    verify(derived)
    verify(parse(show(derived)))
    text = emit(derived, Options(level, checks=False))

    def primal(*args: Any) -> Any:
        return run(module, args)

    def interpreted(*args: Any) -> Any:
        return run(derived, args)

    runs: list[Callable[..., Any]] = [interpreted, load(text, derived.entry)]
    for function in runs:
        given = copy.deepcopy(args)
        value, grads = function(*given)
        assert value == primal(*args) == emitted(module, level)(*copy.deepcopy(args))
        assert given == args, text
        for k, found in zip(wrt, grads, strict=True):
            check(found, primal, args, k, text)


@pytest.mark.parametrize("case", CASES)
def test_second_order(case: Case) -> None:
    """The derivative of one number of the gradient, whichever it is."""
    _, module, args, wrt = case
    for k in wrt:
        first = summed(as_primal(gradient(module, [k]), 1))
        verify(first)
        second = gradient(first, wrt, bare=False)
        verify(second)
        text = emit(second, Options(1, checks=False))
        function = load(text, second.entry)

        def slope(*args: Any, first: Module = first) -> Any:
            return run(first, args)

        given = copy.deepcopy(args)
        value, grads = function(*given)
        assert close(value, slope(*args)), text
        assert given == args, text
        for j, found in zip(wrt, grads, strict=True):
            check(found, slope, args, j, text)


def summed(module: Module) -> Module:
    """A gradient that is a list as the weighted sum of its numbers."""
    func = module.funcs[module.entry]
    (result,) = func.body.yields
    text = show(module).rstrip()
    name = text[text.rindex("yield ") + 6 : -1].strip()
    kind = str(result.type)
    if kind == "float":
        return module
    head = text[: text.rindex("  yield ")]
    if kind == "list<float>":
        body = ROW.replace("LIST", name) + "  yield %w5\n}\n"
    else:
        body = ROWS.replace("LIST", name) + "  yield %v4\n}\n"
    return parse(head + body)


ROW = """
  loop %wi carry (%w = 0.5) over (%we in LIST) {
    %w1 = mul(%we, 0.1)
    %w2 = sin(%w1)
    %w3 = mul(%w, 0.7)
    %w4 = add(%w2, %w3)
    yield next (%w4)
  } -> (%w5)
"""
ROWS = (
    "  loop %vi carry (%v = 0.3) over (%ve in LIST) {"
    + ROW.replace("LIST", "%ve")
    + "    %v1 = mul(%v, 0.7)\n    %v2 = add(%v1, %w5)\n    yield next (%v2)\n  } -> (%v4)\n"
)


@pytest.mark.parametrize("seed", range(12))
def test_random(seed: int) -> None:
    case = Case(str(seed), parse(program(seed)), ARGS, (0, 1, 2, 3))
    test_gradient(case, 1)


# Programs of what a loop's reverse reads: where it may end before its lists do, and a record
# that the user's code changes later.
REVERSED_EXIT = """
func f(xs: list<float>, w: float) -> 0 {
  loop i carry (s = 0.0) over (v in reversed(xs)) {
    %q = mul(v, v)
    s.1 = add(s, %q)
    %c = gt(s.1, w)
    yield stop %c next (s.1)
  } -> (s.2)
  yield s.2
}
"""


RAGGED = """
func f(xs: list<float>, w: float) -> 0 {
  ys = slice(xs, 1, None, None)
  zs = slice(xs, None, -1, 2)
  loop i carry (s = w) over (u in xs, v in reversed(ys), z in zs) {
    p = mul(u, v)
    q = mul(p, s)
    s.1 = add(q, z)
    yield next (s.1)
  } -> (s.2)
  loop j carry (t = s.2) over (uu in reversed(xs), vv in ys) {
    r = mul(uu, vv)
    t.1 = add(t, r)
    yield next (t.1)
  } -> (t.2)
  loop k in range(0, 2, 1) carry (t.3 = t.2) over (uuu in xs) {
    t.4 = mul(t.3, w)
    yield next (t.4)
  } -> (t.5)
  ws = concat(zs, xs)
  n = len(zs)
  a = get(ws, n)
  b = mul(a, t.5)
  yield b
}
"""
CHANGED_RECORD = """
func f(xs: list<float>, w: float) -> 0 {
  loop i over (x in xs) {
    e = exp(x)
    yield record (e)
  } lists (es)
  loop j in range(0, 2, 1) carry (es.1 = es) {
    a = get(es.1, j)
    b = mul(a, w)
    k = add(j, 1)
    c = get(es.1, k)
    d = mul(b, c)
    es.2 = set(es.1, d, k)
    yield next (es.2)
  } -> (es.3)
  y = list_sum(es.3)
  yield y
}
"""


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("text", [REVERSED_EXIT, RAGGED, CHANGED_RECORD])
def test_what_ends_early_and_what_changes_later(text: str, level: int) -> None:
    for args in (([0.3, 0.9, 0.5, 0.4], 0.8), ([1.5, 0.7, 0.2], 0.3)):
        case = Case("", parse(text), args, (0, 1))
        test_gradient(case, level)
        test_second_order(case)


UNREAD = """
func f(xs: list<float>, ys: list<float>) -> 0 {
  loop i carry (s = 0.0) over (u in xs, v in ys) {
    s.1 = add(s, u)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
"""


def test_a_source_that_nothing_reads_ends_the_loop() -> None:
    function = emitted(gradient(parse(UNREAD), [0]), 1)
    assert function([1.0, 2.0, 4.0], [0.0, 0.0]) == (3.0, [1.0, 1.0, 0.0])
    assert function([1.0], [0.0, 0.0]) == (1.0, [1.0])


def test_raises_where_the_primal_does() -> None:
    text = """
func f(xs: list<float>, w: float) -> 0 {
  a = get(xs, 2)
  m = list_max(xs)
  ys = copy(xs)
  ys.1 = drop(ys)
  %q = mul(w, w)
  yield %q
}
"""
    function = emitted(gradient(parse(text), [1]), 1)
    assert function([1.0, 2.0, 3.0], 2.0) == (4.0, 4.0)
    for xs, error in (([1.0], IndexError), ([], IndexError)):
        with pytest.raises(error):
            function(xs, 2.0)


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(
    ("op", "xs", "wanted"),
    [
        ("list_max", [1.0, 3.0, 3.0, 2.0], [0.0, 0.5, 0.5, 0.0]),
        ("list_min", [1.0, 1.0, 3.0, 1.0], [1 / 3, 1 / 3, 0.0, 1 / 3]),
        ("list_prod", [0.0, 3.0, 2.0], [6.0, 0.0, 0.0]),
        ("list_prod", [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]),
        ("list_fsum", [], []),
    ],
)
def test_kinks_and_zeros(op: str, xs: list[float], wanted: list[float], level: int) -> None:
    text = f"func f(xs: list<float>) -> 0 {{\n  y = {op}(xs)\n  yield y\n}}\n"
    _, found = emitted(gradient(parse(text), [0], level=level), level)(xs)
    assert found == wanted


def test_what_the_output_looks_like() -> None:
    """A read of what is never written to is read again, not recorded."""
    module = gradient(parse(PROGRAMS["sum_of_squares"].text), [0])
    text = emit(module, Options(checks=False))
    assert text == SUM_OF_SQUARES


SUM_OF_SQUARES = '''\
def f_grad(xs: list[float]):
    """Value of f at xs, and df/dxs."""
    # forward sweep
    n = len(xs)
    s = 0.0
    for i in range(n):
        v = xs[i]
        q = v * v
        s = s + q
    # reverse sweep
    xs_bar = [0.0] * len(xs)
    for i in reversed(range(n)):
        v_bar = 2.0 * xs[i]
        xs_bar[i] += v_bar
    return s, xs_bar
'''
