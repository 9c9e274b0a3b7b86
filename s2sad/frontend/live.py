"""Global names of a live function, resolved through the objects that they are bound to."""

from __future__ import annotations

import ast
import builtins
import contextlib
import enum
import functools
import importlib
import inspect
import sys
import types
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from s2sad.errors import TypeRefused
from s2sad.frontend.resolve import (
    BoundMeaning,
    ClassMeaning,
    ConstantMeaning,
    ContainerMeaning,
    FunctionMeaning,
    Held,
    LiteralMeaning,
    Meaning,
    ModuleMeaning,
    NumberMeaning,
    ObjectMeaning,
    PrimitiveMeaning,
    RuleMeaning,
    UnknownMeaning,
    custom_primitive,
)
from s2sad.frontend.twins import python_twin
from s2sad.ir.nodes import Lit
from s2sad.ir.types import BOOL, FLOAT, GENERATOR, GENERATORS, INT, NONE, Array, Opaque
from s2sad.ops.arrays.helpers import HELPERS as OF_ARRAYS
from s2sad.ops.helpers import HELPERS as OF_NUMBERS
from s2sad.ops.helpers import PLAIN
from s2sad.watched import MISSING, ArrayAs, Dependency, ObjectAs, content_of

if TYPE_CHECKING:
    from s2sad.frontend.classes import ClassInfo


class LiveNumber(NamedTuple):
    """A number or an array that the output reads at every call.

    `name` is what the output calls it, `key` what `names` does.
    """

    name: str
    key: str
    names: Mapping[str, object]
    cell: types.CellType | None


def literal(value: object) -> Lit | None:
    """A value as a literal; None where it is no number, string or None."""
    match value:
        case bool():
            return Lit(value, BOOL)
        case int() if type(value) is int:
            return Lit(value, INT)
        case float() if type(value) is float:
            return Lit(value, FLOAT)
        case None:
            return Lit(None, NONE)
        case str() if type(value) is str:
            return Lit(repr(value), Opaque("str"))
        case _:
            return None


_LATE = frozenset({"numpy", "scipy"})

# What is read while a program is compiled, for those who want to know all of it.
ASKED: ContextVar[set[tuple[LiveNamespace, str]] | None] = ContextVar("ASKED", default=None)


class LiveNamespace:
    """The captured variables of a function, its globals, the builtins."""

    def __init__(
        self,
        names: Mapping[str, object],
        cells: Mapping[str, types.CellType],
        module: str,
        builtin: bool,
    ) -> None:
        self.names = names
        self.cells = cells
        self.module = module
        self.builtin = builtin

    @classmethod
    def of_function(cls, func: types.FunctionType) -> LiveNamespace:
        cells = dict(zip(func.__code__.co_freevars, func.__closure__ or (), strict=True))
        module = func.__globals__.get("__name__", "")
        return cls(func.__globals__, cells, str(module), True)

    @staticmethod
    @functools.cache
    def of_module(module: types.ModuleType) -> LiveNamespace:
        return LiveNamespace(vars(module), {}, module.__name__, False)

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        raise NotImplementedError

    def read(self, name: str) -> object:
        asked = ASKED.get()
        if asked is not None:
            asked.add((self, name))
        if name in self.cells:
            try:
                return self.cells[name].cell_contents
            except ValueError:
                return MISSING
        value = self.names.get(name, MISSING)
        if value is MISSING and self.builtin:
            return getattr(builtins, name, MISSING)
        if value is MISSING and self.module in _LATE:
            # NumPy and SciPy import a part of theirs when it is first asked for.
            return getattr(sys.modules[self.module], name, MISSING)
        return value

    def imported_module(self, dotted: str, level: int) -> Meaning:
        """A module that is loaded, or one of the standard library."""
        full = dotted
        if level:
            parts = str(self.names.get("__package__") or "").split(".")
            base = parts[: len(parts) - level + 1]
            full = ".".join([*base, dotted] if dotted else base)
        asked = ASKED.get()
        if asked is not None:
            asked.add((self, f"import {full}"))
        if full.split(".")[0] in sys.stdlib_module_names:
            importlib.import_module(full)
        found = sys.modules.get(full)
        if found is None:
            return UnknownMeaning(
                f"the import of {full} inside a function", "import it at the top"
            )
        return ModuleMeaning(full, LiveNamespace.of_module(found))

    def lookup(self, name: str) -> Meaning | None:
        value = self.read(name)
        return None if value is MISSING else meaning_of(value, name, self)

    def watch(self, name: str) -> Dependency:
        cell = self.cells.get(name)
        value = self.read(name) if cell else self.names.get(name, MISSING)
        return Dependency(name, value, self.names, cell, snapshot(value, name))

    def number(self, name: str, as_: str) -> LiveNumber:
        return LiveNumber(as_, name, self.names, self.cells.get(name))


