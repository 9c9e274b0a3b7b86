"""A derivative held against others: reverse, forward, differences; and each local partial
against differences of its own operation, so that the line that is wrong is named."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from typing import Any, NamedTuple

import numpy as np

from s2sad.backend.load import load
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.compile import differentiate
from s2sad.errors import Loc, S2sadError
from s2sad.inspect.adjoints import PULLBACKS, is_of_arrays, positions_of
from s2sad.inspect.arguments import flattened
from s2sad.inspect.derivation import Maker, source_line
from s2sad.inspect.events import Event, plain
from s2sad.inspect.finding import place_of
from s2sad.inspect.interpreter import Frame, Interpreter
from s2sad.inspect.render import shown
from s2sad.inspect.subject import Run, Subject
from s2sad.inspect.writing import TEXT
from s2sad.ir.nodes import Func, Module, Structure, Var, indices, parts_of
from s2sad.ir.types import FLOAT
from s2sad.linked import LinkNames
from s2sad.ops.arrays.core import ARRAY_OPS

TOLERANCE = 1e-6
# How often an operation that a loop repeats is looked at.
_MOST_TIMES = 12


class Estimate(NamedTuple):
    """A derivative by differences, and how far it may be off."""

    value: float
    error: float


class Checked(NamedTuple):
    """One number that is differentiated by; None where a way cannot tell."""

    label: str
    reverse: float
    forward: float | None
    differences: Estimate | None
    agrees: bool


class Mismatch(NamedTuple):
    """A local partial that differences contradict."""

    loc: Loc | None
    what: str

    def __str__(self) -> str:
        text = f"{place_of(self.loc)}{self.what}"
        line = source_line(self.loc)
        return f"{text}\n    {line}" if line else text


class Validation(NamedTuple):
    name: str
    point: tuple[tuple[str, Any], ...]
    inputs: tuple[Checked, ...]
    partials: int
    wrong: tuple[Mismatch, ...]

    @property
    def ok(self) -> bool:
        return not self.wrong and all(one.agrees for one in self.inputs)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return "\n".join(_told(self)) + "\n"


def _told(found: Validation) -> Iterator[str]:
    at = ", ".join(f"{name} = {shown(value)}" for name, value in found.point[:6])
    yield f"{found.name} at {at}" + (", …" if len(found.point) > 6 else "")
    head = f"  {'input':<16}{'reverse':>18}{'forward':>18}{'differences':>18}"
    yield head
    for one in found.inputs:
        along = "-" if one.forward is None else shown(one.forward)
        near = "-" if one.differences is None else shown(one.differences.value)
        said = "" if one.agrees else "  differ"
        yield f"  {one.label:<16}{shown(one.reverse):>18}{along:>18}{near:>18}{said}"
    if found.wrong:
        yield "These local partials are contradicted by differences of their operation:"
        yield from (f"  {line}" for wrong in found.wrong for line in str(wrong).splitlines())
    else:
        yield f"{found.partials} local partials agree with differences of their operations."
    yield "All agree." if found.ok else "They do not agree."


def validated(
    run: Run,
    given: Mapping[str, object],
    reverse: Callable[..., Any] | None = None,
    tolerance: float = TOLERANCE,
) -> Validation:
    """`reverse` is the emitted function of plain arguments, where there is one."""
    subject = run.subject
    flat = flat_arguments(subject, given)
    backward = _by_reverse(subject, flat, reverse)
    pushforward = _forward_module(subject)
    primal = _primal(subject)
    inputs = []
    for place, label, read in _numbers(subject, flat):
        back = float(np.real(read(backward[place.leaf])))
        along = _by_forward(subject, pushforward, flat, place)
        near = _estimate(partial(_value, primal, flat, place), read(flat[place.leaf]))
        agrees = _close(back, along, 0.0, tolerance) and (
            near is None or _close(back, near.value, near.error, tolerance)
        )
        inputs.append(Checked(label, back, along, near, agrees))
    wrong, count = _partials(run, tolerance)
    point = tuple((e.label, e.value) for events in run.trace.inputs.values() for e in events)
    return Validation(subject.entry.name, point, tuple(inputs), count, tuple(wrong))


def flat_arguments(subject: Subject, given: Mapping[str, object]) -> list[Any]:
    entry = subject.entry
    found: dict[int, Any] = {}
    for name, structure in entry.signature:
        for k, leaf in flattened(structure, entry.params, name, given):
            found[k] = float(leaf.value) if entry.params[k].type == FLOAT else leaf.value
    return [found[k] for k in range(len(entry.params))]


class Place(NamedTuple):
    """One number among the flat arguments: the parameter, and the way into it."""

    leaf: int
    path: tuple[int, ...]


def _numbers(
    subject: Subject, flat: list[Any]
) -> Iterator[tuple[Place, str, Callable[[Any], float]]]:
    names = {k: name for name, s in subject.entry.signature for k in indices(s)}
    for leaf in subject.leaves:
        label = subject.entry.params[leaf].hint or names[leaf]
        for path in _paths(flat[leaf]):
            shown_path = "".join(f"[{k}]" for k in path)
            yield Place(leaf, path), f"{label}{shown_path}", partial(_at, path=path)


def _paths(value: Any) -> Iterator[tuple[int, ...]]:
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            yield from np.ndindex(value.shape)
    elif isinstance(value, (list, tuple)):
        for k, part in enumerate(value):
            yield from ((k, *rest) for rest in _paths(part))
    elif isinstance(value, (float, np.floating)):
        yield ()


def _at(value: Any, path: tuple[int, ...]) -> Any:
    if isinstance(value, np.ndarray):
        return value[path]
    return _at(value[path[0]], path[1:]) if path else value


def _with(value: Any, path: tuple[int, ...], new: float) -> Any:
    if isinstance(value, np.ndarray):
        changed = value.copy()
        changed[path] = new
        return changed
    if not path:
        return new
    parts = list(value)
    parts[path[0]] = _with(parts[path[0]], path[1:], new)
    return parts if isinstance(value, list) else tuple(parts)


def _zeros(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.zeros_like(value)
    if isinstance(value, (list, tuple)):
        parts = [_zeros(part) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    return 0.0


def _called(module: Module, func: Func, subject: Subject, args: list[Any]) -> list[Any]:
    import builtins

    names = {**vars(builtins), "math": math, "np": np, **subject.names}
    with np.errstate(all="ignore"), redirect_stdout(StringIO()):
        return Interpreter(module, names).call(func, args)


def _result(structure: Structure, of: int | None) -> int:
    if of is not None and not isinstance(structure, int):
        structure = parts_of(structure)[of]
    assert isinstance(structure, int)
    return structure


def _primal(subject: Subject) -> Callable[[list[Any]], Any]:
    """The primal of flat arguments: emitted where they are the arguments, else the IR."""
    of = _result(subject.entry.structure, subject.wish.of)
    if subject.entry.inputs or subject.lowered.classes:
        return lambda args: _called(subject.module, subject.entry, subject, args)[of]
    text = emit(subject.module, Options(level=0, checks=False))
    names = LinkNames({**subject.names, "__name__": subject.entry.name})
    function = load(text, subject.entry.name, names)
    path = subject.wish.of if not isinstance(subject.entry.structure, int) else None

    def value(args: list[Any]) -> Any:
        with np.errstate(all="ignore"), redirect_stdout(StringIO()):
            result = function(*args)
        return result if path is None else result[path]

    return value


def _value(
    primal: Callable[[list[Any]], Any], flat: list[Any], place: Place, x: float
) -> float:
    args = copy.deepcopy(flat)  # the primal may write to them
    args[place.leaf] = _with(args[place.leaf], place.path, x)
    return float(primal(args))


def _by_reverse(
    subject: Subject, flat: list[Any], reverse: Callable[..., Any] | None
) -> dict[int, Any]:
    """The gradient by parameter; by the emitted function where its arguments are plain."""
    wish = subject.wish._replace(bare=False)
    plain_names = [name for name in wish.wrt if name in dict(subject.entry.signature)]
    if reverse is not None and not subject.entry.inputs and len(plain_names) == len(wish.wrt):
        with np.errstate(all="ignore"):
            _, gradient = reverse(*flat)
        bars = (gradient,) if subject.wish.bare else gradient
        return dict(zip(subject.leaves, bars, strict=True))
    module = differentiate(subject.lowered, wish)
    func = module.funcs[module.entry]
    results = _called(module, func, subject, list(flat))
    parts = parts_of(func.structure)[1]
    places = [k for part in parts_of(parts) for k in indices(part)]
    return {leaf: results[k] for leaf, k in zip(subject.leaves, places, strict=True)}


def _forward_module(subject: Subject) -> Module | None:
    """The pushforward; None where forward mode refuses."""
    from s2sad.forward import pushed

    try:
        return pushed(subject.lowered, subject.wish)
    except (S2sadError, KeyError):  # forward mode does not know every array primitive
        return None


def _by_forward(
    subject: Subject, module: Module | None, flat: list[Any], place: Place
) -> float | None:
    """One direction of the pushforward."""
    if module is None:
        return None
    func = module.funcs[module.entry]
    dots = []
    for leaf in subject.leaves:
        dot = _zeros(flat[leaf])
        dots.append(_with(dot, place.path, 1.0) if leaf == place.leaf else dot)
    if len(func.params) != len(flat) + len(dots):
        return None
    results = _called(module, func, subject, [*flat, *dots])
    tangent = parts_of(func.structure)[1]
    found = results[_result(tangent, subject.wish.of)]
    return None if found is None else float(found)


def _estimate(function: Callable[[float], float], x: float) -> Estimate | None:
    """Ridders' extrapolation of central differences; None where it runs into an error."""
    step = 1e-3 * max(1.0, abs(x)) if x else 1e-3
    table: list[list[float]] = []
    best = Estimate(math.nan, math.inf)
    try:
        for k in range(8):
            h = step / 2**k
            above, below = function(x + h), function(x - h)
            noise = 4e-16 * max(abs(above), abs(below)) / h
            row = [(above - below) / (2 * h)]
            for j in range(k):
                power = 4.0 ** (j + 1)
                row.append((power * row[j] - table[-1][j]) / (power - 1))
                error = max(abs(row[-1] - row[j]), abs(row[-1] - table[-1][j]), noise)
                if error < best.error:
                    best = Estimate(row[-1], error)
            table.append(row)
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        return None
    return best if math.isfinite(best.value) else None


