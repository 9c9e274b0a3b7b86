"""`check_grads`: derivatives against finite differences.

    from s2sad.testing import check_grads

    check_grads(f, (x, w))                          orders 1 and 2, forward and reverse
    check_grads(f, (x, w), order=1, modes="rev")

A mismatch raises `GradientMismatch`, an AssertionError, which names the argument and the
element, with the derivative and the difference.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from s2sad.api import Derivative, Grad
from s2sad.argnums import Argnums, gathering
from s2sad.errors import InternalError, NotDifferentiable, S2sadError
from s2sad.modes import Directed, Pulled, Pushed, vjp
from s2sad.trees import parts, with_parts

Tree = Any
_MODES = {"fwd": "forward mode", "rev": "reverse mode"}
# The most elements that are looked at one by one, and the most that a message lists.
_ELEMENTS = 300
_LISTED = 6


class GradientMismatch(AssertionError):
    """A derivative that is not the one of finite differences."""


class _Tangent(Pushed):
    """The tangent alone, as a function of the arguments and their tangents."""

    part = 1


class _Cotangents(Pulled):
    """The arguments' cotangents, as a function of them and the result's cotangent."""

    part = 1


class _Order(NamedTuple):
    """A derivative of some order: what is called, with what, how it came about."""

    call: Callable[..., Any]
    args: tuple[Any, ...]
    derived: str


class _Element(NamedTuple):
    """One number of an argument, or the imaginary part of one."""

    arg: int
    leaf: int
    at: tuple[int, ...]
    unit: complex
    name: str


class _Miss(NamedTuple):
    name: str
    found: complex
    wanted: complex

    def __str__(self) -> str:
        return f"  {self.name}: {_shown(self.found)}, by differences {_shown(self.wanted)}"


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: str | Sequence[str] | None = None,
    *,
    argnums: Argnums | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> None:
    """Compare the derivatives of f at args, up to an order, with finite differences.

    args and the result may have any structure. modes: "rev", "fwd" or both, in every
    combination from order 2 on; by default both, forward mode where there is one.
    argnums: the parameters that are differentiated, by default all that hold floats.
    Results of several numbers are checked along random cotangents, orders from 2 on along
    random directions, which `seed` draws. Of arguments with many elements 300 are looked
    at. Differences are wrong across a kink or a jump: check elsewhere.

    Raises `GradientMismatch`.
    """
    wanted = (modes,) if isinstance(modes, str) else tuple(modes or ("rev", "fwd"))
    for mode in wanted:
        if mode not in _MODES:
            raise ValueError(f"a mode is 'rev' or 'fwd', not {mode!r}")
    if order < 1:
        raise ValueError(f"order is 1 or more, not {order!r}")
    names, at = _active(f, args, argnums)
    args = tuple(_floats(arg) if k in at else arg for k, arg in enumerate(args))
    single = any(map(_is_single, _leaves([args[k] for k in at])))
    check = _Check(
        names,
        at,
        order,
        wanted,
        modes is None,
        (3e-2 if single else 1e-5) if rtol is None else rtol,
        (1e-3 if single else 1e-7) if atol is None else atol,
        (1e-2 if single else 1e-3),
        np.random.default_rng(seed),
        str(getattr(f, "__name__", "f")),
    )
    check.orders(_Order(f, args, ""), f, 1)


def _calls(following: Directed) -> Callable[[Sequence[Any], Sequence[Any]], Any]:
    """What calls the emitted function with arguments, and with tangents or a cotangent."""
    if any(gathering(following._root)):
        return following.at
    return lambda args, more: following.compiled(args)(*args, *more)


def _is_single(leaf: Any) -> bool:
    return getattr(leaf, "dtype", None) in (np.float32, np.complex64)


def _floats(tree: Tree) -> Tree:
    """An int that is to be differentiated is a float."""
    return float(tree) if type(tree) is int else tree


def _active(
    f: Callable[..., Any], args: Sequence[Any], argnums: Argnums | None
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The names and the positions of what is differentiated."""
    free = vjp(f)._probe.positions(len(args))
    if argnums is None:
        at = tuple(k for k, arg in enumerate(args) if any(map(_is_active, _leaves(arg))))
    else:
        given = (argnums,) if isinstance(argnums, (int, str)) else tuple(argnums)
        at = tuple(free.index(k) if isinstance(k, str) else k for k in given)
    if not at:
        raise ValueError("no argument holds a float")
    return tuple(free[k] for k in at), at


