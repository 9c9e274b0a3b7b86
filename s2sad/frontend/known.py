"""Values that are known while compiling, as Python's own: numbers, texts, lists of them.

"pos-002".split("-")[1]    ->    "002"
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from s2sad.frontend.values import Layout, Struct, TupleValue, Value
from s2sad.ir.nodes import Lit
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, Opaque

_FUNCTIONS = {
    "str": str, "repr": repr, "format": format, "len": len, "int": int, "float": float,
    "ord": ord, "sorted": sorted, "range": range,
}  # fmt: skip
# The greatest number that text is repeated or filled up by, the longest text that is.
MOST = 10_000
_FIELD = re.compile(r"[{%].*\d{5}", re.DOTALL)


class Known(NamedTuple):
    found: object


def known(value: Value, look: Callable[[Value], Value]) -> Known | None:
    """What a value is, if that is known; `look` tells what is behind a name."""
    match look(value):
        case Lit(value=str(text), type=Opaque("str")):
            return Known(ast.literal_eval(text))
        case Lit(value=found, type=type_) if type_ in (BOOL, INT, FLOAT, NONE):
            return Known(found)
        case TupleValue(items):
            parts = all_known(items, look)
            return None if parts is None else Known(tuple(parts))
        case Struct(Layout("list"), items):
            parts = all_known(items, look)
            return None if parts is None else Known(parts)
        case _:
            return None


def all_known(values: tuple[Value, ...], look: Callable[[Value], Value]) -> list[object] | None:
    parts = [known(value, look) for value in values]
    found = [part.found for part in parts if part is not None]
    return found if len(found) == len(parts) else None


def too_large(text: str, names: Mapping[str, object]) -> bool:
    """May what is made be longer than a compiler should hold?"""
    nodes = list(ast.walk(ast.parse(text, mode="eval")))
    found: list[object] = [node.value for node in nodes if isinstance(node, ast.Constant)]
    found += names.values()
    large = any(isinstance(value, int) and abs(value) > MOST for value in found)
    large |= any(isinstance(value, str) and bool(_FIELD.search(value)) for value in found)
    large |= any(isinstance(v, str | list | tuple) and len(v) > MOST for v in found)
    products = sum(isinstance(node, ast.Mult) for node in nodes)
    powers = any(isinstance(node, ast.Pow | ast.LShift) for node in nodes)
    calls = any(isinstance(node, ast.Call | ast.JoinedStr | ast.Mod) for node in nodes)
    return powers or products > 2 or (large and (calls or products > 0))


def evaluated(text: str, names: Mapping[str, object]) -> Known | None:
    """An expression made of literals, methods of texts and a few builtins; None where it
    raises, which is left to the program."""
    if too_large(text, names):
        return None
    try:
        return Known(eval(text, {"__builtins__": {}, **_FUNCTIONS, **names}))
    except (
        ArithmeticError, AttributeError, LookupError, MemoryError, NameError, TypeError,
        ValueError,
    ):  # fmt: skip
        return None
