"""Before names: conditions share the carries of their loop, and carries that take the
value of another are copied as soon as they can be.

    while … : next (x, x - d)           previous = id(x)      (nothing reads it any more)
                                   →    x1 = x - d            and x may be overwritten
                                        next (previous, x1)
"""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.analysis.lengths import ragged_loops
from s2sad.ir.node import replace
from s2sad.ir.nodes import SUM, Atom, Block, Func, If, Let, Lit, Loop, Stmt, Var, While
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import BOOL
from s2sad.ir.walk import all_blocks, defines, free_vars, is_straight, rename_block, uses


def prepare(func: Func) -> Func:
    body = func.body
    derived = any(
        type(stmt) is Let and stmt.origin
        for block in all_blocks(body)
        for stmt in reversed(block.stmts)
    )
    if derived:
        forward = body.stmts[: func.forward]
        reverse = _mark(body.stmts[func.forward :], set(), everything=func.forward > 0)
        body = replace(body, stmts=(*forward, *reverse))
    return replace(func, body=_block(body, ragged_loops(func)))


def _mark(stmts: Iterable[Stmt], adjoint: set[Var], everything: bool) -> tuple[Stmt, ...]:
    """Give the adjoint statements that have none an origin: everything in a reverse sweep,
    elsewhere what reads an adjoint."""
    result: list[Stmt] = []
    for stmt in stmts:
        if isinstance(stmt, Let):
            if not stmt.origin and (
                everything
                or not adjoint.isdisjoint(stmt.args)
                or stmt.out.hint.endswith("_bar")
            ):
                stmt = replace(stmt, origin=SUM)
            if stmt.origin:
                adjoint.add(stmt.out)
        else:
            if not adjoint.isdisjoint(uses(stmt)):
                adjoint.update(defines(stmt))
            stmt = map_blocks(
                stmt, lambda b: replace(b, stmts=_mark(b.stmts, adjoint, everything))
            )
        result.append(stmt)
    return tuple(result)


def _block(block: Block, ragged: set[Var]) -> Block:
    if is_straight(block.stmts):
        return block
    return replace(block, stmts=tuple(_stmt(stmt, ragged) for stmt in block.stmts))


def _stmt(stmt: Stmt, ragged: set[Var]) -> Stmt:
    stmt = map_blocks(stmt, lambda block: _block(block, ragged))
    match stmt:
        case Loop():
            stmt = replace(stmt, body=_copies(stmt, stmt.body))
            unread = stmt.index not in free_vars(stmt.body.stmts, stmt.body.yields)
            if stmt.seqs and unread and stmt.index not in ragged:
                # The sequences are as long as the domain.
                return replace(stmt, domain=None)
            return stmt
        case While():
            shared = dict(zip(stmt.cond.params, stmt.body.params, strict=True))
            cond = rename_block(stmt.cond, shared)
            cond = replace(cond, params=stmt.body.params)
            return replace(stmt, cond=cond, body=_copies(stmt, stmt.body))
        case If((out,), cond) if out.type == cond.type == BOOL:
            return replace(
                stmt, then=_known(stmt.then, cond), orelse=_known(stmt.orelse, cond, False)
            )
        case _:
            return stmt


def _known(arm: Block, cond: Atom, truth: bool = True) -> Block:
    """`b and …` reads b once: in the arms of an `if`, what it tests is known."""
    if arm.yields and arm.yields[0] is cond:
        return replace(arm, yields=(Lit(truth, BOOL),))
    return arm


def _copies(loop: Loop | While, body: Block) -> Block:
    """Insert the copies; what has to wait for the end of the pass is left to it."""
    count = len(loop.inits)
    carries, nexts = body.params[:count], list(body.yields[1 : 1 + count])
    position = dict.fromkeys(body.params, -1)
    for k, stmt in enumerate(body.stmts):
        position.update(dict.fromkeys(defines(stmt), k))
    wanted = _wanted(carries, nexts)
    if not wanted:
        return body
    last_use = dict.fromkeys(carries, -1)
    for k, stmt in enumerate(body.stmts):
        for var in free_vars((stmt,)):
            if var in last_use:
                last_use[var] = k
    for atom in (body.yields[0], *body.yields[1 + count :]):
        if isinstance(atom, Var) and atom in last_use:
            last_use[atom] = max(last_use[atom], _recorded_at(atom, body, position))
    inserted: dict[int, list[Let]] = {}
    for k in _in_order(carries, nexts, wanted):
        source = nexts[k]
        assert isinstance(source, Var)
        readers = [
            last_use[carries[k]],
            *(len(body.stmts) for j, n in enumerate(nexts) if n is carries[k] and j != k),
        ]
        at = max(position.get(source, -1), *readers)
        if at >= len(body.stmts) - 1:
            continue
        copy = Var(carries[k].type, carries[k].hint, carries[k].user)
        inserted.setdefault(at, []).append(Let(copy, "id", (source,)))
        nexts[k] = copy
        if source in last_use:
            last_use[source] = max(last_use[source], at)
    return _with(body, inserted, nexts)


def _recorded_at(atom: Var, body: Block, position: dict[Var, int]) -> int:
    """A carry that is recorded is read at once, unless it stops the loop."""
    return len(body.stmts) if atom is body.yields[0] else position[atom]


def _wanted(carries: tuple[Var, ...], nexts: list[Atom]) -> list[int]:
    """The carries that take over the value of another."""
    pairs = enumerate(zip(carries, nexts, strict=True))
    return [k for k, (carry, value) in pairs if value is not carry and value in carries]


def _in_order(carries: tuple[Var, ...], nexts: list[Atom], wanted: list[int]) -> Iterable[int]:
    """Readers of a carry before the copy that overwrites it; cycles are left out."""
    pending = list(wanted)
    while pending:
        free = [
            k for k in pending if not any(nexts[j] is carries[k] for j in pending if j != k)
        ]
        if not free:
            return
        yield from free
        pending = [k for k in pending if k not in free]


def _with(body: Block, inserted: dict[int, list[Let]], nexts: list[Atom]) -> Block:
    stmts: list[Stmt] = list(inserted.get(-1, ()))
    for k, stmt in enumerate(body.stmts):
        stmts.append(stmt)
        stmts += inserted.get(k, ())
    stop, *rest = body.yields
    return Block(body.params, tuple(stmts), (stop, *nexts, *rest[len(nexts) :]))
