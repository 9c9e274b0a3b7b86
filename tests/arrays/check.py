"""The verdict on one array program.

Its value is to be the primal's to the bit, its gradient and its second derivatives those
of differences, and its arguments are to be left as they were. The second derivative is the
gradient of a projection of the gradient, once of its IR and once of its text.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad import InternalError, S2sadError, hessian, hvp, jacobian, jvp, value_and_grad
from s2sad.api import Derivative
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.compile import Gradient
from s2sad.frontend.calltypes import type_of_argument
from s2sad.ir.arrays import default
from s2sad.ir.node import replace
from s2sad.ir.nodes import NOTHING, Atom, Let, Module, Var, indices
from s2sad.ir.types import FLOAT, Array
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.transform.gradient import as_primal, gradient
from tests.language.running import load, time_limit
from tests.language.table import Entry

from .trees import copied, flat, is_active, leaves, mapped, moved, paths, same, shapes

Tree = Any
Function = Any


class Draws:
    """Arguments of programs: R within (0.2, 1.2), N normal, S definite, D dominant, Z zero."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(7)

    def R(self, *shape: int) -> np.ndarray:
        return 0.2 + self.rng.random(shape)

    def N(self, *shape: int) -> np.ndarray:
        return self.rng.normal(size=shape)

    def S(self, n: int) -> np.ndarray:
        a = self.rng.normal(size=(n, n))
        made: np.ndarray = a @ a.T / n + np.eye(n)
        return made

    def D(self, n: int) -> np.ndarray:
        made: np.ndarray = self.rng.random((n, n)) + n * np.eye(n)
        return made

    def Z(self, *shape: int) -> np.ndarray:
        return np.zeros(shape)


@dataclass(frozen=True)
class Verdict:
    kind: str
    detail: str = ""
    error: S2sadError | None = None


class Wrong(Exception):
    """A number that is not the one of the primal, or of differences."""


def arguments(names: dict[str, Any], point: str) -> tuple[Any, ...]:
    draws = Draws()
    made = {name: getattr(draws, name) for name in "RNSDZ"}
    given = eval(f"__call({point})", {**names, **made, "np": np, "__call": lambda *a: a})
    assert isinstance(given, tuple)
    return given


def verdict(entry: Entry) -> Verdict:
    """What s2sad makes of a program."""
    return _found(entry, _check)


def refusal(entry: Entry) -> Verdict:
    """Right if the program is refused on its line and in its words."""
    try:
        with time_limit(60), np.errstate(all="ignore"):
            names = vars(load(entry.source))
            given = arguments(names, entry.points[0])
            value_and_grad(names["f"], argnums=positions(entry, given))(*given)
    except InternalError as error:
        return Verdict("crash", traceback.format_exc(limit=-6), error)
    except S2sadError as error:
        said = f"{error.what} {error.instead}"
        if error.lineno == entry.refused_line and entry.words["says"] in said:
            return Verdict("right", "", error)
        wanted = f"on line {entry.refused_line} with {entry.words['says']!r}"
        return Verdict("refused", f"wanted {wanted}:\n{error}", error)
    except Exception:
        return Verdict("crash", traceback.format_exc(limit=-6))
    return Verdict("wrong", "not refused")


def positions(entry: Entry, given: Sequence[Tree]) -> tuple[int, ...]:
    """Which arguments are differentiated."""
    if entry.argnums is None:
        return tuple(k for k, tree in enumerate(given) if any(map(is_active, leaves(tree))))
    wanted = entry.argnums if isinstance(entry.argnums, tuple) else (entry.argnums,)
    return tuple(k for k in wanted if isinstance(k, int))


def _check(entry: Entry, point: str) -> None:
    names = vars(load(entry.source))
    f = names["f"]
    given = arguments(names, point)
    at = positions(entry, given)
    wanted = f(*copied(given))
    derived = value_and_grad(f, argnums=at)
    before = copied(given)
    value, bars = derived(*given)
    where = f"at {point}"
    source = derived.source_for(*before)
    _expect(same(given, before), f"{where}: an argument was changed\n{source}")
    _expect(float(value) == float(wanted), f"{where}: the value is {value!r}, not {wanted!r}")
    like = shapes(tuple(given[k] for k in at))
    _expect(shapes(bars) == like, f"{where}: the gradient has {shapes(bars)}, not {like}")
    once = by_differences(lambda tree: float(f(*tree)), given, at)
    text = derived.source_for(*given)
    close(f"{where}: the gradient", flat(bars), once, text)
    _expect(not shared(bars, given), f"{where}: gradients share memory\n{text}")
    again = derived(*given)
    _expect(same(again, (value, bars)), f"{where}: a second call gives another result\n{text}")
    if entry.orders > 1:
        _second(entry, where, derived, given, at, bars)


