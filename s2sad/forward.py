"""Derivatives other than the gradient, as programs: what can be lowered, and so be
differentiated again, in any order of modes.

    Pushforward     f_jvp(x, w, x_dot, w_dot)      (value, tangent)
    Slopes          f_jacobian(x, w)               (value, Jacobian), forward
    Pullback        f_vjp(x, w, f_bar)             (value, gradient)
"""

from __future__ import annotations

from collections.abc import Collection

from s2sad.compile import (
    Program,
    Types,
    Wish,
    check_buffers,
    differentiate,
    parts_wished,
)
from s2sad.errors import NotDifferentiable
from s2sad.frontend import Lowered
from s2sad.ir.node import Content, replace
from s2sad.ir.nodes import Func, Module, Structure, indices, parts_of
from s2sad.ir.types import FLOAT, INT, is_differentiable
from s2sad.transform.forward.blocks import symmetric
from s2sad.transform.forward.entry import (
    Request,
    jacobian,
    pushforward,
    tangent_name,
    wrapped,
)
from s2sad.transform.forward.taylor import taylor
from s2sad.transform.gradient import as_primal
from s2sad.transform.pullback import cotangent_name, halves, pullback


def pushed(lowered: Lowered, wish: Wish) -> Module:
    return pushforward(lowered.module, request_of(lowered, wish))


def sloped(lowered: Lowered, wish: Wish) -> Module:
    return jacobian(lowered.module, request_of(lowered, wish))


def pulled(lowered: Lowered, wish: Wish) -> Module:
    return pullback(lowered.module, request_of(lowered, wish))


def curved(lowered: Lowered, wish: Wish) -> Module:
    """Gradient and Hessian."""
    name, wrt = lowered.module.entry, ", ".join(wish.wrt)
    first = gradient_of(lowered, wish)
    request = request_of(first, wish._replace(of=None))._replace(name=f"{name}_hessian")
    module = jacobian(first.module, request)
    return symmetric(module, wrapped(f"Gradient and Hessian of {name} in {wrt}."))


def curved_each(lowered: Lowered, wish: Wish) -> Module:
    """The same; of a result of several numbers the Jacobian, and that of it."""
    request = request_of(lowered, wish)
    func = lowered.module.funcs[lowered.module.entry]
    if isinstance(request.of, int) and func.body.yields[request.of].type in (FLOAT, INT):
        return curved(lowered, wish)
    slopes = replace(lowered, module=as_primal(sloped(lowered, wish), 1))
    again = request_of(slopes, wish._replace(of=None))._replace(name=f"{func.name}_hessian")
    module = jacobian(slopes.module, again)
    made = module.funcs[module.entry]
    doc = f"Derivatives of {func.name} in {', '.join(wish.wrt)}, and theirs: a Hessian of each."
    made = replace(made, doc=wrapped(doc))
    return replace(module, funcs={**module.funcs, made.name: made})


def multiplied(lowered: Lowered, wish: Wish) -> Module:
    """Gradient and Hessian times a vector."""
    name = lowered.module.entry
    first = gradient_of(lowered, wish)
    request = request_of(first, wish._replace(of=None))._replace(name=f"{name}_hvp")
    module = pushforward(first.module, request)
    func = module.funcs[module.entry]
    dots = [input_.name for input_ in func.signature][-len(wish.wrt) :]
    doc = f"Gradient of {name}, and its Hessian times {', '.join(dots)}."
    return replace(module, funcs={**module.funcs, func.name: replace(func, doc=wrapped(doc))})


def expanded(lowered: Lowered, wish: Wish, order: int, directed: bool) -> Module:
    return taylor(lowered.module, request_of(lowered, wish), order, directed)


def gradient_of(lowered: Lowered, wish: Wish) -> Lowered:
    """The function that returns the gradient, to be differentiated again."""
    return replace(lowered, module=as_primal(differentiate(lowered, wish), 1))


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
        return _replaced(lowered, pushed(lowered, self.wish))


class Slopes(_Mode):
    """Value and Jacobian, by a tangent for each number that goes in."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_jacobian"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, sloped(lowered, self.wish))


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
        return _replaced(lowered, pulled(lowered, self.wish))


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
    return Request(
        tuple(wrt), wish.wrt, of, wish.bare, wish.level, reserved, "", wish.checkpoints
    )


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
        lowered = self._lowered(types, active)
        return _replaced(lowered, curved(lowered, self.wish))


class Product(_Mode):
    """Gradient and Hessian times a vector: forward over reverse."""

    @property
    def name(self) -> str:
        return f"{self.program.name}_hvp"

    @property
    def params(self) -> tuple[str, ...]:
        return (*self.program.params, *map(tangent_name, self.wish.wrt))

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self._lowered(types, active)
        return _replaced(lowered, multiplied(lowered, self.wish))


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
        return _replaced(lowered, expanded(lowered, self.wish, self.order, self.directed))
