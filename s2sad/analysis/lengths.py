"""Which loops run over arguments that may differ in length: `zip(xs, ys)` ends with the
shorter one, and backward its passes would not be those of `zip(reversed(xs), reversed(ys))`.

A list has a key for its length, one for those of its elements if they are lists, and so
on. Equal keys mean equal lengths: the lists that one loop records have its passes, the
parallel lists of an argument are of one length. The lists in records are taken to have the
length of what they are looped over with: they were recorded by the same loop.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

from s2sad.ir.nodes import (
    Atom,
    Block,
    Func,
    Let,
    Lit,
    Loop,
    Range,
    Shape,
    Structure,
    Undef,
    Var,
    While,
    indices,
    parts_of,
)
from s2sad.ir.types import List
from s2sad.ir.walk import blocks

Keys: TypeAlias = "tuple[Hashable, ...]"
_SAME = frozenset(("reverse_list", "zeros_list", "copy", "id", "set", "acc"))


def ragged_loops(func: Func) -> frozenset[Var]:
    """The indices of the loops over lists that may differ in length."""
    lengths = _Lengths(func)
    lengths.block(func.body)
    return frozenset(lengths.ragged)


class _Lengths:
    def __init__(self, func: Func) -> None:
        self.of_records: set[Atom] = set()
        self.keys: dict[Var, Keys] = {}
        self.ranges: dict[Var, Hashable] = {}
        self.ragged: set[Var] = set()
        for input_ in func.inputs:
            for leaf, groups in _groups(input_.structure, ()):
                var = func.params[leaf]
                self.keys[var] = (*groups, *_own(var)[len(groups) :])

    def of(self, atom: Atom) -> Keys:
        if not isinstance(atom, Var):
            return ()
        return self.keys.get(atom) or _own(atom)

    def block(self, block: Block) -> None:
        for stmt in block.stmts:
            match stmt:
                case Let(out, op, (source, *_)) if op in _SAME:
                    self.keys[out] = self.of(source)
                case Let(out, "item"):
                    self.of_records.add(out)
                case Let(out, "len", (source,)):
                    self.ranges[out] = next(iter(self.of(source)), None)
                case Loop():
                    self.loop(stmt)
                case While(body=body):
                    self.block(stmt.cond)
                    self.block(body)
                    self.recorded(stmt.lists, stmt.recorded, stmt.body, stmt.body)
                case _:
                    for inner in blocks(stmt):
                        self.block(inner)

    def loop(self, loop: Loop) -> None:
        sources = [
            self.of(seq.list)[:1] for seq in loop.seqs if seq.list not in self.of_records
        ]
        if loop.domain is not None:
            sources.append((self.range(loop.domain),))
        same = len(set(sources)) == 1 and sources[0] != ()
        if len(sources) > 1 and not same:
            self.ragged.add(loop.index)
        stops = not (isinstance(loop.stop, Lit) and loop.stop.value is False)
        for seq, element in zip(loop.seqs, loop.elements, strict=True):
            inner = self.of(seq.list)[1:]
            self.keys[element] = tuple(("at", loop.index, key) for key in inner)
        self.block(loop.body)
        passes = sources[0][0] if same and not stops else loop.index
        self.recorded(loop.lists, loop.recorded, passes, loop.index)

    def recorded(
        self,
        lists: Sequence[Var],
        values: Sequence[Atom],
        passes: Hashable,
        loop: Hashable,
    ) -> None:
        for list_, value in zip(lists, values, strict=True):
            inner = tuple(_outside(key, loop) for key in self.of(value))
            self.keys[list_] = (passes, *inner)

    def range(self, domain: Range) -> Hashable:
        start, stop, step, _ = domain
        whole = isinstance(start, Lit) and isinstance(step, Lit)
        if whole and (start.value, step.value) == (0, 1) and stop in self.ranges:  # type: ignore[union-attr]
            assert isinstance(stop, Var)
            return self.ranges[stop]
        return ("range", *map(_identity, (start, stop, step)))


def _groups(structure: Structure, around: Keys) -> Iterator[tuple[int, Keys]]:
    """The leaves of an argument with the keys of the lists that were taken apart."""
    if isinstance(structure, int):
        yield structure, around
    inner = around
    if isinstance(structure, Shape) and structure.kind == "each":
        inner = (*around, ("each", next(indices(structure)), len(around)))
    for part in parts_of(structure):
        yield from _groups(part, inner)


def _own(var: Var) -> Keys:
    """The keys of a list that nothing is known of."""
    keys: list[Hashable] = []
    type_ = var.type
    while isinstance(type_, List):
        keys.append((var, len(keys)))
        type_ = type_.item
    return tuple(keys)


def _outside(key: Hashable, loop: Hashable) -> Hashable:
    """The key of a list that a pass makes, as one of the elements of what is recorded."""
    match key:
        case ("at", index, inner) if index is loop:
            return inner
        case _:
            return ("of", loop, key)


def _identity(atom: Atom) -> Hashable:
    match atom:
        case Lit():
            return atom.key
        case Var() | Undef():
            return atom
