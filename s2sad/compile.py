"""The pipeline: from a function's source to the source of its gradient.

    from_function / from_file  →  lower  →  gradient  →  emit  →  load

`stages` names what can be looked at on the way (`s2sad show --stage`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeAlias

from s2sad.analysis.frozen import has_buffers
from s2sad.backend.options import Options
from s2sad.backend.python import Printed, printed
from s2sad.errors import InternalError, NotDifferentiable, TypeRefused, UnsupportedSyntax
from s2sad.frontend import Lowered, UserFunction, lower
from s2sad.frontend.fields import fields_of
from s2sad.ir.node import Content, replace
from s2sad.ir.nodes import Func, Module, Shape, Structure, indices, parts_of
from s2sad.ir.paths import part, path_of
from s2sad.ir.types import FLOAT, INT, Type, is_differentiable
from s2sad.transform.callees import Checkpoints
from s2sad.transform.gradient import as_primal, gradient
from s2sad.transform.naming import name_all

Types = Mapping[str, Type]


class Wish(NamedTuple):
    """What is to be differentiated, and how.

    `wrt` names the parameters, or parts of them (`p.w`, `p['w']`, `p[0]`); `bare` gives
    the gradient of a single one as it is; `of` picks a result of a function that returns
    several, None demands a single one; `level` is the optimisation level; `jit` is "numba"
    for a text that Numba compiles; `checkpoints` reverses long loops from snapshots.
    """

    wrt: tuple[str, ...]
    bare: bool = True
    of: int | None = None
    level: int = 1
    jit: str | None = None
    checkpoints: Checkpoints | None = None


class Program(Protocol):
    """Something that can be lowered: a function of the user's, or a derivative of one."""

    @property
    def name(self) -> str: ...

    @property
    def params(self) -> tuple[str, ...]: ...

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        """The IR for arguments of these types; the ints in what is `active` are floats."""


class Primal(Content):
    """A function as the user wrote it."""

    function: UserFunction

    @property
    def name(self) -> str:
        return self.function.name

    @property
    def params(self) -> tuple[str, ...]:
        return tuple(param.arg for param in self.function.every_param)

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        return lower(self.function, types, active=active)


class Around(Content):
    """What is made of a program, and called as it is."""

    program: Program

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def params(self) -> tuple[str, ...]:
        return self.program.params


class Strict(Around):
    """A program that raises ArithmeticError where what depends on an argument that is
    differentiated is at a kink."""

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self.program.lower(types, active)
        return strictly(lowered, active)


def strictly(lowered: Lowered, active: Collection[str]) -> Lowered:
    """The same with a test at each kink that depends on what is `active`."""
    from s2sad.transform.strict import with_checks

    entry = lowered.module.funcs[lowered.module.entry]
    wrt = {k for name in active for k in indices(_part(entry, name))}
    return replace(lowered, module=with_checks(lowered.module, wrt))


class Gradient(Around):
    """The gradient of a program: it returns (value, gradient)."""

    program: Program
    wish: Wish

    @property
    def name(self) -> str:
        return f"{self.program.name}_grad"

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self.program.lower(types, (*active, *self.wish.wrt))
        try:
            return replace(lowered, module=differentiate(lowered, self.wish))
        except InternalError:
            blame_program(self.program, types)
            raise


class Itself(Around):
    """A program as it is, to be compiled."""

    program: Program
    wish: Wish

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self.program.lower(types, active)
        return replace(lowered, module=name_all(lowered.module))


class Picked(Around):
    """One part of what a derivative returns, to be differentiated again."""

    program: Program
    part: int

    def lower(self, types: Types | None, active: Collection[str] = ()) -> Lowered:
        lowered = self.program.lower(types, active)
        return replace(lowered, module=as_primal(lowered.module, self.part))


def differentiate(lowered: Lowered, wish: Wish) -> Module:
    """The module of value and gradient.

    Raises `NotDifferentiable` where the result is no real scalar, `TypeRefused` where a
    parameter that is to be differentiated is no float.
    """
    entry = lowered.module.funcs[lowered.module.entry]
    wrt = parts_wished(lowered, wish)
    of = chosen_result(entry, wish.of)
    _check_scalar(entry, of)

    def made(tidy: bool) -> Module:
        module = gradient(
            lowered.module,
            wrt,
            of,
            bare=wish.bare,
            level=wish.level,
            reserved=lowered.reserved - {entry.name},
            inputs=wish.wrt,
            tidy=tidy,
            checkpoints=wish.checkpoints,
        )
        check_buffers(module)
        return module

    try:
        return made(tidy=True)
    except InternalError:
        # Should a copy have been left out that was none too many.
        return made(tidy=False)


def blame_program(program: Program, types: Types | None) -> None:
    """Where a derivative fails as the program itself may write to one array or list under
    two names, in a way that was not followed, the program is refused."""
    lowered = program.lower(types)
    try:
        check_buffers(lowered.module)
    except InternalError as error:
        if "is consumed in a try body" in error.what:
            raise UnsupportedSyntax(
                "a write, in a try, to an array or list that was there before it",
                error.loc,
                "write to a copy that is made in the try, or write after it",
            ) from error
        raise UnsupportedSyntax(
            "an array or list that may be written to under two names",
            error.loc,
            "work on a copy of it",
        ) from error


