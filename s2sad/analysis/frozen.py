"""Which buffers stay as they are: those that nothing writes to once they are made.

A version of an array or list is *frozen* where nothing consumes it, nor anything that may
be the same buffer: a view, another name, what a branch or loop hands on, a list that holds
it. The elements of a frozen version may be read again in the reverse sweep. The borrow
check knows which variables may be one buffer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from s2sad.errors import assert_never
from s2sad.ir.nodes import Func, Let, Module, Var
from s2sad.ir.types import Array, List, Named, Opaque, Places, Record, Scalar, Tuple, Type
from s2sad.ir.walk import all_blocks, bound, defines

if TYPE_CHECKING:
    from s2sad.ir.borrow import Summary


def may_hold_buffer(type_: Type) -> bool:
    match type_:
        case Array() | List() | Places() | Named():
            return True
        case Tuple(items):
            return any(map(may_hold_buffer, items))
        case Scalar() | Opaque() | Record():
            return False
        case _:
            assert_never(type_)


class Shared(NamedTuple):
    """`written`: the variables that are not frozen. `derived`: those that may be the same
    buffer as an older one, or hold it; what stands for one of them joins them. `consumed`:
    those that the function itself writes to, not only its caller. `escapes`: what it
    returns may be written to by its caller, before its record is read."""

    written: frozenset[Var]
    derived: set[Var]
    consumed: frozenset[Var]
    escapes: bool


class Sharing:
    """What the functions of a module share and write to."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._summaries: dict[str, Summary] | None = None

    def consumed(self, func: str) -> frozenset[int]:
        """The numbers of the parameters that a function writes to."""
        if not has_buffers(self._module.funcs[func]):
            return frozenset()
        return self._known()[func].consumed

    def _known(self) -> dict[str, Summary]:
        if self._summaries is None:
            # Here, as below: scalar code does without the borrow check.
            from s2sad.ir.borrow import summaries

            self._summaries = summaries(self._module)
        return self._summaries

    def of(self, func: Func, escapes: bool) -> Shared:
        """`escapes`: what the function returns may be written to by its caller."""
        if not has_buffers(func):
            return Shared(frozenset(), set(), frozenset(), escapes)
        from s2sad.ir.borrow import Borrows

        borrows = Borrows(self._module, func, self._known(), set())
        borrows.run()
        gone = frozenset(borrows.consumed)
        consumed = frozenset(v for v, ts in borrows.tokens.items() if not gone.isdisjoint(ts))
        if escapes:
            gone = gone.union(*map(borrows.of, func.body.yields))
        gone = borrows.with_carries(gone)
        owners: dict[int, Var] = {}
        written: set[Var] = set()
        derived: set[Var] = set()
        for var, tokens in borrows.tokens.items():
            if not gone.isdisjoint(tokens):
                written.add(var)
            if any(owners.setdefault(token, var) is not var for token in tokens):
                derived.add(var)
        return Shared(frozenset(written), derived, consumed, escapes)


def has_buffers(func: Func) -> bool:
    # Few types are told apart many times over.
    types: set[Type] = {param.type for param in func.params}
    for block in all_blocks(func.body):
        types.update([stmt.out.type for stmt in block.stmts if type(stmt) is Let])
        for stmt in block.stmts:
            if type(stmt) is not Let:
                types.update([var.type for var in (*defines(stmt), *bound(stmt))])
    return any(map(may_hold_buffer, types))
