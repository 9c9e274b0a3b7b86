"""`itertools`: what it yields, in a tuple or a list at once."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from s2sad.frontend import library
from s2sad.frontend.modules import Row, by_count
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.values import Ref, TupleValue, Value, is_none
from s2sad.ir.nodes import NOTHING, Lit, Var

if TYPE_CHECKING:
    from s2sad.frontend.primitives import Primitives

_MOST = 4000


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


def _of_known(
    function: Callable[..., Iterator[tuple[Value, ...]]], otherwise: Row | None = None
) -> Row:
    """Of elements that are known one by one: by Python's own function."""

    def row(
        frame: Primitives,
        node: ast.AST,
        /,
        *iterables: Value,
        repeat: Value | None = None,
    ) -> Value | None:
        holders = (v for v in iterables if isinstance(v, Ref | TupleValue))
        items = (item for v in holders for item in frame.static_items(v, node) or ())
        # Objects stay themselves in the rows.
        if otherwise is not None and not any(isinstance(item, Ref) for item in items):
            known = {} if repeat is None else {"repeat": repeat}
            found = otherwise(frame, node, *iterables, **known)
            if found is not None:
                return found
        given = [repeat] if repeat is not None else []
        parts: list[tuple[Value, ...]] = []
        for value in iterables:
            raw = frame.emitter.raw(value) if isinstance(value, Var) else value
            if isinstance(raw, Lit):
                given.append(raw)
            else:
                parts.append(frame.elements(value, node))
        numbers = [lit.value for lit in given if isinstance(lit, Lit)]
        if len(numbers) < len(given):
            return None
        if function is itertools.product:
            times = numbers[0] if numbers else 1
            if not isinstance(times, int):
                return None
            made: Iterator[tuple[Value, ...]] = itertools.product(*parts, repeat=times)
        else:
            made = function(*parts, *numbers)
        rows = tuple(TupleValue(row) for row in itertools.islice(made, _MOST + 1))
        if len(rows) > _MOST:
            return None
        return TupleValue(rows)

    return row


def repeat(
    frame: Primitives, node: ast.AST, /, object: Value, times: Value | None = None
) -> Value | None:
    if times is None:
        return None
    return frame.library_call(library.repeated_value, [object, times], node)


def zip_longest(
    frame: Primitives, node: ast.AST, a: Value, b: Value, /, *, fillvalue: Value = NOTHING
) -> Value | None:
    if is_none(fillvalue):
        return None
    return frame.library_call(library.zip_longest, [a, b, fillvalue], node)


CALLS: dict[str, Row] = {
    "accumulate": accumulate,
    "chain": chain,
    "chain.from_iterable": by_count(library.joined_rows),
    "combinations": _of_known(
        itertools.combinations,
        _of_length(library.combinations_of_two, library.combinations_of_three),
    ),
    "combinations_with_replacement": _of_known(itertools.combinations_with_replacement),
    "dropwhile": by_count(library.dropwhile),
    "filterfalse": by_count(library.filterfalse),
    "islice": islice,
    "pairwise": by_count(library.pairwise),
    "permutations": _of_known(
        itertools.permutations, _of_length(library.permutations_of_two, None)
    ),
    "product": _of_known(itertools.product, product),
    "repeat": repeat,
    "starmap": by_count(library.starmap),
    "takewhile": by_count(library.takewhile),
    "zip_longest": zip_longest,
}
