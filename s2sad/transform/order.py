"""Whether the passes of a reverse loop may run in any order.

    for u, v in zip(xs, ys):        xs_bar.append(y_bar * v)
        y += u * v            …     ys_bar.append(y_bar * u)      forward: y_bar stays

They may where all that they do to what is carried is to add to it. The sum is then taken
in another order, as that of any adjoint may be.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir.nodes import Atom, If, Let, Loop, Stmt, Var
from s2sad.ir.walk import free_vars


def only_added_to(carry: Var, stmts: Sequence[Stmt], yields: Sequence[Atom], end: Atom) -> bool:
    """Is all that happens to a value that something is added to it, up to its end?"""
    for stmt in stmts:
        if carry not in free_vars([stmt]):
            continue
        following = _added_to(carry, stmt)
        if following is None:
            return False
        carry = following
    return carry is end and sum(atom is carry for atom in yields) == 1


def _added_to(carry: Var, stmt: Stmt) -> Var | None:
    """The value that a statement makes by adding to one; None if it does anything else."""
    match stmt:
        case Let(out, "add" | "sub" | "acc", (first, *rest)) if carry is first:
            return None if carry in rest else out
        case Let(out, "add", (_, last)) if carry is last:
            return out
        case If(outs, cond, then, orelse) if carry is not cond:
            for k, out in enumerate(outs):
                if all(
                    only_added_to(carry, arm.stmts, arm.yields, arm.yields[k])
                    for arm in (then, orelse)
                ):
                    return out
        case Loop(outs, _, _, domain, inits, seqs, body):
            sources = (*(domain[:3] if domain else ()), *(seq.list for seq in seqs))
            if carry in sources or carry in free_vars(body.stmts, body.yields):
                return None
            places = [k for k, init in enumerate(inits) if init is carry]
            if len(places) == 1:
                (k,) = places
                if only_added_to(stmt.carries[k], body.stmts, body.yields, stmt.nexts[k]):
                    return outs[k]
    return None
