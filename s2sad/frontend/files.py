"""Source files: their text, their place on the path, the names that they bind."""

from __future__ import annotations

import ast
import builtins
import os
import tokenize
from collections.abc import Iterator
from keyword import iskeyword

from s2sad.errors import Loc, SourceNotFound, UnsupportedSyntax
from s2sad.frontend.live import literal
from s2sad.frontend.mangling import mangled
from s2sad.frontend.resolve import (
    ClassMeaning,
    Meaning,
    PrimitiveMeaning,
)
from s2sad.frontend.scope import own_nodes
from s2sad.ir.nodes import Lit


def read_source(path: str) -> str:
    """A file's text in the encoding that it declares."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise SourceNotFound(
            f"{path} is no text in the encoding that it declares: {error}",
            None,
            "save it as UTF-8",
        ) from error


def parse_source(path: str, text: str) -> ast.Module:
    try:
        return mangled(ast.parse(text, path), text)
    except SyntaxError as error:
        loc = Loc(path, error.lineno or 1, max(0, (error.offset or 1) - 1))
        raise UnsupportedSyntax(
            f"the file does not parse: {error.msg}", loc, "correct the syntax error"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UnsupportedSyntax(
            f"the file does not parse: {error}", Loc(path, 1, 0), "correct the file"
        ) from error


def find_module(dotted: str, roots: list[str]) -> str | None:
    """The file (or the folder) of a module, as the import system would find it."""
    parts = [part for part in dotted.split(".") if part]
    if not parts:
        return next(
            (p for p in (os.path.join(r, "__init__.py") for r in roots) if os.path.isfile(p)),
            roots[0],
        )
    for root in roots:
        base = os.path.join(root or ".", *parts)
        for path in (os.path.join(base, "__init__.py"), f"{base}.py"):
            if os.path.isfile(path):
                return path
    folders = (os.path.join(root or ".", *parts) for root in roots)
    return next((folder for folder in folders if os.path.isdir(folder)), None)


def import_path(path: str) -> str | None:
    """The dotted name that a file is imported by; None where it has none."""
    folder, name = os.path.split(os.path.abspath(path))
    parts = [name.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if parts[-1] == "__init__":
        parts.pop()
    fit = parts and all(part.isidentifier() and not iskeyword(part) for part in parts)
    return ".".join(parts) if fit else None


def builtin_meaning(name: str) -> Meaning | None:
    value = getattr(builtins, name, None)
    if isinstance(value, type) and issubclass(value, BaseException):
        return ClassMeaning(name, True, value)
    return PrimitiveMeaning(name) if callable(value) else None


def literal_of(node: ast.expr) -> Lit | None:
    """The value of a literal, with a sign or without; None if it is none."""
    match node:
        case ast.Constant(value=value):
            return literal(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return literal(-value)
        case ast.UnaryOp(op=ast.UAdd(), operand=ast.Constant(value=int() | float() as value)):
            return literal(+value)
        case _:
            return None


_PURE = (
    ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.IfExp,
    ast.Compare, ast.BoolOp, ast.Tuple, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop,
    ast.boolop, ast.List, ast.Dict, ast.Subscript,
)  # fmt: skip


def is_pure(node: ast.expr) -> bool:
    return all(isinstance(inner, _PURE) for inner in ast.walk(node))


def bindings(tree: ast.Module, text: str) -> Iterator[tuple[str, ast.stmt]]:
    """Every binding of a global name, wherever it stands."""
    for stmt in _module_statements(tree):
        match stmt:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name, stmt
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield alias.asname or alias.name.split(".")[0], stmt
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    yield alias.asname or alias.name, stmt
            case _:
                for node in _own_expressions(stmt):
                    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                        yield node.id, stmt
    for node in ast.walk(tree) if "global" in text else ():
        if isinstance(node, ast.Global):
            for name in node.names:
                yield name, node
                yield name, node


def _module_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements at the level of the module, those inside `if` and `try` too."""
    pending: list[ast.AST] = list(reversed(tree.body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt):
            yield node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
        if not isinstance(node, ast.expr):
            pending += reversed(list(ast.iter_child_nodes(node)))


def _own_expressions(stmt: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, without the statements inside it."""
    for child in ast.iter_child_nodes(stmt):
        if isinstance(child, ast.expr):
            yield from own_nodes([child])
        elif isinstance(child, ast.withitem) and child.optional_vars:
            yield from own_nodes([child.optional_vars])
