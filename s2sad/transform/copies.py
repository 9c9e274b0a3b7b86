"""Copies that an adjoint does without.

    h = c_bar.copy()                      c_bar is made here, and not read any more:
    b_bars.append(h)             →        b_bars.append(c_bar)

    e = u_bar[1:-1].copy()                read before anything is written:
    a_bar = r * e                →        a_bar = r * u_bar[1:-1]

An adjoint is copied where it is handed to two, or is a part that may be overwritten; that
one of the two is done with it shows when all is written. The borrow check runs afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Handler, If, Let, Lit, Loop, Stmt, Try, Var, While
from s2sad.ir.structure import CONSUMES, STRUCTURE, may_share
from s2sad.ir.types import Array
from s2sad.ir.walk import defines, free_vars, rename_atoms, rename_stmt
from s2sad.transform.stores import may_move, set_first, set_fresh, written_once

# Structure that makes an array of its own, or keeps nothing of the arrays that it reads.
_MAKES = frozenset({"zeros_like", "copy", "pick", "from_list"})
_READS = _MAKES | {"get", "shape", "dim", "len"}


def without_copies(func: Func) -> Func:
    """The function without needless copies in its reverse sweep."""
    stmts = func.body.stmts
    inner = tuple(map(_inside, stmts[func.forward :]))
    whole = Block((), (*stmts[: func.forward], *inner), func.body.yields)
    smaller = _block(whole, func.forward)
    body = replace(func.body, stmts=smaller.stmts, yields=smaller.yields)
    return replace(func, body=body)


def _inside(stmt: Stmt) -> Stmt:
    match stmt:
        case Loop() | While():
            return replace(stmt, body=_whole(stmt.body))
        case If(_, _, then, orelse):
            return replace(stmt, then=_whole(then), orelse=_whole(orelse))
        case Try(_, _, body, handlers):
            made = tuple(Handler(h.exc, _whole(h.block)) for h in handlers)
            return replace(stmt, body=_whole(body), handlers=made)
        case _:
            return stmt


def _whole(block: Block) -> Block:
    return _block(replace(block, stmts=tuple(map(_inside, block.stmts))), 0)


def _block(block: Block, start: int) -> Block:
    """A block without the copies from a statement on; what is inside of it is done."""
    block = written_once(block, start)
    stmts, yields = list(block.stmts), block.yields
    zeros = _zeros(stmts[:start])
    at = start
    while at < len(stmts):
        stmt = stmts[at]
        if isinstance(stmt, Let) and stmt.op == "copy" and isinstance(stmt.out.type, Array):
            _read_early(stmts, yields, at, stmt.out)
            source = _instead(stmts, yields, at, stmt)
            if source is not None:
                renaming: dict[Var, Atom] = {stmt.out: source}
                del stmts[at]
                stmts[at:] = [rename_stmt(later, renaming) for later in stmts[at:]]
                yields = rename_atoms(yields, renaming)
                continue
        elif isinstance(stmt, If):
            stmts[at] = _both(stmt, stmts[at + 1 :], yields)
        elif isinstance(stmt, Loop):
            stmts[at] = set_first(stmt, zeros)
        zeros |= _zeros(stmts[at : at + 1])
        at += 1
    made = replace(block, stmts=tuple(stmts), yields=yields)
    return set_fresh(made, zeros, start)


def _zeros(stmts: Sequence[Stmt]) -> set[Var]:
    """The arrays that are 0 all over."""
    lets = (stmt for stmt in stmts if isinstance(stmt, Let))
    return {let.out for let in lets if let.op in ("zeros_like", "np.zeros")}


def _both(stmt: If, later: Sequence[Stmt], yields: Sequence[Atom]) -> If:
    """A branch whose arms copy what is not written to afterwards, without these copies."""
    for k, out in enumerate(stmt.outs):
        arms = [stmt.then, stmt.orelse]
        copies = [_copy_of(arm, k) for arm in arms]
        # The cheap test first: the other looks at all that comes later.
        if not any(copies) or out in yields:
            continue
        if not all(_only_reads(other, out) for other in later):
            continue
        for j, copy in enumerate(copies):
            if copy is not None:
                arms[j] = _uncopied(arms[j], copy, later, yields)
        stmt = replace(stmt, then=arms[0], orelse=arms[1])
    return stmt


def _copy_of(arm: Block, k: int) -> Let | None:
    """The copy that an arm yields in a place."""
    made = next((s for s in arm.stmts if arm.yields[k] in defines(s)), None)
    return made if isinstance(made, Let) and made.op == "copy" else None


def _uncopied(arm: Block, copy: Let, later: Sequence[Stmt], yields: Sequence[Atom]) -> Block:
    (source,) = copy.args
    inside = [stmt for stmt in arm.stmts if stmt is not copy]
    if not isinstance(source, Var) or any(source in defines(stmt) for stmt in inside):
        return arm
    if arm.yields.count(copy.out) > 1 or source in arm.yields or source in yields:
        return arm
    if not all(_only_reads(stmt, copy.out) and _only_reads(stmt, source) for stmt in inside):
        return arm
    if not all(_only_reads(stmt, source) for stmt in later):
        return arm
    renaming: dict[Var, Atom] = {copy.out: source}
    stmts = tuple(rename_stmt(stmt, renaming) for stmt in inside)
    return replace(arm, stmts=stmts, yields=rename_atoms(arm.yields, renaming))


def _read_early(stmts: list[Stmt], yields: Sequence[Atom], at: int, copy: Var) -> None:
    """Compute what a copy is made for before anything is written to."""
    users = [k for k, s in enumerate(stmts) if k > at and copy in free_vars([s])]
    if copy in yields:
        return
    moved = list(stmts)
    for place, k in enumerate(users, at + 1):
        user = moved[k]
        if not (isinstance(user, Let) and _only_reads(user, copy)):
            return
        if not may_move(user, moved[place:k]):
            return
        moved.insert(place, moved.pop(k))
    stmts[:] = moved


def _instead(stmts: Sequence[Stmt], yields: Sequence[Atom], at: int, copy: Let) -> Var | None:
    """What can be read in the place of a copy."""
    (source,) = copy.args
    if not isinstance(source, Var) or source.type != copy.out.type:
        return None
    made = {s.out: s for s in stmts[:at] if isinstance(s, Let)}
    if _is_done(stmts, yields, at, source, made.get(source)):
        return source
    if not _is_read_first(stmts, yields, at, copy.out):
        return None
    match made.get(source):
        case Let(_, "view", (Var() as base, Lit("..."))):
            return base if base.type == source.type else source
        case _:
            return source


def _is_done(
    stmts: Sequence[Stmt], yields: Sequence[Atom], at: int, source: Var, made: Let | None
) -> bool:
    """Is a buffer made in the block, and read for the last time where it is copied?"""
    if made is None or source in yields or not _is_new(made):
        return False
    return all(
        _only_reads(stmt, source) if k < at else source not in free_vars([stmt])
        for k, stmt in enumerate(stmts)
        if k != at
    )


def _is_read_first(stmts: Sequence[Stmt], yields: Sequence[Atom], at: int, copy: Var) -> bool:
    """Are all reads of a copy before anything is written to?"""
    if copy in yields:
        return False
    last = max((k for k, s in enumerate(stmts) if copy in free_vars([s])), default=at)
    return all(
        isinstance(stmt, Let) and stmt.op not in _WRITE and _only_reads(stmt, copy)
        for stmt in stmts[at + 1 : last + 1]
    )


_WRITE = CONSUMES | {"python", "store"}


def _is_new(let: Let) -> bool:
    """Is an array made here, or written to, so that it is nobody else's?"""
    if let.op in STRUCTURE:
        return let.op in _MAKES or let.op in CONSUMES
    return not may_share(let.op)


def _only_reads(stmt: Stmt, buffer: Var) -> bool:
    """Does a statement keep nothing of a buffer, and not write to it?"""
    if buffer not in free_vars([stmt]):
        return True
    match stmt:
        case Let(_, op, (target, *rest)) if op in CONSUMES:
            # A number, or an array that is copied into another.
            return target is not buffer and isinstance(target.type, Array) and bool(rest)
        case Let(_, op) if op in STRUCTURE:
            return op in _READS
        case Let(_, op):
            return not may_share(op)
        case _:
            return False
