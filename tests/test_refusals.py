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
    "class": (body("class A: pass"), SYNTAX, 2, "a class inside"),
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
    "class pattern": (body("match x:", "    case float(): pass"), SYNTAX, 3, "a class in"),
    "mapping pattern": (body("match x:", "    case {}: pass"), SYNTAX, 3, "a mapping in"),
    "rest of a sequence": (
        body("match (x, x):", "    case (a, *b): pass"),
        SYNTAX,
        3,
        "the rest of a sequence",
    ),
    "global written": ("G = 1\n" + body("global G", "G = x"), SYNTAX, 3, "global"),
    "augmented global": ("G = 1\n" + body("global G", "G += x"), SYNTAX, 3, "global"),
    "nonlocal": (
        body("y = x", "def g():", "    nonlocal y", "    y = 1.0", "g()"),
        SYNTAX,
        4,
        "nonlocal",
    ),
    "generator": (body("y = sum(x for _ in range(3))"), SYNTAX, 2, "generator"),
    "condition in a comprehension": (
        body("y = [x for i in range(3) if i]"),
        SYNTAX,
        2,
        "comprehension",
    ),
    "dict": (body("y = {'a': x}"), SYNTAX, 2, "a dict"),
    "dict comprehension": (
        body("y = {i: x for i in range(3)}"),
        SYNTAX,
        2,
        "dict comprehension",
    ),
    "set": (body("y = {x}"), SYNTAX, 2, "a set"),
    "starred": (body("y = max(*(x, x))"), SYNTAX, 2, "starred"),
    "star parameter": ("def f(*x):\n    return x[0]", SYNTAX, 1, "*x"),
    "keyword parameter": ("def f(x, **k):\n    return x", SYNTAX, 1, "*k"),
    "eval": (body("y = eval('x')"), SYNTAX, 2, "eval()"),
    "exec": (body("exec('x = 1')"), SYNTAX, 2, "exec()"),
    "globals": (body("globals()['x'] = x"), SYNTAX, 2, "globals()"),
    "setattr": (body("setattr(x, 'a', 1)"), SYNTAX, 2, "setattr()"),
    "value of print": (body("y = print(x)"), FUNCTION, 2, "print"),
    "element written": (body("x[0] = 1.0"), SYNTAX, 2, "assignment to an element"),
    "attribute written": (body("x.a = 1.0"), SYNTAX, 2, "assignment to an element"),
    "element deleted": (body("del x[0]"), SYNTAX, 2, "del of an element"),
    "matrix product": (body("y = x @ x"), SYNTAX, 2, "matrix product"),
    "complex": (body("y = x * 2j"), SYNTAX, 2, "a complex number"),
    "bytes": (body("y = b'a'"), SYNTAX, 2, "bytes"),
    "decorated inside": (body("@abs", "def g(): return 1"), SYNTAX, 2, "decorated"),
    "lambda in a list": (body("y = [lambda t: t]"), SYNTAX, 2, "a list display"),
    "list": (body("y = [x, 1.0]"), SYNTAX, 2, "a list display"),
    "list element": (body("y = []", "z = y[0]"), SYNTAX, 3, "an element of a list"),
    "two appends": (
        body("y = []", "for i in range(3):", "    y.append(x)", "    y.append(x)"),
        SYNTAX,
        5,
        "more than once",
    ),
    "append on some paths": (
        body("y = []", "for i in range(3):", "    if i: y.append(x)", "for z in y: x += z"),
        SYNTAX,
        3,
        "every pass",
    ),
    "append after a break": (
        body(
            "y = []",
            "for i in range(3):",
            "    if x: break",
            "    y.append(x)",
            "for z in y: x += z",
        ),
        SYNTAX,
        3,
        "every pass",
    ),
    "append outside a loop": (body("y = []", "y.append(x)"), SYNTAX, 3, "append"),
    "append under an alias": (
        body("y = []", "z = y", "for i in range(3): z.append(x)"),
        SYNTAX,
        3,
        "two names",
    ),
    "list method": (body("y = []", "y.sort()"), SYNTAX, 3, "the method sort"),
    "read while appending": (
        body("y = []", "for i in range(3):", "    y.append(x)", "    z = y"),
        SYNTAX,
        5,
        "in the loop that appends",
    ),
    "subscript of a number": (body("y = x[0]"), SYNTAX, 2, "an index of a number"),
    "index of a tuple": (body("y = (x, x)[2]"), SYNTAX, 2, "index of a tuple"),
    "attribute of a value": (body("y = x.real"), SYNTAX, 2, "attribute real"),
    "method of a value": (body("y = x.is_integer()"), SYNTAX, 2, "method is_integer"),
    "identity": (body("y = 1.0 if x is x else 2.0"), SYNTAX, 2, "`is`"),
    "loop over a number": (body("for i in x: pass"), SYNTAX, 2, "a loop over"),
    "loop over a builtin": (
        body("for i in enumerate(range(3)): pass"),
        SYNTAX,
        2,
        "enumerate()",
    ),
    "unpacked number": (body("a, b = x"), SYNTAX, 2, "unpacking"),
    "unpacked wrongly": (body("a, b = x, x, x"), SYNTAX, 2, "3 values for 2 names"),
    "tuple in arithmetic": (body("y = (x, x) * x"), SYNTAX, 2, "a tuple where a number"),
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
    text = body("y = x", "del x[0]", "yield y")
    with pytest.raises(UnsupportedSyntax) as caught:
        lower_static(text, tmp_path)
    assert caught.value.lineno == 3


def test_the_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedSyntax) as caught:
        lower_static(body("y = x[0]"), tmp_path)
    file = tmp_path / "program.py"
    assert str(caught.value).splitlines() == [
        f"{file}:2:9: unsupported syntax: an index of a number",
        "    y = x[0]",
        "        ^^^^",
        "  instead: arrays are not supported yet: use plain numbers",
    ]
