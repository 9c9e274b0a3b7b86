"""What NumPy writes with brackets: `np.r_[0.0, x]`, `np.c_[x, y]`, `np.mgrid[0:3, 0:4]`."""

from __future__ import annotations

import ast

from s2sad.frontend.arrays.index import Index
from s2sad.frontend.arrays.turned import Turned
from s2sad.frontend.values import Layout, Ref, Struct, TupleValue, Value
from s2sad.ir.nodes import Lit, Var
from s2sad.ir.types import INT, Opaque, is_array


class Grids(Turned):
    """Concatenations and grids by brackets."""

    def bracketed(self, name: str, index: Value, node: ast.AST) -> Value:
        match self.frame.content(index, node):
            case TupleValue(items):
                parts = list(items)
            case _:
                parts = [index]
        if name in ("numpy.r_", "numpy.c_"):
            arrays = [self.joined_part(part, name == "numpy.c_", node) for part in parts]
            axis = Lit(-1 if name == "numpy.c_" else 0, INT)
            return self.call("numpy.concatenate", [TupleValue(tuple(arrays)), axis], {}, node)
        axes = [self.stretch(part, name, node) for part in parts]
        if len(axes) == 1 and not isinstance(self.frame.content(index, node), TupleValue):
            return axes[0]
        if name == "numpy.ogrid":
            return TupleValue(
                tuple(self.along_axis(axis, k, len(axes), node) for k, axis in enumerate(axes))
            )
        whole = self.call(
            "numpy.meshgrid", list(axes), {"indexing": Lit("'ij'", Opaque("str"))}, node
        )
        return self.call("numpy.stack", [whole], {}, node)

    def along_axis(self, axis: Ref, k: int, count: int, node: ast.AST) -> Value:
        text = ", ".join(":" if j == k else "None" for j in range(count))
        return self.view(axis, Index(text, (), "view"), node)

    def joined_part(self, part: Value, column: bool, node: ast.AST) -> Value:
        match self.frame.content(part, node):
            case Struct(Layout("slice")):
                part = self.stretch(part, "numpy.r_", node)
            case Lit(type=Opaque()):
                raise self.frame.refuse(node, "np.r_ with a text", "use np.concatenate")
            case Var() as var if is_array(var.type):
                pass
            case Struct() | TupleValue():
                part = self.array_of(part, node)
            case _:
                part = self.array_of(TupleValue((part,)), node)
        if column and isinstance(part, Ref) and self.rank(part) == 1:
            return self.view(part, Index(":, None", (), "view"), node)
        return part

    def stretch(self, part: Value, name: str, node: ast.AST) -> Ref:
        """`a:b:c` is np.arange(a, b, c); `a:b:5j` are five numbers from a to b."""
        match self.frame.content(part, node):
            case Struct(Layout("slice"), (start, stop, step)):
                pass
            case _:
                raise self.frame.refuse(node, f"{name} of this", "use np.meshgrid")
        low = Lit(0, INT) if isinstance(start, Lit) and start.value is None else start
        ends = [
            self.frame.emitter.raw(e) if isinstance(e, Var) else e for e in (low, stop, step)
        ]
        match ends:
            case [
                Lit(value=int() | float() as a),
                Lit(value=int() | float() as b),
                Lit(value=complex() as c),
            ]:
                count = int(abs(c))
                width = (b - a) / float(count - 1) if count > 1 else 1.0
                made = self.call("numpy.arange", [Lit(0, INT), Lit(count, INT)], {}, node)
                scaled = self.operate(ast.Mult(), made, self.number(width), node)
                found = self.operate(ast.Add(), scaled, self.number(a), node)
            case [_, _, Lit(value=None)]:
                found = self.call("numpy.arange", [low, stop], {}, node)
            case _:
                found = self.call("numpy.arange", [low, stop, step], {}, node)
        assert isinstance(found, Ref)
        return found

    def number(self, value: float) -> Lit:
        from s2sad.ir.arrays import literal_of

        return literal_of(value)
