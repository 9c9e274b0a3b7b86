"""What -O2 does to a derivative: functions from IR to IR, one after the other.

The values that are returned stay the same to the bit, and what raises goes on raising.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Module, Stmt, float_lit
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT
from s2sad.transform.branch_once import branch_once
from s2sad.transform.dce import eliminate_dead
from s2sad.transform.fuse import fuse

Pass = Callable[[Func], Func]

# A sum or a comparison of a float and a whole number: CPython turns the number into a
# float each time, which takes longer than the operation.
_MIXED = frozenset("add sub mul div lt le gt ge eq ne".split())


def with_floats(func: Func) -> Func:
    """2 * x is 2.0 * x."""
    return replace(func, body=_floats(func.body))


def _floats(block: Block) -> Block:
    return replace(block, stmts=tuple(map(_with_floats, block.stmts)))


def _with_floats(stmt: Stmt) -> Stmt:
    if not isinstance(stmt, Let):
        return map_blocks(stmt, _floats)
    if stmt.op not in _MIXED or not any(arg.type == FLOAT for arg in stmt.args):
        return stmt
    args = tuple(map(_float, stmt.args))
    return replace(stmt, args=args)


def _float(atom: Atom) -> Atom:
    if isinstance(atom, Lit) and atom.type == INT and isinstance(atom.value, int):
        return float_lit(float(atom.value)) if abs(atom.value) < 2**53 else atom
    return atom


PASSES: tuple[Pass, ...] = (fuse, branch_once, eliminate_dead, with_floats)


def faster(module: Module) -> Module:
    """The module after all passes."""
    funcs = dict(module.funcs)
    for change in PASSES:
        funcs = {name: change(func) for name, func in funcs.items()}
    return replace(module, funcs=funcs)
