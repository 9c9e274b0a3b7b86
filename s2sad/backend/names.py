"""The names of the output: the user's stay, temporaries are a, b, c, …"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from itertools import count

from s2sad.backend.coalesce import Coalescing
from s2sad.ir.nodes import Atom, Func, Let, Lit, Loop, Var, While
from s2sad.ir.types import List, Tuple
from s2sad.ir.walk import walk

LETTERS = "abcdefghijkmnopqrstuvwxyz"  # l looks like 1
LOOPS = "ijkmnpq"  # the elements of passes, from the outermost loop inwards
LONGEST = 16  # the name of a list made of what it holds


def letters() -> Iterator[str]:
    yield from LETTERS
    for number in count(1):
        for letter in LETTERS:
            yield f"{letter}{number}"


def numbered(name: str) -> Iterator[str]:
    """t, t1, t2, …; d1, d1_2, d1_3, … where the name ends in a digit itself."""
    yield name
    for number in count(1):
        yield f"{name}_{number + 1}" if name[-1].isdigit() else f"{name}{number}"


def assign(coalescing: Coalescing, taken: Iterable[str]) -> dict[Var, str]:
    """A name for every variable; `taken` are names that mean something else."""
    used = {*taken, *keyword.kwlist}
    others: dict[str, Iterator[str]] = {}
    names: dict[Var, str] = {}
    named = coalescing.share()
    for groups in named.values():
        for group in groups:
            if group.fixed:
                used.add(group.fixed)
                names.update(dict.fromkeys(group.members, group.fixed))
    # The names that the user gave come before the compiler's, first those that may be
    # unbound: Python's message has the name.
    order = [(hint, group) for hint, groups in named.items() for group in groups]
    order.sort(
        key=lambda item: (not item[1].label[0], not item[1].exclusive, item[1].starts[0])
    )
    for hint, group in order:
        if not group.fixed:
            name = clean(hint)
            if name in used:
                # What was used stays so: each search goes on where the last one ended.
                more = others.setdefault(name, numbered(name))
                name = next(name for name in more if name not in used)
            used.add(name)
            for var in group.members:
                names[var] = name
    fresh = letters()
    for group in coalescing.unnamed():
        name = next(name for name in fresh if name not in used)
        names.update(dict.fromkeys(group.members, name))
    return names


def clean(hint: str) -> str:
    """The hint as a name that Python takes."""
    if hint.isidentifier() and not keyword.iskeyword(hint):
        return hint
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in hint)
    if not name.isidentifier() or keyword.iskeyword(name):
        name = f"v_{name}" if not name[:1].isidentifier() else f"{name}_"
    return name


_TELLING = frozenset(("global", "tuple", "item"))


def better_hints(func: Func) -> dict[Var, str]:
    """Names that say what a variable is for: the lists that loops record, their elements
    when they are read back, the local copy of a global."""
    hints: dict[Var, str] = {}
    telling = [stmt for stmt in walk(func.body) if type(stmt) is not Let or stmt.op in _TELLING]
    for stmt in telling:
        if isinstance(stmt, Let) and stmt.op == "global":
            assert isinstance(stmt.args[0], Lit)
            hints[stmt.out] = str(stmt.args[0].value).lower()
    lets = {stmt.out: stmt for stmt in telling if isinstance(stmt, Let) and stmt.op != "global"}
    recorded: set[Var] = set()
    for stmt in telling:
        if isinstance(stmt, (Loop, While)):
            recorded.update(stmt.lists)
            for var, atom in zip(stmt.lists, stmt.recorded, strict=True):
                if not (var.user or (var.after is not None and var.after[1] == "_series")):
                    hints[var] = _list_hint(stmt, atom, lets)
    elements: dict[Var, int] = {}  # of lists of ours, and how many such loops are around
    for stmt in telling:
        if isinstance(stmt, Loop):
            for seq, element in zip(stmt.seqs, stmt.elements, strict=True):
                if isinstance(seq.list, Var) and not seq.list.user:
                    elements[element] = elements.get(seq.list, -1) + 1
                    hints[element] = _element_hint(element, elements[element])
        elif isinstance(stmt, Let) and stmt.op == "item" and stmt.args[0] in elements:
            elements[stmt.out] = elements[stmt.args[0]]
            hints[stmt.out] = _element_hint(stmt.out, elements[stmt.out])
    return hints


def _list_hint(loop: Loop | While, atom: Atom, lets: dict[Var, Let]) -> str:
    if not isinstance(atom, Var):
        return "passes"
    let = lets.get(atom)
    if let is not None and let.op == "tuple":
        parts = [arg.hint if isinstance(arg, Var) and arg.user else "" for arg in let.args]
        on_entry = all(arg in loop.carries for arg in let.args)
        name = "_".join([*parts, "in" if on_entry else "rec"])
        short = len(name) <= LONGEST and len(parts) <= 3
        return name if short and all(parts) and len({*parts}) == len(parts) else "passes"
    if isinstance(atom.type, (List, Tuple)) or not atom.hint:
        return "passes"
    return f"{atom.hint}_in" if atom in loop.carries else f"{atom.hint}_rec"


def _element_hint(element: Var, depth: int) -> str:
    match element.type:
        case List():
            if element.hint:
                return f"{element.hint}_in"
            return f"passes_{LOOPS[min(depth, len(LOOPS) - 1)]}"
        case Tuple():
            return "entry"
        case _ if element.after is not None and element.after[1] == "_j":
            return element.hint or "value_j"  # the partner of another, that runs backward
        case _:
            return f"{element.hint}_i" if element.hint else "value_i"
