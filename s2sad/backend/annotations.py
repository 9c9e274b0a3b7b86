"""Annotations of parameters: the notation of the types that a function was compiled for."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from s2sad.backend.syntax import literal_of
from s2sad.ir.nodes import Func, Gathered, Input, Shape, Structure, Var, indices, parts_of
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NAMED,
    NONE,
    Array,
    Dim,
    List,
    Opaque,
    Type,
    nesting,
    never_one,
)

_SCALARS = (BOOL, INT, FLOAT, COMPLEX)


def signature_of(func: Func) -> ast.arguments:
    """The parameters of an entry with their defaults; `*rest` and `**named` are starred as
    in the primal."""
    args = [ast.arg(i.name, annotation_of(i, func.params)) for i in func.signature]
    gathered = starred(func)
    if gathered is None:
        defaults = list(map(literal_of, func.defaults))
        return ast.arguments([], args, None, [], [], None, defaults)
    texts = {i.name: annotation_text(i.structure, func.params) for i in func.signature}
    known = {name: literal_of(lit) for name, lit in gathered.defaults}
    groups: dict[str, list[ast.arg]] = {"plain": [], "rest": [], "by name": [], "named": []}
    for arg in args:
        if arg.arg in (gathered.rest, gathered.named):
            group, stars = ("rest", "*") if arg.arg == gathered.rest else ("named", "**")
            text = texts[arg.arg]
            each = text.startswith("list[") and group == "rest"
            arg.annotation = ast.Constant(f"{stars}{text}")
            if each:
                arg.annotation = ast.parse(text, mode="eval").body.slice  # type: ignore[attr-defined]
            groups[group].append(arg)
        else:
            groups["by name" if groups["rest"] else "plain"].append(arg)
    plain = [known.get(arg.arg) for arg in groups["plain"]]
    while None in plain:
        plain = plain[plain.index(None) + 1 :]
    return ast.arguments(
        [],
        groups["plain"],
        groups["rest"][0] if groups["rest"] else None,
        groups["by name"],
        [known.get(arg.arg) for arg in groups["by name"]],
        groups["named"][0] if groups["named"] else None,
        [default for default in plain if default is not None],
    )


def starred(func: Func) -> Gathered | None:
    """The starred parameters, where no other follows."""
    gathered = func.gathered
    return gathered if gathered and gathered.total == len(func.signature) else None


def annotation_of(input_: Input, params: Sequence[Var]) -> ast.expr | None:
    """What a parameter is annotated with; nothing for what has no notation."""
    if isinstance(input_.structure, int):
        match params[input_.structure].type:
            case Array() as array:
                return ast.Constant(_type_text(array))
            case type_ if type_ not in _SCALARS and not isinstance(type_, List):
                return None
            case _:
                pass
    if isinstance(input_.structure, Shape) and input_.structure.kind in (
        "instance",
        "class",
        "member",
        "function",
    ):
        return None
    text = annotation_text(input_.structure, params)
    if _has_display(input_.structure) or any(
        isinstance(nesting(params[k].type)[1], Array) for k in indices(input_.structure)
    ):
        return ast.Constant(text)
    return ast.parse(text, mode="eval").body


def annotation_text(structure: Structure, params: Sequence[Var], depth: int = 0) -> str:
    """The notation of a type, in `depth` lists of which the leaves are parallel lists."""
    if isinstance(structure, int):
        type_ = params[structure].type
        for _ in range(depth):
            assert isinstance(type_, List)
            type_ = type_.item
        return _type_text(type_)
    if isinstance(structure, Shape) and structure.kind == "each":
        return f"list[{annotation_text(structure.parts[0], params, depth + 1)}]"
    texts = [annotation_text(part, params, depth) for part in parts_of(structure)]
    match structure:
        case Shape("dict", keys):
            pairs = zip(keys, texts, strict=True)
            return f"{{{', '.join(f'{key!r}: {text}' for key, text in pairs)}}}"
        case Shape("list"):
            return f"[{', '.join(texts)}]"
        case Shape(cls=cls):
            return cls
        case _:
            return f"tuple[{', '.join(texts) or '()'}]"


def _type_text(type_: Type) -> str:
    match type_:
        case List(item):
            return f"list[{_type_text(item)}]"
        case Opaque(what):
            return what
        case Array(dtype, dims):
            axes = ", ".join(map(_axis_text, dims))
            return f"{dtype}[{axes or '()'}]"
        case _:
            return "None" if type_ == NONE else str(type_)


def _axis_text(dim: Dim) -> str:
    if isinstance(dim, int):
        return str(dim)
    if dim.startswith(NAMED):
        return dim.removeprefix(NAMED)
    return ":" if never_one(dim) else "_"


def _has_display(structure: Structure) -> bool:
    displayed = isinstance(structure, Shape) and structure.kind in ("dict", "list")
    return displayed or any(map(_has_display, parts_of(structure)))
