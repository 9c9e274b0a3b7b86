"""Which sources of a loop are of one length: `zip(xs, ys)` ends with the shorter one.

A list has a key for its length, one for those of its elements if they are lists, and so
on. Equal keys mean equal lengths: the lists that one loop records have its passes, the
parallel lists of an argument are of one length. The lists in records are taken to have the
length of what they are looped over with: they were recorded by the same loop.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

from s2sad.errors import assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Raise,
    Range,
    Seq,
    Shape,
    Structure,
    Try,
    Undef,
    Var,
    While,
    indices,
    parts_of,
)
from s2sad.ir.types import INT, Array, Dim, List
from s2sad.ir.walk import all_blocks, blocks, bound, defines, walk

Keys: TypeAlias = "tuple[Hashable, ...]"
_SAME = frozenset(("zeros_list", "copy", "id"))


def ragged_loops(func: Func) -> set[Var]:
    """The indices of the loops over sources that may differ in length."""
    return {loop for loop, keys in sources(func).items() if len({*keys} - {None}) > 1}


def sources(func: Func) -> dict[Var, Keys]:
    """For the index of each loop over several sources: the keys of their lengths, that of
    its domain first. A length that is known to fit is None."""
    several = any(
        type(stmt) is Loop and len(stmt.seqs) + (stmt.domain is not None) > 1
        for block in all_blocks(func.body)
        for stmt in block.stmts
    )
    if not several:
        return {}
    lengths = _Lengths(func)
    lengths.block(func.body)
    return lengths.sources


class _Lengths:
    def __init__(self, func: Func) -> None:
        self.of_records: set[Atom] = set()
        self.keys: dict[Var, Keys] = {}
        self.numbers: dict[Atom, Hashable] = {}
        self.sources: dict[Var, Keys] = {}
        # The conditions of the branches around.
        self.truths: dict[Hashable, bool] = {}
        # The indices of loops that count their passes from 0 on, and those that count
        # down to 0, with the key of how many.
        self.upward: set[Atom] = set()
        self.downward: dict[Atom, Hashable] = {}
        for input_ in func.inputs:
            for leaf, groups in _groups(input_.structure, ()):
                var = func.params[leaf]
                self.keys[var] = (*groups, *_own(var)[len(groups) :])

    def of(self, atom: Atom) -> Keys:
        if not isinstance(atom, Var):
            return ()
        return tuple(map(self.here, self.keys.get(atom) or _own(atom)))

    def here(self, key: Hashable) -> Hashable:
        """What a key is where the conditions around are known."""
        while isinstance(key, tuple) and key[0] is _IF and key[1] in self.truths:
            _, which, one, other = key
            key = one if self.truths[which] else other
        return key

    def outer(self, atom: Atom) -> Hashable:
        return next(iter(self.of(atom)), None)

    def known(self, var: Var, keys: Keys, length: Hashable = None) -> None:
        """Note the keys of a list, the first of them another one if `length` is given."""
        if isinstance(var.type, List):
            self.keys[var] = keys if length is None else (length, *keys[1:])

    def block(self, block: Block) -> None:
        for stmt in block.stmts:
            match stmt:
                case Let():
                    self.let(stmt)
                case If():
                    self.branch(stmt)
                case Loop():
                    self.loop(stmt)
                case While():
                    self.settled(stmt, stmt.cond.params, (stmt.cond, stmt.body))
                    self.recorded(stmt, ("while", stmt.body), None)
                case Try():
                    self.paths(stmt)
                case Call() | Raise():
                    pass
                case _:
                    assert_never(stmt)

    def branch(self, stmt: If) -> None:
        which = _identity(stmt.cond)
        around, found = self.truths, []
        for holds, arm in ((True, stmt.then), (False, stmt.orelse)):
            self.truths = {**around, which: holds}
            self.block(arm)
            found.append([self.of(atom) for atom in arm.yields])
        self.truths = around
        self.joined(stmt.outs, (_IF, which), found)

    def paths(self, stmt: Try) -> None:
        found = []
        for path in blocks(stmt):
            self.block(path)
            found.append([self.of(atom) for atom in path.yields])
        self.joined(stmt.outs, ("try", stmt.path), found)

    def joined(self, outs: Sequence[Var], which: Keys, arms: Sequence[Sequence[Keys]]) -> None:
        """Lists that are one or another; where a path leaves one unbound, nothing reads it."""
        for out, *ones in zip(outs, *arms, strict=True):
            bound = [keys for keys in ones if keys]
            if len(set(map(len, bound))) > 1:
                self.known(out, _own(out))  # More is known of one of them than of another.
                continue
            levels = zip(*(keys or bound[0] for keys in ones), strict=True) if bound else ()
            self.known(out, tuple(k[0] if len({*k}) == 1 else (*which, *k) for k in levels))

    def let(self, let: Let) -> None:
        match let:
            case Let(out, op, (source, *_)) if op in _SAME:
                self.known(out, self.of(source))
            case Let(out, "reverse_list", (source,)):
                first, *rest = self.of(source)
                self.known(out, (first, *map(_backward, rest)))
            case Let(out, "set" | "acc", (source, value, *index)):
                deep = isinstance(value.type, List)
                keys = self.of(source)
                self.known(out, keys[: len(index)] + _own(out)[len(index) :] if deep else keys)
            case Let(out, "append", (source, _)):
                self.known(out, _own(out), _plus(self.outer(source), 1))
            case Let(out, "drop", (source,)):
                self.known(out, _own(out), _plus(self.outer(source), -1))
            case Let(out, "list", parts):
                # What is said of the elements of an empty list is true.
                self.known(out, _own(out) if parts else (_EMPTY,) * len(_own(out)), len(parts))
            case Let(out, "repeat", (_, count)):
                self.known(out, _own(out), self.passes(Range(_NONE, count, _ONE)))
            case Let(out, "concat", (one, other)):
                self.known(out, _own(out), ("sum", self.outer(one), self.outer(other)))
            case Let(out, "slice", (source, *ends)):
                keys = ("slice", self.outer(source), *map(self.number, ends))
                self.known(out, _own(out), keys)
            case Let(out, "get", (source, *index)) if isinstance(out.type, List):
                self.known(out, self.element(self.of(source), index))
            case Let(out, "item"):
                self.of_records.add(out)
            case Let(out, "dim", (source, Lit(int() as axis))):
                self.numbers[out] = self.of(source)[axis]
            case Let(out, "len", (source,)):
                self.numbers[out] = self.outer(source)
            case Let(out, "add", (Lit(int() as more), x)) | Let(
                out, "add", (x, Lit(int() as more))
            ) if x in self.numbers:
                self.numbers[out] = _plus(self.numbers[x], more)

    def element(self, keys: Keys, index: Sequence[Atom]) -> Keys:
        """The keys of an element that is read at an index."""
        for atom in index:
            length, *rest = keys
            way, at = "number", self.number(atom)
            if atom in self.upward:
                at = atom
            elif atom in self.downward and self.downward[atom] == length:
                way, at = "backward", atom
            elif isinstance(atom, Var):
                way = "index"
            keys = tuple(_at(way, at, key) for key in rest)
        return keys

    def number(self, atom: Atom) -> Hashable:
        return self.numbers.get(atom) or _identity(atom)

    def loop(self, loop: Loop) -> None:
        known: list[Hashable] = []
        if loop.domain is None:
            self.upward.add(loop.index)
        else:
            known.append(self.passes(loop.domain))
            match loop.domain:
                case Range(Lit(0), _, Lit(1), False):
                    self.upward.add(loop.index)
                case Range(Lit(0), _, Lit(1), True):
                    self.downward[loop.index] = known[0]
        for seq in loop.seqs:
            in_record = seq.list in self.of_records
            known.append(None if in_record else self.outer(seq.list))
        if len(known) > 1:
            self.sources[loop.index] = tuple(known)
        lengths = {*known} - {None}
        stops = not (isinstance(loop.stop, Lit) and loop.stop.value is False)
        elements = list(zip(loop.seqs, loop.elements, strict=True))
        self.settled(loop, loop.carries, (loop.body,), elements)
        whole = len(lengths) == 1 and not stops
        self.recorded(
            loop, lengths.pop() if whole else loop.index, loop.index if whole else None
        )

    def settled(
        self,
        loop: Loop | While,
        params: Sequence[Var],
        inside: Sequence[Block],
        elements: Sequence[tuple[Seq, Var]] = (),
    ) -> None:
        """Each carry keeps its length, as long as nothing shows that it does not."""
        kept = {
            k: self.of(init)
            for k, init in enumerate(loop.inits)
            if isinstance(init.type, List) and isinstance(init, Var)
        }
        while True:
            for k, keys in kept.items():
                self.known(loop.carries[k], keys)
                self.known(params[k], keys)
            for seq, element in elements:
                assert isinstance(loop, Loop)
                way = "backward" if seq.reversed else "number"
                keys = self.of(seq.list)[1:]
                self.known(element, tuple(_at(way, loop.index, key) for key in keys))
            for block in inside:
                self.block(block)
            lost = [k for k, keys in kept.items() if self.of(loop.nexts[k]) != keys]
            if not lost:
                break
            for k in lost:
                del kept[k]
                self.keys.pop(loop.carries[k], None)
                self.keys.pop(params[k], None)
        for k, out in enumerate(loop.outs):
            self.keys.pop(out, None)
            if k in kept:
                self.known(out, kept[k])

    def recorded(self, loop: Loop | While, passes: Hashable, index: Var | None) -> None:
        """The lists of a loop; `index` tells that it runs over all of its sources."""
        if not any(isinstance(value.type, List) for value in loop.recorded):
            self.keys.update((list_, (passes,)) for list_ in loop.lists)
            return
        inside = {*loop.body.params, loop.index if isinstance(loop, Loop) else None}
        for stmt in walk(loop.body):
            inside.update((*defines(stmt), *bound(stmt)))
        for list_, value in zip(loop.lists, loop.recorded, strict=True):
            inner = [_outside(key, index, loop.body, inside) for key in self.of(value)]
            self.keys[list_] = (passes, *inner)

    def passes(self, domain: Range) -> Hashable:
        """The number of passes over a range."""
        start, stop, step, _ = domain
        match start, stop, step:
            case Lit(int() as a), Lit(int() as b), Lit(int() as c) if c:
                return len(range(a, b, c))
            case Lit(int() as a), _, Lit(1) if stop in self.numbers:
                return _plus(self.numbers[stop], -a) if a else self.numbers[stop]
            case _:
                return ("range", *map(self.number, (start, stop, step)))


_EMPTY, _IF = "empty", "if"
_NONE, _ONE = Lit(0, INT), Lit(1, INT)


def _plus(key: Hashable, more: int) -> Hashable:
    """The key of a length that is longer by so much."""
    match key:
        case int():
            return key + more
        case ("plus", base, int() as known):
            return ("plus", base, known + more) if known + more else base
        case _:
            return ("plus", key, more)


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
    if isinstance(type_, Array):
        return tuple(_size(dim, var, k) for k, dim in enumerate(type_.dims))
    while isinstance(type_, List):
        keys.append((var, len(keys)))
        type_ = type_.item
    return tuple(keys)


def _size(dim: Dim, array: Var, axis: int) -> Hashable:
    """The key of a size: "x.0.m1" is one less than "x.0"."""
    if isinstance(dim, int):
        return dim
    if dim == "?":
        return (array, axis)
    base, _, last = dim.rpartition(".")
    if last[:1] in ("m", "p") and last[1:].isdecimal():
        return _plus(("size", base), int(last[1:]) * (1 if last[0] == "p" else -1))
    return ("size", dim)


def _at(way: str, index: Hashable, key: Hashable) -> Hashable:
    """The key of an element, counted from the start or backward by the passes of a loop,
    or at an index."""
    match key:
        case ("uniform", inner):
            return inner
        case ("backward", inner) if way in ("number", "backward"):
            return ("at", "number" if way == "backward" else "backward", index, inner)
        case _:
            return ("at", way, index, key)


def _backward(key: Hashable) -> Hashable:
    match key:
        case ("uniform", _):
            return key
        case ("backward", inner):
            return inner
        case _:
            return ("backward", key)


def _outside(
    key: Hashable, index: Var | None, loop: Block, inside: set[Var | None]
) -> Hashable:
    """The key of a list that a pass makes, as one of the elements of what is recorded."""
    match key:
        case ("at", "number", at, inner) if at is index:
            return inner
        case ("at", "backward", at, inner) if at is index:
            return _backward(inner)
        case _ if not _mentions(key, inside):
            return ("uniform", key)
        case _:
            return ("of", loop, key)


def _mentions(key: Hashable, variables: set[Var | None]) -> bool:
    if isinstance(key, tuple):
        return any(_mentions(part, variables) for part in key)
    return key in variables


def _identity(atom: Atom) -> Hashable:
    match atom:
        case Lit():
            return atom.key
        case Var() | Undef():
            return atom
