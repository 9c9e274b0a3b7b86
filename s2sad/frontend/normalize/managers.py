"""`with` of several managers, of one that suppresses exceptions, of one that does nothing.

with a, b: work                 ->    with a:
                                          with b: work

with suppress(E): work          ->    try: work
                                      except E: pass

with nullcontext(v) as x: work  ->    x = v; work
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.frontend.normalize.hidden import at
from s2sad.frontend.outside import NULL, SUPPRESS


def rewrite_with(stmt: ast.With, dotted: Callable[[ast.expr], str | None]) -> list[ast.stmt]:
    """The statement with one manager at a time, the innermost last."""
    body = stmt.body
    for item in reversed(stmt.items):
        body = _single(item, body, dotted)
    return body


def _single(
    item: ast.withitem, body: list[ast.stmt], dotted: Callable[[ast.expr], str | None]
) -> list[ast.stmt]:
    place, target = item.context_expr, item.optional_vars
    match place:
        case ast.Call(func=func, args=args, keywords=[]) if dotted(func) == SUPPRESS and (
            target is None
        ):
            if not args:
                return body
            type_ = args[0] if len(args) == 1 else at(place, ast.Tuple(args, ast.Load()))
            handler = at(place, ast.ExceptHandler(type_, None, [at(place, ast.Pass())]))
            return [at(place, ast.Try(body, [handler], [], []))]
        case ast.Call(func=func, args=args, keywords=[]) if dotted(func) == NULL:
            if target is None and not args:
                return body
            if target is not None and len(args) == 1:
                return [at(place, ast.Assign([target], args[0])), *body]
        case _:
            pass
    return [at(place, ast.With([item], body))]
