"""Dicts of computed keys: read, written, iterated. How they are kept: `keyed.py`."""

from __future__ import annotations

import ast
import collections
from typing import NamedTuple

from s2sad.frontend import library
from s2sad.frontend.classes import class_meaning
from s2sad.frontend.keyed import LIST, NO_FACTORY, TABLE
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.sets import Sets
from s2sad.frontend.values import (
    Layout,
    ListValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    ViewValue,
    describe,
    empty,
    is_none,
)
from s2sad.ir.nodes import NOTHING, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, INT, NEVER, List, Opaque, Places, Tuple, Type

_ZERO = Lit(0, INT)
_UNLISTED = frozenset({"len", "dict", "bool", "copy.copy", "copy.deepcopy", "type"})


class Table(NamedTuple):
    """A dict of computed keys, as it is now."""

    ref: Ref
    places: Atom
    values: Ref
    factory: Value

    @property
    def key_type(self) -> Type:
        assert isinstance(self.places.type, Places)
        return self.places.type.key


class Tables(Sets):
    def table(self, value: Value, node: ast.AST) -> Table | None:
        """The dict of computed keys that a value is, if it is one."""
        if not isinstance(value, Ref) or self.is_array(value) or value.obj.world is not None:
            return None
        match self.content(value, node):
            case Struct(Layout("table"), (places, Ref() as values, factory)):
                if not isinstance(places, Var | Undef):
                    raise self.refuse(node, "a dict with keys of two types", "use one type")
                return Table(value, places, values, factory)
            case _:
                return None

    def new_table(self, factory: Value, node: ast.AST) -> Ref:
        places = self.let("places", (), node, Places(NEVER))
        return self.allocate(Struct(TABLE, (places, self.allocate(Struct(LIST, ())), factory)))

    def has_none(self, table: Table, node: ast.AST) -> bool:
        """Is it known to have no values?"""
        return empty(self.content(table.values, node))

    def changed_table(self, table: Table, places: Atom, node: ast.AST) -> None:
        content = Struct(TABLE, (places, table.values, table.factory))
        self.store(table.ref, content, node)

    # Keys.

    def table_key(self, table: Table, index: Value, node: ast.AST) -> Atom:
        atom = self.hashable(index, node)
        known = table.key_type
        if NEVER not in (known, atom.type) and atom.type != known:
            raise self.refuse(
                node, f"a key of type {atom.type} in a dict of keys of {known}", "use one type"
            )
        return atom

    def hashable(self, index: Value, node: ast.AST) -> Atom:
        match self.emitter.raw(index) if isinstance(index, Var) else index:
            case TupleValue((_, *_) as items):
                return self.let("tuple", tuple(self.hashable(i, node) for i in items), node)
            case Var() | Lit() | Undef() as atom if _can_be_key(atom.type):
                return atom
            case Var() | Lit() | Undef() as atom:
                what = f"a computed key of type {atom.type}"
                raise self.refuse(node, what, "use ints, strings or tuples of them")
            case other:
                what = f"{describe(other)} as a computed key"
                raise self.refuse(node, what, "use ints, strings or tuples of them")

    def key_lists(self, table: Table, node: ast.AST) -> Value:
        """The keys as the elements of a list: tuples are taken apart."""

        def part(type_: Type, path: str) -> Value:
            if isinstance(type_, Tuple):
                inner = (part(item, f"{path}[{k}]") for k, item in enumerate(type_.items))
                return TupleValue(tuple(inner))
            text = f"[key{path} for key in {{0}}]" if path else "list({0})"
            return self.python(text, (table.places,), node, List(type_))

        return part(table.key_type, "")

    def given_list(self, value: Value, node: ast.AST) -> tuple[Table, Value] | None:
        """A dict, or a view of one, as the list that it gives where it is iterated."""
        match value:
            case ViewValue(owner, kind):
                table = self.table(owner, node)
            case _:
                table, kind = self.table(value, node), "keys"
        if table is None:
            return None
        if self.has_none(table, node):
            return table, TupleValue(())
        if kind == "keys":
            return table, ListValue(self.key_lists(table, node))
        self.dynamise(table.values, node)
        if kind == "values":
            return table, table.values
        held = self.content(table.values, node)
        assert isinstance(held, ListValue)
        return table, ListValue(TupleValue((self.key_lists(table, node), held.item)))

    # Reading.

    def place(self, table: Table, key: Atom, node: ast.AST) -> Atom:
        """Where the value of a key stands; -1 if the key is not there."""
        return self.let("find", (table.places, key), node)

    def item_of(self, container: Value, index: Value, node: ast.AST) -> Value:
        if isinstance(container, Ref) and self.holds_lists(container):
            self.tabulate_for(container, index, node)
        table = self.table(container, node)
        if table is None:
            return super().item_of(container, index, node)
        if table.factory != NO_FACTORY:
            return self.set_default(table, index, node)
        key = self.table_key(table, index, node)
        at = self.let("place", (table.places, key), node)
        return self.value_at(table, at, node)

    def value_at(self, table: Table, at: Atom, node: ast.AST) -> Value:
        if self.has_none(table, node):
            return Undef(NEVER)
        return super().item_of(table.values, at, node)

    def set_default(
        self, table: Table, index: Value, node: ast.AST, default: Value | None = None
    ) -> Value:
        key = self.table_key(table, index, node)

        def insert() -> Value:
            made = default
            if made is None:
                made = self.apply(table.factory, [], {}, node)
            self.enter_key(table, key, self.plain(made), node)
            return NOTHING

        if self.has_none(table, node):
            insert()
        else:
            missing = self.let("lt", (self.place(table, key, node), _ZERO), node)
            self.choose(missing, insert, lambda: NOTHING, (), (), node)
        after = self.table(table.ref, node)
        assert after is not None
        at = self.let("place", (after.places, key), node)
        return self.value_at(after, at, node)

    def value_or(self, table: Table, index: Value, default: Value, node: ast.AST) -> Value:
        key = self.table_key(table, index, node)
        if self.has_none(table, node):
            return default
        at = self.place(table, key, node)
        there = self.let("ge", (at, _ZERO), node)
        return self.choose(
            there, lambda: self.value_at(table, at, node), lambda: default, (), (), node
        )

    # Writing.

    def store_item(self, container: Value, index: Value, value: Value, node: ast.AST) -> None:
        table = self.table(container, node)
        if table is None:
            super().store_item(container, index, value, node)
            return
        key = self.table_key(table, index, node)
        if self.has_none(table, node):
            self.enter_key(table, key, value, node)
            return
        known = self.emitter.builder.known("place", (table.places, key))
        at = known or self.place(table, key, node)

        def insert() -> Value:
            self.enter_key(table, key, value, node)
            return NOTHING

        def replace() -> Value:
            super(Tables, self).store_item(table.values, at, value, node)
            self.changed_table(table, table.places, node)
            return NOTHING

        if known is not None:
            replace()
            return

        # One of the two puts the value into the list.
        fixed = {obj: obj.fixed for obj in self.emitter.heap}

        def replace_only() -> Value:
            for obj, why in fixed.items():
                obj.fixed = why
            return replace()

        self.choose(self.let("lt", (at, _ZERO), node), insert, replace_only, (), (), node)

    def enter_key(self, table: Table, key: Atom, value: Value, node: ast.AST) -> None:
        places = self.let("enter", (table.places, key), node)
        if self.has_none(table, node):
            first = self.allocate(Struct(LIST, (value,)))
            self.dynamise(first, node)
            self.store(table.values, self.content(first, node), node)
            if table.values.obj.hint:
                self.name_list(table.values.obj, table.values.obj.hint)
        else:
            self.builtin_method(table.values, "append", [value], {}, node)
        self.changed_table(table, places, node)

    def without_key(self, table: Table, key: Atom, at: Atom, node: ast.AST) -> Value:
        """Take a key out: those behind it move up."""
        value = self.builtin_method(table.values, "pop", [at], {}, node)
        text = "{{k: i for i, k in enumerate(k for k in {0} if k != {1})}}"
        made = self.python(text, (table.places, key), node, table.places.type)
        self.changed_table(table, made, node)
        return value

    # Methods.

    def builtin_method(
        self,
        owner: Value,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        if isinstance(owner, Ref) and name in ("setdefault", "pop") and args:
            self.tabulate_for(owner, args[0], node)
        table = None if name == "append" else self.table(owner, node)
        if table is None:
            return super().builtin_method(owner, name, args, named, node)
        args = [self.plain(arg) for arg in args]
        if named and name != "update":
            raise self.refuse(node, f"a keyword argument of {name}", "use a position")
        match name, args:
            case (("items" | "keys" | "values"), []):
                return ViewValue(table.ref, name)
            case "get", [index, *rest] if len(rest) < 2:
                return self.value_or(table, index, rest[0] if rest else NOTHING, node)
            case "setdefault", [index, *rest] if len(rest) < 2:
                return self.set_default(table, index, node, rest[0] if rest else NOTHING)
            case "pop", [index, *rest] if len(rest) < 2:
                return self.popped_key(table, index, rest, node)
            case "copy", []:
                return self.copied_table(table, node)
            case "clear", []:
                made = self.new_table(table.factory, node)
                self.store(table.ref, self.content(made, node), node)
            case "update", _ if len(args) < 2:
                for other in args:
                    self.update_dict(table.ref, other, node)
                for key, value in named.items():
                    self.store_item(table.ref, Lit(repr(key), Opaque("str")), value, node)
            case _:
                raise self.refuse(
                    node, f"the method {name} of a dict of computed keys", "write a loop"
                )
        return NOTHING

    def holds_lists(self, owner: Ref) -> bool:
        """Is it a dict, of known keys, of lists? One of them may be changed in its place."""
        match self.emitter.heap.get(owner.obj):
            case Struct(Layout("dict"), (_, _, *_) as items):
                held = [i for i in items if isinstance(i, Ref) and i.obj in self.emitter.heap]
                lists = [self.emitter.heap[i.obj] for i in held]
                return len(held) == len(items) and all(
                    isinstance(c, ListValue) or empty(c) for c in lists
                )
            case _:
                return False

    def tabulate_for(self, owner: Ref, index: Value, node: ast.AST) -> None:
        """A dict whose keys are known, if it is asked for one that is computed."""
        match self.emitter.heap.get(owner.obj):
            case Struct(Layout("dict")) if self.key(index, node) is None:
                self.tabulate(owner, node)
            case _:
                pass

    def popped_key(self, table: Table, index: Value, rest: list[Value], node: ast.AST) -> Value:
        key = self.table_key(table, index, node)
        if self.has_none(table, node):
            if rest:
                return rest[0]
            self.let("place", (table.places, key), node)
            return Undef(NEVER)
        if not rest:
            at: Atom = self.let("place", (table.places, key), node)
            return self.without_key(table, key, at, node)
        at = self.place(table, key, node)
        there = self.let("ge", (at, _ZERO), node)
        return self.choose(
            there,
            lambda: self.without_key(table, key, at, node),
            lambda: rest[0],
            (),
            (),
            node,
        )

    def copied_table(self, table: Table, node: ast.AST) -> Ref:
        places = self.let("copy", (table.places,), node)
        values = self.new_list(self.as_list_value(table.values, node), node)
        return self.allocate(Struct(TABLE, (places, values, table.factory)))

    def update_dict(self, made: Ref, other: Value, node: ast.AST) -> None:
        if self.table(other, node) is None:
            super().update_dict(made, other, node)
        else:
            self.library_call(library.update, [made, other], node)

    def operate_in_place(
        self, op: ast.operator, left: Value, right: Value, node: ast.AST
    ) -> Value | None:
        if isinstance(op, ast.BitOr) and isinstance(left, Ref) and self.table(left, node):
            self.update_dict(left, right, node)
            return left
        return super().operate_in_place(op, left, right, node)

    # What is asked of a dict as a whole.

    def length(self, value: Value, node: ast.AST) -> Value:
        table = self.table(value.owner if isinstance(value, ViewValue) else value, node)
        if table is None:
            return super().length(value, node)
        return self.python("len({0})", (table.places,), node, INT)

    def truth(self, value: Value, node: ast.AST) -> Atom:
        if self.table(value, node) is None:
            return super().truth(value, node)
        length = self.as_atom(self.length(value, node), node)
        return self.let("ne", (length, _ZERO), node)

    def membership(self, left: Value, right: Value, node: ast.AST) -> Atom:
        table = self.table(right, node)
        if table is None and isinstance(right, ViewValue) and right.kind == "keys":
            table = self.table(right.owner, node)
        if table is None:
            return super().membership(left, right, node)
        key = self.table_key(table, left, node)
        return self.python("{0} in {1}", (key, table.places), node, BOOL)

    def compare_containers(self, kind: str, left: Value, right: Value, node: ast.AST) -> Value:
        if self.table(left, node) or self.table(right, node):
            if kind not in ("Eq", "NotEq") or not all(
                self.table(side, node)
                or (
                    isinstance(found := self.content(side, node), Struct)
                    and found.layout.kind == "dict"
                )
                for side in (left, right)
            ):
                what = "comparing dicts of computed keys with something else"
                raise self.refuse(node, what, "compare their values")
            # The keys that are computed are asked of the dict that has them so.
            sides = [left, right] if self.table(right, node) else [right, left]
            same = self.truth(self.library_call(library.equal_dicts, sides, node), node)
            return same if kind == "Eq" else self.let("not_", (same,), node, BOOL)
        return super().compare_containers(kind, left, right, node)

    def class_of(self, value: Value, node: ast.AST) -> Value:
        table = self.table(value, node)
        if table is None:
            return super().class_of(value, node)
        if table.factory != NO_FACTORY:
            raise self.refuse(node, "the class of a defaultdict", "leave the test out")
        return PrimitiveMeaning("dict")

    # Where it is used up.

    def as_list_value(self, value: Value, node: ast.AST) -> ListValue | tuple[Value, ...]:
        found = self.given_list(value, node)
        return super().as_list_value(found[1] if found else value, node)

    def primitive_call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        if dotted.startswith(("numpy.", "scipy.", "_sum_to")):
            return super().primitive_call(dotted, args, named, node)
        name = dotted.removeprefix("_").replace("builtins.", "")
        if name == "dict":
            return self.new_dict(args, named, node)
        if name not in _UNLISTED:
            found = [self.given_list(arg, node) for arg in args]
            args = [f[1] if f else arg for f, arg in zip(found, args, strict=True)]
        elif name == "copy.copy" and (table := self.table(args[0], node)):
            return self.copied_table(table, node)
        if name == "dict.fromkeys" and len(args) in (1, 2) and not named:
            return self.library_call(library.fromkeys, [*args, NOTHING][:2], node)
        return super().primitive_call(dotted, args, named, node)

    def new_dict(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        table = self.table(args[0], node) if args else None
        if len(args) != 1 or (table is None and self.pairs_known(args[0], node)):
            return super().primitive_call("dict", args, named, node)
        if table is not None:
            made: Value = self.copied_table(table._replace(factory=NO_FACTORY), node)
        else:
            made = self.library_call(library.dict_of, args, node)
        assert isinstance(made, Ref)
        for key, value in named.items():
            self.store_item(made, Lit(repr(key), Opaque("str")), value, node)
        return made

    def pairs_known(self, value: Value, node: ast.AST) -> bool:
        content = self.content(value, node)
        known = isinstance(content, Struct) and content.layout.kind == "dict"
        return known or self.static_items(value, node) is not None

    def construct(
        self, cls: ClassMeaning, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        if cls.found is collections.deque:
            return super().construct(class_meaning(library.Deque), args, named, node)
        if cls.found is collections.OrderedDict:
            return self.primitive_call("dict", args, named, node)
        if cls.found is not collections.defaultdict or named or len(args) > 1:
            return super().construct(cls, args, named, node)
        factory = args[0] if args else NOTHING
        return self.new_table(NO_FACTORY if is_none(factory) else factory, node)


def _can_be_key(type_: Type) -> bool:
    if isinstance(type_, Tuple):
        return all(map(_can_be_key, type_.items))
    return type_ in (INT, BOOL, NEVER, Opaque("str"))
