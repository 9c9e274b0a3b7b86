"""Expressions: the user's operations, in the user's order."""

from __future__ import annotations

import ast
from functools import partial

from s2sad.frontend.classes import info_of
from s2sad.frontend.members import Members
from s2sad.frontend.resolve import ClassMeaning
from s2sad.frontend.values import (
    SLICE,
    Layout,
    ListValue,
    MethodValue,
    Nullable,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    is_none,
    map_leaves,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, COMPLEX, FLOAT, INT, NEVER, List, Opaque
from s2sad.ops.core import lookup_operator

_OF_FLOATS = frozenset(("add", "sub", "mul", "div", "pow"))
_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
_DUNDERS = {
    "Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv", "FloorDiv": "floordiv",
    "Mod": "mod", "Pow": "pow", "MatMult": "matmul", "BitAnd": "and", "BitOr": "or",
    "BitXor": "xor", "LShift": "lshift", "RShift": "rshift",
    "USub": "neg", "UAdd": "pos", "Invert": "invert",
}  # fmt: skip
NOT_IMPLEMENTED = Lit("NotImplemented", Opaque("NotImplemented"))


def _is_atom(value: Value) -> bool:
    return isinstance(value, Var | Lit | Undef)


def _is_unknown(value: Value) -> bool:
    return isinstance(value, Var | Undef) and value.type == NEVER


class Expressions(Members):
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
            case ast.Slice(lower, upper, step):
                ends = (self.expression(e) if e else NOTHING for e in (lower, upper, step))
                return Struct(SLICE, tuple(ends))
            case ast.Tuple(elts=items):
                return TupleValue(self.display(items))
            case ast.List(elts=items):
                if any(isinstance(item, ast.Starred) for item in items):
                    return self.list_display(items, node)
                return self.allocate(Struct(Layout("list"), self.display(items)))
            case ast.Dict(keys=keys, values=values):
                return self.dict_display(keys, values, node)
            case ast.Set(elts=items):
                return self.set_of("set", self.display(items), node)
            case ast.SetComp():
                return self.set_comprehension(node)
            case ast.NamedExpr(target=target, value=value):
                result = self.expression(value)
                self.name(target.id, result, node)
                return self.read(ast.copy_location(ast.Name(target.id, ast.Load()), node))
            case ast.ListComp():
                return self.comprehension(node)
            case ast.GeneratorExp():
                return self.kept_generator(node)
            case ast.DictComp():
                return self.dict_comprehension(node)
            case ast.Lambda():
                return self.closure_value(node, "function")
            case ast.JoinedStr():
                return self.opaque(node)
            case _:
                kind = type(node).__name__
                what = f"{_KINDS.get(kind, kind)} is not supported here"
                raise self.refuse(node, what, "use plain numbers and tuples")

    def operand(self, node: ast.expr) -> Value:
        """What an operation looks into: no None."""
        return self.there(self.expression(node), node)

    # Displays.

    def list_display(self, nodes: list[ast.expr], node: ast.AST) -> Value:
        """`[x, *rest]`; of lists of unknown length it is their sum."""
        parts: list[Value] = []
        for item in nodes:
            if not isinstance(item, ast.Starred):
                parts.append(TupleValue((self.plain(self.expression(item)),)))
                continue
            found = self.as_list_value(self.sequence(item.value), item)
            if isinstance(found, ListValue):
                # What comes later may change the list.
                parts.append(self.new_list(found, item))
            else:
                parts.append(TupleValue(found))
        known = [part.items for part in parts if isinstance(part, TupleValue)]
        if len(known) == len(parts):
            return self.allocate(Struct(Layout("list"), tuple(i for p in known for i in p)))
        made = parts[0]
        if isinstance(made, TupleValue):
            made = self.allocate(Struct(Layout("list"), made.items))
        for part in parts[1:]:
            made = self.concatenated(made, part, node)
        return made

    def display(self, nodes: list[ast.expr]) -> tuple[Value, ...]:
        return tuple(self.plain(item) for item in self.positional(nodes, False))

    def dict_display(
        self, keys: list[ast.expr | None], values: list[ast.expr], node: ast.AST
    ) -> Value:
        made = self.allocate(Struct(Layout("dict"), ()))
        for key, value in zip(keys, values, strict=True):
            if key is None:
                self.update_dict(made, self.expression(value), node)
            else:
                index = self.expression(key)
                self.store_item(made, index, self.plain(self.expression(value)), node)
        return made

    def update_dict(self, made: Ref, other: Value, node: ast.AST) -> None:
        match self.content(other, node):
            case Struct(Layout("dict", keys), items):
                for key, item in zip(keys, items, strict=True):
                    self.store_item(made, self.key_value(key), item, node)
            case content:
                raise self.refuse(node, f"{describe(content)} in a dict", "use a dict")

    # Atoms.

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
                return Lit(repr(text), Opaque("str"))
            case value if value is ...:
                return Lit("...", Opaque("ellipsis"))
            case complex() as value:
                return Lit(value, COMPLEX)
            case _:
                raise self.refuse(node, "this literal is not supported", "use numbers")

    # Operators.

    def binary(self, node: ast.BinOp) -> Value:
        """A chain `a + b - c …` is followed down its left side without recursion."""
        chain: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            chain.append(left)
            left = left.left
        value = self.operand(left)
        for step in reversed(chain):
            value = self.operation(step, value)
        return value

    def operation(self, node: ast.BinOp, left: Value) -> Value:
        right = self.operand(node.right)
        if getattr(node, "in_place", False):
            changed = self.operate_in_place(node.op, left, right, node)
            if changed is not None:
                return changed
        return self.operate(node.op, left, right, node, (node.left, node.right))

    def operate_in_place(
        self, op: ast.operator, left: Value, right: Value, node: ast.AST
    ) -> Value | None:
        """`xs += ys` on what can change; None where it is `xs = xs + ys`."""
        if not isinstance(left, Ref):
            return None
        if self.is_array(left):
            return self.arrays.in_place(op, left, right, node)
        match self.content(left, node), op:
            case ((Struct(Layout("list")) | ListValue()), ast.Add()):
                self.builtin_method(left, "extend", [right], {}, node)
                return left
            case ((Struct(Layout("list")) | ListValue()), ast.Mult()):
                made = self.operate(op, left, right, node)
                self.store(left, self.content(made, node), node)
                return left
            case Struct(Layout("dict")), ast.BitOr():
                self.update_dict(left, right, node)
                return left
            case Struct(Layout("object")), _:
                name = f"__i{_DUNDERS[type(op).__name__]}__"
                if self.has_method(left, name, node):
                    return self.call_method(left, name, [right], node)
            case _:
                pass
        return None

    def operate(
        self,
        op: ast.operator,
        left: Value,
        right: Value,
        node: ast.AST,
        places: tuple[ast.AST, ast.AST] | None = None,
    ) -> Value:
        if isinstance(left, Var | Lit) and isinstance(right, Var | Lit):
            name = lookup_operator(type(op).__name__)
            if left.type is FLOAT and right.type is FLOAT and name in _OF_FLOATS:
                return self.let(name, (left, right), node)
        before, after = places or (node, node)
        for side, other in ((left, right), (right, left)):
            # Of a recursion whose result is not known yet.
            if _is_unknown(side) and (_is_unknown(other) or not _is_atom(other)):
                return Undef(NEVER)
        if self.is_array(left) or self.is_array(right):
            return self.arrays.operate(op, left, right, node)
        if not isinstance(left, Var | Lit | Undef) or not isinstance(right, Var | Lit | Undef):
            found = self.operate_on_containers(op, left, right, node)
            if found is not None:
                return found
        a = self.as_number_or_text(self.as_atom(left, before), before)
        b = self.as_number_or_text(self.as_atom(right, after), after)
        kind = type(op).__name__
        if isinstance(a.type, Opaque) or isinstance(b.type, Opaque):
            return self.opaque_operation(kind, a, b, node)
        if isinstance(op, _BITS):
            self.as_int(a, before, "a bit operation")
            self.as_int(b, after, "a bit operation")
        name = lookup_operator(kind)
        if name is None:
            what = (
                "the matrix product of numbers" if kind == "MatMult" else f"the operator {kind}"
            )
            raise self.refuse(node, what, "use arithmetic")
        return self.let(name, (a, b), node)

    def as_number_or_text(self, atom: Atom, node: ast.AST) -> Atom:
        return self.as_number(atom, node)

    def opaque_operation(self, kind: str, a: Atom, b: Atom, node: ast.AST) -> Value:
        raise self.refuse(node, "an operation on text", "compute numbers only")

    def operate_on_containers(
        self, op: ast.operator, left: Value, right: Value, node: ast.AST
    ) -> Value | None:
        kind = type(op).__name__
        sides = [(left, right, ""), (right, left, "r")]
        if self.is_more_special(right, left, node):
            # The class that is derived from the other one has the first word.
            sides.reverse()
        for owner, other, mark in sides:
            name = f"__{mark}{_DUNDERS.get(kind, kind)}__"
            if self.has_method(owner, name, node):
                found = self.call_method(owner, name, [other], node)
                if found is not NOT_IMPLEMENTED:
                    return found
        a, b = self.content(left, node), self.content(right, node)
        match kind, a, b:
            case (
                "Add",
                (TupleValue(xs) | Struct(Layout("named"), xs)),
                (TupleValue(ys) | Struct(Layout("named"), ys)),
            ):
                return TupleValue(xs + ys)
            case "Add", Struct(Layout("list"), xs), Struct(Layout("list"), ys):
                return self.allocate(Struct(Layout("list"), xs + ys))
            case "Add", (ListValue() | Struct(Layout("list"))), (ListValue() | Struct()):
                return self.concatenated(left, right, node)
            case "Mult", (TupleValue() | ListValue() | Struct(Layout("list"))), _:
                return self.repeated(left, right, node)
            case "Mult", _, (TupleValue() | ListValue() | Struct(Layout("list"))):
                return self.repeated(right, left, node)
            case "BitOr", Struct(Layout("dict") as layout, items), Struct(Layout("dict")):
                made = self.allocate(Struct(layout, items))
                self.update_dict(made, right, node)
                return made
            case _:
                return None

    def is_more_special(self, value: Value, other: Value, node: ast.AST) -> bool:
        match self.content(value, node), self.content(other, node):
            case (
                Struct(Layout("object", _, ClassMeaning() as cls)),
                Struct(Layout("object", _, ClassMeaning() as base)),
            ):
                return cls != base and base in info_of(cls).ancestors
            case _:
                return False

    def repeated(self, items: Value, times: Value, node: ast.AST) -> Value:
        """`[0.0] * n`: the same elements again."""
        raw = self.emitter.raw(times) if isinstance(times, Var) else times
        content = self.content(items, node)
        match content, raw:
            case TupleValue(parts), Lit(value=int() as count):
                return TupleValue(parts * count)
            case Struct(Layout("list"), parts), Lit(value=int() as count):
                return self.allocate(Struct(Layout("list"), parts * count))
            case Struct(Layout("list"), (one,)), _ if isinstance(one, Var | Lit):
                count_ = self.as_int(self.as_number(self.as_atom(times, node), node), node, "*")
                value = self.emitter.raw(one)
                if is_none(value):
                    zeros, flags = (
                        self.let("repeat", (filler, count_), node, List(filler.type))
                        for filler in (Lit(0, INT), FALSE)
                    )
                    return self.allocate(ListValue(Nullable(zeros, flags)))
                made = self.let("repeat", (value, count_), node, List(value.type))
                return self.allocate(ListValue(made))
            case _:
                raise self.refuse(
                    node, f"{describe(content)} repeated like this", "use a comprehension"
                )

    def unary(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            atom = self.condition(node.operand)
            if isinstance(atom, Lit):
                return FALSE if atom.value else TRUE
            return self.let("not_", (atom,), node, BOOL)
        value = self.operand(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            match value:
                # Python's grammar writes a negative literal as an operation.
                case Lit(int() | float() as number) if not isinstance(number, bool):
                    return Lit(-number, value.type)
        return self.operate_on_one(node.op, value, node)

    def operate_on_one(self, op: ast.unaryop, value: Value, node: ast.AST) -> Value:
        if isinstance(op, ast.Not):
            atom = self.truth(value, node)
            if isinstance(atom, Lit):
                return FALSE if atom.value else TRUE
            return self.let("not_", (atom,), node, BOOL)
        kind = type(op).__name__
        if self.is_array(value):
            return self.arrays.operate_on_one(op, value, node)
        if not isinstance(value, Var | Lit | Undef):
            name = f"__{_DUNDERS[kind]}__"
            if self.has_method(value, name, node):
                return self.call_method(value, name, [], node)
        atom = self.as_number(self.as_atom(value, node), node)
        if isinstance(op, ast.Invert):
            self.as_int(atom, node, "a bit operation")
        name_ = lookup_operator(kind)
        if name_ is None:
            raise self.refuse(node, "this operator is not supported", "use arithmetic")
        made = self.let(name_, (atom,), node)
        if name_ == "neg" and atom in self.emitter.settled:
            self.emitter.settled[made] = -self.emitter.settled[atom]
        return made

    def boolean(self, node: ast.BoolOp, tested: bool = False) -> Value:
        """`tested`: of its value the truth alone is asked."""
        return self.boolean_tail(node, 0, tested)

    def boolean_tail(self, node: ast.BoolOp, position: int, tested: bool) -> Value:
        """`a and b` is `b if a else a`, `a or b` is `a if a else b`."""
        part = node.values[position]
        nested = tested and isinstance(part, ast.BoolOp)
        value = self.condition(part) if nested else self.expression(part)
        last = position == len(node.values) - 1
        # In the place of a list, a tuple or a text its truth. An object may tell, in Python,
        # how often it is asked.
        text = isinstance(value, Var | Lit) and isinstance(value.type, Opaque)
        held = self.content(value, part) if isinstance(value, Ref) else value
        built_in = isinstance(held, TupleValue | ListValue) or (
            isinstance(held, Struct) and held.layout.kind in ("list", "dict")
        )
        replaced = tested and (text or built_in)
        if last and not replaced:
            return value
        cond = self.truth(value, part)
        if replaced and text:
            cond = self.python("bool({0})", (cond,), part, BOOL)
        kept = cond if replaced else value
        if last:
            return kept
        rest = partial(self.boolean_tail, node, position + 1, tested)
        if isinstance(node.op, ast.And):
            return self.branching(cond, rest, lambda: kept, node)
        return self.branching(cond, lambda: kept, rest, node)


_KINDS = {
    "List": "a list display",
    "GeneratorExp": "a generator that is not used up at once",
    "Slice": "a slice",
    "FormattedValue": "a format",
}

__all__ = ["FLOAT", "Expressions", "MethodValue", "map_leaves"]
