"""`s2sad grad`: from what the command line asks for to the text of a generated file."""

from __future__ import annotations

import builtins
import math
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.cli.generated import Problem, header
from s2sad.cli.merge import Unit, merge
from s2sad.cli.request import Request, Target
from s2sad.cli.verbs import ORDER, VERBS
from s2sad.compile import Primal, Wish, collector_paused, strictly
from s2sad.errors import S2sadError, SourceNotFound, UnsupportedFunction
from s2sad.frontend import Lowered, from_file
from s2sad.frontend.annotations import read_text
from s2sad.frontend.declared import Declared
from s2sad.frontend.files import import_path
from s2sad.frontend.instances_static import instance_type
from s2sad.ir.nodes import Let, Module, Shape, indices
from s2sad.ir.paths import path_of
from s2sad.ir.types import FLOAT, INT, Array, List, Type, is_differentiable
from s2sad.ir.walk import walk
from s2sad.rules import BOUND
from s2sad.transform.callees import Checkpoints, checkpoints_of

# The verbs that have a reverse sweep.
_REVERSED = ("grad", "vjp", "hessian", "hvp")


class Subject(NamedTuple):
    """One function, lowered, and what is wanted of it; `notes` tell assumed types."""

    label: str
    params: tuple[str, ...]
    lowered: Lowered
    wish: Wish
    notes: tuple[str, ...]
    verb: str = "grad"
    order: int = ORDER

    def derivative(self) -> Module:
        """The module that the verb makes."""
        return VERBS[self.verb].make(self.lowered, self.wish, self.order)


class Refused(Exception):
    """What was refused, of all functions asked for."""

    def __init__(self, errors: list[S2sadError]) -> None:
        super().__init__(errors)
        self.errors = errors


class Generated(NamedTuple):
    text: str
    notes: tuple[str, ...]


@collector_paused()
def generate(request: Request, base: str = "") -> Generated:
    """The text that a request asks for, its paths relative to the directory `base`.

    Raises `Problem` where a file or a name is not there, `Refused` for what s2sad does
    not take.
    """
    sources: dict[str, str] = {}
    notes: list[str] = []
    units: list[Unit] = []
    params: set[str] = set()
    errors: list[S2sadError] = []
    for target in request.targets:
        try:
            subject = lower_target(request, target, base)
            units.append(_unit(subject))
        except S2sadError as error:
            errors.append(error)
        else:
            sources.update(subject.lowered.sources)
            notes += subject.notes
            params.update(subject.params)
    if errors:
        raise Refused(errors)
    check_types(request, params)
    try:
        text = merge(units)
    except S2sadError as error:
        raise Refused([error]) from None
    head = header(request.command(), sources.values())
    if text.startswith("def "):
        head += "\n\n"
    return Generated(head + text, tuple(dict.fromkeys(notes)))


def check_types(request: Request, params: Collection[str]) -> None:
    """Raise `Problem` where a type is given for a parameter that there is not."""
    for name, _ in request.types:
        if name not in params:
            raise Problem(f"--type {name}: no function has such a parameter")


def _unit(subject: Subject) -> Unit:
    def written(module: Module) -> str:
        return emit_text(subject, module)

    module = subject.derivative()
    return Unit(subject.label, module, written)


def emit_text(subject: Subject, module: Module) -> str:
    """The text of a module that was made from a subject, without a header."""
    constants = subject.lowered.constants
    prelude = tuple(f"{name} = {_literal(value)}" for name, value in constants)
    imports = (*_imports(subject.lowered), *_modules(module))
    texts = (text for class_ in subject.lowered.classes for text in class_.definition)
    classes = tuple(dict.fromkeys(texts))
    options = Options(
        level=subject.wish.level,
        prelude=prelude,
        imports=imports,
        classes=classes,
        jit=subject.wish.jit is not None,
    )
    return emit(module, options)


def _literal(value: float | int | bool) -> str:
    return repr(value) if math.isfinite(value) else f"float({str(value)!r})"


def lower_target(request: Request, target: Target, base: str = "") -> Subject:
    """Read and lower one function, with the types and parameters that are asked for."""
    path = os.path.join(base, target.file)
    with _reading(base):
        try:
            return _lowered(request, target, path)
        except MemoryError:  # Python's parser, before its memory ends
            raise Problem(f"{path}: too deeply nested to parse") from None


_UNPARSED = (SyntaxError, ValueError, RecursionError)


@contextmanager
def _reading(base: str) -> Iterator[None]:
    """Look for imports in `base` too; a file that cannot be read is a `Problem`."""
    before = sys.path[:]
    # Last, or the user's files would come before what s2sad itself has yet to import.
    sys.path.append(os.path.abspath(base))
    try:
        yield
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
    except SourceNotFound as error:
        raise Problem("; ".join(filter(None, (error.what, error.instead)))) from None
    except S2sadError as error:
        if error.loc and isinstance(error.__cause__, _UNPARSED):
            place = f"{error.loc.file}:{error.loc.line}"
            raise Problem(f"{place}: {error.what}") from None
        raise
    finally:
        sys.path[:] = before


