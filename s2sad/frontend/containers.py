"""Parts of tuples, lists and dicts: read, written, sliced.

What is known one by one is taken apart here, and nothing of it is left at run time. A list
of unknown length becomes reads and writes of its versions: `get`, `set`, `append`, `drop`.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Callable

from s2sad.frontend import library
from s2sad.frontend.base import GIVEN
from s2sad.frontend.comparisons import Comparisons
from s2sad.frontend.different import reached
from s2sad.frontend.joins import as_list, holds_atoms
from s2sad.frontend.keyed import NO_FACTORY, TABLE, keys_type, table_parts
from s2sad.frontend.live import object_meaning
from s2sad.frontend.normalize.hidden import is_hidden
from s2sad.frontend.objects import external, inlines
from s2sad.frontend.resolve import ClassMeaning, ObjectMeaning, PrimitiveMeaning, RuleMeaning
from s2sad.frontend.values import (
    SLICE,
    UNBOUND,
    ChoiceValue,
    FunctionValue,
    Inline,
    Layout,
    ListValue,
    Nullable,
    Obj,
    PartialValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    is_none,
    leaves,
    list_element,
    map_leaves,
    rebuild,
    template,
)
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Lit, Undef, Var, float_lit
from s2sad.ir.types import INT, NEVER, List, Named, Opaque, Tuple, Type, is_number

# What of NumPy's is used with brackets.
GRIDS = frozenset({"numpy.r_", "numpy.c_", "numpy.mgrid", "numpy.ogrid"})
LIST = Layout("list")
_OUT = "index out of range"


class Dynamise(Exception):
    """A list that was made before a loop has to be one of unknown length in it."""

    def __init__(self, obj: Obj) -> None:
        super().__init__()
        self.obj = obj


class Containers(Comparisons):
    # Reading.

    def subscript(self, node: ast.Subscript) -> Value:
        container = self.operand(node.value)
        if isinstance(container, Ref) and self.is_array(container):
            rank = self.arrays.rank(container)
            return self.arrays.read(container, self.arrays.index(node.slice, rank), node)
        if isinstance(container, PrimitiveMeaning) and container.dotted in GRIDS:
            return self.arrays.bracketed(container.dotted, self.expression(node.slice), node)
        return self.item_of(container, self.expression(node.slice), node)

    def item_of(self, container: Value, index: Value, node: ast.AST) -> Value:
        if isinstance(container, Var) and isinstance(container.type, Named):
            container = self.unpacked(container, container.type.name, node)
        if isinstance(container, Ref) and self.is_array(container):
            at = self.arrays.of_value(index, self.arrays.rank(container), node)
            return self.arrays.read(container, at, node)
        if isinstance(index, Struct) and index.layout == SLICE:
            return self.slice_of(container, list(index.items), node)
        content = self.content(container, node)
        match content:
            case TupleValue(items) | Struct(Layout("list" | "named"), items):
                if self.is_outside(index, len(items)):
                    kind = "list" if isinstance(container, Ref) else "tuple"
                    return self.raising(f'IndexError("{kind} {_OUT}")', node)
                position = self.position(index, len(items), node)
                if position is not None:
                    return items[position]
                return self.computed_item(container, items, index, node)
            case Struct(Layout("dict", keys), items):
                return self.entry(keys, items, index, node)
            case Struct(Layout("object")):
                return self.call_method(container, "__getitem__", [index], node)
            case ListValue(item):
                return self.element_at(container, item, index, node)
            case Var(type=type_) | Undef(type=type_) if type_ == NEVER:
                return content
            case Var(type=Opaque()) | Lit(type=Opaque()):
                return self.opaque_item(content, index, node)
            case ClassMeaning(found=enum.EnumMeta() as found) if (
                key := self.key(index, node)
            ) and key[0] in found.__members__:
                return self.member(content, str(key[0]), node)
            case _:
                raise self.refuse(
                    node,
                    f"an index of {describe(content)}",
                    "index a list, a tuple, a dict or an array",
                )

    def opaque_item(self, content: Atom, index: Value, node: ast.AST) -> Value:
        return self.python("{0}[{1}]", (content, self.as_atom(index, node)), node, Opaque())

    def is_outside(self, index: Value, length: int) -> bool:
        """Is it an index that is known, of no element?"""
        raw = self.emitter.raw(index) if isinstance(index, Var) else index
        if not isinstance(raw, Lit) or not isinstance(raw.value, int):
            return False
        return raw.value not in range(-length, length)

    @property
    def on_a_path(self) -> bool:
        """Is this in a branch or a `try`, where what is certain to raise may stand?"""
        return self.emitter.builder.parent is not None

    def raising(self, text: str, node: ast.AST) -> Value:
        """What is certain to raise, here; refused where the function never does else."""
        if not self.on_a_path:
            what = ast.parse(text, mode="eval").body
            assert isinstance(what, ast.Call)
            said = ast.unparse(what.args[0]).strip("'\"") if what.args else "StopIteration"
            raise self.refuse(node, f"{said}: what is certain to raise", "use another index")
        self.raise_value(self.python(text, (), node, Opaque("exception")), node)
        return Undef(NEVER)

    def position(self, index: Value, length: int, node: ast.AST) -> int | None:
        """A literal index in its range; None if it is computed."""
        raw = self.emitter.raw(index) if isinstance(index, Var) else index
        if not isinstance(raw, Lit):
            if not isinstance(raw, Var | Undef):
                raise self.refuse(node, f"{describe(raw)} as an index", "use an int")
            return None
        if not isinstance(raw.value, int):
            raise self.refuse(node, f"the index {raw.value!r}", "use an int")
        if not -length <= raw.value < length:
            raise self.refuse(node, f"an {_OUT}", "use an index in its range")
        return raw.value

    def computed_item(
        self, container: Value, items: tuple[Value, ...], index: Value, node: ast.AST
    ) -> Value:
        if isinstance(container, Ref):
            self.dynamise(container, node)
            return self.item_of(container, index, node)
        known = as_list(Struct(LIST, items))
        if known is None:
            raise self.refuse(
                node, "a computed index of unlike parts", "use a literal index in its range"
            )
        made = self.listed(items, known.item, self.emitter.builder)
        return self.element_at(made, made.item, index, node)

    def dynamise(self, ref: Ref, node: ast.AST) -> None:
        """Keep a list as one of unknown length from here on, or from before the loop on."""
        content = self.content(ref, node)
        if isinstance(content, ListValue):
            return
        if isinstance(content, Struct) and content.layout.kind == "dict":
            self.tabulate(ref, node)
            return
        if ref.obj in self.emitter.outside:
            raise Dynamise(ref.obj)
        shape = as_list(self.frozen(content, node))
        if shape is None:
            raise self.refuse(
                node,
                "a computed index of a list of unlike elements",
                "use a literal index, or elements of one kind",
            )
        frozen = self.frozen(content, node)
        made = self.coerce(frozen, shape, self.emitter.builder)
        for leaf in leaves(made):
            if isinstance(leaf, Var) and not leaf.hint and ref.obj.hint:
                user = not is_hidden(ref.obj.hint)
                leaf.hint, leaf.user = ref.obj.hint.strip("%"), user
        self.emitter.heap[ref.obj] = made
        self.emitter.turned[ref.obj] = content, made

    def tabulate(self, ref: Ref, node: ast.AST) -> None:
        """Keep a dict as one of computed keys from here on, or from before the loop on."""
        content = self.content(ref, node)
        if not isinstance(content, Struct) or content.layout.kind == "table":
            return
        if ref.obj in self.emitter.outside:
            raise Dynamise(ref.obj)
        keys, items = content.layout.keys, content.items
        if keys_type(keys) is None:
            raise self.refuse(
                node, "a computed key of a dict with keys of several types", "use one type"
            )
        places, held = table_parts(keys, items, self.emitter.builder)
        if not isinstance(places, Var) or self.is_fixed(ref) or external(ref.obj):
            raise self.refuse(
                node,
                "a computed key of a dict that is there before the call",
                "make a copy of it, and use that",
            )
        name = ref.obj.hint.strip("%")
        places.hint = f"{name}_at" if name else ""
        values = self.allocate(held)
        values.obj.hint = ref.obj.hint
        if items:
            self.dynamise(values, node)
        self.emitter.heap[ref.obj] = Struct(TABLE, (places, values, NO_FACTORY))

    def known_content(self, ref: Ref, node: ast.AST) -> Value:
        """What an object holds, one by one if it was merely turned into a longer kind."""
        content = self.content(ref, node)
        known, made = self.emitter.turned.get(ref.obj, (content, content))
        return known if made is content else content

    def element_at(self, container: Value, item: Value, index: Value, node: ast.AST) -> Value:
        """An element of a list of unknown length."""
        at = self.as_int(self.as_number(self.as_atom(index, node), node), node, "an index")

        def get(leaf: Atom) -> Atom:
            return self.let("get", (leaf, at), node, list_element(leaf))

        made = map_leaves(item, get)
        if isinstance(made, Nullable):
            self.emitter.elements.add(made.present)
        return self.element(made, container, at)

    def element(self, value: Value, container: Value = FALSE, at: Atom | None = None) -> Value:
        """Objects that are elements are changed in their place only."""
        made = self.thawed(value)
        for obj in reached(made, self.emitter.heap):
            obj.fixed = GIVEN
            obj.origins |= {obj}  # a second place for it is seen by itself
        if isinstance(made, Ref) and isinstance(container, Ref) and at is not None:
            around = container.obj.place
            root, before = around or (container, ())
            made.obj.place = root, (*before, at)
        return made

    def entry(
        self, keys: tuple[object, ...], items: tuple[Value, ...], index: Value, node: ast.AST
    ) -> Value:
        """`d[k]`: the keys are known; where the one that is asked for is not, it is tested."""
        key = self.key(index, node)
        if key is not None:
            k = key_index(keys, key[0])
            if k is None:
                if self.on_a_path:
                    return self.raising(f"KeyError({key[0]!r})", node)
                raise self.refuse(node, f"the dict has no key {key[0]!r}", "give it one")
            return items[k]
        atom = self.as_atom(index, node)
        if len(items) > 2 and all(isinstance(item, _CALLABLE) for item in items):
            return self.chosen_function(keys, items, atom, node)
        return self.tested_entry(keys, items, atom, node)

    def chosen_function(
        self, keys: tuple[object, ...], items: tuple[Value, ...], atom: Atom, node: ast.AST
    ) -> Value:
        """One of several functions: all tests come first, so that it may be called later."""
        tests = [self.equal(atom, self.key_value(key), node) for key in keys]

        def known(k: int) -> Value:
            if k == len(tests):
                error = self.python("KeyError({0})", (atom,), node, Opaque("exception"))
                self.raise_value(error, node)
                return UNBOUND
            return self.choose(tests[k], lambda: UNBOUND, lambda: known(k + 1), (), (), node)

        known(0)
        *others, made = items
        for test, item in reversed(list(zip(tests, others, strict=False))):
            made = ChoiceValue(test, item, made)
        return made

    def tested_entry(
        self, keys: tuple[object, ...], items: tuple[Value, ...], atom: Atom, node: ast.AST
    ) -> Value:
        if not keys:
            error = self.python("KeyError({0})", (atom,), node, Opaque("exception"))
            self.raise_value(error, node)
            return Undef(NEVER)
        test = self.equal(atom, self.key_value(keys[0]), node)
        return self.choose(
            test,
            lambda: items[0],
            lambda: self.tested_entry(keys[1:], items[1:], atom, node),
            (),
            (),
            node,
        )

    def key(self, index: Value, node: ast.AST) -> tuple[object] | None:
        """A key that is known, in a tuple; None if it is computed."""
        raw = self.emitter.raw(index) if isinstance(index, Var) else index
        match raw:
            case Lit(value) if isinstance(raw.type, Opaque):
                return (ast.literal_eval(str(value)),)
            case Lit(value):
                return (value,)
            case TupleValue(items):
                parts = [self.key(item, node) for item in items]
                known = tuple(part[0] for part in parts if part is not None)
                return (known,) if len(known) == len(parts) else None
            case ObjectMeaning(_, _, held) if isinstance(held.found, enum.Enum):
                return (held.found,)
            case Var() | Undef():
                return None
            case _:
                raise self.refuse(
                    node, f"{describe(raw)} as a key", "use numbers, strings or tuples of them"
                )

    def key_value(self, key: object) -> Value:
        match key:
            case bool():
                return TRUE if key else FALSE
            case int():
                return Lit(key, INT)
            case float():
                return float_lit(key)
            case None:
                return NOTHING
            case tuple():
                return TupleValue(tuple(map(self.key_value, key)))
            case enum.Enum():
                return object_meaning(key, key.name)
            case _:
                return Lit(repr(key), Opaque("str"))

    def look(self, node: ast.AST) -> Callable[[Value], Value]:
        """What is behind a value: the literal that a name has, what an object holds."""
        return lambda value: (
            self.emitter.raw(value) if isinstance(value, Var) else (self.content(value, node))
        )

    def known_value(self, found: object) -> Value:
        if isinstance(found, list):
            return self.allocate(Struct(LIST, tuple(map(self.known_value, found))))
        return self.key_value(found)

    # Slices.

    def slice_of(self, container: Value, ends: list[Value], place: ast.AST) -> Value:
        if isinstance(container, Var | Undef) and container.type == NEVER:
            return Undef(NEVER)  # of a recursion whose result is not known yet
        content = self.content(container, place)
        known = [self.literal_end(end) for end in ends]
        match content:
            case TupleValue(items) if None not in known:
                return TupleValue(items[as_slice(known)])
            case Struct(Layout("list" | "named") as layout, items) if None not in known:
                part = items[as_slice(known)]
                return self.allocate(Struct(LIST, part)) if layout == LIST else TupleValue(part)
            case Struct(Layout("list")):
                assert isinstance(container, Ref)
                self.dynamise(container, place)
                return self.slice_of(container, ends, place)
            case ListValue(item):
                return self.sliced_list(container, item, ends, place)
            case Var(type=Opaque()) | Lit(type=Opaque()):
                atoms = tuple(self.slice_end(end, place) for end in ends)
                text = "{0}[{1}:{2}:{3}]"
                return self.python(text, (content, *atoms), place, content.type)
            case _:
                raise self.refuse(
                    place,
                    f"a slice of {describe(content)} with computed ends",
                    "use literal ends, or a loop",
                )

    def sliced_list(
        self, container: Value, item: Value, ends: list[Value], node: ast.AST
    ) -> Value:
        """A slice of a list of unknown length, of each of its parallel lists."""
        atoms = tuple(self.slice_end(end, node) for end in ends)
        rows = any(True for _ in inlines(item))
        if rows and all(map(is_none, atoms)):
            whole = self.content(container, node)
            assert isinstance(whole, ListValue)
            return self.shallow_copy(whole, node)
        if rows or flat(item):
            atoms += (NOTHING,) * (3 - len(atoms))
            back_to_front = all(map(is_none, atoms[:2])) and _minus_one(atoms[2])
            op, rest = ("reverse_list", ()) if back_to_front else ("slice", atoms)
            made = map_leaves(item, lambda leaf: self.let(op, (leaf, *rest), node, leaf.type))
            part = ListValue(made)
            if not isinstance(container, Ref):
                return part
            ref = self.allocate(part)
            whole = self.content(container, node)
            if rows:
                self.in_two_lists(whole, ref)
            return ref
        length = self.let("len", (next(leaves(item)),), node, INT)
        given = [atom for atom in atoms if not is_none(atom)]
        holes = iter(range(len(given)))
        ends_ = ", ".join("None" if is_none(a) else f"{{{next(holes)}}}" for a in atoms)
        text = f"slice({ends_}).indices({{{len(given)}}})"
        bounds = self.python(text, (*given, length), node, Tuple((INT, INT, INT)))
        parts = [self.let("item", (bounds, Lit(k, INT)), node, INT) for k in range(3)]
        return self.library_call(library.sliced, [container, *parts], node)

    def literal_end(self, end: Value) -> tuple[int | None] | None:
        raw = self.emitter.counted_as(end) if isinstance(end, Var) else end
        match raw:
            case Lit(value=None):
                return (None,)
            case Lit(value=int() as value):
                return (value,)
            case _:
                return None

    def slice_end(self, end: Value, node: ast.AST) -> Atom:
        atom = self.as_atom(end, node)
        if isinstance(atom, Lit) and atom.value is None:
            return atom
        return self.as_int(self.as_number(atom, node), node, "a slice")

    # Writing.

    def store_item(self, container: Value, index: Value, value: Value, node: ast.AST) -> None:
        if isinstance(container, Ref) and self.is_array(container):
            where = self.arrays.of_value(index, self.arrays.rank(container), node)
            self.arrays.write(container, where, value, node)
            return
        if isinstance(index, Struct) and index.layout == SLICE:
            self.store_slice(container, list(index.items), value, node)
            return
        world = self.world_of(container)
        if world is not None and self.in_world(container, index, value, "", node):
            return
        content = self.content(container, node)
        if not isinstance(container, Ref):
            raise self.refuse(node, f"a change of {describe(content)}", "make a list")
        match content:
            case Struct(Layout("list"), items):
                position = self.position(index, len(items), node)
                if position is None:
                    self.dynamise(container, node)
                    self.store_item(container, index, value, node)
                    return
                position %= len(items)
                parts = (*items[:position], value, *items[position + 1 :])
                self.store(container, Struct(LIST, parts), node)
            case Struct(Layout("dict", keys), items):
                self.store_entry(container, keys, items, index, value, node)
            case Struct(Layout("object")):
                self.call_method(container, "__setitem__", [index, value], node)
            case ListValue():
                at = self.as_int(
                    self.as_number(self.as_atom(index, node), node), node, "an index"
                )
                self.store_element(container, (at,), value, node)
            case _:
                raise self.refuse(
                    node, f"assignment to a part of {describe(content)}", "use a list or a dict"
                )

    def in_world(
        self, container: Value, index: Value, value: Value, sign: str, node: ast.AST
    ) -> bool:
        """A change of an item of a dict of the module; is it one?"""
        world = self.world_of(container)
        if world is None or not isinstance(container, Ref):
            return False
        content = self.emitter.heap[container.obj]
        key = self.key(index, node)
        if key is None or not isinstance(content, Struct) or content.layout.kind != "dict":
            return False
        self.change_world(*world, f"[{key[0]!r}]{sign}", value, node)
        return True

    def store_entry(
        self,
        container: Ref,
        keys: tuple[object, ...],
        items: tuple[Value, ...],
        index: Value,
        value: Value,
        node: ast.AST,
    ) -> None:
        key = self.key(index, node)
        if key is None:
            self.tabulate(container, node)
            self.store_item(container, index, value, node)
            return
        k = key_index(keys, key[0])
        if k is None:
            changed = Struct(Layout("dict", (*keys, key[0])), (*items, value))
        else:
            changed = Struct(Layout("dict", keys), (*items[:k], value, *items[k + 1 :]))
        self.store(container, changed, node)

    def store_element(
        self, ref: Ref, at: tuple[Atom, ...], value: Value, node: ast.AST
    ) -> None:
        """`xs[i] = v` in a list of unknown length, or in a row of one."""
        content = self.content(ref, node)
        assert isinstance(content, ListValue)
        root, item, indices = self.rooted(ref, content, at, node)
        frozen = self.frozen(value, node)
        shape = map_leaves(
            template(item), lambda leaf: Undef(_deep_element(leaf, len(indices)))
        )
        joined = self.joined(shape, frozen, "")
        if not holds_atoms(joined):
            raise self.refuse(
                node,
                f"{describe(frozen)} in a list of {describe(shape)}",
                "use elements of one kind",
            )
        frozen = self.give_away(frozen)
        frozen = self.as_element(frozen, joined, self.emitter.builder)
        parts = list(leaves(self.coerce(frozen, joined, self.emitter.builder)))
        made: list[Atom] = []
        whole = self.content(root, node)
        if len(parts) != len(list(leaves(whole))):
            raise self.refuse(
                node,
                f"{describe(frozen)} in a list of {describe(shape)}",
                "use elements of one kind",
            )
        for leaf, part in zip(leaves(whole), parts, strict=True):
            made.append(self.let("set", (leaf, self.emitter.raw(part), *indices), node))
        inside = root is not ref
        depth = len(indices) - 1 if inside else 0
        self.changed_root(root, rebuild(whole, iter(made)), node, depth, replaced=not inside)
        if inside:
            self.refresh(ref, node)

    def store_field(self, ref: Ref, field: int, value: Value, node: ast.AST) -> None:
        """`xs[i].v = …` of an object in a list of unknown length."""
        assert ref.obj.place is not None
        root, indices = ref.obj.place
        self.check_root(root, node)
        whole = self.content(root, node)
        assert isinstance(whole, ListValue)
        item = whole.item
        for _ in indices[1:]:
            item = _inner(item, node, self)
        if not isinstance(item, Inline) or not isinstance(item.content, Struct):
            raise self.refuse(node, "a change of this element of a list", "use an index")
        fields = item.content.items
        before = sum(len(list(leaves(part))) for part in fields[:field])
        held = fields[field]
        shape = map_leaves(
            template(held), lambda leaf: Undef(_deep_element(leaf, len(indices)))
        )
        frozen = self.frozen(value, node)
        joined = self.joined(shape, frozen, "")
        parts: list[Atom] = []
        if holds_atoms(joined):
            frozen = self.give_away(frozen)
            frozen = self.as_element(frozen, joined, self.emitter.builder)
            parts = list(leaves(self.coerce(frozen, joined, self.emitter.builder)))
        if len(parts) != len(list(leaves(held))):
            what = f"{describe(frozen)} where the objects of a list hold {describe(shape)}"
            raise self.refuse(node, what, "use values of one kind")
        made = list(leaves(whole))
        for k, part in enumerate(parts, start=before):
            made[k] = self.let("set", (made[k], self.emitter.raw(part), *indices), node)
        self.changed_root(root, rebuild(whole, iter(made)), node, len(indices))
        self.refresh(ref, node)

    def check_root(self, root: Ref, node: ast.AST) -> None:
        """May the elements of a list be changed in their place?"""
        if root.obj.path:
            raise self.refuse(
                node,
                f"a change of a row of {root.obj.path}, whose rows may be one list",
                "change a copy: [row[:] for row in rows]",
            )
        if any(obj.shares for obj in (root.obj, *root.obj.origins)):
            raise self.refuse(
                node, "a change of an element that is in two lists", "copy the elements too"
            )

    def rooted(
        self, ref: Ref, content: ListValue, at: tuple[Atom, ...], node: ast.AST
    ) -> tuple[Ref, Value, tuple[Atom, ...]]:
        """The list that has a place to be written to: the list itself, or the one that it
        is a row of. And what its elements are made of, and the indices that lead there."""
        root, item, indices = ref, content.item, at
        if ref.obj.place is not None:
            root, before = ref.obj.place
            indices = (*before, *at)
            self.check_root(root, node)
            whole = self.content(root, node)
            assert isinstance(whole, ListValue)
            item = whole.item
            for _ in before:
                item = _inner(item, node, self)
        elif self.is_fixed(ref):
            self.store(ref, content, node)
        return root, item, indices

    def is_fixed(self, ref: Ref) -> bool:
        return any(obj.fixed for obj in (ref.obj, *ref.obj.origins))

    def changed_root(
        self,
        root: Ref,
        content: Value,
        node: ast.AST,
        depth: int = 0,
        replaced: bool = False,
    ) -> None:
        """A list of unknown length was changed: what was read of its elements is stale.

        depth: how far down the element is that alone was changed. replaced: an element of
        the list itself gave way to another one.
        """
        self.store(root, content, node)
        self.emitter.stale_elements(root.obj, depth, replaced)

    def refresh(self, ref: Ref, node: ast.AST) -> None:
        """Read an element again, of a list that was changed in its place."""
        assert ref.obj.place is not None
        root, indices = ref.obj.place
        value: Value = self.content(root, node)
        for at in indices:
            assert isinstance(value, ListValue)

            def get(leaf: Atom, at: Atom = at) -> Atom:
                return self.let("get", (leaf, at), node, list_element(leaf))

            value = map_leaves(value.item, get)
            if isinstance(value, Inline):
                value = value.content
        self.emitter.heap[ref.obj] = made = self.thawed(value)
        if isinstance(made, Struct):
            for obj in reached(made, self.emitter.heap):
                obj.fixed = GIVEN


_CALLABLE = (FunctionValue, PartialValue, PrimitiveMeaning, RuleMeaning)


def key_index(keys: tuple[object, ...], key: object) -> int | None:
    """Where a key stands: as Python compares keys, 1 is 1.0 is True."""
    return next((k for k, known in enumerate(keys) if known == key), None)


def flat(item: Value) -> bool:
    """Are the elements of a list of unknown length numbers, or tuples of numbers?"""
    match item:
        case TupleValue(items):
            return bool(items) and all(map(flat, items))
        case Nullable(inner, _):
            return flat(inner)
        case Var() | Undef():
            return list_element(item) == NEVER or is_number(list_element(item))
        case _:
            return False


def _minus_one(end: Atom) -> bool:
    return isinstance(end, Lit) and end.value == -1


def as_slice(ends: list[tuple[int | None] | None]) -> slice:
    start, stop, step = (end[0] if end else None for end in ends)
    return slice(start, stop, step)


def _inner(item: Value, node: ast.AST, frame: Containers) -> Value:
    match item:
        case Inline(ListValue(inner)):
            return inner
        case _:
            raise frame.refuse(node, "a change of this element of a list", "use an index")


def _deep_element(leaf: Atom, depth: int) -> Type:
    type_ = leaf.type
    for _ in range(depth):
        type_ = type_.item if isinstance(type_, List) else NEVER
    return type_
