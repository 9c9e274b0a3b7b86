"""Sequences: their elements, their length, what they add up to.

`max((a, b))`, `sum([…])`, `math.dist(p, q)`: the elements become the primitive's arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from s2sad.frontend import iterators, library
from s2sad.frontend.calls import Calls
from s2sad.frontend.containers import LIST
from s2sad.frontend.instance_checks import definition
from s2sad.frontend.objects import inlines
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import (
    Layout,
    ListValue,
    Nullable,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    leaves,
    map_leaves,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import Atom, Let, Lit, Loop, Range, Undef, Var
from s2sad.ir.types import FLOAT, INT, NEVER, List, Opaque, is_array

# Reductions of a list of unknown length: the primitive of the IR.
_REDUCTIONS = {
    "sum": "list_sum", "math.fsum": "list_fsum", "math.prod": "list_prod",
    "max": "list_max", "min": "list_min",
}  # fmt: skip
_DRAINED = ("zip", "enumerate", "reversed", "range")


MOST_COUNTED = 32


def known_length(leaf: Atom, builder: Builder) -> int | None:
    """The length of a list, by what made it."""
    stmt = definition(leaf, builder) if isinstance(leaf, Var) else None
    match stmt:
        case Loop(domain=Range() as domain, body=body, lists=lists) if leaf in lists:
            ends = [end.value for end in domain[:3] if isinstance(end, Lit)]
            numbers = [end for end in ends if isinstance(end, int)]
            stays = isinstance(body.yields[0], Lit) and not body.yields[0].value
            if len(numbers) < 3 or not numbers[2] or not stays or stmt.seqs:
                return None
            return len(range(*numbers))
        case Loop(domain=None, seqs=seqs, body=body, lists=lists) if leaf in lists:
            stays = isinstance(body.yields[0], Lit) and not body.yields[0].value
            counts = [known_length(seq.list, builder) for seq in seqs]
            known = [count for count in counts if count is not None]
            return min(known) if stays and known and len(known) == len(counts) else None
        case Let(op="copy" | "reverse_list", args=(source, *_)):
            return known_length(source, builder)
        case Let(op="list", args=args):
            return len(args)
        case _:
            return None


class Sequences(Calls):
    def sequence(self, node: ast.expr) -> Value:
        """An iterable that is used up at once: its elements in a tuple or a list."""
        match node:
            case ast.GeneratorExp():
                return self.comprehension(node)
            case ast.Call(func=func):
                special = self.special_form(node)
                if special is not None:
                    return special
                self.used_up = node
                return self.drained_call(self.callee(func), node)
            case _:
                return self.operand(node)

    def drained_call(self, callee: Value, node: ast.Call) -> Value:
        if isinstance(callee, PrimitiveMeaning) and callee.dotted in _DRAINED:
            return self.drained(callee, node)
        return self.call_of(callee, node)

    def elements(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        """The elements of what is known one by one."""
        value = iterators.rest(self, value, node)
        items = self.static_items(value, node)
        if items is None:
            items = self.counted_items(value, node)
        if items is None:
            raise self.refuse(
                node,
                f"{describe(self.content(value, node))} where the number of elements must be"
                " known",
                "use a tuple, or a loop",
            )
        return items

    def counted_items(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        """The elements of a list that a loop made of which the passes can be counted."""
        content = self.content(value, node)
        if not isinstance(content, ListValue):
            return None
        count = known_length(next(leaves(content)), self.emitter.builder)
        if count is None or count > MOST_COUNTED:
            return None
        places = [Lit(k, INT) for k in range(count)]
        return tuple(self.element_at(value, content.item, k, node) for k in places)

    def as_list_value(self, value: Value, node: ast.AST) -> ListValue | tuple[Value, ...]:
        """A sequence, as its elements or as one of unknown length."""
        value = iterators.rest(self, value, node)
        items = self.static_items(value, node)
        if items is not None:
            return items
        match self.content(value, node):
            case ListValue() as found:
                return found
            case Var(type=type_) | Undef(type=type_) if type_ == NEVER:
                return ()  # of a recursion whose result is not known yet
            case Struct(Layout("object")) if self.has_method(value, "__iter__", node):
                self.used_up = node
                made = self.call_method(value, "__iter__", [], node)
                own = isinstance(made, Ref) and not iterators.is_iterator(self, made)
                if own and self.has_method(made, "__next__", node):
                    made = self.library_call(library.used_up, [made], node)
                return self.as_list_value(made, node)
            case other:
                raise self.refuse(node, f"the elements of {describe(other)}", "use a list")

    def new_list(self, found: ListValue | tuple[Value, ...], node: ast.AST) -> Ref:
        """A list of its own with such elements."""
        if isinstance(found, ListValue):
            return self.shallow_copy(found, node)
        return self.allocate(Struct(LIST, found))

    def shallow_copy(self, found: ListValue, node: ast.AST) -> Ref:
        """A list of unknown length with the same elements, which no one may change now."""
        made = self.allocate(self.own_lists(found, node))
        if any(True for _ in inlines(found.item)):
            self.in_two_lists(found, made)
        return made

    def in_two_lists(self, found: Value, made: Ref) -> None:
        """No one may change what is in a list with this content, and in the other one."""
        made.obj.shares = True
        for obj, content in self.emitter.heap.items():
            if content is found:
                obj.shares = True
                if obj.place is not None:
                    obj.place[0].obj.shares = True

    def own_lists(self, content: Value, node: ast.AST) -> Value:
        """A list of unknown length in memory of its own."""
        return map_leaves(content, lambda leaf: self.let("copy", (leaf,), node, leaf.type))

    def backwards(self, value: Value, node: ast.AST) -> Value:
        found = self.as_list_value(value, node)
        if isinstance(found, ListValue):
            return map_leaves(
                found, lambda leaf: self.let("reverse_list", (leaf,), node, leaf.type)
            )
        return TupleValue(found[::-1])

    def length(self, value: Value, node: ast.AST) -> Value:
        if isinstance(value, Ref) and self.is_array(value):
            return self.arrays.length(value, node)
        items = self.static_items(value, node)
        if items is not None:
            return Lit(len(items), INT)
        content = self.content(value, node)
        match content:
            case Struct(Layout("object")):
                return self.call_method(value, "__len__", [], node)
            case ListValue():
                return self.let("len", (next(leaves(content)),), node, INT)
            case Var(type=type_) | Undef(type=type_) if type_ == NEVER:
                return Lit(0, INT)
            case Var(type=Opaque()) | Lit(type=Opaque()):
                return self.python("len({0})", (content,), node, INT)
            case _:
                raise self.refuse(
                    node, f"the length of {describe(content)}", "pass it as an int"
                )

    def flattened(self, value: Value, node: ast.AST) -> Value:
        """A container as the tuple of its elements, for a primitive of numbers."""
        items = None if isinstance(value, Lit) else self.static_items(value, node)
        if items is not None:
            return TupleValue(items)
        content = self.content(value, node)
        return value if isinstance(content, Struct) else content

    def sum_of(self, items: tuple[Value, ...], start: list[Value], node: ast.AST) -> Value:
        """A sum of objects, or of lists: by their own `+`, from the start as Python does."""
        total: Value = start[0] if start else Lit(0, INT)
        for item in items:
            total = self.operate(ast.Add(), total, item, node)
        return total

    def reduction(self, dotted: str, args: list[Value], node: ast.AST) -> Value | None:
        """A reduction of a list of unknown length; None if it is of something else."""
        if dotted not in _REDUCTIONS or not args:
            return None
        content = self.content(args[0], node)
        if not isinstance(content, ListValue):
            return None
        if dotted == "sum" and len(args) == 1 and self.rows_of_arrays(content):
            return self.arrays.sum_of_list(args[0], node)
        leaf = self.flat_list(content, node)
        rest = tuple(self.as_number(self.as_atom(arg, node), node) for arg in args[1:])
        assert isinstance(leaf.type, List)
        type_ = FLOAT if dotted == "math.fsum" else leaf.type.item
        return self.let(_REDUCTIONS[dotted], (leaf, *rest), node, type_)

    def rows_of_arrays(self, content: ListValue) -> bool:
        """Is it a list of arrays?"""
        parts = list(leaves(content))
        return (
            len(parts) == 1 and isinstance(parts[0].type, List) and is_array(parts[0].type.item)
        )

    def flat_list(self, content: ListValue, node: ast.AST) -> Atom:
        match content.item:
            case Var() | Undef() if isinstance(content.item.type, List):
                return content.item
            case Nullable():
                # Where one is None, Python raises.
                numbers = self.library_call(library.numbers, [content], node)
                found = self.content(numbers, node)
                assert isinstance(found, ListValue)
                return self.flat_list(found, node)
            case other:
                raise self.refuse(node, f"this of a list of {describe(other)}", "write a loop")


_ALWAYS = frozenset({"sum", "math.fsum", "math.prod", "math.dist", "math.sumprod"})
_ALONE = frozenset({"max", "min"})


def flat_arguments(dotted: str, values: Sequence[Value]) -> list[Value] | None:
    """The arguments with their sequences taken apart; None where one is no tuple."""
    if dotted in _ALWAYS:
        return _sequences(dotted, values)
    if dotted in _ALONE and len(values) == 1:
        return _items(values[0]) or None
    return list(values)


def _sequences(dotted: str, values: Sequence[Value]) -> list[Value] | None:
    paired = dotted in ("math.dist", "math.sumprod")
    sequences = values[:2] if paired else values[:1]
    items = [_items(value) for value in sequences]
    if any(part is None for part in items):
        return None
    parts = [part or [] for part in items]
    if paired and (len(parts) != 2 or len(parts[0]) != len(parts[1])):
        return None
    rest = list(values[len(sequences) :])
    if dotted == "math.prod" and rest:
        return None
    # The start of a sum is one more term, before the others.
    return rest + [item for part in parts for item in part]


def _items(value: Value) -> list[Value] | None:
    return list(value.items) if isinstance(value, TupleValue) else None
