"""Which argument goes to which parameter, as Python binds a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from s2sad.frontend.source import UserFunction
from s2sad.frontend.values import Value


class Bound(NamedTuple):
    """Parameter → argument, in the order of the parameters; None stands for a default
    that s2sad cannot use. `rest` and `named` are what `*args` and `**kwargs` get."""

    arguments: dict[str, Value | None]
    rest: tuple[Value, ...]
    named: dict[str, Value]


def bind_arguments(
    function: UserFunction,
    given: Sequence[Value],
    named: Mapping[str, Value],
    defaults: Mapping[str, Value | None],
) -> Bound:
    """TypeError as Python's."""
    args = function.node.args
    positional = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    by_name = {arg.arg for arg in (*args.args, *args.kwonlyargs)}
    if len(given) > len(positional) and args.vararg is None:
        raise TypeError(
            f"{function.name}() takes {len(positional)} positional arguments,"
            f" {len(given)} given"
        )
    bound: dict[str, Value] = dict(zip(positional, given, strict=False))
    others: dict[str, Value] = {}
    for name, value in named.items():
        if name not in by_name:
            if args.kwarg is None:
                raise TypeError(f"{function.name}() has no parameter {name}")
            others[name] = value
            continue
        if name in bound:
            raise TypeError(f"{function.name}() got two values for {name}")
        bound[name] = value
    result: dict[str, Value | None] = {}
    for param in function.params:
        if param.arg in bound:
            result[param.arg] = bound[param.arg]
        elif param.arg in defaults:
            result[param.arg] = defaults[param.arg]
        else:
            raise TypeError(f"{function.name}() misses the argument {param.arg}")
    return Bound(result, tuple(given[len(positional) :]), others)
