"""Comprehensions and generators that are used up at once: loops in a scope of their own.

[e for t in xs if c]      ->    made = []
                                for t in xs:
                                    if c: made.append(e)

any(c for t in xs)        ->    for t in xs:
                                    if c: return True
                                return False

What the first `for` runs over is evaluated in the scope around, as Python does.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from s2sad.frontend import iterators
from s2sad.frontend.normalize.hidden import at
from s2sad.frontend.resolve import PrimitiveMeaning
from s2sad.frontend.tables import Tables
from s2sad.frontend.values import FunctionValue, Value

_MADE = "%made"
_ITEM = "%item"
_ROWS = "%rows"

Comprehension = ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp


class Comprehensions(Tables):
    def comprehension(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.ListComp | ast.GeneratorExp)
        made = at(node, ast.Name(_MADE, ast.Load()))
        method = at(node, ast.Attribute(made, "append", ast.Load()))
        append = at(node, ast.Expr(at(node, ast.Call(method, [node.elt], []))))
        return self.in_own_scope(node, at(node, ast.List([], ast.Load())), append)

    def dict_comprehension(self, node: ast.DictComp) -> Value:
        made = at(node, ast.Name(_MADE, ast.Load()))
        target = at(node, ast.Subscript(made, node.key, ast.Store()))
        store = at(node, ast.Assign([target], node.value))
        return self.in_own_scope(node, at(node, ast.Dict([], [])), store)

    def set_comprehension(self, node: ast.SetComp) -> Value:
        made = at(node, ast.Name(_MADE, ast.Load()))
        method = at(node, ast.Attribute(made, "add", ast.Load()))
        add = at(node, ast.Expr(at(node, ast.Call(method, [node.elt], []))))
        return self.in_own_scope(node, at(node, ast.Set([])), add)

    def drained(self, callee: PrimitiveMeaning, node: ast.Call) -> Value:
        """`zip(a, b)` and the like where a sequence is wanted."""
        match callee.dotted, node.args, node.keywords:
            case "zip", [ast.Starred(value=given)], []:
                rows = iterators.rest(self, self.sequence(given), node)
                made = self.transposed(rows, node)
                if made is not None:
                    return made
                self.env[_ROWS] = rows
                again = at(node, ast.Starred(at(node, ast.Name(_ROWS, ast.Load()))))
                node = at(node, ast.Call(node.func, [again], []))
            case _:
                pass
        item = at(node, ast.Name(_ITEM, ast.Store()))
        read = at(node, ast.Name(_ITEM, ast.Load()))
        generator = ast.comprehension(item, node, [], 0)
        return self.comprehension(at(node, ast.ListComp(read, [generator])))

    def short_circuit(self, node: ast.GeneratorExp, any_: bool, place: ast.AST) -> Value:
        test = node.elt if any_ else at(node, ast.UnaryOp(ast.Not(), node.elt))
        found = at(node, ast.Return(at(node, ast.Constant(any_))))
        body = at(node, ast.If(test, [found], []))
        after = at(node, ast.Return(at(node, ast.Constant(not any_))))
        return self.called_once(node, node.generators, [body], [], after)

    def first_of(self, node: ast.GeneratorExp, default: Value | None, place: ast.AST) -> Value:
        """`next(e for t in xs if c)`, with a default or without."""
        body = at(node, ast.Return(node.elt))
        if default is None:
            error = at(node, ast.Name("StopIteration", ast.Load()))
            after: ast.stmt = at(node, ast.Raise(at(node, ast.Call(error, [], []))))
            return self.called_once(node, node.generators, [body], [], after)
        after = at(node, ast.Return(at(node, ast.Name(_ITEM, ast.Load()))))
        given = {_ITEM: default}
        return self.called_once(node, node.generators, [body], [], after, given)

    def in_own_scope(self, node: Comprehension, start: ast.expr, innermost: ast.stmt) -> Value:
        store = at(node, ast.Name(_MADE, ast.Store()))
        before = at(node, ast.Assign([store], start))
        after = at(node, ast.Return(at(node, ast.Name(_MADE, ast.Load()))))
        return self.called_once(node, node.generators, [innermost], [before], after)

    def called_once(
        self,
        node: ast.expr,
        generators: list[ast.comprehension],
        innermost: list[ast.stmt],
        before: list[ast.stmt],
        after: ast.stmt,
        given: Mapping[str, Value] = {},
    ) -> Value:
        """The loops as a function of their own scope, which is inlined."""
        known = self.program.comprehensions.get(node)
        if known is None:
            known = self.program.comprehensions[node] = _as_function(
                node, generators, innermost, before, after
            )
        callee = self.closure_value(known, "comprehension")
        assert isinstance(callee, FunctionValue)
        frame = self.program.frame(callee, self.emitter)
        frame.iterated = self, generators[0].iter
        return self.run_inlined(frame, given, callee, node)


def _as_function(
    node: ast.expr,
    generators: list[ast.comprehension],
    innermost: list[ast.stmt],
    before: list[ast.stmt],
    after: ast.stmt,
) -> ast.FunctionDef:
    body = innermost
    for generator in reversed(generators):
        for test in reversed(generator.ifs):
            body = [at(node, ast.If(test, body, []))]
        body = [at(node, ast.For(generator.target, generator.iter, body, []))]
    arguments = ast.arguments([], [], None, [], [], None, [])
    made = ast.FunctionDef("comprehension", arguments, [*before, *body, after], [])
    return at(node, made)


__all__ = ["Comprehensions"]