def _lowered(request: Request, target: Target, path: str) -> Subject:
    primal = Primal(from_file(path, target.function))
    for name in request.wrt:
        wanted = path_of(name)
        if wanted is None or wanted.name not in primal.params:
            known = ", ".join(primal.params) or "none"
            raise Problem(f"{target} has no parameter {name} (it has {known})")
    given = {n: _type(primal, n, text) for n, text in request.types if n in primal.params}
    owner = primal.function.owner
    unsure: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    if owner is not None and primal.params and primal.params[0] not in given:
        given[primal.params[0]], unsure = instance_type(owner)
        active = tuple(n for n in request.wrt if n.startswith(f"{primal.params[0]}."))
    lowered = primal.lower(given, active)
    assumed = dict(lowered.assumed)
    counts = [name for name in request.wrt if assumed.get(name) == INT]
    if counts:
        # Asked for, so a float, also where it would have been taken to be a count.
        assumed.update(dict.fromkeys(counts, FLOAT))
        lowered = primal.lower({**given, **dict.fromkeys(counts, FLOAT)}, active)
    _check_classes(lowered, primal)
    wrt = request.wrt or _floats(lowered, target)
    if request.verb not in VERBS or not VERBS[request.verb].every:
        wrt = request.wrt or wrt[:1]
    if request.strict:
        lowered = strictly(lowered, wrt)
    lines = {param.arg: param.lineno for param in primal.function.every_param}
    notes = tuple(
        _note(f"{primal.function.file}:{lines[name]}", name, type_)
        for name, type_ in assumed.items()
    )
    notes += tuple(
        f"{primal.function.file}:{primal.function.loc.line}: {primal.params[0]}.{name} is taken"
        " to be a float (annotate it in the class)"
        for name in unsure
        if (primal.params[0], name) in lowered.touched.attributes
    )
    checkpoints = _checkpoints(request)
    wish = Wish(wrt, len(wrt) == 1, request.of, request.level, request.jit, checkpoints)
    if wish.jit:
        from s2sad.backend.numba.unbound import check_primal

        check_primal(lowered.module)
    order = ORDER if request.order is None else request.order
    return Subject(str(target), primal.params, lowered, wish, notes, request.verb, order)


def _checkpoints(request: Request) -> Checkpoints | None:
    try:
        made = checkpoints_of(request.checkpoint, request.snapshots, request.memory)
    except ValueError as error:
        raise Problem(str(error)) from None
    if made and request.jit:
        raise Problem("--jit and --checkpoint do not go together yet")
    if made and request.verb not in _REVERSED:
        raise Problem(f"--checkpoint: {request.verb} records no loop")
    return made


def _type(primal: Primal, name: str, text: str) -> Type:
    type_ = read_text(text, primal.function.namespace)
    if type_ is None:
        raise Problem(f"--type {name}={text}: there is no such type")
    return type_


def _imports(lowered: Lowered) -> Iterator[str]:
    """How a file that stands alone gets at the classes of arguments and results."""
    found: dict[str, list[str]] = {}
    for meaning in lowered.classes:
        if meaning.exception:
            continue
        module = import_path(meaning.file)
        if module is None:
            raise UnsupportedFunction(
                f"{meaning.name} cannot be imported: {meaning.file} is no name of a module",
                None,
                "put the class into a file that can be imported",
            )
        found.setdefault(module, []).append(meaning.name)
    for module, names in sorted(found.items()):
        yield f"from {module} import {', '.join(sorted(names))}"


def _modules(module: Module) -> Iterator[str]:
    """The files whose functions have rules, which the output calls."""
    called = {
        stmt.op.rpartition(".")[0]
        for func in module.funcs.values()
        for stmt in walk(func.body)
        if isinstance(stmt, Let) and isinstance(BOUND.get(stmt.op), Declared)
    }
    for path in sorted(called):
        yield f"import {path}"


def _check_classes(lowered: Lowered, primal: Primal) -> None:
    for meaning in lowered.classes:
        if meaning.exception and not meaning.definition and not hasattr(builtins, meaning.name):
            raise UnsupportedFunction(
                f"{primal.name} raises {meaning.name}, which a file that stands alone"
                " does not know",
                primal.function.loc,
                "raise a built-in exception, or use the decorator s2sad.grad",
            )


def _floats(lowered: Lowered, target: Target) -> tuple[str, ...]:
    """The parameters that may be differentiated by."""
    found: list[str] = []
    entry = lowered.module.funcs[lowered.module.entry]
    for name, structure in entry.signature:
        if isinstance(structure, Shape) and structure.kind == "instance":
            continue
        if any(is_differentiable(entry.params[k].type) for k in indices(structure)):
            found.append(name)
    if found:
        return tuple(found)
    raise Problem(f"{target} has no float parameter (--type NAME=float makes one)")


def _note(place: str, name: str, type_: Type) -> str:
    if isinstance(type_, Array):
        axes = ", ".join(":" * len(type_.dims))
        text = f"{name} is taken to be an array, {type_.dtype}[{axes}]"
        other = f"{type_.dtype}[{', '.join(':' * (len(type_.dims) % 3 + 1))}]"
        return f"{place}: {text} (annotate it, or --type {name}='{other}')"
    if isinstance(type_, List):
        settled = f"(annotate it `*{name}: int`, or --type {name}='tuple[float, int]')"
        return f"{place}: *{name} is taken to be floats {settled}"
    taken, other = ("an int", "float") if type_ == INT else ("a float", "int")
    settled = f"(annotate it, or --type {name}={other})"
    return f"{place}: {name} is taken to be {taken} {settled}"
