"""What a primitive is, and the one-line declarations that make one.

A family declares `elementary("tanh", stable="...")`; `derive.py` differentiates the
SymPy expression of the declaration into the checked-in `derived.py`; `core.py` joins
the two. Kinks and jumps have no SymPy derivative that obeys the policy (each partial is
the mean of its one-sided values, jumps give none): those partials are `stated`.

Partials are text in the language that is emitted: the parameters, `y` (the result),
numbers, `+ - * / // **`, unary minus, comparisons, conditional expressions, functions
of `math`, `abs`, and the helpers of `helpers.py`. They raise nothing where the
primitive itself did not raise: what would is guarded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

Range: TypeAlias = "tuple[float, float]"
Interval: TypeAlias = "Callable[..., Range]"
Partials: TypeAlias = "tuple[str | None, ...]"


class Primitive(NamedTuple):
    """One operation with its derivative rule.

    params: the parameters of `python` and of the partials; `*x` is any number of
    them, `*x, *w` two sequences of one length. The partials of these are written by
    `core.variadic_partials`; the fields `partials` and `textbook` are then empty.
    python: how it prints. A starred parameter stands for its elements:
    `math.fsum((*x,))` means `math.fsum((a, b, c))`.
    result: the type: "float", "int", "bool", or "join" (int if all arguments are int or
    bool, else float).
    partials: one for each parameter, None where it is zero. textbook: the same as the
    formula stands in a textbook, without `y`; less accurate in places, never wrong by
    more than rounding makes it.
    interval: bounds of the result from (low, high) of each argument; None if nothing is
    known. They hold for every result that is no nan, in floating point.
    raises: whether it can raise for floats. cheap: cheaper to repeat than to keep.
    """

    name: str
    params: tuple[str, ...]
    python: str
    result: str
    partials: Partials
    textbook: Partials
    interval: Interval | None
    raises: bool
    cheap: bool

    @property
    def variadic(self) -> bool:
        """Does it take any number of arguments?"""
        return bool(self.params) and self.params[0].startswith("*")


class Declaration(NamedTuple):
    """A primitive whose empty partials are to be derived from `symbolic`.

    stable, literal: stated texts, one for each parameter, in place of what SymPy gives
    for the partials and the textbook form; "" keeps SymPy's. guard: wrapped around what
    SymPy gives, with `{}` for it.
    """

    primitive: Primitive
    symbolic: str = ""
    stable: tuple[str, ...] = ()
    literal: tuple[str, ...] = ()
    guard: str = "{}"


def elementary(
    name: str,
    symbolic: str = "",
    *,
    stable: str = "",
    literal: str = "",
    guard: str = "{}",
    interval: Interval | None = None,
    raises: bool = True,
) -> Declaration:
    """A smooth function of `math` in one variable; SymPy's has mostly the same name."""
    made = Primitive(name, ("x",), f"math.{name}(x)", "float", (), (), interval, raises, False)
    return Declaration(made, symbolic or f"{name}(x)", (stable,), (literal,), guard)


def smooth(
    name: str,
    python: str,
    symbolic: str,
    *,
    params: str = "x w",
    result: str = "float",
    stable: tuple[str, ...] = (),
    literal: tuple[str, ...] = (),
    interval: Interval | None = None,
    raises: bool = True,
    cheap: bool = False,
) -> Declaration:
    """A smooth operation of several variables."""
    names = tuple(params.split())
    made = Primitive(name, names, python, result, (), (), interval, raises, cheap)
    blank = ("",) * len(names)
    return Declaration(made, symbolic, stable or blank, literal or blank)


def stated(
    name: str,
    python: str,
    partials: Partials,
    *,
    params: str = "x w",
    result: str = "float",
    interval: Interval | None = None,
    raises: bool = False,
    cheap: bool = False,
) -> Declaration:
    """An operation with kinks or jumps: its partials are stated here."""
    names = tuple(params.split())[: len(partials)]
    made = Primitive(name, names, python, result, partials, partials, interval, raises, cheap)
    return Declaration(made)


def flat(
    name: str,
    python: str,
    *,
    params: str = "x w",
    result: str = "bool",
    interval: Interval | None = None,
    raises: bool = False,
    cheap: bool = False,
) -> Declaration:
    """A piecewise constant operation: no derivative in any argument."""
    names = tuple(params.split())
    return stated(
        name,
        python,
        (None,) * len(names),
        params=params,
        result=result,
        interval=interval,
        raises=raises,
        cheap=cheap,
    )


def variadic(
    name: str,
    python: str,
    *,
    params: str = "*x",
    result: str = "float",
    interval: Interval | None = None,
    raises: bool = False,
) -> Declaration:
    """An operation of any number of arguments (partials: `families/variadic.py`)."""
    names = tuple(params.split())
    return Declaration(Primitive(name, names, python, result, (), (), interval, raises, False))