def _second(
    entry: Entry,
    where: str,
    derived: Derivative,
    given: tuple[Any, ...],
    at: tuple[int, ...],
    bars: Tree,
) -> None:
    rng = np.random.default_rng(11)
    along = [rng.normal(size=np.shape(leaf)) for leaf in leaves(bars) if is_active(leaf)]
    along = [float(v) if np.ndim(v) == 0 else v for v in along]

    def slope(h: float) -> np.ndarray:
        there, back = (_put(given, at, moved(_of(given, at), d, along)) for d in (h, -h))
        change: np.ndarray = flat(derived(*there)[1]) - flat(derived(*back)[1])
        return change / (2 * h)

    twice = (4 * slope(5e-6) - slope(1e-5)) / 3
    text = derived.source_for(*given)
    for how, project in (("its IR", by_ir), ("its text", by_text)):
        if project is by_text and "by IR" in entry.words.get("orders", ""):
            _refused(lambda: by_text(derived, entry, given, at, bars)[0](given, along))
            continue
        made, source = project(derived, entry, given, at, bars)
        before = copied(given)
        _, found = made(given, along)
        close(f"{where}: the second derivative by {how}", flat(found), twice, text + source)
        _expect(same(given, before), f"{where}, by {how}: an argument was changed\n{source}")


def _refused(call: Callable[[], Any]) -> None:
    try:
        call()
    except S2sadError as error:
        if isinstance(error, InternalError):
            raise
    else:
        raise Wrong("its text is not refused any more: delete its `orders:` line")


def forward(entry: Entry) -> Verdict:
    """What s2sad makes of a program in forward mode: value, and one tangent, against
    differences; the arguments and their tangents stay as they are."""
    return _found(entry, _push)


def product(entry: Entry) -> Verdict:
    """What s2sad makes of the Hessian of a program times a vector, forward over reverse."""
    return _found(entry, _multiply)


def _found(entry: Entry, check: Callable[[Entry, str], None]) -> Verdict:
    """The verdict of a check at each of the points of a program."""
    try:
        with time_limit(60), np.errstate(all="ignore"):
            for point in entry.points:
                check(entry, point)
    except InternalError as error:
        return Verdict("crash", traceback.format_exc(limit=-6), error)
    except S2sadError as error:
        return Verdict("refused", str(error), error)
    except Wrong as error:
        return Verdict("wrong", str(error))
    except Exception:
        return Verdict("crash", traceback.format_exc(limit=-6))
    return Verdict("right")


def _multiply(entry: Entry, point: str) -> None:
    names = vars(load(entry.source))
    given = arguments(names, point)
    at = positions(entry, given)
    primals = _of(given, at)
    derived = value_and_grad(names["f"], argnums=at)
    along = _direction(primals)
    fresh = iter(copied(along))
    dots = mapped(primals, lambda leaf: next(fresh) if is_active(leaf) else None)
    made = hvp(names["f"], argnums=at)
    rest = [tree for k, tree in enumerate(given) if k not in at]
    before = copied((given, dots))
    found = flat(made(primals, dots, *rest))
    text = derived.source_for(*before[0])
    _expect(same((given, dots), before), f"at {point}: an argument was changed\n{text}")

    def slope(h: float) -> np.ndarray:
        there, back = (_put(given, at, moved(primals, d, along)) for d in (h, -h))
        change: np.ndarray = flat(derived(*there)[1]) - flat(derived(*back)[1])
        return change / (2 * h)

    close(f"at {point}: the product", found, (4 * slope(5e-6) - slope(1e-5)) / 3, text)


def slopes(entry: Entry) -> Verdict:
    """The Jacobian by forward mode, several directions at once, and the gradient."""
    return _found(entry, _slopes)


def _slopes(entry: Entry, point: str) -> None:
    names = vars(load(entry.source))
    given = arguments(names, point)
    at = positions(entry, given)
    _, bars = value_and_grad(names["f"], argnums=at)(*copied(given))
    before = copied(given)
    made = jacobian(names["f"], at, mode="forward")
    found = made(*given)
    text = jvp(names["f"], at).source_for(*given)
    _expect(same(given, before), f"at {point}: an argument was changed\n{text}")
    _expect(shapes(found) == shapes(bars), f"at {point}: shapes are {shapes(found)}\n{text}")
    close(f"at {point}: the Jacobian", flat(found), flat(bars), text)


