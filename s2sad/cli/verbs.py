"""The verbs that write a derivative: what each of them makes of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s2sad.compile import Wish, check_buffers, differentiate
from s2sad.frontend import Lowered
from s2sad.ir.nodes import Module, indices
from s2sad.ir.types import FLOAT

ORDER = 4


class Verb(NamedTuple):
    """`about` for the list of commands; `returns` what the function that is written takes
    and returns; `every`: in all float parameters where none is named."""

    about: str
    returns: str
    every: bool
    make: Callable[[Lowered, Wish, int], Module]


def _grad(lowered: Lowered, wish: Wish, order: int) -> Module:
    return differentiate(lowered, wish)


def _later(name: str) -> Callable[[Lowered, Wish, int], Module]:
    """What the gradient does without is imported when it is asked for."""

    def make(lowered: Lowered, wish: Wish, order: int) -> Module:
        from s2sad import forward

        derive: Callable[[Lowered, Wish], Module] = getattr(forward, name)
        module = derive(lowered, wish)
        check_buffers(module)
        return module

    return make


def _taylor(lowered: Lowered, wish: Wish, order: int) -> Module:
    from s2sad.forward import expanded

    module = expanded(lowered, wish, order, not _one_number(lowered, wish))
    check_buffers(module)
    return module


def _one_number(lowered: Lowered, wish: Wish) -> bool:
    """Is there one number that varies, so that there is one direction?"""
    entry = lowered.module.funcs[lowered.module.entry]
    given = dict(entry.signature)
    leaves = [k for name in wish.wrt if name in given for k in indices(given[name])]
    return len(wish.wrt) == 1 and len(leaves) == 1 and entry.params[leaves[0]].type == FLOAT


VERBS: dict[str, Verb] = {
    "grad": Verb("the gradient", "(value, gradient)", False, _grad),
    "jvp": Verb(
        "the derivative in a direction, by forward mode",
        "(value, tangent), from the arguments and then their tangents",
        True,
        _later("pushed"),
    ),
    "vjp": Verb(
        "the pullback, by reverse mode",
        "(value, gradient), from the arguments and the cotangent of the value",
        True,
        _later("pulled"),
    ),
    "jacobian": Verb(
        "the Jacobian, in one forward pass",
        "(value, Jacobian): for each number of the value its derivatives",
        True,
        _later("sloped"),
    ),
    "hessian": Verb(
        "the Hessian, forward over reverse",
        "(gradient, Hessian); of several results (Jacobian, a Hessian of each)",
        True,
        _later("curved_each"),
    ),
    "hvp": Verb(
        "the Hessian times a vector, forward over reverse",
        "(gradient, product), from the arguments and then the vector",
        True,
        _later("multiplied"),
    ),
    "taylor": Verb(
        "the Taylor coefficients",
        "the coefficients from 0 to the order; along a direction where several numbers vary",
        True,
        _taylor,
    ),
    "linearize": Verb(
        "the value and the slopes of the linearization",
        "(value, Jacobian) at x0",
        True,
        _later("sloped"),
    ),
}
