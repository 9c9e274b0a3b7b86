"""How a use of an array primitive prints: `np.sum(x, axis=0)`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.backend.syntax import dotted
from s2sad.ir.nodes import Atom, Let, Lit
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import REQUIRED
from s2sad.ops.arrays.use import params_of


def apply_array(let: Let, expression: Callable[[Atom], ast.expr]) -> ast.expr:
    """The call; an argument that has the default of its parameter is left out."""
    op = ARRAY_OPS[let.op]
    params = {param.name: param for param in op.params}
    args: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for (name, part), atom in zip(params_of(op, len(let.args)), let.args, strict=True):
        param = params[name]
        made = expression(atom)
        if part >= 0:
            if part == 0:
                args.append(ast.Tuple([], ast.Load()))
            row = args[-1]
            assert isinstance(row, ast.Tuple)
            row.elts.append(made)
        elif isinstance(atom, Lit) and _is_default(made, param.default):
            continue
        elif param.named or keywords or len(args) < op.params.index(param):
            keywords.append(ast.keyword(name, made))
        else:
            args.append(made)
    return ast.Call(dotted(op.name), args, keywords)


def _is_default(made: ast.expr, default: str) -> bool:
    return default != REQUIRED and ast.unparse(made) == default
