"""What may be folded into what."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from s2sad.ir.nodes import If, Let, Stmt, Var
from s2sad.ir.structure import CONSUMES, FRESH, STRUCTURE, is_part
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Places, Type
from s2sad.ops.core import PRIMITIVES, TOTAL
from s2sad.ops.reductions import REDUCTIONS

MAX_SIZE = 10
MAX_CONDITION = 24

Folded: TypeAlias = "Let | If"

# What a value may be folded into.
ANY, CONDITION, INDEX, LIST, RAISED = "any", "condition", "index", "list", "raised"
ROW = "row"  # of an array that is written as a list of lists


class Waiting(NamedTuple):
    """A statement that may be folded into its reader, if that is one of `readers`."""

    stmt: Folded
    readers: frozenset[str]
    epoch: int
    time: int


EVERY = frozenset((ANY, CONDITION, INDEX, LIST, RAISED, ROW))

# They read their lists as a whole, and hold on to none of them.
OF_LISTS = frozenset({"concat", "copy", "slice", "len", "count", *REDUCTIONS})


def is_operator(op: str) -> bool:
    """A comparison or `not`: it cannot raise."""
    return op in ("lt", "le", "gt", "ge", "eq", "ne", "not_")


def is_index_arithmetic(let: Let) -> bool:
    # The cheap tests first: nearly all statements fail them.
    if let.op not in ("add", "sub", "mul", "neg", "len") or let.out.user or let.origin:
        return False
    return let.out.type == INT


def can_raise(stmt: Stmt) -> bool:
    if not isinstance(stmt, Let):
        return True
    primitive = PRIMITIVES.get(stmt.op)
    return stmt.op not in STRUCTURE if primitive is None else primitive.raises


def has_effect(stmt: Folded) -> bool:
    return isinstance(stmt, Let) and stmt.op in ("python", "store")


def leaves_of(stmt: Folded, folded: dict[Var, Folded]) -> list[Var]:
    """The variables that an expression reads."""
    if isinstance(stmt, Let):
        atoms = stmt.args
    else:
        atoms = (stmt.cond, *stmt.then.yields, *stmt.orelse.yields)
    found: list[Var] = []
    for atom in atoms:
        if isinstance(atom, Var):
            if atom in folded:
                found += leaves_of(folded[atom], folded)
            else:
                found.append(atom)
    return found


def is_memory(type_: Type) -> bool:
    return isinstance(type_, Array | List | Places)


def readers_of(
    let: Let, loose: bool, single: bool = False, lenient: bool = False
) -> frozenset[str]:
    """Into what a statement may be folded; `loose`: it stands where only an expression can;
    `single`: a number that is read once needs no line, unless its name is the user's;
    `lenient`: nor does an element of a list, whether or not it is there."""
    if let.op in CONSUMES or let.op == "global":
        return frozenset()
    if let.op == "python":
        return frozenset((CONDITION if let.out.type == BOOL else RAISED,))
    if let.out.user:
        return frozenset()
    if let.op == "np.shares_memory":
        return frozenset((CONDITION,))
    element = is_part(let) or (lenient and let.op == "get")
    if single and let.out.type == FLOAT and (element or let.op in PRIMITIVES):
        return EVERY
    if (loose or is_operator(let.op)) and let.out.type == BOOL:
        return EVERY if let.origin or loose else frozenset((CONDITION,))
    if let.out.hint and let.op != "tuple" and not (loose or is_index_arithmetic(let)):
        return frozenset()
    if let.op in ("list", "repeat", "concat") and let.origin:
        return frozenset((LIST, ANY) if let.op == "concat" else (LIST,))
    if let.op in ("slice", "concat") or (let.op == "get" and isinstance(let.out.type, List)):
        return frozenset((LIST,))
    if let.op == "place":
        return frozenset((INDEX,))
    if let.op == "np.array":
        return frozenset((ROW,))
    if let.op in FRESH or let.op in ("item", "id"):
        return frozenset()
    if let.origin or loose or let.op == "tuple":
        return EVERY
    if let.op in TOTAL and not let.out.hint:
        return EVERY
    if is_part(let) and not let.out.hint:
        return EVERY
    if is_index_arithmetic(let):
        return frozenset((INDEX,))
    return frozenset()
