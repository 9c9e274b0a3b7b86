"""Which argument goes to which parameter, as Python binds a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from s2sad.frontend.source import UserFunction

T = TypeVar("T")


def bind_arguments(
    function: UserFunction,
    given: Sequence[T],
    named: Mapping[str, T],
    defaults: Mapping[str, T | None],
) -> dict[str, T | None]:
    """Parameter → argument, in the order of the parameters; TypeError as Python's.

    None stands for a default that s2sad cannot use.
    """
    args = function.node.args
    positional = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    by_name = {arg.arg for arg in (*args.args, *args.kwonlyargs)}
    if len(given) > len(positional):
        raise TypeError(
            f"{function.name}() takes {len(positional)} positional arguments,"
            f" {len(given)} given"
        )
    bound: dict[str, T | None] = dict(zip(positional, given, strict=False))
    for name, value in named.items():
        if name not in by_name:
            raise TypeError(f"{function.name}() has no parameter {name}")
        if name in bound:
            raise TypeError(f"{function.name}() got two values for {name}")
        bound[name] = value
    result: dict[str, T | None] = {}
    for param in function.params:
        if param.arg in bound:
            result[param.arg] = bound[param.arg]
        elif param.arg in defaults:
            result[param.arg] = defaults[param.arg]
        else:
            raise TypeError(f"{function.name}() misses the argument {param.arg}")
    return result
