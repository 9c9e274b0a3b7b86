"""The syntax that is refused, wherever it stands in a function.

A table from the class of an AST node to what it is and what to write instead. What is not
in `ACCEPTED` and not in the table is refused too.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.frontend.assumed import is_assumption
from s2sad.frontend.scope import (
    children,
    comprehension_parts,
    own_nodes,
    params_of,
    walrus_nodes,
)

ACCEPTED: tuple[type[ast.AST], ...] = (
    ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.arguments, ast.arg, ast.keyword,
    ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If,
    ast.Raise, ast.Assert, ast.Expr, ast.Pass, ast.Break, ast.Continue, ast.Delete,
    ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Call, ast.Constant,
    ast.Attribute, ast.Subscript, ast.Name, ast.Tuple, ast.List, ast.NamedExpr,
    ast.JoinedStr, ast.FormattedValue, ast.Slice, ast.comprehension, ast.Import,
    ast.ImportFrom, ast.alias, ast.Global, ast.Nonlocal, ast.GeneratorExp, ast.DictComp,
    ast.Dict, ast.Set, ast.SetComp, ast.Starred, ast.Try, ast.ExceptHandler,
    ast.Yield, ast.YieldFrom, ast.With, ast.withitem, ast.Match, ast.match_case, ast.pattern,
    ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip

_ALWAYS_FINE = frozenset(
    {
        ast.Name, ast.arg, ast.Return, ast.Assign, ast.For, ast.While, ast.If, ast.Expr,
        ast.Pass, ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.Tuple, ast.List,
    }
)  # fmt: skip

_TESTS = frozenset({ast.Compare, ast.BinOp})

_LOOP = "write a loop that adds up the result"
_LIFT = "move it out of the function"

REFUSED: dict[str, tuple[str, str]] = {
    "AsyncFunctionDef": ("an async function", "write a plain function"),
    "AsyncFor": ("async for", "write a plain loop"),
    "AsyncWith": ("async with", _LIFT),
    "Await": ("await", "compute what is awaited outside and pass it in"),
    "Yield": ("yield", "return the result"),
    "YieldFrom": ("yield from", "return the result"),
    "TryStar": ("except*", "use except"),
    "TypeAlias": ("a type alias inside a function", _LIFT),
    "TemplateStr": ("a template string", "use a plain string"),
}

_OPERATORS: dict[str, tuple[str, str]] = {}

_EXECUTING: dict[str, tuple[str, str]] = {
    name: (f"{name}()", "write the code out")
    for name in (
        "eval",
        "exec",
        "compile",
        "globals",
        "locals",
        "vars",
    )
} | {
    "delattr": ("delattr()", "use local variables"),
    "input": ("input()", "pass it as an argument"),
    "open": ("open()", "read the file outside and pass the numbers in"),
    "__import__": ("__import__()", "import at the top of the file"),
}


def refuse(file: str, node: ast.AST, what: str, instead: str) -> UnsupportedSyntax:
    from s2sad.frontend.source import locate

    return UnsupportedSyntax(f"{what} is not supported", locate(file, node), instead)


def check_syntax(file: str, function: ast.FunctionDef | ast.Lambda) -> None:
    """Refuse what cannot be taken, before anything is lowered: the first in the text."""
    nodes = _inside(function)
    suspects = [node for node in nodes if type(node) not in _ALWAYS_FINE]
    stored: set[str] = set()
    if any(type(node) is ast.Global for node in suspects):
        names = (node for node in nodes if isinstance(node, ast.Name))
        stored = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        stored -= _only_counted(nodes)
    # `yield` as a statement: its generator is called, or refused as an entry.
    stated = {
        id(node.value)
        for node in nodes
        if type(node) is ast.Expr and isinstance(node.value, ast.Yield | ast.YieldFrom)
    }
    refusals = [
        found
        for node in suspects
        if hasattr(node, "lineno") or isinstance(node, ast.arguments)
        if (found := _refusal(file, node, stored, stated))
    ]
    if any(type(node) is ast.NamedExpr for node in suspects):
        refusals += _walruses(file, nodes)
    if refusals:
        raise min(refusals, key=lambda error: (error.loc or Loc("", 0, 0))[1:3])


def _only_counted(nodes: list[ast.AST]) -> set[str]:
    """The names of which there is nothing but `n += …`."""
    uses = Counter(node.id for node in nodes if isinstance(node, ast.Name))
    counted = Counter(
        node.target.id
        for node in nodes
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    )
    return {name for name in counted if counted[name] == uses[name]}


def _inside(function: ast.FunctionDef | ast.Lambda) -> list[ast.AST]:
    """The nodes of a body and of its parameters, annotations and decorators left out, and
    the defaults, which are not the function's own code."""
    pending: list[ast.AST] = list(params_of(function))
    pending += function.body if isinstance(function, ast.FunctionDef) else [function.body]
    nodes: list[ast.AST] = [function.args]
    while pending:
        node = pending.pop()
        nodes.append(node)
        kind = type(node)
        if kind is ast.Name or kind is ast.Constant or kind is ast.arg:
            continue
        if kind in _TESTS and is_assumption(node):
            nodes.pop()
            continue
        match node:
            case ast.FunctionDef():
                pending += [node.args, *node.decorator_list, *node.body]
            case ast.AnnAssign():
                pending += [node.target, *([node.value] if node.value else [])]
            case _:
                pending += children(node)
    return nodes


