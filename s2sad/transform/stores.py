"""What is written to an element of an adjoint and changed right away is written once.

    A_bar[i, j] = 0.0                     the statement A[i, j] /= w, in reverse: the
    v_bar = u_bar / w                     adjoint of what was written is taken, that of
    A_bar[k, k] += …                      what was there before is added again
    A_bar[i, j] += v_bar           →      v_bar = u_bar / w
                                          A_bar[i, j] = v_bar
                                          A_bar[k, k] += …

What an element gets back as it was is not written at all. Sums may change places with
each other, whatever elements they go to; nothing is moved past a read.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeAlias

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Let, Lit, Loop, Range, Stmt, Var
from s2sad.ir.structure import CONSUMES, is_turn
from s2sad.ir.types import FLOAT, Array
from s2sad.ir.walk import defines, free_vars, rename_atoms, rename_stmt

_SETS = {"set": "acc", "put": "add_to"}
_SUMS = frozenset({"acc", "add_to", "add_at"})


def written_once(block: Block, start: int) -> Block:
    """A block with fewer writes from a statement on; what is inside of it is done."""
    stmts, yields = list(block.stmts), block.yields
    at = start
    while at < len(stmts):
        stmt = stmts[at]
        change = None
        if isinstance(stmt, Let):
            if stmt.op in _SETS:
                change = _rewritten(stmts, yields, at, stmt)
            elif stmt.op == "get":
                change = _forwarded(stmts, at, stmt)
        if change is None:
            at += 1
            continue
        stmts, renaming = change
        stmts = [rename_stmt(other, renaming) for other in stmts]
        yields = rename_atoms(yields, renaming)
        at = start  # what it stands behind now may be in vain
    return replace(block, stmts=tuple(stmts), yields=yields)


Change = tuple[list[Stmt], dict[Var, Atom]]


class _Next(NamedTuple):
    """The next write to a place, the first sum between, the version before it."""

    let: Let
    at: int
    between: int | None
    before: Var


def _rewritten(stmts: list[Stmt], yields: Sequence[Atom], at: int, first: Let) -> Change | None:
    found = _next_write(stmts, yields, at, first)
    if found is None:
        return None
    array, value, *place = first.args
    second = found.let
    if second.op in _SETS:
        # What was written first is never read.
        return _without(stmts, at), {first.out: array}
    if not (isinstance(value, Lit) and value.type == FLOAT and value.value == 0.0):
        return None
    where = found.at if found.between is None else found.between
    total = second.args[1]
    made = next((k for k, s in enumerate(stmts) if total in defines(s)), -1)
    if made >= where:
        let = stmts[made]
        if not isinstance(let, Let) or not may_move(let, stmts[where:made]):
            return None
        stmts = [*stmts[:where], let, *stmts[where:made], *stmts[made + 1 :]]
        where += 1
    if _is_back(total, stmts, array, place, first.op):
        before = array if found.before is first.out else found.before
        return _without(stmts, at, found.at), {first.out: array, second.out: before}
    # The sum's own version takes the place of the first one's.
    written = replace(first, args=(array, total, *place), origin=second.origin)
    rest = list(stmts)
    del rest[found.at]
    rest.insert(where, written)
    del rest[at]
    return rest, {second.out: found.before}


def may_move(let: Let, before: Sequence[Stmt]) -> bool:
    """May a statement be run ahead of others?"""
    if let.op in CONSUMES or let.op in ("python", "store"):
        return False
    between = {var for stmt in before for var in defines(stmt)}
    return between.isdisjoint(arg for arg in let.args if isinstance(arg, Var))


def _next_write(
    stmts: Sequence[Stmt], yields: Sequence[Atom], at: int, first: Let
) -> _Next | None:
    """The next write to the place of one, if nothing is read between."""
    version, between = first.out, None
    place = first.args[2:]
    for k, stmt in enumerate(stmts[at + 1 :], at + 1):
        if not isinstance(stmt, Let):
            if version in free_vars([stmt]):
                return None
            continue
        if version not in stmt.args:
            continue
        if stmt.args[0] is not version or version in stmt.args[1:]:
            return None
        if stmt.op in (first.op, _SETS[first.op]) and _same(stmt.args[2:], place):
            return _Next(stmt, k, between, version)
        if stmt.op not in _SUMS:
            return None
        between = k if between is None else between
        version = stmt.out
    return None


def _forwarded(stmts: list[Stmt], at: int, read: Let) -> Change | None:
    """An element that was written just now is what was written."""
    version, *place = read.args
    for stmt in stmts[:at]:
        if isinstance(stmt, Let) and stmt.out is version and stmt.op == "set":
            value = stmt.args[1]
            exact = isinstance(version.type, Array) and version.type.dtype == FLOAT
            if exact and value.type == FLOAT and _same(stmt.args[2:], place):
                return _without(stmts, at), {read.out: value}
    return None


def _is_back(
    value: Atom, stmts: Sequence[Stmt], array: Atom, place: Sequence[Atom], op: str
) -> bool:
    """Is a value what the place holds already?"""
    made = {s.out: s for s in stmts if isinstance(s, Let)}
    let = made.get(value) if isinstance(value, Var) else None
    if op == "put" and let is not None and let.op == "copy" and isinstance(let.args[0], Var):
        let = made.get(let.args[0])
    read = "get" if op == "set" else "view"
    if let is None or let.op != read or let.args[0] is not array:
        return False
    return _same(let.args[1:], place)


def set_fresh(block: Block, zeros: Collection[Var], start: int) -> Block:
    """A block that sets what it would add to elements of zeros that have one number each.

    x_bar = np.zeros_like(x)
    x_bar[1] += b_bar                     x_bar[1] = b_bar
    """
    stmts = list(block.stmts)
    # Which elements of a buffer may be other than 0.
    written: dict[Atom, frozenset[int]] = dict.fromkeys(zeros, frozenset())
    for k, stmt in enumerate(stmts[start:], start):
        if not isinstance(stmt, Let) or not stmt.args or stmt.args[0] not in written:
            continue
        match stmt:
            case Let(out, "acc" | "set", (buffer, value, Lit(int() as at))) if at >= 0:
                if stmt.op == "acc" and at not in written[buffer] and value.type == FLOAT:
                    stmts[k] = replace(stmt, op="set")
                written[out] = written[buffer] | {at}
            case _:
                pass
    return replace(block, stmts=tuple(stmts))


def _same(place: Sequence[Atom], other: Sequence[Atom]) -> bool:
    return len(place) == len(other) and all(
        a is b or (isinstance(a, Lit) and isinstance(b, Lit) and a.key == b.key)
        for a, b in zip(place, other, strict=True)
    )


def _without(stmts: Sequence[Stmt], *at: int) -> list[Stmt]:
    return [stmt for k, stmt in enumerate(stmts) if k not in at]


def set_first(loop: Loop, zeros: Collection[Var]) -> Loop:
    """A loop that sets what it would add to zeros, where each pass has elements of its own.

    b_bar = np.zeros(n)
    for i in reversed(range(n)):
        b_bar[i] += s                     b_bar[i] = s
    """
    index = loop.index if _never_negative(loop.domain) else None
    if index is None:
        return loop
    stmts = list(loop.body.stmts)
    for carry, init in zip(loop.carries, loop.inits, strict=True):
        for k in _first_sums(stmts, loop, carry, index) if init in zeros else ():
            let = stmts[k]
            assert isinstance(let, Let)
            stmts[k] = replace(let, op="set" if let.op == "acc" else "put")
    return replace(loop, body=replace(loop.body, stmts=tuple(stmts)))


def _never_negative(domain: Range | None) -> bool:
    match domain:
        case Range(Lit(int() as start), _, Lit(1), _):
            return start >= 0
        case Range(_, Lit(int() as stop), Lit(-1), _):
            return stop >= -1
        case _:
            return False


def _first_sums(stmts: Sequence[Stmt], loop: Loop, carry: Var, index: Var) -> list[int]:
    """The sums to elements of a buffer that have none before, if the body does nothing else
    with it, and each is to elements that have the index of the loop along one axis."""
    version, axes = carry, set[int]()
    first: list[int] = []
    places: list[list[_Entry]] = []
    for k, stmt in enumerate(stmts):
        if version not in free_vars([stmt]):
            continue
        if not isinstance(stmt, Let) or stmt.op not in ("acc", "add_to"):
            return []
        if stmt.args[0] is not version or version in stmt.args[1:]:
            return []
        axis = _axis(stmt, index)
        if axis is None:
            return []
        place = _entries(stmt)
        if all(_apart(place, other) for other in places):
            first.append(k)
        places.append(place)
        axes.add(axis)
        version = stmt.out
    return first if len(axes) == 1 else []


# What stands along one axis: an index, `:k`, or something else.
_Entry: TypeAlias = "tuple[str, Atom | None]"


def _entries(let: Let) -> list[_Entry]:
    if let.op == "acc":
        return [("at", place) for place in let.args[2:]]
    from s2sad.ir.arrays import entries_of

    at = let.args[2]
    found: list[_Entry] = []
    for entry in entries_of(str(at.value) if isinstance(at, Lit) else ""):
        match entry:
            case ast.Name(name):
                found.append(("at", let.args[3 + int(name[1:])]))
            case ast.Slice(None, ast.Name(name), None):
                found.append(("below", let.args[3 + int(name[1:])]))
            case _:
                found.append(("", None))
    return found


def _apart(place: Sequence[_Entry], other: Sequence[_Entry]) -> bool:
    """Have two parts no element in common? A[i, i] and A[i, :i] have none."""
    return any(
        {kind, kind_} == {"at", "below"} and isinstance(one, Var) and one is two
        for (kind, one), (kind_, two) in zip(place, other, strict=False)
    )


def _axis(let: Let, index: Var) -> int | None:
    """The axis along which a part is one element, at an index."""
    if let.op == "acc":
        places = let.args[2:]
        return next((k for k, atom in enumerate(places) if atom is index), None)
    from s2sad.ir.arrays import entries_of

    at = let.args[2]
    text = str(at.value) if isinstance(at, Lit) else "]["
    if "][" in text or is_turn(text):
        return None
    for axis, entry in enumerate(entries_of(text)):
        match entry:
            case ast.Name(name):
                atom = let.args[3 + int(name[1:])]
                if atom is index:
                    return axis
                if isinstance(atom.type, Array):
                    return None
            case ast.Slice() | ast.Constant(int()):
                pass
            case _:
                return None
    return None
