"""Derivatives other than the gradient, as programs: what can be lowered, and so be
differentiated again, in any order of modes.

    Pushforward     f_jvp(x, w, x_dot, w_dot)      (value, tangent)
    Slopes          f_jacobian(x, w)               (value, Jacobian), forward
    Pullback        f_vjp(x, w, f_bar)             (value, gradient)
"""

from __future__ import annotations

from collections.abc import Collection

from s2sad.compile import (
    Gradient,
    Picked,
    Program,
    Types,
    Wish,
    check_buffers,
    parts_wished,
)
from s2sad.errors import NotDifferentiable
from s2sad.frontend import Lowered
from s2sad.ir.node import Content, replace
from s2sad.ir.nodes import Func, Module, Structure, indices, parts_of
from s2sad.ir.types import INT, is_differentiable
from s2sad.transform.forward.entry import (
    Request,
    jacobian,
    pushforward,
    symmetric,
    tangent_name,
)
from s2sad.transform.forward.taylor import taylor
from s2sad.transform.pullback import cotangent_name, halves, pullback


class _Mode(Content):
    """A way of differentiating a program."""

    program: Program
    wish: Wish

    @property
    def params(self) -> tuple[str, ...]:
        return self.program.params

    def _lowered(self, types: Types | None, active: Collection[str]) -> Lowered:
        return self.program.lower(types, (*active, *self.wish.wrt))


class Pushforward(_Mode):
    """Value and tangent, from the arguments and their tangents."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_jvp"

    @property
    def params(self) -> tuple[str, ...]:
        return (*self.program.params, *map(tangent_name, self.wish.wrt))

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, pushforward(lowered.module, request_of(lowered, self.wish)))


class Slopes(_Mode):
    """Value and Jacobian, by a tangent for each number that goes in."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_jacobian"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, jacobian(lowered.module, request_of(lowered, self.wish)))


class Pullback(_Mode):
    """Value and gradient, from the arguments and the cotangent of the result."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_vjp"

    @property
    def params(self) -> tuple[str, ...]:
        return (*self.program.params, cotangent_name(self.program.name))

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, pullback(lowered.module, request_of(lowered, self.wish)))


def request_of(lowered: Lowered, wish: Wish) -> Request:
    """What is asked of a transform; raises `NotDifferentiable` where the result has no
    number, `TypeRefused` where what is differentiated by has none."""
    entry = lowered.module.funcs[lowered.module.entry]
    wrt = parts_wished(lowered, wish)
    of = _result(entry, wish.of)
    kinds = [entry.body.yields[k].type for k in indices(of)]
    if not any(kind == INT or is_differentiable(kind) for kind in kinds):
        raise NotDifferentiable(
            f"{entry.name} returns no number", entry.loc, "return what is to be differentiated"
        )
    reserved = lowered.reserved - {entry.name}
    return Request(tuple(wrt), wish.wrt, of, wish.bare, wish.level, reserved)


def _result(entry: Func, of: int | None) -> Structure:
    if of is None:
        return entry.structure
    parts = parts_of(entry.structure)
    if not 0 <= of < len(parts):
        count = max(1, len(parts))
        raise NotDifferentiable(
            f"{entry.name} has no result {of}, it returns {count}", entry.loc
        )
    return parts[of]


def _replaced(lowered: Lowered, module: Module) -> Lowered:
    check_buffers(module)
    return replace(lowered, module=module)


class Recorded(_Mode):
    """Value and record: the forward half of the pullback."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_fwd"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, halves(lowered.module, request_of(lowered, self.wish))[0])


class Replayed(_Mode):
    """The gradient from the record and the cotangent of the result."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_rev"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, halves(lowered.module, request_of(lowered, self.wish))[1])


class Curvature(_Mode):
    """Gradient and Hessian: forward over reverse."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_hessian"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        first = Picked(Gradient(self.program, self.wish), 1)
        lowered = first.lower(types, (*active, *self.wish.wrt))
        wish = self.wish._replace(of=None)
        request = request_of(lowered, wish)._replace(name=self.name)
        doc = f"Gradient and Hessian of {self.program.name} in {', '.join(self.wish.wrt)}."
        return _replaced(lowered, symmetric(jacobian(lowered.module, request), doc))


class Coefficients(_Mode):
    """The Taylor coefficients to an order: along a line if it is `directed`, otherwise in the
    one number that varies."""

    program: Program
    wish: Wish
    order: int
    directed: bool = True

    @property
    def name(self) -> str:
        return f"{self.program.name}_taylor"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        request = request_of(lowered, self.wish)
        return _replaced(lowered, taylor(lowered.module, request, self.order, self.directed))
