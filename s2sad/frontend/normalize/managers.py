"""`with` of several managers, of one that suppresses exceptions, of one that does nothing.

with a, b: work                 ->    with a:
                                          with b: work

with suppress(E): work          ->    try: work
                                      except E: pass

with nullcontext(v) as x: work  ->    x = v; work

with Timer() as t: work         ->    manager = Timer(); t = manager.__enter__()
                                      try: work
                                      finally: manager.__exit__(None, None, None)

with cotangent(y) as y_bar:     ->    with cotangent(y) as y_bar:
    work                                  work; y_bar
                                      y = y
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.frontend.normalize.hidden import LEAVING, MANAGER, assign, at, read
from s2sad.frontend.outside import COTANGENT, LIBRARY_MANAGERS, MANAGERS, NULL, SUPPRESS


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
    known = dotted(place.func) if isinstance(place, ast.Call) else None
    if known in MANAGERS or known == COTANGENT or known in LIBRARY_MANAGERS:
        return [at(place, ast.With([item], body))]
    return _entered(item, body)


def _entered(item: ast.withitem, body: list[ast.stmt]) -> list[ast.stmt]:
    """Of a class of the user's: its methods are called. They swallow nothing: lowering
    sees to it."""
    place = item.context_expr
    name = f"{MANAGER}{place.lineno}.{place.col_offset}"
    entering = at(place, ast.Attribute(read(place, name), "__enter__", ast.Load()))
    entered: ast.expr = at(place, ast.Call(entering, [], []))
    target = item.optional_vars
    first: ast.stmt = at(
        place, ast.Assign([target], entered) if target is not None else ast.Expr(entered)
    )
    leaving = at(place, ast.Call(read(place, LEAVING), [read(place, name)], []))
    end = assign(place, f"{name}.end", leaving)
    return [assign(place, name, place), first, at(place, ast.Try(body, [], [], [end]))]


def read_and_written(
    item: ast.withitem, dotted: Callable[[ast.expr], str | None]
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What `with cotangent(y) as y_bar` reads when its block ends, and has written then."""
    match item:
        case ast.withitem(
            ast.Call(func=func, args=[ast.Name(name) as place]), ast.Name(bar) as target
        ) if dotted(func) == COTANGENT:
            read = at(target, ast.Expr(at(target, ast.Name(bar, ast.Load()))))
            again = at(place, ast.Assign([ast.Name(name, ast.Store())], place))
            return [read], [again]
        case _:
            return [], []


def leaving(stmts: list[ast.stmt], inside: bool = False) -> ast.stmt | None:
    """The first statement that leaves a block; `inside` of a loop in it two kinds do not."""
    for stmt in stmts:
        if isinstance(stmt, ast.Return):
            return stmt
        if isinstance(stmt, ast.Break | ast.Continue) and not inside:
            return stmt
        if isinstance(stmt, ast.FunctionDef | ast.ClassDef):
            continue
        loop = inside or isinstance(stmt, ast.For | ast.While)
        for field in ("body", "orelse", "finalbody"):
            found = leaving(getattr(stmt, field, []), loop)
            if found is not None:
                return found
        for handler in getattr(stmt, "handlers", []):
            found = leaving(handler.body, loop)
            if found is not None:
                return found
    return None
