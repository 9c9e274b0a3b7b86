"""Calls that are not those of one primitive: their parts are, or the library's."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from s2sad.errors import S2sadError
from s2sad.frontend.arrays import library, norms, transforms
from s2sad.frontend.arrays.index import Index
from s2sad.frontend.arrays.parts import Parts
from s2sad.frontend.resolve import FunctionMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    UNBOUND,
    FunctionValue,
    Layout,
    PartialValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    is_none,
)
from s2sad.ir.arrays import dtype_of
from s2sad.ir.nodes import FALSE, Atom, Lit, Var
from s2sad.ir.types import INT, Array, Dim, Opaque
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import ArrayOp
from s2sad.ops.arrays.dims import broadcast

# What a method of a ufunc is, along axis 0 if none is given.
_REDUCED = {
    "add": "numpy.sum", "multiply": "numpy.prod", "maximum": "numpy.max",
    "minimum": "numpy.min", "logical_and": "numpy.all", "logical_or": "numpy.any",
}  # fmt: skip
# Scalar types that are called, and their names.
_KINDS = {
    "float64": "float64", "double": "float64", "float32": "float32", "single": "float32",
    "int64": "int64", "intp": "int64", "int_": "int64",
}  # fmt: skip
_METHODS = ("reduce", "accumulate", "outer")
_ACCUMULATED = {"add": "numpy.cumsum", "multiply": "numpy.cumprod"}
# Functions that call one of the user's, by name: a loop is what can be read.
_OF_FUNCTIONS = {
    "numpy.vectorize": "call the function on the array, or write a loop",
    "numpy.frompyfunc": "call the function on the array, or write a loop",
    "numpy.apply_along_axis": "write a loop over the rows",
    "numpy.apply_over_axes": "write one call after the other",
    "numpy.fromfunction": "call the function on np.indices(shape)",
    "numpy.fromiter": "np.array([… for …])",
    "numpy.nditer": "write a loop over the indices",
    "numpy.matrix": "use np.array and @",
    "numpy.asmatrix": "use np.array and @",
    "numpy.poly1d": "use np.polyval",
}


class Special(Parts):
    """`np.piecewise`, `np.block`, `np.add.reduce`, builtin functions of arrays, …"""

    def call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def special(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value | None:
        """What a call means that is none of a primitive; None if it is one."""
        if dotted in _OF_FUNCTIONS:
            raise self.frame.refuse(node, dotted, _OF_FUNCTIONS[dotted])
        if dotted == "numpy.cov" and len(args) == 1 and self.rank_of(args[0]) == 1:
            return self.library(library.LIBRARY["numpy.cov of one"], args, named, node)
        if dotted == "numpy.copyto" and "where" in named:
            dotted += " where"
        if dotted == "numpy.putmask" and len(args) == 3 and not isinstance(args[2], Ref):
            dotted, args = f"{dotted} of one", [args[0], args[2], args[1]]
        function = library.LIBRARY.get(dotted)
        if function is not None:
            return self.library(function, args, named, node)
        if dotted == "scipy.linalg.cho_factor":
            return self.cho_factor(args, named, node)
        module, _, rest = dotted.partition(".")
        if module != "numpy":
            return None
        kind, _, method = rest.rpartition(".")
        match rest, args:
            case _ if (
                method in ("reduce", "accumulate", "outer")
                and kind.isidentifier()
                and kind != "linalg"
            ):
                return self.ufunc_method(kind, method, args, named, node)
            case "diff", [_, *_] if not named.keys().isdisjoint(("prepend", "append")):
                return self.diff(args, named, node)
            case (("array" | "asarray" | "asanyarray"), [Ref() as array, *more]) if (
                self.is_array(array) and named.keys() <= {"dtype", "copy"} and len(more) < 2
            ):
                return self.again(rest, array, named.get("dtype", *more), node)
            case _, [value] if rest in _KINDS and not named:
                return self.cast(_KINDS[rest], value, node)
            case "where", [mask]:
                return self.call("numpy.nonzero", [mask], {}, node)
            case "shape", [array]:
                return self.shape_of(array, node)
            case "ndim", [array]:
                return Lit(self.rank(array) if isinstance(array, Ref) else 0, INT)
            case "unravel_index", [flat, shape] if not named:
                return self.unravelled(flat, shape, node)
            case "piecewise", [x, conditions, functions]:
                return self.piecewise(x, conditions, functions, node)
            case "block", [arrays]:
                return self.block(arrays, node)[0]
            case "insert", [array, Lit(value=int()) as at, value] if (
                self.rank_of(array) == 1 and not named
            ):
                items = self.frame.static_items(value, node)
                whole = self.is_array(value) or items is not None
                row = value if whole else TupleValue((value,))
                return self.library(library.insert_one, [array, at, row], {}, node)
            case "delete", [array, Lit(value=int() as k) as at] if (
                self.rank_of(array) == 1 and not named
            ):
                function = library.delete_last if k == -1 else library.delete_one
                return self.library(function, [array, at][: 1 if k == -1 else 2], {}, node)
            case "var", [_, *_] if "where" in named:
                return self.library(library.variance_where, args, named, node)
            case "std", [_, *_] if "where" in named:
                return self.library(library.deviation_where, args, named, node)
            case "linalg.qr", [array] if named and transforms.text_of(named.get("mode")) == "r":
                return self.library(library.qr_r, [array], {}, node)
            case _, [_, *_] if kind == "fft" and method in transforms.OF_SEVERAL:
                return transforms.one_by_one(self, method, args, named, node)
            case "linalg.norm", [_, *_] if order := norms.order_of(self, args, named):
                return norms.norm(self, order, args, named, node)
            case (
                ("split" | "array_split" | "hsplit" | "vsplit" | "dsplit"),
                [Ref() as array, _],
            ) if self.is_array(array) and written_to(
                self.frame.at_hand, self.frame.function.node
            ):
                return self.split(rest, array, args[1], named, node)
            case "broadcast_arrays", [_, *_]:
                return self.broadcast_arrays(args, node)
            case "gradient", [array, *spacing] if self.rank_of(array) == 1 and self.on_grid(
                spacing, named
            ):
                edges = named.get("edge_order", Lit(1, INT))
                if spacing and self.rank_of(spacing[0]) == 1:
                    return self.library(
                        library.gradient_on_grid, [array, *spacing, edges], {}, node
                    )
                return self.library(
                    library.gradient_of_second_order, [array, *spacing], {}, node
                )
            case "size", [array, Lit(int() as axis)] if self.is_array(array) and not named:
                return self.size(self.array(array, node), int(axis) % self.rank_of(array), node)
            case "gradient", [array, *spacing] if self.rank_of(array) > 1 and not named:
                return self.gradient(array, spacing, node)
            case (("percentile" | "quantile"), [array, levels, *more]):
                return self.quantiles(dotted, array, levels, more, named, node)
            case _:
                return None

    def split(
        self, name: str, array: Ref, sections: Value, named: dict[str, Value], node: ast.AST
    ) -> Value | None:
        """The parts of an array that are written to, as its slices."""
        var, rank = self.array(array, node), self.rank(array)
        axis = {"hsplit": int(rank > 1), "vsplit": 0, "dsplit": 2}.get(name, 0)
        given = named.get("axis", Lit(axis, INT))
        if not named.keys() <= {"axis"} or not isinstance(given, Lit) or rank <= axis:
            return None
        axis = int(given.value) % rank if isinstance(given.value, int) else axis
        size = self.size(var, axis, node)
        ends = self.frame.static_items(sections, node)
        if isinstance(sections, Lit) and isinstance(sections.value, int) and sections.value:
            number = self.frame.as_number(self.frame.as_atom(size, node), node)
            whole = self.frame.as_int(number, node, "a size")
            ends = self.equal_parts(whole, sections.value, name == "array_split", node)
        if ends is None:
            return None
        numbers = (self.frame.as_number(self.frame.as_atom(e, node), node) for e in ends)
        atoms = [self.frame.as_int(number, node, "a place") for number in numbers]
        parts = []
        for pair in zip((None, *atoms), (*atoms, None), strict=True):
            holes = tuple(dict.fromkeys(end for end in pair if isinstance(end, Var)))
            begin, end = (
                f"{{{holes.index(e)}}}"
                if isinstance(e, Var)
                else str(e.value)
                if isinstance(e, Lit)
                else ""
                for e in pair
            )
            text = f"{':, ' * axis}{begin}:{end}"
            parts.append(self.view(array, Index(text, holes, "view"), node))
        return self.frame.allocate(Struct(Layout("list"), tuple(parts)))

    def cho_factor(
        self, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value | None:
        """The factor, and whether it is the lower one, as it was asked."""
        lower = named.get("lower", args[1] if len(args) > 1 else FALSE)
        made = self.of_op(ARRAY_OPS["scipy.linalg.cho_factor"], args, named, node)
        if isinstance(made, TupleValue) and isinstance(lower, Lit):
            return TupleValue((made.items[0], lower))
        return made

    def of_op(
        self, op: ArrayOp, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def equal_parts(
        self, size: Atom, count: int, uneven: bool, node: ast.AST
    ) -> tuple[Value, ...] | None:
        """Where so many parts of an axis end, but for the last; None where it has none such."""
        frame = self.frame
        if isinstance(size, Lit) and isinstance(size.value, int):
            long, more = divmod(size.value, count)
            ends = [k * long + min(k, more) for k in range(1, count)]
            return None if more and not uneven else tuple(Lit(end, INT) for end in ends)
        each = frame.let("floordiv", (size, Lit(count, INT)), node)
        rest = frame.let("mod", (size, Lit(count, INT)), node)
        if not uneven:

            def fail() -> Value:
                said = "ValueError('array split does not result in an equal division')"
                error = frame.python(said, (), node, Opaque("exception"))
                frame.raise_value(error, node)
                return UNBOUND

            odd = frame.let("ne", (rest, Lit(0, INT)), node)
            frame.choose(odd, fail, lambda: UNBOUND, (), (), node)
        ends_: list[Value] = []
        for k in range(1, count):
            end: Value = each if k == 1 else frame.let("mul", (Lit(k, INT), each), node)
            if uneven:
                extra = frame.positional_call("min", [Lit(k, INT), rest], node)
                end = frame.operate(ast.Add(), end, extra, node)
            ends_.append(end)
        return tuple(ends_)

    def library(
        self,
        function: Callable[..., object],
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        """A function of the library, inlined; errors in it are those of the call."""
        frame = self.frame
        meaning = FunctionMeaning(function)
        callee = FunctionValue(frame.program.function_of(meaning, frame.loc(node)), None)
        try:
            return frame.apply(callee, args, named, node)
        except S2sadError as error:
            if error.loc is not None and error.loc.file == library.__file__:
                raise type(error)(error.what, frame.loc(node), error.instead) from None
            raise

    # Builtin functions.

    def sum_of_list(self, value: Value, node: ast.AST) -> Value:
        """`sum(arrays)`"""
        return self.library(library.sum_of_list, [value], {}, node)

    def builtin(
        self, name: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """`abs(x)`, `sum(x)`, `max(x)`"""
        rank = self.rank_of(args[0])
        match name, args:
            case "abs", [array]:
                return self.call("numpy.abs", [array], {}, node)
            case "pow", [_, _]:
                return self.operate(ast.Pow(), args[0], args[1], node)
            case (("divmod" | "round"), _):
                return self.call(f"numpy.{name}", args, named, node)
            case "sum", [_] | [_, _] if rank == 1 and not named:
                return self.library(library.sum_of_elements, args, {}, node)
            case "list", [_] if rank == 1 and not named:
                return self.library(library.list_of_elements, args, {}, node)
            case "sum", [_] if rank > 1 and not named:
                return self.library(library.sum_of_rows, args, {}, node)
            case (("max" | "min"), [Ref() as array]) if rank == 1 and not named:
                numbers = self.frame.content(self.listed(array, node), node)
                return self.frame.positional_call(name, [numbers], node)
            case _:
                raise self.frame.refuse(
                    node, f"{name} of an array like this", f"np.{name}, or x.tolist()"
                )

    def dense(self, ref: Ref) -> frozenset[Var] | None:
        raise NotImplementedError

    def listed(self, owner: Ref, node: ast.AST) -> Ref:
        raise NotImplementedError

    def method(
        self, owner: Ref, name: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def rank_of(self, value: Value) -> int:
        return self.rank(value) if isinstance(value, Ref) and self.is_array(value) else 0

    def again(self, name: str, array: Ref, dtype: Value | None, node: ast.AST) -> Value:
        """`np.array(x)` is a copy, `np.asarray(x)` is x; of another dtype both are new."""
        type_ = self.array(array, node).type
        assert isinstance(type_, Array)
        if dtype is None or is_none(dtype):
            wanted = type_.dtype
        else:
            zeros = ARRAY_OPS["np.zeros"]
            found = self.argument(zeros, zeros.params[1], dtype, node)
            assert isinstance(found, Lit)
            wanted = dtype_of(str(found.value).removeprefix("np."))
        if wanted != type_.dtype:
            return self.fresh(
                self.let("np.ndarray.astype", (self.array(array, node), found), node)
            )
        if name != "array":
            return array
        order = self.dense(array)
        made = self.method(array, "copy", [], {}, node)
        if isinstance(made, Ref) and order is not None:
            self.frame.emitter.dense[made.obj] = order
        elif isinstance(made, Ref):
            self.frame.emitter.dense.pop(made.obj, None)
        return made

    def cast(self, kind: str, value: Value, node: ast.AST) -> Value:
        """`np.float64(x)`"""
        if self.is_array(value):
            dtype = Lit(f"np.{kind}", Opaque("dtype"))
            return self.fresh(
                self.let("np.ndarray.astype", (self.atom(value, node), dtype), node)
            )
        return self.fresh(self.let(f"np.{kind}", (self.atom(value, node),), node))

    def shape_of(self, value: Value, node: ast.AST) -> Value:
        if not isinstance(value, Ref) or not self.is_array(value):
            return TupleValue(())
        array = self.array(value, node)
        return TupleValue(tuple(self.size(array, k, node) for k in range(self.rank(value))))

    # Functions.

    def ufunc_method(
        self,
        kind: str,
        method: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        if method == "outer":
            if len(args) != 2 or named:
                return None
            ranks = [self.rank_of(arg) for arg in args]
            left = args[0]
            if isinstance(left, Ref) and ranks[1]:
                text = ", ".join(["...", *["None"] * ranks[1]])
                left = self.view(left, Index(text, (), "view"), node)
            return self.call(f"numpy.{kind}", [left, args[1]], {}, node)
        table = _REDUCED if method == "reduce" else _ACCUMULATED
        if kind not in table:
            return None
        if args and not self.is_array(args[0]):
            args = [self.array_of(args[0], node), *args[1:]]
        if len(args) == 1 and "axis" not in named:
            named = {"axis": Lit(0, INT), **named}
        return self.call(table[kind], args, named, node)

    def unravelled(self, flat: Value, shape: Value, node: ast.AST) -> Value | None:
        """`np.unravel_index(k, (n, m))` is `(k // m % n, k % m)`."""
        sizes = self.frame.static_items(shape, node)
        if sizes is None or not sizes:
            return None
        if not isinstance(flat, Var | Lit) and not self.is_array(flat):
            flat = self.array_of(flat, node)
        found: list[Value] = []
        rest = flat
        for size in reversed(sizes):
            found.append(self.operate(ast.Mod(), rest, size, node))
            rest = self.operate(ast.FloorDiv(), rest, size, node)
        return TupleValue(tuple(reversed(found)))

    def diff(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """Numbers before and after are one element each, along the axis."""
        array, rank = args[0], self.rank_of(args[0])
        for name in ("prepend", "append"):
            value = named.get(name)
            if value is None or self.is_array(value):
                continue
            if rank != 1:
                whole = self.array(array, node)
                at = named.get("axis", args[2] if len(args) > 2 else Lit(-1, INT))
                if not isinstance(at, Lit) or not isinstance(at.value, int):
                    raise self.frame.refuse(
                        node, f"np.diff with a number as {name}", "give it an array"
                    )
                sizes = [self.size(whole, k, node) for k in range(rank)]
                sizes[at.value % rank] = Lit(1, INT)
                named[name] = self.call(
                    "numpy.full", [TupleValue(tuple(sizes)), value], {}, node
                )
                continue
            items = self.frame.static_items(value, node)
            named[name] = self.array_of(
                value if items is not None else TupleValue((value,)), node
            )
        return self.library(library.diff, [array, *args[1:]], named, node)

    def piecewise(self, x: Value, conditions: Value, functions: Value, node: ast.AST) -> Value:
        """`y[condition] = function(x[condition])`, one after the other."""
        frame = self.frame
        masks, given = (frame.static_items(v, node) for v in (conditions, functions))
        if masks is None or given is None or not isinstance(x, Ref):
            raise frame.refuse(node, "np.piecewise of these", "write the lists out")
        masks = tuple(masks)
        if len(given) == len(masks) + 1:
            met: Value = masks[0]
            for mask in masks[1:]:
                met = self.operate(ast.BitOr(), met, mask, node)
            masks = (*masks, self.operate_on_one(ast.Invert(), met, node))
        if len(given) != len(masks):
            raise frame.refuse(node, "np.piecewise of unlike numbers", "match their numbers")
        made = self.call("numpy.zeros_like", [x], {}, node)
        assert isinstance(made, Ref)
        for mask, function in zip(masks, given, strict=True):
            at = self.of_value(mask, self.rank(x), node)
            if isinstance(function, FunctionValue | PartialValue | PrimitiveMeaning):
                value = frame.apply(function, [self.read(x, at, node)], {}, node)
            else:
                value = function
            self.write(made, at, value, node)
        return made

    def block(self, value: Value, node: ast.AST, depth: int = 1) -> tuple[Value, int]:
        """`np.block([[A, B], [C, D]])`: the innermost lists along the last axis."""
        items = None if self.is_array(value) else self.frame.static_items(value, node)
        if items is None:
            return value, depth - 1
        found = [self.block(item, node, depth + 1) for item in items]
        deepest = max(deep for _, deep in found)
        rank = max(deepest, *(self.rank_of(part) for part, _ in found))
        parts = [self.widened(part, rank, node) for part, _ in found]
        axis = Lit(-(deepest - depth + 1), INT)
        return self.call(
            "numpy.concatenate", [TupleValue(tuple(parts)), axis], {}, node
        ), deepest

    def widened(self, value: Value, rank: int, node: ast.AST) -> Value:
        """With axes of size 1 before its own."""
        if not isinstance(value, Ref) or not self.is_array(value):
            value = self.array_of(TupleValue((value,)), node)
        assert isinstance(value, Ref)
        missing = rank - self.rank(value)
        if missing <= 0:
            return value
        text = ", ".join([*["None"] * missing, "..."])
        return self.view(value, Index(text, (), "view"), node)

    def broadcast_arrays(self, args: list[Value], node: ast.AST) -> Value:
        atoms = [self.atom(arg, node) for arg in args]
        arrays = [atom for atom in atoms if isinstance(atom.type, Array)]
        dims = broadcast([a.type.dims for a in arrays if isinstance(a.type, Array)])
        sizes: list[Value] = []
        for axis in range(-len(dims), 0):
            # The size of the array that has it.
            at = next(a for a in arrays if _has(a, axis, dims[axis]))
            assert isinstance(at, Var)
            assert isinstance(at.type, Array)
            sizes.append(self.size(at, axis % len(at.type.dims), node))
        shape = TupleValue(tuple(sizes))
        return TupleValue(
            tuple(self.call("numpy.broadcast_to", [arg, shape], {}, node) for arg in args)
        )

    def on_grid(self, spacing: list[Value], named: dict[str, Value]) -> bool:
        """Is np.gradient on a grid of places, or with edges of the second order?"""
        edges = named.get("edge_order")
        if not named.keys() <= {"edge_order", "axis"} or len(spacing) > 1:
            return False
        if "axis" in named and not (
            isinstance(named["axis"], Lit) and named["axis"].value in (0, -1)
        ):
            return False
        places = bool(spacing) and self.rank_of(spacing[0]) == 1
        return places or (isinstance(edges, Lit) and edges.value == 2)

    def gradient(self, array: Value, spacing: list[Value], node: ast.AST) -> Value | None:
        rank = self.rank_of(array)
        if len(spacing) not in (0, 1, rank) or (len(spacing) == 1 and self.rank_of(spacing[0])):
            return None
        steps = spacing * rank if len(spacing) == 1 else spacing
        return TupleValue(
            tuple(
                self.call(
                    "numpy.gradient", [array, *steps[k : k + 1]], {"axis": Lit(k, INT)}, node
                )
                for k in range(rank)
            )
        )

    def quantiles(
        self,
        dotted: str,
        array: Value,
        levels: Value,
        more: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        """Several levels: one after the other."""
        items = None if self.is_array(levels) else self.frame.static_items(levels, node)
        if items is None:
            return None
        found = [self.call(dotted, [array, item, *more], dict(named), node) for item in items]
        return self.call("numpy.array", [TupleValue(tuple(found))], {}, node)


def _has(array: Atom, axis: int, dim: Dim) -> bool:
    assert isinstance(array.type, Array)
    dims = array.type.dims
    return len(dims) >= -axis and dims[axis] == dim


def written_to(stmt: ast.AST | None, function: ast.AST) -> bool:
    """Is an array written to that a statement makes, or reads?"""
    names = {n.id for n in ast.walk(stmt) if isinstance(n, ast.Name)} if stmt else set()
    for node in ast.walk(function):
        targets: Sequence[ast.expr] = node.targets if isinstance(node, ast.Assign) else ()
        targets = (node.target,) if isinstance(node, ast.AugAssign) else targets
        for target in targets:
            root = target
            while isinstance(root, ast.Subscript | ast.Attribute):
                root = root.value
            written = root is not target or isinstance(node, ast.AugAssign)
            if written and isinstance(root, ast.Name) and root.id in names:
                return True
    return False
