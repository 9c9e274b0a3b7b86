"""How many states of a loop are kept, and how many of its passes are recorded at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.errors import UnsupportedSyntax
from s2sad.ir.nodes import Atom, Let, Lit, Loop, Stmt, Var, While, int_lit
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Opaque, Scalar, Type

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep

# The bytes of a number and of the reference to it; of a tuple without its parts.
_NUMBER, _TUPLE = 40, 64


def how_many(
    sweep: Sweep,
    loop: Loop | While,
    count: Atom,
    size: int,
    state: Sequence[Atom],
    records: Sequence[Var],
    made: list[Stmt],
) -> tuple[Atom, Atom]:
    """How many passes are recorded at once, `size` if nothing bounds the memory, and how
    many states are kept. `state` is one, `records` are the lists that are recorded, `count`
    is the number of passes; what has to be computed goes to `made`."""
    checkpoints = sweep.callees.checkpoints
    assert checkpoints is not None
    if checkpoints.memory is not None:
        memory = checkpoints.memory
        record = _bytes_of([_item(list_) for list_ in records])
        if size > 1 and record is not None:
            # A half is for the records.
            memory //= 2
            return int_lit(max(1, memory // record)), _that_fit(loop, memory, state, made)
        return int_lit(1), _that_fit(loop, memory, state, made)
    if checkpoints.snapshots is not None:
        return int_lit(size), int_lit(checkpoints.snapshots)
    if isinstance(count, Lit):
        assert isinstance(count.value, int)
        return int_lit(size), int_lit(max(1, count.value.bit_length()))
    snapshots = Var(INT, "snapshots")
    # Of an array of ints a number is NumPy's, which has no bit_length.
    plain = not any(_of_ints(var) for var in sweep.primals)
    text = "{0}.bit_length()" if plain else "int({0}).bit_length()"
    made.append(Let(snapshots, "python", (Lit(text, Opaque("text")), count)))
    return int_lit(size), snapshots


def _that_fit(loop: Loop | While, memory: int, state: Sequence[Atom], made: list[Stmt]) -> Atom:
    """So many states fit into so many bytes, one at least."""
    known = _bytes_of([INT, *(atom.type for atom in state)])
    if known is not None:
        return int_lit(max(1, memory // known))
    numbers = [atom.type for atom in state if isinstance(atom.type, Scalar)]
    terms = [str(_bytes_of([INT, *numbers]))]
    holes: list[Atom] = []
    for atom in state:
        match atom.type:
            case Scalar():
                continue
            case Array():
                terms.append(f"{{{len(holes)}}}.nbytes")
            case List(Scalar()):
                terms.append(f"{_NUMBER} * len({{{len(holes)}}})")
            case _:
                raise UnsupportedSyntax(
                    f"memory= of a loop that carries a {atom.type}",
                    loop.loc,
                    "say how many states may be kept: snapshots=",
                )
        holes.append(atom)
    snapshots = Var(INT, "snapshots")
    text = Lit(f"max(1, {memory} // ({' + '.join(terms)}))", Opaque("text"))
    made.append(Let(snapshots, "python", (text, *holes)))
    return snapshots


def _bytes_of(types: Sequence[Type]) -> int | None:
    """What a tuple of numbers takes in a list; None of anything else."""
    if not all(isinstance(type_, Scalar) for type_ in types):
        return None
    numbers = sum(8 if type_ == BOOL else _NUMBER for type_ in types)
    return numbers + (_TUPLE if len(types) > 1 else 0)


def _of_ints(var: Var) -> bool:
    return isinstance(var.type, Array) and var.type.dtype == INT


def _item(list_: Var) -> Type:
    return list_.type.item if isinstance(list_.type, List) else FLOAT
