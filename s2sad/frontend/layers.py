"""What the upper layers of a frame define for the lower ones.

A frame is one object in layers, a file each: names at the bottom (base.py), then objects,
numbers, branches, comparisons, containers, members, expressions, calls, builtins,
comprehensions, exceptions, loops, statements. An expression holds others of any kind, so
that the lower ones call upward: through these.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.frontend.resolve import ClassMeaning, ExpressionMeaning, Meaning, PrimitiveMeaning
from s2sad.frontend.values import ListValue, Value
from s2sad.ir.nodes import Atom


class Layers:
    def apply(
        self, callee: Value, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def as_dynamic(self, items: tuple[Value, ...]) -> ListValue | None:
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        raise NotImplementedError

    def block(self, stmts: list[ast.stmt]) -> None:
        raise NotImplementedError

    def builtin_method(
        self,
        owner: Value,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        raise NotImplementedError

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def call_method(self, owner: Value, name: str, args: list[Value], node: ast.AST) -> Value:
        raise NotImplementedError

    def closure_value(self, node: ast.FunctionDef | ast.Lambda, name: str) -> Value:
        raise NotImplementedError

    def comprehension(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def concatenated(self, left: Value, right: Value, node: ast.AST) -> Value:
        raise NotImplementedError

    def construct(
        self, cls: ClassMeaning, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def consumes(self, callee: Value) -> bool:
        raise NotImplementedError

    def dict_comprehension(self, node: ast.DictComp) -> Value:
        raise NotImplementedError

    def drained(self, callee: PrimitiveMeaning, node: ast.Call) -> Value:
        raise NotImplementedError

    def elements(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        raise NotImplementedError

    def equal(self, a: Value, b: Value, node: ast.AST) -> Atom:
        raise NotImplementedError

    def expression(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def first_of(self, node: ast.GeneratorExp, default: Value | None, place: ast.AST) -> Value:
        raise NotImplementedError

    def give_away(self, value: Value) -> None:
        """What is put into a list of unknown length is not changed any more."""
        raise NotImplementedError

    def has_method(self, value: Value, name: str, node: ast.AST) -> bool:
        raise NotImplementedError

    def key(self, index: Value, node: ast.AST) -> tuple[object] | None:
        raise NotImplementedError

    def key_value(self, key: object) -> Value:
        raise NotImplementedError

    def lazy_call(self, dotted: str, node: ast.Call) -> Value | None:
        raise NotImplementedError

    def library_call(
        self, function: Callable[..., object], args: list[Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def makes_iterator(self, callee: Value) -> bool:
        raise NotImplementedError

    def module_expression(self, meaning: ExpressionMeaning, node: ast.AST) -> Value:
        raise NotImplementedError

    def opaque(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def positional(self, nodes: list[ast.expr], consumes: bool) -> list[Value]:
        raise NotImplementedError

    def primitive_call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def raise_value(self, exception: Atom, node: ast.AST) -> None:
        raise NotImplementedError

    def rule_call(
        self, primitive: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def sequence(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def set_comprehension(self, node: ast.SetComp) -> Value:
        raise NotImplementedError

    def set_of(self, kind: str, items: tuple[Value, ...], node: ast.AST) -> Value:
        raise NotImplementedError

    def shallow_copy(self, found: ListValue, node: ast.AST) -> Value:
        raise NotImplementedError

    def short_circuit(self, node: ast.GeneratorExp, any_: bool, place: ast.AST) -> Value:
        raise NotImplementedError

    def special_form(self, node: ast.Call) -> Value | None:
        raise NotImplementedError

    def static_items(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        raise NotImplementedError

    def usable(self, meaning: Meaning, node: ast.AST) -> Value:
        """A meaning as a value: numbers are read here."""
        raise NotImplementedError
