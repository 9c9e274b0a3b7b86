"""A function as a SymPy expression: what runs for any point, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy

from s2sad.errors import UnsupportedFunction
from s2sad.inspect.adjoints import needed
from s2sad.inspect.events import Event, NeedsPoint, Operand, Unknown
from s2sad.inspect.subject import PointNeeded, Subject
from s2sad.inspect.trace import traced
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS


class _Math:
    """`math`, of expressions."""

    pi, e, inf, nan, tau = sympy.pi, sympy.E, sympy.oo, sympy.nan, 2 * sympy.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in _FUNCTIONS:
            raise AttributeError(name)
        return _FUNCTIONS[name]


def _copysign(x: Any, w: Any) -> Any:
    return sympy.Abs(x) * sympy.sign(w)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(sympy, name)
        for name in (
            "exp sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf"
            " erfc gamma floor log"
        ).split()
    },
    "ceil": sympy.ceiling,
    "fabs": sympy.Abs,
    "pow": sympy.Pow,
    "lgamma": sympy.loggamma,
    "cbrt": lambda x: sympy.real_root(x, 3),
    "exp2": lambda x: 2**x,
    "expm1": lambda x: sympy.exp(x) - 1,
    "log1p": lambda x: sympy.log(1 + x),
    "log2": lambda x: sympy.log(x, 2),
    "log10": lambda x: sympy.log(x, 10),
    "degrees": lambda x: x * 180 / sympy.pi,
    "radians": lambda x: x * sympy.pi / 180,
    "hypot": lambda *x: sympy.sqrt(sum(part**2 for part in x)),
    "fsum": lambda x: sympy.Add(*x),
    "prod": lambda x: sympy.Mul(*x),
    "fma": lambda x, w, v: x * w + v,
    "copysign": _copysign,
}
_NAMES = {
    "math": _Math(),
    "abs": sympy.Abs,
    "max": sympy.Max,
    "min": sympy.Min,
    "sum": lambda x: sympy.Add(*x),
}
_LISTED: dict[str, Callable[..., Any]] = {
    "list_sum": sympy.Add,
    "list_fsum": sympy.Add,
    "list_prod": sympy.Mul,
    "list_max": sympy.Max,
    "list_min": sympy.Min,
}


def to_sympy(subject: Subject, known: Mapping[str, object]) -> Any:
    """The result as an expression in symbols called as the parameters are.

    known: the values of parameters that decide how often a loop runs, and the like.
    Raises `PointNeeded` where what runs depends on others, `UnsupportedFunction` where
    SymPy has no such function.
    """
    from s2sad.compile import chosen_result

    of = chosen_result(subject.entry, subject.wish.of)
    try:
        trace = traced(subject.module, known, subject.names, partial=True)
    except NeedsPoint as missing:
        what = missing.name or "a condition"
        raise PointNeeded(
            f"what runs here depends on the value of {what}",
            missing.loc,
            f"give it, if it is no number that varies: to_sympy({missing.name or 'n'}=…)",
        ) from None
    result = trace.results[of]
    output = getattr(result, "event", None)
    if output is None:
        return _number(result)
    made: dict[Event, Any] = {}
    wanted = needed(output)
    for event in trace.events:
        if event in wanted:
            made[event] = _expression(event, made)
    return made[output]


def _expression(event: Event, made: Mapping[Event, Any]) -> Any:
    if event.is_input:
        if isinstance(event.value, Unknown):
            return sympy.Symbol(event.label, real=True)
        return _number(event.value)
    args = [_operand(arg, made) for arg in event.args]
    try:
        if event.op in REDUCTIONS:
            return _LISTED[event.op](*args)
        primitive = PRIMITIVES[event.op]
        if primitive.variadic:
            if len(primitive.params) > 1:
                raise KeyError(event.op)
            return eval(primitive.python, dict(_NAMES), {"x": tuple(args)})
        return eval(
            primitive.python, dict(_NAMES), dict(zip(primitive.params, args, strict=True))
        )
    except (AttributeError, NameError, KeyError, TypeError):
        raise UnsupportedFunction(
            f"SymPy has nothing for {event.op}",
            event.loc,
            "use jvp, hessian or taylor, which need no expression",
        ) from None


def _operand(operand: Operand, made: Mapping[Event, Any]) -> Any:
    if operand.event is not None:
        return made[operand.event]
    return _number(operand.value)


def _number(value: Any) -> Any:
    """2.0 and 0.5 are exact; 0.1 stays the float that it is."""
    if isinstance(value, float) and value == value and abs(value) < 1e15:
        if (value * 1024).is_integer():
            return sympy.Rational(int(value * 1024), 1024)
        return sympy.Float(value, 17)
    return sympy.sympify(value)
