"""Arrays and their views on the heap, their sizes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from s2sad.frontend.arrays.index import Index, joined
from s2sad.frontend.values import (
    Obj,
    Ref,
    Struct,
    TupleValue,
    Value,
)
from s2sad.ir.arrays import defaults, entries_of
from s2sad.ir.nodes import NOTHING, Atom, Lit, Undef, Var
from s2sad.ir.structure import is_turn
from s2sad.ir.types import (
    INT,
    NEVER,
    NEVER_ONE,
    Array,
    Dim,
    Opaque,
    Tuple,
    Type,
    is_array,
)
from s2sad.ops.arrays.infer import ShapeError, Undetermined

if TYPE_CHECKING:
    from s2sad.frontend.statements import Statements

# Views that are read as what these make, and written to under their own names.
_TURNED = {"T": "np.transpose", "flat": "np.ravel"}


class Basics:
    """Arrays, views, sizes."""

    def __init__(self, frame: Statements) -> None:
        self.frame = frame
        self.part_sizes: dict[tuple[object, ...], Type] = {}
        self.slice_sizes: dict[tuple[object, ...], str] = {}
        # Copies that nothing else knows of: `x[m] += v` is x[m] = x[m] + v.
        self.picked: set[Obj] = set()
        # The last primitive of arrays: its result, its name and its arguments.
        self.last: tuple[Atom, str, tuple[Atom, ...]] = NOTHING, "", ()
        self.parts_of_shape: dict[Atom, tuple[Atom, ...]] = {}

    def fresh(self, var: Atom) -> Value:
        """The value of a new result: a number, an array, or a tuple of such."""
        frame = self.frame
        match var.type:
            case Array():
                ref = frame.allocate(var)
                if self.last[0] is var:
                    self.note_order(ref, self.last[2], self.last[1])
                return ref
            case Tuple(items):
                node = frame.at_hand or frame.function.node
                parts = [
                    frame.let("item", (var, Lit(k, INT)), node, item)
                    for k, item in enumerate(items)
                ]
                return TupleValue(tuple(map(self.fresh, parts)))
            case _ if var.type == NEVER:
                return Undef(NEVER)  # of a recursion whose result is not known yet
            case _:
                return var

    def note_order(self, ref: Ref, args: tuple[Atom, ...], op: str) -> None:
        raise NotImplementedError

    def view(self, base: Ref, index: Index, node: ast.AST) -> Ref:
        obj = Obj(base.obj.origins)
        obj.part = base, index.text, index.atoms
        self.frame.emitter.views = True
        if self.frame.program.trying:
            # It raises here, where nothing of it is read too.
            self.current(obj, node)
        return Ref(obj)

    def current(self, view: Obj, node: ast.AST) -> Var:
        """What a view shows now."""
        assert view.part is not None
        base, text, atoms = view.part
        array = self.frame.content(base, node)
        assert isinstance(array, Var)
        if view.reading is not None:
            op, rest, type_, needs, before = view.reading
            if array is not before:
                # What was written to the array since shows in a view, not in a copy.
                self.frame.emitter.contiguous.update(dict.fromkeys(needs))
            known = self.frame.emitter.builder.known(op, (array, *rest))
            made = known or self.frame.let(op, (array, *rest), node, type_)
            if op in ("np.reshape", "np.ravel"):
                self.frame.emitter.dense[made] = needs
        elif text in _TURNED:
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
            own = [self.symbol("_n") if dim == NEVER_ONE else dim for dim in var.type.dims]
            var.type = Array(var.type.dtype, tuple(own))
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
        except Undetermined as error:
            raise self.frame.refuse(
                node, f"{op} here: {error}", "write out what it depends on"
            ) from None
        if op in ("view", "pick"):
            self.same_part_sizes(made, args)
            self.same_slice_sizes(made, args)
        self.open_sizes(made)
        self.read_size(made)
        self.last = made, op, args
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

    def rank(self, container: Ref) -> int:
        type_ = self.array(container, self.frame.at_hand or self.frame.function.node).type
        assert isinstance(type_, Array)
        return len(type_.dims)

    def array(self, container: Value, node: ast.AST) -> Var:
        content = self.frame.content(container, node)
        assert isinstance(content, Var)
        assert isinstance(content.type, Array)
        return content

    def is_array(self, value: Value) -> bool:
        if not isinstance(value, Ref):
            return isinstance(value, Var) and is_array(value.type)
        if value.obj.part is not None:
            return True
        content = self.frame.emitter.heap.get(value.obj)
        return isinstance(content, Var | Undef) and is_array(content.type)

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

    def size(self, array: Var, axis: int, node: ast.AST) -> Value:
        assert isinstance(array.type, Array)
        dim = array.type.dims[axis]
        if isinstance(dim, int):
            return Lit(dim, INT)
        made = self.frame.let("dim", (array, Lit(axis, INT)), node)
        if dim != "?":
            self.frame.emitter.sizes.setdefault(made, dim)
        return made

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

    def length(self, value: Ref, node: ast.AST) -> Value:
        return self.size(self.array(value, node), 0, node)


def _slices(
    dims: tuple[Dim, ...], text: str
) -> Iterator[tuple[int, tuple[Dim, str, list[int]]]]:
    """The axes of a part that are slices of axes of known symbols: the size that is sliced,
    the slice, and the numbers of the indices in it."""
    if "][" in text or is_turn(text):
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
