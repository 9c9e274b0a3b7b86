"""`sorted`, by Python's own sort; nothing flows through the order."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend import library
from s2sad.frontend.containers import LIST
from s2sad.frontend.joins import as_list
from s2sad.frontend.known import all_known, evaluated, known
from s2sad.frontend.objects import inlines
from s2sad.frontend.values import (
    ListValue,
    Nullable,
    Ref,
    Struct,
    TupleValue,
    Value,
    is_none,
    leaves,
    list_element,
    purely_atoms,
    rebuild,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import FALSE, NOTHING, Loop, Seq, Var
from s2sad.ir.types import INT, List, Opaque, is_number

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives


def sorted_(
    frame: Primitives,
    node: ast.AST,
    iterable: Value,
    /,
    *,
    key: Value = NOTHING,
    reverse: Value = FALSE,
) -> Value:
    found = frame.as_list_value(iterable, node)
    if not isinstance(found, ListValue) and len(found) < 2:
        return frame.allocate(Struct(LIST, found))
    items: Value = found if isinstance(found, ListValue) else TupleValue(found)
    if isinstance(items, TupleValue) and any(isinstance(item, Ref) for item in items.items):
        # Rows are put into another order as what they are.
        owner = iterable if isinstance(iterable, Ref) else frame.allocate(Struct(LIST, found))
        frame.dynamise(owner, node)
        return sorted_(frame, node, owner, key=key, reverse=reverse)
    keys = items
    if not is_none(key):
        keys = frame.library_call(library.map_one, [key, items], node)
    content = frame.content(keys, node)
    if not isinstance(content, ListValue):
        parts = frame.elements(keys, node)
        order = _known_order(frame, parts, reverse, node)
        if order is not None and not isinstance(found, ListValue):
            return frame.allocate(Struct(LIST, tuple(found[k] for k in order)))
        made = _listed(frame, parts)
        if made is None:
            raise frame.refuse(node, "sorting these elements", "sort numbers, or by a key")
        content = made
    rows = tuple(leaves(content))
    args = (*rows, frame.as_atom(reverse, node))
    keyed = (
        "{0}.__getitem__"
        if len(rows) == 1
        else f"lambda k: ({', '.join(f'{{{j}}}[k]' for j in range(len(rows)))})"
    )
    text = f"sorted(range(len({{0}})), key={keyed}, reverse={{{len(rows)}}})"
    if reverse == FALSE:
        text, args = f"sorted(range(len({{0}})), key={keyed})", rows
    places = frame.python(text, args, node, List(INT))
    if isinstance(found, ListValue) and any(True for _ in inlines(found.item)):
        return _permuted(frame, found, places)
    ranks = ListValue(places)
    return frame.library_call(library.gathered, [items, ranks], node)


def _permuted(frame: Primitives, found: ListValue, order: Var) -> Value:
    """A list of the same rows, which no one may change while they are in two lists."""
    at = Var(INT)
    inner = Builder(frame.emitter.builder)
    rows: list[Var] = []
    for leaf in leaves(found):
        part = inner.let("get", (leaf, at), type_=list_element(leaf))
        rows.append(inner.let("copy", (part,)) if isinstance(part.type, List) else part)
    lists = tuple(Var(leaf.type) for leaf in leaves(found))
    body = inner.block((at,), (FALSE, *rows))
    loop = Loop((), lists, Var(INT, "_"), None, (), (Seq(order),), body)
    frame.emitter.builder.add(loop)
    made = frame.allocate(rebuild(found, iter(lists)))
    for obj, content in frame.emitter.heap.items():
        obj.shares |= content is found or obj is made.obj
    return made


def _listed(frame: Primitives, keys: tuple[Value, ...]) -> ListValue | None:
    """Keys of numbers and texts as parallel lists; None if they are of other kinds."""
    known = as_list(Struct(LIST, keys)) if all(map(purely_atoms, keys)) else None
    if known is None or isinstance(known.item, Nullable):
        return None
    kinds = [leaf.type for key in keys for leaf in leaves(key)]
    if not all(is_number(kind) or kind == Opaque("str") for kind in kinds):
        return None
    return frame.listed(keys, known.item, frame.emitter.builder)


def _firsts(frame: Primitives, items: tuple[Value, ...], node: ast.AST) -> list[object] | None:
    """What tuples begin with, where that is known and settles their order."""
    rows = [i.items for i in items if isinstance(i, TupleValue) and i.items]
    found = all_known(tuple(row[0] for row in rows), frame.look(node))
    if found is None or len(rows) < len(items):
        return None
    alike = any(a == b for k, a in enumerate(found) for b in found[:k])
    return None if alike else list(found)


def _known_order(
    frame: Primitives, items: tuple[Value, ...], reverse: Value, node: ast.AST
) -> list[int] | None:
    """The order of elements that are known while compiling: of texts, keys, literals."""
    keys = all_known(items, frame.look(node))
    if keys is None:
        keys = _firsts(frame, items, node)
    backwards = known(reverse, frame.look(node))
    if keys is None or backwards is None:
        return None
    text = "sorted(range(count), key=keys, reverse=backwards)"
    names = {"count": len(keys), "keys": keys.__getitem__, "backwards": backwards.found}
    found = evaluated(text, names)
    return found.found if found and isinstance(found.found, list) else None
