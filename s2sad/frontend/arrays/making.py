"""Arrays out of numbers, lists and other arrays; the arguments of primitives."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.frontend.arrays.basics import Basics
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    Inline,
    Layout,
    ListValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    is_none,
    leaves,
)
from s2sad.ir.arrays import literal
from s2sad.ir.nodes import NOTHING, Atom, Lit, Undef, Var, float_lit
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NEVER,
    Array,
    List,
    Opaque,
    Tuple,
    Type,
    is_array,
    is_number,
)
from s2sad.ir.typing import result_type
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import ArrayOp, Param

if TYPE_CHECKING:
    pass

_MASKS = ("condition", "where")
_SCALARS = {"float": "np.float64", "int": "np.int64", "bool": "bool", "complex": "complex"}


class Making(Basics):
    """What becomes an array, or an argument of a primitive."""

    def atom(self, value: Value, node: ast.AST) -> Atom:
        """A number or an array."""
        content = self.frame.content(value, node)
        if isinstance(content, Struct | TupleValue | ListValue):
            content = self.frame.content(self.array_of(value, node), node)
        if isinstance(content, Var) and is_array(content.type):
            return content
        atom = self.frame.as_atom(content, node)
        return self.frame.as_number(self.frame.emitter.raw(atom), node)

    def argument(self, op: ArrayOp, param: Param, value: Value, node: ast.AST) -> Atom:
        """An argument: an array or a number, a literal, a shape."""
        if param.name in op.differentiable:
            absent = param.default == "None" and is_none(self.frame.content(value, node))
            return NOTHING if absent else self.atom(value, node)
        frame = self.frame
        match value:
            case PrimitiveMeaning(dotted) if dotted in _SCALARS:
                return Lit(_SCALARS[dotted], Opaque("dtype"))
            case ClassMeaning(name, found=found) if getattr(found, "__module__", "") == "numpy":
                return Lit(f"np.{name}", Opaque("dtype"))
            case _:
                pass
        content = frame.content(value, node)
        match content:
            case TupleValue() | Struct(Layout("list")) if (
                param.name in _MASKS or op.name == "np.choose"
            ):
                return self.atom(value, node)  # a rule compares it, which no list can
            case TupleValue(items) | Struct(Layout("list"), items):
                parts = [self.argument(op, param, item, node) for item in items]
                if all(isinstance(part, Lit) for part in parts):
                    known = tuple(literal(part) for part in parts if isinstance(part, Lit))
                    shown: object = known if isinstance(content, TupleValue) else list(known)
                    return Lit(repr(shown), Opaque("literal"))
                if all(part.type in (INT, BOOL) for part in parts):
                    made = frame.let("tuple", tuple(parts), node)
                    self.parts_of_shape[made] = tuple(parts)
                    return made
                return frame.as_atom(frame.content(self.array_of(value, node), node), node)
            case Var() | Lit() | Undef():
                atom = frame.emitter.raw(content) if isinstance(content, Var) else content
                if atom in frame.emitter.settled:
                    return float_lit(frame.emitter.settled[atom])
                if is_number(atom.type) or is_array(atom.type) or isinstance(atom, Lit):
                    return atom
                if isinstance(atom.type, Tuple):
                    return atom
            case _:
                pass
        raise frame.refuse(
            node, f"{describe(content)} as the {param.name} of {op.name}", "write it out"
        )

    def row(self, value: Value, node: ast.AST) -> list[Atom]:
        """The arrays of a sequence."""
        items = self.frame.static_items(value, node)
        if items is None:
            raise self.frame.refuse(
                node, f"arrays in {describe(self.frame.content(value, node))}", "list them"
            )
        return [self.atom(item, node) for item in items]

    def array_of(
        self, value: Value, node: ast.AST, dtype: Value | None = None, row: bool = False
    ) -> Value:
        """`np.array([…])` of numbers, and of lists of them; `row`: it goes into another."""
        frame = self.frame
        content = frame.content(value, node)
        items = frame.static_items(value, node)
        if isinstance(content, Var | Lit | Undef) and is_number(content.type):
            return content  # of rank 0
        if items is None:
            whole = self.of_list(content, node)
            if whole is None or dtype is not None:
                raise frame.refuse(
                    node, f"an array of {describe(content)}", "fill np.zeros(n) in a loop"
                )
            return whole
        literal_ = None if row else self._literals(items, node)
        kind = Lit("None", Opaque("literal"))
        if dtype is not None:
            kind_ = self.argument(
                ARRAY_OPS["np.zeros"], ARRAY_OPS["np.zeros"].params[1], dtype, node
            )
            kind = Lit(str(getattr(kind_, "value", None)), Opaque("dtype"))
        if literal_ is not None:
            import numpy as np

            suffix = "" if kind.value == "None" else f", {kind.value}"
            made = np.array(
                literal_,
                None if kind.value == "None" else np.dtype(str(kind.value).removeprefix("np.")),
            )
            from s2sad.ir.arrays import dtype_of

            type_ = Array(dtype_of(str(made.dtype)), made.shape)
            text = f"np.array({literal_!r}{suffix})"
            return self.fresh(frame.python(text, (), node, type_))
        atoms = []
        for item in items:
            inner = frame.content(item, node)
            if isinstance(inner, TupleValue | Struct):
                inner = frame.content(self.array_of(item, node, row=True), node)
            atoms.append(self.atom(inner, node))
        return self.fresh(
            self.let("np.array", (*atoms, kind if kind.value != "None" else NOTHING), node)
        )

    def of_list(self, content: Value, node: ast.AST) -> Ref | None:
        """An array of the numbers, or of the arrays, in a list of unknown length."""
        if not isinstance(content, ListValue):
            return None
        content = self.rows(content)
        parts = list(leaves(content))
        if len(parts) != 1 or not isinstance(parts[0].type, List):
            return None
        item: Type = parts[0].type.item
        while isinstance(item, List):
            item = item.item
        if not (is_array(item) or is_number(item)):
            return None
        return self.frame.allocate(self.let("from_list", (parts[0],), node))

    def rows(self, content: ListValue) -> ListValue:
        """A list of tuples of numbers as a list of lists, which an array is made of."""
        if not isinstance(content.item, TupleValue):
            return content
        columns = content.item.items
        types = [c.type if isinstance(c, Var | Lit | Undef) else NEVER for c in columns]
        kinds = {type_.item if isinstance(type_, List) else NEVER for type_ in types}
        kind = next((k for k in (COMPLEX, FLOAT, INT, BOOL) if k in kinds), None)
        if kind is None or not all(map(is_number, kinds)):
            return content
        shape = Inline(ListValue(Undef(List(List(kind)))))
        row = Inline(Struct(Layout("list"), columns))
        return self.frame.coerced_elements(row, shape, self.frame.emitter.builder)

    def _literals(self, items: Sequence[Value], node: ast.AST) -> list[object] | None:
        found: list[object] = []
        for item in items:
            raw = self.frame.emitter.raw(item) if isinstance(item, Var) else item
            if isinstance(raw, Lit) and isinstance(raw.value, int | float):
                found.append(raw.value)
                continue
            inner = None if isinstance(raw, Var) else self.frame.static_items(item, node)
            row = None if inner is None else self._literals(inner, node)
            if row is None:
                return None
            found.append(row)
        return found

    def sized(self, op: ArrayOp, atoms: tuple[Atom, ...]) -> Type | None:
        """The type of a result of a stated shape: `np.zeros((n, m))`."""
        at = next((k for k, p in enumerate(op.params) if p.name == "shape"), None)
        if at is None or any(param.rest for param in op.params):
            return None
        shape = atoms[at]
        sizes = self.parts_of_shape.get(shape, (shape,))
        dims = tuple(map(self.dim, sizes))
        try:
            found = result_type(op.name, atoms)
        except ValueError:
            return None  # It is refused where it is made.
        if isinstance(found, Array) and len(found.dims) == len(dims) and "?" not in dims:
            return Array(found.dtype, dims)
        return None
