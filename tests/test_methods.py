"""Methods, and objects that are there before the call."""

from __future__ import annotations

import enum
import functools
import math
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import s2sad
from s2sad import grad, value_and_grad
from s2sad.cli import main

STEP = 1e-6


def slope(f: Callable[..., float], *args: Any, at: int = 0) -> float:
    """A central difference."""
    up, down = list(args), list(args)
    up[at] += STEP
    down[at] -= STEP
    return (f(*up) - f(*down)) / (2.0 * STEP)


class Kind(enum.Enum):
    SQUARE = 2
    CUBE = 3


class Base:
    scale = 3.0

    def __init__(self, k: float) -> None:
        self.k = k
        self.xs = [1.0, 2.0, 3.0]
        self.n = 2
        self.mode = "fast"
        self.limit: float | None = None
        self.kind = Kind.SQUARE
        self.unused = object()
        self.options = types.SimpleNamespace(weight=0.5)

    def helper(self, x: float) -> float:
        return x * self.k

    @property
    def twice(self) -> float:
        return 2.0 * self.k

    @staticmethod
    def cube(x: float) -> float:
        return x**3

    @classmethod
    def scaled(cls, x: float) -> float:
        return cls.scale * x**2

    def powers(self, x: float) -> float:
        return x**2 if self.kind is Kind.SQUARE else x**3 * self.kind.value


class Problem(Base):
    calls = 0

    def helper(self, x: float) -> float:
        return super().helper(x) * self.scale

    def fun(self, x: float) -> float:
        s = 0.0
        for v in self.xs:
            s += v * x**self.n
        if self.mode == "fast":
            s += self.twice * x
        if self.limit is not None:
            s = min(s, self.limit * x)
        return float(self.k * x**3 + self.helper(x) + s * self.options.weight)

    def __call__(self, x: float, y: float) -> float:
        return self.k * x**2 * y

    @grad
    def decorated(self, x: float) -> float:
        return self.k * x**2

    @grad(argnums=1)
    def second(self, x: float, y: float) -> float:
        return self.k * x * y**2

    @grad
    @grad
    def curvature(self, x: float) -> float:
        return self.k * x**3

    def counted(self, x: float) -> float:
        self.calls += 1
        return x**2 * self.calls


def test_a_bound_method_reads_its_object_at_each_call() -> None:
    problem = Problem(2.5)
    derivative = grad(problem.fun)
    changes: list[tuple[str, Any]] = [
        ("k", 2.5), ("k", 4), ("n", 3), ("limit", 0.25), ("mode", "slow"),
        ("xs", [1, 2.0]), ("xs", (0.5,)), ("scale", -1.0), ("limit", None),
        ("options", types.SimpleNamespace(weight=2)),
    ]  # fmt: skip
    for name, value in changes:
        setattr(problem, name, value)
        assert derivative(0.7) == pytest.approx(slope(problem.fun, 0.7), rel=1e-6), name
        second = grad(derivative)(0.7)
        assert second == pytest.approx(slope(derivative, 0.7), rel=1e-6, abs=1e-6), name


def test_an_attribute_of_another_kind_raises_in_the_emitted_function() -> None:
    problem = Problem(2.5)
    derivative = grad(problem.fun)
    emitted = derivative.emitted
    assert emitted(problem, 0.7)[1] == derivative(0.7)
    for name, value in [("k", None), ("k", [1.0]), ("xs", 1.0), ("limit", 2.0), ("n", 2.5)]:
        other = Problem(2.5)
        setattr(other, name, value)
        with pytest.raises((TypeError, AttributeError)):
            emitted(other, 0.7)
    with pytest.raises(TypeError, match="self has to be Problem"):
        emitted(Base(2.5), 0.7)


def test_only_what_is_read_is_taken_apart() -> None:
    text = grad(Problem(2.5).fun).source
    assert "def fun_grad(self, x: float):" in text
    assert "k = self.k\n" in text
    assert "unused" not in text
    assert "calls" not in text


def test_entries() -> None:
    problem = Problem(2.5)
    assert grad(problem)(2.0, 3.0) == 30.0
    assert grad(problem, argnums=1)(2.0, 3.0) == 10.0
    assert grad(problem, argnums=("x", "self.k"))(2.0, 3.0) == (30.0, 12.0)
    assert grad(Problem.fun, argnums=1)(problem, 0.7) == grad(problem.fun)(0.7)
    assert grad(Problem.cube)(2.0) == grad(problem.cube)(2.0) == 12.0
    assert grad(Problem.scaled)(2.0) == grad(problem.scaled)(2.0) == 12.0
    assert value_and_grad(problem.fun)(0.7)[0] == problem.fun(0.7)


