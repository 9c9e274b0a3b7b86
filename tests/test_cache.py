"""Compiled functions that are kept on disk: never an old one, whatever changes."""

from __future__ import annotations

import importlib.util
import itertools
import os
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from s2sad import (
    Derivative,
    SourceNotFound,
    UnsupportedSyntax,
    cache,
    grad,
    rules,
    value_and_grad,
)
from s2sad.gradients import Kept

ROOT = Path(__file__).parent.parent
_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _without_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Other tests register rules: with one of them nothing is kept."""
    monkeypatch.setenv("S2SAD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(rules, "BOUND", {})
    yield
    for name in [name for name in sys.modules if name.startswith("kept_")]:
        del sys.modules[name]


class Project:
    """A file of the user's, imported again and again, as processes do it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str, name: str = "program") -> None:
        path = self.folder / f"{name}.py"
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def load(self, name: str = "program", **globals_: Any) -> ModuleType:
        spec = importlib.util.spec_from_file_location(
            f"kept_{name}", self.folder / f"{name}.py"
        )
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[f"kept_{name}"] = module
        code = compile((self.folder / f"{name}.py").read_text(), spec.origin or "", "exec")
        vars(module).update(globals_)
        exec(code, vars(module))
        return module

    def files(self) -> list[Path]:
        found = (self.folder / "cache").rglob("*")
        return sorted(path for path in found if path.is_file())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def run(f: Callable[..., Any], *args: Any, **options: Any) -> tuple[Any, bool]:
    """What a new process gets, and whether it did without the compiler."""
    made: Any = value_and_grad(f, **options)
    waiting = type(made) is Kept
    result = made(*args)
    return result, waiting and "_found" in vars(made)


def test_the_second_time_nothing_is_compiled(project: Project) -> None:
    project.write("import math\ndef f(x, n=2):\n    return math.sin(x) * n\n")
    first, kept = run(project.load().f, 0.5)
    assert not kept
    assert run(project.load().f, 0.5) == (first, True)
    assert run(project.load().f, 0.5, 2) == (first, True)
    # Other types, other options.
    assert run(project.load().f, 0.5, 2.0) == (first, False)
    assert run(project.load().f, 0.5, 2.0) == (first, True)
    assert run(project.load().f, 0.5, 2.0, argnums=1)[1] is False
    assert run(project.load().f, 0.5, optimize=0) == (first, False)
    assert run(project.load().f, 1) == (value_and_grad(project.load().f)(1), False)


