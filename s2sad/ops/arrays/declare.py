"""What an array primitive is, and the declarations that make one, a line each.

    array("np.outer", "a, b", a="y_bar @ np.ravel(b)", …)          adjoints, by argument
    ufunc("np.sin", "x", "np.cos(x)")                               element by element
    constant("np.argsort", "a, axis=-1, kind=None")                 no derivative

One declaration serves both modes. An *adjoint* is what its argument gets of `y_bar`; it is
then projected on the type of the argument (broadcast axes are summed, the real part is
taken of what is real, the dtype restored), so that no rule cares for broadcasting. In the
arguments that `linear` names the tangent is the primitive itself, of the tangent in the
place of the argument; for others it is stated in `tangents`, over `NAME_dot`.

A rule is text in the language that is emitted: the parameters, `y` (the result; `y[0]`, …
of a result of several), `y_bar`, literals, operators, comparisons, `x.T`, `x.shape`,
`x[…]`, and functions of the tables of primitives. Where it depends on ranks or on literal
arguments it is a function from `Facts` to such a text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, TypeAlias

REQUIRED = "…"


class Param(NamedTuple):
    """One parameter.

    default: the text of its default, REQUIRED if it has none. rest: a sequence of arrays
    (`np.concatenate((a, b))`), whose elements are arguments of their own, and in rules
    called `name[0]`, `name[1]`, … named: printed with its name.
    """

    name: str
    default: str = REQUIRED
    rest: bool = False
    named: bool = False


class Facts(Protocol):
    """What is known of one use of a primitive when its rule is written."""

    def ndim(self, name: str) -> int:
        """The rank of an argument, of `y` or of `y_bar`; 0 of a number."""

    def literal(self, name: str) -> object:
        """The value of a literal argument (None, a number, a text, a tuple of ints).

        Raises `NotDifferentiable` where it is computed.
        """

    def is_literal(self, name: str) -> bool:
        """Is an argument a literal?"""

    def is_complex(self, name: str) -> bool: ...

    @property
    def which(self) -> int:
        """Which element of a `rest` parameter the rule is for."""

    @property
    def count(self) -> int:
        """How many elements the `rest` parameter has."""


Rule: TypeAlias = "str | Callable[[Facts], str]"


class ArrayOp(NamedTuple):
    """One array primitive.

    name: its name in the IR and how it is called, "np.sum". partials: of an elementwise
    primitive, one for each parameter that it is differentiable in. adjoints, linear,
    tangents: see above; what is in none of them carries no derivative. view: may the
    result share memory with the first argument: "never", "maybe" or "always". effect:
    every call counts (random draws). varies: the sizes of its result depend on values.
    results: how many it has, 0 for one that is no tuple.
    """

    name: str
    params: tuple[Param, ...]
    partials: Mapping[str, str]
    adjoints: Mapping[str, Rule]
    linear: frozenset[str]
    tangents: Mapping[str, Rule]
    view: str = "never"
    effect: bool = False
    varies: bool = False
    results: int = 0

    @property
    def differentiable(self) -> frozenset[str]:
        """The parameters that it has a derivative in."""
        return frozenset((*self.partials, *self.adjoints))


def signature(text: str) -> tuple[Param, ...]:
    """`"arrays: rest, axis=0, *, out=None"`: a starred part is named when it prints."""
    args = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(args, ast.FunctionDef)
    plain, named = args.args.args, args.args.kwonlyargs
    defaults = [REQUIRED] * (len(plain) - len(args.args.defaults))
    defaults += [ast.unparse(default) for default in args.args.defaults]
    for default in args.args.kw_defaults:
        defaults.append(REQUIRED if default is None else ast.unparse(default))
    return tuple(
        Param(arg.arg, default, arg.annotation is not None, arg in named)
        for arg, default in zip((*plain, *named), defaults, strict=True)
    )


def array(
    name: str,
    params: str,
    *,
    linear: str = "",
    tangents: Mapping[str, Rule] | None = None,
    view: str = "never",
    varies: bool = False,
    results: int = 0,
    **adjoints: Rule,
) -> ArrayOp:
    """A primitive with an adjoint for each argument that it is differentiable in."""
    return ArrayOp(
        name,
        signature(params),
        {},
        adjoints,
        frozenset(linear.split()),
        tangents or {},
        view,
        False,
        varies,
        results,
    )


def ufunc(name: str, params: str, *partials: str, linear: str = "") -> ArrayOp:
    """An elementwise primitive: its partials in the order of its parameters; "" where it
    has none. They are written with `np.` functions; a conditional is one by element."""
    made = signature(params)
    stated = {p.name: text for p, text in zip(made, partials, strict=False) if text}
    return ArrayOp(name, made, stated, {}, frozenset(linear.split()), {})


def constant(
    name: str,
    params: str,
    *,
    view: str = "never",
    effect: bool = False,
    varies: bool = False,
    results: int = 0,
) -> ArrayOp:
    """A primitive that carries no derivative: its result is a constant."""
    return ArrayOp(
        name, signature(params), {}, {}, frozenset(), {}, view, effect, varies, results
    )
