"""`jacobian`, and first derivatives by forward mode.

jacobian(f)(x)          in the place of each number of the result its derivative in x
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from s2sad.api import Derivative
from s2sad.argnums import Argnums
from s2sad.compile import Mode
from s2sad.forward import Slopes
from s2sad.ir.nodes import indices
from s2sad.ir.paths import path_of
from s2sad.ir.types import Array, List, Record, Tuple, Type
from s2sad.modes import Pulled, Pushed, float_type
from s2sad.specialised import Function
from s2sad.transform.forward.sizes import NoVector
from s2sad.trees import (
    copied,
    count_of,
    is_array,
    leaves,
    mapped,
    size_of,
    typed,
    units,
    zero,
)


class Slope(Derivative):
    """The derivative by forward mode: a number, or the structure of the arguments.

    For a result that is a structure, that of each of its numbers.
    """

    part = 1
    _mode: Mode = Slopes


def has_lists(type_: Type) -> bool:
    match type_:
        case List():
            return True
        case Tuple(items) | Record(_, _, items):
            return any(map(has_lists, items))
        case _:
            return False


class Jacobian:
    """`jacobian(f)(*args)`.

    source, emitted: those of the forward pass over all unit directions at once, which
    returns (value, Jacobian). `mode` tells how the last call was computed.
    """

    def __init__(
        self, primal: Function, argnums: Argnums, mode: str | None, optimize: int
    ) -> None:
        if mode not in (None, "forward", "reverse"):
            raise ValueError(f"mode is 'forward', 'reverse' or None, not {mode!r}")
        self.primal = primal
        self.mode = mode
        self._wished = mode
        self._bare = isinstance(argnums, (int, str))
        self._slope = Slope(primal, argnums, False, optimize)
        names = self._slope._wish.wrt
        self._tangent = Pushed(primal, names, False, optimize)
        self._cotangent = Pulled(primal, names, False, optimize)
        self._names = names
        self._sizes: dict[tuple[Any, ...], int] = {}
        # Arguments of such types go one direction after the other.
        self._one_by_one: set[tuple[Type, ...]] = set()

    def __call__(self, *args: Any) -> Any:
        types = self._types(args)
        inputs = list(self._inputs(args))
        count = sum(map(size_of, inputs))
        if any(map(has_lists, types)):
            return self._by_directions(args, count)
        self.mode = self._wished or ("reverse" if self._size(args) < count else "forward")
        if self.mode == "reverse":
            return self._rows(args)
        if types not in self._one_by_one:
            try:
                return self._slope(*args)
            except NoVector:
                self._one_by_one.add(types)
        return self._by_directions(args, count)

    def _types(self, args: Sequence[Any]) -> tuple[Type, ...]:
        bound = self._tangent.bound(args)
        return tuple(float_type(name, bound) for name in self._names)

    def _inputs(self, args: Sequence[Any]) -> Iterator[Any]:
        """The numbers and arrays that are differentiated by."""
        found: list[Any] = []
        for tree, type_ in zip(self._at(args), self._types(args), strict=True):
            typed(tree, type_, found.append)
        return iter(found)

    def _size(self, args: Sequence[Any]) -> int:
        """How many numbers the function returns."""
        tangent = self._tangent
        types = tangent._types(tangent.bound(args))
        shapes = tuple(leaf.shape for leaf in leaves(args) if is_array(leaf))
        key = (*types.values(), *shapes)
        if key not in self._sizes:
            lowered = tangent._inner.lower(types, self._names)
            entry = lowered.module.funcs[lowered.module.entry]
            results = [entry.body.yields[k] for k in indices(entry.structure)]
            size = len(results)
            if any(isinstance(result.type, Array) for result in results):
                size = count_of(self.primal(*map(copied, args)))
            self._sizes[key] = size
        return self._sizes[key]

    def _at(self, args: Sequence[Any]) -> list[Any]:
        bound = self._tangent.bound(args)
        return [_picked(bound, name) for name in self._names]

    def _by_directions(self, args: Sequence[Any], count: int) -> Any:
        """With lists of unknown length, and where several directions at once cannot be: a
        pass for each direction."""
        self.mode = self._wished or "forward"
        if self.mode == "reverse":
            return self._rows(args)
        columns: list[list[Any]] = []
        value: Any = None
        for direction in self._units(args):
            value, tangent = self._tangent.at(args, direction)
            columns.append(list(leaves(tangent)))
            if self._wished is None and sum(map(size_of, columns[0])) < count:
                self.mode = "reverse"
                return self._rows(args)
        inputs = list(self._inputs(args))
        blocks = [blocks_of(column, inputs, -1) for column in zip(*columns, strict=True)]
        return self._assembled(args, value, blocks)

    def _units(self, args: Sequence[Any]) -> Iterator[list[Any]]:
        """The unit directions in the structure of the arguments."""
        inputs = list(self._inputs(args))
        for k, leaf in enumerate(inputs):
            for unit in units(leaf):
                given = iter([unit if j == k else zero(one) for j, one in enumerate(inputs)])
                yield self._trees(args, given.__next__)

    def _trees(self, args: Sequence[Any], leaf: Callable[[], Any]) -> list[Any]:
        """The arguments with something else in the place of each float or array."""
        return [
            typed(tree, type_, lambda _: leaf())
            for tree, type_ in zip(self._at(args), self._types(args), strict=True)
        ]

    def _assembled(self, args: Sequence[Any], value: Any, blocks: Sequence[list[Any]]) -> Any:
        """The blocks in the structure of the arguments in that of the result."""
        rows = iter(blocks)

        def row() -> Any:
            given = iter(next(rows))
            shaped = tuple(self._trees(args, lambda: next(given)))
            return shaped[0] if self._bare else shaped

        return mapped(value, lambda _: row())

    def _rows(self, args: Sequence[Any]) -> Any:
        """By reverse mode: a pass for each number of the result."""
        value, record = self._cotangent.recorded.at(copied(tuple(args)), [])
        backward = self._cotangent.replayed.compiled(args)
        outputs = list(leaves(copied(value)))
        inputs = list(self._inputs(args))
        blocks = []
        for k, leaf in enumerate(outputs):
            rows = []
            for unit in units(leaf):
                given = iter([unit if j == k else zero(o) for j, o in enumerate(outputs)])
                cotangent = mapped(value, _next_of(given))
                rows.append(list(leaves(copied(backward(record, cotangent)))))
            columns = zip(*rows, strict=True)
            found = zip(columns, inputs, strict=True)
            blocks.append([_stacked(column, leaf, one) for column, one in found])
        return self._assembled(args, value, blocks)

    @property
    def source(self) -> str:
        return self._slope.source

    @property
    def emitted(self) -> Callable[..., Any]:
        return self._slope.emitted

    def __repr__(self) -> str:
        return f"<jacobian with respect to {', '.join(self._names)}>"


def blocks_of(column: Sequence[Any], inputs: Sequence[Any], axis: int) -> list[Any]:
    """The derivatives of one result in each of the inputs, from those in all directions."""
    found = []
    start = 0
    for leaf in inputs:
        part = column[start : start + size_of(leaf)]
        start += len(part)
        of = getattr(column[0], "shape", ()) if column else ()
        shape = (*of, *getattr(leaf, "shape", ())) if column else ()
        found.append(_reshaped(part, shape, axis))
    return found


def _stacked(rows: Sequence[Any], result: Any, leaf: Any) -> Any:
    """The derivative of a result in an input, row by row."""
    shape = (*getattr(result, "shape", ()), *getattr(leaf, "shape", ()))
    return _reshaped(rows, shape, 0)


def _reshaped(parts: Sequence[Any], shape: tuple[int, ...], axis: int) -> Any:
    if not shape and len(parts) == 1:
        return parts[0]
    import numpy as np

    if not parts:
        return np.zeros(shape)
    return np.stack([np.asarray(part) for part in parts], axis).reshape(shape)


def _picked(bound: Any, name: str) -> Any:
    """A part of an argument."""
    path = path_of(name)
    assert path is not None
    tree = bound[path.name]
    for key, attribute in path.steps:
        tree = getattr(tree, str(key)) if attribute else tree[key]
    return tree


def jacobian(
    f: Function,
    argnums: Argnums = 0,
    *,
    mode: str | None = None,
    sparse: bool = False,
    optimize: int = 1,
) -> Any:
    """The Jacobian, (outputs × inputs): `jacobian(f)(x)` has the structure of f(x), and in
    the place of each number its derivatives in the structure of x; of arrays the shape is
    that of the result and then that of x.

    mode: "forward", "reverse", or None for the cheaper by the number of inputs and outputs.
    sparse: a `scipy.sparse.csr_array`, of a function of one array, in as many passes as it
    takes to tell its columns apart.
    """
    if sparse:
        from s2sad.sparse import SparseJacobian

        return SparseJacobian(f, argnums, optimize)
    return Jacobian(f, argnums, mode, optimize)


def _next_of(given: Iterator[Any]) -> Callable[[Any], Any]:
    return lambda _: next(given)
