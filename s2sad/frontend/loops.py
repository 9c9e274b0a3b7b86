"""`for` and `while`: loops of the IR, or their passes written out where they are known."""

from __future__ import annotations

import ast
from typing import NamedTuple

from s2sad.errors import S2sadError
from s2sad.frontend import iterators
from s2sad.frontend.iteration import INDEX, Source, Static
from s2sad.frontend.normalize.exits import stop_flag
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.objects import Contents
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.scans import Scans
from s2sad.frontend.values import (
    UNBOUND,
    Inline,
    ListValue,
    Obj,
    Ref,
    Stale,
    Struct,
    TupleValue,
    Value,
    leaves,
    map_leaves,
)
from s2sad.ir.nodes import FALSE, Atom, Lit, Loop, Range, Var, While
from s2sad.ir.types import INT, is_array

MOST_PASSES = 32  # of a loop that is written out where it cannot be followed as one


class ChangedMeanwhile(Exception):
    """The elements of a list change while a loop runs over it."""


class Whole(NamedTuple):
    """The list that a loop runs over, its elements numbered or not."""

    ref: Ref
    numbered: bool
    backward: bool = False


class State(NamedTuple):
    """What is put back where a loop is lowered anew."""

    env: dict[str, Value]
    heap: dict[Obj, Value]
    fixed: dict[Obj, tuple[str, bool]]
    stmts: int


