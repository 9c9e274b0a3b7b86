"""A derivative as a callable: compiled for the types of its arguments, called, kept."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from collections.abc import Callable, Mapping
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from s2sad.argnums import Argnums, gathering, named_by, spread
from s2sad.backend.options import Options
from s2sad.backend.places import told
from s2sad.backend.python import emit
from s2sad.cache import Place, function_place, options_text, place_of
from s2sad.compile import (
    Gradient,
    Itself,
    Mode,
    Picked,
    Primal,
    Program,
    Strict,
    Types,
    Wish,
    collector_paused,
    compile_gradient,
)
from s2sad.errors import S2sadError, TypeRefused
from s2sad.frontend import from_function
from s2sad.frontend.calltypes import type_of_argument
from s2sad.frontend.external import Touched, first_instance, holds_instance, twice_given
from s2sad.frontend.target import Target, target_of
from s2sad.ir.paths import part_type, path_of
from s2sad.ir.types import BOOL, COMPLEX, FLOAT, INT, Array, List, Record, Tuple, Type
from s2sad.keep import types_text
from s2sad.link import array_of, link, note_places
from s2sad.linked import ArrayOf, Linked, dispatcher
from s2sad.transform.callees import Checkpoints
from s2sad.transform.naming import name_all
from s2sad.trees import is_array

if TYPE_CHECKING:
    from s2sad.frontend.fitting import Test

Function: TypeAlias = "Callable[..., Any]"
Signature: TypeAlias = "tuple[object, ...]"

_CLASSES: dict[Type, type] = {FLOAT: float, INT: int, BOOL: bool}


def _is_plain(type_: Type) -> bool:
    """Does the class of an argument tell its type?"""
    return not isinstance(type_, Tuple | List | Record)


class Specialised:
    """A function that is made of `primal`, compiled for the types that it is called with."""

    # Which part of what the emitted function returns a call hands back.
    part: int | None = None
    # How the function is differentiated.
    _mode: Mode = Gradient

    __name__: str
    __qualname__: str
    __wrapped__: Function

    def __init__(
        self,
        primal: Function,
        argnums: Argnums = 0,
        has_aux: bool = False,
        optimize: int = 1,
        jit: str | None = None,
        checkpoints: Checkpoints | None = None,
        strict: bool = False,
    ) -> None:
        # First, for it copies the attributes of a derivative that is derived again.
        target = target_of(primal)
        functools.update_wrapper(cast("Function", self), target.func)
        self.__wrapped__ = primal
        self._options = argnums, has_aux, optimize
        self._jit = jit
        self._checkpoints = checkpoints
        self._target = _flat(target)
        self._strict = strict
        self._inner = self._program(target.func)
        self._wish = self._wished(self._target)
        self._root = _root(target.func)
        self._compiled: dict[tuple[Type, ...], Linked] = {}
        self._by_class: dict[Signature, Linked] = {}
        # The types of the objects among the arguments of the call last compiled for.
        self._objects: Types = {}
        # What was last compiled for.
        self._last: Types | None = None
        self._touched = Touched()
        self._told = False
        self._kind = type(self)
        self._signature: inspect.Signature | None = None
        # Can all parameters be given by position?
        code = self._root.__code__
        self._by_position = not (code.co_kwonlyargcount or code.co_flags & 0x0C)
        self._is_plain = self._by_position and not self._target.named
        self.primal: Function = Compiled(primal, optimize, jit) if jit else primal

    def _wished(self, target: Target) -> Wish:
        argnums, has_aux, optimize = self._options
        names = named_by(self._inner.params, argnums, target, gathering(_root(target.func)))
        return Wish(
            wrt=names,
            bare=isinstance(argnums, (int, str)),
            of=0 if has_aux else None,
            level=optimize,
            jit=self._jit and "numba",
            checkpoints=self._checkpoints,
        )

    def _program(self, primal: Function) -> Program:
        program = _program(primal)
        return Strict(program) if self._strict else program

    def __set_name__(self, owner: type, name: str) -> None:
        """In the body of a class the positions of parameters count without self."""
        if self._root.__qualname__ == f"{owner.__qualname__}.{self._root.__name__}":
            inner = self._target.func
            if isinstance(inner, Specialised):
                inner.__set_name__(owner, name)
                self._inner = self._program(inner)
            self._wish = self._wished(Target(inner, (None,)))

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Until the first call, and where the primal's signature is not a plain one."""
        return self._picked(self._called(args, kwargs))

    def _with_given(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (*self._target.given, *args), {**self._target.named, **kwargs}

    def _called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        args, kwargs = self._with_given(args, kwargs)
        linked = self._linked(args, kwargs)
        if linked.whole:
            # A default that is no literal is not one of the emitted function's.
            args, kwargs = spread(linked.emitted, self._bind(args, kwargs))
        try:
            return linked.emitted(*args, **kwargs)
        except Exception as error:
            raise told(error)  # noqa: B904 - it is the error itself

    def _picked(self, result: Any) -> Any:
        return result if self.part is None else result[self.part]

    def _otherwise(
        self,
        emitted: Callable[..., Any] | None,
        args: tuple[Any, ...],
        error: Exception | None = None,
    ) -> Any:
        """A call that the emitted function turned down, or that was not meant for it."""
        linked = self._linked(*self._with_given(args, {}))
        if linked.emitted is emitted:
            assert error is not None
            raise told(error)
        return self._picked(self._called(args, {}))

    def _linked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Linked:
        classes = tuple(map(_class_of, args))
        linked = None if kwargs else self._by_class.get(classes)
        if linked is not None and linked.fresh():
            return linked
        given = self._bind(args, kwargs)
        types = self._types(given, self._touched)
        key = tuple(types.values())
        linked = self._compiled.get(key)
        if linked is None or not linked.fresh():
            # What is read of an object is known when all of it has been compiled for.
            types = self._types(given)
            self._objects = {name: t for name, t in types.items() if holds_instance(t)}
            linked = self._link(types)
            self._last = types
            if linked.touched is not None and self._touched.include(linked.touched):
                self._compiled.clear()
            types = self._types(given, self._touched)
            self._compiled[tuple(types.values())] = linked
            self._shortcut(linked, types)
        if not kwargs and not linked.whole:
            self._by_class[classes] = linked
        return linked

    def _shortcut(self, linked: Linked, types: Types) -> None:
        """Let calls with these types go straight to the emitted function."""
        # What is differentiated is a float; anything else that passes for one, an int or
        # a NumPy scalar, is looked at first: an array of one element would convert too.
        wanted = {name: self._test(name, type_) for name, type_ in types.items()}
        known = {name: test for name, test in wanted.items() if test is not None}
        if not self._is_plain or len(known) < len(wanted):
            return
        given = self._target.given
        call = dispatcher(linked, self._root, given, known, self.part, self._otherwise, told)
        kind = self._kind
        self.__class__ = type(kind.__name__, (kind,), {"__call__": staticmethod(call)})

    def _test(self, name: str, type_: Type) -> type | ArrayOf | Test | None:
        """The class that tells the type of an argument, or what tests it."""
        if isinstance(type_, Array):
            # The emitted function looks at the rank and the sizes.
            return array_of(type_)
        if name in self._wish.wrt and _is_plain(type_):
            return float
        known = _CLASSES.get(type_)
        if known is not None:
            return known
        from s2sad.frontend.fitting import fits

        return fits(type_, name, self._touched)

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, object]:
        if not kwargs and self._by_position and len(args) == len(self._inner.params):
            return dict(zip(self._inner.params, args, strict=True))
        if self._signature is None:
            self._signature = inspect.signature(self._root, follow_wrapped=False)
        # Tangents and cotangents follow what the function takes.
        params = self._inner.params
        more = [] if kwargs else [n for n in params if n not in self._signature.parameters]
        own = len(args) - len(more)
        bound = self._signature.bind(*args[:own], **kwargs)
        bound.apply_defaults()
        return {**bound.arguments, **dict(zip(more, args[own:], strict=True))}

    def _types(self, given: Mapping[str, object], touched: Touched | None = None) -> Types:
        """The types of arguments, of objects only what is in `touched`."""
        types = {name: type_of_argument(name, value, touched) for name, value in given.items()}
        if touched is not None:
            return types
        for name in self._wish.wrt:
            path = path_of(name)
            assert path is not None
            found = part_type(types[path.name], path.steps)
            if found is None:
                raise TypeRefused(
                    f"the argument {path.name} has no {name}: it is {types[path.name]}",
                    None,
                    "arguments count by how they are given: by position or by name",
                )
            place = first_instance(found, name)
            if place is not None and str(place[1]) == "function":
                raise TypeRefused(
                    f"{place[0]} is a function, which has no gradient",
                    None,
                    "leave it out of argnums, or name another part",
                )
            if path.steps and (twin := twice_given(types, given[path.name])):
                raise TypeRefused(
                    f"{path.name} holds what is differentiated, and {twin} reads it otherwise",
                    None,
                    f"write a method for {twin}",
                )
            if place is not None:
                raise TypeRefused(
                    f"the argument {place[0]} is of type {place[1]}, which has no gradient",
                    None,
                    f"make {place[1]} a dataclass, or name an attribute: {place[0]}.x",
                )
            if isinstance(found, Array):
                continue
            if _is_plain(found) and found not in (FLOAT, INT, BOOL, COMPLEX):
                what = type(given[name]).__name__ if name in given else found
                raise TypeRefused(
                    f"the argument {name} is of type {what}, and"
                    " only numbers can be differentiated",
                )
        return types

    @property
    def emitted(self) -> Callable[..., Any]:
        """The emitted function: the one last compiled, or the one of `source`."""
        if self._compiled:
            return list(self._compiled.values())[-1].emitted
        types = self._given_types()
        return self._link(types).emitted

    def _place(self, types: Types) -> Place | None:
        """Where what is compiled for the types is kept on disk, if it is."""
        target, mode = self._target, self._mode
        plain = isinstance(self._inner, Primal) and not (target.given or target.named)
        if self._jit or not plain or not isinstance(mode, type):
            return None
        options = options_text(mode.__name__, *self._options)
        if options is not None and self._checkpoints is not None:
            options += repr(self._checkpoints)
        folder = function_place(target.func, options)
        return place_of(folder, self._root, types_text(types)) if folder else None

    def adopt(self, types: str, linked: Linked) -> None:
        """What was compiled for the types of numbers, told as text, is what calls run."""
        known = {"float": FLOAT, "int": INT, "bool": BOOL}
        pairs = (pair.split(":") for pair in types.split(",") if pair)
        found = {name: known[class_] for name, class_ in pairs}
        self._last = found
        self._compiled[tuple(found.values())] = linked
        self._by_class[tuple(_CLASSES[type_] for type_ in found.values())] = linked
        note_places(linked, self._inner, self._wish, found, self._mode)
        self._shortcut(linked, found)

    def _link(self, types: Types) -> Linked:
        """The function compiled for the types; with jit="auto" in plain Python where Numba
        does not take it, which is told once."""
        try:
            place = self._place(types)
            return link(self._inner, self._wish, types, self._root, self._mode, place)
        except S2sadError as error:
            if self._jit != "auto":
                raise
            wish = self._wish._replace(jit=None)
            linked = link(self._inner, wish, types, self._root, self._mode)
            if not self._told:
                self._told = True
                text = f"{self._inner.name} runs in plain Python: {error}"
                warnings.warn(text, stacklevel=_outside())
            return linked

    @property
    def source(self) -> str:
        """The text for the types that it was last compiled for; before any call, for those
        that are annotated or assumed."""
        types = self._given_types() if self._last is None else self._last
        return compile_gradient(self._inner, self._wish, types, self._mode).text

    def _given_types(self) -> Types:
        """What is known before a call: the types of what is given."""
        names = dict(zip(self._inner.params, self._target.given, strict=False))
        given = {**names, **self._target.named}
        known = {name: type_of_argument(name, value) for name, value in given.items()}
        return {**self._objects, **known}

    def source_for(self, *args: Any, **kwargs: Any) -> str:
        types = self._types(self._bind(*self._with_given(args, kwargs)))
        return compile_gradient(self._inner, self._wish, types, self._mode).text

    @property
    def ssa(self) -> str:
        module = name_all(self._inner.lower(self._given_types(), self._wish.wrt).module)
        return emit(module, Options(level=0, checks=False))

    def as_program(self) -> Program:
        """This derivative as something to differentiate again."""
        program = self._mode(self._inner, self._wish)
        return program if self.part is None else Picked(program, self.part)

    def __repr__(self) -> str:
        wrt = ", ".join(self._wish.wrt)
        return f"<{type(self).__name__} of {self._inner.name} with respect to {wrt}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        name = str(getattr(self, "__qualname__", ""))
        module = sys.modules.get(str(self.__module__))
        if module is not None and getattr(module, name, None) is self:
            return name
        if self._jit or self._checkpoints or self._strict:
            more = self._jit, self._checkpoints, self._strict
            return self._kind, (self.__wrapped__, *self._options, *more)
        return self._kind, (self.primal, *self._options)


