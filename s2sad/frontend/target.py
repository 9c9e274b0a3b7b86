"""What is to be differentiated, down to a plain function and what is given to it.

problem.fun                      fun, given problem
functools.partial(f, 2.0, k=3)   f, given 2.0 and k=3
model                            type(model).__call__, given model
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from s2sad.errors import UnsupportedFunction
from s2sad.frontend.live import is_ours, transparent

_Function = Callable[..., Any]


class Target(NamedTuple):
    """`func` is called with what is given, and then with the arguments of a call."""

    func: _Function
    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = {}


def target_of(wanted: object) -> Target:
    """Raises `UnsupportedFunction` for what is called in no known way."""
    given: tuple[Any, ...] = ()
    named: dict[str, Any] = {}
    while True:
        if is_ours(wanted) or transparent(wanted):
            assert callable(wanted)
            return Target(wanted, given, named)
        match wanted:
            case types.MethodType():
                given = (wanted.__self__, *given)
                wanted = wanted.__func__
            case functools.partial():
                given = (*wanted.args, *given)
                named = {**wanted.keywords, **named}
                wanted = wanted.func
            case staticmethod():
                wanted = wanted.__func__
            case classmethod():
                raise UnsupportedFunction(
                    "a classmethod inside of its class",
                    None,
                    "put @grad under @classmethod",
                )
            case types.FunctionType() | types.BuiltinFunctionType() | type():
                return Target(wanted, given, named)
            case _:
                method = inspect.getattr_static(type(wanted), "__call__", None)
                plain = is_ours(method) or isinstance(method, types.FunctionType)
                if not plain or not callable(wanted):
                    # It is refused as what it is.
                    return Target(wanted, given, named)  # type: ignore[arg-type]
                given = (wanted, *given)
                wanted = method
