"""`jacobian`, `hessian`, `linearize` and first derivatives by forward mode.

jacobian(f)(x)          in the place of each number of the result its derivative in x
hessian(f)(x)           in the place of each number of the gradient its derivative in x
linearize(f, x0)        f(x0) + J (x - x0), to be called at x
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from s2sad.api import Argnums, Derivative, Function
from s2sad.compile import Mode
from s2sad.errors import NotDifferentiable
from s2sad.forward import Curvature, Slopes
from s2sad.ir.nodes import indices
from s2sad.ir.paths import path_of
from s2sad.ir.types import List, Record, Tuple, Type
from s2sad.modes import Directed, Hvp, Pulled, Pushed, float_type
from s2sad.trees import copied, floats, mapped, numbers, typed


class Slope(Derivative):
    """The derivative by forward mode: a number, or the structure of the arguments.

    For a result that is a structure, that of each of its numbers.
    """

    part = 1
    _mode: Mode = Slopes


class Curve(Derivative):
    """The Hessian of a function of numbers, forward over reverse, symmetric to the bit."""

    part = 1
    _mode: Mode = Curvature


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
        self._sizes: dict[tuple[Type, ...], int] = {}

    def __call__(self, *args: Any) -> Any:
        types = self._types(args)
        count = sum(1 for name in self._names for _ in self._floats(args, name))
        if any(map(has_lists, types)):
            return self._by_directions(args, count)
        self.mode = self._wished or ("reverse" if self._size(args) < count else "forward")
        if self.mode == "forward":
            return self._slope(*args)
        return self._rows(args)

    def _types(self, args: Sequence[Any]) -> list[Type]:
        bound = self._tangent.bound(args)
        return [float_type(name, bound) for name in self._names]

    def _floats(self, args: Sequence[Any], name: str) -> Iterator[float]:
        bound = self._tangent.bound(args)
        return floats(_picked(bound, name), float_type(name, bound))

    def _size(self, args: Sequence[Any]) -> int:
        """How many numbers the function returns."""
        tangent = self._tangent
        types = tangent._types(tangent.bound(args))
        key = tuple(types.values())
        if key not in self._sizes:
            lowered = tangent._inner.lower(types, self._names)
            entry = lowered.module.funcs[lowered.module.entry]
            self._sizes[key] = len(list(indices(entry.structure)))
        return self._sizes[key]

    def _at(self, args: Sequence[Any]) -> list[Any]:
        bound = self._tangent.bound(args)
        return [_picked(bound, name) for name in self._names]

    def _by_directions(self, args: Sequence[Any], count: int) -> Any:
        """With lists of unknown length: a pass for each direction."""
        self.mode = self._wished or "forward"
        if self.mode == "reverse":
            return self._rows(args)
        columns: list[Any] = []
        value: Any = None
        for k in range(count):
            value, tangent = self._tangent.at(args, self._unit(args, k))
            columns.append(list(numbers(tangent)))
            if self._wished is None and len(columns[0]) < count:
                self.mode = "reverse"
                return self._rows(args)
        rows = iter(zip(*columns, strict=True))
        return mapped(value, lambda _: self._shaped(args, next(rows)))

    def _unit(self, args: Sequence[Any], k: int) -> list[Any]:
        """The k-th unit direction in the structure of the arguments."""
        at = iter(range(k, k - 10**9, -1))
        return [
            typed(tree, type_, lambda _: 1.0 if next(at) == 0 else 0.0)
            for tree, type_ in zip(self._at(args), self._types(args), strict=True)
        ]

    def _shaped(self, args: Sequence[Any], row: Sequence[float]) -> Any:
        """Numbers in the structure of the arguments."""
        given = iter(row)
        shaped = tuple(
            typed(tree, type_, lambda _: next(given))
            for tree, type_ in zip(self._at(args), self._types(args), strict=True)
        )
        return shaped[0] if self._bare else shaped

    def _rows(self, args: Sequence[Any]) -> Any:
        """By reverse mode: a pass for each number of the result."""
        value = self.primal(*map(copied, args))

        def row(number: int) -> Any:
            at = iter(range(number, number - 10**9, -1))
            unit = mapped(value, lambda _: 1.0 if next(at) == 0 else 0.0)
            gradient = self._cotangent.at(args, [unit])[1]
            return gradient[0] if self._bare else gradient

        places = iter(range(10**9))
        return mapped(value, lambda _: row(next(places)))

    @property
    def source(self) -> str:
        return self._slope.source

    @property
    def emitted(self) -> Callable[..., Any]:
        return self._slope.emitted

    def __repr__(self) -> str:
        return f"<jacobian with respect to {', '.join(self._names)}>"


def _picked(bound: Any, name: str) -> Any:
    """A part of an argument."""
    path = path_of(name)
    assert path is not None
    tree = bound[path.name]
    for key, attribute in path.steps:
        tree = getattr(tree, str(key)) if attribute else tree[key]
    return tree


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
        except NotDifferentiable:
            if _returns_scalar(self._curve, self._jacobian, args):
                raise
            return self._of_a_structure(args)
        return self._by_products(args)

    def _of_a_structure(self, args: Sequence[Any]) -> Any:
        """For a result of several numbers: the Hessian of each, forward over forward."""
        argnums, optimize = self._options
        slope = Slope(self.primal, argnums, False, optimize)
        return Slope(slope, argnums, False, optimize)(*args)

    def _by_products(self, args: Sequence[Any]) -> Any:
        """With lists of unknown length: a product with each unit vector."""
        jacobian = self._jacobian
        count = sum(1 for name in jacobian._names for _ in jacobian._floats(args, name))
        argnums, optimize = self._options
        made = self._product = self._product or Hvp(self.primal, argnums, optimize)
        columns = []
        for k in range(count):
            product = made._made.at(args, jacobian._unit(args, k))[1]
            columns.append(list(numbers(product)))
        matrix = [
            [0.5 * (columns[i][j] + columns[j][i]) for i in range(count)] for j in range(count)
        ]
        rows = iter(matrix)
        return self._shaped(args, lambda: jacobian._shaped(args, next(rows)))

    def _shaped(self, args: Sequence[Any], row: Callable[[], Any]) -> Any:
        jacobian = self._jacobian
        shaped = tuple(
            typed(tree, type_, lambda _: row())
            for tree, type_ in zip(jacobian._at(args), jacobian._types(args), strict=True)
        )
        return shaped[0] if self._bare else shaped

    @property
    def source(self) -> str:
        return self._curve.source

    @property
    def emitted(self) -> Callable[..., Any]:
        return self._curve.emitted


def _returns_scalar(curve: Curve, jacobian: Jacobian, args: Sequence[Any]) -> bool:
    types = curve._types(curve._bind(*curve._with_given(tuple(args), {})))
    lowered = curve._inner.lower(types, jacobian._names)
    return isinstance(lowered.module.funcs[lowered.module.entry].structure, int)


class Linearization:
    """The affine function that f is close to around x0 (the lecture's equation 53).

    x0: where; value: f(x0); jacobian: the derivative there. Called at x, it returns
    value + jacobian (x - x0).
    """

    def __init__(self, f: Function, x0: Any, optimize: int) -> None:
        self.x0 = x0
        probe = Pushed(f, 0, False, optimize)
        self._several = len(required(probe)) > 1
        args = tuple(x0) if self._several else (x0,)
        argnums: Argnums = tuple(range(len(args))) if self._several else 0
        self._jacobian = Jacobian(f, argnums, None, optimize)
        self._args = args
        self._types = self._jacobian._types(args)
        self._at = [*self._flat(args)]
        self.jacobian = self._jacobian(*args)
        self.value = f(*args)

    def _flat(self, args: Sequence[Any]) -> Iterator[float]:
        for tree, type_ in zip(args, self._types, strict=True):
            yield from floats(tree, type_)

    def __call__(self, *x: Any) -> Any:
        args = x[0] if self._several and len(x) == 1 else x
        step = [a - b for a, b in zip(self._flat(args), self._at, strict=True)]
        rows = iter(_rows_of(self.jacobian, len(step)))

        def moved(number: float) -> float:
            return number + sum(a * d for a, d in zip(next(rows), step, strict=True))

        return mapped(self.value, moved)

    def __repr__(self) -> str:
        return f"<linearization at {self.x0!r}: {self.value!r} + {self.jacobian!r} (x - x0)>"


def _rows_of(jacobian: Any, count: int) -> list[list[float]]:
    flat = list(numbers(jacobian))
    return [flat[k : k + count] for k in range(0, len(flat), count)]


def required(derivative: Directed) -> list[str]:
    """The parameters that have no default."""
    given = inspect.signature(derivative._root).parameters
    return [
        name
        for name in derivative.free
        if name not in given or given[name].default is inspect.Parameter.empty
    ]


def jacobian(
    f: Function, argnums: Argnums = 0, *, mode: str | None = None, optimize: int = 1
) -> Jacobian:
    """The Jacobian, (outputs × inputs): `jacobian(f)(x)` has the structure of f(x), and in
    the place of each number its derivatives in the structure of x.

    mode: "forward", "reverse", or None for the cheaper by the number of inputs and outputs.
    """
    return Jacobian(f, argnums, mode, optimize)


def hessian(f: Function, argnums: Argnums = 0, *, optimize: int = 1) -> Hessian:
    """The Hessian, symmetric to the bit: the structure of x in that of x. Of a function that
    returns several numbers, one for each of them."""
    return Hessian(f, argnums, optimize)


def linearize(f: Function, x0: Any, *, optimize: int = 1) -> Linearization:
    """f(x0) + J (x - x0), to be called at x, with `.value` and `.jacobian`.

    For a function of several arguments x0 is a tuple.
    """
    return Linearization(f, x0, optimize)
