"""What loops carry and what they record.

A body is lowered until the types of what it carries are stable: the names that it binds
and that are read again, and the objects that it changes.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count
from typing import NamedTuple

from s2sad.frontend.base import BOTTOM, REREAD, SHARED, Change, Unshared, here
from s2sad.frontend.branches import hints_of
from s2sad.frontend.containers import Dynamise
from s2sad.frontend.different import different, reached, stay_different
from s2sad.frontend.iteration import Iteration
from s2sad.frontend.joins import PARTLY, same_template
from s2sad.frontend.normalize.exits import stop_flag
from s2sad.frontend.normalize.hidden import APPEND, RESULT, is_hidden
from s2sad.frontend.objects import (
    NONE,
    Contents,
    NotARecord,
    apart,
    fitted,
    held_in_lists,
    inlines,
    marked,
    newly_listed,
)
from s2sad.frontend.values import (
    UNBOUND,
    Appending,
    Inline,
    ListValue,
    Mark,
    Mixed,
    Obj,
    Ref,
    Struct,
    Unbound,
    Value,
    empty,
    leaves,
    map_leaves,
    rebuild,
    tells_nothing,
    template,
)
from s2sad.ir.build import Builder
from s2sad.ir.node import replace
from s2sad.ir.nodes import FALSE, Atom, Block, If, Let, Stmt, Undef, Var
from s2sad.ir.types import NEVER, List, is_array

Slot = str | Obj
# How often a body is lowered until the types of what it carries are stable.
_MOST_ATTEMPTS = 40


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
    reread: frozenset[Obj]


class Scans(Iteration):
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
            if isinstance(value := self.env.get(name), Ref) and self.may_record(value.obj)
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
                for obj in records.values():
                    obj.shares = False
                records = {name: obj for name, obj in records.items() if obj is not error.obj}
            except Dynamise as error:
                if error.obj not in heap:
                    raise
                for obj, why in fixed.items():
                    obj.fixed = why
                self.emitter.heap, self.emitter.outside = dict(heap), around
                self.dynamise(Ref(error.obj), node)
                heap = self.emitter.heap
                fixed = {obj: obj.fixed for obj in heap}
            finally:
                self.loop = loop
                self.emitter.heap, self.emitter.outside = dict(heap), around
                for name in live.assigned[node]:
                    self.env.pop(name, None)
                    if name in before:
                        self.env[name] = before[name]

    def may_record(self, obj: Obj) -> bool:
        """Is it an empty list that nothing else holds, and that no other one may be?"""
        others = self.emitter.heap if self.emitter.merged else ()
        return (
            empty(self.emitter.heap[obj])
            and not any(o.fixed for o in (obj, *obj.origins))
            and obj.origins == {obj}
            and not any(other is not obj and other.may_be(obj) for other in others)
        )

    def is_reread(self, obj: Obj) -> bool:
        """Is it an element of a list that was changed in its place, and is where it was?"""
        if obj.place is None or self.is_array(Ref(obj)):
            return False
        held = self.emitter.heap[obj]
        return held == REREAD or isinstance(held, ListValue | Struct)

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
        before.update({name: self.left(before[name]) for name in handed})
        outside = dict(self.emitter.heap)
        shapes: dict[Slot, Value] = {name: _known(template(before[name])) for name in handed}
        token = Obj()
        fixed = {obj: obj.fixed for obj in outside}
        group = different(before, handed, outside)
        reread: frozenset[Obj] = NONE
        for attempt in count():
            if attempt == _MOST_ATTEMPTS:
                raise self.refuse(
                    node,
                    "a loop that makes its variables of more and more parts",
                    "use a list, and append to it",
                )
            for obj, why in fixed.items():
                obj.fixed = why
            self.forget((*live.assigned[node], *slots))
            unshared = [obj for obj in outside if not obj.shares]
            given_heap = {**outside, **dict.fromkeys(reread, REREAD)}
            condition = self.lowered_head(shapes, head, given_heap, records) if head else None
            params = _all_params(shapes)
            start = self.enter(params, given_heap, records)
            self.grouped(group, shapes)
            with self.emitter.nested() as builder:
                lower()
                raised = self.emitter.raised()
                bound = {n: self.left(v) for n, v in self.snapshot(handed).items()}
                for obj in outside:
                    if self.emitter.heap[obj] is not start[obj]:
                        self.detach_within(obj, node)
            given = [o for o, why in fixed.items() if o.fixed not in (why, SHARED)]
            fixed.update({obj: obj.fixed for obj in given})
            if given or any(obj.shares for obj in unshared):
                # What is in a list, or in two, at the end of a pass, is so at its head.
                continue
            heap = self.emitter.heap
            self.check_result(bound.get(RESULT, UNBOUND), start, node)
            nexts: dict[Slot, Value] = {}
            nexts.update(bound)
            changed = [obj for obj in outside if heap[obj] is not start[obj]]
            elements = {obj for obj in changed if obj not in reread and self.is_reread(obj)}
            if elements:
                # Elements that are where they were are read again, not carried.
                reread |= elements
                shapes = {slot: v for slot, v in shapes.items() if slot not in elements}
                continue
            nexts.update({obj: heap[obj] for obj in changed if obj not in reread})
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
            twice = {o for o, count in shared.items() if count > 1 and not isinstance(o, Mark)}
            for slot, end in ends.items():
                if slot in joined:
                    joined[slot] = marked(joined[slot], end, outside, twice, token)
            known = {s: before[s] if isinstance(s, str) else outside[s] for s in joined}
            firsts = {s: fitted(known[s], joined[s], outside, loc) for s in joined}
            pairs = [(s, v) for some in (firsts, ends) for s, v in some.items() if s in joined]
            listed = NONE.union(*(newly_listed(joined[slot], v) for slot, v in pairs))
            if listed:
                for slot, value in pairs:
                    joined[slot] = held_in_lists(joined[slot], value, listed)
            for obj in listed:
                if obj in joined:
                    raise self.refuse(
                        node,
                        f"a change of {obj.hint or 'an object'}, which is in a list of"
                        " unknown length,",
                        "put a copy into the list",
                    )
            if joined.keys() == shapes.keys() and all(
                same_template(shapes[slot], joined[slot])
                and _origins(shapes[slot]) == _origins(joined[slot])
                for slot in joined
            ):
                partly = [name for name in handed if self.may_pass(name, before, joined)]
                if not partly:
                    break
                joined.update(dict.fromkeys(partly, PARTLY))
            shapes = joined
        stop = self.env.get(stop_flag(node), FALSE)
        recorded = {name: self.recorded(name, obj) for name, obj in records.items()}
        yields = [self.as_atom(stop, node)]
        for slot, shape in shapes.items():
            end = ends.get(slot, params[slot])
            atoms = self.leaves_like(end, shape, builder)
            if isinstance(slot, str):
                apart_from_lists(builder, atoms)
            yields += atoms
        for item in recorded.values():
            yields += self.leaves_like(item, item, builder)
        inits: list[Atom] = []
        for slot, shape in shapes.items():
            value = fitted(known[slot], shape, outside, loc)
            atoms = self.leaves_like(value, shape, self.emitter.builder)
            self.emitter.carried |= arrays_of(atoms) if isinstance(slot, str) else set()
            inits += atoms
        self.emitter.carried = set()
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
            reread,
        )

    def may_pass(self, name: str, before: dict[str, Value], shapes: dict[Slot, Value]) -> bool:
        """May a name be unbound at the head of a loop, and a read of it pass unseen?"""
        unseen = before[name] is UNBOUND and tells_nothing(shapes.get(name, UNBOUND))
        return unseen and not is_hidden(name)

    def check_result(self, result: Value, start: Contents, node: ast.stmt) -> None:
        """A list that is returned out of the loop that changes it would be carried twice."""
        heap = self.emitter.heap
        held = reached(result, heap)
        for obj, before in start.items() if held else ():
            if heap[obj] is before or not _of_lists(heap[obj]):
                continue
            if any(other is obj or other.may_be(obj) for other in held):
                raise self.refuse(
                    node,
                    f"a loop that changes {obj.hint or 'a list'} and returns it, or another",
                    "break out of the loop, and return it after",
                )

    def enter(
        self, params: dict[Slot, Value], outside: Contents, records: dict[str, Obj]
    ) -> Contents:
        """The names and the heap at the head of a pass."""
        heap = self.emitter.heap = dict(outside)
        heap.update({obj: Appending(self.loop) for obj in records.values()})
        for slot, value in params.items():
            self.emitter.joined.update(v for v in leaves(value) if isinstance(v, Var))
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
        self.emitter.heap.update(dict.fromkeys(scan.reread, REREAD))
        self.grouped(scan.group, scan.shapes)
        lists: list[Var] = []
        for name, item in scan.recorded.items():
            rows = [
                Var(List(leaf.type), hint, not is_hidden(name))
                for leaf, hint in zip(leaves(item), hints_of(name, item), strict=True)
            ]
            content = ListValue(rebuild(item, iter(rows)))
            self.emitter.heap[scan.records[name]] = content
            changed = Change(scan.records[name], here(self.emitter.builder))
            self.emitter.changes.append(changed)
            lists += rows
        return tuple(outs), tuple(lists)


def arrays_of(atoms: list[Atom]) -> set[Atom]:
    return {atom for atom in atoms if is_array(atom.type) and isinstance(atom, Var)}


def apart_from_lists(builder: Builder, atoms: list[Atom]) -> None:
    """What a loop hands on by its name, and appends to a list, is in the list as a copy: the
    next pass changes the list."""
    carried = arrays_of(atoms)
    if carried:
        builder.stmts[:] = _appending_copies(builder.stmts, carried)


def _appending_copies(stmts: Iterable[Stmt], carried: set[Atom]) -> list[Stmt]:
    made: list[Stmt] = []
    for stmt in stmts:
        match stmt:
            case Let(out, "append", (held, Var() as part, *at), loc) if part in carried:
                copy = Var(part.type)
                made.append(Let(copy, "copy", (part,), loc))
                stmt = Let(out, "append", (held, copy, *at), loc)
            case If(then=then, orelse=orelse):
                first = tuple(_appending_copies(then.stmts, carried))
                second = tuple(_appending_copies(orelse.stmts, carried))
                if (len(first), len(second)) != (len(then.stmts), len(orelse.stmts)):
                    then, orelse = replace(then, stmts=first), replace(orelse, stmts=second)
                    stmt = replace(stmt, then=then, orelse=orelse)
        made.append(stmt)
    return made


def _of_lists(content: Value) -> bool:
    return any(isinstance(leaf.type, List) for leaf in leaves(content))


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
