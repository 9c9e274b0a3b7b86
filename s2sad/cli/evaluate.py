"""`--at`: what an emitted function returns at a point.

Only emitted code that is made of known primitives is run. What has code of the user's in
it, classes or expressions that are passed on as they are, asks for `--run`.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from s2sad.argnums import spread
from s2sad.cli.generate import Subject, emit_text, lower_target
from s2sad.cli.generated import Problem
from s2sad.cli.request import Request
from s2sad.cli.verbs import ORDER
from s2sad.ir.nodes import Call, Func, Let, Lit, Module, Shape, Structure
from s2sad.ir.structure import SHAPES_DIFFER
from s2sad.ir.types import FLOAT, Array
from s2sad.ir.walk import walk
from s2sad.rules import BOUND
from s2sad.transform.forward.entry import tangent_name

_PLAIN_ERROR = re.compile(r"[A-Z]\w*Error\('[^'{}]*'\)")


def evaluated(request: Request, values: Mapping[str, object], run: bool) -> str:
    """The line that is printed; raises `Problem` where an argument is missing."""
    if len(request.targets) != 1:
        raise Problem("--at: name one function")
    # Numba is for files, and gives the same numbers.
    subject = lower_target(request._replace(jit=None), request.targets[0])
    module = subject.derivative()
    outside = None if run else foreign(subject, module)
    if outside:
        raise Problem(f"--at would run {outside}, which is code of yours: add --run")
    function = _loaded(emit_text(subject, module), module.entry, request.targets[0].file)
    values = {**_defaults(subject), **values}
    try:
        polynomial = _lattice(request, subject, function, values)
        if polynomial is not None:
            return f"{polynomial}\n"
        arguments = _as_arrays(module.funcs[module.entry], _arguments(function, values))
        result = _called(function, arguments)
    except Problem:
        raise
    except Exception as error:
        raise Problem(f"{module.entry} raises {type(error).__name__}: {error}") from None
    return f"{_text(request, subject, arguments, result)}\n"


def foreign(subject: Subject, module: Module) -> str | None:
    """Something in the emitted code that is no primitive of ours."""
    for meaning in subject.lowered.classes:
        if not meaning.exception or meaning.definition:
            return meaning.name
    for func in module.funcs.values():
        for stmt in walk(func.body):
            if isinstance(stmt, Call) and stmt.func not in module.funcs:
                return stmt.func
            if not isinstance(stmt, Let):
                continue
            if stmt.op in BOUND:
                return stmt.op
            if stmt.op in ("python", "store", "global"):
                text = stmt.args[0]
                assert isinstance(text, Lit)
                shown = str(text.value)
                known = stmt.op == "python" and (
                    shown in ("{0} is {1}", SHAPES_DIFFER) or _PLAIN_ERROR.fullmatch(shown)
                )
                if not known:
                    return f"`{shown}`"
    return None


def _loaded(text: str, name: str, file: str) -> Callable[..., Any]:
    names: dict[str, Any] = {"__name__": name}
    before = sys.path[:]
    sys.path[:0] = [os.path.dirname(os.path.abspath(file))]
    try:
        exec(compile(text, f"<s2sad {name}>", "exec"), names)
    finally:
        sys.path[:] = before
    function: Callable[..., Any] = names[name]
    return function


def _defaults(subject: Subject) -> dict[str, object]:
    """The defaults that the user wrote: in what is emitted tangents may stand behind them."""
    func = subject.lowered.module.funcs[subject.lowered.module.entry]
    names = [input_.name for input_ in func.signature][
        len(func.signature) - len(func.defaults) :
    ]
    return {name: lit.value for name, lit in zip(names, func.defaults, strict=True)}


def _lattice(
    request: Request,
    subject: Subject,
    function: Callable[..., Any],
    values: Mapping[str, object],
) -> str | None:
    """The polynomial in several numbers, of which no direction is given: it is put together
    from many; None where it is another case."""
    if request.verb != "taylor":
        return None
    wrt = subject.wish.wrt
    dots = [tangent_name(name) for name in wrt]
    numbers = [values.get(name) for name in wrt]
    at = [float(x) for x in numbers if isinstance(x, (int, float))]
    params = inspect.signature(function).parameters
    known = all(name in params for name in dots) and not any(name in values for name in dots)
    if len(at) < 2 or len(at) < len(wrt) or not known:
        return None
    from s2sad.expansion import assembled
    from s2sad.polynomial import TaylorPolynomial

    def along(direction: Sequence[float]) -> Sequence[float]:
        given = {**values, **dict(zip(dots, map(float, direction), strict=True))}
        return list(_called(function, _arguments(function, given)))

    order = ORDER if request.order is None else request.order
    terms = assembled(len(at), order, along)
    return str(TaylorPolynomial(function.__name__, wrt, at, at, terms, order, list))


# What stands for `*rest` and `**named` that are not given.
_NONE: dict[object, object] = {
    inspect.Parameter.VAR_POSITIONAL: (),
    inspect.Parameter.VAR_KEYWORD: {},
}


def _called(function: Callable[..., Any], arguments: Sequence[object]) -> Any:
    """Called with the arguments in the order of the parameters, starred ones too."""
    names = inspect.signature(function).parameters
    args, kwargs = spread(function, dict(zip(names, arguments, strict=True)))
    return function(*args, **kwargs)


def _arguments(function: Callable[..., Any], values: Mapping[str, object]) -> list[object]:
    params = inspect.signature(function).parameters
    for name in values:
        if name not in params:
            raise Problem(f"--at {name}: it takes {', '.join(params)}")
    found = []
    for name, param in params.items():
        if name not in values and param.default is param.empty:
            if param.kind in _NONE:
                found.append(_NONE[param.kind])
                continue
            raise Problem(f"--at gives no {name} (it takes {', '.join(params)})")
        found.append(values.get(name, param.default))
    return found


def _as_arrays(func: Func, arguments: list[object]) -> list[object]:
    """Lists of numbers become arrays, where the function takes these."""

    def made(value: object, structure: Structure) -> object:
        match structure:
            case int() if isinstance(type_ := func.params[structure].type, Array):
                import numpy as np

                dtype = float if type_.dtype == FLOAT else None
                return np.array(value, dtype) if isinstance(value, list | tuple) else value
            case tuple() if isinstance(value, tuple) and len(value) == len(structure):
                return tuple(map(made, value, structure))
            case Shape("list", _, parts) if isinstance(value, list):
                return list(map(made, value, parts))
            case _:
                return value

    structures = [structure for _, structure in func.signature]
    return list(map(made, arguments, structures))


def _text(request: Request, subject: Subject, arguments: list[object], result: Any) -> str:
    """A polynomial as mathematics, anything else as Python writes it."""
    wrt = subject.wish.wrt
    at = [x for name, x in zip(subject.params, arguments, strict=False) if name in wrt]
    if not all(isinstance(x, (int, float)) for x in at) or len(at) != len(wrt):
        return repr(result)
    from s2sad.polynomial import TaylorPolynomial

    points = [float(x) for x in at if isinstance(x, (int, float))]
    size = len(points)
    if request.verb == "taylor" and size == 1:
        terms: dict[tuple[int, ...], float] = {(k,): c for k, c in enumerate(result)}
        order = len(result) - 1
    elif request.verb == "linearize" and isinstance(result[0], float):
        slopes = result[1] if size > 1 else (result[1],)
        terms = {(0,) * size: result[0]}
        for k, slope in enumerate(slopes):
            terms[tuple(int(j == k) for j in range(size))] = slope
        order = 1
    else:
        return repr(result)
    name = subject.lowered.module.entry
    polynomial = TaylorPolynomial(name, wrt, points, points, terms, order, list)
    return str(polynomial)