def test_decorated_methods_bind() -> None:
    problem = Problem(2.5)
    assert problem.decorated(3.0) == 15.0
    assert Problem.decorated(problem, 3.0) == 15.0
    assert problem.second(2.0, 3.0) == 30.0
    assert problem.curvature(3.0) == 45.0
    assert problem.curvature(x=3.0) == 45.0


def test_partials() -> None:
    def f(a: float, x: float, k: int = 1) -> float:
        return float(a * x**k)

    given = functools.partial(f, 2.0, k=3)
    assert grad(given)(5.0) == 150.0
    assert grad(given)(5.0, k=2) == 20.0
    assert grad(grad(given))(5.0) == 60.0
    assert grad(given, argnums=("x", "a"))(5.0) == (150.0, 125.0)


def test_enum_members_choose_the_branch() -> None:
    problem = Problem(1.0)
    derivative = grad(problem.powers)
    assert derivative(2.0) == 4.0
    problem.kind = Kind.CUBE
    assert derivative(2.0) == 36.0

    def f(kind: Any, x: float) -> float:
        return x**2 if kind == Kind.SQUARE else x**3

    assert [grad(f, argnums=1)(kind, 2.0) for kind in Kind] == [4.0, 12.0]


def test_effects_happen_once_and_in_order() -> None:
    class Log:
        def __init__(self) -> None:
            self.calls = 0
            self.lines: list[Any] = []
            self.last = 0

        def fun(self, x: float, n: int) -> float:
            self.calls += 1
            s = 0.0
            for i in range(n):
                self.lines.append(i)
                self.last = i * 2
                s += x**2 * self.last
            self.lines.append("end")
            return s * self.calls

    derived, plain = Log(), Log()
    derivative = grad(derived.fun)
    for n in (3, 0, 2):
        plain.fun(0.7, n)
        derivative(0.7, n)
        assert vars(derived) == vars(plain)
    assert len(derivative._compiled) == 1
    before = derived.calls
    grad(derivative)(0.7, 2)
    assert derived.calls == before + 1
    problem = Problem(1.0)
    counted = grad(problem.counted)
    assert [counted(3.0) for _ in range(3)] == [6.0, 12.0, 18.0]
    assert problem.calls == 3


class Keeper:
    def __init__(self) -> None:
        self.last = 0.0
        self.log: list[float] = []
        self.other = self.log
        self.table = {"a": 1.0}

    def stored(self, x: float) -> float:
        self.last = x * x
        return self.last

    def logged(self, x: float) -> float:
        self.log.append(x)
        return x

    def looked_at(self, x: float) -> float:
        self.log.append(1.0)
        return x * len(self.log)

    def aliased(self, x: float) -> float:
        self.log.append(1.0)
        return x * len(self.other)

    def in_a_loop(self, x: float) -> float:
        for _ in range(3):
            x = x * (1.0 + len(self.log))
            self.log.append(1.0)
        return x

    def element(self, x: float) -> float:
        self.log[0] = 1.0
        return x

    def item(self, x: float) -> float:
        self.table["a"] = 2.0
        return x * self.table["a"]

    def kept(self, x: float) -> float:
        self.last = s2sad.stop_gradient(x)
        return x * self.last

    def replaced(self, x: float) -> float:
        before = self.last
        self.last = 5.0
        return x * x * (before + self.last)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("stored", "self.last stores an active value into an object that outlives the call"),
        ("logged", "self.log stores an active value into an object that outlives the call"),
        ("looked_at", "self.log, which was changed"),
        ("in_a_loop", "self.log, which was changed|depending on the path"),
        ("element", "self.log, which outlives the call"),
        ("item", "self.table, which outlives the call"),
    ],
)
def test_what_would_be_lost_is_refused(name: str, what: str) -> None:
    keeper = Keeper()
    with pytest.raises(s2sad.S2sadError, match=what):
        grad(getattr(keeper, name))(0.7)


def test_a_list_under_two_attributes_is_told_at_the_call() -> None:
    with pytest.raises(ValueError, match=r"self\.log, which is changed, and self\.other"):
        grad(Keeper().aliased)(0.7)


def test_what_is_stored_is_followed() -> None:
    keeper = Keeper()
    assert grad(keeper.kept)(3.0) == 3.0
    assert keeper.last == 3.0
    assert grad(keeper.replaced)(2.0) == 4.0 * 8.0
    assert grad(keeper.replaced)(2.0) == 4.0 * 10.0


def test_two_names_for_one_object() -> None:
    class Cell:
        def __init__(self) -> None:
            self.n = 1

    def f(a: Any, b: Any, x: float) -> float:
        a.n = 5
        return float(x * b.n)

    cell = Cell()
    with pytest.raises(ValueError, match="a, which is changed, and b"):
        grad(f, argnums=2)(cell, cell, 1.0)
    assert grad(f, argnums=2)(cell, Cell(), 1.0) == 1.0


