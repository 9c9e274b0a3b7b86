"""Rules of array primitives, evaluated with NumPy and compared with differences.

Nothing of the compiler: the text of a rule is evaluated by Python with the parameters,
`y`, `y_bar` and the tangents bound, and projected as declare.py says.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import REQUIRED, ArrayOp, Rule
from s2sad.ops.arrays.helpers import HELPERS

Value = Any
STEP = 1e-5


class Case(NamedTuple):
    """A call of a primitive; a rest parameter is given as a list.

    wrt: the parameters to differentiate in, all if empty. of: the results that have a
    cotangent, of one with several. weights: makes cotangents of random ones, where the
    function must not depend on how vectors were chosen (phases); align: turns the phases
    of a second result to those of the first.
    """

    op: str
    args: tuple[Value, ...]
    keywords: Mapping[str, Value]
    wrt: tuple[str, ...] = ()
    of: tuple[int, ...] = ()
    weights: Callable[[Value, Value], Value] | None = None
    align: Callable[[Value, Value], Value] | None = None

    def __str__(self) -> str:
        shown = [_show(arg) for arg in self.args]
        shown += [f"{key}={_show(value)}" for key, value in self.keywords.items()]
        return f"{self.op}({', '.join(shown)}){self.of or ''}{''.join(self.wrt)}"


def _show(value: Value) -> str:
    if isinstance(value, np.ndarray):
        kind = "" if value.dtype == float else value.dtype.char
        return kind + "x".join(str(n) for n in value.shape) if value.ndim else kind + "0d"
    if isinstance(value, list):
        return "[" + " ".join(_show(item) for item in value) + "]"
    return repr(value).replace(" ", "")


class Seen:
    """The facts of a call, read off its values."""

    def __init__(self, op: ArrayOp, bound: Mapping[str, Value], of: Sequence[int]) -> None:
        self.bound = dict(bound)
        self.of = of
        self.element = 0
        self.rest = next((param.name for param in op.params if param.rest), None)

    def _value(self, name: str) -> Value:
        head, bracket, index = name.partition("[")
        value = self.bound[head]
        return value[int(index[:-1])] if bracket else value

    def ndim(self, name: str) -> int:
        return int(np.ndim(self._value(name)))

    def literal(self, name: str) -> object:
        value = self._value(name)
        assert not isinstance(value, np.ndarray), f"{name} is computed"
        return cast(object, value)

    def is_literal(self, name: str) -> bool:
        return not isinstance(self._value(name), np.ndarray | float | complex)

    def is_complex(self, name: str) -> bool:
        return bool(np.iscomplexobj(self._value(name)))

    def is_square(self, name: str) -> bool:
        *_, rows, columns = np.shape(self._value(name))
        return bool(rows == columns)

    def wanted(self, result: int) -> bool:
        return result in self.of

    @property
    def which(self) -> int:
        return self.element

    @property
    def count(self) -> int:
        assert self.rest is not None
        return len(self.bound[self.rest])


class _Elementwise(ast.NodeTransformer):
    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        where = ast.parse("np.where", mode="eval").body
        return ast.Call(where, [node.test, node.body, node.orelse], [])


def _names() -> dict[str, Value]:
    names: dict[str, Value] = {"np": np, "min": min, "max": max}
    for source in HELPERS.values():
        exec(source, names)
    return names


NAMES = _names()


def evaluate(text: str, bound: Mapping[str, Value]) -> Value:
    tree = ast.fix_missing_locations(_Elementwise().visit(ast.parse(text, mode="eval")))
    names = {**NAMES, **bound}
    if "scipy" in text:
        names["scipy"] = importlib.import_module("scipy")
        importlib.import_module("scipy.special")
        importlib.import_module("scipy.linalg")
    with np.errstate(all="ignore"):
        return eval(compile(tree, "<rule>", "eval"), names)


def function(op: ArrayOp) -> Callable[..., Value]:
    """What a primitive is called as."""
    if op.name in NAMES:
        return cast(Callable[..., Value], NAMES[op.name])
    if op.name.startswith("np.ndarray."):
        return cast(Callable[..., Value], getattr(np.ndarray, op.name[len("np.ndarray.") :]))
    module, _, name = op.name.rpartition(".")
    module = "numpy" + module[2:] if module.split(".")[0] == "np" else module
    return cast(Callable[..., Value], getattr(importlib.import_module(module), name))


def bind(case: Case) -> dict[str, Value]:
    op = ARRAY_OPS[case.op]
    bound: dict[str, Value] = {}
    for i, param in enumerate(op.params):
        if i < len(case.args):
            bound[param.name] = case.args[i]
        elif param.name in case.keywords:
            bound[param.name] = case.keywords[param.name]
        else:
            assert param.default != REQUIRED, param.name
            bound[param.name] = ast.literal_eval(param.default)
    assert set(case.keywords) <= set(bound)
    return bound


def call(case: Case, bound: Mapping[str, Value]) -> Value:
    """The primitive; a parameter that is not given is not passed."""
    op = ARRAY_OPS[case.op]
    plain: list[Value] = []
    named: dict[str, Value] = {}
    given = {p.name for p in op.params[: len(case.args)]} | set(case.keywords)
    for param in op.params:
        if param.name not in given:
            continue
        value = bound[param.name]
        if param.starred:
            plain += value
        elif param.named or len(named) or op.params.index(param) != len(plain):
            if op.params.index(param) >= len(plain) or param.named:
                named[param.name] = value
        else:
            plain.append(value)
    result = function(op)(*plain, **named)
    return tuple(result) if isinstance(result, tuple) else result


def project(value: Value, target: Value) -> Value:
    """A contribution on the type of its argument."""
    value, shape = np.asarray(value), np.shape(target)
    if value.ndim > len(shape):
        value = value.sum(axis=tuple(range(value.ndim - len(shape))))
    axes = tuple(i for i in range(-value.ndim, 0) if shape[i] == 1 and value.shape[i] != 1)
    value = np.broadcast_to(value.sum(axis=axes, keepdims=True), shape)
    return value if np.iscomplexobj(target) else value.real


def slots_of(
    bound: Mapping[str, Value], op: ArrayOp, wrt: Sequence[str]
) -> list[tuple[str, int]]:
    """The arguments to differentiate in: a parameter, and which element of a rest."""
    slots = []
    for param in op.params:
        if wrt and param.name not in wrt:
            continue
        if param.name not in op.differentiable:
            assert not wrt, f"{param.name} has no rule"
            continue
        values = bound[param.name] if param.rest else [bound[param.name]]
        slots += [
            (param.name, i if param.rest else -1) for i, v in enumerate(values) if _active(v)
        ]
    return slots


def _active(value: Value) -> bool:
    return isinstance(value, float | complex) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "fc"
    )


def _get(bound: Mapping[str, Value], slot: tuple[str, int]) -> Value:
    value = bound[slot[0]]
    return value if slot[1] < 0 else value[slot[1]]


def _put(bound: Mapping[str, Value], slot: tuple[str, int], value: Value) -> dict[str, Value]:
    if slot[1] >= 0:
        values = list(bound[slot[0]])
        values[slot[1]] = value
        return {**bound, slot[0]: values}
    return {**bound, slot[0]: value}


def text_of(rule: Rule, facts: Seen) -> str:
    return rule if isinstance(rule, str) else rule(facts)


def adjoint(op: ArrayOp, slot: tuple[str, int], facts: Seen) -> str:
    facts.element = max(slot[1], 0)
    if slot[0] in op.partials:
        partial = text_of(op.partials[slot[0]], facts)
        return f"y_bar * ({partial})" if partial else ""
    return text_of(op.adjoints[slot[0]], facts)


def tangent(
    case: Case, slot: tuple[str, int], facts: Seen, bound: Mapping[str, Value], dot: Value
) -> Value:
    op = ARRAY_OPS[case.op]
    facts.element = max(slot[1], 0)
    if slot[0] in op.linear:
        if slot[1] < 0:
            return call(case, {**bound, slot[0]: dot})
        zeros = [np.zeros_like(v) for v in bound[slot[0]]]
        return call(case, _put({**bound, slot[0]: zeros}, slot, dot))
    if slot[0] in op.partials:
        partial = text_of(op.partials[slot[0]], facts)
        named = {**bound, f"{slot[0]}_dot": dot}
        found = evaluate(f"({partial}) * {slot[0]}_dot", named) if partial else None
        return found if np.iscomplexobj(bound["y"]) or found is None else np.real(found)
    dots = {slot[1]: dot} if slot[1] >= 0 else dot
    text = text_of(op.tangents[slot[0]], facts)
    return evaluate(text, {**bound, f"{slot[0]}_dot": dots}) if text else None


def randoms(rng: np.random.Generator, like: Value) -> Value:
    value = rng.normal(size=np.shape(like))
    if np.iscomplexobj(like):
        value = value + 1j * rng.normal(size=np.shape(like))
    return value


def _pair(weights: Value, result: Value, of: Sequence[int]) -> float:
    if isinstance(result, tuple | list):
        return float(sum(np.real(np.sum(weights[i] * result[i])) for i in of))
    return float(np.real(np.sum(weights * result)))


def _steps(value: Value) -> list[Value]:
    made = []
    for i in range(np.size(value)):
        unit = np.zeros(np.size(value), complex if np.iscomplexobj(value) else float)
        unit[i] = 1.0
        made.append(unit.reshape(np.shape(value)))
    return made


def differences(of: Callable[[Value], float], value: Value) -> Value:
    """The derivative by differences of the fourth order, in the convention ∂x - i ∂y."""

    def along(step: Value) -> float:
        h = 40 * STEP
        one = of(value + h * step) - of(value - h * step)
        two = of(value + 2 * h * step) - of(value - 2 * h * step)
        return (8 * one - two) / (12 * h)

    complex_ = np.iscomplexobj(value)
    found = [along(s) - (1j * along(1j * s) if complex_ else 0.0) for s in _steps(value)]
    return np.array(found, complex if complex_ else float).reshape(np.shape(value))


def check(case: Case, tolerance: float = 2e-8) -> list[str]:
    """Adjoints and tangents of one call against differences; the texts that were used."""
    rng = np.random.default_rng(5)
    op, bound = ARRAY_OPS[case.op], bind(case)
    y = call(case, bound)
    several = isinstance(y, tuple | list)
    of = case.of or (tuple(range(len(y))) if several else ())
    facts = Seen(op, {**bound, "y": y}, of)
    count = op.results_of(facts) if op.results_of else op.results
    assert count == (len(y) if several else 0), f"{count} results"
    y_bar = [randoms(rng, part) for part in y] if several else randoms(rng, y)
    if case.weights is not None:
        y_bar = case.weights(y, y_bar)
    facts.bound["y_bar"] = y_bar
    texts = []
    slots = slots_of(bound, op, case.wrt)
    assert slots, "nothing to differentiate in"
    for slot in slots:
        value = _get(bound, slot)

        def moved(v: Value, s: tuple[str, int] = slot) -> float:
            result = call(case, _put(bound, s, v))
            return _pair(y_bar, case.align(y, result) if case.align else result, of)

        expected = differences(moved, value)
        text = adjoint(op, slot, facts)
        found = evaluate(text, {**bound, "y": y, "y_bar": y_bar}) if text else 0.0
        found = project(found, value)
        np.testing.assert_allclose(
            found, expected, rtol=tolerance, atol=tolerance, err_msg=f"{case} {slot}: {text}"
        )
        texts.append(text)
        direction = randoms(rng, value)
        if np.ndim(value) == 0:
            direction = complex(direction) if np.iscomplexobj(value) else float(direction)
        dot = tangent(case, slot, facts, {**bound, "y": y}, direction)
        found_dot = 0.0 if dot is None else _pair(y_bar, dot, of)
        expected_dot = float(np.real(np.sum(expected * direction)))
        np.testing.assert_allclose(
            found_dot, expected_dot, rtol=tolerance * 20, atol=tolerance * 20,
            err_msg=f"{case} {slot} tangent",
        )  # fmt: skip
        if not several and dot is not None:
            assert np.shape(np.broadcast_to(dot, np.shape(y))) == np.shape(y)
    return texts
