"""The partials of what ran, and the adjoints that they give.

Of a scalar operation the partials are the texts of the rule table, with the arm that holds
at the point; of an array operation the adjoint of each argument is computed by the compiled
pullback of that one statement.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.errors import InternalError
from s2sad.inspect.events import Event, Operand, Trace, Traced, TracedComplex, Unknown, plain
from s2sad.inspect.formula import number, parsed, simplified, substituted
from s2sad.inspect.interpreter import scope
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Module, Var
from s2sad.ir.types import FLOAT, INT, Tuple, is_array, is_differentiable
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import OTHERS, REDUCTIONS
from s2sad.rules import BOUND
from s2sad.transform.forward.entry import Request
from s2sad.transform.partials import partial_texts
from s2sad.transform.pullback import pullback

Number: TypeAlias = "float | complex"
_K = TypeVar("_K")


class Partial(NamedTuple):
    """∂event/∂parent, of the operand at `position`.

    formula: over the names of `names`, None where an array is in it. value: at the point,
    None without one. nothing: nothing flows here, whatever arrives.
    """

    event: Event
    parent: Event
    position: int
    formula: ast.expr | None
    names: Mapping[str, Operand]
    value: Number | None
    nothing: bool = False


def is_of_arrays(event: Event) -> bool:
    values = (event.value, *(arg.value for arg in event.args))
    if any(isinstance(value, np.ndarray | complex) for value in values):
        return True
    return event.op not in PRIMITIVES and event.op not in REDUCTIONS


def operands_of(event: Event) -> dict[str, Operand]:
    """The operands by the names that the rule table has for them, and the result, y."""
    result = Operand(event, event.out, event.value)
    if event.op in REDUCTIONS:
        return {"y": result, **{f"x{k}": arg for k, arg in enumerate(event.args)}}
    params = PRIMITIVES[event.op].params
    if params[0].startswith("*"):
        return {"y": result, **{f"x{k}": arg for k, arg in enumerate(event.args)}}
    return {"y": result, **dict(zip(params, event.args, strict=True))}


def partials_of(event: Event) -> Iterator[Partial]:
    """The partials of a scalar operation in what it took from other events."""
    if event.is_input or event.op in ("stop_gradient",):
        return
    names = operands_of(event)
    for k, arg in enumerate(event.args):
        text = _text(event, k)
        if arg.event is None or text is None:
            continue
        known = not isinstance(event.value, Unknown)
        formula, value = _at(text, names, event, k, known)
        nothing = isinstance(formula, ast.Constant) and formula.value == 0.0
        yield Partial(event, arg.event, k, formula, names, value, nothing)


def _text(event: Event, position: int) -> str | None:
    if event.op in REDUCTIONS:
        text = REDUCTIONS[event.op].partial
        if text == OTHERS:
            count = len(event.args)
            return " * ".join(f"x{k}" for k in range(count) if k != position) or "1.0"
        ties = sum(plain(arg.value) == plain(event.value) for arg in event.args)
        return text.replace("ties", str(ties)) if "ties" in text else text
    atoms = tuple(arg.atom for arg in event.args)
    made = Let(event.out, event.op, atoms)
    return partial_texts(made, textbook=True)[position]


def _at(
    text: str, names: Mapping[str, Operand], event: Event, position: int, known: bool
) -> tuple[ast.expr, Number | None]:
    """The formula, the arm that holds if there is a point, and its value there."""
    node = parsed(text)
    if event.op in REDUCTIONS:
        node = substituted(node, {"x": parsed(f"x{position}")})
    if not known:
        literals = {
            name: number(arg.value)
            for name, arg in names.items()
            if arg.event is None and isinstance(arg.value, (int, float))
        }
        return _main_arm(simplified(substituted(node, literals))), None
    env = {name: plain(arg.value) for name, arg in names.items()}
    while isinstance(node, ast.IfExp):
        node = node.body if evaluated(node.test, env) else node.orelse
    try:
        value = evaluated(node, env)
    except (ArithmeticError, ValueError):
        value = math.nan
    return node, value


def _main_arm(node: ast.expr) -> ast.expr:
    """Of `0.5 * c**-0.5 if c else inf` what holds but at a single point."""
    while isinstance(node, ast.IfExp) and not isinstance(node.test, ast.Compare):
        node = node.body
    return node


def evaluated(node: ast.expr, env: Mapping[str, Any]) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "<rule>", "eval")
    return eval(code, {**scope(), **BOUND}, dict(env))


# Arrays.


class Pullbacks:
    """The compiled pullbacks of single statements, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], tuple[Any, list[int], str]] = {}

    def shares(self, event: Event, bar: Any, absent: Any = None) -> list[tuple[int, Any]]:
        """What the operands get of the adjoint of the result, by their positions; `absent`
        are elements of an operation element by element that get nothing."""
        pulled, wanted, _ = self._compiled(event)
        args = [_own(arg) for k, arg in enumerate(event.given) if _is_param(event, k)]
        if absent is not None:
            for arg in args:
                if isinstance(arg, np.ndarray):
                    # Any number there will do, if its slope is finite.
                    arg[_fitted(absent, arg.shape)] = 1
        with np.errstate(all="ignore"):
            _, bars = pulled(*args, bar)
        places = positions_of(event)
        found: list[tuple[int, Any]] = []
        for k, share in zip(wanted, bars, strict=True):
            found += zip(places[k], _flat(share), strict=True)
        return [(k, share) for k, share in found if event.args[k].event is not None]

    def text(self, event: Event) -> str:
        """The emitted pullback."""
        return self._compiled(event)[2]

    def _compiled(self, event: Event) -> tuple[Any, list[int], str]:
        key = (
            event.op,
            event.label,
            *(
                (str(atom.type), _kind(arg)) if _is_param(event, k) else repr(atom)
                for k, (atom, arg) in enumerate(zip(event.let.args, event.given, strict=True))
            ),
        )
        if key not in self._made:
            if len(self._made) > _MOST_PULLBACKS:
                self._made.clear()
            self._made[key] = self._make(event)
        return self._made[key]

    def _make(self, event: Event) -> tuple[Any, list[int], str]:
        params: list[Var] = []
        atoms: list[Atom] = []
        wanted: list[int] = []
        wrt: list[int] = []
        places = positions_of(event)
        for k, (atom, value) in enumerate(zip(event.let.args, event.given, strict=True)):
            if not _is_param(event, k):
                atoms.append(atom)
                continue
            type_ = FLOAT if isinstance(value, float) else atom.type
            if isinstance(value, np.ndarray) and not is_array(type_):
                raise InternalError(f"an array that is no array: {event!r}")
            param = Var(type_, f"x{k}")
            varies = any(event.args[n].event is not None for n in places[k])
            if varies and is_differentiable(type_):
                wanted.append(k)
                wrt.append(len(params))
            params.append(param)
            atoms.append(param)
        out = Var(event.let.out.type, "y")
        stmts = [Let(out, event.op, tuple(atoms), event.loc)]
        if event.label.startswith("[") and isinstance(out.type, Tuple):
            which = int(event.label[1:-1])
            part = Var(out.type.items[which], "part")
            stmts.append(Let(part, "item", (out, Lit(which, INT))))
            out = part
        func = Func("step", Block(tuple(params), tuple(stmts), (out,)), 0)
        names = tuple(params[k].hint for k in wrt)
        module = pullback(
            Module({"step": func}, "step", {}), Request(tuple(wrt), names, 0, bare=False)
        )
        text = emit(module, Options(level=1, checks=False))
        values: dict[str, Any] = {}
        exec(compile(text, "<pullback>", "exec"), values)
        return values[module.entry], wanted, text