def _close(a: float, b: float | None, error: float, tolerance: float) -> bool:
    if b is None:
        return True
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if math.isinf(a) or math.isinf(b):
        return a == b
    return abs(a - b) <= tolerance * max(1e-3, abs(a), abs(b)) + 4 * error


# The local partials.


def _partials(run: Run, tolerance: float) -> tuple[list[Mismatch], int]:
    made, wrong, count = Maker(run), [], 0
    frame = Frame(Interpreter(run.subject.module, dict(run.subject.names)))
    seen: set[tuple[object, ...]] = set()
    times: Counter[tuple[object, ...]] = Counter()
    for event in made.shown:
        if event not in made.active or event.is_input:
            continue
        if is_of_arrays(event):
            times[event.loc, event.op] += 1
            if times[event.loc, event.op] > _MOST_TIMES:
                continue
            found = _array_mismatch(event, frame, made, tolerance)
            count += 1
            wrong += [found] if found else []
            continue
        for one in run.swept.partials.get(event, ()):
            if one.value is None:
                continue
            key = (event.loc, event.op, one.position)
            times[key] += 1
            if times[key] > _MOST_TIMES or key in seen:
                continue
            near = _of_operation(event, frame, one.position)
            if near is None:
                continue
            count += 1
            value = float(np.real(one.value))
            if not _close(value, near.value, near.error, tolerance):
                seen.add(key)
                arg = TEXT.write(made.operand(event.args[one.position]))
                left = TEXT.write(made.local(event, one.parent))
                said = f"{left} = {shown(value)} by the rule of {event.op},"
                said += f" {shown(near.value)} by differences,"
                said += f" at {arg} = {shown(plain(one.parent.value))}"
                wrong.append(Mismatch(event.loc, said))
    return wrong, count