def _refusal(
    file: str, node: ast.AST, stored: set[str], stated: set[int]
) -> UnsupportedSyntax | None:
    name = type(node).__name__
    if name in REFUSED and id(node) not in stated:
        return refuse(file, node, *REFUSED[name])
    if isinstance(node, ast.BinOp):
        sign = type(node.op).__name__
        return refuse(file, node, *_OPERATORS[sign]) if sign in _OPERATORS else None
    match node:
        case ast.Global(names=names) if stored & set(names):
            return refuse(
                file, node, "a global that is written", "pass it as an argument and return it"
            )
        case ast.AugAssign(op=op) if type(op).__name__ in _OPERATORS:
            return refuse(file, node, *_OPERATORS[type(op).__name__])
        case ast.Try(finalbody=last) if (found := leaving(last)) is not None:
            what = f"{type(found).__name__.lower()} in a finally"
            return refuse(file, found, what, "leave the function after the try")
        case ast.Try():
            inner = next((n for n in ast.walk(node) if isinstance(n, _IMPORTS)), None)
            if inner is None:
                return None
            return refuse(file, inner, "an import in a try", "import at the top of the file")
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _comprehension(file, node)
        case ast.Compare(ops=ops):
            unknown = [type(op).__name__ for op in ops if type(op).__name__ in _OPERATORS]
            return refuse(file, node, *_OPERATORS[unknown[0]]) if unknown else None
        case ast.Call(func=ast.Name(id=called)) if called in _EXECUTING:
            return refuse(file, node, *_EXECUTING[called])
        case ast.Constant(value=value):
            return _constant(file, node, value)
        case _:
            known = isinstance(node, ACCEPTED)
            return None if known else refuse(file, node, f"the syntax {name}", "rewrite it")


def _comprehension(file: str, node: ast.expr) -> UnsupportedSyntax | None:
    for inner in ast.walk(node):
        if isinstance(inner, ast.comprehension) and inner.is_async:
            return refuse(file, node, "an async comprehension", _LOOP)
    return None


def _walruses(file: str, nodes: list[ast.AST]) -> Iterator[UnsupportedSyntax]:
    """`:=` in comprehensions binds in the function around: refused where it shows."""
    named = [node for node in nodes if isinstance(node, ast.NamedExpr)]
    if not named:
        return
    everywhere = Counter(node.id for node in nodes if isinstance(node, ast.Name))
    private: Counter[str] = Counter()
    inside: list[ast.NamedExpr] = []
    for node in nodes:
        if isinstance(node, _COMPREHENSIONS):
            own = own_nodes(comprehension_parts(node))
            found = walrus_nodes(node)
            inside += found
            targets = {walrus.target.id for walrus in found}
            private.update(n.id for n in own if isinstance(n, ast.Name) and n.id in targets)
    for walrus in inside:
        if private[walrus.target.id] < everywhere[walrus.target.id]:
            what = f"a walrus inside a comprehension, {walrus.target.id} being read outside,"
            yield refuse(file, walrus, what, _LOOP)


_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)
_IMPORTS = (ast.Import, ast.ImportFrom)


def leaving(stmts: list[ast.stmt], loops: int = 0) -> ast.stmt | None:
    """The `return` in statements, or the `break` out of them, if there is one."""
    for stmt in stmts:
        match stmt:
            case ast.Return():
                return stmt
            case ast.Break() | ast.Continue() if not loops:
                return stmt
            case ast.FunctionDef():
                continue
            case ast.For(body=body) | ast.While(body=body):
                found = leaving(body, loops + 1) or leaving(stmt.orelse, loops)
            case _:
                inner = list(ast.iter_child_nodes(stmt))
                parts = [n for n in inner if isinstance(n, ast.stmt)]
                for part in inner:
                    if isinstance(part, ast.ExceptHandler | ast.match_case):
                        parts += part.body
                found = leaving(parts, loops)
        if found is not None:
            return found
    return None


def _constant(file: str, node: ast.AST, value: object) -> UnsupportedSyntax | None:
    match value:
        case bytes():
            return refuse(file, node, "a bytes literal", "use numbers")
        case _:
            return None
