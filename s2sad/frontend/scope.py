"""Which names a function binds, and which it reads from outside."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

FunctionNode = ast.FunctionDef | ast.Lambda
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)


def params_of(node: FunctionNode) -> list[ast.arg]:
    args = node.args
    return [*args.posonlyargs, *args.args, *args.kwonlyargs]


def all_params_of(node: FunctionNode) -> list[ast.arg]:
    """The parameters with `*args` and `**kwargs`."""
    rest = (node.args.vararg, node.args.kwarg)
    return [*params_of(node), *(arg for arg in rest if arg)]


def body_of(node: FunctionNode) -> list[ast.AST]:
    return list(node.body) if isinstance(node, ast.FunctionDef) else [node.body]


# Fields that hold no parts: names, contexts, operators.
_PLAIN = frozenset(
    "arg asname attr conversion ctx id is_async kind level module op ops simple type_comment"
    .split()
)  # fmt: skip
_PARTS: dict[type[ast.AST], tuple[str, ...]] = {}
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = frozenset(
    {ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.AnnAssign, *_COMPREHENSIONS}
)


def children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node, without contexts and operators."""
    found = _PARTS_OF.get(type(node))
    return _children(node) if found is None else found(node)


# Most nodes are of these kinds.
_PARTS_OF: dict[type[ast.AST], Callable[[Any], list[ast.AST]]] = {
    ast.Name: lambda node: [],
    ast.Constant: lambda node: [],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.Call: lambda node: [node.func, *node.args, *node.keywords],
    ast.Attribute: lambda node: [node.value],
    ast.Assign: lambda node: [*node.targets, node.value],
}


def _children(node: ast.AST) -> list[ast.AST]:
    kind = type(node)
    fields = _PARTS.get(kind)
    if fields is None:
        fields = _PARTS[kind] = tuple(name for name in kind._fields if name not in _PLAIN)
    parts: list[ast.AST] = []
    for field in fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            parts += [v for v in value if isinstance(v, ast.AST) and _has_parts(v)]
        elif isinstance(value, ast.AST) and value._fields:
            parts.append(value)
    return parts


def _has_parts(node: ast.AST) -> bool:
    return bool(node._fields) or isinstance(node, ast.stmt)


def own_nodes(roots: Iterable[ast.AST]) -> list[ast.AST]:
    """Every node in the roots' scope: a nested function without its body."""
    found: list[ast.AST] = []
    pending = list(roots)[::-1]
    while pending:
        node = pending.pop()
        found.append(node)
        kind = type(node)
        if kind is not ast.Name and kind is not ast.Constant:
            parts = _own_parts(node) if kind in _SCOPES else children(node)
            parts.reverse()
            pending += parts
    return found