_MOST_PULLBACKS = 1000
PULLBACKS = Pullbacks()


def positions_of(event: Event) -> list[list[int]]:
    """Which operands each argument of the statement is: of a list its elements."""
    found: list[list[int]] = []
    at = 0
    for arg in event.given:
        count = 1
        if isinstance(arg, (list, tuple)) and len(event.args) > at:
            whole = event.args[at].value
            count = 1 if whole is arg else len(_flat(arg))
        found.append(list(range(at, at + count)))
        at += count
    return found


def _flat(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in _flat(part)]
    return [value]


def _own(value: Any) -> Any:
    """A copy, so that no two arguments share memory."""
    value = plain(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def _is_param(event: Event, k: int) -> bool:
    return isinstance(event.let.args[k], Var)


def _kind(value: Any) -> tuple[object, ...]:
    if isinstance(value, np.ndarray):
        return "array", value.ndim, str(value.dtype)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *dict.fromkeys(map(_kind, value)))
    return (type(value).__name__, isinstance(value, (Traced, TracedComplex)))


class Swept(NamedTuple):
    """A reverse sweep over a trace: the adjoints of its events, and the partials.

    shares: what a use of an event gives to its adjoint, by (use, event).
    """

    output: Event | None
    active: frozenset[Event]
    bars: dict[Event, Any]
    partials: dict[Event, list[Partial]]
    shares: dict[tuple[Event, Event], Any]