def array_type(value: object, name: str) -> Array | None:
    """The type of an array that a name of the module has; None of anything else."""
    class_ = type(value)
    if class_.__name__ != "ndarray" or class_.__module__ != "numpy":
        return None
    from s2sad.frontend.calltypes import type_of_array

    try:
        # No parameter is called so: a size of its own.
        found = type_of_array(f"global.{name}", value)
    except TypeRefused:
        return None
    return found if found.dims else None


def snapshot(value: Any, name: str = "") -> object:
    """What can change in a value, to see whether it has: a copy of a container, the type
    of an array; MISSING of anything else."""
    array = array_type(value, name)
    if array is not None:
        return ArrayAs(array, type(value), value.dtype, value.shape, array_type)
    if _is_dict(value):
        import copy

        return copy.deepcopy(value)
    return ObjectAs(type(value)) if is_plain_object(value) else content_of(value)


def meaning_of(value: object, name: str, namespace: LiveNamespace) -> Meaning:
    custom = custom_primitive(value)
    if custom is not None:
        return RuleMeaning(custom)
    match value:
        case bool() | int() | float():
            return _number(value, name, namespace)
        case _ if (array := array_type(value, name)) is not None:
            return NumberMeaning(name, array)
        case _ if value is sys.float_info:
            return ModuleMeaning("sys.float_info", _Fields(value))
        case None | str():
            lit = literal(value)
            return LiteralMeaning(lit) if lit else UnknownMeaning(name)
        case tuple() | list() | dict() | set() | frozenset():
            return _container(value, name)
        case types.ModuleType():
            return ModuleMeaning(value.__name__, LiveNamespace.of_module(value))
        case type():
            return _class(value)
        case types.BuiltinFunctionType():
            return _builtin(value)
        case types.FunctionType() if (found := _array_function(value)) is not None:
            return PrimitiveMeaning(found)
        case types.FunctionType(
            __name__="stop_gradient" | "cotangent" as own, __module__="s2sad.marks"
        ):
            return PrimitiveMeaning(f"s2sad.{own}")
        case types.MethodType(__self__=owner) if type(owner).__name__ == "RandomState":
            # np.random.rand, of NumPy's own generator.
            return PrimitiveMeaning(f"{namespace.module}.{value.__name__}")
        case _ if name in _GRIDS and "index_tricks" in type(value).__module__:
            return PrimitiveMeaning(f"numpy.{name}")
        case _ if is_generator(value):
            return NumberMeaning(name, GENERATOR)
        case _ if getattr(value, "__module__", "") in _RANDOM and hasattr(value, "__name__"):
            return PrimitiveMeaning(f"numpy.random.{value.__name__}")
        case _ if is_ours(value) or _of_api(type(value)):
            return UnknownMeaning(
                f"{name}, a derivative, inside a function",
                "call the plain function, kept under a name of its own",
            )
        case types.FunctionType() if _of_api(value):
            return UnknownMeaning(
                f"s2sad.{value.__name__} inside a function", "differentiate what is around it"
            )
        case types.MethodType(__func__=func, __self__=owner) if not is_ours(func):
            bound = meaning_of(func, name, namespace), meaning_of(owner, name, namespace)
            return _unknown(bound) or BoundMeaning(bound[0], bound[1:])
        case functools.partial(func=func, args=args, keywords=keywords):
            given = [_part(arg, name) for arg in args]
            named = {key: _part(arg, name) for key, arg in keywords.items()}
            callee = meaning_of(func, name, namespace)
            unknown = _unknown((callee, *given, *named.values()))
            return unknown or BoundMeaning(callee, tuple(given), tuple(named.items()))
        case types.FunctionType():
            return _function(value)
        case _ if is_plain_object(value) and not transparent(value):
            return object_meaning(value, name)
        case _ if type(value).__module__.split(".")[0] == "numpy" and callable(value):
            return _of_numpy(value)
        case _ if callable(value):
            return _function(value)
        case _:
            return UnknownMeaning(
                f"{name}, a global of type {type(value).__name__}",
                "pass it as an argument, or use a number",
            )


def _unknown(parts: Iterable[Meaning]) -> Meaning | None:
    return next((part for part in parts if isinstance(part, UnknownMeaning)), None)


class _Fields:
    """The numbers of an object that never changes."""

    def __init__(self, found: object) -> None:
        self.found = found

    def lookup(self, name: str) -> Meaning | None:
        lit = literal(getattr(self.found, name, self))
        return None if lit is None else LiteralMeaning(lit)

    def imported_module(self, dotted: str, level: int) -> Meaning:
        raise NotImplementedError

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        raise NotImplementedError


_HEAP_TYPE = 1 << 9
_GRIDS = ("r_", "c_", "mgrid", "ogrid")
_RANDOM = ("numpy.random", "numpy.random._generator", "numpy.random.mtrand")


