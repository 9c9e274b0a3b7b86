"""From a compiled text to a function that lives among the user's."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from types import CellType, FunctionType
from typing import Any, NamedTuple

from s2sad import rules
from s2sad.backend.inputs import is_structured
from s2sad.backend.load import Foreign, LinkNames, load
from s2sad.compile import (
    Gradient,
    Mode,
    Program,
    Types,
    Wish,
    collector_paused,
    compile_gradient,
)
from s2sad.frontend import Lowered
from s2sad.frontend.external import Touched
from s2sad.frontend.live import MISSING, ArrayAs, Dependency
from s2sad.ir.types import Array


class Linked(NamedTuple):
    """An emitted function; `dependencies` are the names that were compiled into it.

    `whole`: some arguments are structures, and all are passed, by position. `touched`:
    what is read of the objects among them.
    """

    emitted: Callable[..., Any]
    dependencies: tuple[Dependency, ...]
    whole: bool = False
    touched: Touched = Touched()

    def fresh(self) -> bool:
        """Does everything that it was compiled from still stand?"""
        return all(dependency.still_same for dependency in self.dependencies)


@collector_paused()
def link(
    program: Program,
    wish: Wish,
    types: Types | None,
    primal: FunctionType,
    mode: Mode = Gradient,
) -> Linked:
    """Compile for arguments of these types, and link to the names that `primal` sees."""
    output = compile_gradient(program, wish, types, mode, standalone=False)
    cells = _cells(primal)
    bound = {name: CellType(func) for name, func in rules.BOUND.items()}
    if wish.jit:
        from s2sad.backend.numba.compiling import compile_core, helpers

        bound |= {name: CellType(func) for name, func in helpers().items()}
    names = LinkNames(
        primal.__globals__,
        {**cells, **_classes(output.lowered, primal, cells), **bound},
        f"s2sad {output.name}",
        _foreign(output.lowered, primal, cells),
        frozenset(number.name for number in output.lowered.numbers),
    )
    emitted = load(output.text, output.name, names)
    entry = output.lowered.module.funcs[output.lowered.module.entry]
    lowered = output.lowered
    if wish.jit:
        compile_core(emitted, lowered.module)
    return Linked(emitted, lowered.dependencies, is_structured(entry), lowered.touched)


def _cells(primal: FunctionType) -> dict[str, CellType]:
    names = primal.__code__.co_freevars
    return dict(zip(names, primal.__closure__ or (), strict=True))


def _classes(
    lowered: Lowered, primal: FunctionType, cells: dict[str, CellType]
) -> dict[str, CellType]:
    """The classes of arguments, results and exceptions, by the output's names for them.

    An exception that `primal` sees by that name is left to it.
    """
    return {
        meaning.name: CellType(meaning.found)
        for meaning in lowered.classes
        if meaning.found is not None
        and not (meaning.exception and _seen(meaning.name, primal, cells) is meaning.found)
    }


def _seen(name: str, primal: FunctionType, cells: dict[str, CellType]) -> object:
    """What a name is in `primal`; None where it is nothing."""
    if name in cells:
        try:
            return cells[name].cell_contents
        except ValueError:  # not bound yet
            return None
    return primal.__globals__.get(name, vars(builtins).get(name))


def _foreign(
    lowered: Lowered, primal: FunctionType, cells: dict[str, CellType]
) -> dict[str, Foreign]:
    """The live numbers that the output calls otherwise than `primal` would."""
    foreign = {}
    for number in lowered.numbers:
        if number.cell is not None:
            own = cells.get(number.name) is number.cell
        else:
            own = number.names is primal.__globals__ and number.name == number.key
        if not own:
            foreign[number.name] = Foreign(number.names, number.key, number.cell)
    return foreign


_P = "_s2sad_"


class ArrayOf(NamedTuple):
    """What tells one array argument from another: the class, and its dtype."""

    class_: type
    dtype: object


def array_of(type_: Array) -> ArrayOf:
    import numpy as np

    from s2sad.ir.arrays import dtype_name

    return ArrayOf(np.ndarray, np.dtype(dtype_name(type_.dtype)))


def dispatcher(
    linked: Linked,
    primal: FunctionType,
    classes: Mapping[str, type | ArrayOf],
    part: int | None,
    otherwise: Callable[..., Any],
) -> Callable[..., Any]:
    """The function that a call of a derivative runs, written for this one primal:

        def f(x, n):
            if n.__class__ is int and math is the_math_it_was_compiled_with:
                try:
                    return emitted(x, n)[1]
                except (TypeError, AttributeError):
                    return otherwise(emitted, (x, n))
            return otherwise(None, (x, n))

    so that what stands between the caller and the emitted function costs 0.1 µs.
    `classes` are those of the parameters.
    """
    code = primal.__code__
    params = code.co_varnames[: code.co_argcount]
    values: dict[str, Any] = {f"{_P}emitted": linked.emitted, f"{_P}otherwise": otherwise}
    tests = _tests(linked.dependencies, primal, values)
    for k, (name, class_) in enumerate(classes.items()):
        if isinstance(class_, ArrayOf):
            tests.append(f"{name}.__class__ is {_P}{name} and {name}.dtype is {_P}{k}dtype")
            values[f"{_P}{name}"], values[f"{_P}{k}dtype"] = class_
            continue
        values[f"{_P}{name}"] = class_
        tests.append(f"{name}.__class__ is {_P}{name}")
    given = ", ".join(params)
    picked = "" if part is None else f"[{part}]"
    text = f"""
def {_P}make({", ".join(values)}):
    def {_P}call({given}):
        if {" and ".join(tests) or "True"}:
            try:
                return {_P}emitted({given}){picked}
            except (TypeError, AttributeError):
                return {_P}otherwise({_P}emitted, ({given},))
        return {_P}otherwise(None, ({given},))
    return {_P}call
"""
    scope: dict[str, Any] = {}
    exec(text, primal.__globals__, scope)
    call: FunctionType = scope[f"{_P}make"](**values)
    call.__defaults__ = primal.__defaults__
    call.__name__, call.__qualname__ = primal.__name__, primal.__qualname__
    return call


def _tests(
    dependencies: tuple[Dependency, ...], primal: FunctionType, values: dict[str, Any]
) -> list[str]:
    """`math is _0`: a few nanoseconds for each name that was compiled in."""
    tests = []
    for k, dependency in enumerate(dependencies):
        name, value, names, cell, content = dependency
        values[f"{_P}{k}"] = value
        if isinstance(content, ArrayAs):
            values[f"{_P}same{k}"] = dependency.same_array
            tests.append(f"{_P}same{k}()")
            continue
        if content is not MISSING:
            values[f"{_P}same{k}"] = dependency.same_content
            tests.append(f"{_P}same{k}()")
        if cell is not None:
            values[f"{_P}cell{k}"] = cell
            tests.append(f"{_P}cell{k}.cell_contents is {_P}{k}")
        elif (
            names is primal.__globals__
            and value is not MISSING
            and name not in primal.__code__.co_varnames
        ):
            tests.append(f"{name} is {_P}{k}")
        else:
            values[f"{_P}names{k}"] = names
            values[f"{_P}missing"] = MISSING
            tests.append(f"{_P}names{k}.get({name!r}, {_P}missing) is {_P}{k}")
    return tests
