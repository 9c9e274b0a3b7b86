"""Walking and rebuilding the IR: what a statement defines, uses, holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from s2sad.errors import assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Handler,
    If,
    Let,
    Loop,
    Raise,
    Range,
    Seq,
    Stmt,
    Try,
    Var,
    While,
)


def defines(stmt: Stmt) -> tuple[Var, ...]:
    """The variables that a statement defines in its own block."""
    # Nearly every statement is a Let, and a match is slow.
    if isinstance(stmt, Let):
        return (stmt.out,)
    match stmt:
        case If(outs) | Call(outs):
            return outs
        case Loop(outs, lists) | While(outs, lists):
            return outs + lists
        case Try(outs, path):
            return (*outs, path)
        case Raise():
            return ()
        case _:
            assert_never(stmt)


def uses(stmt: Stmt) -> tuple[Atom, ...]:
    """The atoms that a statement reads itself, those inside its blocks left out."""
    if isinstance(stmt, Let):
        return stmt.args
    match stmt:
        case Call(_, _, args):
            return args
        case If(_, cond):
            return (cond,)
        case Loop(_, _, _, domain, inits, seqs):
            ends = domain[:3] if domain else ()
            return (*ends, *inits, *(seq.list for seq in seqs))
        case While(_, _, inits):
            return inits
        case Try(manager=manager):
            return () if manager is None else (manager,)
        case Raise(exc, _, cause):
            return (exc,) if cause is None else (exc, cause)
        case _:
            assert_never(stmt)


def blocks(stmt: Stmt) -> tuple[Block, ...]:
    """The blocks inside a statement, in the order in which they run."""
    if isinstance(stmt, Let):
        return ()
    match stmt:
        case Call() | Raise():
            return ()
        case If(_, _, then, orelse):
            return then, orelse
        case Loop():
            return (stmt.body,)
        case While():
            return stmt.cond, stmt.body
        case Try(_, _, body, handlers):
            return (body, *(handler.block for handler in handlers))
        case _:
            assert_never(stmt)


def bound(stmt: Stmt) -> tuple[Var, ...]:
    """Variables bound in a statement's blocks besides the blocks' parameters."""
    return (stmt.index,) if isinstance(stmt, Loop) else ()


def walk(block: Block) -> Iterator[Stmt]:
    """Every statement of a block and of the blocks inside it, in program order."""
    for stmt in block.stmts:
        yield stmt
        if type(stmt) is not Let:
            for inner in blocks(stmt):
                yield from walk(inner)


def is_straight(stmts: Iterable[Stmt]) -> bool:
    """Are they primitives only? Passes over regions have nothing to do then."""
    return {*map(type, stmts)} <= _PRIMITIVES_ONLY


_PRIMITIVES_ONLY: set[type] = {Let}


def all_blocks(block: Block) -> Iterator[Block]:
    """A block and the blocks inside it: what looks at every statement and not at their
    order is quickest block by block."""
    yield block
    for stmt in block.stmts:
        if type(stmt) is not Let:
            for inner in blocks(stmt):
                yield from all_blocks(inner)


def free_vars(region: Iterable[Stmt], yields: Iterable[Atom] = ()) -> dict[Var, None]:
    """The variables that statements and yields read from outside, in order of reading."""
    free: dict[Var, None] = {}
    _collect_free(tuple(region), tuple(yields), set(), free)
    return free


def _collect_free(
    stmts: tuple[Stmt, ...],
    yields: tuple[Atom, ...],
    inside: set[Var],
    free: dict[Var, None],
) -> None:
    for stmt in stmts:
        if isinstance(stmt, Let):
            _note(stmt.args, inside, free)
            inside.add(stmt.out)
            continue
        _note(uses(stmt), inside, free)
        inside.update(bound(stmt))
        for block in blocks(stmt):
            inside.update(block.params)
            _collect_free(block.stmts, block.yields, inside, free)
        inside.update(defines(stmt))
    _note(yields, inside, free)


def _note(atoms: Iterable[Atom], inside: set[Var], free: dict[Var, None]) -> None:
    for atom in atoms:
        if isinstance(atom, Var) and atom not in inside:
            free[atom] = None


Renaming = Mapping[Var, Atom]


def rename(atom: Atom, renaming: Renaming) -> Atom:
    return renaming.get(atom, atom) if isinstance(atom, Var) else atom


def rename_atoms(atoms: Iterable[Atom], renaming: Renaming) -> tuple[Atom, ...]:
    return tuple(rename(atom, renaming) for atom in atoms)


def rename_block(block: Block, renaming: Renaming) -> Block:
    """The block with the variables that it reads replaced; what it defines stays."""
    return Block(
        block.params,
        tuple(rename_stmt(stmt, renaming) for stmt in block.stmts),
        rename_atoms(block.yields, renaming),
    )


def rename_stmt(stmt: Stmt, renaming: Renaming) -> Stmt:
    match stmt:
        case Let(out, op, args, loc, origin):
            return Let(out, op, rename_atoms(args, renaming), loc, origin)
        case Call(outs, func, args, loc, origin):
            return Call(outs, func, rename_atoms(args, renaming), loc, origin)
        case If(outs, cond, then, orelse, loc, origin):
            return If(
                outs,
                rename(cond, renaming),
                rename_block(then, renaming),
                rename_block(orelse, renaming),
                loc,
                origin,
            )
        case Loop(outs, lists, index, domain, inits, seqs, body, loc):
            return Loop(
                outs,
                lists,
                index,
                rename_range(domain, renaming),
                rename_atoms(inits, renaming),
                tuple(Seq(rename(seq.list, renaming), seq.reversed) for seq in seqs),
                rename_block(body, renaming),
                loc,
            )
        case While(outs, lists, inits, cond, body, loc):
            return While(
                outs,
                lists,
                rename_atoms(inits, renaming),
                rename_block(cond, renaming),
                rename_block(body, renaming),
                loc,
            )
        case Try(outs, path, body, handlers, loc, manager):
            renamed = tuple(Handler(h.exc, rename_block(h.block, renaming)) for h in handlers)
            around = None if manager is None else rename(manager, renaming)
            return Try(outs, path, rename_block(body, renaming), renamed, loc, around)
        case Raise(exc, loc, cause):
            reason = None if cause is None else rename(cause, renaming)
            return Raise(rename(exc, renaming), loc, reason)
        case _:
            assert_never(stmt)


def rename_range(domain: Range | None, renaming: Renaming) -> Range | None:
    if domain is None:
        return None
    start, stop, step = rename_atoms(domain[:3], renaming)
    return Range(start, stop, step, domain.backward)
