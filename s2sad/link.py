"""From a compiled text to a function that lives among the user's."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from s2sad import rules
from s2sad.backend.inputs import is_structured
from s2sad.backend.load import Foreign, LinkNames, load
from s2sad.backend.places import Places, places, remember, told
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
from s2sad.frontend.live import MISSING, ArrayAs, CodeAs, Dependency, ObjectAs
from s2sad.ir.types import Array

if TYPE_CHECKING:
    from s2sad.frontend.fitting import Test


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
    if not wish.jit:
        found = partial(_places, program, wish, types, mode, output.text)
        remember(emitted.__code__.co_filename, found)
    entry = output.lowered.module.funcs[output.lowered.module.entry]
    lowered = output.lowered
    if wish.jit:
        compile_core(emitted, lowered.module)
    return Linked(emitted, lowered.dependencies, is_structured(entry), lowered.touched)


def _places(program: Program, wish: Wish, types: Types | None, mode: Mode, text: str) -> Places:
    """Which lines of the user's the lines of an emitted text come from."""
    printed = compile_gradient(program, wish, types, mode, standalone=False).printed
    return places(text, printed.functions) if printed.text == text else {}


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
    given: Sequence[Any],
    tested: Mapping[str, type | Test | ArrayOf],
    part: int | None,
    otherwise: Callable[..., Any],
) -> Callable[..., Any]:
    """The function that a call of a derivative runs, written for this one primal:

        def f(x, n):
            if n.__class__ is int and math is the_math_it_was_compiled_with:
                try:
                    return emitted(x, n)[1]
                except (TypeError, AttributeError) as error:
                    return otherwise(emitted, (x, n), error)
                except Exception as error:
                    raise told(error)
            return otherwise(None, (x, n))

    so that what stands between the caller and the emitted function costs 0.1 µs.
    `given` are its first arguments, where a call has only the others. `tested` is the
    class of a parameter, or what tells whether an argument has the type.
    """
    code = primal.__code__
    params = code.co_varnames[: code.co_argcount]
    values: dict[str, Any] = {
        f"{_P}emitted": linked.emitted,
        f"{_P}otherwise": otherwise,
        f"{_P}told": told,
    }
    tests = _tests(linked.dependencies, primal, values)
    for k, (name, test) in enumerate(tested.items()):
        if isinstance(test, ArrayOf):
            tests.append(f"{name}.__class__ is {_P}{name} and {name}.dtype is {_P}{k}dtype")
            values[f"{_P}{name}"], values[f"{_P}{k}dtype"] = test
            continue
        values[f"{_P}{name}"] = test
        is_class = isinstance(test, type)
        tests.append(f"{name}.__class__ is {_P}{name}" if is_class else f"{_P}{name}({name})")
    values.update(zip(params, given, strict=False))
    free, every = ", ".join(params[len(given) :]), ", ".join(params)
    picked = "" if part is None else f"[{part}]"
    # What writes to an object is not called a second time.
    turned_down = "()" if linked.whole else "(TypeError, AttributeError)"
    text = f"""
def {_P}make({", ".join(values)}):
    def {_P}call({free}):
        if {" and ".join(tests) or "True"}:
            try:
                return {_P}emitted({every}){picked}
            except {turned_down} as error:
                return {_P}otherwise({_P}emitted, ({free},), error)
            except Exception as error:
                raise {_P}told(error)
        return {_P}otherwise(None, ({free},))
    return {_P}call
"""
    scope: dict[str, Any] = {}
    exec(text, primal.__globals__, scope)
    call: FunctionType = scope[f"{_P}make"](**values)
    defaults, count = primal.__defaults__ or (), call.__code__.co_argcount
    call.__defaults__ = defaults[max(0, len(defaults) - count) :]
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
        if isinstance(content, CodeAs):
            values[f"{_P}code{k}"], values[f"{_P}defaults{k}"] = content
            tests.append(f"{_P}{k}.__code__ is {_P}code{k}")
            tests.append(f"{_P}{k}.__defaults__ is {_P}defaults{k}")
        elif isinstance(content, ObjectAs):
            values[f"{_P}class{k}"] = content.class_
            tests.append(f"{_P}{k}.__class__ is {_P}class{k}")
        elif content is not MISSING:
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
