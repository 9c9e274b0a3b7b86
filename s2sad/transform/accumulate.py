"""Adjoints that are arrays are added to in place, where nobody else has them.

    state_bar = state_bar + middle_bar     →     state_bar += middle_bar

The array was made in the block, or by the loop for itself, and is read for the last time
where it is added to; nothing else shares its memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from s2sad.ir.nodes import Atom, Block, Func, If, Let, Loop, Stmt, Var
from s2sad.ir.structure import CONSUMES, STRUCTURE, may_share
from s2sad.ir.types import Array
from s2sad.ir.walk import free_vars

# Structure that makes an array of its own, and that which keeps nothing of what it reads.
_MAKES = frozenset({"zeros_like", "copy", "pick", "from_list"})
_READS = _MAKES | {"get", "shape", "dim", "len"}


def in_place(func: Func) -> dict[Var, Var]:
    """Of sums in the reverse sweep, the operand whose memory the result may take."""
    found: dict[Var, Var] = {}
    if func.forward:
        _stmts(func.body.stmts[func.forward :], func.body.yields, set(), found)
    return found


def _stmts(
    stmts: Sequence[Stmt], yields: Sequence[Atom], own: set[Var], found: dict[Var, Var]
) -> None:
    """`own`: arrays that are there before, and nobody else's."""
    owned = set(own)
    reads = [free_vars([stmt]) for stmt in stmts]
    uses = Counter(var for read in reads for var in read)
    uses.update(atom for atom in yields if isinstance(atom, Var))
    seen: Counter[Var] = Counter()
    kept: set[Var] = set()  # something holds on to them
    for stmt, read in zip(stmts, reads, strict=True):
        seen.update(list(read))
        free = {var for var in read if seen[var] == uses[var] and var in owned} - kept
        if isinstance(stmt, Let):
            operand = _operand(stmt, free)
            if operand is not None:
                found[stmt.out] = operand
            if _is_new(stmt):
                owned.add(stmt.out)
            kept.update(var for var in read if not _only_reads(stmt, var))
            continue
        if isinstance(stmt, Loop):
            own_carries = _own(stmt, free)
            _stmts(stmt.body.stmts, stmt.body.yields, own_carries, found)
            pairs = zip(stmt.outs, stmt.carries, strict=True)
            owned.update(out for out, carry in pairs if carry in own_carries)
        elif isinstance(stmt, If):
            for arm in (stmt.then, stmt.orelse):
                _inner(arm, found)
        kept.update(read)


def _inner(block: Block, found: dict[Var, Var]) -> None:
    _stmts(block.stmts, block.yields, set(), found)


def _own(loop: Loop, free: set[Var]) -> set[Var]:
    """What a loop carries that is its own: made for it, and made in each pass."""
    making = _making(loop)
    own: set[Var] = set()
    read = free_vars(loop.body.stmts, loop.body.yields)
    for carry, init, next_ in zip(loop.carries, loop.inits, loop.nexts, strict=True):
        if init not in free or init in read or loop.inits.count(init) != 1:
            continue
        if (next_ in making or next_ is carry) and loop.body.yields.count(next_) == 1:
            own.add(carry)
    return own


def _making(loop: Loop) -> set[Atom]:
    """The arrays that a pass makes, or an inner loop in it has changed, and nothing keeps."""
    made: set[Atom] = set()
    for stmt in loop.body.stmts:
        if isinstance(stmt, Let):
            made.difference_update([var for var in made if not _passes_by(stmt, var)])
            if _is_new(stmt):
                made.add(stmt.out)
        else:
            made.difference_update(free_vars([stmt]))
            if isinstance(stmt, Loop):
                inner = _making(stmt)
                made.update(
                    out
                    for out, carry, next_ in zip(
                        stmt.outs, stmt.carries, stmt.nexts, strict=True
                    )
                    if next_ in inner and stmt.body.yields.count(next_) == 1
                )
    return made


def _passes_by(let: Let, var: Atom) -> bool:
    return var not in let.args or (isinstance(var, Var) and _only_reads(let, var))


def _operand(let: Let, free: set[Var]) -> Var | None:
    if let.op != "add" or not isinstance(let.out.type, Array) or let.args[0] is let.args[1]:
        return None
    operands = (arg for arg in let.args if isinstance(arg, Var) and arg in free)
    return next((arg for arg in operands if _same(arg.type, let.out.type)), None)


def _same(one: object, other: object) -> bool:
    return isinstance(one, Array) and one == other and "?" not in one.dims


def _is_new(let: Let) -> bool:
    """Is it an array that nobody else has?"""
    if not isinstance(let.out.type, Array):
        return False
    if let.op in STRUCTURE:
        return let.op in _MAKES or let.op in CONSUMES
    return not may_share(let.op)


def _only_reads(let: Let, var: Var) -> bool:
    if not isinstance(var.type, Array):
        return True
    if let.op in CONSUMES:
        # An array copies what is written to it, a list holds on to it.
        return isinstance(let.args[0].type, Array)
    return let.op in _READS if let.op in STRUCTURE else not may_share(let.op)
