"""`match` on values and tuples becomes tests and assignments.

    match kind, n:                     subject = (kind, n)
        case "sin", 1: a         →     if subject[0] == "sin" and subject[1] == 1: a
        case (_, k) if k > 1: b        else:
        case _: c                          matched = False
                                           if True:
                                               k = subject[1]
                                               if k > 1: matched = True; b
                                           if not matched: c

Whether the subject is a tuple of that length is known when it is lowered (`SEQUENCE`).
Patterns of classes and of mappings are refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.normalize.hidden import MATCHED, SEQUENCE, SUBJECT, assign, at, flag, read

Refuse = Callable[[ast.AST, str, str], UnsupportedSyntax]


class Matched(NamedTuple):
    """What a pattern tests (all of it), and the names that it binds."""

    tests: list[ast.expr]
    bound: list[tuple[str, ast.expr]]


def rewrite_match(stmt: ast.Match, number: int, refuse: Refuse) -> list[ast.stmt]:
    name = f"{SUBJECT}{number}"
    made: list[ast.stmt] = []
    for position, case in reversed(list(enumerate(stmt.cases))):
        place = case.body[0]
        found = pattern(case.pattern, read(case.pattern, name), refuse)
        test = _all(case.pattern, found.tests)
        bind = [assign(case.pattern, target, value) for target, value in found.bound]
        if case.guard is None and not found.tests:
            made = [*bind, *case.body]
        elif case.guard is None:
            made = [at(place, ast.If(test, [*bind, *case.body], made))]
        elif not bind:
            both = _all(case.pattern, [*found.tests, case.guard])
            made = [at(place, ast.If(both, case.body, made))]
        else:
            matched = f"{MATCHED}{number}.{position}"
            guarded = at(
                place, ast.If(case.guard, [flag(place, matched, True), *case.body], [])
            )
            inner = [*bind, guarded]
            made = [
                flag(place, matched, False),
                *([at(place, ast.If(test, inner, []))] if found.tests else inner),
                at(place, ast.If(read(place, matched), [], made)),
            ]
    return [assign(stmt.subject, name, stmt.subject), *made]


def _all(place: ast.AST, tests: list[ast.expr]) -> ast.expr:
    match tests:
        case []:
            return at(place, ast.Constant(True))
        case [test]:
            return test
        case _:
            return at(place, ast.BoolOp(ast.And(), tests))


def pattern(node: ast.pattern, subject: ast.expr, refuse: Refuse) -> Matched:
    """`subject` is an expression without effects: it may stand more than once."""
    match node:
        case ast.MatchValue(value=value):
            return Matched([at(node, ast.Compare(subject, [ast.Eq()], [value]))], [])
        case ast.MatchSingleton(value=value):
            constant = at(node, ast.Constant(value))
            return Matched([at(node, ast.Compare(subject, [ast.Is()], [constant]))], [])
        case ast.MatchSequence(patterns=parts):
            return _sequence(node, parts, subject, refuse)
        case ast.MatchAs(pattern=None, name=None):
            return Matched([], [])
        case ast.MatchAs(pattern=None, name=str(name)):
            return Matched([], [(name, subject)])
        case ast.MatchAs(pattern=ast.pattern() as inner, name=str(name)):
            found = pattern(inner, subject, refuse)
            return Matched(found.tests, [*found.bound, (name, subject)])
        case ast.MatchOr(patterns=parts):
            ways = [pattern(part, subject, refuse) for part in parts]
            if any(way.bound for way in ways):
                raise refuse(node, "names in the alternatives of a pattern", "write two cases")
            tests = [_all(part, way.tests) for part, way in zip(parts, ways, strict=True)]
            return Matched([at(node, ast.BoolOp(ast.Or(), tests))], [])
        case ast.MatchClass():
            raise refuse(node, "a class in a pattern", "test with if")
        case ast.MatchMapping():
            raise refuse(node, "a mapping in a pattern", "test its entries with if")
        case _:
            raise refuse(node, "this pattern", "test with if")


def _sequence(
    node: ast.pattern, parts: Sequence[ast.pattern], subject: ast.expr, refuse: Refuse
) -> Matched:
    stars = [k for k, part in enumerate(parts) if isinstance(part, ast.MatchStar)]
    size = -len(parts) if stars else len(parts)  # at least len(parts) - 1: see SEQUENCE
    count = at(node, ast.Constant(size))
    tests: list[ast.expr] = [at(node, ast.Call(read(node, SEQUENCE), [subject, count], []))]
    bound: list[tuple[str, ast.expr]] = []
    for k, part in enumerate(parts):
        if isinstance(part, ast.MatchStar):
            if part.name is not None:
                bound.append((part.name, _rest(part, subject, k, len(parts) - k - 1)))
            continue
        index = at(part, ast.Constant(k - len(parts) if stars and k > stars[0] else k))
        found = pattern(part, at(part, ast.Subscript(subject, index, ast.Load())), refuse)
        tests += found.tests
        bound += found.bound
    return Matched(tests, bound)


def _rest(place: ast.AST, subject: ast.expr, before: int, after: int) -> ast.expr:
    """`[*subject[before:-after]]`: a list of its own, of whatever sequence it is."""
    start = at(place, ast.Constant(before))
    stop = at(place, ast.Constant(-after)) if after else None
    part = at(place, ast.Subscript(subject, at(place, ast.Slice(start, stop)), ast.Load()))
    return at(place, ast.List([at(place, ast.Starred(part, ast.Load()))], ast.Load()))
