"""Lists that are made at once: comprehensions, and zeros in the shape of another list.

[e for t in xs]    ->    made = []
                         for t in xs: made.append(e)
"""

from __future__ import annotations

import ast

from s2sad.frontend.calls import Calls
from s2sad.frontend.normalize.hidden import at
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.scope import names_read, names_stored
from s2sad.frontend.values import FunctionValue, ListValue, Value, leaves
from s2sad.ir.types import FLOAT, List

_MADE = "made"


class Lists(Calls):
    def comprehension(self, node: ast.ListComp) -> Value:
        generator = node.generators[0]
        if names_stored(generator.target).keys() & names_read(generator.iter):
            raise self.refuse(
                node, "a comprehension over what it names again", "use another name"
            )
        known = self.program.comprehensions.get(node)
        if known is None:
            known = self.program.comprehensions[node] = _as_function(node)
        callee = self.closure_value(known, _MADE)
        assert isinstance(callee, FunctionValue)
        return self.inlined(callee, {}, node)

    def zeros(self, arg: ast.expr, node: ast.expr) -> Value:
        """`[0.0] * len(xs)`: the adjoint of a list before anything is added to it."""
        value = self.expression(arg)
        of_len = self.read_name("len", node) == PrimitiveMeaning("len")
        leaf = next(leaves(value), None) if isinstance(value, ListValue) else None
        if leaf is None or not of_len or leaf.type != List(FLOAT):
            raise self.refuse(node, "a list made like this", "append in a loop")
        return ListValue(self.let("zeros_list", (leaf,), node))


def _as_function(node: ast.ListComp) -> ast.FunctionDef:
    """The comprehension as a function of its own scope."""
    generator = node.generators[0]
    made = at(node, ast.Name(_MADE, ast.Load()))
    method = at(node, ast.Attribute(made, "append", ast.Load()))
    append = at(node, ast.Expr(at(node, ast.Call(method, [node.elt], []))))
    target = at(node, ast.Name(_MADE, ast.Store()))
    start = at(node, ast.Assign([target], at(node, ast.List([], ast.Load()))))
    loop = at(node, ast.For(generator.target, generator.iter, [append], []))
    result = at(node, ast.Return(at(node, ast.Name(_MADE, ast.Load()))))
    arguments = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef(_MADE, arguments, [start, loop, result], [])
    return at(node, function)
