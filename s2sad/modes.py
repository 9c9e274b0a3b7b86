"""`jvp`, `vjp` and `hvp`: derivatives in a direction.

jvp(f)((x, w), (x_dot, w_dot))      (value, tangent)
vjp(f)(x, w)                        (value, pullback); pullback(f_bar) is a tuple
hvp(f)(x, v)                        the Hessian at x times v, which is never formed
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from s2sad.api import Derivative
from s2sad.argnums import Argnums, gathering, spread
from s2sad.backend.places import told
from s2sad.compile import Mode, Types, compile_gradient
from s2sad.errors import TypeRefused
from s2sad.forward import Product, Pullback, Pushforward, Recorded, Replayed
from s2sad.frontend.calltypes import type_of_argument
from s2sad.ir.nodes import indices
from s2sad.ir.paths import part_type, path_of, promoted
from s2sad.ir.types import Record, Type, is_differentiable
from s2sad.linked import Linked
from s2sad.specialised import Function
from s2sad.transform.callees import Checkpoints, checkpoints_of
from s2sad.trees import copied, same_lengths

_D = TypeVar("_D", bound="Directed")


class Directed(Derivative):
    """A derivative that takes more than the arguments: tangents or a cotangent."""

    def _shortcut(self, linked: Linked, types: Types) -> None:
        pass

    def at(self, args: Sequence[Any], more: Sequence[Any]) -> Any:
        """What the emitted function returns for arguments and what goes with them."""
        given, named = self._with_given(tuple(args), {})
        bound = self._bind(given, named)
        linked = self._linked(given, named)
        try:
            args, kwargs = spread(linked.emitted, bound, more)
            return linked.emitted(*args, **kwargs)
        except Exception as error:
            raise told(error)  # noqa: B904 - it is the error itself

    def compiled(self, args: Sequence[Any]) -> Callable[..., Any]:
        """The emitted function for such arguments."""
        return self._linked(*self._with_given(tuple(args), {})).emitted

    def bound(self, args: Sequence[Any]) -> Mapping[str, Any]:
        """The arguments by name, defaults included."""
        return self._bind(*self._with_given(tuple(args), {}))

    @property
    def free(self) -> list[str]:
        """The names of the parameters that are not given."""
        target = self._target
        params = self._inner.params[len(target.given) :]
        return [name for name in params if name not in target.named]

    def positions(self, count: int) -> list[str]:
        """The names of the first arguments that are not given; what `*rest` gathers is
        `rest[0]`, `rest[1]`, …"""
        free, (rest, _) = self.free, gathering(self._root)
        if rest not in free:
            return free[:count]
        before = free.index(rest)
        given = max(0, len(self._target.given) - self._inner.params.index(rest))
        more = (f"{rest}[{given + k}]" for k in range(count - before))
        return [*free[: min(before, count)], *more]


_GATHERED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def required(derivative: Directed) -> list[str]:
    """The parameters that have no default."""
    given = inspect.signature(derivative._root, follow_wrapped=False).parameters
    return [
        name
        for name in derivative.free
        if name not in given
        or (
            given[name].default is inspect.Parameter.empty and given[name].kind not in _GATHERED
        )
    ]


class Pushed(Directed):
    """Called with arguments and tangents."""

    _mode: Mode = Pushforward


class Pulled(Directed):
    """Called with arguments and the cotangent of the result."""

    _mode: Mode = Pullback

    @cached_property
    def recorded(self) -> _First:
        return _First(self.primal, *self._options, None, self._checkpoints)

    @cached_property
    def replayed(self) -> _Second:
        return _Second(self.primal, *self._options, None, self._checkpoints)


class _First(Directed):
    _mode: Mode = Recorded


class _Second(Directed):
    _mode: Mode = Replayed


class Family(Generic[_D]):
    """The derivatives of one function, compiled for what is differentiated in a call.

    source: the emitted Python for all arguments that may be floats. emitted: its function.
    """

    def __init__(
        self,
        kind: type[_D],
        primal: Function,
        argnums: Argnums | None,
        has_aux: bool,
        optimize: int,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self.primal = primal
        self._kind = kind
        self._argnums = argnums
        self._options = has_aux, optimize, None, checkpoints
        self._made: dict[tuple[str, ...], _D] = {}
        self._probe: _D = kind(primal, 0 if argnums is None else argnums, *self._options)
        self.__name__ = str(getattr(primal, "__name__", "f"))
        self.__doc__ = getattr(primal, "__doc__", None)

    def of(self, names: tuple[str, ...]) -> _D:
        if names not in self._made:
            self._made[names] = self._kind(self.primal, names, *self._options)
        return self._made[names]

    @property
    def has_aux(self) -> bool:
        return self._options[0]

    def named(self, args: Sequence[Any]) -> tuple[str, ...]:
        """What is differentiated in a call: what argnums name, or all that hold a float."""
        if self._argnums is not None:
            return self._probe._wish.wrt
        bound = self._probe.bound(args)
        free = self._probe.positions(len(args))
        return tuple(name for name in free if holds_float(name, bound))

    @property
    def whole(self) -> _D:
        """The derivative in all that may be floats, as far as is known before a call."""
        if self._argnums is not None:
            return self._probe
        lowered = self._probe._inner.lower(self._probe._given_types())
        entry = lowered.module.funcs[lowered.module.entry]
        free = self._probe.free
        names = tuple(
            name
            for name, structure in entry.signature
            if name in free
            and any(is_differentiable(entry.params[k].type) for k in indices(structure))
        )
        return self.of(names)

    @property
    def source(self) -> str:
        return self._latest.source

    @property
    def emitted(self) -> Callable[..., Any]:
        return self._latest.emitted

    @property
    def _latest(self) -> _D:
        return list(self._made.values())[-1] if self._made else self.whole

    def source_for(self, *args: Any) -> str:
        """The text that such arguments run."""
        made = self.of(self.named(args))
        types = made._types(made.bound(args))
        return compile_gradient(made._inner, made._wish, types, made._mode).text

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} of {self.__name__}>"


def holds_float(name: str, bound: Mapping[str, Any]) -> bool:
    """May an argument be differentiated? An int may, as the float that it is."""
    type_ = float_type(name, bound)
    opaque = isinstance(type_, Record) and type_.kind in (
        "instance",
        "class",
        "member",
        "function",
    )
    return is_differentiable(type_) and not opaque


def float_type(name: str, bound: Mapping[str, Any]) -> Type:
    """The type of a part of an argument that is differentiated, its ints floats."""
    path = path_of(name)
    assert path is not None
    whole = promoted(type_of_argument(path.name, bound[path.name]), path.name, (name,))
    found = part_type(whole, path.steps)
    if found is None:
        raise TypeRefused(f"the argument {path.name} has no {name}: it is {whole}")
    return found


class Jvp(Family[Pushed]):
    """`jvp(f)(primals, tangents)`."""

    def __call__(self, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        for given, what in ((primals, "primals"), (tangents, "tangents")):
            if not isinstance(given, (tuple, list)):
                raise TypeError(
                    f"jvp takes a tuple of arguments and one of tangents, and the {what} are"
                    f" {given!r}; write jvp(f)((x,), (x_dot,))"
                )
        names = self.named(primals)
        free = self._probe.positions(len(primals))
        wanted = free if self._argnums is None else list(names)
        if len(tangents) != len(wanted):
            raise TypeError(
                f"{len(tangents)} tangents for {len(wanted)} arguments: {', '.join(wanted)}"
            )
        there = {
            name: tangent
            for name, tangent in zip(wanted, tangents, strict=True)
            if tangent is not None
        }
        for name, tangent in there.items():
            if name not in names and tangent != 0:
                raise TypeRefused(
                    f"the tangent of {name} is {tangent!r}, and {name} holds no float",
                    None,
                    "give None as its tangent",
                )
        active = tuple(name for name in names if name in there)
        if not active:
            raise TypeRefused("no tangent is given", None, "give one that is not None")
        made = self.of(active)
        value, tangent = made.at(primals, [there[name] for name in active])
        if self.has_aux:
            value, aux = value
            return value, tangent, aux
        return value, tangent


class Vjp(Family[Pulled]):
    """`vjp(f)(*args)`."""

    def __call__(self, *args: Any) -> Any:
        names = self.named(args)
        made = self.of(names)
        # The record may hold an argument, or the value: what comes of them is not its own.
        value, record = made.recorded.at(copied(args), [])
        value = copied(value)
        backward = made.replayed.compiled(args)
        aux = None
        if self.has_aux:
            value, aux = value
        shape = copied(value)
        free = names if self._argnums is not None else self._probe.positions(len(args))
        bare = isinstance(self._argnums, (int, str))

        def pullback(cotangent: Any) -> Any:
            """The cotangents of the arguments, from that of the result."""
            same_lengths(shape, cotangent)
            # Its lists and arrays are written to.
            gradient = copied(backward(record, copied(cotangent)))
            if bare:
                return gradient[0]
            found = dict(zip(names, gradient, strict=True))
            return tuple(found.get(name) for name in free)

        return (value, pullback, aux) if self.has_aux else (value, pullback)


_MISSING = object()


class Hvp:
    """`hvp(f)(x, v, *args)`: forward over reverse.

    source: the emitted Python, which returns (gradient, product).
    """

    def __init__(self, primal: Function, argnums: Argnums, optimize: int) -> None:
        self.primal = primal
        self._argnums = argnums
        self._bare = isinstance(argnums, (int, str))
        self._made = _Product(primal, argnums, False, optimize)

    def __call__(self, x: Any, v: Any, *args: Any) -> Any:
        """The Hessian at x times v; with several arguments differentiated, x and v are
        tuples. `args` are the other arguments."""
        at, along = ((x,), (v,)) if self._bare else (x, v)
        return self._made.at(self._arguments(at, args), along)[1]

    def _arguments(self, at: Sequence[Any], args: Sequence[Any]) -> list[Any]:
        names = self._made._wish.wrt
        given = dict(zip(names, at, strict=True))
        others = iter(args)
        found = []
        for name in self._made.positions(len(at) + len(args)):
            value = given[name] if name in given else next(others, _MISSING)
            if value is _MISSING:
                raise TypeError(f"{name} is missing: what is not differentiated follows v")
            found.append(value)
        return found

    @property
    def source(self) -> str:
        return self._made.source

    @property
    def emitted(self) -> Callable[..., Any]:
        return self._made.emitted


class _Product(Directed):
    _mode: Mode = Product


def jvp(
    f: Function, argnums: Argnums | None = None, has_aux: bool = False, *, optimize: int = 1
) -> Jvp:
    """The derivative in a direction: `jvp(f)((x, w), (x_dot, w_dot))` is (value, tangent).

    There is a tangent for each argument, or for each that argnums names, in its structure;
    None stands for zero. With has_aux f returns (value, aux), and the result is
    (value, tangent, aux).
    """
    return Jvp(Pushed, f, argnums, has_aux, optimize)


def vjp(
    f: Function,
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    optimize: int = 1,
    checkpoint: str | None = None,
    snapshots: int | None = None,
    memory: int | None = None,
) -> Vjp:
    """The value and its pullback: `value, pullback = vjp(f)(x, w)`.

    `pullback(cotangent)` takes a cotangent in the structure of the value and returns a
    tuple with that of each argument, None for what holds no float; the bare one if argnums
    names one. The function runs once. With has_aux the result is (value, pullback, aux).
    checkpoint, snapshots, memory: as in `grad`.
    """
    checkpoints = checkpoints_of(checkpoint, snapshots, memory)
    return Vjp(Pulled, f, argnums, has_aux, optimize, checkpoints)


def hvp(f: Function, argnums: Argnums = 0, *, optimize: int = 1) -> Hvp:
    """The Hessian times a vector: `hvp(f)(x, v)`, in the structure of x.

    For several arguments `hvp(f, (0, 1))((x, w), (v, u))`; what is not differentiated
    follows: `hvp(f)(x, v, *args)`, as `scipy.optimize.minimize` calls `hessp`.
    """
    return Hvp(f, argnums, optimize)
