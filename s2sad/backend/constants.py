"""Calls of `math` with nothing but numbers are made once, where the file is imported.

    h = math.sqrt(2.0)                       SQRT_2 = math.sqrt(2.0)
    i = d1 / h                      →
                                             i = d1 / SQRT_2

What the user gave a name keeps its line, and so does what raises.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable

from s2sad.backend import templates
from s2sad.backend.results import free
from s2sad.backend.syntax import literal
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Module, Stmt
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT, Opaque
from s2sad.ir.walk import all_blocks, bound, defines, walk
from s2sad.ops.core import PRIMITIVES


def with_constants(module: Module, reserved: Iterable[str]) -> tuple[Module, list[str]]:
    """The module, and the lines that define its constants."""
    if not any(map(_has_one, module.funcs.values())):
        return module, []
    taken = {*reserved, *module.funcs}
    for func in module.funcs.values():
        taken |= {param.hint for param in func.params} | {one.name for one in func.signature}
        for stmt in walk(func.body):
            taken |= {var.hint for var in (*defines(stmt), *bound(stmt))}
            if isinstance(stmt, Let) and stmt.op in ("global", "constant", "python", "store"):
                taken |= set(re.findall(r"\w+", str(getattr(stmt.args[0], "value", ""))))
    found = _Constants(taken)
    funcs = {name: replace(f, body=found.block(f.body)) for name, f in module.funcs.items()}
    return replace(module, funcs=funcs), found.lines


def _has_one(func: Func) -> bool:
    return any(
        _call(stmt) is not None
        for block in all_blocks(func.body)
        for stmt in block.stmts
        if type(stmt) is Let
    )


def _call(let: Let) -> ast.Call | None:
    """The call of a function of math, if all that it is given are numbers."""
    # The cheap test first: nearly all statements fail it.
    for arg in let.args:
        if not isinstance(arg, Lit) or arg.type not in (FLOAT, INT):
            return None
    if let.out.user or let.out.type != FLOAT or let.op not in PRIMITIVES or not let.args:
        return None
    args = [literal(arg.value) for arg in let.args if isinstance(arg, Lit)]
    match made := templates.apply_primitive(let.op, args):
        case ast.Call(ast.Attribute(ast.Name("math"))):
            return made if _is_number(made) else None
        case _:
            return None


def _is_number(made: ast.expr) -> bool:
    try:
        value = eval(ast.unparse(made), {"math": math})
    except (ArithmeticError, ValueError, TypeError):
        return False
    return isinstance(value, float) and math.isfinite(value)


class _Constants:
    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.names: dict[str, str] = {}
        self.lines: list[str] = []

    def block(self, block: Block) -> Block:
        return replace(block, stmts=tuple(map(self.stmt, block.stmts)))

    def stmt(self, stmt: Stmt) -> Stmt:
        if not isinstance(stmt, Let):
            return map_blocks(stmt, self.block)
        made = _call(stmt)
        if made is None:
            return stmt
        text = Lit(self.named(made, stmt.args), Opaque("name"))
        # Without a hint: nothing is to be called after it.
        return replace(stmt, op="constant", args=(text,), origin=())

    def named(self, made: ast.Call, args: tuple[Atom, ...]) -> str:
        """SQRT_2, LOG_0_5"""
        text = ast.unparse(made)
        if text not in self.names:
            assert isinstance(made.func, ast.Attribute)
            values = [str(getattr(arg, "value", "")) for arg in args]
            numbers = [v.removesuffix(".0").replace("-", "minus_") for v in values]
            wish = "_".join([made.func.attr, *(re.sub(r"\W", "_", n) for n in numbers)])
            self.names[text] = free(wish.upper(), self.taken)
            self.lines.append(f"{self.names[text]} = {text}")
        return self.names[text]
