"""Rules of the user's own, for functions whose source s2sad cannot or should not take.

    @s2sad.rule("math.cos(x)")              one line of Python for each argument, in the
    def my_sin(x): ...                      parameters and y, the value
    @s2sad.rule(sympy.sin(x))               the function itself as a SymPy expression
    @s2sad.rule(my_cos)                     a pair: a function that computes the partial
    s2sad.rule("2 * x * y - 2 / math.sqrt(math.pi)", of=erfcx)      a function of others

Of arrays it is what each argument gets of the adjoint `y_bar` of the value:

    @s2sad.rule(a="y_bar @ b.T", b="a.T @ y_bar", result="float[:, :]")
    def product(a, b): ...
    @s2sad.rule(x=pulled_back, result="x")  pulled_back(x, …, y, y_bar) of the same arguments

A function with a rule is called as it is, once, and never looked into.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from s2sad.frontend.declared import Declared
from s2sad.ops.core import PRIMITIVES, UNKNOWN, Primitive, lookup_callable

if TYPE_CHECKING:
    from sympy import Expr

_F = TypeVar("_F", bound="Callable[..., Any]")

_NAMES: dict[int, str] = {}
# The callables by the name that emitted code calls them by.
BOUND: dict[str, Callable[..., Any]] = {}
# What was compiled with a rule is compiled again when one is registered.
STATE: dict[str, object] = {"registered": object()}


def rule(
    *partials: str | Expr | Callable[..., float] | None,
    of: Callable[..., Any] | None = None,
    result: str | None = None,
    **adjoints: str | Callable[..., Any],
) -> Callable[[_F], _F]:
    """Register the partial derivatives of a function, one for each of its parameters.

    Each is a line of Python over the parameters and `y`, the value; or a function of the
    same arguments; or None, where the result does not depend on the argument. A single
    SymPy expression stands for the function itself, its symbols named as the parameters.
    It is a decorator that leaves the function as it is; with `of` it registers that one
    at once.

    A function of arrays has `adjoints`, by the names of the parameters that it is
    differentiable in: a line over the parameters, the value `y` and its adjoint `y_bar`, in
    NumPy's functions, or a function of the parameters, y and y_bar. What it gives has the
    shape of the parameter, or is summed to it. `NAME_dot` is the tangent of the value where
    that of NAME is `NAME_dot`, for forward mode. `result` is the type of the value: a
    number if left out, the name of a parameter of the same type, or a notation as
    "float[:, 3]"; a value of another type raises TypeError.

    Raises ValueError, registering nothing, where the number of partials is not that of
    the parameters, or a line of Python says what a rule cannot.
    """
    if adjoints:
        from s2sad.rules_of_arrays import register_array

        if partials:
            raise ValueError("a rule has partials, or adjoints by name; not both")

        def register(func: _F) -> _F:
            register_array(func, _params(func), adjoints, result)
            return func

        if of is not None:
            register(of)
        return register
    if result is not None:
        raise ValueError("the result of a rule without adjoints is a number")
    return _register_partials(partials, of)


def _register_partials(
    partials: tuple[str | Expr | Callable[..., float] | None, ...],
    of: Callable[..., Any] | None,
) -> Callable[[_F], _F]:
    def register(func: _F) -> _F:
        params = _params(func)
        texts, helpers = _texts(func, params, partials)
        name = name_for(func)
        for helper_name, helper in helpers.items():
            if primitive_of(helper) is None:
                unknown = f"{UNKNOWN}{helper_name}({', '.join(params)})"
                _enter(helper, helper_name, params, (unknown,) * len(params))
        _enter(func, name, params, texts)
        return func

    if of is not None:
        register(of)
    return register


def primitive_of(obj: object) -> str | None:
    """The primitive that stands for a callable with a rule."""
    name = _NAMES.get(id(obj))
    return name if name is not None and BOUND.get(name) is obj else None


def _enter(
    func: Callable[..., Any],
    name: str,
    params: tuple[str, ...],
    texts: tuple[str | None, ...],
) -> None:
    PRIMITIVES[name] = Primitive(
        name=name,
        params=params,
        python=f"{name}({', '.join(params)})",
        result="float",
        partials=texts,
        textbook=texts,
        interval=None,
        raises=True,
        cheap=False,
    )
    # It may have had adjoints before, as a function of arrays.
    arrays = sys.modules.get("s2sad.ops.arrays.core")
    if arrays is not None:
        arrays.ARRAY_OPS.pop(name, None)
    bind(func, name)


def bind(func: Callable[..., Any], name: str) -> None:
    """Emitted code calls the function by this name."""
    BOUND[name] = func
    _NAMES[id(func)] = name
    STATE["registered"] = object()


def declare(declared: Declared) -> None:
    """Register a rule that a file declares, in place of what had its name before."""
    for other in declared.needs:
        declare(other)
    if primitive_of(declared) == declared.__name__:
        return
    for part in (declared, *declared.partials, *declared.adjoints.values()):
        if isinstance(part, Declared):
            forget(part.__name__)
    partials, adjoints = declared.partials, declared.adjoints
    rule(*partials, of=declared, result=declared.result, **adjoints)


def forget(name: str) -> None:
    """Take back the rule of the function that emitted code calls by this name."""
    func = BOUND.pop(name, None)
    if func is not None:
        _NAMES.pop(id(func), None)
        PRIMITIVES.pop(name, None)
        arrays = sys.modules.get("s2sad.ops.arrays.core")
        if arrays is not None:
            arrays.ARRAY_OPS.pop(name, None)


def _params(func: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(func).parameters)
    except ValueError:
        raise ValueError(
            f"{func!r} tells nothing of its parameters; wrap it in a function that does"
        ) from None


def name_for(func: Callable[..., Any]) -> str:
    """A name for the emitted code: the function's own, where nothing else has it."""
    known = _NAMES.get(id(func))
    if known is not None and BOUND.get(known) is func:
        return known
    own = getattr(func, "__name__", "rule")
    own = own if all(part.isidentifier() for part in own.split(".")) else "rule"
    name, k = own, 2
    while name in PRIMITIVES or name in BOUND:
        name, k = f"{own}_{k}", k + 1
    return name


