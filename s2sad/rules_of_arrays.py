"""Rules of the user's own for functions of arrays: `s2sad.rule` with adjoints by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from s2sad import rules
from s2sad.frontend.annotations import read_text
from s2sad.ir.arrays import dtype_name
from s2sad.ir.types import Array, is_number
from s2sad.ops.arrays.core import ARRAY_OPS, HELPERS
from s2sad.ops.arrays.declare import ArrayOp, Param, Rule, refused
from s2sad.ops.arrays.dims import Arr, Num, Result, Type
from s2sad.ops.arrays.families import SYNONYMS
from s2sad.ops.core import PRIMITIVES, lookup_callable

Shown = Callable[[Sequence[Type]], Result]


def register_array(
    func: Callable[..., Any],
    params: tuple[str, ...],
    adjoints: Mapping[str, str | Callable[..., Any]],
    result: str | None,
) -> None:
    """Register a function of arrays; raises ValueError, registering nothing, where a rule
    is not one."""
    shown = _result(params, result)
    texts: dict[str, str] = {}
    tangents: dict[str, str] = {}
    helpers: dict[str, tuple[Callable[..., Any], str]] = {}
    for name, rule in adjoints.items():
        of = name.removesuffix("_dot")
        into = texts if name in params else tangents
        if name not in params and (of == name or of not in params):
            raise ValueError(f"there is no parameter {name}, only {', '.join(params)}")
        seed = "y_bar" if into is texts else name
        if isinstance(rule, str):
            into[of] = _checked(rule, (*params, "y", seed))
        elif callable(rule):
            helper = rules.name_for(rule)
            helpers[helper] = rule, of if into is texts else ""
            into[of] = f"{helper}({', '.join((*params, 'y', seed))})"
        else:
            raise ValueError(f"a rule is a line of Python or a function, not {rule!r}")
    if missing := tangents.keys() - texts:
        raise ValueError(f"{', '.join(sorted(missing))} has a tangent and no adjoint")
    name = rules.name_for(func)
    for helper, (called, like) in helpers.items():
        if rules.primitive_of(called) is None:
            arguments = (*params, "y", "y_bar")
            unknown = refused(
                f"{helper}, a derivative that has no rule of its own",
                "register one for it with @s2sad.rule",
            )
            none = dict.fromkeys(arguments, unknown)
            _enter(called, helper, arguments, none, {}, _like(params, like) if like else shown)
    _enter(func, name, params, texts, tangents, shown)


def _enter(
    func: Callable[..., Any],
    name: str,
    params: tuple[str, ...],
    adjoints: Mapping[str, Rule],
    tangents: Mapping[str, Rule],
    result: Shown,
) -> None:
    PRIMITIVES.pop(name, None)
    ARRAY_OPS[name] = ArrayOp(
        name,
        tuple(map(Param, params)),
        {},
        adjoints,
        frozenset(),
        tangents,
        "maybe",
        result=result,
    )
    rules.bind(func, name)


def _result(params: tuple[str, ...], text: str | None) -> Shown:
    if text is None:
        return lambda _: Num("float")
    if text in params:
        return _like(params, text)
    type_ = read_text(text, None)
    match type_:
        case Array(dtype, dims):
            made = Arr(dtype_name(dtype), dims)
            return lambda _: made
        case _ if type_ is not None and is_number(type_):
            number = Num(str(type_))
            return lambda _: number
        case _:
            raise ValueError(
                f"the result {text!r} is neither a parameter nor a type, as float[:, 3]"
            )


def _like(params: tuple[str, ...], name: str) -> Shown:
    """The type of an argument; of a literal that of a float."""

    def result(args: Sequence[Type]) -> Result:
        arg = args[params.index(name)]
        return arg if isinstance(arg, Arr | Num) else Num("float")

    return result


def _checked(text: str, names: tuple[str, ...]) -> str:
    """The text, if it is in the language of rules."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ValueError(f"the rule {text!r} is no expression: {error.msg}") from None
    for node in ast.walk(tree):
        match node:
            case ast.Name(name) if name not in (*names, "np", "math", "abs", "min", "max"):
                if not any(name == known.partition(".")[0] for known in rules.BOUND):
                    known = ", ".join(names)
                    raise ValueError(f"the rule {text!r} knows no {name}, only {known}")
            case ast.Call(func, args, _) if not _known(ast.unparse(func), len(args)):
                raise ValueError(f"the rule {text!r} calls {ast.unparse(func)}")
            case ast.Lambda() | ast.ListComp() | ast.GeneratorExp() | ast.Dict() | ast.Await():
                raise ValueError(f"a rule cannot say {ast.unparse(node)!r}")
            case _:
                pass
    return text


def _known(dotted: str, count: int) -> bool:
    if SYNONYMS.get(dotted, dotted) in ARRAY_OPS or dotted in HELPERS:
        return True
    return dotted in ("abs", "min", "max") or isinstance(lookup_callable(dotted, count), str)
