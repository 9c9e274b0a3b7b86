"""Several emitted modules as one: equal functions once, clashing ones renamed."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from s2sad.errors import S2sadError
from s2sad.ir.node import replace
from s2sad.ir.nodes import Block, Call, Func, Module, Stmt
from s2sad.ir.rebuild import map_blocks


class Unit(NamedTuple):
    """A module, what it is called in messages, and how it is emitted."""

    label: str
    module: Module
    emit: Callable[[Module], str]


class Clash(S2sadError):
    """Two functions that do not go into one file."""

    code = "name-clash"


class _Piece(NamedTuple):
    """A statement at the top level of an emitted text, and the name that it binds."""

    name: str
    text: str
    kind: type[ast.stmt]


def merge(units: Iterable[Unit]) -> str:
    """The text of all units, in order; raises `Clash` where a name means two things."""
    units = tuple(units)
    if len(units) == 1:
        return units[0].emit(units[0].module)
    merged = _Merged()
    for unit in units:
        merged.add(unit)
    return merged.text()


class _Merged:
    def __init__(self) -> None:
        self.pieces: dict[str, _Piece] = {}
        self.owners: dict[str, str] = {}
        # Builtins that a text means as such.
        self.builtins: dict[str, str] = {}

    def add(self, unit: Unit) -> None:
        module = unit.module
        while True:
            text = unit.emit(module)
            pieces = list(_pieces(text))
            clashes = [piece.name for piece in pieces if self.clashes(piece)]
            clashes += [name for name in _builtins(text) if name in self.pieces]
            if not clashes:
                break
            fixed = [
                name for name in clashes if name not in module.funcs or name == module.entry
            ]
            if fixed:
                name, other = fixed[0], self.owner(fixed[0])
                raise Clash(
                    f"{name} is one thing for {other}, another for {unit.label}",
                    module.funcs[module.entry].loc,
                    "write them to two files",
                )
            taken = {*module.funcs, *(piece.name for piece in pieces)}
            names = {name: self.fresh(name, taken) for name in clashes}
            module = _renamed(module, names)
        for piece in pieces:
            self.pieces.setdefault(piece.name, piece)
            self.owners.setdefault(piece.name, unit.label)
        for name in _builtins(text):
            self.builtins.setdefault(name, unit.label)

    def owner(self, name: str) -> str:
        return self.owners.get(name) or self.builtins[name]

    def clashes(self, piece: _Piece) -> bool:
        known = self.pieces.get(piece.name)
        if known is not None:
            return known.text != piece.text
        return piece.name in self.builtins

    def fresh(self, name: str, taken: Iterable[str]) -> str:
        number = 2
        while (candidate := f"{name}_{number}") in {*self.pieces, *taken}:
            number += 1
        return candidate

    def text(self) -> str:
        def of(*kinds: type[ast.stmt]) -> list[str]:
            return [p.text for p in self.pieces.values() if issubclass(p.kind, kinds)]

        imports = "".join([*sorted(of(ast.Import)), *sorted(of(ast.ImportFrom))])
        constants = "".join(of(ast.Assign, ast.AnnAssign))
        head = "\n".join(block for block in (imports, constants) if block)
        functions = [*of(ast.ClassDef), *of(ast.FunctionDef)]
        return "\n\n".join([head, *functions] if head else functions)


def _pieces(text: str) -> Iterator[_Piece]:
    lines = text.split("\n")
    for stmt in ast.parse(text).body:
        decorators = getattr(stmt, "decorator_list", [])
        first = min((node.lineno for node in decorators), default=stmt.lineno)
        own = "\n".join([*lines[first - 1 : stmt.end_lineno], ""])
        match stmt:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield _Piece(name, own, type(stmt))
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield _Piece(name, own, type(stmt))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield _Piece(name, own, type(stmt))
            case ast.Import(names=aliases):
                for alias in aliases:
                    name = alias.asname or alias.name.split(".")[0]
                    line = ast.unparse(ast.Import([alias])) + "\n"
                    yield _Piece(name, line, type(stmt))
            case ast.ImportFrom(module=module, names=aliases, level=level):
                for alias in aliases:
                    line = ast.unparse(ast.ImportFrom(module, [alias], level)) + "\n"
                    yield _Piece(alias.asname or alias.name, line, type(stmt))
            case _:
                raise AssertionError(f"no place for {own!r}")


def _builtins(text: str) -> list[str]:
    """The builtins that a text reads, and does not bind at its top level."""
    tree = ast.parse(text)
    own = {piece.name for piece in _pieces(text)}
    read = {node.id: None for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return [name for name in read if hasattr(builtins, name) and name not in own]


def _renamed(module: Module, names: Mapping[str, str]) -> Module:
    """The module with functions renamed."""
    funcs: dict[str, Func] = {}
    for func in module.funcs.values():
        doc = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), func.doc)
        name = names.get(func.name, func.name)
        body = _block(func.body, names)
        funcs[name] = replace(func, name=name, body=body, doc=doc)
    return replace(module, funcs=funcs)


def _call_renamed(stmt: Stmt, names: Mapping[str, str]) -> Stmt:
    if isinstance(stmt, Call):
        return replace(stmt, func=names.get(stmt.func, stmt.func))
    return map_blocks(stmt, lambda block: _block(block, names))


def _block(block: Block, names: Mapping[str, str]) -> Block:
    return replace(block, stmts=tuple(_call_renamed(stmt, names) for stmt in block.stmts))
