"""s2sad: a source-to-source differentiation compiler for Python.

from s2sad import grad

@grad
def f(x):
    return math.sqrt(x**2 + math.exp(x**2))

f(0.7)              df/dx
print(f.source)     the Python that computes it
"""

from s2sad.api import Derivative, grad, value_and_grad
from s2sad.errors import (
    InternalError,
    NotDifferentiable,
    S2sadError,
    SourceNotFound,
    TypeRefused,
    UnsupportedFunction,
    UnsupportedSyntax,
)
from s2sad.rules import rule, stop_gradient

__version__ = "0.1.0"

__all__ = [
    "Derivative",
    "InternalError",
    "NotDifferentiable",
    "S2sadError",
    "SourceNotFound",
    "TypeRefused",
    "UnsupportedFunction",
    "UnsupportedSyntax",
    "grad",
    "rule",
    "stop_gradient",
    "value_and_grad",
]