def is_generator(value: object) -> bool:
    """Is it a source of random numbers of NumPy's?"""
    return type(value).__module__ in _RANDOM and type(value).__name__ in GENERATORS


def is_plain_object(value: object) -> bool:
    """Is it an object of a class that is written in Python, with attributes of its own?"""
    line = type(value).__mro__[:-1]
    return type(value) is types.SimpleNamespace or (
        hasattr(value, "__dict__")
        and all(a.__flags__ & _HEAP_TYPE and a.__module__ != "builtins" for a in line)
    )


def object_meaning(value: object, name: str) -> ObjectMeaning:
    class_ = type(value)
    members = LiveNamespace(vars(value), {}, f"{class_.__module__}.{name}", False)
    meaning = ClassMeaning(class_.__name__, issubclass(class_, BaseException), class_)
    return ObjectMeaning(name, meaning, Held(value, members))


def _container(value: object, name: str) -> Meaning:
    """A tuple, list or dict of constants; a named tuple is an object of its class."""
    match value:
        case dict() if _is_dict(value):
            kind, keys, items = "dict", tuple(value), tuple(value.values())
        case set() | frozenset() if type(value) in (set, frozenset):
            # In an order that does not change from run to run.
            kind, keys, items = type(value).__name__, tuple(sorted(value, key=repr)), ()
        case tuple() | list() if type(value) in (tuple, list):
            kind, keys, items = type(value).__name__, (), tuple(value)
        case _:
            return UnknownMeaning(
                f"{name}, a global of type {type(value).__name__}", "pass it as an argument"
            )
    known = all(isinstance(key, int | float | str | enum.Enum) for key in keys)
    made = tuple(_part(item, name) for item in items)
    wrong = next((part for part in made if isinstance(part, UnknownMeaning)), None)
    if wrong is not None or not known:
        what = f"{name}, a global {kind} of more than numbers and text"
        return wrong or UnknownMeaning(what, "pass it as an argument")
    return ContainerMeaning(kind, keys, made, name, Held(value))


def _is_dict(value: object) -> bool:
    """Is it a dict, or one of those that count?"""
    class_ = type(value)
    counts = class_.__module__ == "collections" and class_.__name__ in _DICTS
    return class_ is dict or counts


_DICTS = ("Counter", "defaultdict", "OrderedDict")


def _part(value: object, name: str) -> Meaning:
    lit = literal(value)
    if lit is not None:
        return LiteralMeaning(lit)
    match value:
        case tuple() | list() | dict() | set() | frozenset():
            return _container(value, name)
        case types.FunctionType() | types.BuiltinFunctionType() | type():
            return meaning_of(value, name, _NOWHERE)
        case enum.Enum() if is_plain_object(value):
            return object_meaning(value, name)
        case _:
            return UnknownMeaning(
                f"{name}, a global with a {type(value).__name__} in it",
                "pass it as an argument",
            )


def _number(value: bool | int | float, name: str, namespace: LiveNamespace) -> Meaning:
    if namespace.module == "numpy":
        return ConstantMeaning(f"np.{name}", FLOAT, value)
    if namespace.module in _CONSTANT_MODULES and not namespace.builtin:
        return ConstantMeaning(f"{namespace.module}.{name}", FLOAT, value)
    of_numpy = isinstance(value, float) and type(value).__module__ == "numpy"
    if type(value) not in (bool, int, float) and not of_numpy:
        return UnknownMeaning(f"{name}, a {type(value).__name__}", "use a plain int or float")
    # A global int may become a float: it is an int only where an int is needed.
    return NumberMeaning(name, BOOL if isinstance(value, bool) else FLOAT)


_CONSTANT_MODULES = ("math", "cmath")


def _class(value: type) -> Meaning:
    if value.__module__ in _TOOLS:
        return PrimitiveMeaning(f"{value.__module__}.{value.__name__}")
    if value.__module__ != "builtins":
        return ClassMeaning(value.__name__, issubclass(value, BaseException), value)
    if issubclass(value, BaseException):
        return ClassMeaning(value.__name__, True, value)
    return PrimitiveMeaning(value.__name__)


# Functions of the library that are followed by what they mean.
_KNOWN = frozenset(
    {"copy.copy", "copy.deepcopy", "typing.cast", "dataclasses.replace",
     "dataclasses.asdict", "dataclasses.astuple"}
)  # fmt: skip
# Types that are called like functions.
_TOOLS = ("functools", "itertools", "operator")


def _builtin(value: types.BuiltinFunctionType) -> Meaning:
    module, name = value.__module__ or "", value.__name__
    if getattr(sys.modules.get(module), name, None) is not value:
        return UnknownMeaning(f"{value.__qualname__}, a method", "")
    twin = python_twin(value)
    if twin is not None:
        return FunctionMeaning(twin)
    return PrimitiveMeaning(name if module == "builtins" else f"{module}.{name}")


