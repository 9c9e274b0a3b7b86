"""From a function's source to IR: the entry of the front end."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from s2sad.errors import S2sadError, TypeRefused, UnsupportedSyntax
from s2sad.frontend.annotations import array_dtype, read, read_named, read_rest
from s2sad.frontend.elsewhere import changed_elsewhere
from s2sad.frontend.external import Touched, only_touched
from s2sad.frontend.globals import Constant
from s2sad.frontend.iterators import first_yield
from s2sad.frontend.keyed import holds_table
from s2sad.frontend.live import LiveNumber
from s2sad.frontend.normalize.hidden import CHANGED
from s2sad.frontend.prepare import Found
from s2sad.frontend.program import Program
from s2sad.frontend.prune import called, without_unused_names
from s2sad.frontend.ranks import array_ranks, uses_numpy
from s2sad.frontend.resolve import ClassMeaning, Held
from s2sad.frontend.sets import holds_set
from s2sad.frontend.shapes import classes_in, structure_of, template_of
from s2sad.frontend.source import UserFunction, locate
from s2sad.frontend.static import StaticModule
from s2sad.frontend.syntax import refuse
from s2sad.frontend.values import FunctionValue, Unbound, Value, leaves
from s2sad.ir.node import Node, replace
from s2sad.ir.nodes import Func, Gathered, Input, Lit, Module
from s2sad.ir.paths import promoted
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NEVER_ONE,
    NONE,
    Array,
    List,
    Opaque,
    Record,
    Scalar,
    Tuple,
    Type,
)
from s2sad.watched import Dependency

_DEPTH = 8000


class Lowered(Node):
    """The IR of a function, and what the output depends on.

    module: the entry, and the functions that are not inlined. assumed: the parameters
    whose type was neither given nor annotated. dependencies: globals resolved while
    compiling. numbers: globals read at every call. constants: module constants bound once
    to a literal. sources: every source text that went in, by its path. classes: classes
    of the user's that the output raises, takes or makes, by name. reserved: the names that the
    output may not give to its own variables. touched: what is read of objects among the
    arguments. given: the functions among these, by name.
    """

    module: Module
    assumed: tuple[tuple[str, Type], ...]
    dependencies: tuple[Dependency, ...]
    numbers: tuple[LiveNumber, ...]
    constants: tuple[Constant, ...]
    sources: tuple[tuple[str, str], ...]
    classes: tuple[ClassMeaning, ...]
    reserved: frozenset[str]
    touched: Touched
    given: tuple[tuple[str, Held], ...] = ()


def lower(
    function: UserFunction,
    types: Mapping[str, Type] | None = None,
    inline: bool = True,
    active: Collection[str] = (),
) -> Lowered:
    """The typed IR of a function.

    `active` names the parameters, or parts of them, whose ints are taken for floats.
    """
    with _deep():
        try:
            return _lower_or_apart(function, types or {}, inline, active)
        except RecursionError:
            raise UnsupportedSyntax(
                f"{function.name} is nested too deeply",
                function.loc,
                "split it into functions",
            ) from None


def _lower_or_apart(
    function: UserFunction, types: Mapping[str, Type], inline: bool, active: Collection[str]
) -> Lowered:
    """Where a handler has to see a change of an object, each `try` is taken apart."""
    try:
        return _lower(function, types, inline, active)
    except UnsupportedSyntax as error:
        if CHANGED not in error.what:
            raise
        try:
            return _lower(function, types, inline, active, True)
        except UnsupportedSyntax as second:
            if CHANGED in second.what:
                raise error from None
            raise


def _lower(
    function: UserFunction,
    types: Mapping[str, Type],
    inline: bool,
    active: Collection[str],
    objects: bool = False,
) -> Lowered:
    """What a `try` does beyond what it looks like is found so: all is lowered anew then."""
    found = Found()
    while True:
        raising, guarded = len(found.raising), len(found.guarded)
        try:
            lowered = _lowered(function, types, inline, active, objects, found)
        except S2sadError:
            if (len(found.raising), len(found.guarded)) == (raising, guarded):
                raise
        else:
            if len(found.raising) == raising:
                return lowered


def _lowered(
    function: UserFunction,
    types: Mapping[str, Type],
    inline: bool,
    active: Collection[str],
    objects: bool,
    found: Found,
) -> Lowered:
    program = Program(function, inline, objects, found)
    while True:
        version = program.records.version
        func, assumed = _entry(program, function, types, active)
        if version != program.records.version:
            program.start_again()
            continue
        fewer = _only_touched(types, program.touched, active)
        if fewer == types:
            _check_elsewhere(program, function)
            lowered = _result(program, _complete(func, function), assumed)
            # It refers to itself: so all that it holds is freed at once.
            vars(program).clear()
            return lowered
        program, types = Program(function, inline, objects, found), fewer


def _check_elsewhere(program: Program, function: UserFunction) -> None:
    """What is read off a file, another file may change."""
    if not isinstance(function.namespace, StaticModule):
        return
    found = changed_elsewhere(function.file, program.looked_up)
    if found is not None:
        name, loc = found
        what = f"a change of {name}, which {function.name} reads and no file is run for,"
        raise UnsupportedSyntax(what, loc, "pass it as an argument")


def _only_touched(
    types: Mapping[str, Type], touched: Touched, active: Collection[str]
) -> Mapping[str, Type]:
    """Of the objects among the arguments, only the attributes that are read."""
    for name in active:
        owner, _, attribute = name.rpartition(".")
        touched.attributes.add((owner, attribute))
    return {name: only_touched(type_, name, touched) for name, type_ in types.items()}


def _entry(
    program: Program,
    function: UserFunction,
    types: Mapping[str, Type],
    active: Collection[str],
) -> tuple[Func, tuple[tuple[str, Type], ...]]:
    found = first_yield(function.node)
    if found is not None:
        what = "yield from" if isinstance(found, ast.YieldFrom) else "yield"
        raise refuse(function.file, found, what, "return the result")
    ints = program.prepare(function).int_names
    ranks = array_ranks(function.node) if uses_numpy(function.namespace) else {}
    assumed: list[tuple[str, Type]] = []
    params: dict[str, Value] = {}
    for arg in function.every_param:
        given = types.get(arg.arg)
        if given is None and arg not in function.params:
            if not _is_read(arg.arg, function.node):
                continue
            given = _gathered_type(function, arg)
            assumed += [(arg.arg, given)] if arg.annotation is None else []
        unknown_rank = None if given else array_dtype(arg.annotation)
        if unknown_rank is None:
            given = given or _annotated(function, arg)
        if isinstance(given, Array) and arg.annotation is not None:
            given = _as_annotated(given, function, arg.annotation)
        default = function.defaults.get(arg.arg)
        if given is None and isinstance(default, Lit) and isinstance(default.type, Opaque):
            given = default.type
        type_ = given or (INT if arg.arg in ints else FLOAT)
        if given is None and default is None and (unknown_rank or arg.arg in ranks):
            dtype = INT if arg.arg in ints else unknown_rank or FLOAT
            type_ = Array(dtype, (NEVER_ONE,) * ranks.get(arg.arg, 1))
        type_ = own_sizes(promoted(type_, arg.arg, active), arg.arg)
        if given is None:
            assumed.append((arg.arg, type_))
        _check_type(function, arg, type_)
        params[arg.arg] = template_of(type_)
    entry = program.specialised(
        FunctionValue(function, None, (), function.owner), params, function.loc
    )
    _check_result(function, entry.result)
    assert entry.func is not None
    for value in (*params.values(), entry.result):
        for meaning in classes_in(value):
            program.need_class(meaning, function.loc)
    func = replace(entry.func, inputs=_inputs(params))
    return replace(func, gathered=_gathered(function, tuple(params))), tuple(assumed)


def _gathered(function: UserFunction, params: tuple[str, ...]) -> Gathered | None:
    """Which of the parameters are starred; `params` are those that there are."""
    args = function.node.args
    rest, named = (
        arg.arg if arg and arg.arg in params else "" for arg in (args.vararg, args.kwarg)
    )
    if not rest and not named:
        return None
    literals = ((name, function.defaults.get(name)) for name in params)
    defaults = tuple((name, lit) for name, lit in literals if lit is not None)
    return Gathered(rest, named, len(params), defaults)


def _gathered_type(function: UserFunction, arg: ast.arg) -> Type:
    """The type of what a starred parameter gathers, before there is a call."""
    annotation = arg.annotation
    if arg is function.node.args.vararg:
        found = read_rest(annotation, function.namespace)
    else:
        found = read_named(annotation, function.namespace)
    if found is None:
        stars, example = "*", "tuple[float, float]"
        if arg is function.node.args.kwarg:
            stars, example = "**", "{'a': float, 'b': float}"
        raise UnsupportedSyntax(
            f"the parameter {stars}{arg.arg}, of which nothing is known before a call,",
            locate(function.file, arg),
            f'call the derivative; or tell what it has: --type {arg.arg}="{example}"',
        )
    return found


def _is_read(name: str, node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))


def _as_annotated(given: Array, function: UserFunction, annotation: ast.expr) -> Array:
    """The type of an array with the sizes that its annotation tells."""
    noted = read(annotation, function.namespace)
    if not isinstance(noted, Array) or len(noted.dims) != len(given.dims):
        return given
    pairs = zip(noted.dims, given.dims, strict=True)
    return Array(given.dtype, tuple(n if isinstance(n, int) else g for n, g in pairs))


def own_sizes(type_: Type, path: str) -> Type:
    """Sizes that are never 1 get a symbol each, but for those of what lists hold."""
    match type_:
        case Array(dtype, dims) if NEVER_ONE in dims:
            own = (f"{path}.{k}" if dim == NEVER_ONE else dim for k, dim in enumerate(dims))
            return Array(dtype, tuple(own))
        case Tuple(items):
            return Tuple(tuple(own_sizes(t, f"{path}_{k}") for k, t in enumerate(items)))
        case Record(_, _, items):
            own_items = tuple(own_sizes(t, f"{path}_{k}") for k, t in enumerate(items))
            return replace(type_, items=own_items)
        case _:
            return type_


def _inputs(params: Mapping[str, Value]) -> tuple[Input, ...]:
    """How the arguments are taken apart; empty where all of them are plain."""
    numbers = count()
    inputs = [Input(name, structure_of(value, numbers)) for name, value in params.items()]
    return () if all(isinstance(shape, int) for _, shape in inputs) else tuple(inputs)


def _result(program: Program, entry: Func, assumed: tuple[tuple[str, Type], ...]) -> Lowered:
    specials = [special.func for special in program.specials.values() if special.func]
    funcs = {func.name: func for func in specials if func.name != entry.name}
    funcs |= program.cotangents
    funcs[entry.name] = entry
    funcs = {name: without_unused_names(func) for name, func in funcs.items()}
    funcs = _reachable(funcs, entry.name)
    return Lowered(
        Module(funcs, entry.name, program.records.layouts(funcs)),
        assumed,
        tuple(program.dependencies.values()),
        tuple(program.live.values()),
        tuple(program.constants.values()),
        tuple(program.sources.items()),
        tuple(program.classes.values()),
        frozenset(
            {*program.live, *program.constants, *program.classes, *program.given, *funcs}
        ),
        program.touched,
        tuple(program.given.items()),
    )


def _reachable(funcs: dict[str, Func], entry: str) -> dict[str, Func]:
    """The functions that the entry needs, in the order of their making, the entry last."""
    needed: set[str] = set()
    pending = [entry]
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending += called(funcs[name])
    return {name: func for name, func in funcs.items() if name in needed}


def _complete(func: Func, function: UserFunction) -> Func:
    """The entry takes the defaults of its last parameters."""
    defaults: list[Lit] = []
    if func.gathered is not None:
        return func
    there = {given.name for given in func.signature}
    params = [arg for arg in function.every_param if arg.arg in there]
    for arg, given in zip(reversed(params), reversed(func.signature), strict=True):
        default = function.defaults.get(arg.arg)
        if default is None or not isinstance(given.structure, int):
            break
        defaults.insert(0, default)
    return replace(func, defaults=tuple(defaults))


def _annotated(function: UserFunction, arg: ast.arg) -> Type | None:
    """The type that an annotation tells; None where there is none."""
    if arg.annotation is None:
        return None
    match arg.annotation:
        case ast.Name(id="Any") | ast.Attribute(attr="Any"):
            return None
        case annotation:
            type_ = read(annotation, function.namespace)
    if type_ is None:
        raise TypeRefused(
            f"a parameter of type {ast.unparse(annotation)} is not supported",
            locate(function.file, arg),
            _advice(arg, annotation),
        )
    return type_


def _advice(arg: ast.arg, annotation: ast.expr) -> str:
    text = ast.unparse(annotation).strip("'\"")
    if "dict" in text.lower() or "Mapping" in text:
        form = "{'a': float, 'b': float}"
        return f'name its keys: annotate it "{form}", or --type {arg.arg}="{form}"'
    return (
        "use float, int, bool or str, list[float], tuple[float, float], a dataclass or a"
        f" named tuple, or give it by --type {arg.arg}=…"
    )


def _check_type(function: UserFunction, arg: ast.arg, type_: Type) -> None:
    match type_:
        case Scalar() if type_ in (FLOAT, INT, BOOL, COMPLEX, NONE):
            return
        case Array():
            return
        case Opaque():
            return
        case Tuple(items) | Record(_, _, items):
            for item in items:
                _check_type(function, arg, item)
        case List(item) if item != NONE:
            _check_type(function, arg, item)
        case _:
            raise TypeRefused(
                f"{arg.arg} is a {type_}, which is not supported",
                locate(function.file, arg),
                "use float, int, bool or str",
            )


def _check_result(function: UserFunction, result: Value | None) -> None:
    if result is None or isinstance(result, Unbound):
        raise UnsupportedSyntax(
            f"{function.name} never returns", function.loc, "return a number"
        )
    if holds_set(result):
        raise UnsupportedSyntax(
            f"{function.name} returns a set", function.loc, "return its elements in a tuple"
        )
    if holds_table(result):
        raise UnsupportedSyntax(
            f"{function.name} returns a dict of computed keys",
            function.loc,
            "return its values in a list",
        )
    if any(leaf.type == NONE for leaf in leaves(result)):
        raise UnsupportedSyntax(
            f"{function.name} returns no value", function.loc, "return a number"
        )


@contextmanager
def _deep() -> Iterator[None]:
    """Room for nested statements; a limit that is reached is a refusal."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
