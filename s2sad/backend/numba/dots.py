"""Products of two vectors: for them Numba calls BLAS, and copies what is cut out with steps.

    np.dot(a[::-1], b)     →     _dot(a[::-1], b)

A loop of its own adds in several registers, as BLAS does, and takes what lies apart.
"""

from __future__ import annotations

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Stmt
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, Array, Opaque

_PRODUCTS = frozenset(("np.dot", "np.matmul", "np.inner", "np.vdot"))


def own_dots(func: Func) -> Func:
    body = replace(func.body, stmts=tuple(map(_stmt, func.body.stmts)))
    return replace(func, body=body)


def _block(block: Block) -> Block:
    return replace(block, stmts=tuple(map(_stmt, block.stmts)))


def _stmt(stmt: Stmt) -> Stmt:
    match stmt:
        case Let(_, op, (one, other, *_)) if (
            op in _PRODUCTS and _is_vector(one) and _is_vector(other)
        ):
            text = Lit("_dot({0}, {1})", Opaque("text"))
            return replace(stmt, op="python", args=(text, one, other))
        case _:
            return map_blocks(stmt, _block)


def _is_vector(atom: Atom) -> bool:
    type_ = atom.type
    return isinstance(type_, Array) and type_.dtype == FLOAT and len(type_.dims) == 1