class Params:
    slope = 1.5

    def __init__(self) -> None:
        self.gain: float = 2.0
        self.table = [1.0, 0.5]
        self.inner = types.SimpleNamespace(z=4.0)

    def apply(self, x: float) -> float:
        return float(self.gain * x**2 + self.table[1] * x * self.slope * self.inner.z)

    @property
    def half(self) -> float:
        return self.gain / 2.0

    def __call__(self, x: float) -> float:
        return x * self.gain


PARAMS = Params()
SPACE = types.SimpleNamespace(a=3.0, b=[1.0, 2.0])
WEIGHTS = {Kind.SQUARE: 2.0, Kind.CUBE: 5.0}
APPLY = PARAMS.apply
TIMES = functools.partial(lambda a, x: a * x * x, 7.0)


def of_module(x: float) -> float:
    s = PARAMS.apply(x) * PARAMS.half + SPACE.a * x + SPACE.b[1] * x + PARAMS(x)
    return float(
        s + APPLY(x) + TIMES(x) + WEIGHTS[Kind.SQUARE] * x + float(Kind.CUBE.value) * x
    )


def test_objects_of_the_module_are_read_live(monkeypatch: pytest.MonkeyPatch) -> None:
    derivative = grad(of_module)
    changes: list[tuple[Any, str, Any]] = [
        (PARAMS, "gain", 3.5), (Params, "slope", 9.0), (PARAMS, "slope", 2.0),
        (PARAMS, "table", [0.0, 4.0]), (SPACE, "a", 7), (PARAMS.inner, "z", 1.0),
        (PARAMS, "inner", types.SimpleNamespace(z=8.0)), (PARAMS, "apply", lambda x: x**3),
        (sys.modules[__name__], "PARAMS", Params()),
    ]  # fmt: skip
    assert derivative(0.7) == pytest.approx(slope(of_module, 0.7), rel=1e-6)
    for owner, name, value in changes:
        monkeypatch.setattr(owner, name, value)
        assert derivative(0.7) == pytest.approx(slope(of_module, 0.7), rel=1e-6), name
    SPACE.b[1] = -1.0
    assert derivative(0.7) == pytest.approx(slope(of_module, 0.7), rel=1e-6)


def test_objects_of_the_module_are_not_written() -> None:
    def f(x: float) -> float:
        PARAMS.gain = x
        return PARAMS.gain * x

    with pytest.raises(s2sad.S2sadError, match=r"a change of PARAMS\.gain, which outlives"):
        grad(f)(1.0)


def test_counts_of_the_module_are_kept() -> None:
    counts: dict[str, int] = {"f": 0}
    log: list[int] = []

    def f(x: float) -> float:
        counts["f"] += 1
        for i in range(2):
            log.append(i)
        return x**3

    for derivative in (grad(f), grad(f, optimize=0), grad(grad(f)), s2sad.hessian(f)):
        counts["f"] = 0
        log.clear()
        derivative(2.0)
        assert (counts, log) == ({"f": 1}, [0, 1])
        derivative(3.0)
        assert (counts, log) == ({"f": 2}, [0, 1, 0, 1])


def test_a_reloader_puts_other_code_into_functions_and_objects() -> None:
    class First:
        def of(self, x: float) -> float:
            return x * x

    class Second(First):
        def of(self, x: float) -> float:
            return 3.0 * x

    def inner(x: float, c: float = 2.0) -> float:
        return c * x

    held = First()

    def f(x: float) -> float:
        return inner(x) + held.of(x)

    derivative = grad(f)
    assert derivative(1.0) == 4.0
    inner.__defaults__ = (5.0,)
    assert derivative(1.0) == 7.0
    held.__class__ = Second
    assert derivative(1.0) == 8.0


def test_what_is_counted_is_not_read() -> None:
    class Counted:
        def __init__(self) -> None:
            self.n = 1

        def f(self, x: float) -> float:
            a = x * counted.n
            self.n += 1
            return a * counted.n

    counted = Counted()
    with pytest.raises(s2sad.S2sadError, match="may be read in it"):
        grad(counted.f)(2.0)


