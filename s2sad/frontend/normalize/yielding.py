"""`with` of a generator under `contextmanager`: the block takes the place of `yield`.

    @contextmanager                 with scaled(x) as s:    ->    v = x
    def scaled(v):                      work                      try:
        try:                                                          s = 2.0 * v; work
            yield 2.0 * v                                         finally:
        finally:                                                      done(v)
            done(v)

Its names are new ones. What follows the `yield` runs unless the block raises: where the block
may be left by a jump, that is asked.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable
from itertools import count
from typing import NamedTuple

from s2sad.errors import UnsupportedSyntax
from s2sad.frontend.normalize.hidden import assign, at, flag, read
from s2sad.frontend.normalize.managers import leaving
from s2sad.frontend.normalize.matches import Refuse
from s2sad.frontend.scope import bound_names, free_names, function_nodes, own_nodes

_RAISED = "%raised."
_DEEPEST = 10


class Generator(NamedTuple):
    """The function that makes a manager; `outside`: it reads no name of the function here."""

    node: ast.FunctionDef
    outside: bool


# The generator that a call of a name makes a manager of; None for any other name.
Find = Callable[[str], "Generator | None"]


def with_blocks(
    node: ast.FunctionDef,
    find: Find,
    is_manager: Callable[[ast.expr], bool],
    refuse: Refuse,
) -> tuple[ast.FunctionDef, frozenset[str]]:
    """The function with the blocks in place, and the global names that it reads now."""
    made = _Blocks(node, {}, find, is_manager, refuse)
    return made.function(), frozenset(made.outside)


class _Blocks:
    """Those of one function; `around` are the managers of the functions around it."""

    def __init__(
        self,
        node: ast.FunctionDef,
        around: dict[str, ast.FunctionDef],
        find: Find,
        is_manager: Callable[[ast.expr], bool],
        refuse: Refuse,
    ) -> None:
        self.node = node
        self.is_manager = is_manager
        nodes = function_nodes(node)
        named = [n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        named += [
            n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
        ]
        self.own = {
            inner.name: inner
            for inner in nodes
            if isinstance(inner, ast.FunctionDef) and any(map(is_manager, inner.decorator_list))
            if named.count(inner.name) == 1
        }
        known = bound_names(node)
        self.around = {name: made for name, made in around.items() if name not in known}
        self.bound = set(bound_names(node))
        self.taken = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | self.bound
        self.find = find
        self.refuse = refuse
        self.heads: dict[str, int] = {}
        self.outside: set[str] = set()

    def function(self) -> ast.FunctionDef:
        node = self.node
        body = self.block(node.body, 0)
        if not self.heads:
            return node
        used = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
        dropped = {name for name in self.own if used.count(name) == self.heads.get(name, 0)}
        body = [s for s in body if not (isinstance(s, ast.FunctionDef) and s.name in dropped)]
        made = ast.FunctionDef(node.name, node.args, body, node.decorator_list, node.returns)
        return at(node, made)

    def nested(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """A function inside; the global managers that it uses are found for itself."""
        known = {**self.around, **self.own}
        if not known or self.own.get(node.name) is node:
            return node
        inner = _Blocks(node, known, lambda _: None, self.is_manager, self.refuse)
        made = inner.function()
        for name, number in inner.heads.items():
            self.heads[name] = self.heads.get(name, 0) + number
        return made

    def block(self, stmts: Iterable[ast.stmt], depth: int) -> list[ast.stmt]:
        return [new for stmt in stmts for new in self.stmt(stmt, depth)]

    def stmt(self, stmt: ast.stmt, depth: int) -> list[ast.stmt]:
        if isinstance(stmt, ast.FunctionDef):
            return [self.nested(stmt)]
        if isinstance(stmt, ast.ClassDef):
            return [stmt]
        if isinstance(stmt, ast.With):
            body = self.block(stmt.body, depth)
            for item in reversed(stmt.items):
                body = self.item(item, body, depth)
            return body
        made = copy.copy(stmt)
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(stmt, field, None)
            if isinstance(inner, list):
                setattr(made, field, self.block(inner, depth))
        if isinstance(made, ast.Try):
            made.handlers = [
                at(h, ast.ExceptHandler(h.type, h.name, self.block(h.body, depth)))
                for h in made.handlers
            ]
        if isinstance(made, ast.Match):
            made.cases = [
                ast.match_case(case.pattern, case.guard, self.block(case.body, depth))
                for case in made.cases
            ]
        return [made]

    def item(self, item: ast.withitem, body: list[ast.stmt], depth: int) -> list[ast.stmt]:
        match item.context_expr:
            case ast.Call(func=ast.Name(name)) as call:
                found = self.found(name)
                if found is not None:
                    self.heads[name] = self.heads.get(name, 0) + 1
                    return self.placed(found, call, item.optional_vars, body, depth)
            case _:
                pass
        return [at(item.context_expr, ast.With([item], body))]

    def found(self, name: str) -> Generator | None:
        if name in self.own:
            return Generator(self.own[name], False)
        if name in self.around:
            return Generator(self.around[name], True)
        return None if name in self.bound else self.find(name)

    def placed(
        self,
        found: Generator,
        call: ast.Call,
        target: ast.expr | None,
        body: list[ast.stmt],
        depth: int,
    ) -> list[ast.stmt]:
        generator = found.node
        self.check(found, call, depth)
        values = self.arguments(generator, call)
        names = {name: self.fresh(name) for name in bound_names(generator)}
        first = [assign(call, names[name], value) for name, value in values]
        renamed = _Renamed(names)
        stmts = [renamed.statement(copy.deepcopy(stmt)) for stmt in generator.body]
        made = self.placing(stmts, target, body, call)
        # It may use others.
        return [*first, *self.block(made, depth + 1)]

    def fresh(self, name: str) -> str:
        new = next(
            n for k in count(1) if (n := f"{name}_{k}" if k > 1 else name) not in self.taken
        )
        self.taken.add(new)
        self.bound.add(new)
        return new

    def check(self, found: Generator, call: ast.Call, depth: int) -> None:
        node = found.node
        what = f"the context manager {node.name}"
        if depth > _DEEPEST:
            raise self.refuse(call, f"{what}, which is recursive,", "write a loop")
        for inner in function_nodes(node):
            match inner:
                case ast.FunctionDef() | ast.Lambda() | ast.ClassDef():
                    odd = "a function in"
                case ast.Return():
                    odd = "a return in"
                case ast.Global() | ast.Nonlocal():
                    odd = "an assignment to outer names in"
                case ast.YieldFrom():
                    odd = "yield from in"
                case ast.Match() | ast.Import() | ast.ImportFrom():
                    odd = "a match or an import in"
                case _:
                    continue
            raise self.refuse(call, f"{odd} {what}", "write try and finally where it is used")
        if not found.outside:
            return
        free = free_names(node)
        hidden = free & self.bound
        if hidden:
            what = f"{what}, which reads another {min(hidden)} than a local of that name,"
            raise self.refuse(call, what, "rename the local")
        if node.name not in self.around:
            self.outside |= free

    def arguments(self, node: ast.FunctionDef, call: ast.Call) -> list[tuple[str, ast.expr]]:
        """The parameters in the order in which their values are computed."""
        args = node.args
        plain = [arg.arg for arg in (*args.posonlyargs, *args.args)]
        late = zip(reversed(plain), reversed(args.defaults), strict=False)
        named = zip((arg.arg for arg in args.kwonlyargs), args.kw_defaults, strict=True)
        defaults = {name: value for name, value in (*late, *named) if value is not None}
        found = [*zip(plain, call.args, strict=False)]
        found += [(k.arg, k.value) for k in call.keywords if k.arg is not None]
        there = [name for name, _ in found]
        wanted = [*plain, *(arg.arg for arg in args.kwonlyargs)]
        found += [
            (name, defaults[name]) for name in wanted if name not in there and name in defaults
        ]
        odd = args.vararg or args.kwarg or any(isinstance(a, ast.Starred) for a in call.args)
        fits = sorted(name for name, _ in found) == sorted(wanted)
        constant = all(
            isinstance(value, ast.Constant) for name, value in found if name not in there
        )
        if odd or not fits or not constant or len(call.args) > len(plain):
            what = f"this call of the context manager {node.name}"
            raise self.refuse(call, what, "pass each argument by itself")
        return found

    # The place of the block.

    def placing(
        self,
        stmts: list[ast.stmt],
        target: ast.expr | None,
        body: list[ast.stmt],
        call: ast.Call,
    ) -> list[ast.stmt]:
        holders = [k for k, stmt in enumerate(stmts) if _yields(stmt)]
        if len(holders) != 1:
            raise self.odd(call)
        (k,) = holders
        before, holder, after = stmts[:k], stmts[k], stmts[k + 1 :]
        match holder:
            case ast.Expr(ast.Yield(value)):
                given = value or at(call, ast.Constant(None))
                entered = at(
                    call, ast.Assign([target], given) if target is not None else ast.Expr(given)
                )
                inner = [entered, *body]
            case ast.Try(parts, handlers, orelse, final) if any(map(_yields, parts)):
                if any(map(_yields, (*handlers, *orelse, *final))):
                    raise self.odd(call)
                parts = self.placing(parts, target, body, call)
                if orelse and leaving(body):
                    what = "a way out of the block of a context manager with `try … else`"
                    raise self.refuse(call, what, "leave it after the block")
                inner = [at(holder, ast.Try(parts, handlers, orelse, final))]
            case ast.With(items, parts):
                inner = [at(holder, ast.With(items, self.placing(parts, target, body, call)))]
            case _:
                raise self.odd(call)
        if after and leaving(body):
            inner = self.unless_raised(inner, after, call)
            after = []
        return [*before, *inner, *after]

    def unless_raised(
        self, inner: list[ast.stmt], after: list[ast.stmt], call: ast.Call
    ) -> list[ast.stmt]:
        raised = f"{_RAISED}{call.lineno}.{call.col_offset}"
        again = [flag(call, raised, True), at(call, ast.Raise())]
        handler = at(call, ast.ExceptHandler(read(call, "BaseException"), None, again))
        test = at(call, ast.UnaryOp(ast.Not(), read(call, raised)))
        end = at(call, ast.If(test, after, []))
        return [
            flag(call, raised, False),
            at(call, ast.Try(inner, [handler], [], [end])),
        ]

    def odd(self, call: ast.Call) -> UnsupportedSyntax:
        return self.refuse(
            call,
            "a context manager with anything but one `yield`, which is a statement of its own,"
            " in no loop and no branch,",
            "write try and finally where it is used",
        )


def _yields(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Yield) for inner in own_nodes([node]))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit(self, node: ast.AST) -> ast.AST:
        for note in [name for name in vars(node) if name.startswith("_s2sad")]:
            delattr(node, note)
        made: ast.AST = super().visit(node)
        return made

    def statement(self, stmt: ast.stmt) -> ast.stmt:
        made = self.visit(stmt)
        assert isinstance(made, ast.stmt)
        return made

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return at(node, ast.Name(self.names.get(node.id, node.id), node.ctx))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.name = self.names.get(node.name, node.name) if node.name else None
        return node
