"""Integers of 64 bits: where a result could leave them, the compiled code stops.

Python's integers have no end; Numba's wrap in silence. Every integer is held below 2**53,
where arithmetic, comparison with floats and division are exact. `_exact(n)` returns n, and
raises beyond 2**31; the function then runs in plain Python.
"""

from __future__ import annotations

import math
import re

from s2sad.backend.templates import python_names
from s2sad.errors import UnsupportedSyntax
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, If, Let, Lit, Loop, Stmt, Var
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import BOOL, FLOAT, INT, Array
from s2sad.ir.walk import rename_block
from s2sad.ops.core import PRIMITIVES, Primitive

WORD = 2**63
EXACT = 2**53
GUARDED = 2**31
LOOP = 2**48  # passes that no loop lives to make

# From a float.
_TO_INT = frozenset(("int", "floor", "ceil", "trunc", "round"))


def keep_exact(func: Func) -> Func:
    guard = _Guard()
    entry: list[Stmt] = []
    renaming: dict[Var, Var] = {}
    for param in func.params:
        if param.type == INT:
            known = Var(INT, param.hint, param.user)
            entry.append(Let(known, "python", (Lit("_exact({0})", FLOAT), param)))
            guard.known[known] = GUARDED
            renaming[param] = known
    body = rename_block(func.body, renaming) if renaming else func.body
    stmts = [
        guard.stmts(part) for part in (body.stmts[: func.forward], body.stmts[func.forward :])
    ]
    forward = [*entry, *stmts[0]] if func.forward else []
    backward = stmts[1] if func.forward else [*entry, *stmts[1]]
    body = replace(body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


class _Guard:
    def __init__(self) -> None:
        self.known: dict[Var, int] = {}

    def of(self, atom: Atom) -> int:
        """A bound of the magnitude."""
        if isinstance(atom, Lit):
            return abs(atom.value) if isinstance(atom.value, int) else EXACT
        if atom.type == BOOL:
            return 1
        return self.known.get(atom, EXACT) if isinstance(atom, Var) else EXACT

    def block(self, block: Block) -> Block:
        return replace(block, stmts=tuple(self.stmts(block.stmts)))

    def stmts(self, stmts: tuple[Stmt, ...]) -> list[Stmt]:
        return [new for stmt in stmts for new in self.stmt(stmt)]

    def stmt(self, stmt: Stmt) -> list[Stmt]:
        match stmt:
            case Let(out) if out.type == INT:
                return self.let(stmt)
            case Loop(index=index, domain=domain) if domain is not None:
                self.known[index] = self._index(domain[:3])
        stmt = map_blocks(stmt, self.block)
        if isinstance(stmt, If):
            ends = zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True)
            for out, one, other in ends:
                if out.type == INT:
                    self.known[out] = max(self.of(one), self.of(other))
        return [stmt]

    def _index(self, domain: tuple[Atom, ...]) -> int:
        start, stop, step = map(self.of, domain)
        return min(max(start, stop), start + step * LOOP)

    def let(self, let: Let) -> list[Stmt]:
        if let.op not in PRIMITIVES:
            self.known[let.out] = self._structural(let)
            return [let]
        if let.op in _TO_INT and let.args[0].type == FLOAT:
            return [self._guarded(let, operands=True, result=False)]
        bound = self._result(let.op, [self.of(arg) for arg in let.args])
        operands = bound >= WORD
        if operands:
            bound = self._result(let.op, [min(self.of(arg), GUARDED) for arg in let.args])
        if bound >= WORD:
            raise UnsupportedSyntax(
                "Numba: an integer that may not fit into 64 bits",
                let.loc,
                "make it a float, or a bound of the loop a literal",
            )
        self.known[let.out] = bound
        if operands or bound > EXACT:
            return [self._guarded(let, operands, bound > EXACT)]
        return [let]

    def _guarded(self, let: Let, operands: bool, result: bool) -> Let:
        primitive = PRIMITIVES[let.op]
        holes = [
            f"_exact({{{k}}})"
            if operands and isinstance(arg, Var) and self.of(arg) > GUARDED
            else f"{{{k}}}"
            for k, arg in enumerate(let.args)
        ]
        text = _filled(primitive, holes)
        if result:
            text = f"_exact({text})"
        self.known[let.out] = GUARDED
        return replace(let, op="python", args=(Lit(text, FLOAT), *let.args))

    def _structural(self, let: Let) -> int:
        match let:
            case Let(_, "len" | "dim"):
                return LOOP
            case Let(_, "get", (buffer, *_)) if isinstance(buffer.type, Array):
                return WORD
            case Let(_, "id" | "stop_gradient", (source,)):
                return self.of(source)
            case Let(_, "python", (Lit(str() as text), *args)):
                if "_exact" in python_names(text, len(args)):
                    return GUARDED
                return LOOP if text.startswith(("len(", "min(len(")) else EXACT
            case _:
                return EXACT

    def _result(self, op: str, bounds: list[int]) -> int:
        match op, bounds:
            case (("add" | "sub"), _):
                return sum(bounds)
            case "mul", (one, other):
                return one * other
            case "pow", (base, power):
                return math.prod([base] * power) if power <= 64 else WORD
            case (("bitand" | "bitor" | "bitxor"), _):
                return 1 << max(bound.bit_length() for bound in bounds)
            case (("sum" | "isum"), _):
                return sum(bounds)
            case _:
                # abs, neg, min, max, //, %, ~, gcd, sign: none is further from 0.
                return max(bounds, default=0) + 1


def _filled(primitive: Primitive, holes: list[str]) -> str:
    """The text of a primitive with its parameters replaced."""
    if primitive.variadic:
        return primitive.python.replace(primitive.params[0], ", ".join(holes))
    given = dict(zip(primitive.params, holes, strict=True))
    return re.sub(r"\b\w+\b", lambda word: given.get(word[0], word[0]), primitive.python)
