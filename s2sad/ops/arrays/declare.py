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
`x[…]`, tuples, `np.pi`, and functions of the tables of primitives, by their own parameters
(`min` and `max` of sizes too; a helper of `HELPERS` by its name). Where it depends on ranks
or on literal arguments it is a function from `Facts` to such a text. The empty text is no
contribution; a rule raises `NotDifferentiable` where there is no derivative.

The tangent of an element of a rest parameter is `name_dot[i]`; a primitive is `linear` in a
rest parameter if it is so in all of its elements together. The tangent of a result of
several is a tuple. `y_bar[i]` occurs only where `Facts.wanted(i)`.

The projection also repeats an axis of size 1 that the argument has longer: operands of
`np.einsum` broadcast in the subscripts that they share, also in those that are summed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.dims import Result, Type

REQUIRED = "…"


class Param(NamedTuple):
    """One parameter.

    default: the text of its default, REQUIRED if it has none. rest: a sequence of arrays
    (`np.concatenate((a, b))`), whose elements are arguments of their own, and in rules
    called `name[0]`, `name[1]`, … named: printed with its name. starred: a rest whose
    elements are arguments of the call (`np.einsum("ij,j", a, b)`).
    """

    name: str
    default: str = REQUIRED
    rest: bool = False
    named: bool = False
    starred: bool = False


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

    def is_square(self, name: str) -> bool:
        """Are the last two axes of an argument known to be of one size?"""

    def wanted(self, result: int) -> bool:
        """Has this result of several a cotangent? (Is its tangent wanted?)"""

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
    result share memory with an argument: "never", "maybe" or "always". effect:
    every call counts (random draws). varies: the sizes of its result depend on values.
    results: how many it has, 0 for one that is no tuple; results_of: the same where it
    depends on ranks or on literal arguments. elementwise: its arguments broadcast.
    result: its type, where that is not found by running it on exemplars.
    """

    name: str
    params: tuple[Param, ...]
    partials: Mapping[str, Rule]
    adjoints: Mapping[str, Rule]
    linear: frozenset[str]
    tangents: Mapping[str, Rule]
    view: str = "never"
    effect: bool = False
    varies: bool = False
    results: int = 0
    results_of: Callable[[Facts], int] | None = None
    elementwise: bool = False
    result: Callable[[Sequence[Type]], Result] | None = None

    @property
    def differentiable(self) -> frozenset[str]:
        """The parameters that it has a derivative in."""
        return frozenset((*self.partials, *self.adjoints))


def signature(text: str) -> tuple[Param, ...]:
    """`"arrays: rest, axis=0, *, out=None"`: what follows the star is named when it prints.

    `*arrays: rest` is a rest parameter whose elements are arguments of the call.
    """
    args = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(args, ast.FunctionDef)
    plain, named = args.args.args, args.args.kwonlyargs
    starred = [args.args.vararg] if args.args.vararg else []
    defaults = [REQUIRED] * (len(plain) - len(args.args.defaults))
    defaults += [ast.unparse(default) for default in args.args.defaults]
    defaults += [REQUIRED] * len(starred)
    for default in args.args.kw_defaults:
        defaults.append(REQUIRED if default is None else ast.unparse(default))
    return tuple(
        Param(arg.arg, default, arg.annotation is not None, arg in named, arg in starred)
        for arg, default in zip((*plain, *starred, *named), defaults, strict=True)
    )


def refused(what: str, instead: str = "") -> Callable[[Facts], str]:
    """The rule of an argument that a primitive has no derivative in."""

    def rule(_: Facts) -> str:
        raise NotDifferentiable(what, instead=instead)

    return rule


def array(
    name: str,
    params: str,
    *,
    linear: str = "",
    tangents: Mapping[str, Rule] | None = None,
    view: str = "never",
    varies: bool = False,
    results: int = 0,
    results_of: Callable[[Facts], int] | None = None,
    elementwise: bool = False,
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
        results_of,
        elementwise,
    )


def ufunc(
    name: str,
    params: str,
    *partials: Rule,
    linear: str = "",
    refuse: str = "",
    view: str = "never",
) -> ArrayOp:
    """An elementwise primitive: its partials in the order of its parameters; "" where it
    has none. They are written with `np.` functions; a conditional is one by element. Of a
    real function of a complex number z = u + i v the partial is that in u minus i that in
    v, so that the tangent is the real part of the partial times z_dot.

    In the parameters that `refuse` names there is a derivative, but no rule for it.
    """
    made = signature(params)
    stated = {p.name: text for p, text in zip(made, partials, strict=False) if text}
    rules = {
        param: refused(f"the derivative of {name} in its parameter {param}")
        for param in refuse.split()
    }
    linears = frozenset(linear.split())
    return ArrayOp(name, made, stated, rules, linears, rules, view, elementwise=True)


def constant(
    name: str,
    params: str,
    *,
    view: str = "never",
    effect: bool = False,
    varies: bool = False,
    results: int = 0,
    results_of: Callable[[Facts], int] | None = None,
    elementwise: bool = False,
) -> ArrayOp:
    """A primitive that carries no derivative: its result is a constant."""
    return ArrayOp(
        name,
        signature(params),
        {},
        {},
        frozenset(),
        {},
        view,
        effect,
        varies,
        results,
        results_of,
        elementwise,
    )
