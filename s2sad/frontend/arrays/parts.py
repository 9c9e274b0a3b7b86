"""Parts of arrays, read and written; arithmetic, in place too."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.frontend.arrays.index import WHOLE, Index, joined
from s2sad.frontend.arrays.making import Making
from s2sad.frontend.values import (
    Layout,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
)
from s2sad.ir.nodes import Atom, Lit, Undef, Var
from s2sad.ir.types import (
    INT,
    NONE,
    Array,
    Opaque,
    is_array,
    is_differentiable,
)
from s2sad.ops.core import lookup_operator

if TYPE_CHECKING:
    pass


class Parts(Making):
    """`A[i, 1:]`, `A[m] = v`, `A += v`"""

    def index(self, node: ast.expr, rank: int) -> Index:
        nodes = node.elts if isinstance(node, ast.Tuple) else [node]
        entries: list[str] = []
        atoms: list[Atom] = []
        self._entries(nodes, entries, atoms)
        return self.made(entries, atoms, rank)

    def made(self, entries: list[str], atoms: list[Atom], rank: int) -> Index:
        others = [entry for entry in entries if entry != "..."]
        if len(others) == rank and all(map(_is_plain, others)) and not _arrays(atoms):
            entries = others  # It stands for no axis.
        fancy = any(is_array(atom.type) for atom in atoms) or any("[" in e for e in entries)
        plain = all(map(_is_plain, entries))
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
        part = container.obj.part
        if part is not None and part[1] == "flat" and container.obj.reading is None:
            # A slice of `x.flat` is a copy, that of x.ravel() is none.
            text = Lit(index.text, Opaque("str"))
            seen = self.let("view", (array, text, *index.atoms), node)
            copied = self.fresh(self.let("copy", (seen,), node))
            assert isinstance(copied, Ref)
            self.picked.add(copied.obj)
            return copied
        return self.view(container, index, node)

    def ints(self, index: Index) -> tuple[Atom, ...]:
        """The indices of one element, as atoms."""
        parts = index.text.split(", ")
        return tuple(
            index.atoms[int(part[1:-1])] if part.startswith("{") else Lit(int(part), INT)
            for part in parts
        )

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
        self.need_order(container)
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
        dense = self.frame.emitter.dense
        if array in dense:
            dense[made] = dense[array]
        if array.hint:
            made.hint, made.user = array.hint, array.user
        self.frame.store(root, made, node)

    def need_order(self, ref: Ref) -> None:
        raise NotImplementedError

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


def _is_plain(entry: str) -> bool:
    """Is an entry of an index a number?"""
    return entry.lstrip("-").isdecimal() or (entry.startswith("{") and ":" not in entry)


def _arrays(atoms: Sequence[Atom]) -> bool:
    return any(is_array(atom.type) for atom in atoms)