def curvature(entry: Entry) -> Verdict:
    """The Hessian: symmetric to the bit, and against differences along a direction."""
    return _found(entry, _curvature)


def _curvature(entry: Entry, point: str) -> None:
    names = vars(load(entry.source))
    given = arguments(names, point)
    at = positions(entry, given)
    primals = _of(given, at)
    derived = value_and_grad(names["f"], argnums=at)
    inputs = [leaf for leaf in leaves(primals) if is_active(leaf)]
    blocks = [
        leaf for leaf in leaves(hessian(names["f"], at)(*copied(given))) if is_active(leaf)
    ]
    size, sizes = len(inputs), [int(np.size(leaf)) for leaf in inputs]
    shaped = [np.reshape(b, (sizes[k // size], sizes[k % size])) for k, b in enumerate(blocks)]
    matrix = np.block([shaped[k : k + size] for k in range(0, size**2, size)])
    _expect(np.array_equal(matrix, matrix.T, equal_nan=True), f"at {point}: not symmetric")
    along = _direction(primals)

    def slope(h: float) -> np.ndarray:
        there, back = (_put(given, at, moved(primals, d, along)) for d in (h, -h))
        change: np.ndarray = flat(derived(*there)[1]) - flat(derived(*back)[1])
        return change / (2 * h)

    found = matrix @ np.concatenate([np.ravel(v) for v in along])
    close(f"at {point}: the Hessian", found, (4 * slope(5e-6) - slope(1e-5)) / 3, "")


def _direction(primals: Tree) -> list[Any]:
    rng = np.random.default_rng(13)
    along = [rng.normal(size=np.shape(v)) for v in leaves(primals) if is_active(v)]
    return [float(v) if np.ndim(v) == 0 else v for v in along]


def _push(entry: Entry, point: str) -> None:
    names = vars(load(entry.source))
    f = names["f"]
    given = arguments(names, point)
    at = positions(entry, given)
    wanted = f(*copied(given))
    primals = _of(given, at)
    along = _direction(primals)
    fresh = iter(copied(along))
    dots = mapped(primals, lambda leaf: next(fresh) if is_active(leaf) else None)
    derived = jvp(f, argnums=at)
    before = copied((given, dots))
    value, dot = derived(given, dots)
    text = derived.source_for(*before[0])
    where = f"at {point}"
    _expect(same((given, dots), before), f"{where}: an argument was changed\n{text}")
    _expect(float(value) == float(wanted), f"{where}: the value is {value!r}, not {wanted!r}")

    def slope(h: float) -> float:
        there, back = (_put(given, at, moved(primals, d, along)) for d in (h, -h))
        return (float(f(*there)) - float(f(*back))) / (2 * h)

    coarse, fine, finest = map(slope, (1e-3, 5e-4, 1e-6))
    found = (4 * fine - coarse) / 3
    if abs(fine - coarse) > 1e-3 * (abs(fine) + 1e-2):
        found = finest
    close(f"{where}: the tangent", np.array([dot]), np.array([found]), text)


def _of(given: Sequence[Tree], at: Sequence[int]) -> tuple[Tree, ...]:
    return tuple(given[k] for k in at)


def _put(given: Sequence[Tree], at: Sequence[int], trees: Sequence[Tree]) -> tuple[Tree, ...]:
    made = list(copied(tuple(given)))
    for k, tree in zip(at, trees, strict=True):
        made[k] = tree
    return tuple(made)


def _expect(holds: bool, complaint: str) -> None:
    if not holds:
        raise Wrong(complaint)


def shared(bars: Tree, given: Tree) -> bool:
    """May two of the arrays be one?"""
    arrays = [leaf for leaf in leaves(bars) if isinstance(leaf, np.ndarray)]
    others = arrays + [leaf for leaf in leaves(given) if isinstance(leaf, np.ndarray)]
    return any(np.shares_memory(a, b) for k, a in enumerate(arrays) for b in others[k + 1 :])


def by_differences(
    f: Callable[[tuple[Tree, ...]], float], given: tuple[Tree, ...], at: tuple[int, ...]
) -> np.ndarray:
    """By extrapolated central differences."""
    wanted = _of(given, at)
    count = flat(wanted).size
    found = np.zeros(count)

    def value(k: int, distance: float) -> float:
        numbers = np.zeros(count)
        numbers[k] = distance
        rest = iter(numbers)

        def change(leaf: Any) -> Any:
            if not is_active(leaf):
                return leaf
            if isinstance(leaf, float):
                return leaf + float(next(rest))
            size = leaf.size
            return leaf + np.array([next(rest) for _ in range(size)]).reshape(leaf.shape)

        return f(_put(given, at, mapped(wanted, change)))

    for k in range(count):
        coarse, fine = ((value(k, h) - value(k, -h)) / (2 * h) for h in (1e-3, 5e-4))
        found[k] = (4 * fine - coarse) / 3
        if abs(fine - coarse) > 1e-3 * (abs(fine) + 1e-2):
            # A kink may be near.
            found[k] = (value(k, 1e-6) - value(k, -1e-6)) / 2e-6
    return found


def close(what: str, got: np.ndarray, wanted: np.ndarray, text: str) -> None:
    scale = float(np.max(np.abs(wanted), initial=0.0))
    if got.shape != wanted.shape or not np.allclose(got, wanted, 1e-5, 1e-6 * scale + 1e-8):
        raise Wrong(f"{what} is\n{got}, not\n{wanted}\n{text}")


# The projection of a gradient, by its IR and by its text.

Projected = tuple[Callable[[Tree, Sequence[Any]], Any], str]


def by_ir(
    derived: Derivative, entry: Entry, given: tuple[Any, ...], at: tuple[int, ...], bars: Tree
) -> Projected:
    names = list(inspect.signature(derived.primal).parameters)
    types = {n: type_of_argument(n, tree) for n, tree in zip(names, given, strict=True)}
    program = derived.as_program()
    assert isinstance(program, Gradient)
    module = as_primal(program.lower(types).module, 1)
    again = projected(module)
    entry_ = again.funcs[again.entry]
    signature = dict(entry_.signature)
    twice = gradient(again, [signature[names[k]] for k in at], bare=False)
    text = emit(twice, Options())
    function = vars(load(_with_imports(text, entry.source)))[twice.entry]
    return lambda trees, along: function(*trees, *along), text


def projected(module: Module) -> Module:
    """The module of the sum of what the entry returns, each part times one more argument."""
    func = module.funcs[module.entry]
    inputs = func.signature
    params = list(func.params)
    stmts = list(func.body.stmts)
    total: Atom | None = None
    for k in indices(func.structure):
        result = func.body.yields[k]
        if result.type != FLOAT and not isinstance(result.type, Array):
            continue
        param = Var(result.type, f"v{len(params)}_", user=True)
        part = Var(result.type)
        params.append(param)
        inputs = (*inputs, type(inputs[0])(param.hint, len(params) - 1))
        stmts.append(Let(part, "mul", (result, param)))
        if isinstance(result.type, Array):
            summed = Var(FLOAT)
            rest = [default(p.default) for p in ARRAY_OPS["np.sum"].params[2:]]
            stmts.append(Let(summed, "np.sum", (part, NOTHING, *rest)))
            part = summed
        if total is not None:
            added = Var(FLOAT)
            stmts.append(Let(added, "add", (total, part)))
            part = added
        total = part
    assert total is not None
    body = replace(func.body, params=tuple(params), stmts=tuple(stmts), yields=(total,))
    made = replace(func, body=body, structure=0, inputs=inputs, name="projected")
    funcs = {name: f for name, f in module.funcs.items() if name != module.entry}
    return replace(module, funcs={**funcs, "projected": made}, entry="projected")


def by_text(
    derived: Derivative, entry: Entry, given: tuple[Any, ...], at: tuple[int, ...], bars: Tree
) -> Projected:
    text = derived.source_for(*given)
    names = list(inspect.signature(derived.primal).parameters)
    active = [path for path, leaf in paths(bars) if is_active(leaf)]
    extra = [f"v{k}_" for k in range(len(active))]
    terms = " + ".join(f"np.sum(bars{p} * {v})" for p, v in zip(active, extra, strict=True))
    text += f"""

def projected({", ".join([*names, *extra])}):
    value, bars = {derived.emitted.__name__}({", ".join(names)})
    return {terms}
"""
    module = load(_with_imports(text, entry.source))
    function = value_and_grad(vars(module)["projected"], argnums=at)
    return lambda trees, along: function(*trees, *along), text


def _with_imports(text: str, source: str) -> str:
    """With the program's own module before it: its classes and its constants."""
    return f"{source}\n\n{text}\nimport numpy as np\n"