class Compiled(Specialised):
    """The function itself, through Numba."""

    _mode = Itself

    def __init__(self, primal: Function, optimize: int, jit: str) -> None:
        super().__init__(primal, 0, False, optimize)
        self._jit = jit
        self._told = True  # by the derivative

    def _wished(self, target: Target) -> Wish:
        return Wish((), level=self._options[2], jit="numba")

    def __reduce__(self) -> str | tuple[Any, ...]:
        return Compiled, (self.__wrapped__, self._options[2], self._jit)


def _outside() -> int:
    """How far up the caller is that is none of ours."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("s2sad"):
        frame, level = frame.f_back, level + 1
    return level


def _program(primal: Function) -> Program:
    if isinstance(primal, Specialised):
        return primal.as_program()
    with collector_paused():
        return Primal(from_function(primal))


def _flat(target: Target) -> Target:
    """With what was given to the derivative that is differentiated, if it is one."""
    if not isinstance(target.func, Specialised):
        return target
    inner = target.func._target
    return Target(target.func, (*inner.given, *target.given), {**inner.named, **target.named})


def _class_of(value: Any) -> object:
    """What tells the type of an argument, if it is no structure: its class; of an array
    the dtype too, and which of its sizes are 1."""
    if is_array(value):
        return type(value), value.dtype, tuple(size == 1 for size in value.shape)
    return type(value)


def _is_function(value: object) -> bool:
    return isinstance(value, FunctionType)


def _root(primal: Function) -> FunctionType:
    """The user's function at the bottom of derivatives of derivatives."""
    root: object = primal
    while not isinstance(root, FunctionType):
        # A function around another one is what is called.
        found = inspect.unwrap(cast("Function", root), stop=_is_function)
        root = target_of(found).func
    assert isinstance(root, FunctionType)
    return root
