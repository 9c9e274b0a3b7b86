"""Names of literals that nothing reads by their name go.

y = 1.0                            (the loop starts from the literal itself)
for i in range(n): y = y * x  ->   for i in range(n): y = y * x
"""

from __future__ import annotations

from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.walk import uses, walk


def without_unused_names(func: Func) -> Func:
    used: set[Var] = set()
    _note(func.body.yields, used)
    for stmt in walk(func.body):
        if isinstance(stmt, Let):
            _note(stmt.args, used)
            continue
        _note(uses(stmt), used)
        for block in _blocks(stmt):
            _note(block.yields, used)
    return replace(func, body=_pruned(func.body, used))


def called(func: Func) -> list[str]:
    """The functions that a function calls, or its reverse sweep."""
    found: list[str] = []
    for stmt in walk(func.body):
        match stmt:
            case Call(func=name) | Let(_, "cotangent", (_, Lit(str() as name), *_)):
                found.append(name)
            case _:
                pass
    return found


def _note(atoms: tuple[Atom, ...], used: set[Var]) -> None:
    for atom in atoms:
        if type(atom) is Var:
            used.add(atom)


def _blocks(stmt: Stmt) -> tuple[Block, ...]:
    match stmt:
        case If(_, _, then, orelse):
            return then, orelse
        case Loop():
            return (stmt.body,)
        case While():
            return stmt.cond, stmt.body
        case Try(_, _, body, handlers):
            return (body, *(handler.block for handler in handlers))
        case _:
            return ()


def _pruned(block: Block, used: set[Var]) -> Block:
    return Block(
        block.params,
        tuple([_inside(stmt, used) for stmt in block.stmts if not _unused(stmt, used)]),
        block.yields,
    )


def _unused(stmt: Stmt, used: set[Var]) -> bool:
    return (
        isinstance(stmt, Let)
        and stmt.op == "id"
        and isinstance(stmt.args[0], Lit)
        and stmt.out not in used
    )


def _inside(stmt: Stmt, used: set[Var]) -> Stmt:
    match stmt:
        case Let():
            return stmt
        case If(_, _, then, orelse):
            return replace(stmt, then=_pruned(then, used), orelse=_pruned(orelse, used))
        case Loop():
            return replace(stmt, body=_pruned(stmt.body, used))
        case While():
            return replace(stmt, cond=_pruned(stmt.cond, used), body=_pruned(stmt.body, used))
        case Try(body=body, handlers=handlers):
            left = tuple(Handler(h.exc, _pruned(h.block, used)) for h in handlers)
            return replace(stmt, body=_pruned(body, used), handlers=left)
        case _:
            return stmt
