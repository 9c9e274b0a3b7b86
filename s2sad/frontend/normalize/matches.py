"""`match` becomes tests and assignments.

    match kind, n:                     subject = (kind, n)
        case "sin", 1: a         →     if subject[0] == "sin" and subject[1] == 1: a
        case (0, k) if k > 1: b        else:
        case _: c                          matched = False
                                           if subject[0] == 0: k = subject[1]; matched = k > 1
                                           if matched: b
                                           else: c

Whether the subject is a tuple of that length, an object of a class, a dict, is asked by calls
of hidden names: `frontend/patterns.py` knows what they mean.

    case Point(x=0, y=v)    ->    %instance(subject, Point) and %has(subject, "x") and …
    case Circle(r)          ->    … r = %field(subject, Circle, 0)
    case {"kind": "a", **k} ->    %mapping(subject) and "kind" in subject and …
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.normalize.hidden import (
    FIELD,
    HAS,
    INSTANCE,
    MAPPING,
    MATCHED,
    REST,
    SEQUENCE,
    SUBJECT,
    assign,
    at,
    flag,
    read,
)

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
        elif not found.tests:
            made = [*bind, at(place, ast.If(case.guard, case.body, made))]
        else:
            matched = f"{MATCHED}{number}.{position}"
            yes, no = (at(place, ast.Constant(truth)) for truth in (True, False))
            whether = assign(place, matched, at(place, ast.IfExp(case.guard, yes, no)))
            if isinstance(case.guard, ast.Compare) and len(case.guard.ops) == 1:
                whether = assign(place, matched, case.guard)
            made = [
                flag(place, matched, False),
                at(place, ast.If(test, [*bind, whether], [])),
                at(place, ast.If(read(place, matched), case.body, made)),
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
            plain = [p for p in parts if isinstance(p, ast.MatchClass) and _bare(p)]
            if len(plain) == len(parts):
                classes = at(node, ast.Tuple([part.cls for part in plain], ast.Load()))
                return Matched([_asked(node, INSTANCE, subject, classes)], [])
            tests = [_all(part, way.tests) for part, way in zip(parts, ways, strict=True)]
            either: list[ast.expr] = [at(node, ast.BoolOp(ast.Or(), tests))]
            return Matched(either if all(way.tests for way in ways) else [], _each(ways, tests))
        case ast.MatchClass():
            return _class(node, subject, refuse)
        case ast.MatchMapping():
            return _mapping(node, subject, refuse)
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


def _each(ways: list[Matched], tests: list[ast.expr]) -> list[tuple[str, ast.expr]]:
    """The names of alternatives, which all bind the same ones, by the first that fits."""
    bound = list(ways[-1].bound)
    for way, test in reversed(list(zip(ways[:-1], tests[:-1], strict=True))):
        known = dict(way.bound)
        bound = [(name, at(test, ast.IfExp(test, known[name], value))) for name, value in bound]
    return bound


def _bare(node: ast.MatchClass) -> bool:
    return not node.patterns and not node.kwd_patterns


def _asked(node: ast.pattern, name: str, *args: ast.expr) -> ast.expr:
    return at(node, ast.Call(read(node, name), list(args), []))


def _class(node: ast.MatchClass, subject: ast.expr, refuse: Refuse) -> Matched:
    tests = [_asked(node, INSTANCE, subject, node.cls)]
    bound: list[tuple[str, ast.expr]] = []
    for k, part in enumerate(node.patterns):
        value = _asked(part, FIELD, subject, node.cls, at(part, ast.Constant(k)))
        found = pattern(part, value, refuse)
        tests += found.tests
        bound += found.bound
    for name, part in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
        tests.append(_asked(part, HAS, subject, at(part, ast.Constant(name))))
        value = at(part, ast.Attribute(subject, name, ast.Load()))
        found = pattern(part, value, refuse)
        tests += found.tests
        bound += found.bound
    return Matched(tests, bound)


def _mapping(node: ast.MatchMapping, subject: ast.expr, refuse: Refuse) -> Matched:
    tests = [_asked(node, MAPPING, subject)]
    bound: list[tuple[str, ast.expr]] = []
    for key, part in zip(node.keys, node.patterns, strict=True):
        tests.append(at(part, ast.Compare(key, [ast.In()], [subject])))
        found = pattern(part, at(part, ast.Subscript(subject, key, ast.Load())), refuse)
        tests += found.tests
        bound += found.bound
    if node.rest is not None:
        bound.append((node.rest, _asked(node, REST, subject, *node.keys)))
    return Matched(tests, bound)


def _rest(place: ast.AST, subject: ast.expr, before: int, after: int) -> ast.expr:
    """`[*subject[before:-after]]`: a list of its own, of whatever sequence it is."""
    start = at(place, ast.Constant(before))
    stop = at(place, ast.Constant(-after)) if after else None
    part = at(place, ast.Subscript(subject, at(place, ast.Slice(start, stop)), ast.Load()))
    return at(place, ast.List([at(place, ast.Starred(part, ast.Load()))], ast.Load()))
