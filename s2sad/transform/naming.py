"""What the variables that have no name are called.

    %1 = x**2                    a = x**2
    %2 = exp(%1)         →       b = exp(a)            the lecture's 31-36
    %3 = …                       a_bar = …             the adjoint of a

Left without a name are what prints inside the expression that reads it: a sum or product
of the primal that is used once (-O0 names these too), a contribution to an adjoint that is
used once, a truth value.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count

from s2sad.ir.nodes import Atom, Block, Call, Func, If, Let, Stmt, Var, While
from s2sad.ir.types import BOOL, List, Opaque, Tuple
from s2sad.ir.walk import blocks, bound, defines, uses, walk
from s2sad.transform.fold import After

# They cannot raise: it does not matter when, within its block, one is computed.
_INLINE = frozenset({"add", "sub", "mul", "neg", "pos"})


def settle_names(
    func: Func, shared: dict[Var, After], reserved: Iterable[str], level: int
) -> None:
    """Name the variables of a derivative, in place.

    `shared` tells what an adjoint with a single contribution is called, should it be read
    more than once; `reserved` are names that mean something else.
    """
    variables = list(_variables(func.body))
    adjoints = {
        var
        for stmt in walk(func.body)
        if isinstance(stmt, Let | If | Call) and stmt.origin
        for var in defines(stmt)
    }
    reads = _reads(func.body)
    for var, after in shared.items():
        if reads[var] > 1 and not var.hint and var.after is None and var in adjoints:
            var.after = after
    wanted = {var.after[0] for var in variables if var.after is not None}
    inside = set() if level == 0 else _printed_inside(func.body, reads) - wanted
    called = (stmt.func for stmt in walk(func.body) if isinstance(stmt, Call))
    taken = {*reserved, *called, *(var.hint for var in variables)}
    letters = (name for name in _letters() if name not in taken)
    for stmt in _outside_conditions(func.body):
        for var in defines(stmt):
            if _is_intermediate(stmt, var) and var not in inside:
                var.hint = next(letters)
    for var in variables:
        _name_after(var)


def _name_after(var: Var) -> str:
    """Call a variable after another, which may itself be called after one."""
    chain = []
    while var.after is not None and not var.hint:
        chain.append(var)
        var = var.after[0]
    for link in reversed(chain):
        base, suffix = link.after or (link, "")
        link.hint = f"{base.hint}{suffix}" if base.hint else ""
    return var.hint


def _reads(body: Block) -> Counter[Var]:
    reads: Counter[Var] = Counter()

    def visit(block: Block) -> None:
        for stmt in block.stmts:
            reads.update(atom for atom in uses(stmt) if isinstance(atom, Var))
            for inner in blocks(stmt):
                visit(inner)
        reads.update(atom for atom in block.yields if isinstance(atom, Var))

    visit(body)
    return reads


def _printed_inside(block: Block, reads: Counter[Var]) -> set[Var]:
    """The primal sums and products that one expression of their own block reads."""
    found: set[Var] = set()
    here: set[Atom] = set()
    for stmt in reversed(block.stmts):
        if isinstance(stmt, Let):
            if stmt.op in _INLINE and reads[stmt.out] == 1 and stmt.out in here:
                found.add(stmt.out)
            here.update(stmt.args)
        for inner in blocks(stmt):
            found |= _printed_inside(inner, reads)
    return found


def _is_intermediate(stmt: Stmt, var: Var) -> bool:
    if var.hint or var.after is not None:
        return False
    if isinstance(stmt, Let | If | Call) and stmt.origin:
        return False
    return var.type is not BOOL and not isinstance(var.type, Opaque | List | Tuple)


def _outside_conditions(block: Block) -> Iterator[Stmt]:
    """The statements of a block, those in the condition of a `while` left out."""
    for stmt in block.stmts:
        yield stmt
        for inner in (stmt.body,) if isinstance(stmt, While) else blocks(stmt):
            yield from _outside_conditions(inner)


def _letters() -> Iterator[str]:
    """a, b, c, …, z, a1, b1, …: l left out, it reads as 1."""
    alphabet = "abcdefghijkmnopqrstuvwxyz"
    for round_ in count():
        for letter in alphabet:
            name = f"{letter}{round_ or ''}"
            if not keyword.iskeyword(name):
                yield name


def _variables(block: Block) -> Iterator[Var]:
    yield from block.params
    for stmt in block.stmts:
        yield from defines(stmt)
        yield from bound(stmt)
        for inner in blocks(stmt):
            yield from _variables(inner)
