"""How what a function returns is put together: tuples, lists, dicts, objects."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import count

from s2sad.backend.syntax import call, name, tuple_of
from s2sad.ir.nodes import Shape, Structure, indices

# The elements of lists that are put together, or taken apart; a list that is one itself.
ELEMENT, ROW = "v", "r"


def shaped(structure: Structure, atoms: Sequence[ast.expr]) -> ast.expr:
    """The expression that a function returns."""
    taken = {node.id for atom in atoms for node in ast.walk(atom) if isinstance(node, ast.Name)}
    return _shaped(structure, dict(enumerate(atoms)), taken)


def _shaped(structure: Structure, atoms: Mapping[int, ast.expr], taken: set[str]) -> ast.expr:
    match structure:
        case int():
            return atoms[structure]
        case Shape("each", _, (part,)):
            return _each(part, atoms, taken)
        case Shape(kind, keys, parts, cls):
            made = [_shaped(part, atoms, taken) for part in parts]
            match kind:
                case "list":
                    return ast.List(made, ast.Load())
                case "dict":
                    return ast.Dict([ast.Constant(key) for key in keys], made)
                case _:
                    pairs = zip(keys, made, strict=True)
                    given = [ast.keyword(str(key), part) for key, part in pairs]
                    return ast.Call(name(cls), [], given)
        case _:
            return tuple_of([_shaped(part, atoms, taken) for part in structure])


def _each(part: Structure, atoms: Mapping[int, ast.expr], taken: set[str]) -> ast.expr:
    """A list of structures from the parallel lists of their leaves."""
    lists = [k for k in indices(part) if not _is_none(atoms[k])]
    if not lists:
        return ast.Constant(None)
    wishes = "pqrstuvw" if len(lists) > 1 else ELEMENT
    names = [free(wishes[k % len(wishes)], taken) for k in range(len(lists))]
    inner = {**atoms, **{k: name(text) for k, text in zip(lists, names, strict=True)}}
    targets: list[ast.expr] = [ast.Name(text, ast.Store()) for text in names]
    if len(lists) == 1:
        target, source = targets[0], atoms[lists[0]]
    else:
        target = ast.Tuple(targets, ast.Store())
        source = call("zip", *(atoms[k] for k in lists))
    element = _shaped(part, inner, taken)
    return ast.ListComp(element, [ast.comprehension(target, source, [], 0)])


def _is_none(atom: ast.expr) -> bool:
    return isinstance(atom, ast.Constant) and atom.value is None


def free(wish: str, taken: set[str]) -> str:
    """A name that is not taken yet; it is from now on."""
    texts = (f"{wish}{k}" if k else wish for k in count())
    found = next(text for text in texts if text not in taken)
    taken.add(found)
    return found


def flattened(structure: Structure) -> Structure:
    """As functions inside a module return it: tuples only, lists in parallel."""
    match structure:
        case int():
            return structure
        case Shape("each", _, (part,)):
            return flattened(part)
        case Shape(_, _, parts):
            return tuple(map(flattened, parts))
        case _:
            return tuple(map(flattened, structure))