CHANGES = [
    # What is there the first time, and what the second.
    ("return x * x", "return x * x * x"),
    ("return x * x  # 1", "return x * x  # 2"),
    ("return x + G", "return x * G"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_changed_source_is_compiled_anew(project: Project, before: str, after: str) -> None:
    for body in (before, after):
        project.write(f"G = 2.0\ndef f(x):\n    {body}\n")
        found, kept = run(project.load().f, 3.0)
        plain = project.load().f
        h = 1e-6
        slope = (plain(3.0 + h) - plain(3.0 - h)) / (2 * h)
        assert found == (plain(3.0), pytest.approx(slope, rel=1e-6))
        assert not kept
        assert run(project.load().f, 3.0) == (found, True)


PROGRAM = """
    import math
    import s2sad
    from s2sad import stop_gradient
    sin = math.sin if KIND else math.cos
    table = [1.0, 2.0] if KIND else [1.0, 3.0]
    scale = 2.0 if KIND else 3.0
    count = 2 if KIND else 2.0
    if not KIND:
        def abs(x): return 5.0 * x
    def other(x): return x * x
    def third(x): return x * x * x
    helper = other if KIND else third
    def with_default(x, k=scale): return k * x
    def with_function(x, f=helper): return f(x)
    def around(n):
        def inner(x): return n * x
        return inner
    inner = around(scale)
    class Space:
        a = scale
    class Thing:
        pass
    thing = Thing()
    thing.a = scale
    def uses_alias(x): return sin(x)
    def uses_table(x): return x * table[1] + sum(table)
    def uses_scale(x): return x * scale
    def uses_count(x): return x ** count
    def uses_builtin(x): return abs(x)
    def uses_helper(x): return 2.0 * helper(x)
    def uses_default(x): return with_default(x)
    def uses_function(x): return with_function(x)
    def uses_inner(x): return inner(x)
    def uses_class(x): return Space.a * x
    def uses_object(x): return thing.a * x
    def own_default(x, k=scale): return x * k
    def nested(x):
        def g(y): return y * scale
        return g(x) + (lambda z: helper(z))(x)
    def stops(x): return x * s2sad.stop_gradient(helper(x)) + stop_gradient(x)
    def raises(x):
        if x < 0.0: raise ValueError("negative")
        return helper(x)
"""
NAMES = ("uses_", "own_default", "nested", "stops", "raises")
READERS = sorted(
    line.split()[1].partition("(")[0]
    for line in PROGRAM.splitlines()
    if line.startswith(tuple(f"    def {name}" for name in NAMES))
)
# Objects and classes have no text that tells all of them: these are compiled anew.
NOT_KEPT = {"uses_class", "uses_object"}


@pytest.mark.parametrize("name", READERS)
def test_whatever_is_read_is_told(project: Project, name: str) -> None:
    """The same file, and other values of what it binds."""
    project.write(PROGRAM)
    wanted: dict[int, Any] = {}
    for kind in (1, 0, 1, 0):
        f = getattr(project.load(KIND=kind), name)
        found, kept = run(f, 0.7)
        assert kept == (kind in wanted and name not in NOT_KEPT)
        assert wanted.setdefault(kind, found) == found
        assert found[0] == f(0.7)
        if name == "stops":
            continue
        assert found[1] == pytest.approx((f(0.7 + 1e-6) - f(0.7 - 1e-6)) / 2e-6, rel=1e-6)
    assert wanted[0] != wanted[1] or name == "uses_count"


def test_another_module_is_told(project: Project) -> None:
    text = "def helper(x): return {} * x\nK = {}\n"
    project.write(
        "import kept_lib as lib\nfrom kept_lib import helper\n"
        "def f(x): return helper(x) + lib.helper(x) * lib.K\n"
    )
    for number in (2.0, 3.0):
        project.write(text.format(number, number), "lib")
        project.load("lib")
        assert run(project.load().f, 1.0) == ((number + number**2,) * 2, False)
        assert run(project.load().f, 1.0) == ((number + number**2,) * 2, True)


def test_a_change_while_it_runs_is_noticed(project: Project) -> None:
    project.write(PROGRAM)
    for name in ("uses_helper", "uses_scale", "uses_table", "uses_builtin"):
        run(getattr(project.load(KIND=1), name), 0.5)
    module: Any = project.load(KIND=1)
    made = {
        name: grad(getattr(module, name))
        for name in ("uses_helper", "uses_scale", "uses_table", "uses_builtin")
    }
    assert [g(0.5) for g in made.values()] == [2.0, 2.0, 2.0, 1.0]
    assert all("_found" in vars(g) for g in made.values())
    module.scale = 7.0
    module.helper = module.third
    module.table[1] = 9.0
    module.abs = module.other
    assert [g(0.5) for g in made.values()] == [1.5, 7.0, 9.0, 1.0]
    module.scale = -7.0
    assert made["uses_scale"](0.5) == -7.0
    assert made["uses_builtin"](3.0) == 6.0


def test_it_is_the_derivative_in_every_other_way(project: Project) -> None:
    project.write("def f(x, n=2):\n    '''Squared.'''\n    return x * x * n\n")
    run(project.load().f, 3.0)

    def fresh(called: bool = True) -> Any:
        made = value_and_grad(project.load().f)
        assert type(made) is Kept
        if called:
            assert made(3.0) == (18.0, 12.0)
        return made

    for called in (False, True):
        assert isinstance(fresh(called), Derivative)
        assert fresh(called).emitted(3.0) == (18.0, 12.0)
        assert "def f_grad" in fresh(called).source
        assert repr(fresh(called)) == "<ValueAndGrad of f with respect to x>"
        assert fresh(called)(x=3.0, n=1) == (9.0, 6.0)
        assert fresh(called)(3.0, n=1.0) == (9.0, 6.0)
        assert fresh(called)(3) == (18, 12.0)
        assert grad(grad(project.load().f))(3.0) == 4.0
        assert fresh(called).__name__ == "f"
        assert fresh(called).__doc__ == "Squared."
        assert pickle.loads(pickle.dumps(fresh(called)))(3.0) == (18.0, 12.0)
        with pytest.raises(TypeError):
            fresh(called)("text")
        with pytest.raises(TypeError):
            fresh(called)()
        with pytest.raises(AttributeError):
            fresh(called).nothing  # noqa: B018
    inner = grad(project.load().f)
    assert grad(inner)(3.0) == 4.0


def test_a_source_that_is_not_the_loaded_one_is_refused(project: Project) -> None:
    project.write("def f(x):\n    return x * x\n")
    run(project.load().f, 3.0)
    module = project.load()
    project.write("def f(x):\n    return x * x * x\n")
    with pytest.raises(SourceNotFound, match="has changed since"):
        run(module.f, 3.0)


def test_syntax_is_refused_at_once(project: Project) -> None:
    project.write("def f(x):\n    global y\n    y = x\n    return x * x\n")
    for _ in range(2):
        with pytest.raises(UnsupportedSyntax):
            value_and_grad(project.load().f)


def _spoilt(path: Path, how: str) -> None:
    data = path.read_bytes()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "short":
            path.write_bytes(data[:-5])
        case "changed":
            path.write_bytes(data[:200] + bytes([data[200] ^ 1]) + data[201:])
        case "another":
            path.write_bytes(b"s2sad 0\n" + data[8:])
        case _:
            path.unlink()
            path.mkdir()


@pytest.mark.parametrize("how", ["empty", "short", "changed", "another", "folder"])
def test_what_is_spoilt_is_not_there(project: Project, how: str) -> None:
    project.write("def f(x):\n    return x * x\n")
    run(project.load().f, 3.0)
    (path,) = project.files()
    _spoilt(path, how)
    assert run(project.load().f, 3.0) == ((9.0, 6.0), False)
    if how != "folder":
        assert run(project.load().f, 3.0) == ((9.0, 6.0), True)


def test_nowhere_to_write(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("def f(x):\n    return x * x\n")
    # A folder that cannot be made, whoever runs the tests.
    monkeypatch.setenv("S2SAD_CACHE", str(project.folder / "program.py" / "cache"))
    for _ in range(2):
        assert run(project.load().f, 3.0) == ((9.0, 6.0), False)


@pytest.mark.parametrize("off", ["", "0"])
def test_it_can_be_turned_off(
    project: Project, monkeypatch: pytest.MonkeyPatch, off: str
) -> None:
    project.write("def f(x):\n    return x * x\n")
    monkeypatch.setenv("S2SAD_CACHE", off)
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.folder / "cache"))
    assert run(project.load().f, 3.0) == ((9.0, 6.0), False)
    assert run(project.load().f, 3.0) == ((9.0, 6.0), False)
    assert not project.files()
    if sys.platform == "linux":
        monkeypatch.delenv("S2SAD_CACHE")
        run(project.load().f, 3.0)
        assert [p.parts[-3] for p in project.files()] == ["s2sad"]


def test_other_ways_are_not_taken_for_this_one(project: Project) -> None:
    project.write(
        "def f(x, n=3):\n    for _ in range(n):\n        x = abs(x)\n    return x * x\n"
    )
    for _ in range(2):
        assert run(project.load().f, 0.0)[0] == (0.0, 0.0)
        with pytest.raises(ArithmeticError):
            run(project.load().f, 0.0, strict=True)
        assert run(project.load().f, -2.0, checkpoint="revolve") == ((4.0, -4.0), False)
        assert run(project.load().f, -2.0, has_aux=False, optimize=2)[0] == (4.0, -4.0)


def test_the_line_of_the_user_is_told(project: Project) -> None:
    project.write("import math\ndef f(x):\n    y = 2.0 * x\n    return math.log(y)\n")
    run(project.load().f, 3.0)
    for _ in range(2):
        made: Any = value_and_grad(project.load().f)
        assert type(made) is Kept
        with pytest.raises(ValueError, match=r"math domain|positive") as caught:
            made(-1.0)
        told = [(entry.name, entry.lineno) for entry in caught.traceback]
        assert (told[-1][0], told[-1][1] + 1) == ("f", 4)
        assert made(3.0) == run(project.load().f, 3.0)[0]


def test_defaults_that_change_before_the_first_call(project: Project) -> None:
    project.write("def f(x, k=2.0):\n    return x * k\n")
    for k in (3.0, 3.0):
        f = project.load().f
        made = value_and_grad(f)
        f.__defaults__ = (k,)
        made(1.0)
        f = project.load().f
        f.__defaults__ = (k,)
        assert run(f, 1.0)[0] == (3.0, 3.0)


def test_with_rules_nothing_is_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("def f(x):\n    return x * x\n")
    run(project.load().f, 3.0)
    monkeypatch.setitem(rules.BOUND, "f", len)
    assert run(project.load().f, 3.0) == ((9.0, 6.0), False)


def test_the_oldest_go(project: Project) -> None:
    project.write("def f(x, a=1, b=2, c=3):\n    return x * x * a * b * c\n")
    for k in range(8):
        bits = [1.0 * (k + 1) if k >> j & 1 else k + 1 for j in range(3)]
        run(project.load().f, 3.0, *bits)
    files = project.files()
    assert len(files) == 8
    for k, path in enumerate(files):
        os.utime(path, (1e9 + k, 1e9 + k))
    other = project.folder / "cache" / "somebody's.txt"
    other.write_text("x" * 100_000)
    cache.prune(str(project.folder / "cache"), 6 * 4096)
    left = [path for path in project.files() if path != other]
    assert 0 < len(left) < 8
    assert left == files[-len(left) :]
    assert other.exists()


SCRIPT = """
import sys
from s2sad import grad
from program import f
print(grad(f)(0.5), grad(f)(0.5))
print(*sorted({"s2sad.compile", "s2sad.frontend", "sympy", "numpy"} & sys.modules.keys()))
"""


def _process(project: Project) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=project.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_write_at_once(project: Project) -> None:
    """They all succeed, and one after them needs no compiler."""
    project.write("import math\ndef f(x):\n    return math.sin(x) * x\n")
    at_once = [_process(project) for _ in range(4)]
    outputs = {process.communicate()[0].splitlines()[0] for process in at_once}
    assert len(outputs) == 1
    last = _process(project).communicate()[0].splitlines()
    assert last == [*outputs, ""]
    assert len(project.files()) == 1
