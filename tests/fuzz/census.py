"""What the generator makes: how often each construct occurs, how programs behave."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterable

from .oracle import central_difference, derivatives, primal
from .outcomes import same_bits
from .program import Program

NODES = (
    *(
        "If",
        "For",
        "While",
        "Break",
        "Continue",
        "Assert",
        "Raise",
        "Pass",
        "Delete",
        "IfExp",
    ),
    *(
        "AugAssign",
        "AnnAssign",
        "BoolOp",
        "Lambda",
        "Return",
        "Compare",
        "UnaryOp",
        "Subscript",
    ),
)
OPERATORS = (
    *("Add", "Sub", "Mult", "Div", "FloorDiv", "Mod", "Pow", "USub", "UAdd", "Not"),
    *("And", "Or", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "In"),
)


def constructs(program: Program) -> set[str]:
    """The constructs that occur in a program."""
    tree = ast.parse(program.source)
    found: set[str] = set()
    for node in ast.walk(tree):
        name = type(node).__name__
        if name in NODES:
            found.add(name)
        elif name in OPERATORS:
            found.add(f"operator {name}")
        found |= _details(node)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            found |= _function_details(function)
            found |= _calls(function, tree)
    depth = _loop_depth(tree)
    return found | ({f"loops {depth} deep"} if depth else set())


def _details(node: ast.AST) -> set[str]:
    """Finer distinctions than the node's class."""
    match node:
        case ast.For(orelse=[_, *_]):
            return {"for/else"}
        case ast.While(orelse=[_, *_]):
            return {"while/else"}
        case ast.Compare(ops=[_, _, *_]):
            return {"chained comparison"}
        case ast.Assign(targets=[_, _, *_]):
            return {"chained assignment"}
        case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple()):
            return {"tuple assignment"}
        case ast.Assign(targets=[ast.Tuple()], value=ast.Call()):
            return {"unpacked call"}
        case ast.Call(func=ast.Attribute(attr=name)):
            return {f"math.{name}"}
        case ast.Call(func=ast.Name(id=name), keywords=keywords):
            return {f"call {name}"} if not keywords else {"keyword argument"}
        case ast.Import(names=[ast.alias(asname=str())]):
            return {"import as"}
        case ast.ImportFrom():
            return {"from import"}
    return set()


def _function_details(function: ast.FunctionDef) -> set[str]:
    found: set[str] = set()
    returns = [n for n in ast.walk(function) if isinstance(n, ast.Return)]
    if len(returns) > 1:
        found.add("several returns")
    loops = [n for n in ast.walk(function) if isinstance(n, (ast.For, ast.While))]
    if any(isinstance(n, ast.Return) for loop in loops for n in ast.walk(loop)):
        found.add("return inside a loop")
    if function.args.defaults or any(function.args.kw_defaults):
        found.add("default argument")
    if function.args.kwonlyargs:
        found.add("keyword-only parameter")
    if function.args.posonlyargs:
        found.add("positional-only parameter")
    if any(isinstance(n, ast.FunctionDef) and n is not function for n in ast.walk(function)):
        found.add("nested function")
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and _is_store(n)}
    if stored & {a.arg for a in function.args.args}:
        found.add("parameter reassigned")
    if stored & {"math", "sin", "exp", "sum", "max", "abs", "helper", "step"}:
        found.add("shadowing local")
    return found


def _is_store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _calls(function: ast.FunctionDef, tree: ast.Module) -> set[str]:
    """Which kinds of functions of the module are called, which globals are read."""
    own = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    constants = {
        t.id
        for n in tree.body
        if isinstance(n, ast.Assign)
        for t in n.targets
        if isinstance(t, ast.Name)
    }
    names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    found = {"helper call"} if names & own - {function.name} else set()
    if function.name in names:
        found.add("recursion")
    return found | ({"global read"} if names & constants else set())


def _loop_depth(node: ast.AST) -> int:
    below = max((_loop_depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return below + isinstance(node, (ast.For, ast.While))


def behaviour(program: Program) -> set[str]:
    """How the primal and the oracle behave, and whether they agree."""
    try:
        value = primal(program)(*program.arguments)
    except Exception as error:
        return {"raises", f"raises {type(error).__name__}"}
    exact = derivatives(program)
    if not same_bits(value, exact.value):
        return {"ORACLE: VALUE DIFFERS"}
    if not all(map(math.isfinite, exact.gradient)):
        return {"gradient not finite"}
    found = {"gradient nonzero" if any(exact.gradient) else "gradient zero"}
    if not exact.decisions:
        found.add("no decision depends on an active value")
    if _differences_agree(program, exact.gradient):
        found.add("central differences agree")
    return found


def _differences_agree(program: Program, gradient: tuple[float, ...]) -> bool:
    numeric = [central_difference(program, i) for i in program.active]
    pairs = zip(gradient, numeric, strict=True)
    return all(abs(g - d) <= 1e-4 * max(abs(g), abs(d)) + 1e-6 for g, d in pairs)


def census(programs: Iterable[Program]) -> Counter[str]:
    """In how many programs each construct and each behaviour occurs."""
    tally: Counter[str] = Counter()
    for program in programs:
        tally["programs"] += 1
        tally["source lines"] += program.source.count("\n")
        tally.update(constructs(program) | behaviour(program))
    return tally
