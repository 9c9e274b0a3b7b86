"""Emitted code as a function that lives among the user's, and what a call of it runs.

Nothing of the compiler is needed here: what an earlier process has compiled gets by with it.
"""

from __future__ import annotations

import builtins
import importlib
import itertools
import linecache
from collections.abc import Callable, Mapping, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple

from s2sad.watched import MISSING, ArrayAs, CodeAs, Dependency, ObjectAs

_COUNTER = itertools.count(1)
LINK = "_s2sad_link"
# What is looked up once, in variables of its own: `_math_exp`, `_np_sum`.
_EARLY = {"math": "math", "np": "numpy"}


class Foreign(NamedTuple):
    """A number of another module or closure: `names[key]`, or what the cell holds."""

    names: Mapping[str, object]
    key: str
    cell: CellType | None


class LinkNames(NamedTuple):
    """What the text is linked to: the user's globals and closure cells, what it reads
    from elsewhere, a few words for the file name that tracebacks show, and the names that
    are the user's although a builtin has them; `alone`: the text reads none of all that."""

    globals: dict[str, Any]
    cells: Mapping[str, CellType] = {}
    label: str = ""
    foreign: Mapping[str, Foreign] = {}
    reads: frozenset[str] = frozenset()
    alone: bool = False


class Loadable(NamedTuple):
    """The code that, called with the builtins `shadowed`, gives the function; what it has
    of math and NumPy in variables of its own. Or that of a module with the function."""

    code: CodeType
    shadowed: tuple[str, ...]
    early: tuple[str, ...]


def bind(loadable: Loadable, names: LinkNames) -> Callable[..., Any]:
    """The function, linked to the user's names."""
    if loadable.code.co_name == "<module>":
        own: dict[str, Any] = {"__builtins__": builtins}
        own["__name__"] = names.globals.get("__name__")
        own.update((name, _early(name)) for name in loadable.early)
        exec(loadable.code, own)
        made: Callable[..., Any] = own.pop(LINK)
        return made
    foreign = {k: n.cell or CellType(n.names) for k, n in names.foreign.items()}
    early = {name: CellType(_early(name)) for name in loadable.early}
    cells = {**names.cells, **foreign, **early}
    values = tuple(cells[name] for name in loadable.code.co_freevars)
    link = FunctionType(loadable.code, names.globals, LINK, None, values)
    result: Callable[..., Any] = link(*(getattr(builtins, n) for n in loadable.shadowed))
    return result


def _early(name: str) -> object:
    """What `_np_sum` stands for."""
    module, _, attribute = name[1:].partition("_")
    found: object = getattr(importlib.import_module(_EARLY[module]), attribute)
    return found


def remember(text: str, label: str) -> str:
    """A file name under which tracebacks, debuggers and `inspect` find the text."""
    while True:
        filename = f"<{label} #{next(_COUNTER)}>"
        entry = (len(text), None, text.splitlines(keepends=True), filename)
        if linecache.cache.setdefault(filename, entry) is entry:
            return filename


class Linked(NamedTuple):
    """An emitted function; `dependencies` are the names that were compiled into it.

    `whole`: some arguments are structures, and all are passed, by position. `touched`:
    what is read of the objects among them, None where there can be none.
    """

    emitted: Callable[..., Any]
    dependencies: tuple[Dependency, ...]
    whole: bool = False
    touched: Any = None

    def fresh(self) -> bool:
        """Does everything that it was compiled from still stand?"""
        return all(dependency.still_same for dependency in self.dependencies)


def cells_of(primal: FunctionType) -> dict[str, CellType]:
    names = primal.__code__.co_freevars
    return dict(zip(names, primal.__closure__ or (), strict=True))


_P = "_s2sad_"


class ArrayOf(NamedTuple):
    """What tells one array argument from another: the class, and its dtype."""

    class_: type
    dtype: object


def dispatcher(
    linked: Linked,
    primal: FunctionType,
    given: Sequence[Any],
    tested: Mapping[str, type | Callable[[Any], bool] | ArrayOf],
    part: int | None,
    otherwise: Callable[..., Any],
    told: Callable[[Exception], Exception],
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
    told: the error, with what its traceback says of the user's lines.
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
        elif value is MISSING:
            values[f"{_P}names{k}"] = names
            tests.append(f"{name!r} not in {_P}names{k}")
        else:
            values[f"{_P}names{k}"] = names
            values[f"{_P}missing"] = MISSING
            tests.append(f"{_P}names{k}.get({name!r}, {_P}missing) is {_P}{k}")
    return tests
