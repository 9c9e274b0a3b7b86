"""The comment of an adjoint line: the primal statements whose adjoint it is part of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from s2sad.backend.expressions import Expressions
from s2sad.backend.text import to_text
from s2sad.errors import InternalError
from s2sad.ir.nodes import Atom, Func, If, Let, Stmt, Var


class Notes:
    def __init__(self, func: Func, expressions: Expressions) -> None:
        self.expressions = expressions
        self.position: dict[Var, int] = {}
        self.lets: dict[Var, Let] = {}
        for k, stmt in enumerate(func.body.stmts[: func.forward]):
            if isinstance(stmt, Let):
                self.position[stmt.out] = k
                self.lets[stmt.out] = stmt
        self._texts: dict[Var, str] = {}

    def text(self, stmt: Let | If) -> str:
        """The statements, the last first: that is the order of the reverse sweep."""
        outs = dict.fromkeys(
            origin.out
            for origin in self._origins(stmt)
            if isinstance(origin, Let) and origin.out in self.lets
        )
        order = sorted(outs, key=lambda out: -self.position[out])
        return "; ".join(text for out in order if (text := self._primal(out)))

    def _origins(self, stmt: Let | If) -> Iterator[Stmt]:
        yield from stmt.origin
        atoms: tuple[Atom, ...]
        if isinstance(stmt, Let):
            atoms = stmt.args
        else:
            atoms = (stmt.cond, *stmt.then.yields, *stmt.orelse.yields)
        for atom in atoms:
            inner = self.expressions.folded.get(atom) if isinstance(atom, Var) else None
            if inner is not None:
                yield from self._origins(inner)

    def _primal(self, out: Var) -> str:
        if out not in self._texts:
            self._texts[out] = self._written(self.lets[out])
        return self._texts[out]

    def _written(self, let: Let) -> str:
        if let.out not in self.expressions.names:
            return ""
        target = ast.Name(self.expressions.names[let.out], ast.Store())
        try:
            value = self.expressions.let(let)
        except InternalError:
            return ""
        text = to_text([ast.Assign([target], value)]).strip()
        return "" if "\n" in text else text.replace("math.", "")
