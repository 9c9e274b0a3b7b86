"""Which numbers of a function on arrays are NumPy's scalars, and which are Python's floats.

An element of an array is NumPy's, and so is what is computed from it by an operator or a
function of NumPy's; `math` gives floats. What a loop carries is what its passes make of it,
a branch's result NumPy's if it is in one of its arms.
"""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Func, If, Let, Loop, Var, While
from s2sad.ir.types import Array, List, Tuple
from s2sad.ir.walk import defines, walk
from s2sad.ops.core import PRIMITIVES

_CONVERTED = frozenset(("float", "int", "python", "global", "constant", "len", "dim"))


def of_numpy(func: Func) -> set[Atom]:
    """The variables that hold numbers of NumPy's, or lists and tuples of them."""
    found: set[Atom] = set()
    size = -1
    while size != len(found):
        size = len(found)
        for stmt in walk(func.body):
            match stmt:
                case Let() if _gives(stmt, found):
                    found.add(stmt.out)
                case Loop() | While():
                    for group in zip(
                        stmt.outs, stmt.carries, stmt.inits, stmt.nexts, strict=True
                    ):
                        _spread(group[:2], group[2:], found)
                    for list_, atom in zip(stmt.lists, stmt.recorded, strict=True):
                        _spread((list_,), (atom,), found)
                    if isinstance(stmt, Loop):
                        for seq, element in zip(stmt.seqs, stmt.elements, strict=True):
                            if isinstance(seq.list.type, Array):
                                found.add(element)
                            _spread((element,), (seq.list,), found)
                case If(outs, _, then, orelse):
                    for out, *arms in zip(outs, then.yields, orelse.yields, strict=False):
                        _spread((out,), tuple(arms), found)
                case Let():
                    pass
                case _:
                    found.update(defines(stmt))
    return found


def _spread(to: tuple[Var, ...], from_: tuple[Atom, ...], found: set[Atom]) -> None:
    if not found.isdisjoint(from_):
        found.update(to)


def _gives(let: Let, found: set[Atom]) -> bool:
    held = not found.isdisjoint(let.args)
    if let.op in _CONVERTED:
        return False
    if let.op == "get" and isinstance(let.args[0].type, Array):
        return True
    if isinstance(let.out.type, List | Tuple) or let.op in ("get", "item"):
        return held
    if let.op in PRIMITIVES:
        return held and "math." not in PRIMITIVES[let.op].python
    return held or "." in let.op or any(isinstance(a.type, Array) for a in let.args)
