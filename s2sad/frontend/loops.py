"""Loops: what they run over, what they carry, what they record."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

from s2sad.frontend.base import BOTTOM, ONE_INT, ZERO_INT, Unshared
from s2sad.frontend.branches import hints_of
from s2sad.frontend.joins import same_template
from s2sad.frontend.normalize.exits import stop_flag
from s2sad.frontend.normalize.heads import head_of
from s2sad.frontend.normalize.hidden import APPEND, is_hidden
from s2sad.frontend.opaque import Opaques
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import (
    UNBOUND,
    Appending,
    ListValue,
    Mixed,
    NewList,
    TupleValue,
    Unbound,
    Value,
    leaves,
    list_element,
    map_leaves,
    purely_atoms,
    rebuild,
    template,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import FALSE, Atom, Loop, Range, Seq, Undef, Var, While
from s2sad.ir.types import INT, NEVER, List

_INDEX = Undef(INT)


class Source(NamedTuple):
    """What a `for` runs over; `shape` is what its target gets, the index marked."""

    domain: Range | None
    seqs: tuple[Seq, ...]
    shape: Value


class Scan(NamedTuple):
    """The parts that loops of both kinds have."""

    inits: tuple[Atom, ...]
    shapes: dict[str, Value]
    params: tuple[Var, ...]
    builder: Builder
    yields: list[Atom]
    recorded: dict[str, Value]


class Loops(Opaques):
    # Sources.

    def source(self, node: ast.expr) -> Source:
        if isinstance(node, ast.Call) and not node.keywords:
            callee = self.callee(node.func)
            if isinstance(callee, PrimitiveMeaning):
                return self.builtin_source(callee.dotted, node)
        value = self.expression(node)
        match value:
            case ListValue(item):
                return self.list_source(item)
            case NewList():
                return Source(Range(ZERO_INT, ZERO_INT, ONE_INT), (), BOTTOM)
            case _:
                raise self.refuse(
                    node,
                    "a loop over this is not supported",
                    "loop over range() or a list",
                )

    def builtin_source(self, dotted: str, node: ast.Call) -> Source:
        match dotted, node.args:
            case "range", [_] | [_, _] | [_, _, _]:
                ends = [self.as_int(self.number(a), a, "range()") for a in node.args]
                if len(ends) == 1:
                    ends.insert(0, ZERO_INT)
                return Source(
                    Range(ends[0], ends[1], ends[2] if ends[2:] else ONE_INT),
                    (),
                    _INDEX,
                )
            case "reversed", [arg]:
                inner = self.source(arg)
                domain = inner.domain and inner.domain._replace(
                    backward=not inner.domain.backward
                )
                seqs = tuple(Seq(seq.list, not seq.reversed) for seq in inner.seqs)
                if domain and seqs:
                    raise self.refuse(node, "reversed() of zip()", "reverse each of its parts")
                return Source(domain, seqs, inner.shape)
            case "zip", [_, *_]:
                return self.zip_source(node)
            case _:
                raise self.refuse(
                    node,
                    f"a loop over {dotted}() is not supported",
                    "loop over range()",
                )

    def zip_source(self, node: ast.Call) -> Source:
        parts = [self.source(arg) for arg in node.args]
        domains = [part.domain for part in parts if part.domain]
        if len(domains) > 1:
            raise self.refuse(node, "zip() of two ranges", "compute one index from the other")
        seqs = tuple(seq for part in parts for seq in part.seqs)
        shape = TupleValue(tuple(part.shape for part in parts))
        return Source(domains[0] if domains else None, seqs, shape)

    def list_source(self, item: Value) -> Source:
        seqs = tuple(Seq(leaf) for leaf in leaves(item))
        shape = map_leaves(item, lambda leaf: Undef(list_element(leaf)))
        return Source(None, seqs, shape)

    # Both kinds.

    def scan(self, node: ast.For | ast.While, lower: Callable[[], None]) -> Scan:
        """Lower a body until the types of what it carries are stable.

        The environment is left as it was before, without the names that are bound inside.
        """
        live = self.prepared.live
        appended = live.appended[node]
        handed = tuple(name for name in live.handed[node] if name not in appended)
        slots = tuple(APPEND + name for name in appended)
        before = self.snapshot(live.assigned[node])
        self.check_lists(appended, node)
        shapes = {name: _known(template(before[name])) for name in handed}
        outer, self.loop = self.loop, self.program.next_number()
        while True:
            params = {name: _params(name, shape) for name, shape in shapes.items()}
            self.forget((*live.assigned[node], *slots))
            self.env.update(params)
            self.env.update({name: Appending(self.loop) for name in appended})
            with self.emitter.nested() as builder:
                lower()
                raised = self.emitter.raised()
            nexts = self.snapshot(handed)
            joined = {
                name: shape if raised else _known(self.joined(shape, nexts[name], name))
                for name, shape in shapes.items()
            }
            if all(same_template(shapes[name], joined[name]) for name in handed):
                break
            shapes = joined
        self.loop = outer
        stop = self.env.get(stop_flag(node), FALSE)
        recorded = {name: self.recorded(name, node) for name in appended}
        yields = [self.as_atom(stop, node)]
        for name, shape in shapes.items():
            yields += self.leaves_like(nexts[name], shape, builder)
        for item in recorded.values():
            yields += self.leaves_like(item, item, builder)
        self.forget((*live.assigned[node], *slots))
        self.restore({name: value for name, value in before.items() if value is not UNBOUND})
        inits = tuple(
            atom
            for name, shape in shapes.items()
            for atom in self.leaves_like(before[name], shape, self.emitter.builder)
        )
        variables = tuple(
            leaf for value in params.values() for leaf in leaves(value) if isinstance(leaf, Var)
        )
        return Scan(inits, shapes, variables, builder, yields, recorded)

    def leaves_like(self, value: Value, shape: Value, builder: Builder) -> list[Atom]:
        """The atoms of a value in the structure of a template, where the template has any."""
        if not purely_atoms(shape):
            return []
        pairs = zip(leaves(self.coerce(value, shape, builder)), leaves(shape), strict=True)
        return [self.emitter.raw(atom) for atom, leaf in pairs if leaf.type != NEVER]

    def check_lists(self, appended: tuple[str, ...], node: ast.AST) -> None:
        for name in appended:
            if not isinstance(self.env.get(name), NewList):
                raise self.refuse(
                    node,
                    f"{name} is appended to in this loop, but is no new list",
                    f"put {name} = [] before the loop, and append in one loop only",
                )

    def recorded(self, name: str, node: ast.AST) -> Value:
        value = self.env.get(APPEND + name, UNBOUND)
        if isinstance(value, Unbound | Mixed):
            raise self.refuse(
                node,
                f"{name} is not appended to in every pass of this loop",
                "append once in every pass, before any break or continue",
            )
        return value

    def leave(
        self, node: ast.For | ast.While, scan: Scan
    ) -> tuple[tuple[Var, ...], tuple[Var, ...]]:
        """Bind what the loop hands on: its outs and its lists."""
        outs: list[Var] = []
        for name, shape in scan.shapes.items():
            self.env[name] = _params(name, shape)
            outs += [leaf for leaf in leaves(self.env[name]) if isinstance(leaf, Var)]
            if isinstance(shape, Undef) and shape.type == NEVER:
                del self.env[name]
        lists: list[Var] = []
        for name, item in scan.recorded.items():
            made = [
                Var(List(leaf.type), hint, True)
                for leaf, hint in zip(leaves(item), hints_of(name, item), strict=True)
            ]
            self.env[name] = ListValue(rebuild(item, iter(made)))
            lists += made
        keep = {*scan.shapes, *scan.recorded}
        live = self.prepared.live.assigned[node]
        self.forget(tuple(name for name in live if name not in keep))
        return tuple(outs), tuple(lists)

    def for_(self, node: ast.For) -> None:
        source = self.source(node.iter)
        bound: list[Var] = []

        def lower() -> None:
            index = Var(INT)
            elements = [Var(leaf.type) for leaf in leaves(source.shape) if leaf is not _INDEX]
            bound[:] = [index, *elements]
            rest = iter(elements)
            element = map_leaves(
                source.shape, lambda leaf: index if leaf is _INDEX else next(rest)
            )
            self.assign(node.target, element, node)
            self.block(node.body)

        scan = self.scan(node, lower)
        index, *elements = bound
        index.hint = index.hint or "_"
        body = self.closed(scan.builder, (*scan.params, *elements), scan.yields)
        outs, lists = self.leave(node, scan)
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

    def while_(self, node: ast.While) -> None:
        scan = self.scan(node, lambda: self.block(node.body))
        params = {name: _params(name, shape) for name, shape in scan.shapes.items()}
        before = self.snapshot(self.prepared.live.assigned[node])
        self.env.update(params)
        with self.emitter.nested(Unshared(self.emitter.builder)) as builder:
            self.block(head_of(node))
            test = self.condition(node.test)
        self.restore(before)
        variables = tuple(
            leaf for value in params.values() for leaf in leaves(value) if isinstance(leaf, Var)
        )
        cond = self.closed(builder, variables, [self.emitter.raw(test)])
        body = self.closed(scan.builder, scan.params, scan.yields)
        outs, lists = self.leave(node, scan)
        self.add(While(outs, lists, scan.inits, cond, body, self.loc(node)))

    # What the layer above defines.

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        raise NotImplementedError


def _known(shape: Value) -> Value:
    return BOTTOM if isinstance(shape, Unbound) else shape


def _params(name: str, shape: Value) -> Value:
    """Fresh variables in the structure of a template."""
    hints = iter(hints_of(name, shape))
    user = not is_hidden(name)

    def fresh(leaf: Atom) -> Atom:
        hint = next(hints)
        return leaf if leaf.type == NEVER else Var(leaf.type, hint, user)

    return map_leaves(shape, fresh) if purely_atoms(shape) else shape