def _array_function(value: types.FunctionType) -> str | None:
    """The name of a function of NumPy's or SciPy's that is a primitive, or one of ours."""
    package = str(value.__module__).split(".")[0]
    if package not in ("numpy", "scipy") and value.__name__ not in HELPERS:
        return None
    from s2sad.ops.arrays.core import lookup_array

    if package == "scipy":
        return _of_scipy(value)
    if package == "numpy":
        dotted = f"{value.__module__}.{value.__name__}"
        public = f"{package}.{value.__name__}"
        return next((name for name in (dotted, public) if lookup_array(name)), None)
    name = value.__name__
    return name if helper_of(value) is not None and lookup_array(name) else None


def _of_scipy(value: object) -> str | None:
    """The name of a function of SciPy's that is a primitive: what they say of themselves is
    the private module that they are made in, or nothing."""
    from s2sad.ops.arrays.core import ARRAY_OPS
    from s2sad.ops.arrays.families import SYNONYMS

    for name in (*ARRAY_OPS, *SYNONYMS):
        module, _, attribute = name.rpartition(".")
        home = sys.modules.get(module) if module.startswith("scipy.") else None
        if home is not None and getattr(home, attribute, None) is value:
            return name
    return None


def _of_numpy(value: Any) -> Meaning:
    """A function of NumPy's, or a ufunc of SciPy's, which are objects of several classes."""
    module, name = str(getattr(value, "__module__", None) or "numpy"), value.__name__
    module = "numpy" if module == "numpy.core.umath" else module
    dotted = f"{module}.{name}"
    found: object = sys.modules.get(module)
    if getattr(found, name, None) is value:
        return PrimitiveMeaning(dotted)
    of_scipy = _of_scipy(value) if "scipy" in sys.modules else None
    if of_scipy is not None:
        return PrimitiveMeaning(of_scipy)
    special = getattr(sys.modules.get("scipy.special"), name, None) is value
    return UnknownMeaning(f"scipy.special.{name}" if special else dotted)


def is_ours(value: object) -> bool:
    """Is it an object of s2sad's that stands for a function?"""
    return type(value).__module__.split(".")[0] == "s2sad" and hasattr(value, "__wrapped__")


def _of_api(value: object) -> bool:
    """Is it a function or a class of s2sad's that makes derivatives?"""
    return str(value.__module__) in _API


_API = frozenset(
    f"s2sad.{name}" for name in ("api", "expansion", "gradients", "jacobians", "modes")
)


def transparent(value: object) -> bool:
    """Does a wrapper leave the call as it is: lru_cache, Numba's?"""
    if not hasattr(value, "__wrapped__"):
        return False
    module = type(value).__module__.split(".")[0]
    return module == "numba" or type(value) is _CACHED


def keeps(value: object) -> bool:
    """Is it lru_cache's?"""
    while hasattr(value, "__wrapped__") and type(value) is not _CACHED:
        value = value.__wrapped__
    return type(value) is _CACHED


# What contextlib makes of a generator.
MADE_MANAGER = contextlib.contextmanager(lambda: iter(())).__code__

_CACHED = type(functools.cache(lambda: None))


def _function(value: object) -> Meaning:
    helper = helper_of(value)
    if helper is not None:
        return RuleMeaning(helper)
    dotted = f"{getattr(value, '__module__', '')}.{getattr(value, '__name__', '')}"
    if dotted in _KNOWN:
        return PrimitiveMeaning(dotted)
    if dotted.startswith("scipy.") and not isinstance(value, types.FunctionType):
        return UnknownMeaning(dotted)
    # A Python function, or what wraps one; from_function refuses the rest.
    if isinstance(value, types.FunctionType) or transparent(value):
        assert callable(value)
        return FunctionMeaning(value)
    name = getattr(value, "__qualname__", type(value).__name__)
    return UnknownMeaning(f"{name}, which has no Python source")


def helper_of(value: object) -> str | None:
    """The primitive of a helper that an emitted file carries (`_polygamma`)."""
    if not isinstance(value, types.FunctionType) or value.__name__ not in HELPERS:
        return None
    try:
        text = inspect.getsource(value)
    except (OSError, TypeError):
        return None
    return helper_named(value.__name__, text)


def helper_named(name: str, text: str) -> str | None:
    """The primitive of that name, if the text is that of its helper."""
    same = ast.dump(ast.parse(text)) == ast.dump(ast.parse(HELPERS[name]))
    return name.lstrip("_") if same else None


HELPERS = {
    name: text for name, text in {**OF_NUMBERS, **OF_ARRAYS}.items() if name not in PLAIN
}
_NOWHERE = LiveNamespace({}, {}, "", False)
