"""From a compiled text to a function that lives among the user's."""

from __future__ import annotations

from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any, NamedTuple

from s2sad import rules
from s2sad.backend.load import Foreign, LinkNames, load
from s2sad.compile import Program, Types, Wish, compile_gradient
from s2sad.frontend import Lowered
from s2sad.frontend.live import MISSING, Dependency


class Linked(NamedTuple):
    """An emitted function; `fresh()` tells whether what it was compiled from still stands."""

    emitted: Callable[..., Any]
    fresh: Callable[[], bool]
    text: str


def link(
    program: Program, wish: Wish, types: Types | None, primal: FunctionType
) -> Linked:
    """Compile for arguments of these types, and link to the names that `primal` sees."""
    output = compile_gradient(program, wish, types)
    cells = _cells(primal)
    names = LinkNames(
        primal.__globals__,
        {**cells, **{name: CellType(func) for name, func in rules.BOUND.items()}},
        f"s2sad {output.name}",
        _foreign(output.lowered, primal, cells),
    )
    emitted = load(output.text, output.name, names)
    return Linked(emitted, _freshness(output.lowered.dependencies, primal), output.text)


def _cells(primal: FunctionType) -> dict[str, CellType]:
    names = primal.__code__.co_freevars
    return dict(zip(names, primal.__closure__ or (), strict=True))


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


def _freshness(
    dependencies: tuple[Dependency, ...], primal: FunctionType
) -> Callable[[], bool]:
    """`lambda: math is _0 and g is _1`: a few nanoseconds for each name."""
    tests = []
    values: dict[str, object] = {}
    for k, (name, value, names, cell) in enumerate(dependencies):
        values[f"_{k}"] = value
        if cell is not None:
            values[f"_c{k}"] = cell
            tests.append(f"_c{k}.cell_contents is _{k}")
        elif names is primal.__globals__ and value is not MISSING:
            tests.append(f"{name} is _{k}")
        else:
            values[f"_n{k}"] = names
            values["_missing"] = MISSING
            tests.append(f"_n{k}.get({name!r}, _missing) is _{k}")
    if not tests:
        return _always
    text = f"lambda {', '.join(f'{n}={n}' for n in values)}: {' and '.join(tests)}"
    fresh: Callable[[], bool] = eval(text, primal.__globals__, values)
    return fresh


def _always() -> bool:
    return True
