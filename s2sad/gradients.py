"""`grad` and `value_and_grad`, for as long as the compiler is not needed.

What an earlier process has compiled is run as it is (`cache`); everything else, and all that
is asked of a derivative besides calls, is left to `api`, which is imported then.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, overload

from s2sad.cache import function_place, options_text, place_of, read
from s2sad.linked import Linked, dispatcher

if TYPE_CHECKING:
    from s2sad.api import Derivative
    from s2sad.argnums import Argnums
    from s2sad.specialised import Function


@overload
def grad(
    f: Function,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    jit: str | None = None,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
    strict: bool = False,
) -> Derivative: ...
@overload
def grad(
    f: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    jit: str | None = None,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
    strict: bool = False,
) -> Callable[[Function], Derivative]: ...
def grad(
    f: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    jit: str | None = None,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
    strict: bool = False,
) -> Derivative | Callable[[Function], Derivative]:
    """The gradient of a function that returns a real scalar: `grad(f)(x)`.

    argnums: the parameter, by position or name, or a sequence of them; for a sequence
    the gradient is a tuple. A name may lead to a part: "p.w", "p['w']", "p[0]".
    has_aux: f returns (value, aux), the result is (gradient, aux). optimize: 0 for the
    lecture's literal form, 1 for a hand's, 2 for speed. jit: "numba" compiles the
    derivative and `.primal`, and refuses what Numba does not take; "auto" leaves that in
    plain Python. checkpoint: "revolve" records a long loop in parts, from `snapshots` of its
    states, or as many as its number of passes has bits: less memory for more passes.
    memory: the same, with as many as so many bytes hold. strict: ArithmeticError where what
    depends on the argument is at a kink or a jump.
    As a decorator: `@grad`, or `@grad(argnums=1)`.
    """
    kind = "GradAndAux" if has_aux else "Grad"
    parts = checkpoint, snapshots, memory
    made: Derivative = _made(kind, f, argnums, has_aux, optimize, jit, parts, strict)
    return made


@overload
def value_and_grad(
    f: Function,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    jit: str | None = None,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
    strict: bool = False,
) -> Derivative: ...
@overload
def value_and_grad(
    f: None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    jit: str | None = None,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
    strict: bool = False,
) -> Callable[[Function], Derivative]: ...
def value_and_grad(
    f: Function | None = None,
    argnums: Argnums = 0,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    jit: str | None = None,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
    strict: bool = False,
) -> Derivative | Callable[[Function], Derivative]:
    """The value and the gradient: `value_and_grad(f)(x)` is `(f(x), gradient)`.

    As `grad`; with has_aux the result is ((value, aux), gradient).
    """
    parts = checkpoint, snapshots, memory
    made: Derivative = _made("ValueAndGrad", f, argnums, has_aux, optimize, jit, parts, strict)
    return made


def _made(
    kind: str,
    f: Function | None,
    argnums: Argnums,
    has_aux: bool,
    optimize: int,
    jit: str | None,
    parts: tuple[str | None, int | None, int | None],
    strict: bool,
) -> Any:
    checkpoints = None
    if parts != (None, None, None):
        from s2sad.transform.callees import checkpoints_of

        checkpoints = checkpoints_of(*parts)
    if optimize not in (0, 1, 2):
        raise ValueError(f"optimize is 0, 1 or 2, not {optimize!r}")
    if jit not in (None, "numba", "auto"):
        raise ValueError(f'jit is "numba", "auto" or None, not {jit!r}')
    if jit and checkpoints:
        raise ValueError("jit and checkpoint do not go together yet")
    if f is None:
        return lambda func: _made(kind, func, argnums, has_aux, optimize, jit, parts, strict)
    plain = not (jit or checkpoints or strict)
    if isinstance(f, FunctionType) and kind in _PARTS and plain:
        folder = function_place(f, options_text("Gradient", argnums, has_aux, optimize))
        if folder is not None and os.path.isdir(folder):
            return Kept(kind, f, (argnums, has_aux, optimize), folder)
    from s2sad import api

    return getattr(api, kind)(f, argnums, has_aux, optimize, jit, checkpoints, strict)


# Which part of what the emitted function returns a call hands back.
_PARTS = {"Grad": 1, "ValueAndGrad": None}


_CLASS: Any = vars(object)["__class__"]


class Kept:
    """A gradient that an earlier process has compiled, for some types at least.

    It only is called. When anything else is asked of it, or it is called with other types,
    it becomes the derivative of `api` that it stands for.
    """

    __wrapped__: Any

    def __init__(
        self,
        kind: str,
        primal: FunctionType,
        options: tuple[Argnums, bool, int],
        folder: str,
    ) -> None:
        functools.update_wrapper(self, primal)
        self.primal = primal
        self._kept = kind, options, folder
        self._found: tuple[str, Linked] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = None if kwargs else self._compiled_for(args)
        return (call or self._whole())(*args, **kwargs)

    def _compiled_for(self, args: tuple[Any, ...]) -> Callable[..., Any] | None:
        """What runs for such arguments, if it is kept."""
        primal = self.__wrapped__
        code, defaults = primal.__code__, primal.__defaults__ or ()
        missing = code.co_argcount - len(args)
        if code.co_kwonlyargcount or code.co_flags & 0x0C or not 0 <= missing <= len(defaults):
            return None
        classes = [type(value) for value in (*args, *defaults[len(defaults) - missing :])]
        if not all(class_ in (float, int, bool) for class_ in classes):
            return None
        names = code.co_varnames[: code.co_argcount]
        told = tuple(class_.__name__ for class_ in classes)
        types = ",".join(f"{name}:{class_}" for name, class_ in zip(names, told, strict=True))
        kind, _, folder = self._kept
        place = place_of(folder, primal, types)
        found = None if place is None else read(place)
        if found is None or found.linked.whole or found.tested != told:
            return None
        tested = dict(zip(names, classes, strict=True))
        linked = found.linked
        call = dispatcher(linked, primal, (), tested, _PARTS[kind], self._otherwise, self._told)
        self._found = types, linked
        _CLASS.__set__(self, type(kind, (Kept,), {"__call__": staticmethod(call)}))
        return call

    def _otherwise(
        self,
        emitted: Callable[..., Any] | None,
        args: tuple[Any, ...],
        error: Exception | None = None,
    ) -> Any:
        whole: Any = self._whole()
        return whole._otherwise(emitted, args, error)

    def _told(self, error: Exception) -> Exception:
        from s2sad.backend.places import told

        self._whole()
        return told(error)

    def _whole(self) -> Derivative:
        """Itself, from now on the derivative that it stands for."""
        from s2sad import api

        if "_kept" in vars(self):
            (kind, options, _), found = self._kept, self._found
            made = getattr(api, kind)(self.primal, *options)
            whole: Any = self
            vars(self).update(vars(made))
            _CLASS.__set__(self, type(made))
            if found is not None:
                whole.adopt(*found)
            for name in ("_kept", "_found"):
                vars(self).pop(name, None)
        return self  # type: ignore[return-value]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "_kept" not in vars(self):
            raise AttributeError(name)
        return getattr(self._whole(), name)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        from s2sad import api

        found: type = getattr(api, self._kept[0])
        return found

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return repr(self._whole())

    def __reduce__(self) -> Any:
        return self._whole().__reduce__()
