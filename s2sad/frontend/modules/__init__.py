"""What calls of Python's own functions mean: a file for each of its modules.

CALLS = {"reversed": reversed_, "getattr": getattr_, …}

A row is called with the frame, the place and the arguments of the call; its signature is
that of Python's function, as far as it is followed. What does not fit it, and where a row
gives None, the call is one of a primitive of numbers, or refused. A file is imported when a
function of its module is called.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from s2sad.frontend.values import Value

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives

Row = Callable[..., "Value | None"]
FILES = frozenset({"builtins", "copy", "dataclasses", "functools", "itertools", "operator"})


def followed(
    frame: Primitives,
    module: str,
    name: str,
    args: Sequence[Value],
    named: Mapping[str, Value],
    node: ast.AST,
) -> Value | None:
    row = _calls(module).get(name)
    if row is None:
        return None
    try:
        bound = _signature(row).bind(frame, node, *args, **named)
    except TypeError:
        return None
    return row(*bound.args, **bound.kwargs)


@cache
def _calls(module: str) -> Mapping[str, Row]:
    found: Mapping[str, Row] = import_module(f"{__name__}.{module}").CALLS
    return found


@cache
def _signature(row: Row) -> inspect.Signature:
    return inspect.signature(row)


def by_count(*functions: Callable[..., object]) -> Row:
    """A row for functions of library.py: the one that takes as many arguments."""
    choices = {function.__code__.co_argcount: function for function in functions}

    def row(frame: Primitives, node: ast.AST, /, *args: Value) -> Value | None:
        function = choices.get(len(args))
        return None if function is None else frame.library_call(function, [*args], node)

    return row