def active_events(trace: Trace, output: Event, wrt: Collection[Event]) -> frozenset[Event]:
    """What depends on an input that varies, and what the output depends on."""
    varies = set(wrt)
    for event in trace.events:
        stops = event.is_input or event.op == "stop_gradient"
        if not stops and any(parent in varies for parent in event.parents):
            varies.add(event)
    return frozenset(needed(output) & varies)


def needed(output: Event) -> set[Event]:
    """What an event was computed from, itself included."""
    found: set[Event] = set()
    waiting = [output]
    while waiting:
        event = waiting.pop()
        if event not in found:
            found.add(event)
            waiting += event.parents
    return found


def swept(trace: Trace, output: Event | None, wrt: Collection[Event]) -> Swept:
    """The reverse sweep, from 1 at the output."""
    if output is None:
        return Swept(None, frozenset(), {}, {}, {})
    active = active_events(trace, output, wrt)
    bars: dict[Event, Any] = {output: 1.0} if output in active else {}
    partials: dict[Event, list[Partial]] = {}
    shares: dict[tuple[Event, Event], Any] = {}
    absent: dict[Event, Any] = {}
    for event in sorted(active, key=lambda event: -event.index):
        if is_of_arrays(event):
            if trace.known and not event.is_input and event in bars:
                for k, share, none in masked(event, bars[event], absent.get(event)):
                    parent = event.args[k].event
                    if parent is not None and parent in active:
                        if parent not in bars and none is not None:
                            absent[parent] = none
                        elif parent in absent:
                            both = absent.pop(parent)
                            if none is not None and none.shape == both.shape:
                                absent[parent] = both & none
                        _add(bars, parent, share)
                        _add(shares, (event, parent), share)
            continue
        partials[event] = [p for p in partials_of(event) if p.parent in active]
        if trace.known and event in bars:
            for partial in partials[event]:
                if partial.value is not None and not partial.nothing:
                    share = bars[event] * partial.value
                    _add(bars, partial.parent, share)
                    _add(shares, (event, partial.parent), share)
    if trace.known:
        for event in active:
            if event not in bars:
                shape = event.value
                bars[event] = np.zeros_like(shape) if isinstance(shape, np.ndarray) else 0.0
    return Swept(output, active, bars, partials, shares)


# What chooses among elements, and computes nothing with them.
_CHOOSES = frozenset(
    "np.where put add_to pick view get set copy np.copy np.reshape np.ravel"
    " np.transpose".split()
)


def masked(event: Event, bar: Any, absent: Any) -> Iterator[tuple[int, Any, Any]]:
    """What the operands get, and where nothing comes to them, whatever the adjoint is: behind
    a mask. There a slope that is infinite is not taken: the mask travels down, as it does in
    the emitted code."""
    through = absent if absent is not None and _is_elementwise(event) else None
    shares = PULLBACKS.shares(event, bar, through)
    arriving: dict[int, Any] = {}
    if event.op in _CHOOSES and isinstance(bar, np.ndarray):
        there = np.ones(bar.shape) if absent is None else (~absent).astype(float)
        arriving = dict(PULLBACKS.shares(event, there.astype(bar.dtype)))
    for k, share in shares:
        none = None
        if isinstance(share, np.ndarray):
            if k in arriving:
                none = arriving[k] == 0
            elif through is not None:
                none = _fitted(through, share.shape)
        yield k, share, none


def _fitted(absent: Any, shape: tuple[int, ...]) -> Any:
    """Which elements of an operand of this shape, that was broadcast, get nothing at all."""
    lead = absent.ndim - len(shape)
    axes = (
        *range(lead),
        *(lead + k for k, n in enumerate(shape) if n != absent.shape[lead + k]),
    )
    return absent.all(axis=axes, keepdims=True).reshape(shape)


def _is_elementwise(event: Event) -> bool:
    op = ARRAY_OPS.get(event.op)
    return event.op in PRIMITIVES or (op is not None and op.elementwise)


def _add(totals: dict[_K, Any], key: _K, share: Any) -> None:
    totals[key] = totals[key] + share if key in totals else share
