"""Methods and attributes of arrays."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.arrays import library
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
    BOOL,
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
            case "flags":
                return MethodValue(owner, name)
            case "mT":
                return self.call("numpy.matrix_transpose", [owner], {}, node)
            case "nbytes" | "itemsize":
                import numpy as np

                size = Lit(np.dtype(dtype_name(array.type.dtype)).itemsize, INT)
                many = self.let("np.size", (array,), node)
                return size if name == "itemsize" else self.let("mul", (many, size), node)
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

    def flag(self, owner: Ref, name: str, node: ast.AST) -> Value:
        """`x.flags.c_contiguous`"""
        if name not in ("c_contiguous", "f_contiguous", "writeable", "owndata"):
            raise self.frame.refuse(node, f"the flag {name}", "leave it to the caller")
        text = f"{{0}}.flags.{name}"
        return self.frame.python(text, (self.array(owner, node),), node, BOOL)

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
        if name in ("sort", "put"):
            changing = library.sorted_in_place if name == "sort" else library.put_flat
            return self.library(changing, [owner, *args], named, node)
        if name in _IN_PLACE:
            raise self.frame.refuse(
                node,
                f"the method {name}, which changes its array,",
                "use the function of NumPy's",
            )
        if name == "item" and args:
            at = args[0] if len(args) == 1 else TupleValue(tuple(args))
            flat = self.rank(owner) > 1 and len(args) == 1
            whole = self.view(owner, Index("flat", (), "view"), node) if flat else owner
            return self.read(whole, self.of_value(at, self.rank(whole), node), node)
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
