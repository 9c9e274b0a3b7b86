"""What -O2 does to a derivative: functions from IR to IR, one after the other.

The values that are returned stay the same to the bit, and what raises goes on raising.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Module, Stmt, Var, float_lit
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT
from s2sad.transform.branch_once import branch_once
from s2sad.transform.contract import contract
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


def with_products(func: Func) -> Func:
    """In an adjoint, x**2 is x * x and x**3 is x * x * x: CPython's powers take as long as
    three products, and differ from them in the last bit."""
    return replace(func, body=_products(func.body))


def _products(block: Block) -> Block:
    made: list[Stmt] = []
    for stmt in block.stmts:
        match stmt:
            case Let(out, "pow", (Var() as x, Lit(int() | float() as power))) if (
                stmt.origin and out.type == FLOAT == x.type and power in (2, 3)
            ):
                product: Atom = x
                for k in range(int(power) - 1):
                    to = out if k == power - 2 else Var(FLOAT)
                    made.append(Let(to, "mul", (product, x), stmt.loc, stmt.origin))
                    product = to
            case Let():
                made.append(stmt)
            case _:
                made.append(map_blocks(stmt, _products))
    return replace(block, stmts=tuple(made))


PASSES: tuple[Pass, ...] = (
    fuse,
    branch_once,
    contract,
    eliminate_dead,
    with_products,
    with_floats,
)


def faster(module: Module) -> Module:
    """The module after all passes."""
    funcs = dict(module.funcs)
    for change in PASSES:
        funcs = {name: change(func) for name, func in funcs.items()}
    return replace(module, funcs=funcs)
