"""From a compiled text to a function that lives among the user's."""

from __future__ import annotations

import builtins
import linecache
from functools import partial
from types import CellType, FunctionType

from s2sad import cache, rules
from s2sad.backend.inputs import is_structured
from s2sad.backend.load import loadable
from s2sad.backend.places import Places, places, remember
from s2sad.cache import Place
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
from s2sad.frontend.live import ASKED, LiveNamespace
from s2sad.ir.nodes import Let, Raise, Try
from s2sad.ir.types import Array
from s2sad.ir.walk import all_blocks
from s2sad.linked import ArrayOf, Foreign, Linked, LinkNames, bind, cells_of
from s2sad.ops.core import PRIMITIVES


@collector_paused()
def link(
    program: Program,
    wish: Wish,
    types: Types | None,
    primal: FunctionType,
    mode: Mode = Gradient,
    place: Place | None = None,
) -> Linked:
    """Compile for arguments of these types, and link to the names that `primal` sees.

    place: where it is kept on disk.
    """
    kept = None if place is None else cache.read(place)
    if kept is not None:
        note_places(kept.linked, program, wish, types, mode)
        return kept.linked
    asked: set[tuple[LiveNamespace, str]] = set()
    token = ASKED.set(asked)
    try:
        output = compile_gradient(program, wish, types, mode, standalone=False)
    finally:
        ASKED.reset(token)
    cells = cells_of(primal)
    given = {name: CellType(held.found) for name, held in output.lowered.given}
    bound = {name: CellType(func) for name, func in rules.BOUND.items()}
    if wish.jit:
        from s2sad.backend.numba.compiling import compile_core, helpers

        bound |= {name: CellType(func) for name, func in helpers().items()}
    names = LinkNames(
        primal.__globals__,
        {**cells, **_classes(output.lowered, primal, cells), **given, **bound},
        f"s2sad {output.name}",
        _foreign(output.lowered, primal, cells),
        frozenset(number.name for number in output.lowered.numbers),
        not wish.jit and _is_alone(output.lowered),
    )
    code = loadable(output.text, output.name, names)
    emitted = bind(code, names)
    entry = output.lowered.module.funcs[output.lowered.module.entry]
    lowered = output.lowered
    if wish.jit:
        compile_core(emitted, lowered.module)
    whole = is_structured(entry)
    linked = Linked(emitted, lowered.dependencies, whole, lowered.touched)
    if not wish.jit:
        note_places(linked, program, wish, types, mode)
    if place is not None:
        from s2sad.keep import classes_of, keep

        keep(place, program, asked, output, code, names, linked, classes_of(wish, types or {}))
    return linked


def _is_alone(lowered: Lowered) -> bool:
    """Does the output read nothing but what it imports, and builtins?"""
    if lowered.numbers or lowered.classes or lowered.constants or lowered.given:
        return False
    if rules.BOUND:
        return False
    for func in lowered.module.funcs.values():
        if func.inputs or any(isinstance(param.type, Array) for param in func.params):
            return False
        ops: set[str] = set()
        for block in all_blocks(func.body):
            if any(isinstance(stmt, Try | Raise) for stmt in block.stmts):
                return False
            ops.update([stmt.op for stmt in block.stmts if type(stmt) is Let])
        if not ops <= PRIMITIVES.keys() | _OF_NUMBERS:
            return False
    return True


# Primitives of structure that print without a name of the user's.
_OF_NUMBERS = frozenset("tuple item id stop_gradient list get len append".split())


def note_places(
    linked: Linked, program: Program, wish: Wish, types: Types | None, mode: Mode
) -> None:
    """Where the lines of the text come from is found out when an error comes out of it."""
    file = linked.emitted.__code__.co_filename
    remember(file, partial(_places, program, wish, types, mode, file))


def _places(program: Program, wish: Wish, types: Types | None, mode: Mode, file: str) -> Places:
    """Which lines of the user's the lines of an emitted text come from."""
    text = "".join(linecache.getlines(file))
    output = compile_gradient(program, wish, types, mode, standalone=False, places=True)
    printed = output.printed
    return places(text, printed.functions) if printed.text == text else {}


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


def array_of(type_: Array) -> ArrayOf:
    import numpy as np

    from s2sad.ir.arrays import dtype_name

    return ArrayOf(np.ndarray, np.dtype(dtype_name(type_.dtype)))
