"""What is to be differentiated, found in a file by its name: `f`, `Class.method`."""

from __future__ import annotations

import ast
import copy

from s2sad.errors import SourceNotFound, UnsupportedSyntax
from s2sad.frontend.classes import find_member, info_of
from s2sad.frontend.resolve import ClassMeaning, FunctionMeaning, RuleMeaning, UnknownMeaning
from s2sad.frontend.ruled import Only, calling, passing_on
from s2sad.frontend.source import UserFunction, locate
from s2sad.frontend.static import StaticModule
from s2sad.ir.node import replace


def from_file(path: str, name: str) -> UserFunction:
    """The function of that name in a file."""
    module = StaticModule(path)
    if not module.text.strip():
        raise SourceNotFound(f"{path} is empty", None, "name a file with functions")
    if "." in name:
        return _method(module, path, name)
    nodes = [stmt for stmt in module.tree.body if _defines(stmt, name)]
    if not nodes:
        there = [stmt.name for stmt in module.tree.body if isinstance(stmt, ast.FunctionDef)]
        known = f"it has {', '.join(there)}" if there else "it has no functions"
        raise SourceNotFound(f"there is no function {name} in {path}", None, known)
    meaning = module.entry(name)
    if isinstance(meaning, FunctionMeaning) and isinstance(meaning.found, UserFunction):
        return meaning.found
    if isinstance(meaning, RuleMeaning) and isinstance(nodes[-1], ast.FunctionDef):
        return calling(module.user_function(name, nodes[-1]), meaning)
    what = meaning.what if isinstance(meaning, UnknownMeaning) else name
    raise UnsupportedSyntax(
        f"{what} is not supported",
        locate(path, nodes[-1]),
        "write one plain function of that name",
    )


def _method(module: StaticModule, path: str, dotted: str) -> UserFunction:
    """`Class.method`: a function whose first parameter is an object of the class."""
    owner, _, name = dotted.rpartition(".")
    meaning = module.lookup(owner)
    if not isinstance(meaning, ClassMeaning):
        raise SourceNotFound(f"there is no class {owner} in {path}", None, "check its name")
    assert meaning.node is not None or meaning.found is not None
    info = info_of(meaning)
    loc = locate(path, meaning.node) if meaning.node is not None else None
    if info.refusal:
        raise UnsupportedSyntax(
            f"{owner}, {info.refusal}, is not supported", loc, "write a plain class"
        )
    member = find_member(meaning, name)
    if member is None:
        raise SourceNotFound(f"{owner} has no method {name} in {path}", None, "check its name")
    found = member.meaning
    if not isinstance(found, FunctionMeaning) or not isinstance(found.found, UserFunction):
        what = found.what if isinstance(found, UnknownMeaning) else dotted
        raise UnsupportedSyntax(f"{what} is not supported", loc, "name a method")
    function = replace(found.found, qualname=dotted)
    match member.kind:
        case "static":
            return replace(function, owner=None)
        case "class":
            return replace(_of_class(function, dotted, module), owner=None)
        case "method" | "property":
            return replace(function, owner=meaning)
        case _:
            raise UnsupportedSyntax(f"{dotted} is no plain method", loc, "name a method")


def _of_class(function: UserFunction, dotted: str, module: StaticModule) -> UserFunction:
    """A class method: a function of its other arguments, `def cm(x): return C.cm(x)`."""
    params = copy.deepcopy(function.node.args)
    del (params.posonlyargs or params.args)[0]
    outer, *path = dotted.split(".")
    name = outer
    while any(param.arg == name for param in (*params.posonlyargs, *params.args)):
        name += "_"
    callee: ast.expr = ast.Name(name, ast.Load())
    for part in path:
        callee = ast.Attribute(callee, part, ast.Load())
    meaning = module.lookup(outer)
    assert meaning is not None
    return passing_on(function, params, callee, Only(name, meaning))


def _defines(stmt: ast.stmt, name: str) -> bool:
    return (
        isinstance(stmt, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and stmt.name == name
    ) or (isinstance(stmt, ast.Assign) and name in _targets(stmt))


def _targets(stmt: ast.Assign) -> list[str]:
    return [target.id for target in stmt.targets if isinstance(target, ast.Name)]