def _own_parts(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.FunctionDef() | ast.Lambda():
            return [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return [node.generators[0].iter]
        case ast.ClassDef():
            values = (s.value for s in node.body if isinstance(s, ast.Assign | ast.AnnAssign))
            defaults = (d for m in methods_in(node) for d in _own_parts(m))
            around = [*node.decorator_list, *node.bases, *node.keywords]
            return [*around, *(v for v in values if v), *defaults]
        case ast.AnnAssign(target=target, value=value):
            return [target, value] if value else [target]
        case _:
            return children(node)


def methods_in(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [stmt for stmt in node.body if isinstance(stmt, ast.FunctionDef)]


def functions_among(nodes: Iterable[ast.AST]) -> list[FunctionNode]:
    """The functions that stand in a scope, methods of classes too."""
    found: list[FunctionNode] = []
    for node in nodes:
        if isinstance(node, _FUNCTIONS):
            found.append(node)
        elif isinstance(node, ast.ClassDef):
            found += methods_in(node)
    return found


def function_nodes(function: FunctionNode) -> list[ast.AST]:
    """The nodes in a function's own scope; found once for each function."""
    known: list[ast.AST] | None = getattr(function, "_s2sad_nodes", None)
    if known is None:
        known = own_nodes(body_of(function))
        function._s2sad_nodes = known  # type: ignore[union-attr]
    return known


# Nodes that bind nothing but by the names in them, and begin no scope: nearly all.
_COMMON = frozenset(
    {
        ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Call, ast.Attribute, ast.Compare,
        ast.Subscript, ast.Assign, ast.AugAssign, ast.Return, ast.Expr, ast.Tuple, ast.List,
        ast.If, ast.For, ast.While, ast.BoolOp, ast.IfExp, ast.keyword,
    }
)  # fmt: skip


def rare_nodes(function: FunctionNode) -> list[ast.AST]:
    """Of the nodes in a function's own scope those that are not common: what looks for
    functions, generators, exceptions need not look at the others."""
    known: list[ast.AST] | None = getattr(function, "_s2sad_rare", None)
    if known is None:
        known = [node for node in function_nodes(function) if type(node) not in _COMMON]
        function._s2sad_rare = known  # type: ignore[union-attr]
    return known


def bound_names(node: FunctionNode) -> dict[str, None]:
    """The names local to a function, in the order of their first binding."""
    known: dict[str, None] | None = getattr(node, "_s2sad_bound", None)
    if known is None:
        known = _bound_names(node)
        node._s2sad_bound = known  # type: ignore[union-attr]
    return known


_NAMING = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
    ast.MatchMapping,
    ast.alias,
)


def _bound_names(node: FunctionNode) -> dict[str, None]:
    names = dict.fromkeys(arg.arg for arg in all_params_of(node))
    for inner in function_nodes(node):
        if type(inner) is ast.Name:
            if type(inner.ctx) is not ast.Load:
                names.setdefault(inner.id)
        elif type(inner) in _COMMON or not isinstance(inner, _NAMING):
            continue
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            names.setdefault(inner.name)
        elif isinstance(inner, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            if inner.name:
                names.setdefault(inner.name)
        elif isinstance(inner, ast.MatchMapping):
            if inner.rest:
                names.setdefault(inner.rest)
        elif isinstance(inner, ast.alias):
            names.setdefault(alias_name(inner))
    for inner in rare_nodes(node):
        if isinstance(inner, ast.Nonlocal):
            for name in inner.names:
                names.pop(name, None)
    for name in global_names(node):
        names.pop(name, None)
    return names


def global_names(node: FunctionNode) -> frozenset[str]:
    """The names that a function says are global."""
    stated = (inner.names for inner in rare_nodes(node) if isinstance(inner, ast.Global))
    return frozenset(name for names in stated for name in names)


def alias_name(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.split(".")[0]


def free_names(node: FunctionNode) -> set[str]:
    """The names that a function, or a function in it, reads from outside."""
    return _reads(function_nodes(node)) - set(bound_names(node))


def names_read(root: ast.AST) -> set[str]:
    """The names that an expression reads, those that its lambdas capture included."""
    return set(names_in(root)[0])


def names_in(root: ast.AST) -> tuple[set[str], dict[str, None]]:
    """The names that an expression or a plain statement reads, and those that it binds."""
    known: tuple[set[str], dict[str, None]] | None = getattr(root, "_s2sad_names", None)
    if known is None:
        nodes = own_nodes([root])
        known = _reads(nodes), _stores(nodes)
        root._s2sad_names = known  # type: ignore[attr-defined]
    return known


def _reads(nodes: list[ast.AST]) -> set[str]:
    read: set[str] = set()
    for inner in nodes:
        if type(inner) is ast.Name:
            if type(inner.ctx) is ast.Load:
                read.add(inner.id)
        elif type(inner) in _COMMON:
            continue
        elif isinstance(inner, _FUNCTIONS):
            read |= free_names(inner)
        elif isinstance(inner, ast.ClassDef):
            for method in methods_in(inner):
                read |= free_names(method)
        elif isinstance(inner, _COMPREHENSIONS):
            read |= comprehension_reads(inner)
    return read


_BINDING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping)


def _stores(nodes: list[ast.AST]) -> dict[str, None]:
    stored: dict[str, None] = {}
    for inner in nodes:
        if type(inner) is ast.Name:
            if type(inner.ctx) is not ast.Load:
                stored[inner.id] = None
            continue
        match inner if type(inner) in _BINDING else None:
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                stored[name] = None
            case _:
                pass
    return stored


def comprehension_parts(node: Comprehension) -> list[ast.AST]:
    """What is evaluated in the scope of a comprehension: all but what it runs over."""
    made: list[ast.AST] = (
        [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    )
    for k, generator in enumerate(node.generators):
        made += [*([generator.iter] if k else []), *generator.ifs]
    return made


def comprehension_targets(node: Comprehension) -> set[str]:
    """What a comprehension binds; what it binds by `:=` is read in it alone."""
    walrus = {n.target.id for n in walrus_nodes(node)}
    return walrus | {name for g in node.generators for name in names_stored(g.target)}


def walrus_nodes(node: Comprehension) -> list[ast.NamedExpr]:
    own = own_nodes(comprehension_parts(node))
    return [inner for inner in own if isinstance(inner, ast.NamedExpr)]


def is_generator(node: FunctionNode) -> bool:
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for n in rare_nodes(node))


def comprehension_reads(node: Comprehension) -> set[str]:
    """What a comprehension reads from its scope, besides what it runs over."""
    return _reads(own_nodes(comprehension_parts(node))) - comprehension_targets(node)


def names_stored(root: ast.AST) -> dict[str, None]:
    if isinstance(root, ast.Import | ast.ImportFrom):
        return {alias_name(alias): None for alias in root.names}
    return dict(names_in(root)[1])


def nonlocal_names(node: FunctionNode) -> tuple[frozenset[str], frozenset[str]]:
    """The locals that nested functions rebind, and the names that it rebinds outside."""
    own = {
        name
        for inner in rare_nodes(node)
        if isinstance(inner, ast.Nonlocal)
        for name in inner.names
    }
    rebound: set[str] = set()
    for inner in functions_among(rare_nodes(node)):
        if isinstance(inner, ast.FunctionDef):
            below, named = nonlocal_names(inner)
            # What a function further down rebinds and its parent does not own.
            rebound |= named | {n for n in _passed(inner) if n not in bound_names(inner)}
            del below
    return frozenset(rebound & set(bound_names(node))), frozenset(own)


def _passed(node: FunctionNode) -> set[str]:
    """The names that functions inside a function rebind outside of themselves."""
    found: set[str] = set()
    for inner in functions_among(rare_nodes(node)):
        if isinstance(inner, ast.FunctionDef):
            found |= nonlocal_names(inner)[1] | _passed(inner)
    return found


def captured_names(node: FunctionNode) -> set[str]:
    """Locals that nested functions read: they may be read at any call of these."""
    captured: set[str] = set()
    for inner in functions_among(rare_nodes(node)):
        captured |= free_names(inner)
    return captured & set(bound_names(node))
