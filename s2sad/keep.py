"""What a compilation gives, kept on disk: if all that it read is told by its place.

The fingerprint takes in whatever a function could read, by its syntax; here that is held
against what the compiler did read.
"""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Mapping, Set
from types import FunctionType

from s2sad.cache import Entry, Place, write
from s2sad.compile import Output, Primal, Program, Types, Wish
from s2sad.fingerprint import Fingerprint, NotTold
from s2sad.frontend.live import LiveNamespace
from s2sad.frontend.source import defaults_of, meant_by
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Record, Tuple, Type
from s2sad.linked import Linked, LinkNames, Loadable

_HERE = os.path.dirname(__file__)
# What the front end takes for fixed; their versions are told.
_FIXED = ("math", "numpy", "scipy", "s2sad")


def types_text(types: Types) -> str | None:
    """Types as text; None where one is of a class of the user's."""
    if not all(map(_is_plain, types.values())):
        return None
    found = ",".join(f"{name}:{type_}" for name, type_ in types.items())
    if any(isinstance(type_, Array | Tuple | List | Record) for type_ in types.values()):
        import numpy as np

        found += f" {types!r} {np.__version__}"
    return found


def _is_plain(type_: Type) -> bool:
    match type_:
        case Record(kind, _, items, cls):
            return kind in ("list", "dict") and cls is None and all(map(_is_plain, items))
        case Tuple(items):
            return all(map(_is_plain, items))
        case List(item):
            return _is_plain(item)
        case _:
            return True


def keep(
    place: Place,
    program: Program,
    asked: Set[tuple[LiveNamespace, str]],
    output: Output,
    loadable: Loadable,
    names: LinkNames,
    linked: Linked,
    classes: tuple[str, ...] | None,
) -> None:
    """Write it to its place, if that tells all of it."""
    if not isinstance(program, Primal) or not _has_defaults(program, place.function):
        return
    slots = {_at(s.cell, s.names, s.name): k for k, s in enumerate(place.reading.slots)}
    lowered = output.lowered
    read = [
        _at(space.cells.get(name), space.names, name)
        for space, name in asked
        if space.module.partition(".")[0] not in _FIXED
    ]
    watched = [slots.get(_at(d.cell, d.names, d.name)) for d in lowered.dependencies]
    foreign = {
        name: slots.get(_at(n.cell, n.names, n.key)) for name, n in names.foreign.items()
    }
    known = not any(k is None for k in (*map(slots.get, read), *watched, *foreign.values()))
    own = names.cells.keys() <= set(place.function.__code__.co_freevars)
    if not (known and own and _as_told(dict(lowered.sources), place) and _still(place)):
        return
    entry = Entry(
        *loadable, output.text, names.label, linked.whole, classes,
        tuple(k for k in watched if k is not None),
        tuple((name, k) for name, k in foreign.items() if k is not None),
    )  # fmt: skip
    write(place, entry)


def _has_defaults(program: Primal, function: FunctionType) -> bool:
    """Are the defaults those that were read when it was decorated?"""
    known = program.function
    same = repr(known.defaults) == repr(defaults_of(function))
    return same and known.meant == meant_by(function)


def _still(place: Place) -> bool:
    """Is everything as it was before the compilation?"""
    try:
        return Fingerprint(place.function).text == place.reading.text
    except NotTold:
        return False


def _at(cell: object, names: object, name: str) -> tuple[int, str]:
    return id(names if cell is None else cell), name


def classes_of(wish: Wish, types: Types) -> tuple[str, ...] | None:
    """The classes that tell the types of arguments, if classes do."""
    if not all(type_ in (FLOAT, INT, BOOL) for type_ in types.values()):
        return None
    return tuple("float" if n in wish.wrt else str(t) for n, t in types.items())


def _as_told(sources: Mapping[str, str], place: Place) -> bool:
    """Were the sources that went in the files that the place is named by?"""
    for file, text in sources.items():
        if file.startswith(_HERE):
            continue
        data = place.reading.files.get(file)
        if data is None:
            return False
        coding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        same = io.TextIOWrapper(io.BytesIO(data), coding).read()
        if same.rstrip("\n") != text.rstrip("\n"):
            return False
    return True
