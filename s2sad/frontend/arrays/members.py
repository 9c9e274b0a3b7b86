"""Methods and attributes of arrays."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.arrays.functions import Functions
from s2sad.frontend.arrays.index import WHOLE, Index
from s2sad.frontend.values import (
    Inline,
    ListValue,
    MethodValue,
    Ref,
    TupleValue,
    Value,
)
from s2sad.ir.arrays import dtype_name
from s2sad.ir.nodes import NOTHING, Lit
from s2sad.ir.types import (
    INT,
    Array,
    List,
    Opaque,
    Type,
    element_of,
)
from s2sad.ops.arrays.core import lookup_method

if TYPE_CHECKING:
    pass

# Attributes that stand for primitives.
_ATTRIBUTES = {"real": "np.real", "imag": "np.imag"}

# Methods that write to their array.
_IN_PLACE = frozenset({"fill", "sort", "put", "itemset", "resize", "partition"})


class Arrays(Functions):
    """What a frame does with arrays."""

    def member(self, owner: Ref, name: str, node: ast.AST) -> Value:
        array = self.array(owner, node)
        assert isinstance(array.type, Array)
        rank = len(array.type.dims)
        match name:
            case "shape":
                return TupleValue(tuple(self.size(array, k, node) for k in range(rank)))
            case "ndim":
                return Lit(rank, INT)
            case "size":
                return self.let("np.size", (array,), node)
            case "dtype":
                return Lit(f"np.{dtype_name(array.type.dtype)}", Opaque("dtype"))
            case "T" | "flat":
                return self.view(owner, Index(name, (), "view"), node)
            case _ if name in _ATTRIBUTES:
                return self.call(f"numpy.{_ATTRIBUTES[name][3:]}", [owner], {}, node)
            case _ if lookup_method(name) or name in _IN_PLACE or name in ("copy", "tolist"):
                return MethodValue(owner, name)
            case _:
                raise self.frame.refuse(
                    node, f"the attribute {name} of an array", "use a function of NumPy's"
                )

    def method(
        self, owner: Ref, name: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        if name == "copy":
            return self.fresh(self.let("copy", (self.array(owner, node),), node))
        if name == "fill":
            self.write(owner, Index(WHOLE, (), "view"), args[0], node)
            return NOTHING
        if name == "tolist":
            return self.listed(owner, node)
        if name in _IN_PLACE:
            raise self.frame.refuse(
                node,
                f"the method {name}, which changes its array,",
                "use the function of NumPy's",
            )
        if name == "reshape" and len(args) > 1:
            args = [TupleValue(tuple(args))]
        if name == "transpose" and len(args) > 1:
            args = [TupleValue(tuple(args))]
        if name == "transpose" and not args and not named:
            return self.view(owner, Index("T", (), "view"), node)
        found = lookup_method(name)
        assert found is not None
        return self.call(f"numpy.{found[3:]}", [owner, *args], named, node)

    def listed(self, owner: Ref, node: ast.AST) -> Ref:
        """`x.tolist()`"""
        array = self.array(owner, node)
        assert isinstance(array.type, Array)
        type_: Type = element_of(array.type.dtype)
        for _ in array.type.dims:
            type_ = List(type_)
        made = self.frame.let("to_list", (array,), node, type_)
        content = ListValue(made)
        for _ in array.type.dims[1:]:
            content = ListValue(Inline(content))
        return self.frame.allocate(content)
