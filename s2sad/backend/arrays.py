"""How a use of an array primitive prints: `np.sum(x, axis=0)`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.backend.syntax import dotted
from s2sad.ir.nodes import Atom, Let, Lit
from s2sad.ir.types import COMPLEX
from s2sad.ops.arrays.core import ARRAY_OPS, HELPERS
from s2sad.ops.arrays.declare import REQUIRED, ArrayOp, Param
from s2sad.ops.arrays.use import params_of


def apply_array(let: Let, expression: Callable[[Atom], ast.expr]) -> ast.expr:
    """The call; an argument that has the default of its parameter is left out."""
    if let.op in HELPERS:
        return ast.Call(dotted(let.op), list(map(expression, let.args)), [])
    if let.op == "np.matmul":
        left, right = map(expression, let.args)
        return ast.BinOp(left, ast.MatMult(), right)
    if let.op == "np.transpose" and isinstance(let.args[1], Lit) and not let.args[1].value:
        return ast.Attribute(expression(let.args[0]), "T", ast.Load())
    if let.op == "np.size":
        return ast.Attribute(expression(let.args[0]), "size", ast.Load())
    if let.origin and let.op in _OF_COMPLEX and let.args[0].type == COMPLEX:
        # Of an adjoint: the primal's own calls stay, and give what they give.
        own = ast.Attribute(expression(let.args[0]), _OF_COMPLEX[let.op], ast.Load())
        return ast.Call(own, [], []) if let.op == "np.conj" else own
    op = ARRAY_OPS[let.op]
    params = {param.name: param for param in op.params}
    args: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for (name, part), atom in zip(params_of(op, len(let.args)), let.args, strict=True):
        param = params[name]
        made = expression(atom)
        if param.starred:
            args.append(made)
        elif part >= 0:
            if part == 0:
                args.append(ast.Tuple([], ast.Load()))
            row = args[-1]
            assert isinstance(row, ast.Tuple)
            row.elts.append(_as_row(made) if op.name == "np.array" else made)
        elif (
            isinstance(atom, Lit) and _is_default(made, param.default) and op.name not in _WHOLE
        ):
            continue
        elif param.named or keywords or _skipped(args, op, param):
            keywords.append(ast.keyword(name, made))
        else:
            args.append(made)
    if op.name == "np.array" and isinstance(args[0], ast.Tuple):
        args[0] = ast.List(args[0].elts, ast.Load())
    if op.name.startswith("np.ndarray."):
        method = ast.Attribute(args[0], op.name.rpartition(".")[2], ast.Load())
        return ast.Call(method, args[1:], keywords)
    return ast.Call(dotted(op.name.partition(":")[0]), args, keywords)


_OF_COMPLEX = {"np.real": "real", "np.imag": "imag", "np.conj": "conjugate"}
# Before NumPy 2.1 their arguments have no defaults.
_WHOLE = frozenset({"np.clip"})


def _as_row(made: ast.expr) -> ast.expr:
    """`[a, b]` of `np.array([a, b])`, in an array of rows."""
    match made:
        case ast.Call(ast.Attribute(ast.Name("np"), "array"), [ast.List() as row], []):
            return row
        case _:
            return made


def _skipped(args: list[ast.expr], op: ArrayOp, param: Param) -> bool:
    """Was one before it left out?"""
    starred = any(p.starred for p in op.params)
    return not starred and len(args) < op.params.index(param)


def _is_default(made: ast.expr, default: str) -> bool:
    return default != REQUIRED and ast.unparse(made) == default
