"""What `argnums` names: parameters by position, or by name, and parts of them."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, TypeAlias

from s2sad.frontend.target import Target
from s2sad.ir.paths import path_of

Argnums: TypeAlias = "int | str | Sequence[int | str]"


def named_by(
    params: Sequence[str], argnums: Argnums, target: Target, gathering: tuple[str, str]
) -> tuple[str, ...]:
    """The parameters, or parts of them, that argnums name; positions count those that
    are not given, and then what `*rest` gathers.

    Raises ValueError where there is no such one.
    """
    wanted = [argnums] if isinstance(argnums, (int, str)) else list(argnums)
    names = [
        _named(params, which, gathering[1])
        if isinstance(which, str)
        else _at_position(params, which, target, gathering[0])
        for which in wanted
    ]
    if len(set(names)) < len(names) or not names:
        raise ValueError(f"argnums must name each parameter once: {argnums!r}")
    return tuple(names)


def gathering(function: FunctionType) -> tuple[str, str]:
    """The names of `*rest` and `**named`, "" where there is none."""
    code = function.__code__
    names = iter(code.co_varnames[code.co_argcount + code.co_kwonlyargcount :])
    rest = next(names) if code.co_flags & inspect.CO_VARARGS else ""
    return rest, next(names) if code.co_flags & inspect.CO_VARKEYWORDS else ""


def _named(params: Sequence[str], which: str, named: str) -> str:
    path = path_of(which)
    if path is not None and path.name in params:
        return which.strip()
    if path is not None and named:
        # One of those that `**named` gathers.
        return f"{named}[{path.name!r}]{which.strip()[len(path.name) :]}"
    raise _no_such(params, which)


def _at_position(params: Sequence[str], which: int, target: Target, rest: str) -> str:
    position, given = operator.index(which), len(target.given)
    before = params.index(rest) if rest else 0
    if rest and position >= max(0, before - given):
        return f"{rest}[{position - before + given}]"
    free = [name for name in params[given:] if name not in target.named]
    if -len(free) <= position < len(free) and not (rest and position < 0):
        return free[position]
    raise _no_such(free, which)


def _no_such(params: Sequence[str], which: int | str) -> ValueError:
    known = ", ".join(params) or "no parameters"
    return ValueError(f"argnums={which!r}: the function has {known}")


def spread(
    emitted: Callable[..., Any], bound: Mapping[str, Any], more: Sequence[Any] = ()
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments by name, and some more, as an emitted function takes them: if it has
    `*rest` and `**named`, as the function itself."""
    rest, named = gathering(emitted) if isinstance(emitted, FunctionType) else ("", "")
    if not rest and not named:
        return (*bound.values(), *more), {}
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for name, value in bound.items():
        if name == rest:
            args += value
        elif name == named:
            kwargs.update(value)
        elif name in emitted.__code__.co_varnames[: emitted.__code__.co_argcount]:
            args.append(value)
        else:
            kwargs[name] = value
    return (*args, *more), kwargs
