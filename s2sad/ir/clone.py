"""A second copy of a region: the same statements over variables of its own."""

from __future__ import annotations

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
    Seq,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.walk import rename, rename_atoms, rename_range


def clone_block(block: Block, renaming: dict[Var, Atom]) -> Block:
    """`renaming` tells what the copy reads in the place of outer variables, and learns the
    variables that the copy defines."""
    params = _fresh(block.params, renaming)
    stmts = tuple(clone_stmt(stmt, renaming) for stmt in block.stmts)
    return Block(params, stmts, rename_atoms(block.yields, renaming))


def clone_stmt(stmt: Stmt, renaming: dict[Var, Atom]) -> Stmt:
    def named(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return rename_atoms(atoms, renaming)

    match stmt:
        case Let(out, op, args, loc):
            args = named(args)
            (out,) = _fresh((out,), renaming)
            return Let(out, op, args, loc)
        case Call(outs, func, args, loc):
            args = named(args)
            return Call(_fresh(outs, renaming), func, args, loc)
        case If(outs, cond, then, orelse, loc):
            cond = rename(cond, renaming)
            arms = clone_block(then, renaming), clone_block(orelse, renaming)
            return If(_fresh(outs, renaming), cond, *arms, loc)
        case Loop(outs, lists, index, domain, inits, seqs, body, loc):
            domain, inits = rename_range(domain, renaming), named(inits)
            seqs = tuple(Seq(rename(seq.list, renaming), seq.reversed) for seq in seqs)
            (index,) = _fresh((index,), renaming)
            body = clone_block(body, renaming)
            outs, lists = _fresh(outs, renaming), _fresh(lists, renaming)
            return Loop(outs, lists, index, domain, inits, seqs, body, loc)
        case While(outs, lists, inits, cond, body, loc):
            inits = named(inits)
            cond, body = clone_block(cond, renaming), clone_block(body, renaming)
            return While(
                _fresh(outs, renaming), _fresh(lists, renaming), inits, cond, body, loc
            )
        case Try(outs, path, body, handlers, loc, manager):
            around = None if manager is None else rename(manager, renaming)
            body = clone_block(body, renaming)
            handlers = tuple(Handler(h.exc, clone_block(h.block, renaming)) for h in handlers)
            (path,) = _fresh((path,), renaming)
            return Try(_fresh(outs, renaming), path, body, handlers, loc, around)
        case Raise(exc, loc, cause):
            reason = None if cause is None else rename(cause, renaming)
            return Raise(rename(exc, renaming), loc, reason)
        case _:
            assert_never(stmt)


def _fresh(variables: tuple[Var, ...], renaming: dict[Var, Atom]) -> tuple[Var, ...]:
    made = tuple(Var(var.type, var.hint, var.user) for var in variables)
    renaming.update(zip(variables, made, strict=True))
    return made
