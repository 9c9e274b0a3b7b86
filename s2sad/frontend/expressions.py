"""Expressions: the user's operations, in the user's order."""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.errors import TypeRefused, UnsupportedFunction
from s2sad.frontend.branches import Branches
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
from s2sad.frontend.scope import names_stored
from s2sad.frontend.values import (
    FunctionValue,
    ListValue,
    NewList,
    TupleValue,
    Value,
    describe,
    leaves,
    map_leaves,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Let, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, NEVER, NONE, List, Named, Opaque, Type, is_number
from s2sad.ops.core import lookup_operator

_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)


class Expressions(Branches):
    def expression(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.read(node)
            case ast.BinOp():
                return self.binary(node)
            case ast.UnaryOp():
                return self.unary(node)
            case ast.BoolOp():
                return self.boolean(node)
            case ast.Compare():
                return self.comparison(node)
            case ast.IfExp(test, body, orelse):
                return self.branching(
                    self.condition(test),
                    lambda: self.expression(body),
                    lambda: self.expression(orelse),
                    node,
                )
            case ast.Call():
                return self.call(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                return self.subscript(node)
            case ast.Tuple(elts=items):
                return TupleValue(tuple(self.expression(item) for item in items))
            case ast.List(elts=[]):
                return NewList(self.loc(node))
            case ast.NamedExpr(target=target, value=value):
                result = self.expression(value)
                self.name(target.id, result, node)
                return self.env[target.id]
            case ast.ListComp():
                return self.comprehension(node)
            case ast.Lambda():
                return self.closure_value(node, "function")
            case ast.JoinedStr():
                return self.opaque(node)
            case _:
                raise self.refuse(
                    node,
                    f"{_KINDS.get(type(node).__name__, type(node).__name__)} is not supported here",
                    "use plain numbers and tuples",
                )

    # What the layers above define.

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def opaque(self, node: ast.expr) -> Var:
        raise NotImplementedError

    def zeros(self, arg: ast.expr, node: ast.expr) -> Value:
        raise NotImplementedError

    def comprehension(self, node: ast.ListComp) -> Value:
        raise NotImplementedError

    def closure_value(self, node: ast.FunctionDef | ast.Lambda, name: str) -> Value:
        raise NotImplementedError

    # Atoms.

    def atom(self, node: ast.expr) -> Atom:
        """An expression that must be one number (or an opaque value)."""
        return self.as_atom(self.expression(node), node)

    def as_atom(self, value: Value, node: ast.AST) -> Atom:
        match value:
            case Var() | Lit() | Undef() if not isinstance(value.type, List):
                return value
            case NewList() | ListValue() | Var() | Lit() | Undef():
                raise self.refuse(node, "arithmetic on a list", "write a loop over numbers")
            case TupleValue():
                raise self.refuse(node, "a tuple where a number is needed", "name its parts")
            case _:
                raise self.refuse(
                    node,
                    f"{describe(value)} where a number is needed",
                    "call it, or use a number",
                )

    def number(self, node: ast.expr) -> Atom:
        return self.as_number(self.atom(node), node)

    def as_number(self, atom: Atom, node: ast.AST) -> Atom:
        if is_number(atom.type) or atom.type == NEVER:
            return atom
        if atom.type == NONE:
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

    def constant(self, node: ast.Constant) -> Value:
        match node.value:
            case bool(value):
                return TRUE if value else FALSE
            case int(value):
                return Lit(value, INT)
            case float(value):
                return Lit(value, FLOAT)
            case None:
                return NOTHING
            case str(text):
                return self.python(repr(text), (), node, Opaque("str"))
            case _:
                raise self.refuse(node, "this literal is not supported", "use numbers")

    def python(self, text: str, args: tuple[Atom, ...], node: ast.AST, type_: Type) -> Var:
        """An opaque expression; `{0}`, `{1}`, … in its text are the atoms."""
        return self.let("python", (Lit(text, Opaque("text")), *args), node, type_)

    # Operators.

    def binary(self, node: ast.BinOp) -> Value:
        """A chain `a + b - c …` is followed down its left side without recursion."""
        match node:
            case ast.BinOp(
                left=ast.List(elts=[ast.Constant(value=float(zero))]),
                op=ast.Mult(),
                right=ast.Call(func=ast.Name(id="len"), args=[ast.expr() as arg], keywords=[]),
            ) if repr(zero) == "0.0":
                return self.zeros(arg, node)
            case _:
                pass
        chain: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            chain.append(left)
            left = left.left
        value = self.expression(left)
        for step in reversed(chain):
            value = self.operation(step, value)
        return value

    def operation(self, node: ast.BinOp, left: Value) -> Value:
        op = type(node.op).__name__
        right = self.expression(node.right)
        if isinstance(left, TupleValue) and isinstance(right, TupleValue) and op == "Add":
            return TupleValue(left.items + right.items)
        a = self.as_number(self.as_atom(left, node.left), node.left)
        b = self.as_number(self.as_atom(right, node.right), node.right)
        if isinstance(node.op, _BITS):
            self.as_int(a, node.left, "a bit operation")
            self.as_int(b, node.right, "a bit operation")
        name = lookup_operator(op)
        if name is None:
            raise self.refuse(node, f"the operator {op} is not supported", "use arithmetic")
        return self.let(name, (a, b), node)

    def unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            atom = self.condition(node.operand)
            if isinstance(atom, Lit):
                return FALSE if atom.value else TRUE
            return self.let("not_", (atom,), node, BOOL)
        atom = self.number(node.operand)
        negative = self.negative(node, atom)
        if negative is not None:
            return negative
        if isinstance(node.op, ast.Invert):
            self.as_int(atom, node.operand, "a bit operation")
        name = lookup_operator(type(node.op).__name__)
        if name is None:
            raise self.refuse(node, "this operator is not supported", "use arithmetic")
        return self.let(name, (atom,), node)

    def negative(self, node: ast.UnaryOp, atom: Atom) -> Lit | None:
        """A negative literal, which Python's grammar writes as an operation."""
        if not isinstance(node.op, ast.USub) or not isinstance(node.operand, ast.Constant):
            return None
        match atom:
            case Lit(value) if isinstance(value, int | float) and not isinstance(value, bool):
                return Lit(-value, atom.type)
            case _:
                return None

    def branching(
        self,
        cond: Atom,
        then: Callable[[], Value],
        orelse: Callable[[], Value],
        node: ast.expr,
    ) -> Value:
        names = tuple(names_stored(node))
        return self.choose(cond, then, orelse, names, names, node)

    def boolean(self, node: ast.BoolOp) -> Value:
        return self.boolean_tail(node, 0)

    def boolean_tail(self, node: ast.BoolOp, position: int) -> Value:
        """`a and b` is `b if a else a`, `a or b` is `a if a else b`."""
        value = self.expression(node.values[position])
        if position == len(node.values) - 1:
            return value
        cond = self.as_atom(value, node.values[position])
        if isinstance(node.op, ast.And):
            return self.branching(
                cond, lambda: self.boolean_tail(node, position + 1), lambda: value, node
            )
        return self.branching(
            cond, lambda: value, lambda: self.boolean_tail(node, position + 1), node
        )

    def comparison(self, node: ast.Compare) -> Value:
        return self.comparison_tail(node, self.operand(node.left), 0)

    def operand(self, node: ast.expr) -> Value:
        match node:
            case ast.List(elts=[_, *_] as items):
                return TupleValue(tuple(self.expression(item) for item in items))
            case ast.Attribute(value=inner, attr="__class__"):
                return self.class_of(self.atom(inner), node)
            case _:
                return self.expression(node)

    def class_of(self, atom: Atom, node: ast.AST) -> Value:
        """`x.__class__`, as emitted code tests it: settled by the type."""
        names = {FLOAT: "float", INT: "int", BOOL: "bool"}
        if atom.type not in names:
            raise self.refuse(node, "an attribute of a value", "use numbers")
        return PrimitiveMeaning(names[atom.type])

    def comparison_tail(self, node: ast.Compare, left: Value, position: int) -> Value:
        """`a < b < c` is `a < b and b < c`, each operand evaluated once."""
        right = self.operand(node.comparators[position])
        before = node.comparators[position - 1] if position else node.left
        value = self.compare(node, position, left, right, before)
        if position == len(node.ops) - 1:
            return value
        return self.branching(
            value,
            lambda: self.comparison_tail(node, right, position + 1),
            lambda: value,
            node,
        )

    def compare(
        self,
        node: ast.Compare,
        position: int,
        left: Value,
        right: Value,
        before: ast.expr,
    ) -> Atom:
        op, after = node.ops[position], node.comparators[position]
        if isinstance(op, ast.Is | ast.IsNot):
            return self.identity(left, right, isinstance(op, ast.Is), node)
        if isinstance(op, ast.In | ast.NotIn):
            return self.membership(left, right, node, position)
        a, b = self.as_atom(left, before), self.as_atom(right, after)
        name = lookup_operator(type(op).__name__)
        if name is None:
            raise self.refuse(node, "this comparison is not supported", "compare numbers")
        if isinstance(a.type, Opaque) or isinstance(b.type, Opaque):
            return self.python(f"{{0}} {_SIGNS[name]} {{1}}", (a, b), node, BOOL)
        if NONE in (a.type, b.type) and name in ("eq", "ne"):
            return TRUE if (a.type == b.type) == (name == "eq") else FALSE
        return self.let(name, (self.as_number(a, before), self.as_number(b, after)), node)

    def membership(self, left: Value, right: Value, node: ast.Compare, position: int) -> Atom:
        """`x in (a, b)`: also true where x is a, so that it stays as it is written."""
        if not isinstance(right, TupleValue):
            raise self.refuse(
                node,
                "`in` something that is no tuple",
                "write the elements out in a tuple",
            )
        parts = [self.as_atom(value, node) for value in (left, *right.items)]
        sign = "in" if isinstance(node.ops[position], ast.In) else "not in"
        holes = "".join(f"{{{k + 1}}}, " for k in range(len(right.items)))
        return self.python(f"{{0}} {sign} ({holes})", tuple(parts), node, BOOL)

    def identity(self, left: Value, right: Value, positive: bool, node: ast.expr) -> Atom:
        """`is` is settled by the types: None and classes only."""
        match left, right:
            case PrimitiveMeaning(), PrimitiveMeaning():
                same = left == right
            case ((Var() | Lit()), (Var() | Lit())) if NONE in (left.type, right.type):
                same = left.type == right.type
                if any(isinstance(side.type, Opaque | Named) for side in (left, right)):
                    args: tuple[Atom, ...] = (left, right)
                    text = "{0} is {1}" if positive else "{0} is not {1}"
                    return self.python(text, args, node, BOOL)
            case _:
                raise self.refuse(node, "`is` between values", "compare numbers with ==")
        return TRUE if same == positive else FALSE

    # Parts and meanings.

    def attribute(self, node: ast.Attribute) -> Value:
        owner = self.owner(node.value)
        match owner:
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

    def module_expression(self, meaning: ExpressionMeaning, node: ast.AST) -> Value:
        raise NotImplementedError

    def subscript(self, node: ast.Subscript) -> Value:
        container = self.expression(node.value)
        index = self.expression(node.slice) if not isinstance(node.slice, ast.Slice) else None
        if isinstance(container, Var) and isinstance(container.type, Named):
            container = self.unpacked(container, container.type.name, node)
        match container, index:
            case TupleValue(items), Lit(value=int(position)) if (
                -len(items) <= position < len(items)
            ):
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

    def materialised(self, value: Value, node: ast.AST) -> Value:
        """An empty list that is handed on as it is: nothing may be appended any more."""
        match value:
            case NewList():
                out = Var(List(NEVER))
                self.add(Let(out, "list", (), self.loc(node)))
                return ListValue(out)
            case TupleValue(items):
                return TupleValue(tuple(self.materialised(item, node) for item in items))
            case _:
                return value

    def plain(self, value: Value) -> Value:
        """A value with the names of its literals taken off."""
        return (
            map_leaves(value, self.emitter.raw) if any(True for _ in leaves(value)) else value
        )


ADVICE = "register its derivative with @s2sad.rule, or cut it out with s2sad.stop_gradient"
_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_KINDS = {"List": "a list display", "Slice": "a slice", "FormattedValue": "a format"}
