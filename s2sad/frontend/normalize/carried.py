"""What an exception carries, where its handler asks for it.

    try:                                   try:
        if c: raise Bad(x, n)                  if c: thrown = %payload(Bad(x, n)); raise thrown
        …                          →           …
    except Bad as e: y = e.best            except Bad as e: y = thrown.best

So what flows through an exception flows through a variable. Where Python, or a function
that is called, may raise what the handler catches, lowering refuses it.
"""

from __future__ import annotations

import ast
import copy
from itertools import count

from s2sad.frontend.normalize.hidden import PAYLOAD, THROWN, assign, at, read
from s2sad.frontend.scope import own_nodes


def rewrite_carried(body: list[ast.stmt]) -> list[ast.stmt]:
    """Works in place, on nodes that are the normal form's own."""
    numbers = count(1)
    for node in own_nodes(body):
        if isinstance(node, ast.Try):
            _carry(node, next(numbers))
    return body


def _carry(stmt: ast.Try, number: int) -> None:
    carried: dict[str, str] = {}
    for k, handler in enumerate(stmt.handlers):
        if handler.name is None or not isinstance(handler.type, ast.Name | ast.Attribute):
            continue
        if not any(_reads(node, handler.name) for node in own_nodes(handler.body)):
            continue
        if any(_binds(node, handler.name) for node in own_nodes(handler.body)):
            continue
        text = ast.unparse(handler.type)
        name = f"{THROWN}{number}.{k}"
        raised = _Raised(text, name)
        made = [raised.statements(inner) for inner in stmt.body]
        if not raised.found:
            continue
        stmt.body = [new for news in made for new in news]
        handler.body = [_renamed(inner, handler.name, name) for inner in handler.body]
        carried[text] = name
    if carried:
        stmt.carried = carried  # type: ignore[attr-defined]


def carried_by(stmt: ast.Try) -> dict[str, str]:
    """The classes of which the handlers read what is carried, and the names of that."""
    found: dict[str, str] = getattr(stmt, "carried", {})
    return found


def _reads(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and _is(node.value, name)


def _binds(node: ast.AST, name: str) -> bool:
    return _is(node, name) and isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


class _Raised:
    """`raise` of a class in a body: what it makes gets a name first."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.found = False

    def statements(self, stmt: ast.stmt) -> list[ast.stmt]:
        match stmt:
            case ast.Raise(exc=ast.Call(func=func) as made) if ast.unparse(func) == self.text:
                self.found = True
                payload = at(made, ast.Call(read(made, PAYLOAD), [made], []))
                return [
                    assign(stmt, self.name, payload),
                    at(stmt, ast.Raise(read(made, self.name), stmt.cause)),
                ]
            case ast.If() | ast.For() | ast.While():
                stmt.body = [new for inner in stmt.body for new in self.statements(inner)]
                if isinstance(stmt, ast.If):
                    stmt.orelse = [n for inner in stmt.orelse for n in self.statements(inner)]
            case ast.Try():
                stmt.body = [new for inner in stmt.body for new in self.statements(inner)]
                for handler in stmt.handlers:
                    handler.body = [n for s in handler.body for n in self.statements(s)]
            case _:
                pass
        return [stmt]


def _renamed(stmt: ast.stmt, error: str, name: str) -> ast.stmt:
    made = copy.deepcopy(stmt)
    for node in ast.walk(made):
        # What was noted of the nodes: they are others now.
        for noted in [noted for noted in vars(node) if noted.startswith("_s2sad")]:
            delattr(node, noted)
    changed: ast.stmt = _Read(error, name).visit(made)
    return changed


class _Read(ast.NodeTransformer):
    def __init__(self, error: str, name: str) -> None:
        self.error, self.name = error, name

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _reads(node, self.error) and not node.attr.startswith("__"):
            return at(node, ast.Attribute(read(node, self.name), node.attr, node.ctx))
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node
