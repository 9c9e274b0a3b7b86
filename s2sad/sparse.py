"""Sparse Jacobians and Hessians: `jacobian(f, sparse=True)`, `hessian(f, sparse=True)`.

The pattern says which entries may be anything but zero (`sparsity`). Columns that share no
row are evaluated in one pass: they have one colour, and the passes are as many as the
colours. A Hessian is symmetric, and an entry may be read from either of its two columns: a
star colouring.

Sources: Curtis, Powell & Reid 1974; Coleman & Moré 1984; Gebremedhin, Manne & Pothen 2005,
"What color is your Jacobian?", algorithm 4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse

from s2sad.argnums import Argnums
from s2sad.compile import Wish
from s2sad.errors import TypeRefused
from s2sad.forward import gradient_of
from s2sad.ir.nodes import Module, indices
from s2sad.ir.types import is_differentiable
from s2sad.modes import Hvp, Pushed
from s2sad.sparsity.run import Run, names_in
from s2sad.sparsity.values import VARIED, Known, Unknown, constant, equal
from s2sad.specialised import Function
from s2sad.trees import is_array

Matrix = Any


class Sparse:
    """What both have in common. Called, it returns a `scipy.sparse.csr_array` of the shape
    (outputs, inputs), arrays of more axes flattened.

    pattern(x): where entries may be. passes: how many directions the last call took.
    dense_because: why the last pattern is a full one, if that is for want of knowledge.
    """

    def __init__(self, primal: Function, argnums: Argnums, optimize: int) -> None:
        if not isinstance(argnums, (int, str)):
            raise TypeError(
                "a sparse derivative is in one argument: argnums is an int or a name"
            )
        self.primal = primal
        self.passes = 0
        self.dense_because = ""
        self._tangent = Pushed(primal, argnums, False, optimize)
        self._known: dict[Any, tuple[dict[str, Any], Matrix, Any]] = {}

    def _module(self, args: Sequence[Any]) -> Module:
        """The function whose Jacobian it is."""
        derivative = self._tangent
        types = derivative._types(derivative.bound(args))
        return derivative._inner.lower(types, derivative._wish.wrt).module

    def _colours(self, pattern: Matrix) -> Any:
        raise NotImplementedError

    def _at(self, args: Sequence[Any]) -> Any:
        """The argument that is differentiated by."""
        x = self._tangent.bound(args)[self._tangent._wish.wrt[0]]
        if not is_array(x):
            raise TypeRefused(f"a sparse derivative in {x!r}", None, "give an array")
        return x

    def pattern(self, *args: Any) -> Matrix:
        """A matrix of bools: True where there may be an entry at any point, for arguments
        of these sizes."""
        return self._prepared(args)[0]

    def _prepared(self, args: Sequence[Any]) -> tuple[Matrix, Any]:
        bound = self._tangent.bound(args)
        types = tuple(self._tangent._types(bound).values())
        plain = tuple(map(_fixed, bound.values()))
        known = self._known.get((types, plain))
        if known is not None and all(equal(self._name(n), v) for n, v in known[0].items()):
            return known[1:]
        reads: dict[str, Any] = {}
        pattern = self._traced(args, reads)
        found = pattern, self._colours(pattern)
        self._known[types, plain] = (reads, *found)
        return found

    def _name(self, text: str) -> Any:
        root = self._tangent._root
        cells = zip(root.__code__.co_freevars, root.__closure__ or (), strict=True)
        return names_in(
            {"np": np}, root.__globals__, {name: c.cell_contents for name, c in cells}
        )(text)

    def _traced(self, args: Sequence[Any], reads: dict[str, Any]) -> Matrix:
        module = self._module(args)
        func = module.funcs[module.entry]
        x = self._at(args)
        wrt = self._tangent._wish.wrt[0]
        bound = self._tangent.bound(args)

        def read(text: str) -> Any:
            found = self._name(text)
            reads[text] = found.copy() if is_array(found) else found
            return found

        given: list[Any] = [None] * len(func.params)
        self.dense_because = ""
        try:
            for name, structure in func.signature:
                if not isinstance(structure, int):
                    raise Unknown("arguments in structures")
                value = bound[name]
                if name == wrt:
                    eye = np.eye(x.size, dtype=bool).reshape(*x.shape, x.size)
                    given[structure] = Known(VARIED, x.shape, eye)
                elif is_differentiable(func.params[structure].type):
                    if not isinstance(value, int | float) and not is_array(value):
                        raise Unknown("arguments in structures")
                    given[structure] = Known(VARIED, np.shape(value))
                else:
                    given[structure] = constant(value)
            run = Run(module, x.size, read)
            results = run.call(func, given)
        except Unknown as error:
            self.dense_because = str(error)
            size = self._outputs(args)
            return scipy.sparse.csr_array(np.ones((size, x.size), bool))
        rows = []
        for k in indices(func.structure):
            result = results[k]
            if not isinstance(result, Known):
                raise TypeRefused("a sparse derivative of a list", None, "return an array")
            size = int(np.prod(result.shape))
            mask = result.mask
            if mask is None:
                mask = np.zeros((size, x.size), bool)
            rows.append(scipy.sparse.csr_array(mask.reshape(size, x.size)))
        return scipy.sparse.vstack(rows, "csr")

    def _outputs(self, args: Sequence[Any]) -> int:
        raise NotImplementedError


class SparseJacobian(Sparse):
    """`jacobian(f, sparse=True)(x)`."""

    def __call__(self, *args: Any) -> Matrix:
        pattern, colours = self._prepared(args)
        x = self._at(args)
        self.passes = int(colours.max(initial=-1)) + 1
        parts = []
        for colour in range(self.passes):
            seed = (colours == colour).astype(float).reshape(x.shape)
            parts.append(_flat(self._tangent.at(args, [seed])[1]))
        rows, columns = pattern.nonzero()
        compressed = np.stack(parts, 1) if parts else np.zeros((pattern.shape[0], 1))
        values = compressed[rows, colours[columns]]
        return scipy.sparse.csr_array((values, (rows, columns)), pattern.shape)

    def _colours(self, pattern: Matrix) -> Any:
        return column_colours(pattern)

    def _outputs(self, args: Sequence[Any]) -> int:
        x = self._at(args)
        return int(_flat(self._tangent.at(args, [np.zeros(x.shape)])[1]).size)


class SparseHessian(Sparse):
    """`hessian(f, sparse=True)(x)`: symmetric to the bit."""

    def __init__(self, primal: Function, argnums: Argnums, optimize: int) -> None:
        super().__init__(primal, argnums, optimize)
        self._product = Hvp(primal, argnums, optimize)._made

    def _module(self, args: Sequence[Any]) -> Module:
        derivative = self._tangent
        types = derivative._types(derivative.bound(args))
        lowered = derivative._inner.lower(types, derivative._wish.wrt)
        wish = Wish(derivative._wish.wrt, True, None, derivative._wish.level)
        return gradient_of(lowered, wish).module

    def __call__(self, *args: Any) -> Matrix:
        pattern, colours = self._prepared(args)
        x = self._at(args)
        self.passes = int(colours.max(initial=-1)) + 1
        parts = []
        for colour in range(self.passes):
            seed = (colours == colour).astype(float).reshape(x.shape)
            parts.append(_flat(self._product.at(args, [seed])[1]))
        rows, columns = pattern.nonzero()
        compressed = np.stack(parts, 1) if parts else np.zeros((pattern.shape[0], 1))
        # From the column of j, if no other of its colour has an entry in the row of i.
        width = compressed.shape[1]
        shared = np.bincount(rows * width + colours[columns], minlength=len(colours) * width)
        single = shared[rows * width + colours[columns]] == 1
        values = np.where(
            single, compressed[rows, colours[columns]], compressed[columns, colours[rows]]
        )
        found = scipy.sparse.csr_array((values, (rows, columns)), pattern.shape)
        return scipy.sparse.csr_array(0.5 * (found + found.T))

    def _traced(self, args: Sequence[Any], reads: dict[str, Any]) -> Matrix:
        found = super()._traced(args, reads)
        return scipy.sparse.csr_array((found + found.T).astype(bool))

    def _colours(self, pattern: Matrix) -> Any:
        return star_colours(pattern)

    def _outputs(self, args: Sequence[Any]) -> int:
        return int(self._at(args).size)


def _fixed(value: Any) -> object:
    """What a pattern may depend on: sizes, and the values of what is no float."""
    if is_array(value):
        return value.shape, b"" if value.dtype.kind in "fc" else value.tobytes()
    return None if isinstance(value, float) else repr(value)


def _flat(value: Any) -> Any:
    """All results in a row."""
    if isinstance(value, list | tuple):
        return np.concatenate([_flat(part) for part in value])
    if isinstance(value, dict):
        return _flat(list(value.values()))
    return np.ravel(np.asarray(value, float))


def column_colours(pattern: Matrix) -> Any:
    """Numbers for the columns: no two of one number have an entry in one row."""
    rows, columns = scipy.sparse.csr_array(pattern), scipy.sparse.csc_array(pattern)
    colours = np.full(pattern.shape[1], -1)
    for j in range(pattern.shape[1]):
        taken: set[int] = set()
        for i in columns.indices[columns.indptr[j] : columns.indptr[j + 1]]:
            near = rows.indices[rows.indptr[i] : rows.indptr[i + 1]]
            taken.update(colours[near].tolist())
        colours[j] = _least(taken)
    return colours


def star_colours(pattern: Matrix) -> Any:
    """Numbers for the columns of a symmetric matrix: neighbours have different ones, and so
    have two of any four in a row that are not neighbours."""
    rows = scipy.sparse.csr_array(pattern)
    size = pattern.shape[0]
    near = [
        [int(j) for j in rows.indices[rows.indptr[i] : rows.indptr[i + 1]] if j != i]
        for i in range(size)
    ]
    colours = [-1] * size
    for v in sorted(range(size), key=lambda v: (-len(near[v]), v)):
        taken: set[int] = set()
        for w in near[v]:
            if colours[w] < 0:
                taken.update(colours[x] for x in near[w])
                continue
            taken.add(colours[w])
            for x in near[w]:
                if x == v or colours[x] < 0 or colours[x] in taken:
                    continue
                if any(y != w and colours[y] == colours[w] for y in near[x]):
                    taken.add(colours[x])
        colours[v] = _least(taken)
    return np.array(colours, int)


def _least(taken: set[int]) -> int:
    colour = 0
    while colour in taken:
        colour += 1
    return colour
