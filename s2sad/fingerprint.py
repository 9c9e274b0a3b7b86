"""Everything that the compilation of a function can read, as text.

A compiled text is kept for later processes only under a text that tells all it was made
from: code, source files, values of globals and captured variables, the same of the functions
that are called. What cannot be told in full (objects, classes, arrays, …) raises `NotTold`,
and nothing is kept.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from s2sad.watched import MISSING


class NotTold(Exception):
    """Something that a compilation may read has no text that tells it."""


class Slot(NamedTuple):
    """A name that a compilation may read, and what it is bound to; as in `Dependency`."""

    name: str
    value: object
    names: Mapping[str, object]
    cell: CellType | None


_NUMBERS = (bool, int, float, complex, str, bytes, type(None), type(...))
_CONTAINERS = (tuple, list, dict, set, frozenset)
# Their versions are told, and that of s2sad is in every key.
_LIBRARIES = ("numpy", "scipy", "s2sad")
_DEEPEST = 40


class Fingerprint:
    """The text of one function; `slots`, in an order that the text determines; the files
    that were read."""

    def __init__(self, function: FunctionType) -> None:
        self.slots: list[Slot] = []
        self.files: dict[str, bytes] = {}
        self._parts: list[str] = []
        self._seen: dict[object, int] = {}
        self._depth = 0
        # The front end looks for NumPy by its usual names.
        self._function(function, {"np", "numpy"})

    @property
    def text(self) -> str:
        return "\n".join(self._parts)

    def _note(self, *parts: object) -> None:
        self._parts.append(repr(parts))

    def _known(self, key: object) -> bool:
        """Was it told before? Then it is told by a number."""
        if key in self._seen:
            self._note("again", self._seen[key])
            return True
        self._seen[key] = len(self._seen)
        return False

    def _function(self, function: FunctionType, more: set[str]) -> None:
        if type(function) is not FunctionType or vars(function):
            raise NotTold
        if self._known(id(function)):
            return
        self._note(
            "def", function.__name__, function.__qualname__, function.__module__,
            function.__doc__, function_text(function, self.files),
        )  # fmt: skip
        names = {*_names(function.__code__), *more}
        self._value(function.__defaults__, names)
        self._value(function.__kwdefaults__, names)
        for parameter, annotation in function.__annotations__.items():
            names |= _annotation(annotation)
            self._note(parameter, repr(annotation))
        cells = dict(
            zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        )
        for name in sorted({*names, *cells}):
            self._slot(name, function.__globals__, cells.get(name), names)

    def _slot(
        self, name: str, space: dict[str, Any], cell: CellType | None, names: set[str]
    ) -> None:
        value: object
        if cell is not None:
            try:
                value = cell.cell_contents
            except ValueError:
                raise NotTold from None
            self.slots.append(Slot(name, value, space, cell))
        else:
            value = space.get(name, MISSING)
            self.slots.append(Slot(name, value, space, None))
            if value is MISSING:
                value = getattr(builtins, name, MISSING)
        self._note("name", name)
        self._value(value, names)

    def _value(self, value: object, names: set[str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotTold
        class_ = type(value)
        if value is MISSING:
            self._note("none")
        elif class_ in _NUMBERS:
            self._note(class_.__name__, value)
        elif class_ in _CONTAINERS:
            self._container(value, names)
        elif isinstance(value, FunctionType) and not _of_library(value):
            self._function(value, set())
        elif isinstance(value, ModuleType) and class_ is ModuleType:
            self._module(value, names)
        else:
            self._by_name(value)
        self._depth -= 1

    def _container(self, value: Any, names: set[str]) -> None:
        self._note(type(value).__name__, len(value))
        if isinstance(value, set | frozenset):
            value = sorted(value, key=repr)
        for item in value.items() if isinstance(value, dict) else value:
            self._value(item, names)

    def _module(self, module: ModuleType, names: set[str]) -> None:
        """A module, and what the function may read of it."""
        package = module.__name__.partition(".")[0]
        if self._known((id(module), frozenset(names))):
            return
        version = getattr(sys.modules.get(package), "__version__", "")
        self._note("module", module.__name__, version)
        space = vars(module)
        for name in sorted(names):
            self.slots.append(Slot(name, space.get(name, MISSING), space, None))
            if name in space:
                self._note("name", name)
                self._value(space[name], names)

    def _by_name(self, value: object) -> None:
        """What is known by its name alone: builtins, functions and classes of libraries."""
        module, name = getattr(value, "__module__", None), getattr(value, "__name__", "")
        plain = isinstance(value, BuiltinFunctionType | type) and (
            module in ("builtins", "math", "cmath")
            and getattr(sys.modules.get(module), name, None) is value
        )
        if not plain and not _of_library(value):
            raise NotTold
        self._note("builtin", type(value).__name__, module, name)


def _of_library(value: object) -> bool:
    """Is it a function or class of NumPy's or SciPy's, by the name that it has there?"""
    if not isinstance(value, type | FunctionType | BuiltinFunctionType):
        class_ = type(value)
        if class_.__module__.partition(".")[0] not in _LIBRARIES or not callable(value):
            return False
    name = getattr(value, "__name__", None)
    module = getattr(value, "__module__", None) or "numpy"
    if not isinstance(name, str) or not isinstance(module, str):
        return False
    if module.partition(".")[0] not in _LIBRARIES:
        return False
    homes = (module, module.partition(".")[0])
    return any(getattr(sys.modules.get(home), name, None) is value for home in homes)


def _annotation(annotation: object) -> set[str]:
    """The names that an annotation may be read by."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    return {*_identifiers(text), "np"}


