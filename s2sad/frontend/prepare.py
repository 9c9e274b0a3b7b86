"""What is known of a function before it is lowered: normal form, scope, liveness."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.liveness import Liveness, find_liveness
from s2sad.frontend.normalize import normalize
from s2sad.frontend.normalize.hidden import RESULT
from s2sad.frontend.scope import (
    all_params_of,
    bound_names,
    captured_names,
    nonlocal_names,
    rare_nodes,
)
from s2sad.frontend.source import UserFunction, locate

Place: TypeAlias = "tuple[int, int, str]"


class Found:
    """What is known of expressions in a `try` once they have been lowered.

    raising: they may raise, though they do not look it. guarded: calls that change an
    object and may then raise.
    """

    __slots__ = ("guarded", "raising")

    def __init__(self) -> None:
        self.raising: set[Place] = set()
        self.guarded: set[Place] = set()


class Prepared(NamedTuple):
    """`outer`: names of globals that context managers in the place of a `with` read."""

    body: list[ast.stmt]
    locals: dict[str, None]
    cells: frozenset[str]
    nonlocals: frozenset[str]
    live: Liveness
    int_names: frozenset[str]
    unsure: dict[ast.Try, ast.Name]
    tries: bool
    outer: frozenset[str] = frozenset()


def prepare(
    function: UserFunction,
    needs_statements: Callable[[ast.AST], bool],
    dotted: Callable[[ast.expr], str | None],
    ints: frozenset[str],
    objects: bool = False,
    found: Found | None = None,
) -> Prepared:
    node = function.node
    captured = captured_names(node)

    def refuse(place: ast.AST, what: str, instead: str) -> UnsupportedSyntax:
        return UnsupportedSyntax(what, locate(function.file, place), instead)

    body = normalize(node, needs_statements, dotted, refuse)
    unsure: dict[ast.Try, ast.Name] = {}
    results = {RESULT}
    tries = any(isinstance(inner, ast.Try | ast.With) for inner in rare_nodes(node))
    if tries:
        # Here, for few functions need them, and all wait for the import.
        from s2sad.frontend.normalize.carried import rewrite_carried
        from s2sad.frontend.normalize.effects import mark_found
        from s2sad.frontend.normalize.guards import ALL_CAUGHT, ALL_ERROR, is_guarded
        from s2sad.frontend.normalize.throws import rewrite_throws
        from s2sad.frontend.unsure import find_unsure

        mark_found(body, found or Found())
        if is_guarded(node):
            results |= {ALL_CAUGHT, ALL_ERROR}
        body = rewrite_carried(body)
        unsure = find_unsure(body, all_params_of(node))
        body = rewrite_throws(body, results, captured, unsure, refuse, objects)
    live = find_liveness(body, results, captured)
    inner, own = nonlocal_names(node)
    return Prepared(body, bound_names(node), inner, own, live, ints, unsure, tries)
