"""Sets of constants: settled while compiling, nothing of them is left at run time.

odd = {1, 3}; seen.add(1); 1 in seen; len(seen | odd); sorted(odd)

Their order is not looked at: they are iterated through `sorted` only.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from s2sad.frontend.containers import key_index
from s2sad.frontend.methods import Methods
from s2sad.frontend.objects import external
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import (
    FunctionValue,
    Inline,
    Layout,
    ListValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Lit
from s2sad.ir.types import INT

Keys = tuple[object, ...]
_ORDERLESS = frozenset({"sorted", "min", "max", "any", "all", "sum"})
_METHODS = {
    "union": "BitOr", "intersection": "BitAnd", "difference": "Sub",
    "symmetric_difference": "BitXor",
}  # fmt: skip
_CHANGES = {
    "update": "BitOr", "intersection_update": "BitAnd", "difference_update": "Sub",
    "symmetric_difference_update": "BitXor",
}  # fmt: skip
_TESTS = {"issubset": "LtE", "issuperset": "GtE"}
_COMPARE: dict[str, Callable[[frozenset[object], frozenset[object]], bool]] = {
    "LtE": operator.le, "Lt": operator.lt, "GtE": operator.ge, "Gt": operator.gt,
    "Eq": operator.eq, "NotEq": operator.ne,
}  # fmt: skip


def set_keys(content: Value) -> Keys | None:
    match content:
        case Struct(Layout("set" | "frozenset", keys)):
            return keys
        case _:
            return None


def combined(kind: str, a: Keys, b: Keys) -> Keys | None:
    only_a = tuple(key for key in a if key not in b)
    only_b = tuple(key for key in b if key not in a)
    match kind:
        case "BitOr":
            return a + only_b
        case "BitAnd":
            return tuple(key for key in a if key in b)
        case "Sub":
            return only_a
        case "BitXor":
            return only_a + only_b
        case _:
            return None


def holds_set(value: Value) -> bool:
    match value:
        case Struct(Layout("set" | "frozenset")):
            return True
        case TupleValue(items) | Struct(_, items):
            return any(map(holds_set, items))
        case ListValue(item) | Inline(item):
            return holds_set(item)
        case _:
            return False


class Sets(Methods):
    def called(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        if any(holds_set(self.frozen(value, node)) for value in arguments.values()):
            raise self.refuse(
                node, f"a set as an argument of {callee.function.name}", "make it a global"
            )
        return super().called(callee, arguments, node)

    def set_of(self, kind: str, items: tuple[Value, ...], node: ast.AST) -> Ref:
        keys: Keys = ()
        for item in items:
            key = self.set_key(item, node)
            keys = keys if key in keys else (*keys, key)
        return self.allocate(Struct(Layout(kind, keys), ()))

    def set_key(self, item: Value, node: ast.AST) -> object:
        key = self.key(item, node)
        if key is None:
            raise self.refuse(
                node,
                "a set of computed values",
                "use a dict, whose order is known: seen[k] = True",
            )
        return key[0]

    def set_elements(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        """The elements of a set, or of what a set is made of."""
        keys = set_keys(self.content(value, node))
        if keys is not None:
            return tuple(map(self.key_value, keys))
        found = self.static_items(value, node)
        if found is None:
            raise self.refuse(
                node,
                "a set of computed values",
                "use a dict, whose order is known: dict.fromkeys(xs)",
            )
        return found

    def primitive_call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        if dotted in ("set", "frozenset") and len(args) < 2 and not named:
            return self.set_of(dotted, self.set_elements(args[0], node) if args else (), node)
        if dotted in _ORDERLESS and args:
            keys = set_keys(self.content(args[0], node))
            if keys is not None:
                args = [TupleValue(tuple(map(self.key_value, keys))), *args[1:]]
        return super().primitive_call(dotted, args, named, node)

    def length(self, value: Value, node: ast.AST) -> Value:
        keys = set_keys(self.content(value, node))
        return super().length(value, node) if keys is None else Lit(len(keys), INT)

    def truth(self, value: Value, node: ast.AST) -> Atom:
        keys = set_keys(self.content(value, node))
        if keys is None:
            return super().truth(value, node)
        return TRUE if keys else FALSE

    def membership(self, left: Value, right: Value, node: ast.AST) -> Atom:
        keys = set_keys(self.content(right, node))
        if keys is None:
            return super().membership(left, right, node)
        key = self.key(left, node)
        if key is not None:
            return FALSE if key_index(keys, key[0]) is None else TRUE
        return self.among(left, tuple(map(self.key_value, keys)), node)

    def compare_containers(self, kind: str, left: Value, right: Value, node: ast.AST) -> Value:
        a, b = (set_keys(self.content(side, node)) for side in (left, right))
        if a is None or b is None:
            return super().compare_containers(kind, left, right, node)
        return TRUE if _COMPARE[kind](frozenset(a), frozenset(b)) else FALSE

    def operate_on_containers(
        self, op: ast.operator, left: Value, right: Value, node: ast.AST
    ) -> Value | None:
        a, b = (self.content(side, node) for side in (left, right))
        xs, ys = set_keys(a), set_keys(b)
        if isinstance(a, Struct) and xs is not None and ys is not None:
            made = combined(type(op).__name__, xs, ys)
            if made is not None:
                return self.allocate(Struct(Layout(a.layout.kind, made), ()))
        return super().operate_on_containers(op, left, right, node)

    def operate_in_place(
        self, op: ast.operator, left: Value, right: Value, node: ast.AST
    ) -> Value | None:
        match self.content(left, node):
            case Struct(Layout("set", keys)) if isinstance(left, Ref):
                others = set_keys(self.content(right, node))
                made = None if others is None else combined(type(op).__name__, keys, others)
                if made is None:
                    raise self.refuse(node, "this change of a set", "use a set of constants")
                self.store(left, Struct(Layout("set", made), ()), node)
                return left
            case _:
                return super().operate_in_place(op, left, right, node)

    def class_of(self, value: Value, node: ast.AST) -> Value:
        match self.content(value, node):
            case Struct(Layout("set" | "frozenset" as kind)):
                return PrimitiveMeaning(kind)
            case _:
                return super().class_of(value, node)

    def builtin_method(
        self,
        owner: Value,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        # What is only appended to is not looked into: Methods.builtin_method.
        appended = (
            isinstance(owner, Ref)
            and name == "append"
            and (external(owner.obj) or owner.obj.world is not None)
        )
        content = owner if appended else self.content(owner, node)
        keys = set_keys(content)
        if keys is None or not isinstance(owner, Ref) or not isinstance(content, Struct):
            return super().builtin_method(owner, name, args, named, node)
        kind = content.layout.kind
        found = self.set_method(owner, kind, keys, name, [self.plain(a) for a in args], node)
        if found is None or named:
            raise self.refuse(
                node, f"the method {name} of {describe(content)}", "use its operators"
            )
        return found

    def set_method(
        self, owner: Ref, kind: str, keys: Keys, name: str, args: list[Value], node: ast.AST
    ) -> Value | None:
        others: list[Keys] = []
        if name in _METHODS or name in _TESTS or name in _CHANGES:
            for arg in args:
                elements = self.set_elements(arg, node)
                others.append(tuple(self.set_key(item, node) for item in elements))
        if name in _METHODS or (name in _CHANGES and kind == "set"):
            made: Keys | None = keys
            for other in others:
                made = combined({**_METHODS, **_CHANGES}[name], made or (), other)
            changed = Struct(Layout(kind, made or ()), ())
            if name in _METHODS:
                return self.allocate(changed)
            self.store(owner, changed, node)
            return NOTHING
        match name, others, args:
            case "copy", _, []:
                return self.allocate(Struct(Layout(kind, keys), ()))
            case "isdisjoint", _, [arg]:
                common = combined("BitAnd", keys, set_keys(self.content(arg, node)) or ())
                return (
                    None
                    if set_keys(self.content(arg, node)) is None
                    else (FALSE if common else TRUE)
                )
            case _, [other], _ if name in _TESTS:
                return (
                    TRUE if _COMPARE[_TESTS[name]](frozenset(keys), frozenset(other)) else FALSE
                )
            case _, _, [] if name == "clear" and kind == "set":
                self.store(owner, Struct(Layout(kind), ()), node)
            case (("add" | "discard" | "remove"), _, [item]) if kind == "set":
                one = (self.set_key(item, node),)
                if name == "remove" and one[0] not in keys:
                    raise self.refuse(
                        node, f"remove() of {one[0]!r}, which is not there", "test for it"
                    )
                made = combined("BitOr" if name == "add" else "Sub", keys, one)
                self.store(owner, Struct(Layout(kind, made or ()), ()), node)
            case _:
                return None
        return NOTHING
