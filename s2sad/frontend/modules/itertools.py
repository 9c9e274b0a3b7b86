"""`itertools`: what it yields, in a tuple or a list at once."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from s2sad.frontend import library
from s2sad.frontend.modules import Row, by_count
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import TupleValue, Value, is_none
from s2sad.ir.nodes import NOTHING, Lit

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives


def accumulate(
    frame: Primitives,
    node: ast.AST,
    /,
    iterable: Value,
    func: Value = NOTHING,
    *,
    initial: Value = NOTHING,
) -> Value:
    if not is_none(initial):
        func = PrimitiveMeaning("operator.add") if is_none(func) else func
        return frame.library_call(library.accumulate_from, [iterable, func, initial], node)
    if is_none(func):
        return frame.library_call(library.accumulate, [iterable], node)
    return frame.library_call(library.accumulate_with, [iterable, func], node)


def product(
    frame: Primitives, node: ast.AST, /, *iterables: Value, repeat: Value | None = None
) -> Value | None:
    match iterables, repeat:
        case [_, _], None:
            return frame.library_call(library.product_of_two, [*iterables], node)
        case [_, _, _], None:
            return frame.library_call(library.product_of_three, [*iterables], node)
        case [items], Lit(value=2):
            return frame.library_call(library.product_of_two, [items] * 2, node)
        case [items], Lit(value=3):
            return frame.library_call(library.product_of_three, [items] * 3, node)
        case [_], _ if repeat is not None:
            raise frame.refuse(node, "a product of this many", "write nested loops")
        case _:
            return None


def _of_length(two: Callable[..., object], three: Callable[..., object] | None) -> Row:
    """`combinations` and `permutations` of so many elements."""

    def row(
        frame: Primitives, node: ast.AST, /, iterable: Value, r: Value | None = None
    ) -> Value | None:
        match r:
            case Lit(value=2):
                return frame.library_call(two, [iterable], node)
            case Lit(value=3) if three is not None:
                return frame.library_call(three, [iterable], node)
            case _:
                return None

    return row


def chain(frame: Primitives, node: ast.AST, /, *iterables: Value) -> Value:
    parts = [frame.static_items(items, node) for items in iterables]
    if all(part is not None for part in parts):
        return TupleValue(tuple(item for part in parts for item in part or ()))
    made = iterables[0]
    for items in iterables[1:]:
        made = frame.library_call(library.concatenated, [made, items], node)
    return made


def islice(frame: Primitives, node: ast.AST, iterable: Value, /, *ends: Value) -> Value:
    bounds = [NOTHING, *ends] if len(ends) == 1 else [*ends]
    return frame.slice_of(iterable, [*bounds, *[NOTHING] * (3 - len(bounds))], node)


CALLS: dict[str, Row] = {
    "accumulate": accumulate,
    "chain": chain,
    "chain.from_iterable": by_count(library.joined_rows),
    "combinations": _of_length(library.combinations_of_two, library.combinations_of_three),
    "islice": islice,
    "pairwise": by_count(library.pairwise),
    "permutations": _of_length(library.permutations_of_two, None),
    "product": product,
}
