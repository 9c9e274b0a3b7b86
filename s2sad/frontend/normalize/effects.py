"""What a statement of the normal form may do before it ends: raise, and bind names.

A handler sees the names as they were before its `try`. That is right where nothing that
it may read has been bound in the body when the body is left: `keeps` asks for it.
"""

from __future__ import annotations

import ast
from collections.abc import Set
from typing import TYPE_CHECKING, TypeAlias

from s2sad.frontend.liveness import appended_name
from s2sad.frontend.normalize.guards import is_guard
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.scope import names_stored, own_nodes

if TYPE_CHECKING:
    from s2sad.frontend.prepare import Found, Place

Names: TypeAlias = "set[str]"

# Stands for what objects hold, among the names.
OBJECTS = "%objects"
_TOTAL = (ast.Add, ast.Sub, ast.Mult)
_RAISING = (
    ast.Call,
    ast.Subscript,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Starred,
)


def place_of(node: ast.AST) -> Place:
    """An expression, whatever copies are made of it."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0), ast.dump(node)


def mark_found(stmts: list[ast.stmt], found: Found) -> None:
    some = bool(found.raising or found.guarded)
    for node in own_nodes(stmts):
        if isinstance(node, ast.expr):
            place = place_of(node) if some else None
            node._s2sad_raises = place in found.raising  # type: ignore[attr-defined]
            node._s2sad_guarded = place in found.guarded  # type: ignore[attr-defined]


def may_raise(node: ast.AST) -> bool:
    """May the evaluation of an expression, or of a plain statement, raise?

    Sums and products of numbers do not: see `raises` in the table of primitives. Those of
    objects may, and so may properties: where lowering finds that, it is marked.
    """
    return not is_guard(node) and any(map(_raises, own_nodes([node])))


def _raises(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            return not isinstance(op, _TOTAL) or is_marked(node)
        case ast.FormattedValue(format_spec=spec):
            return spec is not None
        case ast.Raise() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Call() if appends(node):
            return is_marked(node)
        case _:
            return isinstance(node, _RAISING) or is_marked(node)


def appends(node: ast.AST, plain: bool = True) -> bool:
    """Is it `xs.append(x)`, of a name or a number? Of a list, that does not raise."""
    match node:
        case ast.Call(ast.Attribute(attr="append"), [arg], []):
            return isinstance(arg, ast.Name | ast.Constant) == plain
        case _:
            return False


def is_marked(node: ast.AST) -> bool:
    return bool(getattr(node, "_s2sad_raises", False))


def source_may_raise(node: ast.expr) -> bool:
    """May what a loop runs over raise?"""
    if is_marked(node):
        return True
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[_, _, step]):
            return not isinstance(step, ast.Constant) or any(map(may_raise, node.args))
        case ast.Call(func=ast.Name(id="range"), args=args):
            return any(map(may_raise, args))
        case ast.Call(func=ast.Name(id="reversed" | "zip" | "enumerate"), args=args):
            return any(map(source_may_raise, args))
        case _:
            return may_raise(node)


def some_raise(stmt: ast.stmt) -> bool:
    """May anything in a statement raise?"""
    match stmt:
        case ast.If(test, body, orelse):
            return may_raise(test) or any(map(some_raise, [*body, *orelse]))
        case ast.For(iter=source, body=body):
            return source_may_raise(source) or any(map(some_raise, body))
        case ast.While(test, body):
            return may_raise(test) or any(map(some_raise, [*head_of(stmt), *body]))
        case ast.Try() | ast.With():
            return True
        case _:
            return may_raise(stmt)


def first_raising(stmts: list[ast.stmt]) -> int:
    """How many statements go before the first that may raise."""
    return next((k for k, stmt in enumerate(stmts) if some_raise(stmt)), len(stmts))


def bound_by(stmt: ast.stmt) -> Names:
    """The names that a statement may bind, or whose value it may change."""
    found: Names = set(names_stored(stmt))
    for inner in own_nodes([stmt]):
        if isinstance(inner, ast.Call) or (
            isinstance(inner, ast.Attribute | ast.Subscript)
            and not isinstance(inner.ctx, ast.Load)
        ):
            found.add(OBJECTS)
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            found.add(inner.name)
        elif isinstance(inner, ast.While):
            for first in head_of(inner):
                found |= bound_by(first)
        elif isinstance(inner, ast.stmt) and (name := appended_name(inner)):
            found.add(name)
    return found


def walruses(node: ast.AST) -> Names:
    """The names that an expression binds before all of it is evaluated."""
    return {n.target.id for n in own_nodes([node]) if isinstance(n, ast.NamedExpr)}


class Keeps:
    """Is each of some names as before the statements, wherever these may raise?"""

    def __init__(self, live: Set[str]) -> None:
        self.live = live
        self.broken: ast.AST | None = None

    def __call__(self, stmts: list[ast.stmt]) -> bool:
        self.broken = None
        self.block(stmts, set())
        return self.broken is None

    def raises(self, node: ast.AST, bound: Names, found: bool | None = None) -> None:
        if self.broken is not None or bound.isdisjoint(self.live):
            return
        if may_raise(node) if found is None else found:
            self.broken = node

    def block(self, stmts: list[ast.stmt], bound: Names) -> None:
        for stmt in stmts:
            self.stmt(stmt, bound)
            bound |= bound_by(stmt)

    def stmt(self, stmt: ast.stmt, bound: Names) -> None:
        match stmt:
            case ast.If(test, body, orelse):
                bound = bound | names_stored(test).keys()
                self.raises(test, bound)
                self.block(body, set(bound))
                self.block(orelse, set(bound))
            case ast.For(iter=source, body=body):
                self.raises(source, bound, source_may_raise(source))
                self.block(body, bound | bound_by(stmt))
            case ast.While(test, body):
                bound = bound | bound_by(stmt)
                self.block(head_of(stmt), set(bound))
                self.raises(test, bound)
                self.block(body, set(bound))
            case ast.Try(body, handlers):
                self.block(body, set(bound))
                caught = bound.union(*map(bound_by, body))
                for handler in handlers:
                    self.block(handler.body, set(caught))
            case ast.With(items, body):
                for item in items:
                    self.raises(item, bound)
                self.block(body, bound.union(*(names_stored(item) for item in items)))
            case _:
                # A plain statement binds when all of it is evaluated; `:=` does before.
                self.raises(stmt, bound | walruses(stmt))
