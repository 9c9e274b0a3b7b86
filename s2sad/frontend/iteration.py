"""What a loop runs over: elements that are known one by one, a range, lists."""

from __future__ import annotations

import ast
import enum
from typing import NamedTuple

from s2sad.frontend import iterators, library
from s2sad.frontend.base import BOTTOM, ONE_INT, ZERO_INT
from s2sad.frontend.joins import as_list, join_templates
from s2sad.frontend.opaque import Opaques
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    UNBOUND,
    Layout,
    ListValue,
    Ref,
    RowOf,
    Struct,
    TupleValue,
    Value,
    ViewValue,
    describe,
    leaves,
    list_element,
    map_leaves,
    purely_atoms,
)
from s2sad.ir.nodes import Atom, Lit, Range, Seq, Undef, Var
from s2sad.ir.types import INT, NEVER, Array, List, Opaque, is_array

INDEX = Undef(INT)
# Elements of one kind, of which there are more, are looped over and not written out.
MOST_WRITTEN_OUT = 4


class Source(NamedTuple):
    """What a `for` runs over at run time; `shape` is what its target gets, the index
    marked by INDEX. `known`: its elements, where they could be written out."""

    domain: Range | None
    seqs: tuple[Seq, ...]
    shape: Value
    known: tuple[Value, ...] = ()


class Static(NamedTuple):
    """Elements that are known one by one: the passes are written out."""

    items: tuple[Value, ...]


_LATE = frozenset(
    {"map", "filter"}
    | {
        f"itertools.{name}"
        for name in (
            "accumulate", "chain", "compress", "dropwhile", "filterfalse", "islice", "pairwise",
            "starmap", "takewhile", "zip_longest",
        )
    }
)  # fmt: skip


