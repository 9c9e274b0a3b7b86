"""Partials of the scalar table, written for arrays: `math.asin` is `np.arcsin`."""

from __future__ import annotations

import ast

from s2sad.ops.core import PRIMITIVES

# What NumPy calls otherwise.
_NAMES = {
    **{name: f"arc{name[1:]}" for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "atan2": "arctan2",
    "fabs": "abs",
}


class _ForArrays(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = _NAMES.get(node.attr, node.attr)
        return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name):
            node.func = ast.Attribute(node.func, node.func.id, ast.Load())
        self.generic_visit(node)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """A number as a condition: is it 0?"""
        self.generic_visit(node)
        if not isinstance(node.test, ast.Compare):
            node.test = ast.Compare(node.test, [ast.NotEq()], [ast.Constant(0.0)])
        return node


def for_arrays(text: str) -> str:
    """A rule for floats as one for arrays, element by element."""
    tree = _ForArrays().visit(ast.parse(text, mode="eval"))
    return ast.unparse(ast.fix_missing_locations(tree))


def partials_of(name: str) -> tuple[str, ...]:
    """The partials of a scalar primitive for arrays; "" where it has none."""
    return tuple(for_arrays(text) if text else "" for text in PRIMITIVES[name].partials)
