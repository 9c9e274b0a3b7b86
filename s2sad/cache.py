"""Compiled functions, kept on disk for later processes.

    <cache>/<function>/<reading>        one file for each function, and all that was read

A name is a digest of everything that the compilation reads (`fingerprint`): what has changed
in any way is not found. A file is written beside its place and then moved there, and holds a
digest of itself: whatever is wrong with it, it is not there. The directory is `S2SAD_CACHE`,
or the user's usual one; `S2SAD_CACHE=0` keeps nothing.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from s2sad.fingerprint import Fingerprint, NotTold, Slot, digest, function_text, installation
from s2sad.linked import Foreign, Linked, LinkNames, Loadable, bind, cells_of, remember
from s2sad.watched import Dependency, content_of

# What is kept at most, and how much of it goes when it is more, the oldest first.
MOST_BYTES = 64_000_000
_FORMAT = b"s2sad 1\n"
_DIGEST = 40


def directory() -> str | None:
    """Where compiled functions are kept; None if they are not."""
    given = os.environ.get("S2SAD_CACHE")
    if given is not None:
        return None if given in ("", "0") else given
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "s2sad") if os.path.isabs(base) else None


def function_place(function: object, options: str | None) -> str | None:
    """Where what is compiled of a function is, for whichever types and globals; None where
    nothing is kept."""
    base = directory()
    if base is None or options is None or type(function) is not FunctionType or _has_rules():
        return None
    around = function.__qualname__.rpartition(".")[0]
    if around and not around.endswith("<locals>"):
        return None  # a method, that its class is told of later
    try:
        told = installation(), options, function_text(function, {})
    except NotTold:
        return None
    key = digest(repr(told).encode())
    return os.path.join(base, key)


def options_text(mode: str, argnums: object, has_aux: bool, optimize: int) -> str | None:
    """What is wished for, as text; None where it is no plain thing."""
    each = argnums if isinstance(argnums, tuple | list) else (argnums,)
    if not all(type(which) in (int, str) for which in each):
        return None
    bare = not isinstance(argnums, tuple | list)
    return repr((mode, bare, tuple(each), bool(has_aux), int(optimize)))


def _has_rules() -> bool:
    """Have rules of the user's been registered?"""
    rules = sys.modules.get("s2sad.rules")
    return rules is not None and bool(rules.BOUND)


class Place(NamedTuple):
    """Where what is compiled of a function is, and what it depends on."""

    path: str
    function: Any  # a FunctionType: as a field mypy takes it for a method
    reading: Fingerprint


def place_of(folder: str | None, function: FunctionType, types: str | None) -> Place | None:
    """The place for arguments of these types, with everything as it is now."""
    if folder is None or types is None or _has_rules():
        return None
    try:
        reading = Fingerprint(function)
    except NotTold:
        return None
    key = digest(repr((types, reading.text)).encode())
    return Place(os.path.join(folder, key), function, reading)


class Kept(NamedTuple):
    """A function from the disk; `tested` are the classes of its arguments, if these tell
    their types."""

    linked: Linked
    tested: tuple[str, ...] | None


class Entry(NamedTuple):
    """What is in a file: `watched` and `foreign` are positions among the slots."""

    code: CodeType
    shadowed: tuple[str, ...]
    early: tuple[str, ...]
    text: str
    label: str
    whole: bool
    tested: tuple[str, ...] | None
    watched: tuple[int, ...]
    foreign: tuple[tuple[str, int], ...]


def read(place: Place) -> Kept | None:
    try:
        with open(place.path, "rb") as stream:
            data = stream.read()
    except OSError:
        return None
    start = len(_FORMAT) + _DIGEST
    content = data[start:]
    if data[:start] != _FORMAT + digest(content).encode():
        return None
    entry = Entry(*marshal.loads(content))
    slots = place.reading.slots
    names = LinkNames(
        place.function.__globals__,
        cells_of(place.function),
        entry.label,
        {name: _foreign(slots[k]) for name, k in entry.foreign},
    )
    code = _named(entry.code, remember(entry.text, entry.label))
    emitted = bind(Loadable(code, entry.shadowed, entry.early), names)
    watched = tuple(_dependency(slots[k]) for k in entry.watched)
    return Kept(Linked(emitted, watched, entry.whole), entry.tested)


def _named(code: CodeType, file: str) -> CodeType:
    """The code with another file name."""
    consts = tuple(_named(c, file) if isinstance(c, CodeType) else c for c in code.co_consts)
    return code.replace(co_filename=file, co_consts=consts)


def _foreign(slot: Slot) -> Foreign:
    return Foreign(slot.names, slot.name, slot.cell)


def _dependency(slot: Slot) -> Dependency:
    return Dependency(*slot, content_of(slot.value))


def write(place: Place, entry: Entry) -> None:
    """Keep an entry; where that cannot be, nothing happens."""
    try:
        content = marshal.dumps(tuple(entry))
    except ValueError:
        return
    data = _FORMAT + digest(content).encode() + content
    beside = f"{place.path}.{os.getpid()}.{os.urandom(4).hex()}"
    folder = os.path.dirname(place.path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(beside, "xb") as stream:
            stream.write(data)
        os.replace(beside, place.path)
        # Now and then.
        if os.path.basename(place.path)[0] == "0":
            prune(os.path.dirname(folder))
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(beside)


def prune(base: str, most: int = MOST_BYTES) -> None:
    """Drop the oldest files where there are too many, to three quarters of what may be."""
    files = []
    for path in _ours(base):
        for inner in _ours(path):
            with contextlib.suppress(OSError):
                stat = os.stat(inner)
                # A small file takes a block of the disk too.
                files.append((stat.st_mtime, max(stat.st_size, 4096), inner))
    total = sum(size for _, size, _ in files)
    if total <= most:
        return
    for _, size, path in sorted(files):
        if total <= 0.75 * most:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            total -= size
            os.rmdir(os.path.dirname(path))


def _ours(folder: str) -> list[str]:
    """What is in a folder under names that we give."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    ours = (n for n in names if len(n.partition(".")[0]) == _DIGEST)
    return [os.path.join(folder, name) for name in ours]


if directory() is not None:
    # Now: when the compiler's files change, what is in memory is still the old one.
    with contextlib.suppress(NotTold):
        installation()
