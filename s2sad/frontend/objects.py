"""What can change: objects on the heap, and what happens to them where paths meet.

b = a; b.append(x)     two names, one object: `a` has the new content too
c = a if t else b      an object that may be either: a change of one of the three makes
                       the others stale, and reading a stale one is refused
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.frontend.base import GIVEN, SHARED, STALE, Change, Frame, here
from s2sad.frontend.normalize.hidden import is_hidden
from s2sad.frontend.resolve import ClassMeaning, Held
from s2sad.frontend.values import (
    UNBOUND,
    UNSEEN,
    Appending,
    Inline,
    Layout,
    ListValue,
    Mark,
    Mixed,
    Nullable,
    Obj,
    Ref,
    Stale,
    Struct,
    TupleValue,
    Value,
    describe,
    map_leaves,
    mark,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.ir.types import NONE as NONE_TYPE
from s2sad.ir.types import List, Opaque, is_array

Contents = Mapping[Obj, Value]
NONE: frozenset[Obj] = frozenset()


class NotARecord(Exception):
    """A list is more than what each pass of a loop appends to: lower the loop anew."""

    def __init__(self, obj: Obj) -> None:
        super().__init__()
        self.obj = obj


class Objects(Frame):
    def allocate(self, content: Value, origins: frozenset[Obj] | None = None) -> Ref:
        obj = Obj(origins)
        self.emitter.heap[obj] = content
        return Ref(obj)

    def content(self, value: Value, node: ast.AST) -> Value:
        """What an object holds now; any other value as it is."""
        if not isinstance(value, Ref):
            return value
        if value.obj.part is not None:
            return self.arrays.current(value.obj, node)
        self.program.touched.content(value.obj)
        if value.obj.world is not None:
            found = value.obj.world.found
            self.program.world_reads[id(found), ""] = type(found)
            self.program.check_world()
        content = self.emitter.heap.get(value.obj)
        match content:
            case None:
                raise self.refuse(
                    node, "an object of the function around here", "pass it as an argument"
                )
            case Mixed(why):
                raise self.refuse(
                    node, f"an object that is {why}, depending on the path", "use one kind"
                )
            case Appending():
                raise NotARecord(value.obj)
            case Stale(again=True) if value.obj.place is not None:
                self.refresh(value, node)
                return self.content(value, node)
            case Stale(why):
                raise self.refuse(node, why.rstrip(","), "work on a copy of it")
            case _:
                return content

    def detached(self, value: Value, node: ast.AST) -> Value:
        """A value whose views of arrays are objects of their own, which share memory with
        the array: where one of them is written to, the others may not be read."""
        if not self.emitter.views:
            return value
        value = self._without_views(value, node)
        for obj in objects_in(value):
            self.detach_within(obj, node)
        return value

    def _without_views(self, value: Value, node: ast.AST) -> Value:
        match value:
            case Ref(obj) if obj.part is not None:
                self.emitter.merged = True
                return self.allocate(self.content(value, node), obj.origins)
            case TupleValue(items):
                return TupleValue(tuple(self._without_views(item, node) for item in items))
            case Struct(layout, items):
                return Struct(layout, tuple(self._without_views(item, node) for item in items))
            case Nullable(item, present):
                return Nullable(self._without_views(item, node), present)
            case _:
                return value

    def detach_within(self, obj: Obj, node: ast.AST) -> None:
        """Let what an object holds, however deep, be no view of an array."""
        pending = [obj] if self.emitter.views else []
        seen: set[Obj] = set()
        while pending:
            obj = pending.pop()
            held = self.emitter.heap.get(obj)
            if obj in seen or held is None:
                continue
            seen.add(obj)
            if holds_view(held):
                held = self.emitter.heap[obj] = self._without_views(held, node)
            pending += objects_in(held)

    def left(self, value: Value) -> Value:
        """A value that leaves the block that it was made in."""
        return self.detached(value, self.at_hand or self.function.node)

    def only_appended(self, obj: Obj) -> bool:
        """Is it a list that is there before the call? It need not be looked into."""
        content = self.emitter.heap.get(obj)
        held = content.layout.kind if isinstance(content, Struct) else "list"
        known = external(obj) or obj.world is not None
        return known and held == "list" and not isinstance(content, Mixed)

    def stored_outside(self, ref: Ref, step: str, value: Value, node: ast.AST) -> None:
        """Let a change of an object that outlives the call happen, if it is one."""
        if not external(ref.obj):
            return
        path = ref.obj.path
        if not path or not isinstance(value, Var | Lit):
            what = path or "an object that may be one of several"
            raise self.refuse(
                node,
                f"a change of {what}{step}, which outlives the call, to {describe(value)}",
                "store a number, or return it",
            )
        if isinstance(value, Var) and not value.hint and step[0] == "." and step[-1] != ")":
            value.hint = step[1:]
        self.let("store", (Lit(path + step, Opaque("text")), value), node, NONE_TYPE)
        self.given_change(ref.obj, path, step, node)
        # Another object from outside may be the same one.
        kept = self.emitter.heap[ref.obj]
        for other in self.emitter.heap:
            if other is not ref.obj and alike(self.emitter.heap[other], kept, external(other)):
                if other.path and len(other.origins) == len(ref.obj.origins) == 1:
                    self.emitter.apart[path, other.path] = None
                    continue
                self.emitter.heap[other] = Stale(
                    f"an object that may be {path}, which was changed,"
                )

    def given_change(self, obj: Obj, path: str, step: str, node: ast.AST) -> None:
        """An object of the module may be the one that is changed."""
        loc = self.loc(node)
        match self.emitter.heap.get(obj):
            case Struct(Layout("object", _, ClassMeaning() as cls)):
                self.program.given_changes.setdefault((cls.found, step[1:]), (path, loc))
            case _:
                self.program.given_changes.setdefault((list, ""), (path, loc))

    def change_world(
        self,
        held: Held,
        name: str,
        step: str,
        value: Value,
        node: ast.AST,
        attribute: str = "",
    ) -> None:
        """Let a change of an object of the module happen: `COUNTS["f"] += 1`."""
        if not isinstance(value, Var | Lit) or is_array(value.type):
            raise self.refuse(
                node,
                f"a change of {name}, which outlives the call, to {describe(value)}",
                "store a number, or return it",
            )
        known = self.program.change_world(held, name, attribute, self.loc(node))
        text = Lit(known + step, Opaque("text"))
        self.let("store", (text, self.emitter.raw(value)), node, NONE_TYPE)
        # An argument, or a part of one, may be the same object.
        for other, content in self.emitter.heap.items():
            kind = content.layout.kind if isinstance(content, Struct) else "list"
            if external(other) and (kind == "object") == bool(attribute):
                self.emitter.heap[other] = Stale(
                    f"an object that may be {name}, which was changed,"
                )

    def world_of(self, value: Value) -> tuple[Held, str] | None:
        """A list or a dict of the module, and its name."""
        match value:
            case Ref(obj) if obj.world is not None and self.emitter.constants:
                return obj.world, obj.hint
            case _:
                return None

    def store(self, ref: Ref, content: Value, node: ast.AST, followed: bool = False) -> None:
        """Change an object; what may be the same object is stale from here on.

        `followed`: of an object that outlives the call, the change itself is emitted too.
        """
        self.content(ref, node)
        if is_argument(ref.obj, self.emitter.heap[ref.obj]):
            # It is copied on entry; another argument may be the same list.
            for other, held in self.emitter.heap.items():
                if other is not ref.obj and alike(held, content, external(other)):
                    self.emitter.heap[other] = Stale(
                        f"an argument that may be {ref.obj.path}, which was changed,"
                    )
        elif external(ref.obj) and not followed and not self.owned_array(ref):
            path = ref.obj.path or "an object"
            raise self.refuse(
                node, f"a change of {path}, which outlives the call,", "return a new one"
            )
        fixed = max((obj.fixed for obj in ref.obj.origins), default="") or ref.obj.fixed
        if fixed:
            given = isinstance(content, Struct) and content.layout.kind == "object"
            by_index = "change it by its index: xs[i].v = …" if given and fixed == GIVEN else ""
            instead = by_index or "make a copy, and change that"
            raise self.refuse(node, f"a change of {fixed}", instead)
        heap = self.emitter.heap
        heap[ref.obj] = content
        self.emitter.changes.append(Change(ref.obj, here(self.emitter.builder)))
        if self.emitter.merged:
            for other in heap:
                if other is not ref.obj and other.may_be(ref.obj):
                    heap[other] = STALE

    def owned_array(self, ref: Ref) -> bool:
        """Is it an array of an argument, or a part of one? It is copied on entry."""
        paths = [origin.path for origin in (ref.obj, *ref.obj.origins)]
        return self.is_array(ref) and not any("." in path for path in paths)

    def give_away(
        self, value: Value, shared: Obj | None = None, builder: Builder | None = None
    ) -> Value:
        """What is put into a list, as its own. What is in a list already, and what was
        there before the loop that makes the list `shared`, may be in two places: neither
        such objects nor the elements of lists are written to any more."""
        twice = False
        for inline in inlines(value):
            around = {o.place[0].obj for o in inline.origins if o.place is not None}
            around |= {o for o in inline.origins if self.holds_such(o, inline.content)}
            marks = [o.fixed for o in inline.origins if isinstance(o, Mark)]
            put = [o for o in inline.origins - around if not isinstance(o, Mark)]
            before = self.emitter.outside if shared else ()
            again = any(obj in before for obj in put)
            if shared and again:
                shared.shares = True
            known = [*marks, *(obj.fixed for obj in put if obj in self.emitter.heap)]
            twice |= GIVEN in known or (SHARED in known and not again)
            twice |= not around.isdisjoint(inline.origins)
            for obj in put:
                obj.fixed = obj.fixed or (SHARED if again else GIVEN)
        if not twice:
            return value
        for obj in self.emitter.heap:
            obj.shares = True
        into = builder or self.emitter.builder

        def copy(leaf: Atom) -> Atom:
            held = isinstance(leaf.type, List) or is_array(leaf.type)
            return into.let("copy", (leaf,), type_=leaf.type) if held else leaf

        return map_leaves(value, copy)

    def holds_such(self, obj: Obj, value: Value) -> bool:
        """Among what an object may be: is it a list that this may be an element of?"""
        content = self.emitter.heap.get(obj)
        return isinstance(content, ListValue) and _depth(content) != _depth(value)

    def frozen(self, value: Value, node: ast.AST) -> Value:
        """A value whose objects stand in it with what they hold."""
        value = self.detached(value, node)
        for obj in objects_in(value):
            self.content(Ref(obj), node)
        return frozen(value, self.emitter.heap, self.loc(node))

    def thawed(self, value: Value) -> Value:
        """A value whose objects are on the heap."""
        match value:
            case Inline(content, origins):
                marks = {origin for origin in origins if isinstance(origin, Mark)}
                self.emitter.merged |= bool(origins - marks)
                made = self.allocate(self.thawed(content), (origins - marks) or None)
                made.obj.fixed = max((mark.fixed for mark in marks), default="")
                made.obj.shares = any(mark.shares for mark in marks)
                return made
            case TupleValue(items):
                return TupleValue(tuple(map(self.thawed, items)))
            case Struct(layout, items):
                return Struct(layout, tuple(map(self.thawed, items)))
            case Nullable(item, present):
                return Nullable(self.thawed(item), present)
            case _:
                return value


def frozen(value: Value, heap: Contents, loc: Loc, inside: frozenset[Obj] = NONE) -> Value:
    """A value whose objects stand in it with what they hold in a heap."""
    match value:
        case Ref(obj):
            if obj.part is not None:
                raise UnsupportedSyntax(
                    "a view of an array that is kept in an object here",
                    loc,
                    "keep a copy of it",
                )
            content = heap[obj]
            if isinstance(content, Appending):
                raise NotARecord(obj)
            if obj in inside:
                raise UnsupportedSyntax(
                    "an object that contains itself is not supported here", loc, "use indices"
                )
            return Inline(frozen(content, heap, loc, inside | {obj}), lineage(obj))
        case TupleValue(items):
            return TupleValue(tuple(frozen(item, heap, loc, inside) for item in items))
        case Struct(layout, items):
            return Struct(layout, tuple(frozen(item, heap, loc, inside) for item in items))
        case Nullable(item, present):
            return Nullable(frozen(item, heap, loc, inside), present)
        case _:
            return value


def _depth(value: Value) -> int:
    match value:
        case ListValue(item):
            return 1 + _depth(item)
        case Inline(content):
            return _depth(content)
        case Struct(Layout("list"), items):
            return 1 + max(map(_depth, items), default=0)
        case _:
            return 0


def lineage(obj: Obj) -> frozenset[Obj]:
    """What an object may be, the lists that it may be an element of among these: where paths
    have met it is not known any more which element it is. And what is known of it."""
    known = (obj, *obj.origins)
    fixed = max((o.fixed for o in known if o.place is None), default="")
    lists = (o.place[0].obj for o in obj.origins if o.place is not None)
    return obj.origins.union(lists) | mark(fixed, any(o.shares for o in known))


def apart(
    a: Value, b: Value, heaps: tuple[Contents, Contents], loc: Loc
) -> tuple[Value, Value]:
    """Two values that meet, those of their objects frozen that are not the same in both."""
    match a, b:
        case Ref(x), Ref(y) if x is y:
            return a, b
        case (TupleValue(xs), TupleValue(ys)) if len(xs) == len(ys):
            pairs = [apart(x, y, heaps, loc) for x, y in zip(xs, ys, strict=True)]
            return TupleValue(tuple(x for x, _ in pairs)), TupleValue(
                tuple(y for _, y in pairs)
            )
        case (Struct(l1, xs), Struct(l2, ys)) if l1 == l2 and len(xs) == len(ys):
            pairs = [apart(x, y, heaps, loc) for x, y in zip(xs, ys, strict=True)]
            return Struct(l1, tuple(x for x, _ in pairs)), Struct(
                l2, tuple(y for _, y in pairs)
            )
        case Nullable(x, here_), Nullable(y, there):
            first, second = apart(x, y, heaps, loc)
            return Nullable(first, here_), Nullable(second, there)
        case _:
            return frozen(a, heaps[0], loc), frozen(b, heaps[1], loc)


def holds_view(value: Value) -> bool:
    """Is a view of an array among what a value names itself?"""
    return any(obj.part is not None for obj in objects_in(value))


def settled_outside(value: Value, outside: Contents, heap: Contents, loc: Loc) -> Value:
    """A value that leaves a block: objects that were made in it stand in it frozen."""
    match value:
        case Ref(obj) if obj in outside:
            return value
        case Ref():
            return frozen(value, heap, loc)
        case TupleValue(items):
            return TupleValue(tuple(settled_outside(i, outside, heap, loc) for i in items))
        case Struct(layout, items):
            return Struct(layout, tuple(settled_outside(i, outside, heap, loc) for i in items))
        case Nullable(item, present):
            return Nullable(settled_outside(item, outside, heap, loc), present)
        case _:
            return value


def only_bound(name: str, values: Sequence[Value], outside: Contents) -> Value | None:
    """The object, or the literal, that a hidden name is of wherever it is bound: it is read
    nowhere else."""
    bound = [value for value in values if value is not UNBOUND]
    if not is_hidden(name) or not 0 < len(bound) < len(values):
        return None
    first, *others = bound
    match first:
        case Ref(obj) if obj in outside:
            alike = all(isinstance(v, Ref) and v.obj is obj for v in others)
            return first if alike else None
        case Lit():
            alike = all(isinstance(v, Lit) and v.key == first.key for v in others)
            return first if alike else None
        case _:
            return None


def fitted(value: Value, shape: Value, heap: Contents, loc: Loc) -> Value:
    """A value with its objects frozen where those of a template are."""
    match value, shape:
        case Ref(), Ref():
            return value
        case Ref(obj), Inline(inner, _):
            found = frozen(value, heap, loc)
            assert isinstance(found, Inline)
            return Inline(fitted(found.content, inner, heap, loc), lineage(obj))
        case (TupleValue(xs), TupleValue(ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return TupleValue(tuple(fitted(x, y, heap, loc) for x, y in pairs))
        case (Struct(layout, xs), Struct(_, ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return Struct(layout, tuple(fitted(x, y, heap, loc) for x, y in pairs))
        case Nullable(item, present), Nullable(inner, _):
            return Nullable(fitted(item, inner, heap, loc), present)
        case Ref(), Nullable(inner, _):
            return fitted(value, inner, heap, loc)
        case _:
            return frozen(value, heap, loc)


def external(obj: Obj) -> bool:
    """Is it, or may it be, an object that is there before the call?"""
    return any(origin.path for origin in (obj, *obj.origins))


def is_argument(obj: Obj, content: Value) -> bool:
    """Is it a list or a dict of an argument, of which the function has a copy?"""
    if not obj.path or "." in obj.path or len(obj.origins) != 1:
        return False
    return not isinstance(content, Struct) or content.layout.kind in ("list", "dict")


def alike(a: Value, b: Value, external_: bool) -> bool:
    """May two objects from outside be one, by what they hold?"""
    if not external_:
        return False
    match a, b:
        case Struct(Layout("object", _, cls)), Struct(Layout("object", _, other)):
            return cls == other
        case (
            (ListValue() | Struct(Layout("list"))),
            (ListValue() | Struct(Layout("list")) | Stale()),
        ):
            return True
        case ((ListValue() | Struct(Layout("list"))), Var(type=type_)):
            # It is appended to, and not looked into.
            return type_ == UNSEEN
        case Struct(Layout("dict")), Struct(Layout("dict")):
            return True
        case _:
            return False


def _if_there(value: Value) -> Value:
    return value.item if isinstance(value, Nullable) else value


def inlines(value: Value) -> Iterator[Inline]:
    """The objects that stand in a value with their content."""
    match value:
        case Inline(content):
            yield value
            yield from inlines(content)
        case TupleValue(items) | Struct(_, items):
            for item in items:
                yield from inlines(item)
        case Nullable(item, _):
            yield from inlines(item)
        case _:
            return


def newly_listed(shape: Value, value: Value) -> frozenset[Obj]:
    """The objects in lists that are known one by one, and get of unknown length."""
    match shape, value:
        case ListValue(), Struct(_, items):
            return frozenset(o for item in items for i in inlines(item) for o in i.origins)
        case Inline(content), Inline(inner):
            return newly_listed(content, inner)
        case (TupleValue(xs), TupleValue(ys)) | (Struct(_, xs), Struct(_, ys)):
            found = (newly_listed(x, y) for x, y in zip(xs, ys, strict=False))
            return NONE.union(*found)
        case Nullable(x, _), _:
            return newly_listed(x, _if_there(value))
        case _:
            return NONE


def held_in_lists(shape: Value, value: Value, listed: frozenset[Obj]) -> Value:
    """A template, those of its objects marked that may be in lists of unknown length."""
    match shape, value:
        case Inline(content, origins), Inline(inner, ends):
            known = origins if listed.isdisjoint(ends) else origins | mark(GIVEN, False)
            return Inline(held_in_lists(content, inner, listed), known)
        case (TupleValue(xs), TupleValue(ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return TupleValue(tuple(held_in_lists(x, y, listed) for x, y in pairs))
        case (Struct(layout, xs), Struct(_, ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return Struct(layout, tuple(held_in_lists(x, y, listed) for x, y in pairs))
        case Nullable(x, present), _:
            return Nullable(held_in_lists(x, _if_there(value), listed), present)
        case _:
            return shape


def marked(value: Value, end: Value, outside: Contents, twice: set[Obj], token: Obj) -> Value:
    """The template of what a loop carries: which objects it may be at the head of a pass.

    Those from outside that it was, or became; and what is carried under two names, as
    `twice` tells, may be one object, which `token` stands for.
    """
    match value, end:
        case Inline(content, origins), _ if not isinstance(end, Inline):
            known = frozenset(obj for obj in origins if obj in outside or isinstance(obj, Mark))
            return Inline(marked(content, UNBOUND, outside, twice, token), known)
        case Inline(content, origins), Inline(inner, ends):
            known = frozenset(obj for obj in origins if obj in outside or isinstance(obj, Mark))
            if ends & twice or token in origins:
                known |= {token}
            return Inline(marked(content, inner, outside, twice, token), known)
        case (TupleValue(xs), TupleValue(ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return TupleValue(tuple(marked(x, y, outside, twice, token) for x, y in pairs))
        case (Struct(layout, xs), Struct(_, ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return Struct(layout, tuple(marked(x, y, outside, twice, token) for x, y in pairs))
        case Nullable(x, present), _:
            return Nullable(marked(x, _if_there(end), outside, twice, token), present)
        case _:
            return value


def without_origins(value: Value) -> Value:
    """A frozen value whose objects are new ones when they are thawed."""
    match value:
        case Inline(content):
            return Inline(without_origins(content))
        case TupleValue(items):
            return TupleValue(tuple(map(without_origins, items)))
        case Struct(layout, items):
            return Struct(layout, tuple(map(without_origins, items)))
        case Nullable(item, present):
            return Nullable(without_origins(item), present)
        case _:
            return value


def holds_before(value: Value, outside: Contents) -> bool:
    """Is there an object in a frozen value that was there before the loop, and holds more
    than numbers?"""
    return any(
        obj in outside and any(True for _ in inlines(inline.content))
        for inline in inlines(value)
        for obj in inline.origins
    )


def objects_in(value: Value) -> Iterator[Obj]:
    """The objects that a value names itself."""
    match value:
        case Ref(obj):
            yield obj
        case TupleValue(items) | Struct(_, items):
            for item in items:
                yield from objects_in(item)
        case Nullable(item, _):
            yield from objects_in(item)
        case _:
            return
