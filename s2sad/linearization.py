"""`linearize`: the affine function that a function is close to.

linearize(f, x0)        f(x0) + J (x - x0), to be called at x
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from s2sad.argnums import Argnums
from s2sad.jacobians import Jacobian
from s2sad.modes import Pushed, required
from s2sad.specialised import Function
from s2sad.trees import copied, is_array, leaves, mapped, typed


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
        self._types = self._jacobian._types(args)
        self._at = [*self._leaves(copied(args))]
        self.jacobian = self._jacobian(*args)
        self.value = f(*copied(args))

    def _leaves(self, args: Sequence[Any]) -> Iterator[Any]:
        found: list[Any] = []
        for tree, type_ in zip(args, self._types, strict=True):
            typed(tree, type_, found.append)
        return iter(found)

    def __call__(self, *x: Any) -> Any:
        args = x[0] if self._several and len(x) == 1 else x
        step = [a - b for a, b in zip(self._leaves(args), self._at, strict=True)]
        blocks = leaves(self.jacobian)

        def moved(number: Any) -> Any:
            return number + sum(_times(next(blocks), d) for d in step)

        return mapped(self.value, moved)

    def __repr__(self) -> str:
        return f"<linearization at {self.x0!r}: {self.value!r} + {self.jacobian!r} (x - x0)>"


def _times(block: Any, step: Any) -> Any:
    """A block of a Jacobian times the change of its argument."""
    if not is_array(step):
        return block * step
    import numpy as np

    found = np.tensordot(block, step, step.ndim)
    return found if found.ndim else float(found)


def linearize(f: Function, x0: Any, *, optimize: int = 1) -> Linearization:
    """f(x0) + J (x - x0), to be called at x, with `.value` and `.jacobian`.

    For a function of several arguments x0 is a tuple.
    """
    return Linearization(f, x0, optimize)