FILE = """
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

TABLE = {"a": 2.0, "b": [1.0, 3.0]}
GROWS = [1.0]
GROWS.append(2.0)

class Kind(Enum):
    A = 1
    B = 2

class Pair(NamedTuple):
    u: float
    v: float = 2.0

@dataclass
class Point:
    x: float
    y: float = 2.0
    zs: list = field(default_factory=list)

    def dot(self, o):
        return self.x * o.x + self.y * o.y

@dataclass
class Point3(Point):
    z: float = 1.0

class Config:
    gain = 1.5

    def __init__(self, k=3.0):
        self.k = k

    @property
    def squared(self):
        return self.k**2

    @classmethod
    def gained(cls, x: float, *, n: int = 2, by: float = 1.0):
        return cls.gain * cls.moved(x, by) ** n

    @staticmethod
    def moved(x: float, by: float):
        return x + by * x * x

CONFIG = Config()
MOVED = Config()

def move():
    MOVED.k = 4.0

class Kernel(ABC):
    @abstractmethod
    def value(self, x): ...

    def twice(self, x):
        return 2.0 * self.value(x)

class Gauss(Kernel):
    def __init__(self, s):
        self.s = s

    def value(self, x):
        return math.exp(-self.s * x * x)

class Problem:
    scale: float = 2.0

    def __init__(self, n: int, data: list[float]):
        self.n = n
        self.data = data
        self.w = 1.5
        self.calls = 0

    def helper(self, x):
        return x**self.n * self.w

    def fun(self, x: float):
        self.calls += 1
        s = self.scale * self.helper(x)
        for d in self.data:
            s += d * x
        return s

def choose(kind, x):
    return x if kind is Kind.A else x * x * kind.value

def f(x: float):
    p, q = Point(x, 3.0), Point3(x * x, z=x)
    u, v = Pair(x)
    s = p.dot(q) * CONFIG.k * CONFIG.squared * Config.gain + q.z * u * v
    s += Gauss(0.5).twice(x) + choose(Kind.A, x) * choose(Kind.B, x)
    return s * TABLE["a"] * TABLE["b"][1]

def moved(x: float):
    return MOVED.k * x

def grown(x: float):
    return GROWS[0] * x
"""


def _load(path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": path.stem}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names


def test_the_command_line_reads_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("classes_of_file.py").write_text(FILE)
    names = ["f", "Problem.fun", "Config.gained", "Config.moved"]
    targets = [f"classes_of_file.py:{name}" for name in names]
    assert main(["grad", *targets, "-o", "out.py"]) == 0
    made = _load(tmp_path / "out.py")
    import classes_of_file as module  # type: ignore[import-not-found]

    value, slope_ = made["f_grad"](0.7)
    assert value == pytest.approx(module.f(0.7))
    assert slope_ == pytest.approx(slope(module.f, 0.7), rel=1e-6)
    problem = module.Problem(3, [1.0, 2.0])
    value, slope_ = made["fun_grad"](problem, 0.7)
    assert problem.calls == 1
    assert value == pytest.approx(problem.fun(0.7))
    assert slope_ == pytest.approx(slope(problem.fun, 0.7), rel=1e-6)
    assert slope_ == pytest.approx(grad(problem.fun)(0.7))
    with pytest.raises((TypeError, AttributeError)):
        made["fun_grad"](module.Problem(2.5, [1.0]), 0.7)
    config = module.Config
    for name, words in [
        ("gained", {}),
        ("gained", {"n": 3, "by": 0.5}),
        ("moved", {"by": 2.0}),
    ]:
        value, slope_ = made[f"{name}_grad"](0.7, **words)
        method = functools.partial(getattr(config, name), **words)
        assert value == method(0.7)
        assert slope_ == pytest.approx(slope(method, 0.7), rel=1e-6)
    assert (
        main(["grad", "classes_of_file.py:Config.squared", "--wrt", "self.k", "-o", "p.py"])
        == 0
    )
    assert _load(tmp_path / "p.py")["squared_grad"](config(3.0)) == (9.0, 6.0)
    for name, what in [
        ("moved", "MOVED, a global that may be changed"),
        ("grown", "GROWS, a global that may be changed"),
        ("Problem.nothing", "Problem has no method nothing"),
        ("Nothing.fun", "there is no class Nothing"),
    ]:
        capsys.readouterr()
        assert main(["grad", f"classes_of_file.py:{name}"]) in (2, 3)
        assert what in capsys.readouterr().err


def test_math_constants_stay_what_they_are() -> None:
    def f(x: float) -> float:
        return x * math.pi + x * sys.float_info.epsilon

    assert grad(f)(1.0) == math.pi + sys.float_info.epsilon


class Logged:
    def __init__(self) -> None:
        self.log: list[float] = []
        self.data = [1.0, 2.0]

    def fun(self, x: float) -> float:
        self.log.append(len(self.data))
        return sum(d * x * x for d in self.data)


def test_a_log_beside_other_lists() -> None:
    model = Logged()
    gradient = grad(model.fun)
    assert gradient(2.0) == 12.0
    assert model.log == [2]
    model.log = model.data
    with pytest.raises(ValueError, match=r"self\.log, which is changed, and self\.data"):
        gradient(2.0)
