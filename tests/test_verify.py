"""What `verify` refuses, one mistake a rule, and what the borrow check accepts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s2sad.errors import InternalError
from s2sad.ir.nodes import (
    Block,
    Func,
    If,
    Lit,
    Loop,
    Module,
    Range,
    Undef,
    Var,
    int_lit,
)
from s2sad.ir.text import parse
from s2sad.ir.types import BOOL, FLOAT, INT, Array
from s2sad.ir.verify import verify


def func(params: str, body: str, structure: str = "0") -> str:
    return f"func f({params}) -> {structure} {{\n{body}\n}}\n"


# The variables that the bodies below may use.
PARAMS = "x: float, n: int, c: bool, A: float[n], B: float[n], M: float[n, 3]"

SCOPES = {
    "used before it is bound": (
        "y = neg(z)\nz = neg(x)\nyield y",
        "z is read before it is bound",
    ),
    "never bound": ("y: float = neg(z)\nyield y", "z is read before it is bound"),
    "bound twice": ("y = neg(x)\ny = neg(x)\nyield y", "y is bound twice"),
    "bound twice, by a region": (
        "y = neg(x)\nif c {\ny = neg(x)\n}\nyield y",
        "y is bound twice",
    ),
    "index bound twice": (
        "loop n in range(0, 3, 1) {\n}\nyield x",
        "n is bound twice",
    ),
    "out of a branch": (
        "if c {\ny = neg(x)\n}\nyield y",
        "y is bound inside a region and not visible here",
    ),
    "from one branch into the other": (
        "if c {\ny = neg(x)\n} else {\nz = neg(y)\n}\nyield x",
        "`z = neg(y)`: y is bound inside a region and not visible here",
    ),
    "out of a loop": (
        "loop i in range(0, n, 1) {\n}\nyield i",
        "i is bound inside a region and not visible here",
    ),
    "out of a condition": (
        "while (y = x) {\n%0 = lt(y, 3.0)\nyield %0\n} do (y.1) {\n%1 = not_(%0)\n"
        "yield next (y.1)\n} -> (y.2)\nyield y.2",
        "%0 is bound inside a region and not visible here",
    ),
    "from a try body into its handler": (
        "try {\ny = div(1.0, x)\n} except ZeroDivisionError {\nz = neg(y)\n} path p\nyield x",
        "y is bound inside a region and not visible here",
    ),
    "a result in its own region": (
        "if c {\nz = neg(y)\nyield z\n} else {\nyield x\n} -> (y)\nyield y",
        "y is read before it is bound",
    ),
    "statements after a raise": (
        "raise None\ny = neg(x)\nyield y",
        "nothing may stand after a raise",
    ),
    "undef as an operand": ("y = neg(undef<float>)\nyield y", "undef is no operand"),
    "undef as a condition": ("if undef<bool> {\n}\nyield x", "undef is no operand"),
    "undef as an end": (
        "loop i in range(0, undef<int>, 1) {\n}\nyield x",
        "undef is no operand",
    ),
    "undef as stop": (
        "loop i in range(0, n, 1) {\nyield stop undef<bool>\n}\nyield x",
        "undef is no condition and is never recorded",
    ),
    "undef recorded": (
        "loop i in range(0, n, 1) {\nyield record (undef<float>)\n} lists (ys)\nyield x",
        "undef is no condition and is never recorded",
    ),
    "no such record": ("r: @r = python('r')\nyield x", "no record r"),
}

ARITY = {
    "if yields too little": (
        "if c {\nyield x\n} else {\n} -> (y)\nyield y",
        "yields of else: 0, where 1 belong",
    ),
    "loop yields too little": (
        "loop i in range(0, n, 1) carry (y = x) {\n} -> (y.1)\nyield y.1",
        "yields of the body: 1, where 2 belong",
    ),
    "loop records too much": (
        "loop i in range(0, n, 1) {\nyield record (x)\n}\nyield x",
        "yields of the body: 2, where 1 belong",
    ),
    "loop results": (
        "loop i in range(0, n, 1) carry (y = x) {\nyield next (y)\n}\nyield x",
        "results: 0, where 1 belong",
    ),
    "loop over nothing": (
        "loop i {\n}\nyield x",
        "a loop has a domain or a sequence",
    ),
    "while body parameters": (
        "while (y = x) {\nyield c\n} do () {\nyield next (x)\n} -> (y.1: float)\nyield y.1",
        "parameters of the body: 0, where 1 belong",
    ),
    "while condition": (
        "while () {\nyield c, c\n} do () {\n}\nyield x",
        "yields of the condition: 2, where 1 belong",
    ),
    "no handler": ("try {\n} path p\nyield x", "at least one handler"),
    "handler yields": (
        "try {\nyield x\n} except E {\n} -> (y) path p\nyield y",
        "yields of except E: 0, where 1 belong",
    ),
    "no primitive": ("y: float = frobnicate(x)\nyield y", "no primitive frobnicate"),
    "too few operands": ("y = add(x)\nyield y", "add of 1 arguments"),
    "too many operands": ("y = copy(A, B)\nyield y", "copy of 2 arguments"),
    "no function": ("call g(x) -> (y: float)\nyield y", "no function g"),
    "call arguments": (
        "call f(x) -> (y: float)\nyield y",
        "arguments: 1, where 6 belong",
    ),
    "call results": (
        "call f(x, n, c, A, B, M)\nyield x",
        "results: 0, where 1 belong",
    ),
    "item at no literal": (
        "t = tuple(x, x)\ny: float = item(t, n)\nyield y",
        "item at n, which is no integer literal",
    ),
    "global of no text": (
        "y: float = global(x)\nyield y",
        "global of x, which is no text",
    ),
}

TYPES = {
    "a primitive's result": (
        "y: float = lt(x, 1.0)\nyield y",
        "y is float, not bool",
    ),
    "no item there": (
        "t = tuple(x, x)\ny: float = item(t, 2)\nyield y",
        "no type follows for item",
    ),
    "a branch": (
        "if c {\nyield x\n} else {\nyield 1\n} -> (y: int)\nyield y",
        "what then yields, x is float, y is int",
    ),
    "a first value": (
        "loop i in range(0, n, 1) carry (y: int = x) {\nyield next (y)\n} -> (z)\nyield z",
        "the first value x is float, y is int",
    ),
    "a next value": (
        "loop i in range(0, n, 1) carry (y = 1) {\nyield next (x)\n} -> (z)\nyield z",
        "the next value x is float, y is int",
    ),
    "a result of a loop": (
        "loop i in range(0, n, 1) carry (y = x) {\nyield next (y)\n} -> (z: int)\nyield z",
        "the carry y is float, z is int",
    ),
    "a next value of a while": (
        "while (y = 1) {\nyield c\n} do (z: float) {\nyield next (z)\n} -> (w)\nyield w",
        "the next value z is float, y is int",
    ),
    "a recorded value": (
        "loop i in range(0, n, 1) {\nyield record (x)\n} lists (ys: list<int>)\nyield x",
        "x is float, recorded in ys: list<int>",
    ),
    "an element": (
        "l = list(x, x)\nloop i over (e: int in l) {\n}\nyield x",
        "l is list<float>, its element e is int",
    ),
    "a sequence that is none": (
        "loop i over (e: float in x) {\n}\nyield x",
        "x is float, its element e is float",
    ),
    "stop": (
        "loop i in range(0, n, 1) {\nyield stop i\n}\nyield x",
        "stop i is int",
    ),
    "an array as a condition": ("if A {\n}\nyield x", "the condition A is float[n]"),
    "an array as a while's condition": (
        "while () {\nyield A\n} do () {\n}\nyield x",
        "the condition A is float[n]",
    ),
    "an end of the range": (
        "loop i in range(0, x, 1) {\n}\nyield x",
        "the end of the range x is float",
    ),
    "the index": (
        "loop i: float in range(0, n, 1) {\n}\nyield x",
        "the index i is float",
    ),
    "the path": (
        "try {\n} except E {\n} path p: float\nyield x",
        "the path p is float",
    ),
    "the exception": ("raise x\nyield x", "the exception x is float"),
    "a call's argument": (
        "call f(c, x, c, A, B, M) -> (y: float)\nyield y",
        "the argument x is float, n is int",
    ),
    "a call's result": (
        "call f(x, n, c, A, B, M) -> (y: int)\nyield x",
        "the result is float, y is int",
    ),
    "arithmetic on lists": (
        "l = list(x)\nl.1 = add(l, l)\nyield x",
        "add of l, which is list<float>",
    ),
    "an element of a number": (
        "y: float = get(x, 0)\nyield y",
        "get of x, which is float",
    ),
    "too many indices": ("y: float = get(A, 0, 0)\nyield y", "2 indices into A"),
    "an index that is no integer": ("y = get(A, x)\nyield y", "the index x is float"),
    "an append to an array": (
        "A.1 = append(A, x)\nyield x",
        "append of A, which is float[n]",
    ),
    "an append of another type": (
        "l = list(x)\nm = list(l)\nm.1 = append(m, x)\nyield x",
        "x is float, written into m",
    ),
    "the sum of a list of lists": (
        "l = list(x)\nm = list(l)\ny: float = list_sum(m)\nyield y",
        "list_sum of m, which is list<list<float>>",
    ),
    "a written list": (
        "l = list(x)\nA.1 = set(A, l, 0)\nyield x",
        "l is list<float>, written into A",
    ),
}

TAKES = "A.1 = set(A, x, 0)\n"
BORROWS = {
    "read after set": (
        TAKES + "y = get(A, 1)\nyield y",
        "`y = get(A, 1)`: A is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "read after acc": (
        "A.1 = acc(A, x, 0)\ny = get(A, 1)\nyield y",
        "`y = get(A, 1)`: A is read, but `A.1 = acc(A, x, 0)` has consumed it",
    ),
    "consumed twice": (
        TAKES + "A.2 = set(A, x, 1)\nyield x",
        "A is consumed, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "yielded after set": (TAKES + "yield A", "f: A is read, but `A.1 = set"),
    "captured after set": (
        TAKES + "loop i in range(0, n, 1) {\ny = get(A, i)\n}\nyield x",
        "`y = get(A, i)`: A is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "a list that was appended to": (
        "l = list(x)\nl.1 = append(l, x)\ny = get(l, 0)\nyield y",
        "l is read, but `l.1 = append(l, x)` has consumed it",
    ),
    "a row whose list is written to": (
        "r = list(x)\nl = list(r)\nl.1 = set(l, x, 0, 0)\ny = get(r, 0)\nyield y",
        "r is read, but `l.1 = set(l, x, 0, 0)` has consumed it",
    ),
    "one row at two places": (
        "r = list(x)\nl = list(r)\nl.1 = append(l, r)\nl.2 = drop(l.1)\nyield x",
        "l.1 is consumed, but `l.1 = append(l, r)` has consumed it",
    ),
    "one row in every pass": (
        "r = list(x)\nl: list<list<float>> = list()\n"
        "loop i in range(0, n, 1) carry (m = l) {\nm.1 = append(m, r)\n"
        "yield next (m.1)\n} -> (m.2)\nyield x",
        "the loop consumes m, whose next value m.1 comes from outside",
    ),
    "read through a view": (
        "row = get(M, 0)\nM.1 = set(M, x, 0, 0)\ny = get(row, 1)\nyield y",
        "row is read, but `M.1 = set(M, x, 0, 0)` has consumed it",
    ),
    "read through another name": (
        "D = id(A)\n" + TAKES + "y = get(D, 1)\nyield y",
        "D is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "consumed through another name": (
        "D = id(A)\nD.1 = set(D, x, 0)\ny = get(A, 1)\nyield y",
        "A is read, but `D.1 = set(D, x, 0)` has consumed it",
    ),
    "read through an item": (
        "t = tuple(A, x)\nD = item(t, 0)\nD.1 = set(D, x, 0)\nD.2 = item(t, 0)\nyield x",
        "t is read, but `D.1 = set(D, x, 0)` has consumed it",
    ),
    "consumed in one branch": (
        "if c {\n" + TAKES + "}\ny = get(A, 1)\nyield y",
        "A is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "yielded by one branch, read later": (
        "if c {\nyield A\n} else {\nyield B\n} -> (D)\nD.1 = set(D, x, 0)\nyield B",
        "B is read, but `D.1 = set(D, x, 0)` has consumed it",
    ),
    "two results of a branch": (
        "if c {\n" + TAKES + "yield A.1, A.1\n} else {\nyield A, A\n} -> (D, E)\n"
        "D.1 = set(D, x, 0)\nyield E",
        "E is read, but `D.1 = set(D, x, 0)` has consumed it",
    ),
    "two results of the untouched branch": (
        "if c {\n"
        + TAKES
        + "D.1 = copy(B)\nyield A.1, D.1\n} else {\nyield A, A\n} -> (D, E)\n"
        "D.2 = set(D, x, 0)\nyield E",
        "f: E is read, but `D.2 = set(D.1, x, 0)` has consumed it",
    ),
    "consumed in a loop": (
        "loop i in range(0, n, 1) {\n" + TAKES + "}\nyield x",
        "A is consumed in a loop body, but comes from outside",
    ),
    "consumed in an inner loop": (
        "D = copy(A)\nloop i in range(0, n, 1) carry (D.1 = D) {\n"
        "loop j in range(0, n, 1) {\nD.2 = set(D.1, x, j)\n}\n"
        "yield next (D.1)\n} -> (D.3)\nyield D.3",
        "D.1 is consumed in a loop body, but comes from outside",
    ),
    "consumed in a condition": (
        "while (D = A) {\nD.1 = set(D, x, 0)\nyield c\n} do (D.2) {\nyield next (D.2)\n"
        "} -> (D.3)\nyield x",
        "D is consumed in a condition, but comes from outside",
    ),
    "first value read after the loop": (
        "loop i in range(0, n, 1) carry (D = A) {\nD.1 = set(D, x, i)\n"
        "yield next (D.1)\n"
        "} -> (D.2)\ny = get(A, 0)\nyield y",
        "A is read, but `loop i in range(0, n, 1) carry (D = A) {` has consumed it",
    ),
    "first value read in the loop": (
        "loop i in range(0, n, 1) carry (D = A) {\ny = get(A, i)\nD.1 = set(D, y, i)\n"
        "yield next (D.1)\n} -> (D.2)\nyield x",
        "A is read in the loop that consumes it",
    ),
    "next value from outside": (
        "loop i in range(0, n, 1) carry (D = A) {\nD.1 = set(D, x, i)\nyield next (B)\n"
        "} -> (D.2)\nyield x",
        "the loop consumes D, whose next value B comes from outside",
    ),
    "one array in two carries": (
        "loop i in range(0, n, 1) carry (D = A, E = A) {\nD.1 = set(D, x, i)\n"
        "yield next (D.1, E)\n} -> (D.2, E.1)\nyield x",
        "A is bound to two carries, and one is consumed",
    ),
    "one array handed on to two carries": (
        "loop i in range(0, n, 1) carry (D = A, E = B) {\nD.1 = set(D, x, i)\n"
        "yield next (D.1, D.1)\n} -> (D.2, E.1)\nyield x",
        "D.1 is bound to two carries, and one is consumed",
    ),
    "one array handed on to two carries on a path": (
        "loop i in range(0, n, 1) carry (D = A, E = B) {\nD.1 = set(D, x, i)\n"
        "F = copy(E)\nif c {\nyield D.1, D.1\n} else {\nyield F, D.1\n} -> (G, H)\n"
        "yield next (G, H)\n} -> (D.2, E.1)\nyield x",
        "is bound to two carries, and one is consumed",
    ),
    "one of two on a path, written to and read by its first name": (
        "loop i in range(0, n, 1) {\nD = copy(A)\nE = copy(B)\n"
        "if c {\nyield D, E\n} else {\nyield E, D\n} -> (F, G)\n"
        "F.1 = set(F, x, 0)\ny = get(G, 0)\nz = get(D, 0)\n}\nyield x",
        "D is read, but `F.1 = set(F, x, 0)` has consumed it",
    ),
    "carries that swap": (
        "loop i in range(0, n, 1) carry (D = A, E = B) {\nD.1 = set(D, x, i)\n"
        "yield next (E, D.1)\n} -> (D.2, E.1)\nyield B",
        "B is read, but `loop i in range(0, n, 1)",
    ),
    "recorded, then handed on": (
        "loop i in range(0, n, 1) carry (D = A) {\nD.1 = set(D, x, i)\n"
        "yield next (D.1) record (D.1)\n} -> (D.2) lists (Ds)\nyield x",
        "D.1 is recorded, but a pass consumes it",
    ),
    "recorded from outside, and consumed": (
        "loop i in range(0, n, 1) {\nyield record (A)\n} lists (As)\n"
        "As.1 = set(As, B, 0)\nyield x",
        "As is consumed, but may hold one buffer more than once",
    ),
    "recorded from outside, one of them consumed": (
        "loop i in range(0, n, 1) {\nyield record (A)\n} lists (As)\n"
        "D = get(As, 0)\nD.1 = set(D, x, 0)\nyield x",
        "D is consumed, but may hold one buffer more than once",
    ),
    "recorded from outside, consumed in a loop": (
        "loop i in range(0, n, 1) {\nyield record (A)\n} lists (As)\n"
        "loop i.1 in range(0, n, 1) carry (Ds = As) {\nE = copy(B)\n"
        "Ds.1 = set(Ds, E, i.1)\nyield next (Ds.1)\n} -> (Ds.2)\nyield x",
        "As is consumed, but may hold one buffer more than once",
    ),
    "recorded from outside, which is consumed later": (
        "loop i in range(0, n, 1) {\nyield record (A)\n} lists (As)\n"
        "A.1 = set(A, x, 0)\nF = get(As, 0)\nz = get(F, 0)\nyield z",
        "As is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "a carry recorded, its first value consumed later": (
        "loop i in range(0, n, 1) carry (D = A) {\nE = copy(D)\n"
        "yield next (E) record (D)\n} -> (D.1) lists (Ds)\n"
        "A.1 = set(A, x, 0)\ny = len(Ds)\nF = get(Ds, 0)\nz = get(F, 0)\nyield z",
        "Ds is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "a carry recorded, its last value consumed later": (
        "loop i in range(0, n, 1) carry (D = A) {\nE = copy(D)\n"
        "yield next (E) record (D)\n} -> (D.1) lists (Ds)\n"
        "D.2 = set(D.1, x, 0)\nF = get(Ds, 0)\nz = get(F, 0)\nyield z",
        "Ds is read, but `D.2 = set(D.1, x, 0)` has consumed it",
    ),
    "recorded twice": (
        "loop i in range(0, n, 1) {\nD = copy(A)\nyield record (D, D)\n"
        "} lists (Ds, Es)\n"
        "Ds.1 = set(Ds, B, 0)\nyield Es",
        "Es is read, but `Ds.1 = set(Ds, B, 0)` has consumed it",
    ),
    "in a tuple and written later": (
        "t = tuple(A, x)\n" + TAKES + "D = item(t, 0)\nyield x",
        "t is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "twice in a list": (
        "l = list(A, A)\nyield x",
        "A is held twice",
    ),
    "an element, written": (
        "D = copy(A)\nl = list(D)\nloop i over (e in l) {\ne.1 = set(e, x, 0)\n}\nyield x",
        "e is consumed in a loop body, but comes from outside",
    ),
    "consumed in a try": (
        "try {\n" + TAKES + "} except E {\n} path p\nyield x",
        "A is consumed in a try body, but comes from outside",
    ),
    "consumed in a handler": (
        "try {\n} except E {\n" + TAKES + "} path p\nyield A",
        "A is read, but `A.1 = set(A, x, 0)` has consumed it",
    ),
    "consumed in a try, on a path that raises": (
        "try {\nif c {\n" + TAKES + "raise None\n}\n} except E {\n} path p\nyield x",
        "A is consumed in a try body, but comes from outside",
    ),
}

CALLEE = """\
func clear(A: float[n], B: float[n], k: int) -> (0, 1) {
  c = gt(k, 0)
  if c {
    A.1 = set(A, 0.0, k)
    %0 = sub(k, 1)
    call clear(A.1, B, %0) -> (A.2: float[n], B.1: float[n])
    yield A.2
  } else {
    yield A
  } -> (A.3)
  yield A.3, B
}