class Loops(Scans):
    def for_(self, node: ast.For) -> None:
        around, self.emitter.heads = self.emitter.heads, []
        others, self.emitter.taken = self.emitter.taken, []
        with self.evaluating(node.iter):
            source = self.source(node.iter)
        taken, self.emitter.taken = self.emitter.taken, others
        # They may not change meanwhile.
        over = tuple(dict.fromkeys(self.emitter.heads))
        self.emitter.heads = around
        if taken:
            self.for_taken(node, source, over, taken)
        else:
            self.for_source(node, source, over, self.whole_list(node.iter))

    def for_taken(
        self, node: ast.For, source: Source | Static, over: tuple[Obj, ...], taken: list[Ref]
    ) -> None:
        """A loop over iterators: they are used up at its head, so that nothing in its body
        may show it."""
        held = [self.emitter.heap[ref.obj] for ref in taken]
        if len({ref.obj for ref in taken}) < len(taken):
            what = "an iterator that stands twice in a zip"
            raise self.refuse(node.iter, what, "loop over an index")
        for ref in taken:
            iterators.check(self, ref, node.iter)
            if stop_flag(node) or len(taken) > 1 or not _alone(node.iter):
                iterators.check_ends(self, ref, node.iter)
        self.for_source(node, source, over, None)
        for ref, before in zip(taken, held, strict=True):
            iterators.check(self, ref, node.iter)
            if self.emitter.heap.get(ref.obj) is not before:
                raise self.refuse(
                    node, "an iterator that the body of its loop uses", "use next() only"
                )
            if stop_flag(node) or not isinstance(node.iter, ast.Name):
                self.emitter.heap[ref.obj] = Stale("an iterator that may not be used up,")

    def for_source(
        self,
        node: ast.For,
        source: Source | Static,
        over: tuple[Obj, ...],
        whole: Whole | None,
    ) -> None:
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
            listed = whole or self.reversed_list(node.iter)
            if listed is not None and self.has_rows(listed, state):
                self.back_to(state)
                try:
                    self.by_index(node, listed)
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

    def reversed_list(self, node: ast.expr) -> Whole | None:
        """The list in `for x in reversed(xs)`."""
        match node:
            case ast.Call(func=ast.Name(id="reversed") as func, args=[ast.Name(id=name)]) if (
                isinstance(value := self.env.get(name), Ref)
                and self.read(func) == PrimitiveMeaning("reversed")
            ):
                return Whole(value, False, True)
            case _:
                return None

    def has_rows(self, whole: Whole, state: State) -> bool:
        content = state.heap.get(whole.ref.obj)
        return isinstance(content, ListValue) and isinstance(content.item, Inline)

    def by_index(self, node: ast.For, whole: Whole) -> None:
        """A loop over a list whose elements change meanwhile reads them one by one."""
        length = self.as_atom(self.length(whole.ref, node), node)
        places = Range(Lit(0, INT), length, Lit(1, INT), whole.backward)
        source = Source(places, (), INDEX)
        resized, self.emitter.resized = self.emitter.resized, set()
        self.loop_over(node, source, (), whole)
        if whole.ref.obj in self.emitter.resized:
            what = f"a change of {whole.ref.obj.hint or 'what'} in a loop that runs over it"
            raise self.refuse(node, what, "loop over a copy, or over the index")
        self.emitter.resized |= resized

    def state(self) -> State:
        heap, env = dict(self.emitter.heap), dict(self.env)
        fixed = {obj: (obj.fixed, obj.shares) for obj in heap}
        return State(env, heap, fixed, len(self.emitter.builder.stmts))

    def back_to(self, state: State) -> None:
        self.env.clear()
        self.env.update(state.env)
        self.emitter.heap = state.heap
        for obj, (fixed, shares) in state.fixed.items():
            obj.fixed, obj.shares = fixed, shares
        self.emitter.builder.back_to(state.stmts)

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
                and isinstance(before.get(obj), ListValue | Var)
                and obj not in self.emitter.resized
            ):
                if self.emitter.heap.get(obj) is not before.get(obj):
                    raise ChangedMeanwhile
            elif self.emitter.heap.get(obj) is not before.get(obj) and self.known_content(
                Ref(obj), node
            ) is not before.get(obj):
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
            elements = [
                self.arrays.read_size(made) if is_array((made := Var(leaf.type)).type) else made
                for leaf in leaves(source.shape)
                if leaf is not INDEX
            ]
            bound[:] = [index, *elements]
            if source.domain is None or _from_zero(source.domain):
                self.emitter.counters.add(index)
            rest = iter(elements)
            element = map_leaves(
                source.shape, lambda leaf: index if leaf is INDEX else next(rest)
            )
            if indexed is None:
                value = self.rows(self.element(element), node)
            else:
                value = self.item_of(indexed.ref, index, node)
                value = TupleValue((index, value)) if indexed.numbered else value
            with self.evaluating(node.iter):
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
        """A loop that cannot be followed as one is written out, as far as it goes."""
        state = self.state()
        try:
            self.while_loop(node)
        except S2sadError as error:
            self.back_to(state)
            try:
                self.while_unrolled(node, 0)
            except S2sadError:
                raise error from None

    def while_unrolled(self, node: ast.While, position: int) -> None:
        """The passes one by one: to where the condition is known to fail."""
        stop = stop_flag(node)
        while True:
            self.block(head_of(node))
            with self.evaluating(node.test):
                goes = self.emitter.raw(self.condition(node.test))
            if not isinstance(goes, Lit):
                break
            if not goes.value or not self.while_pass(node, position):
                return
            position += 1
            flag = self.env.get(stop, FALSE) if stop else FALSE
            if not isinstance(flag, Lit):
                assert isinstance(flag, Var)
                self.while_rest(node, flag, position, after=True)
                return
            if flag.value:
                return
        self.while_rest(node, goes, position, after=False)

    def while_pass(self, node: ast.While, position: int) -> bool:
        """One pass; does control get to its end?"""
        self.program.written_out(self.loc(node))
        if position >= MOST_PASSES:
            raise self.refuse(node, "a loop that would be written out", "use a range")
        self.block(node.body)
        return not self.emitter.raised()

    def while_rest(self, node: ast.While, test: Atom, position: int, after: bool) -> None:
        """What is left of a loop, where a number decides whether it goes on."""
        live = self.prepared.live

        def rest() -> Value:
            if after:
                self.while_unrolled(node, position)
            elif self.while_pass(node, position):
                flag = self.env.get(stop_flag(node), FALSE)
                if isinstance(flag, Var):
                    self.while_rest(node, flag, position + 1, after=True)
                elif not (isinstance(flag, Lit) and flag.value):
                    self.while_unrolled(node, position + 1)
            return UNBOUND

        def done() -> Value:
            return UNBOUND

        then, orelse = (done, rest) if after else (rest, done)
        self.choose(test, then, orelse, live.assigned[node], live.handed[node], node)

    def while_loop(self, node: ast.While) -> None:
        def head() -> Atom:
            self.block(head_of(node))
            with self.evaluating(node.test):
                return self.condition(node.test)

        scan = self.scan(node, lambda: self.block(node.body), head)
        assert scan.head is not None
        body = self.closed(scan.builder, scan.params, scan.yields)
        self.forget_assigned(node)
        outs, lists = self.leave(scan)
        self.add(While(outs, lists, scan.inits, scan.head, body, self.loc(node)))

    def forget_assigned(self, node: ast.stmt) -> None:
        self.forget(self.prepared.live.assigned[node])


def _from_zero(domain: Range) -> bool:
    """Is no number of a range negative?"""
    start, _, step, *_ = domain
    known = [end.value for end in (start, step) if isinstance(end, Lit)]
    return len(known) == 2 and all(isinstance(k, int) and k >= 0 for k in known)


def _alone(node: ast.expr) -> bool:
    """Does a loop over an iterator, or a call, use up all of it?"""
    match node:
        case ast.Call(func=ast.Name(name)):
            return name != "zip"
        case _:
            return True
