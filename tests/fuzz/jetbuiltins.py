"""The builtins as jets see them.

The replaced ``__import__`` lets a program find the stand-in for ``math`` in whatever
way it imports it.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from .jetmath import sum_of
from .jets import Jet, combine, plain, unary


def _extreme(original: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    """min or max: the winners share the derivative, equal parts to each."""

    def function(*args: Any) -> Any:
        terms = list(args[0]) if len(args) == 1 else list(args)
        active = [x for x in terms if isinstance(x, Jet)]
        numbers = [plain(x) for x in terms]
        if not active:
            return original(numbers)
        value = original(numbers)
        first, winners = active[0].run.decide(
            (numbers.index(value), [i for i, x in enumerate(numbers) if x == value])
        )
        parts = [(1.0 / len(winners), terms[i]) for i in winners if isinstance(terms[i], Jet)]
        return combine(parts, numbers[first]) if parts else numbers[first]

    return function


def _sum(terms: Iterable[Any], /, start: Any = 0) -> Any:
    """sum, by the interpreter's own: from 3.12 on it compensates."""
    listed = [start, *terms]
    return sum_of(listed, lambda numbers: sum(numbers[1:], numbers[0]))


def _pow(base: Any, exp: Any, mod: Any = None) -> Any:
    return pow(base, exp) if mod is None else pow(base, exp, mod)


class _FloatMeta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, (builtins.float, Jet))

    def __call__(cls, x: Any = 0.0) -> Any:
        return (
            unary(x, builtins.float(x.value), 1.0, 0.0)
            if isinstance(x, Jet)
            else (builtins.float(x))
        )


class Float(metaclass=_FloatMeta):
    """``float`` as the program sees it: a jet stays a jet."""


def builtins_for(math_module: ModuleType) -> dict[str, Any]:
    """The builtins of a program under the oracle."""

    def importer(name: str, *args: Any, **keywords: Any) -> Any:
        return math_module if name == "math" else builtins.__import__(name, *args, **keywords)

    return {
        **vars(builtins),
        "__import__": importer,
        "float": Float,
        "min": _extreme(min),
        "max": _extreme(max),
        "sum": _sum,
        "pow": _pow,
    }