def _texts(
    func: Callable[..., Any],
    params: tuple[str, ...],
    partials: tuple[str | Expr | Callable[..., float] | None, ...],
) -> tuple[tuple[str | None, ...], dict[str, Callable[..., Any]]]:
    if len(partials) == 1 and hasattr(partials[0], "free_symbols"):
        from s2sad.ops.derive import derive_user

        return derive_user(partials[0], params), {}
    if len(partials) != len(params):
        raise ValueError(
            f"{len(partials)} partials for the {len(params)} parameters of {name_for(func)}"
        )
    texts: list[str | None] = []
    helpers: dict[str, Callable[..., Any]] = {}
    for partial in partials:
        if partial is None:
            texts.append(None)
        elif isinstance(partial, str):
            texts.append(_checked(partial, params))
        elif callable(partial):
            name = name_for(partial)
            helpers[name] = partial
            texts.append(f"{name}({', '.join(params)})")
        else:
            raise ValueError(f"a partial is a line of Python or a function, not {partial!r}")
    return tuple(texts), helpers


def _checked(text: str, params: tuple[str, ...]) -> str:
    """The text, if it is in the language of rules."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"the rule {text!r} is no expression: {error.msg}") from None
    bound = {name.partition(".")[0] for name in BOUND}
    for node in ast.walk(tree):
        match node:
            case ast.Name(name) if name not in (*params, "y", "math", "abs", *bound):
                raise ValueError(f"the rule {text!r} knows no {name}, only {params}, y")
            case ast.Call(func, args, keywords):
                known = lookup_callable(ast.unparse(func), len(args))
                if keywords or not (isinstance(known, str) or ast.unparse(func) in BOUND):
                    raise ValueError(f"the rule {text!r} calls {ast.unparse(func)}")
            case ast.Attribute(ast.Name("math"), _):
                pass
            case ast.Attribute() if ast.unparse(node) in BOUND:
                pass
            case (
                ast.Name()
                | ast.Constant(int() | float())
                | ast.BinOp()
                | ast.UnaryOp()
                | ast.IfExp()
                | ast.Compare(_, [_])
                | ast.operator()
                | ast.unaryop()
                | ast.cmpop()
                | ast.expr_context()
            ):
                pass
            case _:
                raise ValueError(f"a rule cannot say {ast.unparse(node)!r}")
    return text
