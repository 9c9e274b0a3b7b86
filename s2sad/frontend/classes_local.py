"""Classes inside functions: their methods read the variables of the function around."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.frontend.classes import ClassInfo, Member
from s2sad.frontend.classes_static import StaticClass
from s2sad.frontend.resolve import (
    ClassMeaning,
    FunctionMeaning,
    LiteralMeaning,
    Meaning,
    ModuleMeaning,
    ObjectMeaning,
    PrimitiveMeaning,
    UnknownMeaning,
)
from s2sad.frontend.values import FunctionValue, leaves
from s2sad.ir.nodes import Lit, Var

if TYPE_CHECKING:
    from s2sad.frontend.statements import Statements


class LocalNames:
    """What a class sees in the function that it stands in, when it is made."""

    def __init__(self, frame: Statements) -> None:
        self.frame = frame
        self.methods: dict[ast.AST, FunctionValue] = {}
        self.info: StaticClass | None = None
        self.written: set[str] = set()

    def made(self, node: ast.ClassDef) -> ClassMeaning:
        frame = self.frame
        meaning = ClassMeaning(node.name, False, None, node, self, frame.function.file)
        self.written = {
            inner.attr
            for inner in ast.walk(frame.function.node)
            if isinstance(inner, ast.Attribute)
            and not isinstance(inner.ctx, ast.Load)
            and not (isinstance(inner.value, ast.Name) and inner.value.id == "self")
        }
        for stmt in node.body:
            if isinstance(stmt, ast.FunctionDef):
                method = frame.closure_value(stmt, stmt.name)
                assert isinstance(method, FunctionValue)
                if any(isinstance(a, Var) for _, v in method.defaults for a in leaves(v)):
                    raise frame.refuse(
                        stmt, "a computed default in a class inside a function", "pass it"
                    )
                self.methods[stmt] = method
        self.info = StaticClass(meaning, self)
        if self.info.refusal:
            raise frame.refuse(
                node,
                f"{self.info.refusal}, which stands inside a function,",
                "move it out of the function",
            )
        for stmt in node.body:
            match stmt:
                case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                    self.check(value)
                case _:
                    pass
        return meaning

    def check(self, node: ast.expr) -> None:
        """What the body of the class binds is a constant, or a field."""
        assert self.info is not None
        held = self.info.value("", node)
        field = isinstance(node, ast.Call) and self.info.fields is not None
        if isinstance(held, UnknownMeaning) and not field:
            raise self.frame.refuse(
                node, f"{held.what} in a class inside a function", "set it in __init__"
            )

    # As a module is asked.

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        assert self.info is not None
        return self.info

    def lookup(self, name: str) -> Meaning | None:
        return self.frame.program.global_meaning(self.frame.function.namespace, name)

    def imported_module(self, dotted: str, level: int) -> Meaning:
        return self.frame.function.namespace.imported_module(dotted, level)

    def may_change_attribute(self, name: str, value: ast.expr) -> bool:
        return name in self.written

    def writes_attribute(self, owner: str, name: str) -> bool:
        return name in self.written

    def method(self, node: ast.FunctionDef, decorators: Sequence[ast.expr]) -> Meaning:
        if decorators:
            what = f"{node.name}, which is decorated with {ast.unparse(decorators[0])}"
            return UnknownMeaning(what, "take the decorator off")
        return FunctionMeaning(self.methods[node].function)

    def meaning_of_expression(self, node: ast.expr, name: str = "") -> Meaning:
        match node:
            case ast.Subscript(inner):
                return self.meaning_of_expression(inner, name)
            case ast.Name() | ast.Attribute():
                value = self.frame.expression(node)
                raw = self.frame.emitter.raw(value) if isinstance(value, Var) else value
                if isinstance(raw, Lit):
                    return LiteralMeaning(raw)
                if isinstance(
                    raw, ClassMeaning | PrimitiveMeaning | ModuleMeaning | ObjectMeaning
                ):
                    return raw
                if isinstance(raw, FunctionValue) and raw.frame is None:
                    return FunctionMeaning(raw.function)
            case _:
                pass
        return UnknownMeaning(f"`{ast.unparse(node)}`, which is computed,")


def local_class(frame: Statements, node: ast.ClassDef) -> ClassMeaning:
    """A class statement, each time that it is met."""
    names = frame.program.local_classes.setdefault((node, frame), LocalNames(frame))
    return names.made(node)


def with_variables(value: FunctionValue, member: Member) -> FunctionValue:
    """A method of a class inside a function, with what it captures."""
    names = member.owner.namespace
    if not isinstance(names, LocalNames):
        return value
    return names.methods.get(value.function.node, value)