"""
CALL = "call clear(A, B, 3) -> (D: float[n], E: float[n])\n"
CALLS = {
    "the argument that a callee writes": (
        CALL + "yield A",
        "A is read, but `call clear(A, B, 3) -> (D: float[n], E: float[n])` has",
    ),
    "one buffer as two arguments": (
        "call clear(A, A, 3) -> (D: float[n], E: float[n])\nyield x",
        "A is passed twice, and the callee consumes it",
    ),
    "an argument that a callee hands back": (
        CALL + "E.1 = set(E, x, 0)\nyield B",
        "B is read, but `E.1 = set(E, x, 0)` has consumed it",
    ),
    "written by a callee in a loop": (
        "loop i in range(0, n, 1) {\n" + CALL + "}\nyield x",
        "A is consumed in a loop body, but comes from outside",
    ),
}


def mistakes(table: dict[str, tuple[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("body", "message"), table.values(), ids=table.keys())


def refusal(text: str) -> str:
    with pytest.raises(InternalError) as caught:
        verify(parse(text))
    return caught.value.what


@mistakes(SCOPES)
def test_scopes(body: str, message: str) -> None:
    assert message in refusal(func(PARAMS, body))


@mistakes(ARITY)
def test_arity(body: str, message: str) -> None:
    assert message in refusal(func(PARAMS, body))


@mistakes(TYPES)
def test_types(body: str, message: str) -> None:
    assert message in refusal(func(PARAMS, body))


@mistakes(BORROWS)
def test_borrows(body: str, message: str) -> None:
    assert message in refusal(func(PARAMS, body))


@mistakes(CALLS)
def test_borrows_across_calls(body: str, message: str) -> None:
    assert message in refusal(CALLEE + func(PARAMS, body))


ACCEPTED = {
    "versions in a row": TAKES + "A.2 = acc(A.1, x, 1)\ny = get(A.2, 0)\nyield A.2",
    "the written value read from the array": "y = get(A, 1)\nA.1 = set(A, y, 0)\nyield A.1",
    "a view before the write": (
        "row = get(M, 0)\ny = get(row, 1)\nM.1 = set(M, y, 0, 0)\nyield M.1"
    ),
    "consumed in each branch": (
        "if c {\nA.1 = set(A, x, 0)\nyield A.1\n} else {\nA.2 = set(A, x, 1)\n"
        "yield A.2\n} -> (A.3)\nA.4 = set(A.3, x, 2)\nyield A.4"
    ),
    "consumed in one branch, yielded in the other": (
        "if c {\nA.1 = set(A, x, 0)\nyield A.1\n} else {\nyield A\n} -> (A.2)\n"
        "A.3 = set(A.2, x, 2)\nyield A.3"
    ),
    "consumed on a path that raises": (
        "if c {\n" + TAKES + "raise None\n}\ny = get(A, 0)\nyield y"
    ),
    "consumed by a carry, in a nest": (
        "D = copy(A)\nloop i in range(0, n, 1) carry (D.1 = D) {\n"
        "loop j in range(0, i, 1) carry (D.2 = D.1) {\ny = get(D.2, j)\n"
        "D.3 = acc(D.2, y, i)\nyield next (D.3)\n} -> (D.4)\nyield next (D.4)\n"
        "} -> (D.5)\ny.1 = get(A, 0)\nyield D.5"
    ),
    "carries that swap and are not read later": (
        "loop i in range(0, n, 1) carry (D = A, E = B) {\nD.1 = set(D, x, i)\n"
        "yield next (E, D.1)\n} -> (D.2, E.1)\nE.2 = set(E.1, x, 0)\nyield D.2"
    ),
    "a carry that is only read": (
        "loop i in range(0, n, 1) carry (D = A, E = A) {\ny = get(A, i)\n"
        "yield next (D, E)\n} -> (D.1, E.1)\nyield A"
    ),
    "a while with a carry": (
        "while (D = A, k = 0) {\ny = get(D, k)\n%0 = lt(y, x)\nyield %0\n"
        "} do (D.1, k.1) {\nD.2 = set(D.1, x, k.1)\nk.2 = add(k.1, 1)\n"
        "yield next (D.2, k.2)\n} -> (D.3, k.3)\nyield D.3"
    ),
    "copies recorded": (
        "loop i in range(0, n, 1) carry (D = A) {\n%0 = copy(D)\nD.1 = set(D, x, i)\n"
        "yield next (D.1) record (%0)\n} -> (D.2) lists (Ds)\n"
        "loop j over (e in reversed(Ds)) {\ny = get(e, 0)\n}\nyield D.2"
    ),
    "undef where a path raises": (
        "if c {\nraise None\nyield undef<never>\n} else {\nyield x\n} -> (y)\nyield y"
    ),
    "undef recorded where nothing arrives": (
        "loop i in range(0, n, 1) {\nraise None\n"
        "yield stop undef<never> record (undef<float>)\n"
        "} lists (ys)\nyield x"
    ),
    "an integer flows into a float": (
        "loop i in range(0, n, 1) carry (y: float = 0) {\nyield next (y)\n} -> (y.1)\nyield y.1"
    ),
    "a try with a copy": (
        "try {\nD = copy(A)\nD.1 = set(D, x, 0)\nyield D.1\n} except E {\nyield A\n"
        "} -> (D.2) path p\nD.3 = set(D.2, x, 0)\nyield D.3"
    ),
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(body: str) -> None:
    verify(parse(func(PARAMS, body)))


def test_a_call_that_consumes() -> None:
    verify(parse(CALLEE + func(PARAMS, CALL + "D.1 = set(D, x, 0)\nyield D.1")))


def test_a_barrier_is_not_forgotten() -> None:
    """An array made in one region and handed out is not at home in the next."""
    body = (
        "try {\nD = copy(A)\nyield D\n} except E {\nraise None\nyield undef<never>\n"
        "} -> (D.1) path p\nloop i in range(0, n, 1) {\nD.2 = set(D.1, x, 0)\n"
        "}\nyield x"
    )
    assert "D.1 is consumed in a loop body" in refusal(func(PARAMS, body))


@pytest.mark.parametrize(
    ("structure", "yields", "message"),
    [
        ("(0, 2)", "yield x, x", "the structure (0, 2) does not cover 2 results"),
        ("0", "yield x, x", "the structure 0 does not cover 2 results"),
        ("()", "yield x", "the structure () does not cover 1 results"),
        ("0 forward 1", "yield x", "no 1 statements belong to the forward sweep"),
    ],
)
def test_structure(structure: str, yields: str, message: str) -> None:
    assert message in refusal(func("x: float", yields, structure))


def test_module() -> None:
    module = parse(func("x: float", "yield x"))
    with pytest.raises(InternalError, match="the entry g is not the last"):
        verify(replace(module, entry="g"))
    with pytest.raises(InternalError, match="the function f is filed as g"):
        verify(replace(module, funcs={"g": module.funcs["f"]}, entry="g"))


def test_what_the_text_cannot_say() -> None:
    x, i = Var(FLOAT, "x", True), Var(INT, "i", True)
    body = Block((x,), (), (Lit(False, BOOL),))
    ends = Range(int_lit(0), int_lit(3), int_lit(1))
    loop = Loop((), (), i, ends, (), (), body)
    assert "parameters of the body: 1, where 0 belong" in _refused(Block((), (loop,), ()))
    arm = Block((x,), (), ())
    branch = If((), Lit(True, BOOL), arm, Block((), (), ()))
    assert "parameters of then: 1, where 0 belong" in _refused(Block((), (branch,), ()))
    many = Func("f", Block((), (), (Undef(FLOAT),)), 0, "", (int_lit(1),))
    with pytest.raises(InternalError, match="more defaults than parameters"):
        verify(Module({"f": many}, "f", {}))


def _refused(body: Block) -> str:
    with pytest.raises(InternalError) as caught:
        verify(Module({"f": Func("f", body, ())}, "f", {}))
    return caught.value.what


def test_ten_thousand_versions() -> None:
    lines = [f"A.{i + 1} = acc(A.{i}, 1.0, {i})" for i in range(1, 10_000)]
    text = func("A: float[n]", "\n".join(["A.1 = copy(A)", *lines, "yield A.10000"]))
    module = parse(text)
    verify(module)
    assert module.funcs["f"].body.yields[0].type == Array(FLOAT, ("n",))
