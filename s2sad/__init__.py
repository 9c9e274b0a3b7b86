"""s2sad: a source-to-source differentiation compiler for Python.

from s2sad import grad

@grad
def f(x):
    return math.sqrt(x**2 + math.exp(x**2))

f(0.7)              df/dx
print(f.source)     the Python that computes it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.errors import (
    InternalError,
    NotDifferentiable,
    S2sadError,
    SourceNotFound,
    TypeRefused,
    UnsupportedFunction,
    UnsupportedSyntax,
)
from s2sad.gradients import grad, value_and_grad
from s2sad.marks import cotangent, stop_gradient

if TYPE_CHECKING:
    from collections.abc import Callable

    from s2sad.api import Derivative
    from s2sad.expansion import derivative, taylor
    from s2sad.hessians import hessian
    from s2sad.jacobians import jacobian
    from s2sad.linearization import linearize
    from s2sad.modes import hvp, jvp, vjp
    from s2sad.polynomial import TaylorPolynomial
    from s2sad.rules import rule
    from s2sad.symbolic import from_sympy

__version__ = "0.1.0"

# What only some programs need is imported where it is first asked for.
_LATER = {
    "Derivative": "api",
    "rule": "rules",
    **dict.fromkeys(("hvp", "jvp", "vjp"), "modes"),
    "hessian": "hessians",
    "jacobian": "jacobians",
    "linearize": "linearization",
    **dict.fromkeys(("derivative", "taylor"), "expansion"),
    "TaylorPolynomial": "polynomial",
    "from_sympy": "symbolic",
}


def load_ipython_extension(shell: object) -> None:
    """`%load_ext s2sad`: the magic `%%s2sad`."""
    from functools import partial

    from s2sad.inspect.notebook import magic

    register: Callable[..., None] = getattr(shell, "register_magic_function")  # noqa: B009
    register(partial(magic, shell), "cell", "s2sad")


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found


__all__ = [
    "Derivative",
    "InternalError",
    "NotDifferentiable",
    "S2sadError",
    "SourceNotFound",
    "TaylorPolynomial",
    "TypeRefused",
    "UnsupportedFunction",
    "UnsupportedSyntax",
    "cotangent",
    "derivative",
    "from_sympy",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "rule",
    "stop_gradient",
    "taylor",
    "value_and_grad",
    "vjp",
]
