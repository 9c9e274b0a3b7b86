"""Loops: what they carry, what they record.

A body is lowered until the types of what it carries are stable: the names that it binds
and that are read again, and the objects that it changes.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from s2sad.errors import S2sadError
from s2sad.frontend.base import BOTTOM, Unshared
from s2sad.frontend.branches import hints_of
from s2sad.frontend.containers import Dynamise
from s2sad.frontend.different import different, reached, stay_different
from s2sad.frontend.iteration import INDEX, Iteration, Source, Static
from s2sad.frontend.joins import same_template
from s2sad.frontend.normalize.exits import stop_flag
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import APPEND, is_hidden
from s2sad.frontend.objects import (
    Contents,
    NotARecord,
    apart,
    fitted,
    inlines,
    marked,
)
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import (
    UNBOUND,
    Appending,
    Inline,
    ListValue,
    Mixed,
    Obj,
    Ref,
    Struct,
    TupleValue,
    Unbound,
    Value,
    empty,
    leaves,
    map_leaves,
    rebuild,
    template,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import FALSE, Atom, Block, Lit, Loop, Range, Undef, Var, While
from s2sad.ir.types import INT, NEVER, List

Slot = str | Obj
MOST_PASSES = 32  # of a loop that is written out where it cannot be followed as one


class ChangedMeanwhile(Exception):
    """The elements of a list change while a loop runs over it."""


class Whole(NamedTuple):
    """The list that a loop runs over, its elements numbered or not."""

    ref: Ref
    numbered: bool


class State(NamedTuple):
    """What is put back where a loop is lowered anew."""

    env: dict[str, Value]
    heap: dict[Obj, Value]
    fixed: dict[Obj, str]
    stmts: int


class Scan(NamedTuple):
    """The parts that loops of both kinds have."""

    inits: tuple[Atom, ...]
    shapes: dict[Slot, Value]
    params: tuple[Var, ...]
    builder: Builder
    yields: list[Atom]
    recorded: dict[str, Value]
    records: dict[str, Obj]
    head: Block | None
    group: tuple[str, ...]


class Loops(Iteration):
    def scan(
        self,
        node: ast.For | ast.While,
        lower: Callable[[], None],
        head: Callable[[], Atom] | None = None,
    ) -> Scan:
        """Lower a body. The environment is left as it was before, without the names that
        are bound inside."""
        live = self.prepared.live
        before, heap, loop = dict(self.env), self.emitter.heap, self.loop
        around = self.emitter.outside
        fixed = {obj: obj.fixed for obj in heap}
        records = {
            name: value.obj
            for name in live.appended[node]
            if isinstance(value := self.env.get(name), Ref) and empty(heap[value.obj])
        }
        while True:
            self.loop = self.program.next_number()
            self.emitter.heap = dict(heap)
            self.emitter.outside = heap
            try:
                return self.passes(node, lower, head, records)
            except NotARecord as error:
                if error.obj not in records.values():
                    raise
                for obj, why in fixed.items():
                    obj.fixed = why
                records = {name: obj for name, obj in records.items() if obj is not error.obj}
            except Dynamise as error:
                if error.obj not in heap:
                    raise
                for obj, why in fixed.items():
                    obj.fixed = why
                self.emitter.heap, self.emitter.outside = dict(heap), around
                self.dynamise(Ref(error.obj), node)
                heap = self.emitter.heap
            finally:
                self.loop = loop
                self.emitter.heap, self.emitter.outside = dict(heap), around
                for name in live.assigned[node]:
                    self.env.pop(name, None)
                    if name in before:
                        self.env[name] = before[name]

    def passes(
        self,
        node: ast.For | ast.While,
        lower: Callable[[], None],
        head: Callable[[], Atom] | None,
        records: dict[str, Obj],
    ) -> Scan:
        live, loc = self.prepared.live, self.loc(node)
        handed: tuple[str, ...] = live.handed[node]
        slots = tuple(APPEND + name for name in records)
        before = self.snapshot(live.assigned[node])
        outside = dict(self.emitter.heap)
        shapes: dict[Slot, Value] = {name: _known(template(before[name])) for name in handed}
        token = Obj()
        fixed = {obj: obj.fixed for obj in outside}
        group = different(before, handed, outside)
        while True:
            for obj, why in fixed.items():
                obj.fixed = why
            self.forget((*live.assigned[node], *slots))
            condition = self.lowered_head(shapes, head, outside, records) if head else None
            params = _all_params(shapes)
            start = self.enter(params, outside, records)
            self.grouped(group, shapes)
            with self.emitter.nested() as builder:
                lower()
                raised = self.emitter.raised()
            heap = self.emitter.heap
            nexts: dict[Slot, Value] = {}
            nexts.update(self.snapshot(handed))
            nexts.update({o: heap[o] for o in outside if heap[o] is not start[o]})
            for obj in records.values():
                nexts.pop(obj, None)
            if raised:
                nexts = {}
            elif group and not stay_different(group, nexts, heap):
                group = ()
                continue
            joined, ends = dict(shapes), dict(nexts)
            for slot, value in nexts.items():
                shape = shapes.get(slot)
                if shape is None:
                    assert isinstance(slot, Obj)
                    shape = template(outside[slot])
                old, ends[slot] = apart(shape, value, (outside, heap), loc)
                joined[slot] = _known(self.joined(template(old), ends[slot], _hint(slot)))
            alone = [end for slot, end in ends.items() if slot not in group]
            shared = Counter(o for end in alone for i in inlines(end) for o in i.origins)
            # The objects of the group are different ones.
            grouped = [ends[name] for name in group if name in ends]
            shared.update({o for end in grouped for i in inlines(end) for o in i.origins})
            twice = {obj for obj, count in shared.items() if count > 1}
            for slot, end in ends.items():
                if slot in joined:
                    joined[slot] = marked(joined[slot], end, outside, twice, token)
            if joined.keys() == shapes.keys() and all(
                same_template(shapes[slot], joined[slot])
                and _origins(shapes[slot]) == _origins(joined[slot])
                for slot in joined
            ):
                break
            shapes = joined
        given = next((obj for obj, why in fixed.items() if obj.fixed != why), None)
        if given is not None:
            raise self.refuse(
                node,
                f"{given.hint or 'an object'}, which each pass would put into a list again",
                "put a copy of it into the list",
            )
        stop = self.env.get(stop_flag(node), FALSE)
        recorded = {name: self.recorded(name, obj) for name, obj in records.items()}
        yields = [self.as_atom(stop, node)]
        for slot, shape in shapes.items():
            end = ends.get(slot, params[slot])
            yields += self.leaves_like(end, shape, builder)
        for item in recorded.values():
            yields += self.leaves_like(item, item, builder)
        inits: list[Atom] = []
        for slot, shape in shapes.items():
            value = before[slot] if isinstance(slot, str) else outside[slot]
            value = fitted(value, shape, outside, loc)
            inits += self.leaves_like(value, shape, self.emitter.builder)
        variables = tuple(
            leaf for value in params.values() for leaf in leaves(value) if isinstance(leaf, Var)
        )
        return Scan(
            tuple(inits),
            shapes,
            variables,
            builder,
            yields,
            recorded,
            records,
            condition,
            group,
        )

    def enter(
        self, params: dict[Slot, Value], outside: Contents, records: dict[str, Obj]
    ) -> Contents:
        """The names and the heap at the head of a pass."""
        heap = self.emitter.heap = dict(outside)
        heap.update({obj: Appending(self.loop) for obj in records.values()})
        for slot, value in params.items():
            if isinstance(slot, str):
                self.env[slot] = self.thawed(value)
            else:
                heap[slot] = self.thawed(value)
        return dict(heap)

    def lowered_head(
        self,
        shapes: dict[Slot, Value],
        head: Callable[[], Atom],
        outside: Contents,
        records: dict[str, Obj],
    ) -> Block:
        """The condition of a `while`, over carries of its own."""
        env = dict(self.env)
        params = _all_params(shapes)
        self.enter(params, outside, records)
        with self.emitter.nested(Unshared(self.emitter.builder)) as builder:
            test = head()
        self.env.clear()
        self.env.update(env)
        variables = tuple(
            leaf for value in params.values() for leaf in leaves(value) if isinstance(leaf, Var)
        )
        return self.closed(builder, variables, [self.emitter.raw(test)])

    def grouped(self, group: tuple[str, ...], shapes: dict[Slot, Value]) -> None:
        """Mark the objects that a loop carries under the names of a group."""
        token = object()
        for name in group:
            if isinstance(shapes.get(name), Inline):
                for obj in reached(self.env[name], self.emitter.heap):
                    obj.group = token

    def leaves_like(self, value: Value, shape: Value, builder: Builder) -> list[Atom]:
        """The atoms of a value in the structure of a template, where the template has any."""
        if not any(True for _ in leaves(shape)):
            return []
        pairs = zip(leaves(self.coerce(value, shape, builder)), leaves(shape), strict=True)
        return [self.emitter.raw(atom) for atom, leaf in pairs if leaf.type != NEVER]

    def recorded(self, name: str, obj: Obj) -> Value:
        """What each pass appends to a list."""
        value = self.env.get(APPEND + name, UNBOUND)
        if isinstance(value, Unbound | Mixed):
            raise NotARecord(obj)
        return value

    def leave(self, scan: Scan) -> tuple[tuple[Var, ...], tuple[Var, ...]]:
        """Bind what the loop hands on: its outs and its lists."""
        outs: list[Var] = []
        for slot, shape in scan.shapes.items():
            made = _params(_hint(slot), shape)
            outs += [leaf for leaf in leaves(made) if isinstance(leaf, Var)]
            value = self.thawed(made)
            if not isinstance(slot, str):
                self.emitter.heap[slot] = value
            elif not (isinstance(shape, Undef) and shape.type == NEVER):
                self.env[slot] = value
        self.grouped(scan.group, scan.shapes)
        lists: list[Var] = []
        for name, item in scan.recorded.items():
            rows = [
                Var(List(leaf.type), hint, not is_hidden(name))
                for leaf, hint in zip(leaves(item), hints_of(name, item), strict=True)
            ]
            content = ListValue(rebuild(item, iter(rows)))
            self.emitter.heap[scan.records[name]] = content
            lists += rows
        return tuple(outs), tuple(lists)

    def for_(self, node: ast.For) -> None:
        around, self.emitter.heads = self.emitter.heads, []
        source = self.source(node.iter)
        # They may not change meanwhile.
        over = tuple(dict.fromkeys(self.emitter.heads))
        self.emitter.heads = around
        whole = self.whole_list(node.iter)
        if isinstance(source, Static):
            self.unrolled(node, source.items, 0, over, whole)
            return
        items = self.writable(source)
        state = self.state()
        try:
            self.loop_over(node, source, over)
        except ChangedMeanwhile:
            self.back_to(state)
            assert whole is not None
            self.by_index(node, whole)
        except S2sadError as error:
            # A loop that changes the rows of its list reads them by their index; one that
            # cannot be followed as one is written out, if its passes are known.
            if whole is not None and self.has_rows(whole, state):
                self.back_to(state)
                try:
                    self.by_index(node, whole)
                except S2sadError:
                    raise error from None
                return
            if items is None:
                raise
            self.back_to(state)
            try:
                self.unrolled(node, items, 0, over, None)
            except S2sadError:
                raise error from None

    def whole_list(self, node: ast.expr) -> Whole | None:
        """The list in `for x in xs` and `for k, x in enumerate(xs)`."""
        match node:
            case ast.Name(id=name) if isinstance(value := self.env.get(name), Ref):
                return Whole(value, False)
            case ast.Call(func=ast.Name(id="enumerate") as func, args=[ast.Name(id=name)]) if (
                isinstance(value := self.env.get(name), Ref)
                and self.read(func) == PrimitiveMeaning("enumerate")
            ):
                return Whole(value, True)
            case _:
                return None

    def has_rows(self, whole: Whole, state: State) -> bool:
        content = state.heap.get(whole.ref.obj)
        return isinstance(content, ListValue) and isinstance(content.item, Inline)

    def by_index(self, node: ast.For, whole: Whole) -> None:
        """A loop over a list whose elements change meanwhile reads them one by one."""
        content = self.content(whole.ref, node)
        assert isinstance(content, ListValue)
        length = self.let("len", (next(leaves(content)),), node, INT)
        source = Source(Range(Lit(0, INT), length, Lit(1, INT)), (), INDEX)
        resized, self.emitter.resized = self.emitter.resized, set()
        self.loop_over(node, source, (), whole)
        if whole.ref.obj in self.emitter.resized:
            what = f"a change of {whole.ref.obj.hint or 'what'} in a loop that runs over it"
            raise self.refuse(node, what, "loop over a copy, or over the index")
        self.emitter.resized |= resized

    def state(self) -> State:
        heap, env = dict(self.emitter.heap), dict(self.env)
        fixed = {obj: obj.fixed for obj in heap}
        return State(env, heap, fixed, len(self.emitter.builder.stmts))

    def back_to(self, state: State) -> None:
        self.env.clear()
        self.env.update(state.env)
        self.emitter.heap = state.heap
        for obj, fixed in state.fixed.items():
            obj.fixed = fixed
        del self.emitter.builder.stmts[state.stmts :]

    def writable(self, source: Source) -> tuple[Value, ...] | None:
        """The elements of a range or a list that is known, if they are not too many."""
        if source.known and len(source.known) <= MOST_PASSES:
            return source.known
        if source.seqs or source.domain is None or source.shape is not INDEX:
            return None
        ends = [self.emitter.raw(end) for end in source.domain[:3]]
        known = [end.value for end in ends if isinstance(end, Lit)]
        numbers = [value for value in known if isinstance(value, int)]
        if len(numbers) < 3 or not numbers[2]:
            return None
        passes = range(*numbers)
        if len(passes) > MOST_PASSES:
            return None
        order = reversed(passes) if source.domain.backward else passes
        return tuple(Lit(k, INT) for k in order)

    def check_unchanged(
        self, over: tuple[Obj, ...], before: Contents, node: ast.For, whole: Whole | None
    ) -> None:
        for obj in over:
            if (
                whole is not None
                and obj is whole.ref.obj
                and isinstance(before.get(obj), ListValue)
                and obj not in self.emitter.resized
            ):
                if self.emitter.heap.get(obj) is not before.get(obj):
                    raise ChangedMeanwhile
            elif self.known_content(Ref(obj), node) is not before.get(obj):
                raise self.refuse(
                    node,
                    f"a change of {obj.hint or 'what'} in a loop that runs over it",
                    "loop over a copy, or over the index",
                )

    def loop_over(
        self,
        node: ast.For,
        source: Source,
        over: tuple[Obj, ...],
        indexed: Whole | None = None,
    ) -> None:
        bound: list[Var] = []

        def lower() -> None:
            index = Var(INT)
            elements = [Var(leaf.type) for leaf in leaves(source.shape) if leaf is not INDEX]
            bound[:] = [index, *elements]
            rest = iter(elements)
            element = map_leaves(
                source.shape, lambda leaf: index if leaf is INDEX else next(rest)
            )
            if indexed is None:
                value = self.element(element)
            else:
                value = self.item_of(indexed.ref, index, node)
                value = TupleValue((index, value)) if indexed.numbered else value
            self.assign(node.target, value, node)
            self.block(node.body)

        before = dict(self.emitter.heap)
        scan = self.scan(node, lower)
        index, *elements = bound
        index.hint = index.hint or "_"
        body = self.closed(scan.builder, (*scan.params, *elements), scan.yields)
        self.forget_assigned(node)
        outs, lists = self.leave(scan)
        self.check_unchanged(over, before, node, self.whole_list(node.iter))
        self.add(
            Loop(
                outs,
                lists,
                index,
                source.domain,
                scan.inits,
                source.seqs,
                body,
                self.loc(node),
            )
        )

    def unrolled(
        self,
        node: ast.For,
        items: tuple[Value, ...],
        position: int,
        over: tuple[Obj, ...],
        whole: Whole | None,
    ) -> None:
        """The passes over elements that are known one by one."""
        live, stop = self.prepared.live, stop_flag(node)
        before = dict(self.emitter.heap)
        while position < len(items):
            self.program.written_out(self.loc(node))
            self.assign(node.target, self.plain(items[position]), node)
            self.block(node.body)
            if self.emitter.raised():
                return
            position += 1
            flag = self.env.get(stop, FALSE) if stop else FALSE
            if isinstance(flag, Lit) and flag.value:
                return
            items = self.elements_now(items, whole, node)
            others = tuple(o for o in over if whole is None or o is not whole.ref.obj)
            self.check_unchanged(others, before, node, None)
            if not isinstance(flag, Lit) and position < len(items):
                assert isinstance(flag, Var)

                def rest(start: int = position, left: tuple[Value, ...] = items) -> Value:
                    self.unrolled(node, left, start, over, whole)
                    return UNBOUND

                self.choose(
                    flag,
                    lambda: UNBOUND,
                    rest,
                    live.assigned[node],
                    live.handed[node],
                    node,
                )
                return

    def elements_now(
        self, items: tuple[Value, ...], whole: Whole | None, node: ast.For
    ) -> tuple[Value, ...]:
        """The elements of a list that is written out, as they are at this pass."""
        if whole is None:
            return items
        content = self.known_content(whole.ref, node)
        now = self.static_items(content, node)
        is_list = isinstance(content, Struct) and now is not None
        if not is_list or now is None or len(now) != len(items):
            raise self.refuse(
                node,
                f"a change of {whole.ref.obj.hint or 'what'} in a loop that runs over it",
                "loop over a copy, or over the index",
            )
        if not whole.numbered:
            return now
        pairs = zip(items, now, strict=True)
        numbers = [item.items[0] for item, _ in pairs if isinstance(item, TupleValue)]
        return tuple(TupleValue((k, v)) for k, v in zip(numbers, now, strict=True))

    def while_(self, node: ast.While) -> None:
        def head() -> Atom:
            self.block(head_of(node))
            return self.condition(node.test)

        scan = self.scan(node, lambda: self.block(node.body), head)
        assert scan.head is not None
        body = self.closed(scan.builder, scan.params, scan.yields)
        self.forget_assigned(node)
        outs, lists = self.leave(scan)
        self.add(While(outs, lists, scan.inits, scan.head, body, self.loc(node)))

    def forget_assigned(self, node: ast.stmt) -> None:
        self.forget(self.prepared.live.assigned[node])


def _hint(slot: Slot) -> str:
    return slot if isinstance(slot, str) else slot.hint


def _all_params(shapes: dict[Slot, Value]) -> dict[Slot, Value]:
    return {slot: _params(_hint(slot), shape) for slot, shape in shapes.items()}


def _origins(value: Value) -> list[frozenset[Obj]]:
    return [inline.origins for inline in inlines(value)]


def _known(shape: Value) -> Value:
    return BOTTOM if isinstance(shape, Unbound) else shape


def _params(name: str, shape: Value) -> Value:
    """Fresh variables in the structure of a template."""
    hints = iter(hints_of(name, shape))
    user = not is_hidden(name)

    def fresh(leaf: Atom) -> Atom:
        hint = next(hints)
        return leaf if leaf.type == NEVER else Var(leaf.type, hint, user)

    return map_leaves(shape, fresh)
