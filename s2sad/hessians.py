"""`hessian`: second derivatives, forward over reverse.

hessian(f)(x)           in the place of each number of the gradient its derivative in x
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from s2sad.api import Derivative
from s2sad.argnums import Argnums
from s2sad.compile import Mode
from s2sad.errors import NotDifferentiable
from s2sad.forward import Curvature
from s2sad.ir.types import Array
from s2sad.jacobians import Jacobian, Slope, blocks_of, has_lists
from s2sad.modes import Hvp
from s2sad.specialised import Function
from s2sad.transform.forward.sizes import NoVector
from s2sad.trees import is_array, leaves, mapped


class Curve(Derivative):
    """The Hessian of a function of numbers, forward over reverse, symmetric to the bit."""

    part = 1
    _mode: Mode = Curvature


class Hessian:
    """`hessian(f)(*args)`: forward over reverse, (H + Hᵀ)/2.

    source, emitted: those of the pass over all directions at once, which returns
    (gradient, Hessian).
    """

    def __init__(self, primal: Function, argnums: Argnums, optimize: int) -> None:
        self.primal = primal
        self._bare = isinstance(argnums, (int, str))
        self._options = argnums, optimize
        self._curve = Curve(primal, argnums, False, optimize)
        self._jacobian = Jacobian(primal, argnums, "forward", optimize)
        self._product: Hvp | None = None

    def __call__(self, *args: Any) -> Any:
        try:
            if not any(map(has_lists, self._jacobian._types(args))):
                return self._curve(*args)
        except NoVector:
            pass
        except NotDifferentiable:
            if _returns_scalar(self._curve, self._jacobian, args):
                raise
            return self._of_a_structure(args)
        return self._by_products(args)

    def _of_a_structure(self, args: Sequence[Any]) -> Any:
        """For a result of several numbers: the Hessian of each, forward over forward."""
        argnums, optimize = self._options
        slope = Slope(self.primal, argnums, False, optimize)
        found = Slope(slope, argnums, False, optimize)(*args)
        inputs = list(self._jacobian._inputs(args))
        tensors = list(leaves(found))
        size = len(inputs) ** 2
        made: list[Any] = []
        for start in range(0, len(tensors), size):
            made += _symmetric(tensors[start : start + size], inputs)
        given = iter(made)
        return mapped(found, lambda _: next(given))

    def _by_products(self, args: Sequence[Any]) -> Any:
        """With lists of unknown length: a product with each unit vector."""
        jacobian = self._jacobian
        argnums, optimize = self._options
        made = self._product = self._product or Hvp(self.primal, argnums, optimize)
        columns = []
        for direction in jacobian._units(args):
            columns.append(list(leaves(made._made.at(args, direction)[1])))
        inputs = list(jacobian._inputs(args))
        blocks = [blocks_of(column, inputs, -1) for column in zip(*columns, strict=True)]
        size = len(inputs)
        mean = _symmetric([block for row in blocks for block in row], inputs)
        rows = iter([mean[k : k + size] for k in range(0, size**2, size)])

        def row() -> Any:
            given = iter(next(rows))
            shaped = tuple(jacobian._trees(args, lambda: next(given)))
            return shaped[0] if self._bare else shaped

        found = tuple(jacobian._trees(args, row))
        return found[0] if self._bare else found

    @property
    def source(self) -> str:
        return self._curve.source

    @property
    def emitted(self) -> Callable[..., Any]:
        return self._curve.emitted


def _symmetric(blocks: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """The blocks of a Hessian, row by row, each the mean with the one that mirrors it."""
    size = len(inputs)
    return [
        _mean(blocks[i * size + j], blocks[j * size + i], _rank(inputs[i]), _rank(inputs[j]))
        for i in range(size)
        for j in range(size)
    ]


def _rank(leaf: Any) -> int:
    return len(getattr(leaf, "shape", ()))


def _mean(block: Any, other: Any, rows: int, columns: int) -> Any:
    """The mean of two blocks; the last axes of the one are, in `rows` and `columns`, those of
    the other in the other order."""
    if not is_array(block):
        return 0.5 * (block + other)
    first = block.ndim - rows - columns
    axes = (*range(first), *range(first + columns, block.ndim), *range(first, first + columns))
    return 0.5 * (block + other.transpose(axes))


def _returns_scalar(curve: Curve, jacobian: Jacobian, args: Sequence[Any]) -> bool:
    types = curve._types(curve._bind(*curve._with_given(tuple(args), {})))
    lowered = curve._inner.lower(types, jacobian._names)
    entry = lowered.module.funcs[lowered.module.entry]
    if not isinstance(entry.structure, int):
        return False
    return not isinstance(entry.body.yields[entry.structure].type, Array)


def hessian(
    f: Function, argnums: Argnums = 0, *, sparse: bool = False, optimize: int = 1
) -> Any:
    """The Hessian, symmetric to the bit: the structure of x in that of x. Of a function that
    returns several numbers, one for each of them.

    sparse: a `scipy.sparse.csr_array`, of a function of one array.
    """
    if sparse:
        from s2sad.sparse import SparseHessian

        return SparseHessian(f, argnums, optimize)
    return Hessian(f, argnums, optimize)