@dataclasses.dataclass
class _Check:
    names: tuple[str, ...]
    at: tuple[int, ...]
    last: int
    modes: tuple[str, ...]
    lenient: bool
    rtol: float
    atol: float
    step: float
    rng: np.random.Generator
    title: str
    elements: list[_Element] = dataclasses.field(default_factory=list)
    differences: list[np.ndarray] = dataclasses.field(default_factory=list)

    def orders(self, of: _Order, program: Callable[..., Any], order: int) -> None:
        """Check the derivative of what `of` calls, and go on to the next order."""
        value = of.call(*_copied(of.args))
        elements = self._elements(of.args)
        differences = [self._difference(of, element) for element in elements]
        for mode in self.modes:
            self.elements, self.differences = elements, differences
            try:
                found, following = self._mode(mode, of, program, value, order)
            except InternalError:
                raise
            except S2sadError as error:
                if mode == "fwd" and self.lenient and isinstance(error, NotDifferentiable):
                    continue
                raise
            if order < self.last:
                self.orders(found, following, order + 1)

    def _mode(
        self, mode: str, of: _Order, program: Callable[..., Any], value: Tree, order: int
    ) -> tuple[_Order, Callable[..., Any]]:
        what = f"{self.title}, order {order}, {_MODES[mode]}"
        how = f"{_MODES[mode]} over {of.derived}" if of.derived else _MODES[mode]
        if order > 1:
            what = f"{self.title}, order {order}, {how}"
        following: Derivative
        if mode == "fwd":
            following = _Tangent(program, self.names)
            call = self._forward(what, following, of)
            along = tuple(self._random(of.args[k]) for k in self.at)
            return _Order(call, (*of.args, *along), how), following
        if order == 1 and _is_scalar(value):
            following = Grad(program, self.names)
            before = _copied(of.args)
            gradient = following(*of.args)
            self._unchanged(what, of.args, before)
            self._compare(what, gradient, None)
            return _Order(following, of.args, how), following
        following = _Cotangents(program, self.names)
        cotangent = self._random(value)
        at = _calls(following)

        def pull(*args: Any) -> Any:
            own = _copied(args)
            return at(own[:-1], own[-1:])[1]

        before = _copied(of.args)
        gradient = pull(*of.args, cotangent)
        self._unchanged(what, of.args, before)
        self._compare(what, gradient, cotangent)
        return _Order(pull, (*of.args, cotangent), how), following

    def _forward(self, what: str, following: _Tangent, of: _Order) -> Callable[..., Any]:
        at = _calls(following)
        count = len(self.at)

        def push(*args: Any) -> Any:
            own = _copied(args)
            return at(own[:-count], own[-count:])[1]

        misses = []
        checked = zip(self.elements, self.differences, strict=True)
        scale = max(
            (float(np.max(np.abs(d), initial=0.0)) for d in self.differences), default=0.0
        )
        for element, wanted in checked:
            tangents = [self._unit(of.args[k], k, element) for k in self.at]
            found = _numbers(push(*of.args, *tangents))
            off = ~self._close(found, wanted, scale)
            if off.any():
                k = int(np.argmax(off))
                place = f"d result[{k}] / d {element.name}" if found.size > 1 else element.name
                misses.append(_Miss(place, found[k], wanted[k]))
        self._raise(what, misses, len(self.elements))
        return push

    def _compare(self, what: str, gradient: Tree, cotangent: Tree | None) -> None:
        weights = np.ones(1) if cotangent is None else _numbers(cotangent)
        wanted = np.array([np.sum(weights * found).real for found in self.differences])
        scale = float(np.max(np.abs(wanted), initial=0.0))
        trees = dict(zip(self.at, gradient, strict=True))
        misses = []
        for element, expected in zip(self.elements, wanted, strict=True):
            leaf = _leaves(trees[element.arg])[element.leaf]
            number = complex(np.asarray(0.0 if leaf is None else leaf)[element.at])
            # z_bar is df/dx - i df/dy.
            found = -number.imag if element.unit == 1j else number.real
            if not self._close(np.array(found), np.array(expected), scale):
                misses.append(_Miss(element.name, found, expected))
        self._raise(what, misses, len(self.elements))

    def _close(self, found: np.ndarray, wanted: np.ndarray, scale: float) -> np.ndarray:
        """Within the tolerances, the absolute one relative to the greatest derivative."""
        limit = self.rtol * np.abs(wanted) + self.atol * (1.0 + scale)
        with np.errstate(invalid="ignore"):
            same = np.abs(found - wanted) <= limit
        both: np.ndarray = same | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
        return both

    def _raise(self, what: str, misses: list[_Miss], count: int) -> None:
        if not misses:
            return
        lines = [f"{what}: {len(misses)} of {count} elements are off", *map(str, misses)]
        if len(misses) > _LISTED:
            lines[_LISTED + 1 :] = [f"  … and {len(misses) - _LISTED} more"]
        raise GradientMismatch("\n".join(lines))

    def _unchanged(self, what: str, args: tuple[Any, ...], before: tuple[Any, ...]) -> None:
        now, then = _numbers(args), _numbers(before)
        if now.shape != then.shape or not np.array_equal(now, then, equal_nan=True):
            raise GradientMismatch(f"{what}: an argument was changed by the gradient")

    # Elements and directions.

    def _elements(self, args: tuple[Any, ...]) -> list[_Element]:
        found = [
            _Element(k, n, index, unit, name + path + (str(list(index)) if index else ""))
            for k, name in zip(self.at, self.names, strict=True)
            for n, (path, leaf) in enumerate(_paths(args[k]))
            if _is_active(leaf)
            for index in np.ndindex(np.shape(leaf))
            for unit in ((1.0, 1j) if np.iscomplexobj(leaf) else (1.0,))
        ]
        if len(found) <= _ELEMENTS:
            return found
        some = np.random.default_rng(len(found)).choice(len(found), _ELEMENTS, replace=False)
        return [found[k] for k in sorted(some)]

    def _difference(self, of: _Order, element: _Element) -> np.ndarray:
        """The derivatives of all numbers of the result in one element of the arguments."""

        def slope(h: float) -> np.ndarray:
            there, back = (
                _numbers(of.call(*self._moved(of.args, element, d))) for d in (h, -h)
            )
            change: np.ndarray = (there - back) / (2 * h)
            return change

        coarse, fine = slope(self.step), slope(self.step / 2)
        close = np.abs(fine - coarse) <= 1e-3 * (np.abs(fine) + 1e-2)
        if close.all() or self.step > 1e-3:
            extrapolated: np.ndarray = (4 * fine - coarse) / 3
            return extrapolated
        # A kink may be near, or the function is steep.
        return slope(1e-6)

    def _moved(self, args: tuple[Any, ...], element: _Element, by: float) -> tuple[Any, ...]:
        moved = list(_copied(args))
        moved[element.arg] = _changed(moved[element.arg], element, by * element.unit)
        return tuple(moved)

    def _unit(self, tree: Tree, arg: int, element: _Element) -> Tree:
        zero = _mapped(tree, lambda leaf: leaf * 0.0)
        return _changed(zero, element, element.unit) if arg == element.arg else zero

    def _random(self, tree: Tree) -> Tree:
        def draw(leaf: Any) -> Any:
            made = self.rng.normal(size=np.shape(leaf))
            if np.iscomplexobj(leaf):
                made = made + 1j * self.rng.normal(size=np.shape(leaf))
            if isinstance(leaf, np.ndarray):
                return made.astype(leaf.dtype)
            return complex(made) if np.iscomplexobj(leaf) else float(made)

        return _mapped(tree, draw)


