"""Make a failing program small.

Greedy reduction of the syntax tree in the spirit of delta debugging (Zeller &
Hildebrandt, *Simplifying and isolating failure-inducing input*, IEEE TSE 28(2), 2002):
try each simplification, large ones first, keep the first that still fails, start again.
"""

from __future__ import annotations

import ast
import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from .limits import TimeLimit, time_limit
from .program import Argument, Program

Edit = Callable[[], None]


def shrink(
    program: Program, still_fails: Callable[[Program], bool], seconds: float = 60.0
) -> Program:
    """The smallest program found in the time given for which ``still_fails`` holds."""
    deadline = time.monotonic() + seconds
    found = True
    while found and time.monotonic() < deadline:
        found = False
        start = 0
        while time.monotonic() < deadline:
            step = _first_success(program, still_fails, start, deadline)
            if step is None:
                break
            program, start = step
            found = True
    return program


def _first_success(
    program: Program,
    still_fails: Callable[[Program], bool],
    start: int,
    deadline: float,
) -> tuple[Program, int] | None:
    """The first simplification from ``start`` on that still fails, and its number."""
    for number, candidate in enumerate(candidates(program)):
        if time.monotonic() > deadline:
            return None
        if number >= start and _fails(candidate, still_fails):
            return candidate, number
    return None


def _fails(candidate: Program, still_fails: Callable[[Program], bool]) -> bool:
    """still_fails, with a limit; whatever else goes wrong is another failure."""
    try:
        with time_limit(5.0):
            return still_fails(candidate)
    except (TimeLimit, Exception):
        return False


def candidates(program: Program) -> Iterator[Program]:
    """Every one-step simplification, the larger ones first."""
    yield from _other_arguments(program)
    yield from _fewer_parameters(program)
    tree = ast.parse(program.source)
    for kind in (_drop_statements, _unwrap_statements, _simpler_expressions):
        for position in range(len(list(kind(tree, program)))):
            variant = copy.deepcopy(tree)
            edit = list(kind(variant, program))[position]
            edit()
            source = ast.unparse(ast.fix_missing_locations(variant)) + "\n"
            if source != program.source:
                yield replace(program, source=source)


def _other_arguments(program: Program) -> Iterator[Program]:
    """One of the points only; one argument simpler."""
    if program.points:
        yield from program.at_points()
        return
    for i, value in enumerate(program.arguments):
        simple: tuple[Argument, ...] = (0, 1, 2)
        if isinstance(value, float):
            simple = (1.0, 0.5, -0.5, 2.0, round(value, 1))
        for other in simple:
            if other == value:
                break
            changed = (*program.arguments[:i], other, *program.arguments[i + 1 :])
            yield Program(program.source, program.function, changed)


def _fewer_parameters(program: Program) -> Iterator[Program]:
    """One parameter of the main function less, if its body does not name it."""
    for i in range(len(program.arguments)):
        if len(program.arguments) == 1 or program.points:
            return
        tree = ast.parse(program.source)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == program.function:
                name = node.args.args.pop(i).arg
                if not any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node)):
                    rest = (*program.arguments[:i], *program.arguments[i + 1 :])
                    yield Program(ast.unparse(tree) + "\n", program.function, rest)


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements, outermost first."""
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield block


def _drop_statements(tree: ast.AST, program: Program) -> Iterator[Edit]:
    """Remove one statement; two in a row first, where there are."""
    for block in _blocks(tree):
        for i in reversed(range(len(block))):
            statement = block[i]
            if isinstance(statement, ast.FunctionDef) and statement.name == program.function:
                continue
            yield lambda block=block, i=i: _remove(block, i)  # type: ignore[misc]


def _remove(block: list[ast.stmt], i: int) -> None:
    del block[i]
    if not block:
        block.append(ast.Pass())


def _unwrap_statements(tree: ast.AST, program: Program) -> Iterator[Edit]:
    """Replace a compound statement by one of its blocks, or drop its else."""
    for block in _blocks(tree):
        for i, statement in enumerate(block):
            if not isinstance(statement, (ast.If, ast.For, ast.While)):
                continue
            for inner in (statement.body, statement.orelse):
                if inner:
                    yield lambda block=block, i=i, inner=inner: _splice(block, i, inner)  # type: ignore[misc]
            if statement.orelse:
                yield statement.orelse.clear


def _splice(block: list[ast.stmt], i: int, inner: list[ast.stmt]) -> None:
    block[i : i + 1] = inner


def _simpler_expressions(tree: ast.AST, program: Program) -> Iterator[Edit]:
    """Replace an expression by a part of it or by a constant."""
    for node in ast.walk(tree):
        for name, old in ast.iter_fields(node):
            if isinstance(old, ast.expr) and _replaceable(node, name, old):
                for new in _simpler(old):
                    yield lambda node=node, name=name, new=new: setattr(node, name, new)  # type: ignore[misc]
            elif isinstance(old, list) and not isinstance(node, ast.arguments):
                for i, item in enumerate(old):
                    if isinstance(item, ast.expr) and _replaceable(node, name, item):
                        for new in _simpler(item):
                            yield lambda old=old, i=i, new=new: old.__setitem__(i, new)  # type: ignore[misc]


def _replaceable(node: ast.AST, field: str, old: ast.expr) -> bool:
    """Not an assignment target, an annotation, or the function of a call."""
    if field in ("targets", "target", "annotation", "returns", "func", "elts", "op"):
        return field == "elts" and isinstance(getattr(node, "ctx", None), ast.Load)
    return not isinstance(getattr(old, "ctx", None), (ast.Store, ast.Del))


def _simpler(old: ast.expr) -> list[ast.expr]:
    """Parts of the expression, largest first, then constants."""
    parts: list[ast.expr] = []
    match old:
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.UnaryOp(operand=operand):
            parts = [operand]
        case ast.BoolOp(values=values):
            parts = list(values)
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.Compare(left=left, ops=[_, *_], comparators=comparators):
            if len(comparators) > 1:
                parts = [ast.Compare(left, old.ops[:1], comparators[:1])]
            parts += [ast.Constant(True), ast.Constant(False)]
        case ast.Call(args=args, keywords=keywords):
            parts = [a for a in args if not isinstance(a, ast.Starred)]
            parts += [k.value for k in keywords]
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            parts = list(elts)
        case ast.Constant(value=float(value)) if value not in (1.0, 2.0, 0.5):
            return [ast.Constant(1.0), ast.Constant(0.5), ast.Constant(2.0)]
        case ast.Constant(value=int(value)) if value not in (0, 1, 2, True, False):
            return [ast.Constant(1), ast.Constant(2)]
        case ast.Constant() | ast.Name():
            return []
    return [*parts, ast.Constant(1.0)]
