"""The pipeline: from a function's source to the source of its gradient.

    from_function / from_file  →  lower  →  gradient  →  emit  →  load

`stages` names what can be looked at on the way (`s2sad show --stage`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.errors import NotDifferentiable, TypeRefused
from s2sad.frontend import Lowered, UserFunction, lower
from s2sad.ir.node import Content, replace
from s2sad.ir.nodes import Func, Module, Structure
from s2sad.ir.types import FLOAT, INT, Type
from s2sad.transform.gradient import as_primal, gradient

Types = Mapping[str, Type]


class Wish(NamedTuple):
    """What is to be differentiated, and how.

    `wrt` names the parameters; `bare` gives the gradient of a single one as it is; `of`
    picks a result of a function that returns several, None demands a single one; `level`
    is the optimisation level.
    """

    wrt: tuple[str, ...]
    bare: bool = True
    of: int | None = None
    level: int = 1


class Program(Protocol):
    """Something that can be lowered: a function of the user's, or a derivative of one."""

    @property
    def name(self) -> str: ...

    @property
    def params(self) -> tuple[str, ...]: ...

    def lower(self, types: Types | None) -> Lowered: ...


class Primal(Content):
    """A function as the user wrote it."""

    function: UserFunction

    @property
    def name(self) -> str:
        return self.function.name

    @property
    def params(self) -> tuple[str, ...]:
        return tuple(param.arg for param in self.function.params)

    def lower(self, types: Types | None) -> Lowered:
        return lower(self.function, types)


class Gradient(Content):
    """The gradient of a program; lowered, it returns the gradient alone (part 1) or all."""

    program: Program
    wish: Wish
    part: int | None = None

    @property
    def name(self) -> str:
        return f"{self.program.name}_grad"

    @property
    def params(self) -> tuple[str, ...]:
        return self.program.params

    def lower(self, types: Types | None) -> Lowered:
        lowered = self.program.lower(self.with_active(types))
        module = differentiate(lowered, self.wish)
        if self.part is not None:
            module = as_primal(module, self.part)
        return replace(lowered, module=module)

    def with_active(self, types: Types | None) -> Types:
        """The types of the arguments; those differentiated are floats."""
        return {**(types or {}), **dict.fromkeys(self.wish.wrt, FLOAT)}


def differentiate(lowered: Lowered, wish: Wish) -> Module:
    """The module of value and gradient.

    Raises `NotDifferentiable` where the result is no real scalar, `TypeRefused` where a
    parameter that is to be differentiated is no float.
    """
    entry = lowered.module.funcs[lowered.module.entry]
    names = [param.hint for param in entry.params]
    for name in wish.wrt:
        type_ = entry.params[names.index(name)].type
        if type_ != FLOAT:
            raise TypeRefused(
                f"{name} is {_article(type_)}, which has no derivative",
                entry.loc,
                f"annotate it `{name}: float`, or differentiate with respect to another",
            )
    of = chosen_result(entry, wish.of)
    _check_scalar(entry, of)
    return gradient(
        lowered.module,
        [names.index(name) for name in wish.wrt],
        of,
        bare=wish.bare,
        level=wish.level,
        reserved=lowered.reserved - {entry.name},
    )


def _article(type_: Type) -> str:
    return f"an {type_}" if str(type_)[0] in "aeiou" else f"a {type_}"


def chosen_result(entry: Func, of: int | None) -> int:
    """The position among the entry's results of the one to differentiate."""
    structure: Structure = entry.structure
    if of is not None:
        if isinstance(structure, int) or not 0 <= of < len(structure):
            count = 1 if isinstance(structure, int) else len(structure)
            raise NotDifferentiable(
                f"{entry.name} has no result {of}, it returns {count}", entry.loc
            )
        structure = structure[of]
    if isinstance(structure, int):
        return structure
    raise NotDifferentiable(
        f"{entry.name} returns a tuple, and a gradient is that of a single number",
        entry.loc,
        "has_aux=True differentiates the first of a pair, `--of N` the N-th result;"
        " jacobian and vjp take results of any structure",
    )


def _check_scalar(entry: Func, of: int) -> None:
    type_ = entry.body.yields[of].type
    if type_ not in (FLOAT, INT):
        raise NotDifferentiable(
            f"{entry.name} returns {_article(type_)}, and a gradient is that of a real number",
            entry.loc,
            "return a float; jacobian and vjp take results of any structure",
        )


class Output(NamedTuple):
    """What one compilation gave."""

    text: str
    name: str
    lowered: Lowered


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cyclic garbage collector, which would walk the growing IR again and
    again: it makes compilation half as slow again, and worse than linear."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@collector_paused()
def compile_gradient(program: Program, wish: Wish, types: Types | None) -> Output:
    """Lower, differentiate, emit."""
    lowered = Gradient(program, wish).lower(types)
    text = emit(lowered.module, Options(level=wish.level))
    return Output(text, lowered.module.entry, lowered)
