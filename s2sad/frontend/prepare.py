"""What is known of a function before it is lowered: normal form, scope, liveness."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from s2sad.frontend.liveness import Liveness, find_liveness
from s2sad.frontend.normalize import normalize
from s2sad.frontend.normalize.hidden import RESULT
from s2sad.frontend.scope import bound_names, captured_names, nonlocal_names
from s2sad.frontend.source import UserFunction


class Prepared(NamedTuple):
    body: list[ast.stmt]
    locals: dict[str, None]
    cells: frozenset[str]
    nonlocals: frozenset[str]
    live: Liveness
    int_names: frozenset[str]


def prepare(
    function: UserFunction,
    needs_statements: Callable[[ast.AST], bool],
    ints: frozenset[str],
) -> Prepared:
    node = function.node
    body = normalize(node, needs_statements)
    live = find_liveness(body, {RESULT}, captured_names(node))
    inner, own = nonlocal_names(node)
    return Prepared(body, bound_names(node), inner, own, live, ints)
