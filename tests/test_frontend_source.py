"""Finding the source of a function: live, and in files that are never executed."""

from __future__ import annotations

import functools
import linecache
import math
from pathlib import Path

import pytest

from s2sad import grad
from s2sad.errors import S2sadError, SourceNotFound, UnsupportedFunction, UnsupportedSyntax
from s2sad.frontend import from_file, from_function, lower
from s2sad.ir.types import FLOAT, INT

from .frontend_tools import interpreted, load, lower_live, written

# fmt: off
ONE, TWO = lambda x: x + 1.0, lambda x: x * 2.0
PAIR = (lambda x, k=2: x * k, lambda x: (lambda y: y + x)(3.0))
SAME = (lambda x: x - 1.0, lambda x: x - 1.0)
CELLS = [(lambda c: (lambda x: x * c, lambda x: x - c))(3.0)]
SCATTERED, _ = (lambda x:
             x * 5.0), 0.0
# fmt: on


@functools.lru_cache
def cached(x: float) -> float:
    return 2.0 * x


def doubling(function: object) -> object:
    @functools.wraps(function)  # type: ignore[arg-type]
    def wrapper(*args: float) -> float:
        result: float = 2.0 * function(*args)  # type: ignore[operator]
        return result

    return wrapper


@doubling
def doubled(x: float) -> float:
    return x


def with_calls(x: float) -> float:
    return cached(x) + x


def with_a_wrapper(x: float) -> float:
    return doubled(x)  # type: ignore[no-any-return, operator]


@pytest.mark.parametrize(
    "function", [ONE, TWO, *PAIR, *SAME, *CELLS[0], SCATTERED, cached, with_calls]
)
def test_live_functions(function: object) -> None:
    lowered = lower(from_function(function))  # type: ignore[arg-type]
    args = (1.5, 2)[: len(lowered.module.funcs[lowered.module.entry].params)]
    assert interpreted(lowered, args) == function(*args)  # type: ignore[operator]


def test_wrappers_are_not_looked_through() -> None:
    """Where a wrapper is called, it is called."""
    assert grad(doubled)(1.5) == grad(with_a_wrapper)(1.5)  # type: ignore[call-overload]
    assert (
        interpreted(lower(from_function(with_a_wrapper)), [1.5]) == with_a_wrapper(1.5) == 3.0
    )


def test_ambiguous_lambdas() -> None:
    functions = load("fs = [lambda x: x * (1 + 1), lambda x: x * 2, lambda x: x * 3]")["fs"]
    assert interpreted(lower(from_function(functions[2])), [1.5]) == 4.5
    with pytest.raises(SourceNotFound, match="several lambdas"):
        from_function(functions[0])


def test_no_source() -> None:
    namespace: dict[str, object] = {}
    exec("def f(x): return x", namespace)
    with pytest.raises(SourceNotFound, match="linecache"):
        from_function(namespace["f"])  # type: ignore[arg-type]


def test_changed_source() -> None:
    namespace = load("def f(x): return x + 1.0")
    file = namespace["f"].__code__.co_filename
    text = "def f(x): return x - 1.0"
    linecache.cache[file] = len(text), None, [text], file
    with pytest.raises(SourceNotFound, match="has changed"):
        from_function(namespace["f"])


class Model:
    def method(self, x: float) -> float:
        return x

    def __call__(self, x: float) -> float:
        return x


async def coroutine(x: float) -> float:
    return x


@pytest.mark.parametrize("thing", [Model().method, Model, Model(), math.sin, len, 3.0])
def test_no_functions(thing: object) -> None:
    with pytest.raises(UnsupportedFunction):
        from_function(thing)  # type: ignore[arg-type]


def test_async() -> None:
    with pytest.raises(UnsupportedSyntax, match="async"):
        from_function(coroutine)


def test_a_derivative_is_not_taken_for_its_function() -> None:
    text = "from s2sad import grad\n@grad\ndef g(x): return x\ndef f(x): return g(x)"
    with pytest.raises(UnsupportedFunction, match="a derivative"):
        lower_live(text)


def test_a_global_int_may_be_a_count() -> None:
    lowered = lower_live("N = 3\ndef f(x):\n    for i in range(N): x = x * N\n    return x")
    assert [number.name for number in lowered.numbers] == ["N"]


def test_dependencies_tell_of_rebinding() -> None:
    lowered = lower_live("import math\ndef g(x): return x\ndef f(x): return g(math.sin(x))")
    assert sorted(d.name for d in lowered.dependencies) == ["g", "math"]


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("def f(x, n):\n    for i in range(n): x = x * i\n    return x", [FLOAT, INT]),
        (
            "def f(x, n):\n    m = n + 1\n    for i in range(m): x *= i\n    return x",
            [FLOAT, INT],
        ),
        ("def g(x, k):\n    return x << k\ndef f(x, n): return g(3, n) * x", [FLOAT, INT]),
        ("def f(x, n): return x if n % 2 else n", [FLOAT, FLOAT]),
        ("import math\ndef f(x, n): return x * math.comb(5, n)", [FLOAT, INT]),
    ],
)
def test_assumed_types(text: str, types: list[object], tmp_path: Path) -> None:
    lowered = lower(from_file(written(text, tmp_path), "f"))
    assert [type_ for _, type_ in lowered.assumed] == types