def _identifiers(text: str) -> Iterator[str]:
    word = ""
    for c in f"{text} ":
        if c.isalnum() or c == "_":
            word += c
        else:
            if word.isidentifier():
                yield word
            word = ""


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function may read, of its module and of what it finds there."""
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names(const)
            yield from const.co_freevars
        elif isinstance(const, str) and const.isidentifier():
            yield const


def function_text(function: FunctionType, files: dict[str, bytes]) -> str:
    """A function's code, and the file that it stands in."""
    code = function.__code__
    file = code.co_filename
    if file not in files:
        files[file] = _content(file)
    return repr((file, digest(files[file]), _code(code)))


def _content(file: str) -> bytes:
    linecache = sys.modules.get("linecache")
    known = None if linecache is None else linecache.cache.get(file)
    if known is not None and len(known) > 1 and known[1] is None:
        raise NotTold  # The text is another than the file's.
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except (OSError, ValueError):
        raise NotTold from None


def _code(code: CodeType) -> tuple[object, ...]:
    return (
        code.co_name, code.co_firstlineno, code.co_argcount, code.co_posonlyargcount,
        code.co_kwonlyargcount, code.co_flags, code.co_code, code.co_names,
        code.co_varnames, code.co_freevars, code.co_cellvars,
        [_constant(const) for const in code.co_consts],
    )  # fmt: skip


def _constant(const: object) -> object:
    match const:
        case CodeType():
            return _code(const)
        case tuple():
            return "tuple", [_constant(item) for item in const]
        case frozenset():
            return "frozenset", sorted(map(repr, const))
        case _:
            return type(const).__name__, repr(const)


def digest(data: bytes) -> str:
    try:
        # Not through hashlib, which loads OpenSSL: that takes as long as all of this.
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return blake2b(data, digest_size=20).hexdigest()


@cache
def installation() -> str:
    """What makes one compiler another: its files, and Python.

    Raises `NotTold` where it is no folder of files.
    """
    try:
        files = sorted(_files(os.path.dirname(__file__)))
    except OSError:
        raise NotTold from None
    python = sys.implementation.name, sys.version, sys.flags.optimize
    return digest(repr((files, python)).encode())


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _files(entry.path)