class Iteration(Opaques):
    # What an assignment to several names takes apart.
    taken_apart: ast.expr | None = None

    def source(self, node: ast.expr) -> Source | Static:
        if self.iterated is not None and node is self.iterated[1]:
            around = self.iterated[0]
            assert isinstance(around, Iteration)
            return around.source(node)
        starred = isinstance(node, ast.Call) and any(
            isinstance(arg, ast.Starred) for arg in node.args
        )
        if isinstance(node, ast.Call):
            callee = self.callee(node.func)
            if starred:
                if callee != PrimitiveMeaning("zip") or node.keywords:
                    return self.value_source(self.call_of(callee, node), node)
                match node.args:
                    case [ast.Starred(value=given)]:
                        rows = iterators.rest(self, self.sequence(given), node)
                        made = self.transposed(rows, node)
                        if made is not None:
                            return self.value_source(made, node)
                        parts = [self.value_source(v, node) for v in self.elements(rows, node)]
                        return self.zipped(parts, node)
                    case _:
                        pass
                parts = [self.value_source(v, node) for v in self.positional(node.args, True)]
                return self.zipped(parts, node)
            self.used_up = node
            if isinstance(callee, PrimitiveMeaning):
                found = self.builtin_source(callee.dotted, node)
                if found is not None:
                    return found
                name = callee.dotted.removeprefix("_")
                if name in _LATE:
                    # What it calls or reads, it calls and reads between the passes.
                    last = name.rpartition(".")[2]
                    return self.value_source(iterators.of_head(self, callee, last, node), node)
                return self.value_source(self.call_of(callee, node), node)
            return self.value_source(self.call_of(callee, node), node)
        return self.value_source(self.expression(node), node)

    def transposed(self, rows: Value, node: ast.Call) -> Value | None:
        """`zip(*rows)` of rows whose number is not known; None of any other."""
        content = self.content(rows, node)
        if not isinstance(content, ListValue) or self.counted_items(rows, node) is not None:
            return None
        if node is not self.taken_apart or not isinstance(content.item, TupleValue):
            return self.library_call(library.transposed, [rows], node)
        # One tuple for each part: of no rows there is none to unpack.
        length = self.as_atom(self.length(rows, node), node)
        empty = self.let("eq", (length, ZERO_INT), node)
        said = f"not enough values to unpack (expected {len(content.item.items)}, got 0)"

        def fail() -> Value:
            self.raise_value(
                self.python(f"ValueError({said!r})", (), node, Opaque("exception")), node
            )
            return UNBOUND

        self.choose(empty, fail, lambda: UNBOUND, (), (), node)
        columns = (self.own_lists(ListValue(item), node) for item in content.item.items)
        return TupleValue(tuple(columns))

    def value_source(self, value: Value, node: ast.AST) -> Source | Static:
        if isinstance(value, Ref) and self.has_method(value, "__iter__", node):
            if not iterators.is_iterator(self, value):
                self.used_up = node
                value = self.call_method(value, "__iter__", [], node)
            if isinstance(value, Ref) and self.has_method(value, "__next__", node):
                self.emitter.taken.append(value)
                if not iterators.is_iterator(self, value):
                    value = self.library_call(library.used_up, [value], node)
            value = iterators.rest(self, value, node)
        table = self.given_list(value, node)
        if table is not None:
            self.emitter.heads += [table[0].ref.obj, table[0].values.obj]
            value = table[1]
        match value, self.content(value, node):
            case Ref(), Var(type=Array(_, (_, _, *_))):
                pass  # its rows are read when their turn comes
            case _, ViewValue(owner):
                self.emitter.heads.append(owner.obj)
            case Ref(obj), _ if obj.part is not None:
                self.emitter.heads.append(self.arrays.root(value)[0].obj)
            case Ref(obj), _:
                self.emitter.heads.append(obj)
            case _:
                pass
        items = self.static_items(value, node)
        if items is not None:
            return self.written_out_or_not(items, node)
        match self.content(value, node):
            case ListValue(item):
                return self.list_source(item)
            case Var(type=type_) | Undef(type=type_) if type_ == NEVER:
                return Static(())  # behind a raise
            case Var() as array if is_array(array.type):
                return self.array_source(value, array, node)
            case other:
                raise self.refuse(
                    node,
                    f"a loop over {describe(other)} is not supported",
                    "loop over range(), a list or a tuple",
                )

    def array_source(self, value: Value, array: Var, node: ast.AST) -> Source:
        """The elements of an array, or its rows: these are views, and may be written to."""
        assert isinstance(value, Ref)
        assert isinstance(array.type, Array)
        if len(array.type.dims) == 1:
            return self.list_source(array)
        length = self.as_atom(self.arrays.length(value, node), node)
        return Source(Range(ZERO_INT, length, ONE_INT), (), RowOf(value, INDEX))

    def rows(self, value: Value, node: ast.AST) -> Value:
        """What a loop got, its rows read."""
        match value:
            case RowOf(array, at):
                return self.item_of(array, at, node)
            case TupleValue(items):
                return TupleValue(tuple(self.rows(item, node) for item in items))
            case _:
                return value

    def static_items(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        """The elements of what is known one by one; None if they are not."""
        match self.content(value, node):
            case ViewValue(owner, kind):
                return self.viewed(owner, kind, node)
            case TupleValue(items) | Struct(Layout("list" | "named"), items):
                return items
            case Struct(Layout("dict", keys), _):
                return tuple(map(self.key_value, keys))
            case ClassMeaning(found=enum.EnumMeta() as found) if (
                type(found).__iter__ is enum.EnumMeta.__iter__
            ):
                members: list[enum.Enum] = list(found)
                return tuple(self.member(value, one.name, node) for one in members)
            case _:
                return None

    def viewed(self, owner: Ref, kind: str, node: ast.AST) -> tuple[Value, ...] | None:
        match self.content(owner, node):
            case Struct(Layout("dict", keys), items):
                names = tuple(map(self.key_value, keys))
                if kind == "items":
                    return tuple(map(TupleValue, zip(names, items, strict=True)))
                return names if kind == "keys" else items
            case _:
                return None

    def written_out_or_not(self, items: tuple[Value, ...], node: ast.AST) -> Source | Static:
        if len(items) <= MOST_WRITTEN_OUT:
            return Static(items)
        made = self.as_dynamic(items)
        if made is None:
            return Static(items)
        return self.list_source(made.item)._replace(known=items)

    def as_dynamic(self, items: tuple[Value, ...]) -> ListValue | None:
        """Numbers (or tuples of them) as a list of unknown length, None if they are unlike."""
        if not all(map(purely_atoms, items)):
            return None
        shape: Value = UNBOUND
        for item in items:
            shape = join_templates(shape, item)
        known = as_list(Struct(Layout("list"), items))
        if known is None or not _numbers(shape):
            return None
        return self.listed(items, known.item, self.emitter.builder)

    def dynamic(self, source: Source | Static, node: ast.AST) -> Source:
        """A source that is to be combined with another one of unknown length."""
        if isinstance(source, Source):
            return source
        if not source.items:
            return Source(Range(ZERO_INT, ZERO_INT, ONE_INT), (), BOTTOM)
        made = self.as_dynamic(source.items)
        if made is None:
            raise self.refuse(
                node,
                "a loop over a list of unknown length and elements of several kinds",
                "loop over an index",
            )
        return self.list_source(made.item)

    def builtin_source(self, dotted: str, node: ast.Call) -> Source | Static | None:
        match dotted, node.args, node.keywords:
            case "range", [_] | [_, _] | [_, _, _], []:
                ends = [self.as_int(self.number(a), a, "range()") for a in node.args]
                if len(ends) == 1:
                    ends.insert(0, ZERO_INT)
                step = ends[2] if ends[2:] else ONE_INT
                return Source(Range(ends[0], ends[1], step), (), INDEX)
            case "reversed", [arg], []:
                return self.reversed_source(self.source(arg), node)
            case "zip", [_, *_], []:
                endless = {
                    k: name for k, a in enumerate(node.args) if (name := self.endless(a))
                }
                if endless:
                    return self.zipped(self.with_endless(node, endless), node)
                return self.zipped([self.source(arg) for arg in node.args], node)
            case "zip", [_, *_], [ast.keyword(arg="strict", value=ast.Constant(value=True))]:
                parts = [self.source(arg) for arg in node.args]
                counts = {len(p.items) if isinstance(p, Static) else -1 for p in parts}
                if len(counts) > 1 or -1 in counts:
                    what = "zip(strict=True) of what may have unlike lengths"
                    raise self.refuse(node, what, "test the lengths before")
                return self.zipped(parts, node)
            case "enumerate", [arg], []:
                return self.enumerated(self.source(arg), ZERO_INT, node)
            case ("enumerate", [arg, start], []) | (
                "enumerate",
                [arg],
                [ast.keyword(arg="start", value=start)],
            ):
                source = self.source(arg)
                first = self.as_int(self.number(start), start, "enumerate()")
                return self.enumerated(source, first, node)
            case (("list" | "tuple" | "iter"), [arg], []):
                # The elements cannot change while they are looped over: see `owned`.
                return None
            case _:
                return None

    def endless(self, node: ast.expr) -> str:
        """Is it a call of `itertools.count` or `itertools.cycle`?"""
        if not isinstance(node, ast.Call) or not isinstance(
            node.func, ast.Name | ast.Attribute
        ):
            return ""
        callee = self.callee(node.func)
        dotted = callee.dotted if isinstance(callee, PrimitiveMeaning) else ""
        return dotted if dotted in ("itertools.count", "itertools.cycle") else ""

    def with_endless(self, node: ast.Call, endless: dict[int, str]) -> list[Source | Static]:
        """The parts of a `zip`, those that never end as long as the first of the others."""
        parts = {k: self.source(a) for k, a in enumerate(node.args) if k not in endless}
        if not parts:
            raise self.refuse(node, "a zip that never ends", "give it something that ends")
        length = self.length_of_source(parts[min(parts)], node)
        for k, dotted in endless.items():
            call = node.args[k]
            assert isinstance(call, ast.Call)
            args = self.positional(call.args, True)
            function = library.cycled if dotted.endswith("cycle") else library.counted
            if (
                call.keywords
                or len(args) > 2
                or (len(args) != 1 and function is library.cycled)
            ):
                raise self.refuse(call, f"this call of {dotted}", "write its arguments out")
            if function is library.counted:
                args = [*args, *(ZERO_INT, ONE_INT)[len(args) :]]
            made = self.library_call(function, [*args, length], call)
            parts[k] = self.value_source(made, call)
        return [parts[k] for k in range(len(node.args))]

    def length_of_source(self, source: Source | Static, node: ast.AST) -> Atom:
        if isinstance(source, Static):
            return Lit(len(source.items), INT)
        if source.domain is not None:
            ends = source.domain[:3]
            return self.python("len(range({0}, {1}, {2}))", tuple(ends), node, INT)
        return self.let("len", (source.seqs[0].list,), node, INT)

    def reversed_source(self, inner: Source | Static, node: ast.AST) -> Source | Static:
        if isinstance(inner, Static):
            return Static(inner.items[::-1])
        domain = inner.domain and inner.domain._replace(backward=not inner.domain.backward)
        seqs = tuple(Seq(seq.list, not seq.reversed) for seq in inner.seqs)
        if domain and seqs:
            raise self.refuse(node, "reversed() of zip()", "reverse each of its parts")
        return Source(domain, seqs, inner.shape)

    def zipped(self, parts: list[Source | Static], node: ast.AST) -> Source | Static:
        static = [part for part in parts if isinstance(part, Static)]
        if any(not part.items for part in static):
            return Static(())
        if len(static) == len(parts):
            rows = zip(*(part.items for part in static), strict=False)
            return Static(tuple(TupleValue(row) for row in rows))
        sources = [self.dynamic(part, node) for part in parts]
        used = False
        for k, source in enumerate(sources):
            if source.domain and used:
                sources[k] = self.materialised_range(source, node)
            used = used or bool(source.domain)
        seqs = tuple(seq for source in sources for seq in source.seqs)
        shape = TupleValue(tuple(source.shape for source in sources))
        domains = [source.domain for source in sources if source.domain]
        return Source(domains[0] if domains else None, seqs, shape)

    def materialised_range(self, source: Source, node: ast.AST) -> Source:
        """The numbers of a range in a list."""
        assert source.domain is not None
        start, stop, step, backward = source.domain
        text = (
            "list(reversed(range({0}, {1}, {2})))" if backward else "list(range({0}, {1}, {2}))"
        )
        made = self.python(text, (start, stop, step), node, List(INT))
        shape = map_leaves(source.shape, lambda leaf: Undef(INT) if leaf is INDEX else leaf)
        # The index comes first, of enumerate() too.
        return Source(None, (Seq(made), *source.seqs), shape)

    def enumerated(
        self, source: Source | Static, start: Atom, node: ast.AST
    ) -> Source | Static:
        if isinstance(source, Static) and isinstance(start, Lit):
            assert isinstance(start.value, int)
            first = start.value
            return Static(
                tuple(
                    TupleValue((Lit(first + k, INT), item))
                    for k, item in enumerate(source.items)
                )
            )
        inner = self.dynamic(source, node)
        if inner.domain:
            inner = self.materialised_range(inner, node)
        length = self.let("len", (inner.seqs[0].list,), node)
        if not (isinstance(start, Lit) and start.value == 0):
            length = self.let("add", (start, length), node)
        shape = TupleValue((INDEX, inner.shape))
        return Source(Range(start, length, ONE_INT), inner.seqs, shape)

    def list_source(self, item: Value) -> Source:
        seqs = tuple(Seq(leaf) for leaf in leaves(item))
        shape = map_leaves(item, lambda leaf: Undef(list_element(leaf)))
        return Source(None, seqs, shape)


def _numbers(shape: Value) -> bool:
    """Is a template one of numbers: no strings, which name things?"""
    from s2sad.ir.types import is_number

    return all(is_number(leaf.type) for leaf in leaves(shape))


__all__ = ["INDEX", "Iteration", "Source", "Static", "Var"]