def check_buffers(module: Module) -> None:
    """Where lists are written in place, a list of ours that is one of them would go wrong
    in silence."""
    if any(map(has_buffers, module.funcs.values())):
        from s2sad.ir.borrow import check_borrows

        check_borrows(module)


def parts_wished(lowered: Lowered, wish: Wish) -> list[Structure]:
    """Where in the parameters what is differentiated by is; all of it can be made anew."""
    entry = lowered.module.funcs[lowered.module.entry]
    wrt = [_part(entry, name) for name in wish.wrt]
    for structure in wrt:
        _check_made(structure, lowered, entry)
    _check_made(entry.structure, lowered, entry)
    return wrt


def _part(entry: Func, name: str) -> Structure:
    """Where in the parameters something to differentiate by is."""
    path = path_of(name)
    inputs = dict(entry.signature)
    found = part(inputs[path.name], path.steps) if path and path.name in inputs else None
    if found is None:
        raise TypeRefused(
            f"{entry.name} has no {name}",
            entry.loc,
            "name a parameter, or a part of it as p.field, p['key'] or p[0]",
        )
    types = [entry.params[k].type for k in indices(found)]
    if not types and entry.gathered is not None and name in entry.gathered[:2]:
        # Of this call there are none.
        return found
    if not any(map(is_differentiable, types)):
        what = _article(types[0]) if isinstance(found, int) else "made of no floats"
        raise TypeRefused(
            f"{name} is {what}, which has no derivative",
            entry.loc,
            f"annotate it `{name}: float`, or differentiate with respect to another",
        )
    return found


def _check_made(structure: Structure, lowered: Lowered, entry: Func) -> None:
    """Can the objects of a result be made by calling their class with the fields?"""
    for inner in parts_of(structure):
        _check_made(inner, lowered, entry)
    if not isinstance(structure, Shape) or not structure.cls:
        return
    (meaning,) = (known for known in lowered.classes if known.name == structure.cls)
    fields = fields_of(meaning)
    obstacle = fields.obstacle if fields else f"{meaning.name} is no dataclass"
    if obstacle:
        raise TypeRefused(
            f"the result has an object of {meaning.name}, which cannot be made: {obstacle}",
            entry.loc,
            "differentiate with respect to one of its fields: p.field",
        )


def _article(type_: Type) -> str:
    return f"an {type_}" if str(type_)[0] in "aeiou" else f"a {type_}"


def chosen_result(entry: Func, of: int | None) -> int:
    """The position among the entry's results of the one to differentiate."""
    structure: Structure = entry.structure
    if of is not None:
        parts = parts_of(structure)
        keyed = isinstance(structure, Shape) and structure.kind not in ("list", "named")
        if keyed or not 0 <= of < len(parts):
            count = 1 if keyed else max(1, len(parts))
            raise NotDifferentiable(
                f"{entry.name} has no result {of}, it returns {count}", entry.loc
            )
        structure = parts[of]
    if isinstance(structure, int):
        return structure
    raise NotDifferentiable(
        f"{entry.name} returns {_container(structure)}, and a gradient is that of a single"
        " number",
        entry.loc,
        "has_aux=True differentiates the first of a pair, `--of N` the N-th result;"
        " jacobian and vjp take results of any structure",
    )


def _container(structure: Structure) -> str:
    match structure:
        case Shape(kind, _, _, cls) if cls or kind == "dict":
            return f"a {cls or kind}"
        case Shape():
            return "a list"
        case _:
            return "a tuple"


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

    printed: Printed
    name: str
    lowered: Lowered

    @property
    def text(self) -> str:
        return self.printed.text


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


Mode: TypeAlias = "Callable[[Program, Wish], Program]"


def _innermost(program: Program) -> Program:
    """The function that derivatives are derived from."""
    while not isinstance(program, Primal):
        program = program.program  # type: ignore[attr-defined]
    return program


def _keeps_states(program: Program) -> bool:
    """Has a derivative inside of this one loops that are reversed from snapshots?"""
    while not isinstance(program, Primal):
        wish: Wish | None = getattr(program, "wish", None)
        if wish is not None and wish.checkpoints is not None:
            return True
        program = program.program  # type: ignore[attr-defined]
    return False


@collector_paused()
def compile_gradient(
    program: Program,
    wish: Wish,
    types: Types | None,
    mode: Mode = Gradient,
    standalone: bool = True,
    places: bool = False,
) -> Output:
    """Lower, differentiate (`mode` tells how), emit. What does not stand alone is to be
    linked; `places`: what is printed knows the lines that it comes from."""
    if wish.jit:
        from s2sad.backend.numba.unbound import check_primal

        check_primal(_innermost(program).lower(types, wish.wrt).module)
    try:
        lowered = mode(program, wish).lower(types)
    except InternalError:
        blame_program(program, types)
        raise
    except NotDifferentiable as error:
        if not _keeps_states(program):
            raise
        raise NotDifferentiable(
            'by reverse mode, a derivative with checkpoint="revolve" that keeps arrays',
            error.loc,
            "leave checkpoint= out of the inner one; or use jvp of it, or hvp",
        ) from error
    jit = wish.jit is not None
    options = Options(level=wish.level, jit=jit, standalone=standalone, places=places)
    return Output(printed(lowered.module, options), lowered.module.entry, lowered)
