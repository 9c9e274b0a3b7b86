"""NumPy arrays: parts read and written, arithmetic, functions, methods, attributes.

    y = x[1:]; y[0] = v     y is a view: the write is one to x, `put(x, v, "1:][0")`
    x += v                  in place: `add_to(x, v, "...")`
    np.sum(x, axis=0)       the primitive `np.sum` of the table

An array is an object on the heap whose content is the variable of its last version. A
view has no content of its own: it is read anew of the array that it is a part of.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from s2sad.errors import UnsupportedFunction
from s2sad.frontend.members import ADVICE
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    Inline,
    Layout,
    ListValue,
    MethodValue,
    Obj,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    leaves,
)
from s2sad.ir.arrays import default, defaults, dtype_name, entries_of, literal
from s2sad.ir.nodes import FALSE, NOTHING, Atom, Lit, Undef, Var
from s2sad.ir.structure import TURNS
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    NEVER_ONE,
    NONE,
    Array,
    Dim,
    List,
    Opaque,
    Tuple,
    Type,
    element_of,
    is_array,
    is_differentiable,
    is_number,
)
from s2sad.ir.typing import result_type
from s2sad.ops.arrays.core import ARRAY_OPS, KEYWORDS, lookup_array, lookup_method
from s2sad.ops.arrays.declare import REQUIRED, ArrayOp, Param
from s2sad.ops.arrays.dims import Undetermined
from s2sad.ops.arrays.infer import ShapeError
from s2sad.ops.core import lookup_operator

if TYPE_CHECKING:
    from s2sad.frontend.statements import Statements

WHOLE = "..."
_SCALARS = {"float": "np.float64", "int": "np.int64", "bool": "bool", "complex": "complex"}
# Attributes that stand for primitives.
_ATTRIBUTES = {"real": "np.real", "imag": "np.imag"}
# Views that are read as what these make, and written to under their own names.
_TURNED = {"T": "np.transpose", "flat": "np.ravel"}
# Functions that make an array of the arrays in a list, as np.array does, and its rank.
_STACKS = {"numpy.stack": 2, "numpy.vstack": 2, "numpy.row_stack": 2}
# Methods that write to their array.
_IN_PLACE = frozenset({"fill", "sort", "put", "itemset", "resize", "partition"})


class Index:
    """An index: its text with holes, what fills these, and what it leads to.

    kind: "element" of the array, a "view" of it, or a "copy" (an index by arrays).
    """

    def __init__(self, text: str, atoms: tuple[Atom, ...], kind: str) -> None:
        self.text = text
        self.atoms = atoms
        self.kind = kind


class Arrays:
    """What a frame does with arrays."""

    def __init__(self, frame: Statements) -> None:
        self.frame = frame
        self.part_sizes: dict[tuple[object, ...], Type] = {}
        self.slice_sizes: dict[tuple[object, ...], str] = {}
        # Copies that nothing else knows of: `x[m] += v` is x[m] = x[m] + v.
        self.picked: set[Obj] = set()
        self.parts_of_shape: dict[Atom, tuple[Atom, ...]] = {}

    # Arrays and their views.

    def fresh(self, var: Atom) -> Value:
        """The value of a new result: a number, an array, or a tuple of such."""
        frame = self.frame
        match var.type:
            case Array():
                return frame.allocate(var)
            case Tuple(items):
                node = frame.at_hand or frame.function.node
                parts = [
                    frame.let("item", (var, Lit(k, INT)), node, item)
                    for k, item in enumerate(items)
                ]
                return TupleValue(tuple(map(self.fresh, parts)))
            case _:
                return var

    def view(self, base: Ref, index: Index, node: ast.AST) -> Ref:
        obj = Obj(base.obj.origins)
        obj.part = base, index.text, index.atoms
        return Ref(obj)

    def current(self, view: Obj, node: ast.AST) -> Var:
        """What a view shows now."""
        assert view.part is not None
        base, text, atoms = view.part
        array = self.frame.content(base, node)
        assert isinstance(array, Var)
        if text in _TURNED:
            made = self.let(_TURNED[text], (array, *defaults(_TURNED[text], 1)), node)
        else:
            made = self.let("view", (array, Lit(text, Opaque("str")), *atoms), node)
        if view.hint and not made.hint:
            made.hint, made.user = view.hint, True
        return made

    def root(self, ref: Ref) -> tuple[Ref, str, tuple[Atom, ...]]:
        """The array that is written to through a view, and where."""
        if ref.obj.part is None:
            return ref, "", ()
        base, text, atoms = ref.obj.part
        root, before, first = self.root(base)
        return root, *joined(before, first, text, atoms)

    def open_sizes(self, var: Var) -> None:
        """Give each unknown size of a new array a symbol of its own."""
        if isinstance(var.type, Array) and "?" in var.type.dims:
            dims = [self.symbol("?n") if dim == "?" else dim for dim in var.type.dims]
            var.type = Array(var.type.dtype, tuple(dims))

    def read_size(self, var: Var) -> Var:
        """Give sizes that are never 1 a symbol each, where an element of a list is read."""
        if isinstance(var.type, Array) and NEVER_ONE in var.type.dims:
            dims: list[Dim] = []
            for dim in var.type.dims:
                if dim == NEVER_ONE:
                    dim = self.symbol("_n")
                dims.append(dim)
            var.type = Array(var.type.dtype, tuple(dims))
        return var

    def symbol(self, prefix: str) -> str:
        sizes = self.frame.emitter.sizes
        made = f"{prefix}{len(sizes)}"
        sizes[Lit(made, Opaque("size"))] = made
        return made

    def let(
        self, op: str, args: tuple[Atom, ...], node: ast.AST, type_: Type | None = None
    ) -> Var:
        try:
            made = self.frame.let(op, args, node, type_)
        except ShapeError as error:
            raise self.frame.refuse(node, str(error), "match the shapes") from None
        except Undetermined:
            what = f"{op} of arrays whose sizes settle the rank or the dtype of its result"
            advice = "annotate the sizes: x: 'float[:, 3]'"
            raise self.frame.refuse(node, what, advice) from None
        if op in ("view", "pick"):
            self.same_part_sizes(made, args)
            self.same_slice_sizes(made, args)
        self.open_sizes(made)
        if op in ("view", "pick"):
            self.part_sizes.setdefault(_part_key(args), made.type)
        return made

    def same_part_sizes(self, made: Var, args: tuple[Atom, ...]) -> None:
        """The same part of an array of the same sizes has the same sizes."""
        known = self.part_sizes.get(_part_key(args))
        if isinstance(known, Array) and isinstance(made.type, Array):
            made.type = Array(made.type.dtype, known.dims)

    def same_slice_sizes(self, made: Var, args: tuple[Atom, ...]) -> None:
        """The same slice of axes of the same size has the same size."""
        array, at, *index = args
        if not isinstance(made.type, Array) or not isinstance(array.type, Array):
            return
        if any(is_array(atom.type) for atom in index):
            return
        dims = list(made.type.dims)
        for axis, key in _slices(array.type.dims, str(at.value if isinstance(at, Lit) else "")):
            if axis < len(dims) and dims[axis] == "?":
                slice_, holes = key[1], [index[k] for k in key[2]]
                whole = (key[0], slice_, *(h.key if isinstance(h, Lit) else h for h in holes))
                if whole not in self.slice_sizes:
                    self.slice_sizes[whole] = self.symbol("?n")
                dims[axis] = self.slice_sizes[whole]
        made.type = Array(made.type.dtype, tuple(dims))

    # Parts.

    def index(self, node: ast.expr, rank: int) -> Index:
        nodes = node.elts if isinstance(node, ast.Tuple) else [node]
        entries: list[str] = []
        atoms: list[Atom] = []
        self._entries(nodes, entries, atoms)
        return self.made(entries, atoms, rank)

    def made(self, entries: list[str], atoms: list[Atom], rank: int) -> Index:
        fancy = any(is_array(atom.type) for atom in atoms) or any("[" in e for e in entries)
        plain = all(
            e.lstrip("-").isdecimal() or (e.startswith("{") and ":" not in e) for e in entries
        )
        kind = "copy" if fancy else "element" if plain and len(entries) == rank else "view"
        return Index(", ".join(entries) or "()", tuple(atoms), kind)

    def of_value(self, index: Value, rank: int, node: ast.AST) -> Index:
        entries: list[str] = []
        atoms: list[Atom] = []
        self._value(index, entries, atoms, node)
        return self.made(entries, atoms, rank)

    def _entries(
        self, nodes: Sequence[ast.expr], entries: list[str], atoms: list[Atom]
    ) -> None:
        for node in nodes:
            self._value(self.frame.expression(node), entries, atoms, node)

    def _end(self, end: Value, atoms: list[Atom], node: ast.AST) -> str:
        atom = self.frame.slice_end(end, node)
        return "" if atom.type == NONE else self._hole(atom, atoms)

    def _hole(self, atom: Atom, atoms: list[Atom]) -> str:
        raw = self.frame.emitter.raw(atom)
        if isinstance(raw, Lit) and isinstance(raw.value, int):
            return str(int(raw.value))
        if raw not in atoms:
            atoms.append(raw)
        return f"{{{atoms.index(raw)}}}"

    def _value(
        self, value: Value, entries: list[str], atoms: list[Atom], node: ast.AST
    ) -> None:
        frame = self.frame
        match frame.content(value, node):
            case Struct(Layout("slice"), parts):
                ends = [self._end(part, atoms, node) for part in parts]
                entries.append(":".join(ends if ends[2] else ends[:2]))
            case TupleValue(items):
                for item in items:
                    self._value(item, entries, atoms, node)
            case Lit(value=None):
                entries.append("None")
            case Lit(value="...") | Lit(value="Ellipsis"):
                entries.append("...")
            case Var(type=Array(dtype, _)) as array:
                if is_differentiable(dtype):
                    raise frame.refuse(node, "an index of floats", "use ints")
                entries.append(self._hole(array, atoms))
            case Struct(Layout("list"), items):
                numbers = [frame.emitter.raw(i) if isinstance(i, Var) else i for i in items]
                if all(isinstance(n, Lit) and isinstance(n.value, int) for n in numbers):
                    entries.append(repr([n.value for n in numbers if isinstance(n, Lit)]))
                else:
                    made = frame.content(self.array_of(value, node), node)
                    self._value(made, entries, atoms, node)
            case (Var() | Lit() | Undef()) as atom:
                entries.append(
                    self._hole(
                        frame.as_int(frame.as_number(atom, node), node, "an index"), atoms
                    )
                )
            case other:
                raise frame.refuse(node, f"{describe(other)} as an index", "use ints or slices")

    def read(self, container: Ref, index: Index, node: ast.AST) -> Value:
        array = self.array(container, node)
        if index.kind == "element":
            return self.let("get", (array, *self.ints(index)), node)
        if index.kind == "copy":
            at = Lit(index.text, Opaque("str"))
            made = self.fresh(self.let("pick", (array, at, *index.atoms), node))
            assert isinstance(made, Ref)
            self.picked.add(made.obj)
            return made
        return self.view(container, index, node)

    def ints(self, index: Index) -> tuple[Atom, ...]:
        """The indices of one element, as atoms."""
        parts = index.text.split(", ")
        return tuple(
            index.atoms[int(part[1:-1])] if part.startswith("{") else Lit(int(part), INT)
            for part in parts
        )

    def rank(self, container: Ref) -> int:
        type_ = self.array(container, self.frame.at_hand or self.frame.function.node).type
        assert isinstance(type_, Array)
        return len(type_.dims)

    def array(self, container: Value, node: ast.AST) -> Var:
        content = self.frame.content(container, node)
        assert isinstance(content, Var)
        assert isinstance(content.type, Array)
        return content

    def write(self, container: Ref, index: Index, value: Value, node: ast.AST) -> None:
        """`A[index] = value`"""
        if isinstance(value, Ref) and self.same_part(value, container, index):
            return  # what an operation in place has written there already
        atom = self.atom(value, node)
        self.check_cast(container, atom, node)
        self.change("put", container, index, atom, node)

    def same_part(self, value: Ref, container: Ref, index: Index) -> bool:
        match value.obj.part:
            case (Ref(obj), text, atoms):
                return obj is container.obj and text == index.text and atoms == index.atoms
            case _:
                return False

    def change(self, op: str, container: Ref, index: Index, atom: Atom, node: ast.AST) -> None:
        root, text, atoms = self.root(container)
        text, atoms = joined(text, atoms, index.text, index.atoms)
        array = self.array(root, node)
        assert isinstance(array.type, Array)
        atom = self.frame.emitter.raw(atom)
        if is_array(atom.type) and "flat" in text.split("]["):
            # There NumPy cuts off, or begins again, what has not the right size.
            part = self.let("view", (array, Lit(text, Opaque("str")), *atoms), node)
            shape = self.let("shape", (part,), node)
            atom = self.let("np.broadcast_to", (atom, shape), node, part.type)
        whole = self.made(text.split(", "), list(atoms), len(array.type.dims))
        if whole.kind == "element" and "]" not in text and not is_array(atom.type):
            made = self.let(
                "set" if op == "put" else "acc", (array, atom, *self.ints(whole)), node
            )
        else:
            made = self.let(op, (array, atom, Lit(text, Opaque("str")), *atoms), node)
        if array.hint:
            made.hint, made.user = array.hint, array.user
        self.frame.store(root, made, node)

    def check_cast(self, container: Ref, atom: Atom, node: ast.AST) -> None:
        """What NumPy would cut off in silence is refused where it is differentiated."""
        target = self.array(container, node).type
        assert isinstance(target, Array)
        given = atom.type.dtype if isinstance(atom.type, Array) else atom.type
        if is_differentiable(given) and not is_differentiable(target.dtype):
            if isinstance(atom, Lit):
                return
            raise self.frame.refuse(
                node,
                f"a float written into an array of {target.dtype}, which cuts it off",
                "make it an array of floats: np.zeros(n), not np.zeros(n, int)",
            )

    # Arithmetic.

    def atom(self, value: Value, node: ast.AST) -> Atom:
        """A number or an array."""
        content = self.frame.content(value, node)
        if isinstance(content, Struct | TupleValue):
            content = self.frame.content(self.array_of(value, node), node)
        if isinstance(content, Var) and is_array(content.type):
            return content
        atom = self.frame.as_atom(content, node)
        return self.frame.as_number(self.frame.emitter.raw(atom), node)

    def operate(self, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
        a, b = self.atom(left, node), self.atom(right, node)
        if isinstance(op, ast.MatMult):
            return self.fresh(self.let("np.matmul", (a, b), node))
        name = lookup_operator(type(op).__name__)
        assert name is not None
        return self.fresh(self.let(name, (a, b), node))

    def operate_on_one(self, op: ast.unaryop, value: Value, node: ast.AST) -> Value:
        name = lookup_operator(type(op).__name__)
        assert name is not None
        return self.fresh(self.let(name, (self.atom(value, node),), node))

    def compare(self, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> Value:
        name = lookup_operator(type(op).__name__)
        if name is None:
            raise self.frame.refuse(node, "this comparison of arrays", "compare with < == >")
        return self.fresh(self.let(name, (self.atom(left, node), self.atom(right, node)), node))

    def in_place(self, op: ast.operator, left: Ref, right: Value, node: ast.AST) -> Value:
        """`x += v`: the array itself is changed."""
        if left.obj in self.picked and not left.obj.hint:
            return self.operate(op, left, right, node)
        atom = self.atom(right, node)
        self.check_cast(left, atom, node)
        everything = Index(WHOLE, (), "view")
        if isinstance(op, ast.Add):
            self.change("add_to", left, everything, atom, node)
        else:
            made = self.atom(self.operate(op, left, right, node), node)
            self.change("put", left, everything, made, node)
        return left

    # Functions.

    def call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """A call of a function of NumPy's or SciPy's."""
        if dotted in ("numpy.array", "numpy.asarray") and args and not self.is_array(args[0]):
            dtype = named.get("dtype") or next(iter(args[1:]), None)
            return self.array_of(args[0], node, dtype)
        if dotted.endswith(".at") and len(args) == 3:
            return self.scattered(dotted, args, node)
        if dotted in _STACKS and len(args) == 1 and not named:
            content = self.frame.content(args[0], node)
            stacked = self.of_list(content, node)
            if stacked is not None and self.rank(stacked) == _STACKS[dotted]:
                return stacked
        if dotted == "numpy.ix_" and args and not named:
            return self.crossed(args, node)
        if dotted == "numpy.fill_diagonal" and len(args) == 2 and not named:
            return self.fill_diagonal(args[0], args[1], node)
        name = lookup_array(dotted)
        if name is None:
            raise UnsupportedFunction(
                f"{dotted} is not supported", self.frame.loc(node), ADVICE
            )
        turned = dotted == "numpy.transpose" and len(args) == 1 and not named
        if turned and isinstance(args[0], Ref) and self.is_array(args[0]):
            return self.view(args[0], Index("T", (), "view"), node)
        op = ARRAY_OPS[name]
        if op.partials and len(args) == len(op.params) + 1:
            named["out"] = args.pop()
        if "out" in named:
            return self.into(dotted, args, named, node)
        where = named.pop("where", None)
        if where is not None:
            raise self.frame.refuse(node, f"{dotted} with where=", "use np.where")
        made = self.fresh(self.apply(op, args, named, node))
        if op.view != "never":
            # A change of one of them leaves the others unread.
            given = [arg for arg in (*args, *named.values()) for arg in self.arrays_in(arg)]
            origins = frozenset(origin for ref in given for origin in ref.obj.origins)
            for ref in self.arrays_in(made) if origins else ():
                ref.obj.origins = origins
                self.frame.emitter.merged = True
        return made

    def arrays_in(self, value: Value) -> list[Ref]:
        """An array, or those in a sequence."""
        if isinstance(value, Ref) and self.is_array(value):
            return [value]
        content = self.frame.emitter.heap.get(value.obj) if isinstance(value, Ref) else value
        match content:
            case TupleValue(items) | Struct(_, items):
                return [ref for item in items for ref in self.arrays_in(item)]
            case _:
                return []

    def crossed(self, args: list[Value], node: ast.AST) -> Value:
        """`np.ix_(i, j)` is `(i[:, None], j[None, :])`."""
        made = []
        for k, arg in enumerate(args):
            array = arg if self.is_array(arg) else self.array_of(arg, node)
            if not isinstance(array, Ref) or self.rank(array) != 1:
                raise self.frame.refuse(node, "np.ix_ of this", "give it arrays of one axis")
            dtype = self.array(array, node).type
            assert isinstance(dtype, Array)
            if dtype.dtype == BOOL:
                raise self.frame.refuse(node, "np.ix_ of a mask", "use np.flatnonzero")
            text = ", ".join(":" if j == k else "None" for j in range(len(args)))
            made.append(self.view(array, Index(text, (), "view"), node))
        return TupleValue(tuple(made))

    def fill_diagonal(self, array: Value, value: Value, node: ast.AST) -> Value:
        """`np.fill_diagonal(A, v)` is `A.flat[: m * m : m + 1] = v` of m columns."""
        if not isinstance(array, Ref) or not self.is_array(array) or self.rank(array) != 2:
            raise self.frame.refuse(node, "np.fill_diagonal of this", "give it a matrix")
        columns = self.size(self.array(array, node), 1, node)
        assert isinstance(columns, Var | Lit)
        end = self.let("mul", (columns, columns), node)
        step = self.let("add", (columns, Lit(1, INT)), node)
        flat = self.view(array, Index("flat", (), "view"), node)
        self.write(flat, Index(":{0}:{1}", (end, step), "view"), value, node)
        return NOTHING

    def scattered(self, dotted: str, args: list[Value], node: ast.AST) -> Value:
        """`np.add.at(x, k, v)`"""
        array, at, value = args
        if not isinstance(array, Ref) or not self.is_array(array):
            raise self.frame.refuse(node, f"{dotted} of this", "give it an array")
        if dotted not in ("numpy.add.at", "numpy.subtract.at"):
            raise self.frame.refuse(node, f"{dotted} is not supported", "write a loop")
        atom = self.atom(value, node)
        if dotted == "numpy.subtract.at":
            atom = self.let("neg", (atom,), node)
        self.check_cast(array, atom, node)
        self.change("add_at", array, self.of_value(at, self.rank(array), node), atom, node)
        return NOTHING

    def into(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """`np.add(x, y, out=z)` is `z[...] = np.add(x, y)`."""
        out = named.pop("out")
        if not isinstance(out, Ref) or not self.is_array(out):
            raise self.frame.refuse(node, f"{dotted} with this out=", "give it an array")
        made = self.call(dotted, args, named, node)
        self.write(out, Index(WHOLE, (), "view"), made, node)
        return out

    def apply(
        self, op: ArrayOp, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Var:
        renamed = KEYWORDS.get(op.name, {})
        given = {renamed.get(key, key): value for key, value in named.items()}
        rest = list(args)
        atoms: list[Atom] = []
        for param in op.params:
            if param.starred:
                atoms += [self.atom(value, node) for value in rest]
                rest.clear()
            elif param.rest:
                row = given.pop(param.name) if param.name in given else rest.pop(0)
                atoms += self.row(row, node)
            elif rest and not param.named:
                atoms.append(self.argument(op, param, rest.pop(0), node))
            elif param.name in given:
                atoms.append(self.argument(op, param, given.pop(param.name), node))
            elif param.default != REQUIRED:
                atoms.append(default(param.default))
            else:
                raise self.frame.refuse(node, f"{op.name} without {param.name}", "pass it")
        if rest or given:
            extra = ", ".join(given) or f"{len(args)} arguments"
            raise self.frame.refuse(
                node, f"{op.name} with {extra}", "leave it out, or do it in two steps"
            )
        return self.let(op.name, tuple(atoms), node, self.sized(op, tuple(atoms)))

    def row(self, value: Value, node: ast.AST) -> list[Atom]:
        """The arrays of a sequence."""
        items = self.frame.static_items(value, node)
        if items is None:
            raise self.frame.refuse(
                node, f"arrays in {describe(self.frame.content(value, node))}", "list them"
            )
        return [self.atom(item, node) for item in items]

    def argument(self, op: ArrayOp, param: Param, value: Value, node: ast.AST) -> Atom:
        """An argument: an array or a number, a literal, a shape."""
        if param.name in op.differentiable:
            return self.atom(value, node)
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
                if is_number(atom.type) or is_array(atom.type) or isinstance(atom, Lit):
                    return atom
                if isinstance(atom.type, Tuple):
                    return atom
            case _:
                pass
        raise frame.refuse(
            node, f"{describe(content)} as the {param.name} of {op.name}", "write it out"
        )

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
        parts = list(leaves(content))
        if len(parts) != 1 or not isinstance(parts[0].type, List):
            return None
        item: Type = parts[0].type.item
        while isinstance(item, List):
            item = item.item
        if not (is_array(item) or is_number(item)):
            return None
        return self.frame.allocate(self.let("from_list", (parts[0],), node))

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

    def is_array(self, value: Value) -> bool:
        if not isinstance(value, Ref):
            return isinstance(value, Var) and is_array(value.type)
        if value.obj.part is not None:
            return True
        content = self.frame.emitter.heap.get(value.obj)
        return isinstance(content, Var | Undef) and is_array(content.type)

    # Methods and attributes.

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

    def size(self, array: Var, axis: int, node: ast.AST) -> Value:
        assert isinstance(array.type, Array)
        dim = array.type.dims[axis]
        if isinstance(dim, int):
            return Lit(dim, INT)
        made = self.frame.let("dim", (array, Lit(axis, INT)), node)
        if dim != "?":
            self.frame.emitter.sizes.setdefault(made, dim)
        return made

    def sized(self, op: ArrayOp, atoms: tuple[Atom, ...]) -> Type | None:
        """The type of a result of a stated shape: `np.zeros((n, m))`."""
        at = next((k for k, p in enumerate(op.params) if p.name == "shape"), None)
        if at is None or any(param.rest for param in op.params):
            return None
        shape = atoms[at]
        sizes = self.parts_of_shape.get(shape, (shape,))
        dims = tuple(map(self.dim, sizes))
        found = result_type(op.name, atoms)
        if isinstance(found, Array) and len(found.dims) == len(dims) and "?" not in dims:
            return Array(found.dtype, dims)
        return None

    def dim(self, size: Atom) -> Dim:
        """The size that a number is, by its symbol."""
        match size:
            case Lit(int() as value) if value >= 0:
                return value
            case Var(type=type_) if type_ == INT:
                sizes = self.frame.emitter.sizes
                return sizes.setdefault(size, f"?n{len(sizes)}")
            case _:
                return "?"

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

    def length(self, value: Ref, node: ast.AST) -> Value:
        return self.size(self.array(value, node), 0, node)


def _slices(
    dims: tuple[Dim, ...], text: str
) -> Iterator[tuple[int, tuple[Dim, str, list[int]]]]:
    """The axes of a part that are slices of axes of known symbols: the size that is sliced,
    the slice, and the numbers of the indices in it."""
    if "][" in text or text in TURNS:
        return
    source = axis = 0
    for entry in entries_of(text):
        match entry:
            case ast.Slice():
                if source < len(dims) and dims[source] != "?":
                    names = [n.id for n in ast.walk(entry) if isinstance(n, ast.Name)]
                    holes = [int(name[1:]) for name in names]
                    bare = re.sub(r"_\d+", "_", ast.unparse(entry))
                    yield axis, (dims[source], bare, holes)
                source, axis = source + 1, axis + 1
            case ast.Constant(None):
                axis += 1
            case ast.Constant(int()) | ast.UnaryOp() | ast.Name():
                source += 1
            case _:
                return


def _part_key(args: tuple[Atom, ...]) -> tuple[object, ...]:
    array, at, *index = args
    assert isinstance(array.type, Array)
    assert isinstance(at, Lit)
    return (array.type.dims if "?" not in array.type.dims else (array,), at.value, *index)


def joined(
    before: str, first: tuple[Atom, ...], text: str, atoms: tuple[Atom, ...]
) -> tuple[str, tuple[Atom, ...]]:
    """An index of a part, as one of the whole: `A[i][j]` is `A[i, j]`."""
    if not before:
        return text, atoms
    if before.rpartition("][")[2] in TURNS:
        text = ":" if text == WHOLE and before.endswith("flat") else text
        return f"{before}][{_shifted(text, len(first))}", (*first, *atoms)
    shift = len(first)
    moved = _shifted(text, shift)
    if text == WHOLE:
        return before, first
    simple = all(
        part.isdecimal() or (part[0] == "{" and ":" not in part) for part in before.split(", ")
    )
    glue = ", " if simple and "[" not in before else "]["
    return f"{before}{glue}{moved}", (*first, *atoms)


def _shifted(text: str, by: int) -> str:
    import re

    return re.sub(r"{(\d+)}", lambda hole: f"{{{int(hole[1]) + by}}}", text)


__all__ = ["FALSE", "FLOAT", "Arrays", "ListValue"]
