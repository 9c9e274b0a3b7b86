"""Parts of values and members of modules."""

from __future__ import annotations

import ast

from s2sad.errors import UnsupportedFunction
from s2sad.frontend.comparisons import Comparisons
from s2sad.frontend.resolve import (
    ClassMeaning,
    ConstantMeaning,
    ExpressionMeaning,
    FunctionMeaning,
    Meaning,
    ModuleMeaning,
    NumberMeaning,
    PrimitiveMeaning,
    UnknownMeaning,
)
from s2sad.frontend.values import (
    FunctionValue,
    Layout,
    ListValue,
    NewList,
    Struct,
    TupleValue,
    Value,
)
from s2sad.ir.nodes import Lit, Undef, Var
from s2sad.ir.types import NEVER, Named, Opaque

ADVICE = "register its derivative with @s2sad.rule, or cut it out with s2sad.stop_gradient"


class Members(Comparisons):
    def attribute(self, node: ast.Attribute) -> Value:
        owner = self.owner(node.value)
        match owner:
            case Struct(Layout("object" | "named", keys), items) if node.attr in keys:
                return items[keys.index(node.attr)]
            case ModuleMeaning(name=module):
                meaning = self.program.member_meaning(owner, node.attr)
                if meaning is None:
                    raise self.refuse(
                        node,
                        f"the module {module} has no {node.attr}",
                        "check its spelling",
                    )
                return self.usable(meaning, node)
            case ClassMeaning(name=name) | PrimitiveMeaning(dotted=name):
                raise self.refuse(node, f"an attribute of {name}", "use a function or a number")
            case FunctionValue() | FunctionMeaning():
                raise self.refuse(node, "an attribute of a function", "pass it as an argument")
            case _:
                raise self.refuse(
                    node,
                    f"the attribute {node.attr} of a value is not supported",
                    "use plain numbers; methods and objects are not supported",
                )

    def owner(self, node: ast.expr) -> Value:
        return (
            self.attribute(node) if isinstance(node, ast.Attribute) else self.expression(node)
        )

    def usable(self, meaning: Meaning, node: ast.AST) -> Value:
        match meaning:
            case NumberMeaning(name, type_):
                return self.let("global", (Lit(name, Opaque("name")),), node, type_)
            case ConstantMeaning(name, type_, _):
                return self.let("constant", (Lit(name, Opaque("name")),), node, type_)
            case ExpressionMeaning(name):
                return self.module_expression(meaning, node)
            case FunctionMeaning():
                return FunctionValue(self.program.function_of(meaning, self.loc(node)), None)
            case UnknownMeaning(what, instead):
                raise UnsupportedFunction(
                    f"{what} is not supported", self.loc(node), instead or ADVICE
                )
            case _:
                return meaning

    def subscript(self, node: ast.Subscript) -> Value:
        container = self.expression(node.value)
        match container, node.slice:
            case Struct(Layout("dict", keys), items), ast.Constant(key) if key in keys:
                return items[keys.index(key)]
            case _:
                pass
        index = self.expression(node.slice) if not isinstance(node.slice, ast.Slice) else None
        if isinstance(container, Var) and isinstance(container.type, Named):
            container = self.unpacked(container, container.type.name, node)
        match container, index:
            case (
                TupleValue(items) | Struct(Layout("list" | "named"), items),
                Lit(value=int(position)),
            ) if -len(items) <= position < len(items):
                return items[position]
            case (Undef(type=type_), _) if type_ == NEVER:
                return container
            case TupleValue(), _:
                raise self.refuse(
                    node, "this index of a tuple", "use a literal index in its range"
                )
            case ((ListValue() | NewList()), _):
                raise self.refuse(node, "an element of a list", "write a loop over the list")
            case _:
                raise self.refuse(
                    node,
                    "an index of a number",
                    "arrays are not supported yet: use plain numbers",
                )

    def module_expression(self, meaning: ExpressionMeaning, node: ast.AST) -> Value:
        raise NotImplementedError
