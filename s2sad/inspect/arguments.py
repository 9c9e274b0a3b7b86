"""The arguments of a call, taken apart into the parameters of the IR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from s2sad.ir.nodes import Shape, Structure, Var, indices, parts_of


class Leaf(NamedTuple):
    """One parameter of the IR: `p.w`, and its value."""

    label: str
    value: Any


def flattened(
    structure: Structure, params: Sequence[Var], name: str, given: Mapping[str, object] | None
) -> Iterator[tuple[int, Leaf]]:
    """The parameters that an argument is taken apart into; without values if none are
    given."""
    if given is None:
        for k in indices(structure):
            yield k, Leaf(name if isinstance(structure, int) else params[k].hint, None)
        return
    yield from _leaves(structure, name, given[name])


def _leaves(structure: Structure, label: str, value: Any) -> Iterator[tuple[int, Leaf]]:
    if isinstance(structure, int):
        yield structure, Leaf(label, value)
        return
    if isinstance(structure, Shape) and structure.kind == "each":
        (part,) = structure.parts
        rows = [dict(_leaves(part, f"{label}[{n}]", row)) for n, row in enumerate(value)]
        for k in indices(part):
            yield k, Leaf(label, [row[k].value for row in rows])
        return
    for number, part in enumerate(parts_of(structure)):
        path, found = _part(structure, number, value)
        yield from _leaves(part, f"{label}{path}", found)


def _part(structure: Structure, number: int, value: Any) -> tuple[str, Any]:
    if isinstance(structure, Shape) and structure.kind != "list":
        key = structure.keys[number]
        if structure.kind == "dict":
            return f"[{key!r}]", value[key]
        return f".{key}", getattr(value, str(key))
    return f"[{number}]", value[number]