def test_annotations_and_given_types(tmp_path: Path) -> None:
    text = "def f(x: float, n: 'int', y): return x * n * y"
    function = from_file(written(text, tmp_path), "f")
    assert lower(function).assumed == (("y", FLOAT),)
    assert lower(function, {"y": INT, "n": FLOAT}).assumed == ()


# Files.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"def g(x): return x\ndef h(x): return x\n", "it has g, h"),
        (b"x = 1\n", "it has no functions"),
        (b"def f(x): return '\xff'\n", "encoding"),
        (b"# coding: nonsense\ndef f(x): return x\n", "encoding"),
    ],
)
def test_bad_files(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_bytes(content)
    with pytest.raises(SourceNotFound, match=message):
        from_file(str(path), "f")


def test_files_that_do_not_parse(tmp_path: Path) -> None:
    path = written("def f(x): return x\n\ndef g(:\n", tmp_path)
    with pytest.raises(UnsupportedSyntax) as caught:
        from_file(path, "f")
    assert caught.value.lineno == 3


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        from_file(str(tmp_path / "missing.py"), "f")
    with pytest.raises(IsADirectoryError):
        from_file(str(tmp_path), "f")


def test_coding_cookie(tmp_path: Path) -> None:
    path = tmp_path / "latin.py"
    path.write_bytes("# coding: latin-1\ndef f(x): return x  # é\n".encode("latin-1"))
    assert from_file(str(path), "f").name == "f"


def test_files_are_not_executed(tmp_path: Path) -> None:
    text = "raise SystemExit\nimport math\nC = 2.0\ndef f(x): return math.exp(x) * C"
    lowered = lower(from_file(written(text, tmp_path), "f"))
    assert interpreted(lowered, [0.0]) == 2.0
    assert [(c.name, c.value) for c in lowered.constants] == [("C", 2.0)]


def test_imported_modules(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit\nfrom .inner import g as g2")
    (package / "inner.py").write_text(
        "from math import *\nfrom . import other\nK = 3.0\n"
        "def g(x): return other.h(x) * K + sin(x)"
    )
    (package / "other.py").write_text("K = -1.0\ndef h(x): return K * x")
    text = (
        "import package.inner as p\nfrom package import g2, other\nimport package.other\n"
        "def f(x): return p.g(x) + g2(x) + other.h(x) * package.other.K * p.K"
    )
    lowered = lower(from_file(written(text, tmp_path), "f"))
    expected = 2 * (-1.0 * 0.5 * 3.0 + math.sin(0.5)) + -1.0 * 0.5 * -1.0 * 3.0
    assert interpreted(lowered, [0.5]) == pytest.approx(expected, rel=1e-15)
    assert {Path(path).name for path, _ in lowered.sources} >= {"program.py", "inner.py"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "try: import math\nexcept: import cmath as math\ndef f(x): return math.sin(x)",
            "bound in 2",
        ),
        ("K = 1.0\ndef g():\n    global K\n    K = 2.0\ndef f(x): return x * K", "bound in"),
        (
            "def deco(g): return abs\n@deco\ndef g(x): return x\ndef f(x): return g(x)",
            "with deco",
        ),
        (
            "from s2sad import grad\n@grad\ndef g(x): return x\ndef f(x): return g(x)",
            "with grad",
        ),
        ("import unknown_module\ndef f(x): return unknown_module.g(x)", "unknown_module"),
        ("K = [1.0]\nK[0] = 2.0\ndef f(x): return x * K[0]", "may be changed"),
        ("import math\nA = B\nB = A\ndef f(x): return x * A", "circle"),
    ],
)
def test_static_names_that_are_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(S2sadError, match=words):
        lower(from_file(written(text, tmp_path), "f"))


@pytest.mark.parametrize("decorator", ["grad", "functools.lru_cache(maxsize=None)", "cache"])
def test_decorators_of_the_function_itself(decorator: str, tmp_path: Path) -> None:
    imports = "import functools\nfrom functools import cache\nfrom s2sad import grad\n"
    text = f"{imports}@{decorator}\ndef f(x): return x"
    assert interpreted(lower(from_file(written(text, tmp_path), "f")), [2.0]) == 2.0


def test_the_last_definition_counts(tmp_path: Path) -> None:
    text = "def g(x): return x\ndef g(x): return 2 * x\ndef f(x): return g(x)"
    assert interpreted(lower(from_file(written(text, tmp_path), "f")), [2.0]) == 4.0


# Size.


def test_long_and_deep_functions() -> None:
    lines = ["def f(x):", "    y = x"]
    lines += [f"    y{i} = y * {i}.5 + x" for i in range(2000)]
    lines += ["    if y1 < 0: return y1"] * 60
    lines += ["    if x == 0: y = 1.0"]
    lines += [f"    elif x == {i}: y = y{i}" for i in range(1, 200)]
    lines += ["    return y + " + " + ".join(f"y{i}" for i in range(500))]
    text = "\n".join(lines)
    lowered = lower_live(text)
    for x in (0.0, 3.0, 1000.0):
        assert interpreted(lowered, [x]) == load(text)["f"](x)
