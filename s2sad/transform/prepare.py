"""What is done to a function before it is differentiated.

if bad: raise …          if bad: raise …
else: <rest>       →     <rest>                   `unnest_raises`
%1 = x**2          →     a = x**2                 `name_temporaries`
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Func,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    raises_always,
)
from s2sad.ir.orders import count_tests
from s2sad.ir.types import BOOL, Array, List, Opaque, Tuple, is_array
from s2sad.ir.walk import is_straight, rename, rename_block, rename_stmt, walk
from s2sad.transform.record import placeholder


def unnest_raises(func: Func) -> Func:
    """Where one arm of a branch always raises, the other goes on at the branch's level."""
    return replace(func, body=_unnest_block(func.body))


def _unnest_block(block: Block) -> Block:
    if is_straight(block.stmts):
        return block
    renaming: dict[Var, Atom] = {}
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        stmts.extend(_unnest(rename_stmt(stmt, renaming) if renaming else stmt, renaming))
    return Block(block.params, tuple(stmts), tuple(rename(y, renaming) for y in block.yields))


def _unnest(stmt: Stmt, renaming: dict[Var, Atom]) -> Iterator[Stmt]:
    match stmt:
        case If(outs, _, then, orelse):
            arms = [_unnest_block(then), _unnest_block(orelse)]
            raising = [raises_always(arm) for arm in arms]
            if any(raising) and not all(raising):
                going_on = arms[raising.index(False)]
                renaming.update(zip(outs, going_on.yields, strict=True))
                emptied = [
                    replace(arm, yields=()) if raises else Block((), (), ())
                    for arm, raises in zip(arms, raising, strict=True)
                ]
                yield replace(stmt, outs=(), then=emptied[0], orelse=emptied[1])
                yield from going_on.stmts
            else:
                yield replace(stmt, then=arms[0], orelse=arms[1])
        case Loop():
            yield replace(stmt, body=_unnest_block(stmt.body))
        case While():
            yield replace(stmt, cond=_unnest_block(stmt.cond), body=_unnest_block(stmt.body))
        case Try():
            handlers = tuple(Handler(h.exc, _unnest_block(h.block)) for h in stmt.handlers)
            yield replace(stmt, body=_unnest_block(stmt.body), handlers=handlers)
        case _:
            yield stmt


def bind_lists(func: Func) -> Func:
    """A list that one arm of a branch alone makes is empty on the other.

    Its adjoint can then be made in its shape wherever it is wanted. Lists of the user's
    stay unbound there, as a read of them has to raise: `absent.py` has their lengths.
    """
    return replace(func, body=_bind_block(func.body))


def _bind_block(block: Block) -> Block:
    if is_straight(block.stmts):
        return block
    return replace(block, stmts=tuple(map(_bind_inside, block.stmts)))


def _bind_inside(stmt: Stmt) -> Stmt:
    match stmt:
        case If(_, _, then, orelse):
            outs = stmt.outs
            return replace(stmt, then=_bind_arm(then, outs), orelse=_bind_arm(orelse, outs))
        case Loop():
            return replace(stmt, body=_bind_block(stmt.body))
        case While():
            return replace(stmt, body=_bind_block(stmt.body))
        case Try():
            handlers = tuple(
                Handler(h.exc, _bind_arm(h.block, stmt.outs)) for h in stmt.handlers
            )
            return replace(stmt, body=_bind_arm(stmt.body, stmt.outs), handlers=handlers)
        case _:
            return stmt


def raises(out: Var) -> bool:
    """Is it a list of the user's?"""
    return out.user and isinstance(out.type, List)


def _bind_arm(arm: Block, outs: Sequence[Var]) -> Block:
    arm = _bind_block(arm)
    if raises_always(arm):
        return arm
    stmts = list(arm.stmts)
    yields = [
        placeholder(atom.type, stmts)
        if isinstance(atom, Undef) and isinstance(atom.type, List | Tuple) and not raises(out)
        else atom
        for atom, out in zip(arm.yields, outs, strict=True)
    ]
    return replace(arm, stmts=tuple(stmts), yields=tuple(yields))


def with_own_params(func: Func, written: Collection[Var], module: Module) -> Func:
    """The entry, with a copy of each list or array that it is given and writes to."""
    copies: dict[Var, Var] = {
        param: Var(param.type, param.hint, param.user)
        for param in func.params
        if param in written and isinstance(param.type, List | Array)
    }
    if not copies:
        return func
    # What is asked of the arguments as they are given stays before the copies.
    count = count_tests(func.body.stmts)
    asked = func.body.stmts[:count]
    body = rename_block(replace(func.body, stmts=func.body.stmts[count:]), copies)
    made = [Let(copy, "copy", (param,)) for param, copy in copies.items()]
    read = _global_arrays(module)
    tests = (*read, *_apart((*func.params, *(let.out for let in read)), copies))
    return replace(func, body=replace(body, stmts=(*asked, *tests, *made, *body.stmts)))


def _global_arrays(module: Module) -> tuple[Let, ...]:
    """The arrays of modules and closures that a program reads, each read once."""
    found: dict[object, Let] = {}
    for func in module.funcs.values():
        for stmt in walk(func.body):
            if isinstance(stmt, Let) and stmt.op == "global" and is_array(stmt.out.type):
                name = str(getattr(stmt.args[0], "value", ""))
                out = Var(stmt.out.type, name)
                found.setdefault(name, Let(out, "global", stmt.args))
    return tuple(found.values())


def _apart(params: Sequence[Var], written: Collection[Var]) -> Iterator[Stmt]:
    """Raise where an array that is written to shares memory with another argument: a
    write to one would be one to the other."""
    arrays = [param for param in params if isinstance(param.type, Array)]
    for k, one in enumerate(arrays):
        for other in arrays[k + 1 :]:
            if one not in written and other not in written:
                continue
            shared, error = Var(BOOL), Var(Opaque("exception"))
            changed = one if one in written else other
            text = f"{one.hint} and {other.hint} share memory, and {changed.hint} is written to"
            made = Let(error, "python", (Lit(f"ValueError({text!r})", Opaque("text")),))
            raising = Block((), (made, Raise(error)), ())
            yield Let(shared, "np.shares_memory", (one, other))
            yield If((), shared, raising, Block((), (), ()))


def clear_origins(func: Func) -> Func:
    """A derivative that is differentiated again is a primal like any other."""
    return replace(func, body=_clear_block(func.body), forward=0)


def _clear_block(block: Block) -> Block:
    return replace(block, stmts=tuple(map(_clear, block.stmts)))


def _clear(stmt: Stmt) -> Stmt:
    match stmt:
        case Let():
            return replace(stmt, origin=())
        case If(_, _, then, orelse):
            return replace(
                stmt, then=_clear_block(then), orelse=_clear_block(orelse), origin=()
            )
        case Loop():
            return replace(stmt, body=_clear_block(stmt.body))
        case While():
            return replace(stmt, cond=_clear_block(stmt.cond), body=_clear_block(stmt.body))
        case Try():
            handlers = tuple(Handler(h.exc, _clear_block(h.block)) for h in stmt.handlers)
            return replace(stmt, body=_clear_block(stmt.body), handlers=handlers)
        case _:
            return stmt