def _of_operation(event: Event, frame: Frame, position: int) -> Estimate | None:
    args = [plain(arg.value) for arg in event.args]
    if not isinstance(args[position], float):
        return None

    def function(x: float) -> float:
        changed = [*args[:position], x, *args[position + 1 :]]
        return float(applied(event, frame, changed))

    return _estimate(function, args[position])


def applied(event: Event, frame: Frame, args: list[Any]) -> Any:
    """The operation again, with other operands."""
    values = iter(args)
    given = [
        _rebuilt(arg, values) if len(places) != 1 or _is_list(event, places) else next(values)
        for arg, places in zip(event.given, positions_of(event), strict=True)
    ]
    value = frame.apply(event.op, given)
    return value[int(event.label[1:-1])] if event.label.startswith("[") else value


def _is_list(event: Event, places: list[int]) -> bool:
    """A list of a single element, which was spread."""
    given = event.given[positions_of(event).index(places)]
    return isinstance(given, (list, tuple)) and event.args[places[0]].value is not given


def _rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    if isinstance(tree, list):
        return [_rebuilt(part, values) for part in tree]
    if isinstance(tree, tuple):
        return tuple(_rebuilt(part, values) for part in tree)
    return next(values)


def _array_mismatch(
    event: Event, frame: Frame, made: Maker, tolerance: float
) -> Mismatch | None:
    """The pullback of one array operation, in one direction: bar · dy against bars · dx."""
    op = ARRAY_OPS.get(event.op)
    if op is not None and not op.differentiable:
        return None
    noise = np.random.default_rng(event.index)
    bar = noise.standard_normal(np.shape(plain(event.value)))
    bar = bar if isinstance(event.value, np.ndarray) else float(bar)
    arriving = made.run.swept.bars.get(event)
    if isinstance(arriving, np.ndarray) and arriving.shape == np.shape(bar) and arriving.any():
        # What nothing reads may be anything: the other triangle of a factor.
        bar = np.where(arriving == 0, 0.0, bar)
    if np.iscomplexobj(plain(event.value)):
        return None
    args = [plain(arg.value) for arg in event.args]
    if any(np.iscomplexobj(arg) for arg in args if isinstance(arg, (np.ndarray, complex))):
        return None
    places = [
        k
        for k, arg in enumerate(event.args)
        if arg.event is not None
        and isinstance(arg.atom, Var)
        and (isinstance(args[k], float) or getattr(args[k], "dtype", None) == np.float64)
    ]
    directions = {k: noise.standard_normal(np.shape(args[k])) for k in places}
    by_position = dict(PULLBACKS.shares(event, bar))
    expected = sum(
        float(np.sum(by_position[k] * directions[k])) for k in places if k in by_position
    )

    def function(t: float) -> float:
        changed = list(args)
        for k in places:
            moved = args[k] + t * directions[k]
            changed[k] = moved if isinstance(args[k], np.ndarray) else float(moved)
        with np.errstate(all="ignore"):
            return float(np.sum(bar * applied(event, frame, changed)))

    near = _estimate(function, 0.0)
    if near is None or _close(expected, near.value, near.error, 10 * tolerance):
        return None
    name = TEXT.write(made.names[event])
    return Mismatch(
        event.loc,
        f"the pullback of {event.op} ({name}) gives {shown(expected)} in a direction,"
        f" differences {shown(near.value)}",
    )
