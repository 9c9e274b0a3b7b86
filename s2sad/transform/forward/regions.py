"""Branches, loops and `try` with tangents: what they hand on, they hand on with its tangent.

    if c:                       if c:
        y = y * x       →           y_dot = y_dot * x + y * x_dot
                                    y *= x

Each result that is active has one more beside it; so have the carries of a loop, what it
records, and the elements of a list that has tangents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Seq,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.structure import CONSUMES, may_share
from s2sad.ir.types import Array
from s2sad.ir.walk import free_vars, walk
from s2sad.ops.core import TOTAL
from s2sad.transform.fold import AdjointBuilder

if TYPE_CHECKING:
    from s2sad.transform.forward.push import Push


class _Wanted(NamedTuple):
    """A result of a region, by its number, that has a tangent in a direction."""

    k: int
    d: int


def push_if(push: Push, stmt: If, builder: AdjointBuilder) -> None:
    def enter(k: int) -> None:
        push.bounds.enter(stmt.cond, k == 0)

    outs, (then, orelse) = _paths(
        push, stmt.outs, (stmt.then, stmt.orelse), builder, enter, push.bounds.leave
    )
    builder.add(replace(stmt, outs=outs, then=then, orelse=orelse))


def push_try(push: Push, stmt: Try, builder: AdjointBuilder) -> None:
    paths = (stmt.body, *(handler.block for handler in stmt.handlers))
    outs, (body, *blocks) = _paths(push, stmt.outs, paths, builder)
    handlers = tuple(
        Handler(handler.exc, block)
        for handler, block in zip(stmt.handlers, blocks, strict=True)
    )
    builder.add(replace(stmt, outs=outs, body=body, handlers=handlers))


def _nothing(*_: object) -> None:
    pass


def _paths(
    push: Push,
    outs: Sequence[Var],
    paths: Sequence[Block],
    builder: AdjointBuilder,
    enter: Callable[[int], None] = _nothing,
    leave: Callable[[], None] = _nothing,
) -> tuple[tuple[Var, ...], list[Block]]:
    """The paths with the tangents that each of them ends with, and all the results."""
    wanted = _wanted(push, outs)
    inners: list[AdjointBuilder] = []
    ends: list[list[Atom]] = []
    for number, path in enumerate(paths):
        inner = builder.child()
        enter(number)
        push.block(path, inner)
        ends.append([push.made(path.yields[k], d, inner) for k, d in wanted])
        leave()
        inners.append(inner)
    kept = [n for n in range(len(wanted)) if not _alike(push, [end[n] for end in ends])]
    for n, (k, d) in enumerate(wanted):
        end = ends[0][n]
        if n in kept:
            push.set_dot(outs[k], d, push.tangent_var(outs[k], d))
        elif not builder.is_zero(end):
            push.set_dot(outs[k], d, end)
    made = [push.made(outs[wanted[n].k], wanted[n].d, builder) for n in kept]
    blocks = [
        inner.block(path.params, (*path.yields, *(end[n] for n in kept)))
        for path, inner, end in zip(paths, inners, ends, strict=True)
    ]
    return (*outs, *(var for var in made if isinstance(var, Var))), blocks


def _alike(push: Push, ends: Sequence[Atom]) -> bool:
    """Do all paths end with the same value, from outside of them?"""
    keys = {end.key if isinstance(end, Lit) else None for end in ends}
    return len(keys) == 1 and None not in keys


def _wanted(push: Push, outs: Sequence[Var]) -> list[_Wanted]:
    return [
        _Wanted(k, d)
        for d in range(len(push.directions))
        for k, out in enumerate(outs)
        if push.is_active(out, d)
    ]


def push_loop(push: Push, loop: Loop | While, builder: AdjointBuilder) -> None:
    numbers = range(len(push.directions))
    carried = [
        _Wanted(k, d)
        for d in numbers
        for k, (carry, out) in enumerate(zip(loop.carries, loop.outs, strict=True))
        if push.is_active(carry, d) or push.is_active(out, d)
    ]
    recorded = _wanted(push, loop.lists)
    inits = [push.made(loop.inits[k], d, builder) for k, d in carried]
    params = [push.tangent_var(loop.carries[k], d) for k, d in carried]
    for (k, d), param in zip(carried, params, strict=True):
        push.set_dot(loop.carries[k], d, param)
    seqs: list[Seq] = []
    elements: list[Var] = []
    if isinstance(loop, Loop):
        for d in numbers:
            for seq, element in zip(loop.seqs, loop.elements, strict=True):
                dots = push.dot(seq.list, d)
                if dots is not None and push.is_active(element, d):
                    dots = _by_element(push, dots, d, builder)
                    seqs.append(Seq(dots, seq.reversed))
                    elements.append(push.tangent_var(element, d))
                    push.set_dot(element, d, elements[-1])
    inner = builder.child()
    push.block(loop.body, inner)
    nexts = [push.made(loop.nexts[k], d, inner) for k, d in carried]
    records = [_recorded(push.made(loop.recorded[k], d, inner), inner) for k, d in recorded]
    n = len(loop.inits)
    body = Block(
        (*loop.carries, *params, *loop.body.params[n:], *elements),
        (),
        (loop.stop, *loop.nexts, *nexts, *loop.recorded, *records),
    )
    overwritten = [
        *zip(loop.carries, loop.nexts, strict=True),
        *zip(params, nexts, strict=True),
    ]
    body = replace(body, stmts=_scheduled(inner.stmts, overwritten))
    outs = [push.tangent_var(loop.outs[k], d) for k, d in carried]
    lists = [push.tangent_var(loop.lists[k], d) for k, d in recorded]
    for (k, d), out in zip(carried, outs, strict=True):
        push.set_dot(loop.outs[k], d, out)
    for (k, d), list_ in zip(recorded, lists, strict=True):
        push.set_dot(loop.lists[k], d, list_)
    pushed = replace(
        loop,
        outs=(*loop.outs, *outs),
        lists=(*loop.lists, *lists),
        inits=(*loop.inits, *inits),
        body=body,
    )
    match pushed:
        case Loop():
            builder.add(replace(pushed, seqs=(*pushed.seqs, *seqs)))
        case While():
            unread = tuple(push.tangent_var(loop.carries[k], d) for k, d in carried)
            cond = replace(pushed.cond, params=(*pushed.cond.params, *unread))
            builder.add(replace(pushed, cond=cond))


def _by_element(push: Push, dots: Atom, d: int, builder: AdjointBuilder) -> Atom:
    """The tangents of a list, one for each element."""
    if push.directions[d].size is None or not isinstance(dots.type, Array):
        return dots
    from s2sad.transform.forward import vectors

    return vectors.turned(dots, builder)


def _recorded(dots: Atom, inner: AdjointBuilder) -> Atom:
    """What a pass records is its own: anything else as a copy."""
    if not isinstance(dots, Var) or not isinstance(dots.type, Array):
        return dots
    here = {stmt.out: stmt for stmt in inner.stmts if isinstance(stmt, Let)}
    made = here.get(dots)
    if made is None or made.op in SHARES or may_share(made.op):
        return inner.emit("copy", (dots,))
    return dots


SHARES = frozenset({"view", "get", "item", "id"})


def _scheduled(
    stmts: Sequence[Stmt], overwritten: Sequence[tuple[Var, Atom]]
) -> tuple[Stmt, ...]:
    """With the values that take the place of a carry after the tangents that read it.

    y_dot = y_dot * x + y * x_dot stands ahead of y *= x, which overwrites y.
    """
    result = list(stmts)
    for carry, following in reversed(overwritten):
        place = [
            k
            for k, stmt in enumerate(result)
            if isinstance(stmt, Let) and stmt.out is following and stmt.op in TOTAL
        ]
        readers = [k for k, stmt in enumerate(result) if carry in free_vars((stmt,))]
        if not place or not readers or readers[-1] <= place[0]:
            continue
        between = result[place[0] + 1 : readers[-1] + 1]
        if not isinstance(following, Var) or _reads(between, following):
            continue
        moved = result[place[0]]
        shared = any(may_hold_buffer(var.type) for var in free_vars((moved,)))
        if shared and _writes(between):
            continue
        del result[place[0]]
        at = readers[-1]
        while at < len(result) and not (
            _reads(result[at : at + 1], following) or (shared and _writes(result[at : at + 1]))
        ):
            at += 1
        result.insert(at, moved)
    return tuple(result)


def _writes(stmts: Sequence[Stmt]) -> bool:
    """May one of them write to a buffer that others read?"""
    inside = [stmt for outer in stmts for stmt in walk(Block((), (outer,), ()))]
    return any(
        isinstance(stmt, Call) or (isinstance(stmt, Let) and stmt.op in CONSUMES)
        for stmt in inside
    )


def _reads(stmts: Sequence[Stmt], var: Var) -> bool:
    return any(var in free_vars((stmt,)) for stmt in stmts)
