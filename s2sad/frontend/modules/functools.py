"""`functools`: `partial` and `reduce`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend import library
from s2sad.frontend.modules import Row, by_count
from s2sad.frontend.values import PartialValue, Value

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives


def partial(
    frame: Primitives, node: ast.AST, func: Value, /, *args: Value, **keywords: Value
) -> Value:
    return PartialValue(func, args, tuple(keywords.items()))


CALLS: dict[str, Row] = {
    "partial": partial,
    "reduce": by_count(library.reduce_nonempty, library.reduce),
}