def _is_active(leaf: Any) -> bool:
    if isinstance(leaf, np.ndarray):
        return bool(np.issubdtype(leaf.dtype, np.inexact))
    return isinstance(leaf, (float, complex, np.inexact))


def _is_scalar(value: Tree) -> bool:
    return isinstance(value, (float, np.floating)) or (
        isinstance(value, np.ndarray) and not value.ndim and not np.iscomplexobj(value)
    )


def _leaves(tree: Tree) -> list[Any]:
    return [leaf for _, leaf in _paths(tree)]


def _paths(tree: Tree, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves and the way to each, as it is written in Python."""
    inner = parts(tree)
    if inner is None:
        yield path, tree
        return
    if isinstance(tree, dict):
        steps = [f"[{key!r}]" for key in tree]
    elif hasattr(tree, "_fields"):
        steps = [f".{name}" for name in tree._fields]
    elif isinstance(tree, (list, tuple)):
        steps = [f"[{k}]" for k in range(len(inner))]
    else:
        steps = [f".{field.name}" for field in dataclasses.fields(tree)]
    for step, part in zip(steps, inner, strict=True):
        yield from _paths(part, path + step)


def _mapped(tree: Tree, change: Callable[[Any], Any]) -> Tree:
    """The structure with its active leaves changed, None for the others."""
    inner = parts(tree)
    if inner is not None:
        return with_parts(tree, tuple(_mapped(part, change) for part in inner))
    return change(tree) if _is_active(tree) else None


def _copied(tree: Tree) -> Tree:
    inner = parts(tree)
    if inner is not None:
        return with_parts(tree, tuple(map(_copied, inner)))
    return tree.copy(order="K") if isinstance(tree, np.ndarray) else tree


def _changed(tree: Tree, element: _Element, by: complex) -> Tree:
    """The structure with one of its numbers moved."""
    at = iter(range(element.leaf, element.leaf - 10**9, -1))

    def visit(part: Tree) -> Tree:
        inner = parts(part)
        if inner is not None:
            return with_parts(part, tuple(map(visit, inner)))
        if next(at):
            return part
        if not isinstance(part, np.ndarray):
            return part + (by if isinstance(part, complex) else by.real)
        part[element.at] += by if np.iscomplexobj(part) else by.real
        return part

    return visit(tree)


def _numbers(tree: Tree) -> np.ndarray:
    """All numbers of a structure, in order."""
    found = [np.ravel(leaf) for leaf in _leaves(tree) if _is_active(leaf)]
    return np.concatenate(found) if found else np.zeros(0)


def _shown(number: complex) -> str:
    return f"{number.real:.10g}" if not number.imag else f"{number:.10g}"
