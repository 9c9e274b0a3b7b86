"""What is refused: of which kind, on which line, in which words."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from s2sad.errors import (
    S2sadError,
    TypeRefused,
    UnsupportedFunction,
    UnsupportedSyntax,
)

from .frontend_tools import lower_live, lower_static

SYNTAX, FUNCTION, TYPE = UnsupportedSyntax, UnsupportedFunction, TypeRefused
Row = tuple[str, type[S2sadError], int, str]


def body(*lines: str) -> str:
    return "\n".join(["def f(x):", *(f"    {line}" for line in lines), "    return x"])


# Text, kind, line, a part of the message.
ROWS: dict[str, Row] = {
    "yield": (body("yield x"), SYNTAX, 2, "yield"),
    "yield from": (body("yield from [x]"), SYNTAX, 2, "yield from"),
    "async for": ("async def g(): pass\n" + body("async def g(): pass"), SYNTAX, 3, "async"),
    "with": (body("with x: pass"), SYNTAX, 2, "this context manager"),
    "with a file": (body("with open('f') as g: pass"), SYNTAX, 2, "open()"),
    "return in a finally": (
        body("try: pass", "finally:", "    if x: return x"),
        SYNTAX,
        4,
        "return in a finally",
    ),
    "break in a finally": (
        body("for i in range(3):", "    try: pass", "    finally: break"),
        SYNTAX,
        4,
        "break in a finally",
    ),
    "import in a try": (
        body("try: import math", "except ImportError: pass"),
        SYNTAX,
        2,
        "an import in a try",
    ),
    "handler for what the interpreter raises": (
        body("try: x = 1 / x", "except RecursionError: pass"),
        SYNTAX,
        3,
        "a handler for RecursionError",
    ),
    "handler for what is no exception": (
        body("try: x = 1 / x", "except x: pass"),
        SYNTAX,
        3,
        "no exception class",
    ),
    "name that may be unbound under a broad handler": (
        body("if x > 0: y = x", "try: x = y / x", "except Exception: x = 0.0"),
        SYNTAX,
        3,
        "y, which may be unbound",
    ),
    "assignment in a statement that may raise": (
        body("y = 0.0", "try: x = (y := x) / x", "except ZeroDivisionError: x = y"),
        SYNTAX,
        3,
        "changes something",
    ),
    "exception after its handler": (
        body("try: x = 1 / x", "except ValueError as e: x = 1.0", "raise e"),
        SYNTAX,
        4,
        "e is read before it is bound",
    ),
    "pattern by position": (
        "class P: pass\n" + body("match P():", "    case P(a): return a"),
        SYNTAX,
        4,
        "__match_args__",
    ),
    "global written": ("G = 1\n" + body("global G", "G = x"), SYNTAX, 3, "global"),
    "augmented global": ("G = 1\n" + body("global G", "G += x", "x = G"), SYNTAX, 3, "global"),
    "set": (body("y = {x}"), SYNTAX, 2, "a set"),
    "eval": (body("y = eval('x')"), SYNTAX, 2, "eval()"),
    "exec": (body("exec('x = 1')"), SYNTAX, 2, "exec()"),
    "globals": (body("globals()['x'] = x"), SYNTAX, 2, "globals()"),
    "setattr": (body("setattr(x, 'a', 1)"), SYNTAX, 2, "an attribute of a float"),
    "value of print": (body("y = print(x)"), FUNCTION, 2, "print"),
    "element written": (body("x[0] = 1.0"), SYNTAX, 2, "a change of a float"),
    "attribute written": (body("x.a = 1.0"), SYNTAX, 2, "an attribute of a float"),
    "element deleted": (body("del x[0]"), SYNTAX, 2, "del of an element"),
    "matrix product": (body("y = x @ x"), SYNTAX, 2, "matrix product"),
    "bytes": (body("y = b'a'"), SYNTAX, 2, "bytes"),
    "decorated inside": (
        body("@abs", "def g(): return 1"),
        SYNTAX,
        2,
        "where a number is needed",
    ),
    "list element": (body("y = []", "z = y[0]"), SYNTAX, 3, "list index out of range"),
    "subscript of a number": (body("y = x[0]"), SYNTAX, 2, "an index of a float"),
    "index of a tuple": (body("y = (x, x)[2]"), SYNTAX, 2, "tuple index out of range"),
    "identity": (body("y = 1.0 if x is x else 2.0"), SYNTAX, 2, "`is`"),
    "loop over a number": (body("for i in x: pass"), SYNTAX, 2, "a loop over"),
    "unpacked number": (body("a, b = x"), SYNTAX, 2, "unpacking"),
    "unpacked wrongly": (body("a, b = x, x, x"), SYNTAX, 2, "3 values for 2 names"),
    "tuple in arithmetic": (
        body("y = (x, x) * x"),
        SYNTAX,
        2,
        "a tuple of 2 repeated like this",
    ),
    "function in arithmetic": (
        "def g(): return 1\n" + body("y = g * x"),
        SYNTAX,
        3,
        "the function g",
    ),
    "unbound local": (body("y = z", "z = x"), SYNTAX, 2, "z is read before"),
    "unknown name": (body("y = undefined"), SYNTAX, 2, "undefined is not defined"),
    "deleted twice": (body("y = x", "del y", "del y"), SYNTAX, 4, "deleted before"),
    "number or tuple": (
        body("y = x if x else (x, x)", "z = y + 1"),
        SYNTAX,
        3,
        "depending on the path",
    ),
    "no return": ("def f(x):\n    y = x", SYNTAX, 1, "returns no value"),
    "return on some paths": (
        "def f(x):\n    if x: return x",
        SYNTAX,
        1,
        "depending on the path",
    ),
    "value of a procedure": (
        "def g(x): pass\n" + body("y = g(x) + 1"),
        TYPE,
        3,
        "None where a number",
    ),
    "endless recursion": ("def f(x):\n    return f(x)", SYNTAX, 1, "for ever"),
    "missing argument": (
        "def g(a, b): return a\n" + body("y = g(x)"),
        SYNTAX,
        3,
        "misses the argument b",
    ),
    "unknown keyword": (
        "def g(a): return a\n" + body("y = g(b=x)"),
        SYNTAX,
        3,
        "has no parameter b",
    ),
    "too many arguments": (
        "def g(a): return a\n" + body("y = g(x, x)"),
        SYNTAX,
        3,
        "takes 1 positional",
    ),
    "mutable default": (
        "def g(a, b=[]): return a\n" + body("y = g(x)"),
        SYNTAX,
        3,
        "the default of b",
    ),
    "keyword of a primitive": (
        "import math\n" + body("y = math.sqrt(x=x)"),
        SYNTAX,
        3,
        "a keyword argument",
    ),
    "bare raise": (body("if x: raise"), SYNTAX, 2, "a bare raise"),
    "raise of a number": (body("if x: raise x"), SYNTAX, 2, "no exception class"),
    "unknown function of math": (
        "import math\n" + body("y = math.nothing(x)"),
        SYNTAX,
        3,
        "no nothing",
    ),
    "function of C": (
        "import cmath\n" + body("y = cmath.phase(x)"),
        FUNCTION,
        3,
        "@s2sad.rule",
    ),
    "builtin without a rule": (body("y = hash(x)"), FUNCTION, 2, "stop_gradient"),
    "bits of a float": (body("y = x | 1.5"), TYPE, 2, "a bit operation needs an int"),
    "shift of a float": (body("y = (x * 0.5) << 1"), TYPE, 2, "a bit operation needs an int"),
    "range of a float": (
        body("y = x / 2", "for i in range(y): pass"),
        TYPE,
        3,
        "range() needs an int",
    ),
    "string and number": (body("y = 'a' + x"), TYPE, 2, "a value of type <str>"),
    "f-string as a number": (body("y = f'{x}' - 2"), TYPE, 2, "a value of type <str>"),
    "annotated list": ("def f(x: list):\n    return x", TYPE, 1, "a parameter of type list"),
    "annotated complex": (
        "def f(x: complex):\n    return x",
        TYPE,
        1,
        "a parameter of type complex",
    ),
    "none in arithmetic": (body("y = None", "z = y + x"), TYPE, 3, "None where a number"),
    "class inside": (body("class A(Exception): pass"), SYNTAX, 2, "derived from Exception"),
    "keyword parameter that is read, of no call": (
        "def f(x, **k):\n    return x * k['a']",
        SYNTAX,
        1,
        "the parameter **k",
    ),
    "yield in a lambda": (body("g = lambda: (yield x)"), SYNTAX, 2, "yield"),
    "generator that is sent values": (
        body("def g():", "    y = yield x", "return sum(g())"),
        SYNTAX,
        3,
        "yield",
    ),
    "next of a list": (body("y = next([x])"), SYNTAX, 2, "next() of"),
    "locals": (body("y = locals()['x']"), SYNTAX, 2, "locals()"),
    "input": (body("y = float(input())"), SYNTAX, 2, "input()"),
    "import by name": (body('y = __import__("math").sin(x)'), SYNTAX, 2, "__import__()"),
    "delattr": (body("delattr(x, 'a')"), SYNTAX, 2, "delattr()"),
    "attributes behind their names": (
        "class P: pass\n" + body("p = P()", "p.__dict__['a'] = x"),
        SYNTAX,
        4,
        "__dict__",
    ),
    "class of an object assigned": (
        "class P: pass\nclass Q: pass\n" + body("p = P()", "p.__class__ = Q"),
        SYNTAX,
        5,
        "assignment to __class__",
    ),
    "attributes on demand": (
        "class P:\n    def __getattr__(self, name): return 2.0\n" + body("x = P().k * x"),
        SYNTAX,
        4,
        "a class with __getattr__",
    ),
    "attribute that is not there": (
        "class P: pass\n" + body("p = P()", "x = p.a"),
        SYNTAX,
        4,
        "has no a",
    ),
    "attribute of a function": (
        "def g(): return 1.0\n" + body("g.last = x"),
        SYNTAX,
        3,
        "an attribute of the function g",
    ),
    "attribute of a class": (
        "class C:\n    k = 1.0\n" + body("C.k = x"),
        SYNTAX,
        4,
        "an attribute of the class C",
    ),
    "property without a setter": (
        "class P:\n    @property\n    def a(self): return 1.0\n" + body("p = P()", "p.a = x"),
        SYNTAX,
        6,
        "has no setter",
    ),
    "number of a text": (body("y = float(str(x))"), SYNTAX, 2, "float() of a text"),
    "set of computed values": (body("y = sum({x, x * x})"), SYNTAX, 2, "a set of computed"),
    "computed key": (body("y = {x: 1.0}"), SYNTAX, 2, "a computed key"),
    "list as a key": (body("y = {[]: x}"), SYNTAX, 2, "an object as a key"),
    "key that is not there": (body("y = {'a': x}", "x = y['b']"), SYNTAX, 3, "no key 'b'"),
    "address": (body("y = x * (id(x) % 2)"), FUNCTION, 2, "stop_gradient"),
    "difference of lists": (body("y = [x] - [x]"), SYNTAX, 2, "a list where a number"),
    "list times a float": (body("y = [x] * 1.5"), TYPE, 2, "needs an int"),
    "pop of an empty list": (body("y = []", "y.pop()"), SYNTAX, 3, "pop from empty list"),
    "element of a tuple written": (
        body("y = (x, x)", "y[0] = 1.0"),
        SYNTAX,
        3,
        "a change of a tuple",
    ),
    "list that grows under its loop": (
        body("a = [x]", "for v in a:", "    if x < 3.0: a.append(v)"),
        SYNTAX,
        3,
        "a change of a in a loop that runs over it",
    ),
    "dict that grows under its loop": (
        body("d = {'a': x}", "for k in d: d['b'] = x"),
        SYNTAX,
        3,
        "a change of d in a loop that runs over it",
    ),
    "unlike lengths": (
        body("for a, b in zip([x], [x, x], strict=True): x += a"),
        SYNTAX,
        2,
        "unlike lengths",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_refusal(name: str, tmp_path: Path) -> None:
    text, kind, line, words = ROWS[name]
    for static in (True, False):
        linecache.checkcache()
        with pytest.raises(S2sadError) as caught:
            lower_static(text, tmp_path) if static else lower_live(text)
        error = caught.value
        assert type(error) is kind
        assert error.lineno == line
        assert words in str(error)
        assert "instead: " in str(error)
        assert "^" in str(error)


def test_first_in_the_text_is_told(tmp_path: Path) -> None:
    text = body("y = x", 'exec("")', "yield y")
    with pytest.raises(UnsupportedSyntax) as caught:
        lower_static(text, tmp_path)
    assert caught.value.lineno == 3


def test_the_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedSyntax) as caught:
        lower_static(body("y = x[0]"), tmp_path)
    file = tmp_path / "program.py"
    assert str(caught.value).splitlines() == [
        f"{file}:2:9: error[unsupported-syntax]: an index of a float",
        "    y = x[0]",
        "        ^^^^",
        "  instead: index a list, a tuple, a dict or an array",
    ]
