"""The lists that a loop records, as one list of tuples.

    loop … record (a, b) → lists (la, lb)       loop … t = tuple(a, b) record (t) → list l
    loop over (a_i in la, b_i in lb)       →    loop over (t_i in l): a_i = item(t_i, 0) …

One pass over a function for each depth of nesting, the inner loops first: the list of an
inner loop is then one of the values that the outer loop records. Lists that are used in
any other way than to be read by loops or recorded by an outer one stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Func,
    Let,
    Loop,
    Seq,
    Stmt,
    Var,
    While,
    int_lit,
)
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import List, Tuple, Type
from s2sad.ir.walk import blocks, defines, uses

Scan: TypeAlias = "Loop | While"


class Place(NamedTuple):
    """Where a list is used: as sequence `slot` of a loop, or recorded as its `slot`."""

    kind: str
    loop: Loop | While | None
    slot: int


class Packed(NamedTuple):
    """The list takes part in `var` as item `part`; `depth` lists lie around the tuple."""

    var: Var
    part: int
    depth: int


def pack(func: Func) -> Func:
    """Pack what can be packed, drop what nothing reads."""
    depth = _depth(func.body)
    for level in range(depth, 0, -1):
        func = _pack_level(func, level)
    return func


def _depth(block: Block) -> int:
    """How deep loops with several lists are nested."""
    deepest = 0
    for stmt in block.stmts:
        if type(stmt) is Let:
            continue
        inner = max(map(_depth, blocks(stmt)), default=0)
        if isinstance(stmt, (Loop, While)):
            inner += bool(inner or stmt.lists)
        deepest = max(deepest, inner)
    return deepest


class _Survey:
    """Every use of every list of a function, and the loops at one level."""

    def __init__(self, func: Func, level: int) -> None:
        self.places: dict[Var, list[Place]] = {}
        self.groups: list[Loop | While] = []
        self.level = level
        self._block(func.body, 0)

    def _block(self, block: Block, level: int) -> None:
        for stmt in block.stmts:
            match stmt:
                case Loop() | While():
                    self._loop(stmt, level + 1)
                case _:
                    self._note(uses(stmt))
                    for inner in blocks(stmt):
                        self._block(inner, level)
        self._note(block.yields)

    def _loop(self, loop: Loop | While, level: int) -> None:
        if level == self.level:
            self.groups.append(loop)
        ends = loop.domain[:3] if isinstance(loop, Loop) and loop.domain else ()
        self._note((*ends, *loop.inits))
        for slot, seq in enumerate(loop.seqs if isinstance(loop, Loop) else ()):
            self._note((seq.list,), Place("seq", loop, slot))
        if isinstance(loop, While):
            self._block(loop.cond, level)
        self._block(replace(loop.body, yields=(loop.stop, *loop.nexts)), level)
        for slot, atom in enumerate(loop.recorded):
            self._note((atom,), Place("record", loop, slot))

    def _note(self, atoms: tuple[Atom, ...], place: Place | None = None) -> None:
        for atom in atoms:
            if isinstance(atom, Var):
                self.places.setdefault(atom, []).append(place or Place("other", None, 0))


def _pack_level(func: Func, level: int) -> Func:
    survey = _Survey(func, level)
    packed: dict[Var, Packed] = {}
    dropped: set[Var] = set()
    for loop in survey.groups:
        dropped.update(var for var in loop.lists if var not in survey.places)
        members = [var for var in loop.lists if var in survey.places]
        if len(members) < 2:
            continue
        found: dict[Var, Packed] = {}
        row = Tuple(tuple(_item(v) for v in members))
        if _plan(survey, dict(enumerate(members)), row, 1, found):
            packed.update(found)
    if not packed and not dropped:
        return func
    body = _Rewrite(packed, dropped).block(func.body)
    return replace(func, body=body, forward=func.forward)


def _item(var: Var) -> Type:
    assert isinstance(var.type, List)
    return var.type.item


def _plan(
    survey: _Survey, members: dict[int, Var], item: Type, depth: int, found: dict[Var, Packed]
) -> bool:
    """Give the members one variable, and so on for what is made of them."""
    type_: Type = item
    for _ in range(depth):
        type_ = List(type_)
    whole = Var(type_)
    groups: dict[tuple[object, ...], dict[int, Var]] = {}
    for index, var in members.items():
        found[var] = Packed(whole, index, depth)
        for place in survey.places.get(var, ()):
            key: tuple[object, ...]
            match place:
                case Place("seq", Loop() as loop, slot):
                    if depth > 1:
                        key = ("seq", loop, loop.seqs[slot].reversed)
                        if index in groups.setdefault(key, {}):
                            return False
                        groups[key][index] = loop.elements[slot]
                case Place("record", (Loop() | While()) as loop, slot):
                    key = ("record", loop)
                    if index in groups.setdefault(key, {}):
                        return False
                    groups[key][index] = loop.lists[slot]
                case _:
                    return False
    for key, group in groups.items():
        deeper = depth - 1 if key[0] == "seq" else depth + 1
        if not _plan(survey, group, item, deeper, found):
            return False
    return True


def _after(stmts: Sequence[Stmt], atoms: Iterable[Atom]) -> int:
    """The place after the last definition of the atoms."""
    wanted = {atom for atom in atoms if isinstance(atom, Var)}
    for k in range(len(stmts), 0, -1):
        if not wanted.isdisjoint(defines(stmts[k - 1])):
            return k
    return 0


class _Rewrite:
    def __init__(self, packed: dict[Var, Packed], dropped: set[Var]) -> None:
        self.packed = packed
        self.dropped = dropped

    def block(self, block: Block) -> Block:
        return replace(block, stmts=tuple(self.stmt(stmt) for stmt in block.stmts))

    def stmt(self, stmt: Stmt) -> Stmt:
        match stmt:
            case Loop():
                return self.readers(self.writers(stmt))
            case While():
                return self.writers(replace(stmt, cond=self.block(stmt.cond)))
            case _:
                return map_blocks(stmt, self.block)

    def writers(self, loop: Scan) -> Scan:
        """The lists of a loop: those of a group become one."""
        lists: list[Var] = []
        recorded: list[Atom] = []
        rows: dict[Var, dict[int, Atom]] = {}
        for var, atom in zip(loop.lists, loop.recorded, strict=True):
            if var in self.dropped:
                continue
            entry = self.packed.get(var)
            if entry is None:
                lists.append(var)
                recorded.append(atom)
                continue
            if entry.var not in rows:
                lists.append(entry.var)
                recorded.append(atom)  # holds the place
            rows.setdefault(entry.var, {})[entry.part] = atom
        body = self.block(loop.body)
        stmts = list(body.stmts)
        for slot, var in enumerate(lists):
            row = rows.get(var)
            if row is None:
                continue
            first = next(iter(row.values()))
            if isinstance(first, Var) and first in self.packed:
                recorded[slot] = self.packed[first].var
                continue
            row_var = Var(_item(var))
            at = _after(stmts, row.values())
            stmts.insert(at, Let(row_var, "tuple", tuple(row.values())))
            recorded[slot] = row_var
        yields = (loop.stop, *loop.nexts, *recorded)
        body = Block(body.params, tuple(stmts), yields)
        return replace(loop, lists=tuple(lists), body=body)

    def readers(self, loop: Scan) -> Scan:
        """The sequences of a loop: those of a group become one, unpacked in the body."""
        if not isinstance(loop, Loop):
            return loop
        seqs: dict[object, tuple[Seq, Var]] = {}
        unpacked: list[Stmt] = []
        for seq, element in zip(loop.seqs, loop.elements, strict=True):
            entry = self.packed.get(seq.list) if isinstance(seq.list, Var) else None
            if entry is None:
                seqs[element] = seq, element
                continue
            key = entry.var, seq.reversed
            inner = self.packed.get(element)
            if key not in seqs:
                row = inner.var if inner else Var(_item(entry.var))
                seqs[key] = Seq(entry.var, seq.reversed), row
            if inner is None:
                unpacked.append(Let(element, "item", (seqs[key][1], int_lit(entry.part))))
        pairs = tuple(seqs.values())
        params = (*loop.carries, *(element for _, element in pairs))
        body = Block(params, (*unpacked, *loop.body.stmts), loop.body.yields)
        return replace(loop, seqs=tuple(seq for seq, _ in pairs), body=body)
