"""From a function to the function of its value and tangent: `f` to `f_jvp`.

`pushforward` takes the tangents of the arguments; `jacobian` pushes all unit tangents at
once, one direction for each number that goes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from s2sad.errors import NotDifferentiable
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    NOTHING,
    Atom,
    Block,
    Func,
    Input,
    Module,
    Shape,
    Stmt,
    Structure,
    Var,
    indices,
    with_indices,
)
from s2sad.ir.paths import path_of
from s2sad.ir.types import FLOAT, INT, Array, Dim, List, Opaque, Type, is_differentiable
from s2sad.transform.adjoints import adjoint_type
from s2sad.transform.branch_once import branch_once
from s2sad.transform.callees import Checkpoints
from s2sad.transform.dce import eliminate_dead
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward.blocks import all_of, block, seed
from s2sad.transform.forward.callees import BlankRecord, Pushed, prepare
from s2sad.transform.forward.lengths import same_lengths
from s2sad.transform.forward.push import Direction
from s2sad.transform.gradient import assemble
from s2sad.transform.naming import settle_names
from s2sad.transform.prepare import with_own_params

DOT = "_dot"
SWEEPS = ("values", "tangents")
_NUMBERS = (FLOAT, INT)


class Request(NamedTuple):
    """What is pushed: `wrt` are positions of parameters, or structures over them, `inputs`
    what these are called, `of` the results that are wanted, as they are returned.

    `bare` gives the derivative in one parameter as it is and not as a tuple of one;
    `reserved` are names that intermediates may not take, `name` that of the function.
    `checkpoints`: long loops are reversed from snapshots.
    """

    wrt: Sequence[Structure]
    inputs: Sequence[str]
    of: Structure
    bare: bool = True
    level: int = 1
    reserved: frozenset[str] = frozenset()
    name: str = ""
    checkpoints: Checkpoints | None = None


def pushforward(module: Module, request: Request) -> Module:
    """The module of `NAME_jvp`, which takes the arguments and then their tangents, and
    returns `(value, tangent)`.

    A tangent has the structure of its value; in the place of what carries no derivative
    it has None.
    """
    return with_or_without_none(lambda absent: _pushforward(module, request, absent))


def with_or_without_none(make: Callable[[bool], Module]) -> Module:
    try:
        return make(False)
    except BlankRecord:
        return make(True)


def _pushforward(module: Module, request: Request, absent: bool) -> Module:
    made = Entry(module, request, (DOT,), absent)
    func = made.func
    (wanted,) = made.wanted
    entry, params, checks = made.with_dots(wanted)
    builder = made.run(checks)
    dots: list[Atom] = []
    places: dict[int, int] = {}
    count = len(func.body.yields)
    for k in indices(request.of):
        places[k] = count + len(dots)
        atom = func.body.yields[k]
        there = is_differentiable(atom.type) or atom.type in _NUMBERS
        dot = made.push.made(atom, 0, builder) if there else NOTHING
        if dot in params and isinstance(dot.type, Array):
            dot = builder.emit("copy", (dot,))
        dots.append(dot)
    tangent = with_indices(request.of, places.__getitem__)
    entry = replace(
        entry,
        name=request.name or made.callees.fresh(f"{func.name}_jvp"),
        doc=_doc(func, request.inputs, made.names),
        structure=(func.structure, tangent),
        sweeps=SWEEPS,
    )
    return made.finished(entry, params, builder, dots)


def _dots(wrt: Sequence[Structure], params: Sequence[Var]) -> list[tuple[int, Var]]:
    positions = [k for structure in wrt for k in indices(structure)]
    return list(zip(positions, params, strict=True))


def _given_type(type_: Type) -> Type:
    """The type of the tangent of an argument; anything in the place of what has none."""
    if is_differentiable(type_):
        return adjoint_type(type_)
    if isinstance(type_, List):
        return List(_given_type(type_.item))
    return Opaque("object")


def jacobian(module: Module, request: Request) -> Module:
    """The module of `NAME_jacobian`: the value, and in the place of each number of the
    result its derivative in the structure of the arguments.

    Raises `NotDifferentiable` where the arguments hold lists of unknown length.
    """
    return with_or_without_none(lambda absent: _jacobian(module, request, absent))


def _jacobian(module: Module, request: Request, absent: bool) -> Module:
    func = module.funcs[module.entry]
    leaves = [k for structure in request.wrt for k in indices(structure)]
    numbers = [k for k in leaves if is_differentiable(func.params[k].type)]
    for k in numbers:
        if not isinstance(func.params[k].type, Array) and func.params[k].type != FLOAT:
            raise NotDifferentiable(
                f"a Jacobian in {func.params[k].hint}, whose length is not known, in one pass",
                func.loc,
                "write a jvp or a vjp, and call it for each of the elements",
            )
    suffixes = [f"_d{func.params[k].hint}" for k in numbers] if len(numbers) > 1 else [DOT]
    dims = [all_of(func.params[k].type, func.params[k].hint) for k in numbers]
    made = Entry(module, request, tuple(suffixes), absent, numbers, dims=dims)
    func = made.func
    builder = made.push.builder()
    for d, k in enumerate(numbers):
        made.push.set_dot(func.params[k], d, seed(made.push, func.params[k], d, builder))
    made.push.block(func.body, builder)
    dots: list[Atom] = []
    count = len(func.body.yields)

    def place(atom: Atom) -> int:
        dots.append(atom)
        return count + len(dots) - 1

    def row(k: int) -> Structure:
        """The derivatives of one number, or array, of the result."""
        atom = func.body.yields[k]
        if not (is_differentiable(atom.type) or atom.type in _NUMBERS):
            return place(NOTHING)
        if atom.type not in _NUMBERS and not isinstance(atom.type, Array):
            raise NotDifferentiable(
                "a Jacobian of a list whose length is not known, in one pass",
                func.loc,
                "write a jvp or a vjp, and call it for each of the elements",
            )
        places = {
            k: place(block(made.push, atom, func.params[k], d, builder))
            for d, k in enumerate(numbers)
        }
        places.update((k, place(NOTHING)) for k in leaves if k not in places)
        shaped = tuple(with_indices(s, places.__getitem__) for s in request.wrt)
        return shaped[0] if request.bare else shaped

    structure = func.structure, _replaced(request.of, row)
    entry = replace(
        func,
        name=request.name or made.callees.fresh(f"{func.name}_jacobian"),
        doc=wrapped(
            f"Value of {func.name}, and its derivatives in {', '.join(request.inputs)}."
        ),
        structure=structure,
        sweeps=SWEEPS,
    )
    return made.finished(entry, [], builder, dots)


def _replaced(structure: Structure, leaf: Callable[[int], Structure]) -> Structure:
    """The structure with a structure in the place of each leaf."""
    match structure:
        case int():
            return leaf(structure)
        case Shape(kind, keys, parts, cls):
            return Shape(kind, keys, tuple(_replaced(part, leaf) for part in parts), cls)
        case _:
            return tuple(_replaced(part, leaf) for part in structure)


class Entry:
    """The entry of a module while it is pushed; `numbers` has one position of a parameter
    for each direction, None means that all of them vary in one."""

    def __init__(
        self,
        module: Module,
        request: Request,
        suffixes: tuple[str, ...],
        absent: bool,
        numbers: Sequence[int] | None = None,
        kind: type[Pushed] = Pushed,
        dims: Sequence[Dim | None] | None = None,
    ) -> None:
        self.module = module
        self.request = request
        level = request.level
        self.callees = kind(module, level, request.reserved, suffixes, absent)
        self.callees.dims = list(dims or self.callees.dims)
        func = prepare(module.funcs[module.entry], level)
        written = self.callees.sharing.of(func, escapes=False).written
        self.func = func = with_own_params(func, written, module)
        leaves = [k for structure in request.wrt for k in indices(structure)]
        varied = [k for k in leaves if is_differentiable(func.params[k].type)]
        self.wanted = [{k} for k in numbers] if numbers else [set(varied) for _ in suffixes]
        of = {*indices(request.of)}
        results = tuple(k in of for k in range(len(func.body.yields)))
        given = [tuple(k in at for k in range(len(func.params))) for at in self.wanted]
        activities = self.callees.activities(func, tuple(given), (results,) * len(given))
        directions = list(map(Direction, activities, suffixes))
        self.push = self.callees.push_class(func, directions, level, self.callees)
        self.names: list[str] = []

    def with_dots(self, wanted: set[int]) -> tuple[Func, list[Var], list[Stmt]]:
        """The entry with tangents for its parameters, these, and tests of their lengths."""
        func, request = self.func, self.request
        inputs: list[Input] = []
        params: list[Var] = []
        start = len(func.params)
        hints = {param.hint for param in func.params}
        taken = {*request.reserved, *hints, *(input_.name for input_ in func.inputs)}
        for structure, text in zip(request.wrt, request.inputs, strict=True):
            name = fresh(tangent_name(text), taken)
            places: dict[int, int] = {}
            for k in indices(structure):
                hint = name
                if not isinstance(structure, int):
                    hint = fresh(f"{func.params[k].hint}{DOT}", taken)
                places[k] = start + len(params)
                params.append(Var(_given_type(func.params[k].type), hint))
                if k in wanted:
                    self.push.set_dot(func.params[k], 0, params[-1])
            inputs.append(Input(name, with_indices(structure, places.__getitem__)))
        checks = same_lengths(
            (func.params[k], dot, func.params[k].hint, dot.hint)
            for k, dot in _dots(request.wrt, params)
            if k in wanted
        )
        plain = not func.inputs and all(isinstance(i.structure, int) for i in inputs)
        self.names = [input_.name for input_ in inputs]
        signature = () if plain else (*func.signature, *inputs)
        return replace(func, defaults=(), inputs=signature), params, checks

    def run(self, before: Sequence[Stmt]) -> AdjointBuilder:
        builder = self.push.builder()
        for stmt in before:
            builder.add(stmt)
        self.push.block(self.func.body, builder)
        return builder

    def finished(
        self, entry: Func, params: Sequence[Var], builder: AdjointBuilder, dots: Sequence[Atom]
    ) -> Module:
        """The module of an entry that yields the tangents after its results."""
        func, request, callees = self.func, self.request, self.callees
        for k in range(len(func.body.yields)):
            atom = func.body.yields[k]
            for d in range(len(self.push.directions)):
                dot = self.push.dot(atom, d)
                if dot is not None and isinstance(atom, Var):
                    builder.call_after(dot, self.push.called(atom, d))
        first = self.push.first
        straight = first is not None and first > 0
        entry = replace(
            entry,
            body=Block(
                (*func.params, *params),
                tuple(builder.stmts),
                (*func.body.yields, *dots),
            ),
            forward=first if straight else 0,
        )
        entry = eliminate_dead(joined(entry, request.level), derived=True)
        settle_names(entry, builder.names, request.reserved, request.level)
        return assemble(self.module, entry, callees.made, callees.records)


def joined(func: Func, level: int) -> Func:
    """A value and its tangent are chosen in one branch, and so are others on its condition."""
    return branch_once(func, blocks=True) if level else func


def fresh(wish: str, taken: set[str]) -> str:
    """A name that means nothing else; it is taken from now on."""
    name, k = wish, 2
    while name in taken:
        name, k = f"{wish}{k}", k + 1
    taken.add(name)
    return name


def tangent_name(text: str) -> str:
    """What the tangent of an argument, or of a part of one, is called: p.w, p['w'], p[0]."""
    path = path_of(text)
    assert path is not None
    parts = (re.sub(r"\W", "_", str(step.key)) for step in path.steps)
    return "_".join((path.name, *parts)) + DOT


def _doc(func: Func, wrt: Sequence[str], dots: Sequence[str]) -> str:
    if len(wrt) == 1:
        text = f"Value of {func.name}, and its derivative in {wrt[0]} times {dots[0]}."
    else:
        text = f"Value of {func.name}, and its derivative in the direction {', '.join(dots)}."
    return wrapped(text)


def wrapped(text: str) -> str:
    import textwrap

    return textwrap.fill(text, 76, break_on_hyphens=False)
