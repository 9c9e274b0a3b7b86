"""Methods of what is built in: `xs.append(v)`, `d.items()`."""

from __future__ import annotations

import ast

from s2sad.frontend import iterators, library
from s2sad.frontend.base import GIVEN
from s2sad.frontend.containers import LIST, flat, key_index
from s2sad.frontend.joins import as_list, holds_atoms, join_templates, rowed
from s2sad.frontend.members import NUMPY_IDENTITIES
from s2sad.frontend.normalize.hidden import is_hidden
from s2sad.frontend.objects import external, objects_in
from s2sad.frontend.primitives import Primitives
from s2sad.frontend.resolve import ClassMeaning
from s2sad.frontend.values import (
    UNBOUND,
    Layout,
    ListValue,
    Ref,
    Stale,
    Struct,
    TupleValue,
    Value,
    ViewValue,
    describe,
    leaves,
    list_element,
    map_leaves,
    rebuild,
)
from s2sad.ir.nodes import NOTHING, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, COMPLEX, GENERATOR, INT, List, Opaque, is_number

_LAST = Lit(-1, INT)


class Methods(Primitives):
    def builtin_method(
        self,
        owner: Value,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        args = [self.plain(arg) for arg in args]
        if name == "%init":
            # Of an exception.
            self.store_attribute(owner, "args", TupleValue(tuple(args)), node)
            return NOTHING
        if isinstance(owner, ClassMeaning):
            assert name == "_make"
            return self.construct(owner, [*self.elements(args[0], node)], {}, node)
        if (
            isinstance(owner, Ref)
            and external(owner.obj)
            and (name, len(args)) == ("append", 1)
        ):
            self.stored_outside(owner, ".append()", args[0], node)
            self.emitter.heap[owner.obj] = Stale(f"{owner.obj.path}, which was changed,")
            return NOTHING
        world = self.world_of(owner)
        if world is not None and isinstance(owner, Ref) and (name, len(args)) == ("append", 1):
            held = self.emitter.heap[owner.obj]
            if isinstance(held, Struct) and held.layout.kind == "list":
                self.change_world(*world, ".append()", args[0], node)
                return NOTHING
        if isinstance(owner, Ref) and self.is_array(owner):
            return self.arrays.method(owner, name, args, named, node)
        content = self.content(owner, node)
        match content:
            case Struct(Layout("list"), items) if isinstance(owner, Ref):
                found = self.list_method(owner, items, name, args, named, node)
            case ListValue() if isinstance(owner, Ref):
                found = self.dynamic_method(owner, content, name, args, named, node)
            case Struct(Layout("dict", keys), items) if isinstance(owner, Ref):
                if named and (name != "update" or len(args) > 1):
                    raise self.refuse(node, f"a keyword argument of {name}", "use a position")
                empty_update = name == "update" and not args
                found = (
                    NOTHING
                    if empty_update
                    else self.dict_method(owner, keys, items, name, args, node)
                )
                for key, value in named.items():
                    self.store_item(owner, self.key_value(key), self.plain(value), node)
            case Struct(Layout("named", keys), items):
                found = self.named_method(keys, items, content, name, named, node)
            case TupleValue(items):
                found = self.read_method(items, name, args, node)
            case Var() if content.type == GENERATOR:
                return self.arrays.draw(content, name, args, named, node)
            case Var(type=Opaque()) | Lit(type=Opaque()):
                return self.opaque_method(content, name, args, named, node)
            case Var() if name in NUMPY_IDENTITIES and not args and not named:
                found = content
            case Var() | Lit() | Undef():
                found = self.number_method(content, name, node)
            case _:
                found = None
        if found is None:
            raise self.refuse(
                node,
                f"the method {name} of {describe(content)} is not supported here",
                "use an index, a loop or a function",
            )
        return found

    def opaque_method(
        self,
        content: Atom,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        raise self.refuse(node, f"the method {name} is not supported", "use numbers")

    def number_method(self, atom: Atom, name: str, node: ast.AST) -> Value | None:
        match name:
            case "__index__" if atom.type in (INT, BOOL):
                # As emitted code makes an int of a bool: `+n` does the same.
                return atom if atom.type == INT else self.let("pos", (atom,), node)
            case "conjugate" | "conj" if atom.type == COMPLEX:
                return self.arrays.call("numpy.conj", [atom], {}, node)
            case "conjugate":
                return atom
            case "is_integer":
                return self.python("{0}.is_integer()", (atom,), node, BOOL)
            case "bit_length" if atom.type in (INT, BOOL):
                return self.python("{0}.bit_length()", (atom,), node, INT)
            case _:
                return None

    # Lists whose elements are known one by one.

    def list_method(
        self,
        owner: Ref,
        items: tuple[Value, ...],
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        match name, args:
            case "append", [value]:
                self.store(owner, Struct(LIST, (*items, value)), node)
            case "extend", [more]:
                found = self.as_list_value(more, node)
                if isinstance(found, ListValue):
                    # `more` is asked for its elements once.
                    self.dynamise_for(owner, found, node)
                    return self.builtin_method(owner, name, [found], named, node)
                self.store(owner, Struct(LIST, items + found), node)
            case "insert", [index, value] if self.known_int(index) is not None:
                k = self.known_int(index) or 0
                made = [*items]
                made.insert(k, value)
                self.store(owner, Struct(LIST, tuple(made)), node)
            case "pop", _ if len(args) < 2:
                return self.popped(owner, items, args, node)
            case "clear", []:
                self.store(owner, Struct(LIST, ()), node)
            case "reverse", []:
                self.store(owner, Struct(LIST, items[::-1]), node)
            case "copy", []:
                return self.allocate(Struct(LIST, items))
            case "sort", []:
                self.sorted_in_place(owner, named, node)
            case "insert", _ if items:
                self.dynamise(owner, node)
                return self.builtin_method(owner, name, args, named, node)
            case "remove", [value]:
                at = self.library_call(library.removed_from, [TupleValue(items), value], node)
                self.popped(owner, items, [at], node)
            case _:
                return self.read_method(items, name, args, node)
        return NOTHING

    def known_int(self, value: Value) -> int | None:
        raw = self.emitter.raw(value) if isinstance(value, Var) else value
        match raw:
            case Lit(value=int() as number):
                return number
            case _:
                return None

    def popped(
        self, owner: Ref, items: tuple[Value, ...], args: list[Value], node: ast.AST
    ) -> Value:
        k = self.known_int(args[0]) if args else -1
        if not items:
            return self.raising('IndexError("pop from empty list")', node)
        if k is None:
            self.dynamise(owner, node)
            return self.builtin_method(owner, "pop", args, {}, node)
        if not -len(items) <= k < len(items):
            return self.raising('IndexError("pop index out of range")', node)
        k %= len(items)
        self.store(owner, Struct(LIST, (*items[:k], *items[k + 1 :])), node)
        return items[k]

    def read_method(
        self, items: tuple[Value, ...], name: str, args: list[Value], node: ast.AST
    ) -> Value | None:
        match name, args:
            case "index", [value]:
                return self.library_call(library.index_of, [TupleValue(items), value], node)
            case "count", [value]:
                return self.library_call(library.count_of, [TupleValue(items), value], node)
            case _:
                return None

    # Lists of unknown length.

    def dynamise_for(self, owner: Ref, found: ListValue, node: ast.AST) -> None:
        """An empty list that is to take elements of a list of unknown length."""
        match self.content(owner, node):
            case Struct(Layout("list"), ()):
                if owner.obj in self.emitter.outside:
                    raise self.refuse(node, "extend() here", "append in a loop")
                shape = map_leaves(found, lambda leaf: Undef(leaf.type))
                assert isinstance(shape, ListValue)
                made = self.listed((), shape.item, self.emitter.builder)
                self.emitter.heap[owner.obj] = made
            case _:
                self.dynamise(owner, node)

    def dynamic_method(
        self,
        owner: Ref,
        content: ListValue,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        match name, args:
            case "append", [value]:
                self.append_dynamic(owner, content, value, node)
            case "extend", [more]:
                self.extended(owner, more, node)
            case "pop", ([] | [Lit(value=-1)]):
                root, _, index = self.rooted(owner, content, (), node)
                value = self.element_at(FALSE_, content.item, _LAST, node)
                if isinstance(value, Ref) and not self.of_numbers(value):
                    value = self.taken(value, node)
                whole = self.content(root, node)
                made = map_leaves(whole, lambda leaf: self.let("drop", (leaf, *index), node))
                self.resized_at(owner, root, made, node)
                return value
            case "pop", [index]:
                value = self.element_at(FALSE_, content.item, index, node)
                at = self.counted_from_start(self.as_atom(index, node), content, node)
                self.spliced(owner, at, self.after(at, node), (), node)
                return value
            case "remove", [value]:
                place = self.library_call(library.removed_from, [owner, value], node)
                at = self.as_atom(place, node)
                self.spliced(owner, at, self.after(at, node), (), node)
            case "insert", [index, value]:
                at = self.as_atom(index, node)
                self.spliced(owner, at, at, (value,), node)
            case "reverse", []:
                made = map_leaves(
                    content, lambda leaf: self.let("reverse_list", (leaf,), node, leaf.type)
                )
                self.changed_root(owner, made, node, replaced=True)
            case "sort", []:
                self.sorted_in_place(owner, named, node)
            case "copy", []:
                return self.new_list(content, node)
            case "index", [value]:
                return self.library_call(library.index_of, [owner, value], node)
            case "count", [value]:
                return self.library_call(library.count_of, [owner, value], node)
            case _:
                return None
        return NOTHING

    def of_numbers(self, element: Ref) -> bool:
        """Is it an object whose parts are numbers, and no lists?"""
        held = self.emitter.heap[element.obj]
        numbers = all(is_number(leaf.type) for leaf in leaves(held))
        return isinstance(held, Struct) and numbers and not any(objects_in(held))

    def taken(self, element: Ref, node: ast.AST) -> Value:
        """An element that leaves its list: what was known of it by another name is kept from
        being changed, and so is this."""
        content = self.content(element, node)
        row = isinstance(content, ListValue) and flat(content.item)
        if not (row or self.is_array(element)):
            raise self.refuse(node, "pop() of a list of such elements", "use an index")
        made = map_leaves(content, lambda leaf: self.let("copy", (leaf,), node, leaf.type))
        copy = self.allocate(made)
        copy.obj.fixed = GIVEN
        return copy

    def sorted_in_place(self, owner: Ref, named: dict[str, Value], node: ast.AST) -> None:
        shared = owner.obj.shares
        made = self.primitive_call("sorted", [owner], named, node)
        if isinstance(self.content(owner, node), ListValue):
            self.changed_root(owner, self.content(made, node), node, replaced=True)
        else:
            self.store(owner, self.content(made, node), node)
        # Nothing else has what was put together.
        owner.obj.shares = shared
        if isinstance(made, Ref):
            self.emitter.heap[made.obj] = Stale("a list that was sorted,")

    def counted_from_start(self, at: Atom, content: ListValue, node: ast.AST) -> Atom:
        """An index as one that is not negative: of -1, what comes after it is no index."""
        if isinstance(at, Lit) and isinstance(at.value, int) and at.value >= 0:
            return at
        if at in self.emitter.counters:
            return at
        length = self.let("len", (next(leaves(content)),), node, INT)
        return self.python("range({0})[{1}]", (length, at), node, INT)

    def after(self, at: Atom, node: ast.AST) -> Atom:
        if isinstance(at, Lit):
            assert isinstance(at.value, int)
            return Lit(at.value + 1, INT)
        return self.let("add", (at, Lit(1, INT)), node)

    def append_dynamic(
        self, owner: Ref, content: ListValue, value: Value, node: ast.AST
    ) -> None:
        root, _, index = self.rooted(owner, content, (), node)
        frozen = self.frozen(value, node)
        shape = map_leaves(content.item, lambda leaf: Undef(list_element(leaf)))
        joined = rowed(self.joined(shape, frozen, ""))
        if not holds_atoms(joined):
            raise self.refuse(
                node, f"{describe(frozen)} in a list of {describe(shape)}", "use one kind"
            )
        frozen = self.give_away(frozen)
        frozen = self.as_element(frozen, joined, self.emitter.builder)
        parts = list(leaves(self.coerce(frozen, joined, self.emitter.builder)))
        whole = self.content(root, node)
        if len(parts) != len(list(leaves(whole))):
            raise self.refuse(
                node,
                f"append of {describe(frozen)} to a row that was made empty",
                "put the first element into the row where it is made",
            )
        made: list[Atom] = []
        for leaf, part in zip(leaves(whole), parts, strict=True):
            raw = self.emitter.raw(part)
            made.append(self.let("append", (leaf, raw, *index), node))
        self.resized_at(owner, root, rebuild(whole, iter(made)), node)

    def resized_at(self, owner: Ref, root: Ref, content: Value, node: ast.AST) -> None:
        """A list, or a row of the list `root`, has another length."""
        if root is owner:
            self.resized(owner, content, node)
            return
        self.emitter.resized.add(owner.obj)
        self.changed_root(root, content, node)
        self.refresh(owner, node)

    def extended(self, owner: Ref, more: Value, node: ast.AST) -> None:
        more = iterators.rest(self, more, node)
        items = self.static_items(more, node)
        if items is not None:
            for item in items:
                content = self.content(owner, node)
                assert isinstance(content, ListValue)
                self.append_dynamic(owner, content, item, node)
            return
        other = self.content(more, node)
        if not isinstance(other, ListValue):
            raise self.refuse(node, f"extend() by {describe(other)}", "use a list")
        made = self.concatenated(owner, more, node)
        self.resized(owner, self.content(made, node), node)

    def spliced(
        self, owner: Ref, start: Atom, stop: Atom, between: tuple[Value, ...], node: ast.AST
    ) -> None:
        """`xs[start:stop] = between`, in a new list."""
        before = self.slice_of(owner, [NOTHING, start], node)
        after = self.slice_of(owner, [stop, NOTHING], node)
        middle = before
        if between:
            middle = self.concatenated(before, TupleValue(between), node)
        made = self.concatenated(middle, after, node)
        self.resized(owner, self.content(made, node), node)

    def resized(self, owner: Ref, content: Value, node: ast.AST) -> None:
        self.emitter.resized.add(owner.obj)
        self.changed_root(owner, content, node, replaced=True)
        if owner.obj.hint and not is_hidden(owner.obj.hint):
            self.name_list(owner.obj, owner.obj.hint)

    def concatenated(self, left: Value, right: Value, node: ast.AST) -> Value:
        """A list of the elements of both; of numbers, by Python's own `+`."""
        sides = [self.frozen(self.content(side, node), node) for side in (left, right)]
        shapes = [as_list(_as_struct(side)) for side in sides]
        joined = join_templates(shapes[0] or UNBOUND, shapes[1] or UNBOUND)
        if None in shapes or not isinstance(joined, ListValue) or not flat(joined.item):
            return self.library_call(library.concatenated, [left, right], node)
        one, other = (
            leaves(self.coerce(_as_struct(side), joined, self.emitter.builder))
            for side in sides
        )
        made = [
            self.let("concat", (x, y), node, leaf.type)
            for x, y, leaf in zip(one, other, leaves(joined), strict=True)
        ]
        whole = rebuild(joined, iter(made))
        return whole if isinstance(sides[0], TupleValue) else self.allocate(whole)

    # Dicts.

    def dict_method(
        self,
        owner: Ref,
        keys: tuple[object, ...],
        items: tuple[Value, ...],
        name: str,
        args: list[Value],
        node: ast.AST,
    ) -> Value | None:
        match name, args:
            case (("items" | "keys" | "values"), []):
                return ViewValue(owner, name)
            case "copy", []:
                return self.allocate(Struct(Layout("dict", keys), items))
            case "get", [index, *rest] if len(rest) < 2:
                default = rest[0] if rest else NOTHING
                return self.entry_or(keys, items, index, default, node)
            case "setdefault", [index, *rest] if len(rest) < 2:
                if self.known_entry(keys, index, node) is None:
                    self.store_item(owner, index, rest[0] if rest else NOTHING, node)
                return self.item_of(owner, index, node)
            case "pop", [index, *rest] if len(rest) < 2:
                k = self.known_entry(keys, index, node)
                if k is None:
                    if rest:
                        return rest[0]
                    raw = self.emitter.raw(index) if isinstance(index, Var) else index
                    if self.on_a_path and isinstance(raw, Lit):
                        return self.raising(f"KeyError({raw.value!r})", node)
                    raise self.refuse(node, "pop() of a key that is not there", "test for it")
                left = Layout("dict", (*keys[:k], *keys[k + 1 :]))
                self.store(owner, Struct(left, (*items[:k], *items[k + 1 :])), node)
                return items[k]
            case "popitem", [] if items:
                left = Layout("dict", keys[:-1])
                self.store(owner, Struct(left, items[:-1]), node)
                return TupleValue((self.key_value(keys[-1]), items[-1]))
            case "update", [other]:
                self.update_dict(owner, other, node)
            case "clear", []:
                self.store(owner, Struct(Layout("dict"), ()), node)
            case _:
                return None
        return NOTHING

    def known_entry(self, keys: tuple[object, ...], index: Value, node: ast.AST) -> int | None:
        key = self.key(index, node)
        if key is None:
            raise self.refuse(node, "a computed key of a dict", "write the key out")
        return key_index(keys, key[0])

    def entry_or(
        self,
        keys: tuple[object, ...],
        items: tuple[Value, ...],
        index: Value,
        default: Value,
        node: ast.AST,
    ) -> Value:
        key = self.key(index, node)
        if key is not None:
            k = key_index(keys, key[0])
            return default if k is None else items[k]
        if not keys:
            return default
        test = self.equal(self.as_atom(index, node), self.key_value(keys[0]), node)
        return self.choose(
            test,
            lambda: items[0],
            lambda: self.entry_or(keys[1:], items[1:], index, default, node),
            (),
            (),
            node,
        )

    # Named tuples.

    def named_method(
        self,
        keys: tuple[object, ...],
        items: tuple[Value, ...],
        content: Struct,
        name: str,
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        match name:
            case "_replace" if set(named) <= set(map(str, keys)):
                changed = [named.get(str(k), v) for k, v in zip(keys, items, strict=True)]
                return Struct(content.layout, tuple(changed))
            case "_asdict":
                return self.allocate(Struct(Layout("dict", keys), items))
            case _:
                return self.read_method(items, name, [], node)


def _as_struct(content: Value) -> Value:
    return Struct(LIST, content.items) if isinstance(content, TupleValue) else content


FALSE_ = Lit(False, BOOL)

__all__ = ["List", "Methods"]
