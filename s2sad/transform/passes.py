"""What is known of the passes that a loop makes, and how it records what they compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.analysis.frozen import Shared
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Let, Lit, Loop, Range, Seq, Var, While, int_lit
from s2sad.ir.types import INT, List
from s2sad.transform.record import own_copy

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def indices(loop: Loop | While) -> tuple[Var, ...]:
    return (loop.index,) if isinstance(loop, Loop) else ()


def elements_of(loop: Loop | While) -> list[tuple[Seq, Var]]:
    if isinstance(loop, While):
        return []
    return list(zip(loop.seqs, loop.elements, strict=True))


def is_pass_number(domain: Range | None) -> bool:
    """Is the index of the loop the number of the pass?"""
    if domain is None:
        return True
    start, _, step, backward = domain
    if not (isinstance(start, Lit) and isinstance(step, Lit)):
        return False
    return (start.value, step.value, backward) == (0, 1, False)


def may_stop(loop: Loop | While) -> bool:
    return not (isinstance(loop.stop, Lit) and loop.stop.value is False)


def ends_early(sweep: Sweep, loop: Loop | While) -> bool:
    """May there be fewer passes than a source has elements?"""
    return may_stop(loop) or (isinstance(loop, Loop) and loop.index in sweep.ragged)


def number_of(loop: Loop | While) -> Var:
    """The number of the pass: the index of the loop, or a variable of its own."""
    if isinstance(loop, Loop) and is_pass_number(loop.domain):
        return loop.index
    return Var(INT, "k")


def record(
    loop: Loop | While, values: Sequence[Var], shared: Shared
) -> tuple[Loop | While, list[Var]]:
    """The loop that also records the values, and the lists that hold them.

    A value that it records already is not recorded twice, unless something writes to that
    list later: then the reverse sweep needs one of its own.
    """
    pairs = zip(loop.recorded, loop.lists, strict=True)
    known: dict[Atom, Var] = {
        value: list_ for value, list_ in pairs if list_ not in shared.written
    }
    lists = []
    for value in values:
        if value not in known:
            known[value] = Var(List(value.type), after=(value, ""))
            stmts = list(loop.body.stmts)
            kept = own_copy(value, loop.body, shared, stmts, loop.carries)
            yields = (*loop.body.yields, kept)
            body = replace(loop.body, stmts=tuple(stmts), yields=yields)
            loop = replace(loop, lists=(*loop.lists, known[value]), body=body)
        lists.append(known[value])
    return loop, lists


def count_passes(loop: Loop | While) -> tuple[Loop | While, Var]:
    """The loop with a carry that counts the passes made."""
    param, after, out = (Var(INT, "passes") for _ in range(3))
    body, n = loop.body, len(loop.inits)
    counted = replace(
        loop,
        outs=(*loop.outs, out),
        inits=(*loop.inits, int_lit(0)),
        body=Block(
            (*body.params[:n], param, *body.params[n:]),
            (*body.stmts, Let(after, "add", (param, int_lit(1)))),
            (*body.yields[: n + 1], after, *body.yields[n + 1 :]),
        ),
    )
    if isinstance(counted, While):
        params = (*counted.cond.params, Var(INT, "passes"))
        counted = replace(counted, cond=replace(counted.cond, params=params))
    return counted, out
