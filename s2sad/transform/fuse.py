"""A loop and its adjoint in one, where nothing crosses from pass to pass.

    for i in range(n):                       for i in range(n):
        d = x[i + 1] - x[i]                      d = x[i + 1] - x[i]
        rec.append(d)                            total = total + d**2
        total = total + d**2           →         d_bar = 2.0 * d
    for i in reversed(range(n)):                 x_bar[i + 1] += d_bar
        d_bar = 2.0 * rec[i]                     x_bar[i] -= d_bar
        x_bar[i + 1] += d_bar
        x_bar[i] -= d_bar

What the adjoint carries are sums: in which order they are added up makes no difference but
for rounding. What it reads was there before the loop, or is of the same pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from s2sad.errors import InternalError
from s2sad.ir.borrow import check_borrows
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    SUM,
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Range,
    Stmt,
    Var,
)
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.structure import CONSUMES, FRESH
from s2sad.ir.types import Array, List, Scalar
from s2sad.ir.walk import defines, free_vars, rename_atoms, rename_stmt, walk

_SUMS = ("acc", "add_to")


def fuse(func: Func) -> Func:
    """The function with each such loop of its forward sweep one with its adjoint."""
    if not func.forward or not any(isinstance(stmt, Loop) for stmt in func.body.stmts):
        return func
    stmts, forward = _block(func.body.stmts, func.body.yields, func.forward)
    if stmts == func.body.stmts:
        return func
    made = replace(func, body=replace(func.body, stmts=stmts), forward=forward)
    return made if _is_sound(made) else func


def _block(
    stmts: Sequence[Stmt], yields: Sequence[Atom], forward: int
) -> tuple[tuple[Stmt, ...], int]:
    """The statements with loops joined to adjoints from the number `forward` on, and how
    many stand before those now."""
    made, at = list(stmts), 0
    while at < forward:
        found = _fused(made, forward, at, yields)
        if found is not None:
            made, at, forward = found
        at += 1
    return tuple(made), forward


def _is_sound(func: Func) -> bool:
    """Are buffers still used version after version? What a callee does is not seen here."""
    if any(isinstance(stmt, Call) for stmt in walk(func.body)):
        return False
    try:
        check_borrows(Module({func.name: func}, func.name, {}))
    except InternalError:
        return False
    return True


Change = tuple[list[Stmt], int, int]


def _fused(
    stmts: Sequence[Stmt], forward: int, at: int, yields: Sequence[Atom]
) -> Change | None:
    """The statements, where the fused loop stands, and how many are now ahead of the rest."""
    loop = stmts[at]
    if not isinstance(loop, Loop) or not _runs_through(loop):
        return None
    if any(isinstance(carry.type, Array | List) for carry in loop.carries):
        return None
    between = list(stmts[at + 1 :])
    for k, stmt in enumerate(between):
        if at + 1 + k < forward or not isinstance(stmt, Loop) or not _runs_through(stmt):
            continue
        renaming = _passes(loop, stmt, stmts)
        if renaming is None or not _adds_up(stmt):
            continue
        moved = _needed_first(stmt, loop, between[:k])
        if moved is None:
            continue
        others = [one for one in (*between[:k], *between[k + 1 :]) if one not in moved]
        if any(_reads(one, loop.lists) for one in others) or not _free(loop.lists, yields):
            continue
        turned = _turned(stmt, others, yields)
        if turned is None:
            continue
        rest, names = turned
        made = _joined(loop, stmt, renaming, names)
        ahead = sum(1 for one in moved if one not in stmts[:forward])
        return [*stmts[:at], *moved, made, *rest], at + len(moved), forward + ahead
    return None


def _turned(
    adjoint: Loop, others: Sequence[Stmt], yields: Sequence[Atom]
) -> tuple[list[Stmt], dict[Var, Var]] | None:
    """What follows, if it turns the lists of the adjoint around, without that: now they are
    as they should be, under the names that they get there."""
    if not _free(adjoint.lists, yields):
        return None
    result: list[Stmt] = []
    names: dict[Var, Var] = {}
    for stmt in others:
        match stmt:
            case Let(_, "reverse_list", (list_,)) if list_ in adjoint.lists:
                if not isinstance(list_, Var) or list_ in names:
                    return None
                names[list_] = stmt.out
            case _ if _reads(stmt, adjoint.lists):
                return None
            case _:
                result.append(stmt)
    return result, names


def _runs_through(loop: Loop) -> bool:
    return isinstance(loop.stop, Lit) and not loop.stop.value


def _free(variables: Iterable[Var], atoms: Sequence[Atom]) -> bool:
    return not any(var in atoms for var in variables)


def _reads(stmt: Stmt, variables: Iterable[Var]) -> bool:
    read = free_vars([stmt])
    return any(var in read for var in variables)


def _passes(loop: Loop, adjoint: Loop, stmts: Sequence[Stmt]) -> dict[Var, Atom] | None:
    """What the sources of the adjoint are in the pass of the loop; None if its passes are
    not those of the loop, backwards."""
    found: dict[Var, Atom] = {}
    own = {seq.list: k for k, seq in enumerate(loop.seqs) if not seq.reversed}
    for seq, element in zip(adjoint.seqs, adjoint.elements, strict=True):
        if not seq.reversed:
            return None
        if seq.list in loop.lists and isinstance(seq.list, Var):
            found[element] = loop.recorded[loop.lists.index(seq.list)]
        elif seq.list in own:
            found[element] = loop.elements[own[seq.list]]
        else:
            return None
    if adjoint.domain is None:
        read = free_vars(adjoint.body.stmts, adjoint.body.yields)
        return found if adjoint.seqs and adjoint.index not in read else None
    if not adjoint.domain.backward:
        return None
    if loop.domain is not None:
        pairs = zip(loop.domain[:3], adjoint.domain[:3], strict=True)
        if loop.domain.backward or not all(_same(one, other) for one, other in pairs):
            return None
    elif not _counts(adjoint.domain, loop, stmts):
        return None
    found[adjoint.index] = loop.index
    return found


def _same(one: Atom, other: Atom) -> bool:
    if isinstance(one, Lit) and isinstance(other, Lit):
        return one.key == other.key
    return one is other


def _counts(domain: Range, loop: Loop, stmts: Sequence[Stmt]) -> bool:
    """Is a range that of the number of the pass, in a loop over one list?"""
    match domain:
        case Range(Lit(0), Var() as stop, Lit(1)) if len(loop.seqs) == 1:
            return any(
                isinstance(stmt, Let)
                and stmt.out is stop
                and (stmt.op == "len" or (stmt.op == "dim" and _same_number(stmt.args[1], 0)))
                and stmt.args[0] is loop.seqs[0].list
                for stmt in stmts
            )
        case _:
            return False


def _same_number(atom: Atom, number: int) -> bool:
    return isinstance(atom, Lit) and atom.value == number


def _adds_up(adjoint: Loop) -> bool:
    """Is all that a loop carries a sum, of numbers or into elements, and is that all that it
    does?"""
    if any(_acts(stmt) for stmt in walk(adjoint.body)):
        return False
    pairs = zip(adjoint.carries, adjoint.nexts, strict=True)
    return all(_is_sum(adjoint.body, carry, next_, adjoint.index) for carry, next_ in pairs)


def _acts(stmt: Stmt) -> bool:
    return isinstance(stmt, Raise) or (isinstance(stmt, Let) and stmt.op in ("python", "store"))


def _is_sum(body: Block, carry: Var, next_: Atom, index: Var | None) -> bool:
    """Is what goes in only added to, until it comes out?"""
    version: Atom = carry
    sets, axes = False, list[set[int]]()
    for stmt in body.stmts:
        if version not in free_vars([stmt]):
            continue
        match stmt:
            case Let(out, "add" | "sub", (left, right)) if isinstance(out.type, Scalar) and (
                left is version
            ) != (right is version):
                if stmt.op == "sub" and left is not version:
                    return False
                version = out
            case Let(out, op, (buffer, *rest)) if (
                op in (*_SUMS, "set") and buffer is version and version not in rest
            ):
                sets = sets or op == "set"
                places = rest[1:] if op != "add_to" else []
                axes.append({k for k, place in enumerate(places) if place is index})
                version = out
            case If(outs, cond, then, orelse) if cond is not version:
                ends = [
                    k
                    for k, out in enumerate(outs)
                    if version in (then.yields[k : k + 1] + orelse.yields[k : k + 1])
                    or out.type == version.type
                ]
                fit = [
                    k
                    for k in ends
                    if isinstance(version, Var)
                    and then.yields
                    and orelse.yields
                    and _is_sum(then, version, then.yields[k], None)
                    and _is_sum(orelse, version, orelse.yields[k], None)
                ]
                if len(fit) != 1 or _set_inside(stmt):
                    return False
                version = outs[fit[0]]
                axes.append(set())
            case Loop() if stmt.inits.count(version) == 1:
                k = stmt.inits.index(version)
                inner = _is_sum(stmt.body, stmt.carries[k], stmt.nexts[k], None)
                if not inner or version in free_vars(stmt.body.stmts) or _set_inside(stmt):
                    return False
                version = stmt.outs[k]
                axes.append(set())
            case _:
                return False
    if version is not next_ or list(body.yields).count(version) != 1:
        return False
    # What is set has to be of this pass alone.
    return not sets or bool(set.intersection(*axes))


def _set_inside(stmt: Stmt) -> bool:
    return any(
        isinstance(inner, Let) and inner.op in CONSUMES and inner.op not in _SUMS
        for block in ((stmt.then, stmt.orelse) if isinstance(stmt, If) else ())
        for inner in walk(block)
    ) or (
        isinstance(stmt, Loop)
        and any(
            isinstance(inner, Let) and inner.op in CONSUMES and inner.op not in _SUMS
            for inner in walk(stmt.body)
        )
    )


def _needed_first(adjoint: Loop, loop: Loop, between: Sequence[Stmt]) -> list[Stmt] | None:
    """What stands between the two and the adjoint needs, in order, to be moved ahead."""
    wanted = set(free_vars([adjoint])) - set(loop.lists)
    if not wanted.isdisjoint(loop.outs):
        return None
    moved: list[Stmt] = []
    for stmt in reversed(between):
        if wanted.isdisjoint(defines(stmt)):
            continue
        if not isinstance(stmt, Let) or stmt.op in CONSUMES or stmt.op in ("python", "store"):
            return None
        read = {arg for arg in stmt.args if isinstance(arg, Var)}
        if not read.isdisjoint((*loop.outs, *loop.lists)):
            return None
        wanted |= read
        moved.insert(0, stmt)
    return moved


def _joined(
    loop: Loop, adjoint: Loop, renaming: dict[Var, Atom], names: dict[Var, Var]
) -> Loop:
    """One loop that does in each pass what the two did."""
    renaming = dict(renaming)
    stmts: list[Stmt] = list(loop.body.stmts)
    known = {_key(s): s.out for s in stmts if isinstance(s, Let) and _is_pure(s)}
    for stmt in map(_of_adjoint, adjoint.body.stmts):
        made = rename_stmt(stmt, renaming)
        if isinstance(made, Let) and _is_pure(made):
            there = known.get(_key(made))
            if there is not None:
                renaming[made.out] = there
                continue
            known[_key(made)] = made.out
        stmts.append(made)
    nexts = rename_atoms(adjoint.nexts, renaming)
    recorded = rename_atoms(adjoint.recorded, renaming)
    yields = (loop.stop, *loop.nexts, *nexts, *recorded)
    inner, _ = _block(stmts, yields, len(loop.body.stmts))
    body = Block((*loop.carries, *adjoint.carries, *loop.elements), inner, yields)
    return replace(
        loop,
        outs=(*loop.outs, *adjoint.outs),
        lists=tuple(names.get(list_, list_) for list_ in adjoint.lists),
        inits=(*loop.inits, *adjoint.inits),
        body=body,
    )


def _of_adjoint(stmt: Stmt) -> Stmt:
    """A statement that is known as one of an adjoint though it stands in the forward sweep."""
    if isinstance(stmt, Let):
        return stmt if stmt.origin else replace(stmt, origin=SUM)
    return map_blocks(stmt, lambda b: replace(b, stmts=tuple(map(_of_adjoint, b.stmts))))


def _is_pure(let: Let) -> bool:
    return let.op not in FRESH and let.op not in CONSUMES and isinstance(let.out.type, Scalar)


def _key(let: Let) -> tuple[object, ...]:
    return (let.op, *(arg.key if isinstance(arg, Lit) else arg for arg in let.args))
