"""Values where a number, or an opaque value, is needed."""

from __future__ import annotations

import ast

from s2sad.errors import TypeRefused
from s2sad.frontend.objects import Objects
from s2sad.frontend.values import (
    ListValue,
    Nullable,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    leaves,
    map_leaves,
)
from s2sad.ir.nodes import Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, INT, NEVER, NONE, List, Opaque, Type, is_number


class Atoms(Objects):
    def atom(self, node: ast.expr) -> Atom:
        """An expression that must be one number (or an opaque value)."""
        return self.as_atom(self.expression(node), node)

    def number(self, node: ast.expr) -> Atom:
        return self.as_number(self.atom(node), node)

    def as_atom(self, value: Value, node: ast.AST) -> Atom:
        match value:
            case Nullable(item, present):
                # Where it is None there is no variable.
                self.demand(present, node)
                return self.as_atom(item, node)
            case Var() | Lit() | Undef() if not isinstance(value.type, List):
                return value
            case ListValue() | Var() | Lit() | Undef():
                raise self.refuse(node, "arithmetic on a list", "write a loop over numbers")
            case Ref() if self.is_array(value):
                found = self.content(value, node)
                assert isinstance(found, Var)
                return found
            case Ref():
                raise self.refuse(
                    node,
                    f"{describe(self.content(value, node))} where a number is needed",
                    "name its parts",
                )
            case TupleValue() | Struct():
                raise self.refuse(node, "a tuple where a number is needed", "name its parts")
            case _:
                raise self.refuse(
                    node,
                    f"{describe(value)} where a number is needed",
                    "call it, or use a number",
                )

    def as_number(self, atom: Atom, node: ast.AST) -> Atom:
        if is_number(atom.type) or atom.type == NEVER:
            return atom
        if atom.type == NONE:
            if self.emitter.builder.parent is not None:
                # On a path of its own it raises as Python does.
                text = "TypeError('None where a number is needed')"
                self.raise_value(self.python(text, (), node, Opaque("exception")), node)
                return Undef(NEVER)
            raise TypeRefused(
                "None where a number is needed", self.loc(node), "return a number"
            )
        raise TypeRefused(
            f"a value of type {atom.type} where a number is needed",
            self.loc(node),
            "only numbers are differentiated: do this outside of the function",
        )

    def as_int(self, atom: Atom, node: ast.AST, what: str) -> Atom:
        if atom.type in (INT, BOOL, NEVER):
            return atom
        raise TypeRefused(
            f"{what} needs an int, not a {atom.type}",
            self.loc(node),
            "annotate the parameter as int, or pass an int",
        )

    def python(self, text: str, args: tuple[Atom, ...], node: ast.AST, type_: Type) -> Var:
        """An opaque expression; `{0}`, `{1}`, … in its text are the atoms."""
        return self.let("python", (Lit(text, Opaque("text")), *args), node, type_)

    def plain(self, value: Value) -> Value:
        """A value with the names of its literals taken off."""
        return (
            map_leaves(value, self.emitter.raw) if any(True for _ in leaves(value)) else value
        )
