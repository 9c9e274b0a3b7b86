"""What is known of a function before it is lowered: normal form, scope, liveness."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.liveness import Liveness, find_liveness
from s2sad.frontend.normalize import normalize
from s2sad.frontend.normalize.hidden import RESULT
from s2sad.frontend.scope import (
    bound_names,
    captured_names,
    nonlocal_names,
    params_of,
    rare_nodes,
)
from s2sad.frontend.source import UserFunction, locate


class Prepared(NamedTuple):
    body: list[ast.stmt]
    locals: dict[str, None]
    cells: frozenset[str]
    nonlocals: frozenset[str]
    live: Liveness
    int_names: frozenset[str]
    unsure: dict[ast.Try, ast.Name]


def prepare(
    function: UserFunction,
    needs_statements: Callable[[ast.AST], bool],
    dotted: Callable[[ast.expr], str | None],
    ints: frozenset[str],
    objects: bool = False,
) -> Prepared:
    node = function.node
    captured = captured_names(node)

    def refuse(place: ast.AST, what: str, instead: str) -> UnsupportedSyntax:
        return UnsupportedSyntax(what, locate(function.file, place), instead)

    body = normalize(node, needs_statements, dotted, refuse)
    unsure: dict[ast.Try, ast.Name] = {}
    if any(isinstance(inner, ast.Try | ast.With) for inner in rare_nodes(node)):
        # Here, for few functions need them, and all wait for the import.
        from s2sad.frontend.normalize.carried import rewrite_carried
        from s2sad.frontend.normalize.throws import rewrite_throws
        from s2sad.frontend.unsure import find_unsure

        body = rewrite_carried(body)
        unsure = find_unsure(body, params_of(node))
        body = rewrite_throws(body, {RESULT}, captured, unsure, refuse, objects)
    live = find_liveness(body, {RESULT}, captured)
    inner, own = nonlocal_names(node)
    return Prepared(body, bound_names(node), inner, own, live, ints, unsure)
