"""Comparisons, chained and single: `<`, `is`, `in`."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from s2sad.frontend.branches import Branches
from s2sad.frontend.classes import find_member, info_of
from s2sad.frontend.instance_checks import is_certain
from s2sad.frontend.resolve import ClassMeaning, ObjectMeaning, PrimitiveMeaning
from s2sad.frontend.scope import names_stored
from s2sad.frontend.values import (
    FunctionValue,
    Layout,
    ListValue,
    Nullable,
    Obj,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    is_none,
    leaves,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, Named, Opaque, Scalar, never_one
from s2sad.ops.core import lookup_operator

_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_DUNDERS = {"Lt": "lt", "LtE": "le", "Gt": "gt", "GtE": "ge", "Eq": "eq", "NotEq": "ne"}
_REFLECTED = {"Lt": "gt", "LtE": "ge", "Gt": "lt", "GtE": "le", "Eq": "eq", "NotEq": "ne"}
_COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


class Comparisons(Branches):
    def comparison(self, node: ast.Compare) -> Value:
        return self.comparison_tail(node, self.expression(node.left), 0)

    def class_of(self, value: Value, node: ast.AST) -> Value:
        """`x.__class__`, as emitted code tests it: settled by the type."""
        names = {FLOAT: "float", INT: "int", BOOL: "bool"}
        content = self.content(value, node)
        match content:
            case Struct(Layout("object" | "named", _, cls)) if cls is not None:
                return cls
            case Struct(Layout(kind)):
                return PrimitiveMeaning(kind)
            case ListValue():
                return PrimitiveMeaning("list" if isinstance(value, Ref) else "tuple")
            case TupleValue():
                return PrimitiveMeaning("tuple")
            case Var() | Lit() if content.type in names and is_certain(content, self.emitter):
                assert isinstance(content.type, Scalar)
                return PrimitiveMeaning(names[content.type])
            case _:
                raise self.refuse(node, "an attribute of a value", "use numbers")

    def comparison_tail(self, node: ast.Compare, left: Value, position: int) -> Value:
        """`a < b < c` is `a < b and b < c`, each operand evaluated once."""
        right = self.expression(node.comparators[position])
        value = self.compare_values(node.ops[position], left, right, node)
        if position == len(node.ops) - 1:
            return value
        return self.branching(
            self.truth(value, node),
            lambda: self.comparison_tail(node, right, position + 1),
            lambda: value,
            node,
        )

    def compare_values(self, op: ast.AST, left: Value, right: Value, node: ast.AST) -> Value:
        match op:
            case ast.Is() | ast.IsNot():
                return self.identity(left, right, isinstance(op, ast.Is), node)
            case ast.In() | ast.NotIn():
                return self.negated(self.membership(left, right, node), op, node)
            case _:
                pass
        kind = type(op).__name__
        if self.is_array(left) or self.is_array(right):
            assert isinstance(op, ast.cmpop)
            return self.arrays.compare(op, left, right, node)
        if isinstance(left, Ref | Struct) or isinstance(right, Ref | Struct):
            for owner, other, name in (
                (left, right, _DUNDERS[kind]),
                (right, left, _REFLECTED[kind]),
            ):
                if self.has_method(owner, f"__{name}__", node):
                    return self.call_method(owner, f"__{name}__", [other], node)
            if kind == "NotEq" and self.has_method(left, "__eq__", node):
                equal = self.call_method(left, "__eq__", [right], node)
                return self.let("not_", (self.truth(equal, node),), node, BOOL)
        if isinstance(left, ObjectMeaning) or isinstance(right, ObjectMeaning):
            return self.compare_objects(kind, left, right, node)
        if kind in ("Eq", "NotEq") and _by_identity(left) and _by_identity(right):
            return self.identity(left, right, kind == "Eq", node)
        if not _atomic(left) or not _atomic(right):
            return self.compare_containers(kind, left, right, node)
        if kind in ("Eq", "NotEq"):
            for maybe, other in ((left, right), (right, left)):
                if is_none(other) and isinstance(maybe, Nullable):
                    return self.identity(maybe, NOTHING, kind == "Eq", node)
                if isinstance(maybe, Nullable) and not isinstance(other, Nullable):
                    return self.equal_or_none(maybe, other, kind == "Eq", node)
        a, b = self.as_atom(left, node), self.as_atom(right, node)
        name_ = lookup_operator(kind)
        if name_ is None:
            raise self.refuse(node, "this comparison is not supported", "compare numbers")
        if isinstance(a.type, Opaque) or isinstance(b.type, Opaque):
            if isinstance(a, Lit) and isinstance(b, Lit):
                if kind in ("Eq", "NotEq"):
                    return TRUE if (a.key == b.key) == (kind == "Eq") else FALSE
                if a.type == b.type == Opaque("str"):
                    return TRUE if _COMPARE[name_](_text(a), _text(b)) else FALSE
            return self.python(f"{{0}} {_SIGNS[name_]} {{1}}", (a, b), node, BOOL)
        if NONE in (a.type, b.type) and name_ in ("eq", "ne"):
            return TRUE if (a.type == b.type) == (name_ == "eq") else FALSE
        size = self.emitter.sizes.get(a, 1) if isinstance(b, Lit) and b.value == 1 else 1
        if never_one(size) and name_ in ("eq", "ne"):
            return TRUE if name_ == "ne" else FALSE
        x, y = self.emitter.raw(a), self.emitter.raw(b)
        if isinstance(x, Lit) and isinstance(y, Lit) and x.type == y.type == INT:
            assert isinstance(x.value, int)
            assert isinstance(y.value, int)
            return TRUE if _COMPARE[name_](x.value, y.value) else FALSE
        return self.let(name_, (self.as_number(a, node), self.as_number(b, node)), node)

    def equal_or_none(
        self, maybe: Nullable, other: Value, positive: bool, node: ast.AST
    ) -> Value:
        """None is equal to no number."""
        op = ast.Eq() if positive else ast.NotEq()
        return self.choose(
            maybe.present,
            lambda: self.compare_values(op, maybe.item, other, node),
            lambda: FALSE if positive else TRUE,
            (),
            (),
            node,
        )

    def compare_objects(self, kind: str, left: Value, right: Value, node: ast.AST) -> Value:
        """Objects of the module are equal where they are the same, unless their class has
        another opinion."""
        for side in (left, right):
            own = isinstance(side, ObjectMeaning) and (
                find_member(side.cls, "__eq__") or info_of(side.cls).compared_by_fields
            )
            if own or kind not in ("Eq", "NotEq"):
                raise self.refuse(node, "comparing such objects", "compare their numbers")
        return self.identity(left, right, kind == "Eq", node)

    def negated(self, found: Atom, op: ast.AST, node: ast.AST) -> Atom:
        if not isinstance(op, ast.NotIn):
            return found
        if isinstance(found, Lit):
            return FALSE if found.value else TRUE
        return self.let("not_", (found,), node, BOOL)

    def equal(self, a: Value, b: Value, node: ast.AST) -> Atom:
        return self.truth(self.compare_values(ast.Eq(), a, b, node), node)

    def compare_containers(self, kind: str, left: Value, right: Value, node: ast.AST) -> Value:
        """Part by part, as Python does; a part that is the same object is equal."""
        a, b = self.content(left, node), self.content(right, node)
        negative = kind == "NotEq"
        if kind not in ("Eq", "NotEq"):
            return self.ordered(kind, a, b, node)
        same: Atom
        match a, b:
            case (TupleValue(xs), TupleValue(ys)) | (
                Struct(Layout("list" | "named"), xs), Struct(Layout("list" | "named"), ys)
            ) | (TupleValue(xs), Struct(Layout("named"), ys)) | (
                Struct(Layout("named"), xs), TupleValue(ys)
            ):  # fmt: skip
                same = FALSE if len(xs) != len(ys) else self.all_equal(xs, ys, node)
            case Struct(Layout("dict", keys), xs), Struct(Layout("dict", others), ys):
                if set(keys) != set(others):
                    same = FALSE
                else:
                    same = self.all_equal(xs, tuple(ys[others.index(k)] for k in keys), node)
            case Struct(Layout("object", keys, cls), xs), Struct(
                Layout("object", _, other), ys
            ):
                same = self.equal_objects(left, right, cls, other, xs, ys, node)
            case ListValue(), ListValue() if _sort(left, a) == _sort(right, b):
                pairs = zip(leaves(a), leaves(b), strict=False)
                same = self.python("{0} == {1}", next(pairs), node, BOOL)
                for pair in pairs:
                    more = self.python("{0} == {1}", pair, node, BOOL)
                    same = self.let("bitand", (same, more), node, BOOL)
            case (
                (ListValue() | Struct(Layout("list"))),
                (ListValue() | Struct(Layout("list"))),
            ) if _sort(left, a) == _sort(right, b):
                raise self.refuse(
                    node, "comparing lists of which one is of unknown length", "write a loop"
                )
            case _:
                sorts = {_sort(left, a), _sort(right, b)}
                if len(sorts) < 2 or "" in sorts:
                    what = f"comparing {describe(a)} with {describe(b)}"
                    raise self.refuse(node, what, "compare numbers")
                same = FALSE
        if not negative:
            return same
        if isinstance(same, Lit):
            return FALSE if same.value else TRUE
        return self.let("not_", (same,), node, BOOL)

    def equal_objects(
        self,
        left: Value,
        right: Value,
        cls: ClassMeaning | None,
        other: ClassMeaning | None,
        xs: tuple[Value, ...],
        ys: tuple[Value, ...],
        node: ast.AST,
    ) -> Atom:
        from s2sad.frontend.classes import info_of

        if cls is not None and info_of(cls).compared_by_fields and cls == other:
            return self.all_equal(xs, ys, node)
        return self.identity(left, right, True, node)

    def all_equal(self, xs: tuple[Value, ...], ys: tuple[Value, ...], node: ast.AST) -> Atom:
        if not xs:
            return TRUE
        first = self.equal(xs[0], ys[0], node)
        if len(xs) == 1:
            return first
        value = self.choose(
            first, lambda: self.all_equal(xs[1:], ys[1:], node), lambda: FALSE, (), (), node
        )
        return self.as_atom(value, node)

    def ordered(self, kind: str, a: Value, b: Value, node: ast.AST) -> Value:
        """Tuples by their first unequal parts."""
        match a, b:
            case Struct(Layout("object", _, cls), xs), Struct(
                Layout("object", _, other), ys
            ) if cls is not None and cls == other and info_of(cls).ordered:
                return self.ordered(kind, TupleValue(xs), TupleValue(ys), node)
            case (Struct(Layout("object" | "dict")), _) | (
                _,
                Struct(Layout("object" | "dict")),
            ):
                raise self.refuse(
                    node, f"comparing {describe(a)} and {describe(b)}", "compare numbers"
                )
            case ((TupleValue(xs) | Struct(_, xs)), (TupleValue(ys) | Struct(_, ys))) if (
                xs and ys
            ):
                op = getattr(ast, kind)()
                if len(xs) == len(ys) == 1:
                    return self.compare_values(op, xs[0], ys[0], node)
                strict = ast.Lt() if kind in ("Lt", "LtE") else ast.Gt()
                if len(xs) == 1 or len(ys) == 1:
                    raise self.refuse(
                        node, "comparing tuples of two lengths", "compare numbers"
                    )
                equal = self.equal(xs[0], ys[0], node)
                return self.choose(
                    equal,
                    lambda: self.ordered(kind, TupleValue(xs[1:]), TupleValue(ys[1:]), node),
                    lambda: self.compare_values(strict, xs[0], ys[0], node),
                    (),
                    (),
                    node,
                )
            case _:
                raise self.refuse(
                    node, f"comparing {describe(a)} and {describe(b)}", "compare numbers"
                )

    def membership(self, left: Value, right: Value, node: ast.AST) -> Atom:
        """`x in (a, b)`: also true where x is a, so that it stays as it is written."""
        content = self.content(right, node)
        match content:
            case TupleValue(items) | Struct(Layout("list" | "named"), items):
                return self.among(left, items, node)
            case Struct(Layout("dict", keys), _):
                key = self.key(left, node)
                if key is not None:
                    return TRUE if key[0] in keys else FALSE
                return self.among(left, tuple(map(self.key_value, keys)), node)
            case Struct(Layout("object")):
                found = self.call_method(right, "__contains__", [left], node)
                return self.truth(found, node)
            case ListValue(item=Var() as leaf):
                return self.python("{0} in {1}", (self.as_atom(left, node), leaf), node, BOOL)
            case ListValue(item=Nullable(_, Var() as flags)) if is_none(left):
                return self.python("{0} in {1}", (FALSE, flags), node, BOOL)
            case Var(type=Opaque()) | Lit(type=Opaque()):
                atom = self.as_atom(left, node)
                return self.python("{0} in {1}", (atom, content), node, BOOL)
            case _:
                raise self.refuse(
                    node,
                    "`in` something that is no tuple",
                    "write the elements out in a tuple",
                )

    def among(self, left: Value, items: tuple[Value, ...], node: ast.AST) -> Atom:
        if not items:
            return FALSE
        if all(map(_plain, (left, *items))):
            known = [item for item in items if isinstance(item, Lit)]
            if isinstance(left, Lit) and len(known) == len(items):
                return TRUE if any(left.value == item.value for item in known) else FALSE
            parts = [self.as_atom(value, node) for value in (left, *items)]
            holes = "".join(f"{{{k + 1}}}, " for k in range(len(items)))
            return self.python(f"{{0}} in ({holes})", tuple(parts), node, BOOL)
        first = self.equal(left, items[0], node)
        if len(items) == 1:
            return first
        value = self.choose(
            first, lambda: TRUE, lambda: self.among(left, items[1:], node), (), (), node
        )
        return self.as_atom(value, node)

    def same_places(self, a: Obj, b: Obj, positive: bool, node: ast.AST) -> Atom:
        """Two elements of a list, of which each stands in one place, are compared by it."""
        assert a.place is not None
        assert b.place is not None
        content = self.content(a.place[0], node)
        assert isinstance(content, ListValue)
        indices = (a.place[1][0], b.place[1][0])
        places = tuple(self.counted_from_start(at, content, node) for at in indices)
        return self.let("eq" if positive else "ne", places, node)

    def identity(self, left: Value, right: Value, positive: bool, node: ast.AST) -> Atom:
        """`is` is settled by the types: None, classes and objects."""
        left, right = (NOTHING if is_none(side) else side for side in (left, right))
        match left, right:
            case (Nullable(_, present), (Var() | Lit())) if is_none(right):
                if not positive:
                    return present
                absent = self.let("not_", (present,), node)
                if isinstance(present, Var):
                    self.emitter.tells[absent] = present, False
                return absent
            case ObjectMeaning(), ObjectMeaning():
                same = left == right
            case ((PrimitiveMeaning() | ClassMeaning()), (PrimitiveMeaning() | ClassMeaning())):
                same = left == right
            case Ref(a), Ref(b):
                same = a is b
                if not same and _in_one_list(a, b):
                    return self.same_places(a, b, positive, node)
                if not same and (
                    a.origins & b.origins or (_held_elsewhere(a) and _held_elsewhere(b))
                ):
                    raise self.refuse(
                        node,
                        "`is` between objects that may be the same",
                        "compare their indices",
                    )
            case FunctionValue(), FunctionValue():
                same = left == right
            case ((Var() | Lit()), (Var() | Lit())) if NONE in (left.type, right.type):
                same = left.type == right.type
                unknown = [side for side in (left, right) if isinstance(side, Var)]
                if any(isinstance(side.type, Opaque | Named) for side in unknown):
                    args: tuple[Atom, ...] = (left, right)
                    text = "{0} is {1}" if positive else "{0} is not {1}"
                    tested = self.python(text, args, node, BOOL)
                    if isinstance(left, Var) and right.type == NONE:
                        self.emitter.tells[tested] = left, not positive
                    return tested
            case ((Var() | Lit()), (Var() | Lit())) if BOOL in (left.type, right.type):
                if left.type != right.type:
                    same = False
                else:
                    return self.let("eq" if positive else "ne", (left, right), node)
            case _ if _kind(left) != _kind(right) and not (
                _is_opaque(left) or _is_opaque(right)
            ):
                same = False
            case _:
                raise self.refuse(node, "`is` between values", "compare numbers with ==")
        return TRUE if same == positive else FALSE

    def branching(
        self,
        cond: Atom,
        then: Callable[[], Value],
        orelse: Callable[[], Value],
        node: ast.expr,
    ) -> Value:
        names = tuple(names_stored(node))
        return self.choose(cond, then, orelse, names, names, node)


def _text(lit: Lit) -> str:
    return str(ast.literal_eval(str(lit.value)))


def _atomic(value: Value) -> bool:
    return isinstance(value, Var | Lit | Undef | Nullable)


def _by_identity(value: Value) -> bool:
    """Classes and functions are equal where they are the same."""
    return isinstance(value, PrimitiveMeaning | ClassMeaning | FunctionValue)


def _sort(value: Value, content: Value) -> str:
    """Values of two sorts are never equal; "" for what is not known here."""
    match content:
        case Struct(Layout(kind)):
            return {"named": "tuple", "frozenset": "set"}.get(kind, kind)
        case ListValue():
            return "list" if isinstance(value, Ref) else "tuple"
        case TupleValue():
            return "tuple"
        case Var(type=type_) | Lit(type=type_) | Undef(type=type_):
            return "number" if isinstance(type_, Scalar) else ""
        case Nullable():
            return "number"
        case _ if _by_identity(content):
            return "function"
        case _:
            return ""


def _is_opaque(value: Value) -> bool:
    return isinstance(value, Var) and isinstance(value.type, Opaque)


def _plain(value: Value) -> bool:
    return _atomic(value) and not isinstance(value, Nullable)


def _in_one_list(a: Obj, b: Obj) -> bool:
    """Are they elements of one list, at places that are known, each in one place only?"""
    if a.place is None or b.place is None or a.place[0].obj is not b.place[0].obj:
        return False
    root = a.place[0].obj
    shares = any(obj.shares for obj in (root, *root.origins)) or root.path
    return len(a.place[1]) == len(b.place[1]) == 1 and not shares


def _held_elsewhere(obj: Obj) -> bool:
    """May it be reached through a list, or from outside of the function?"""
    return any(origin.fixed or origin.path for origin in (obj, *obj.origins))


def _kind(value: Value) -> str:
    """A rough kind: two values of unlike kinds are not the same object."""
    match value:
        case Var() | Lit() | Undef():
            return "atom" if value.type != NONE else "none"
        case Nullable():
            return "atom"
        case Ref():
            return "object"
        case _:
            return type(value).__name__
