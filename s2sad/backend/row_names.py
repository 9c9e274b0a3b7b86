"""The rows of a matrix that is a list of lists get names outside of the loops along them.

    for i in range(n):                     for i in range(n):
        for j in range(i):                     L_i = L[i]
            s = s - L[i][j] * x[j]   →         for j in range(i):
        x[i] = s / L[i][i]                         s = s - L_i[j] * x[j]
                                               x[i] = s / L_i[i]

A row is there if its number is below that of the rows for all that is known of the ranges, or
if it is read in each pass anyway. Matrices are written to element by element, so that a row
stays the same list.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from s2sad.backend.results import free
from s2sad.backend.templates import names_in


class _Bounds(NamedTuple):
    """low <= number <= rows + above, where `rows` names a matrix."""

    low: int
    rows: str
    above: int
    exact: bool = False


def with_rows(func: ast.FunctionDef, matrices: Collection[str]) -> None:
    """Names the rows in the body of a function; `matrices` are parameters of it."""
    taken = names_in(func) | {arg.arg for arg in func.args.args}
    _Rows(taken, {}, {name: name for name in matrices}, {}).block(func.body)


class _Rows:
    """One walk in program order; `matrices` and what they have as many rows as."""

    def __init__(
        self,
        taken: set[str],
        names: dict[str, str],
        matrices: dict[str, str],
        known: dict[str, _Bounds],
    ) -> None:
        self.taken = taken
        self.names = names
        self.matrices = matrices
        self.known = known

    def block(self, body: list[ast.stmt]) -> None:
        k = 0
        while k < len(body):
            stmt = _bare(body[k])
            if isinstance(stmt, ast.For):
                made = self.named(stmt, body, k)
                body[k:k] = made
                k += len(made)
                self.loop(stmt)
            elif isinstance(stmt, ast.If):
                for arm in (stmt.body, stmt.orelse):
                    self.inside(arm, {})
            elif isinstance(stmt, ast.While):
                self.inside(stmt.body, {})
            self.forget(stmt)
            if isinstance(stmt, ast.Assign):
                self.assigned(stmt)
            k += 1

    def inside(self, body: list[ast.stmt], more: dict[str, _Bounds]) -> None:
        changed = {name for stmt in body for name in _stored(stmt)}
        known = {name: one for name, one in self.known.items() if name not in changed}
        matrices = {name: one for name, one in self.matrices.items() if name not in changed}
        _Rows(self.taken, self.names, matrices, {**known, **more}).block(body)

    def forget(self, stmt: ast.stmt) -> None:
        for name in _stored(stmt):
            self.known.pop(name, None)
            self.matrices.pop(name, None)

    def loop(self, loop: ast.For) -> None:
        target, values = loop.target, loop.iter
        if isinstance(target, ast.Tuple) and isinstance(values, ast.Call) and values.args:
            target, values = target.elts[0], values.args[0]
        bounds = self.in_range(values)
        more = {}
        stored = {name for stmt in loop.body for name in _stored(stmt)}
        if isinstance(target, ast.Name) and bounds is not None and target.id not in stored:
            more[target.id] = bounds
        self.inside(loop.body, more)

    def in_range(self, values: ast.expr) -> _Bounds | None:
        """The bounds of what a range yields, forwards or backwards."""
        match values:
            case ast.Call(ast.Name("reversed"), [inner]):
                return self.in_range(inner)
            case ast.Call(ast.Name("range"), [stop]):
                top = self.bounds(stop)
                return top and _Bounds(0, top.rows, top.above - 1)
            case ast.Call(ast.Name("range"), [start, stop]):
                low, top = _low(self.bounds(start), start), self.bounds(stop)
                if low is None or top is None:
                    return None
                return _Bounds(low, top.rows, top.above - 1)
            case ast.Call(
                ast.Name("range"), [start, stop, ast.UnaryOp(ast.USub(), ast.Constant(1))]
            ):
                low, top = _low(self.bounds(stop), stop), self.bounds(start)
                if low is None or top is None:
                    return None
                return _Bounds(low + 1, top.rows, top.above)
            case _:
                return None

    def bounds(self, value: ast.expr) -> _Bounds | None:
        match value:
            case ast.Name(name):
                return self.known.get(name)
            case ast.Call(ast.Name("len"), [ast.Name(name)]) if name in self.matrices:
                return _Bounds(0, self.matrices[name], 0, exact=True)
            case ast.BinOp(left, ast.Add() | ast.Sub() as sign, ast.Constant(int(step))):
                found = self.bounds(left)
                step = step if isinstance(sign, ast.Add) else -step
                return found and _Bounds(found.low + step, found.rows, found.above + step)
            case _:
                return None

    def assigned(self, stmt: ast.Assign) -> None:
        made = stmt.value
        if isinstance(made, ast.Call) and len(made.args) == 1:
            # new([[0.0] * n for _ in range(n)])
            made = made.args[0] if isinstance(made.args[0], ast.ListComp) else made
        match stmt.targets, made:
            case [ast.Name(name)], ast.ListComp(
                ast.BinOp(ast.List()),
                [ast.comprehension(_, ast.Call(ast.Name("range"), [size]))],
            ):
                found = self.bounds(size)
                if found is not None and found.exact:
                    self.matrices[name] = found.rows
            case [ast.Name(name)], ast.ListComp(
                ast.BinOp(ast.List()) | ast.Call(),
                [ast.comprehension(_, ast.Name(source))],
            ) if source in self.matrices:
                self.matrices[name] = self.matrices[source]
            case [ast.Name(name)], value:
                bounds = self.bounds(value)
                if bounds is not None:
                    self.known[name] = bounds

    def named(self, loop: ast.For, body: Sequence[ast.stmt], at: int) -> list[ast.stmt]:
        """Names the rows that do not vary in a loop; what goes ahead of it."""
        changed = set(_stored(loop))
        made: list[ast.stmt] = []
        after = {ast.dump(row) for stmt in body[at + 1 :] for row in _certain(_bare(stmt))}
        for row in list(_rows(loop, self.matrices)):
            if changed & names_in(row) or not isinstance(row.value, ast.Name):
                continue
            key = ast.dump(row)
            if not (self.is_there(row) or key in after or _was_read(row, body[:at])):
                continue
            if key not in self.names:
                index = row.slice.id if isinstance(row.slice, ast.Name) else "row"
                self.names[key] = free(f"{row.value.id}_{index}", self.taken)
            name = self.names[key]
            target: ast.expr = ast.Name(name, ast.Store())
            made.append(ast.Assign([target], row))
            change = _Renamed(key, name)
            change.visit(loop)
            if key in after:
                for stmt in body[at + 1 :]:
                    if names_in(row) & set(_stored(stmt)):
                        break
                    change.visit(stmt)
        return made

    def is_there(self, row: ast.Subscript) -> bool:
        found = self.bounds(row.slice)
        if found is None or not isinstance(row.value, ast.Name):
            return False
        return found.low >= 0 and found.above < 0 and found.rows == self.matrices[row.value.id]


def _was_read(row: ast.Subscript, before: Sequence[ast.stmt]) -> bool:
    """Has a row been read in the block, and is it still the same?"""
    for stmt in reversed(before):
        if names_in(row) & set(_stored(stmt)):
            return False
        if any(ast.dump(other) == ast.dump(row) for other in _certain(_bare(stmt))):
            return True
    return False


def _low(found: _Bounds | None, value: ast.expr) -> int | None:
    if found is not None:
        return found.low
    match value:
        case ast.Constant(int(number)):
            return number
        case ast.UnaryOp(ast.USub(), ast.Constant(int(number))):
            return -number
        case _:
            return None


def _bare(stmt: ast.stmt) -> ast.stmt:
    """A statement without what is noted of it."""
    inner = getattr(stmt, "stmt", None)
    return inner if isinstance(inner, ast.stmt) else stmt


def _stored(stmt: ast.stmt) -> Iterator[str]:
    for node in ast.walk(stmt):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _rows(tree: ast.AST, matrices: Collection[str]) -> Iterator[ast.Subscript]:
    """The rows that are read in a tree, each once."""
    seen = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(ast.Subscript(ast.Name(name)) as row) if name in matrices:
                row = ast.Subscript(row.value, row.slice, ast.Load())
                if ast.dump(row) not in seen:
                    seen.add(ast.dump(row))
                    yield row


def _certain(stmt: ast.stmt) -> Iterator[ast.Subscript]:
    """The rows that a statement reads whatever happens."""
    nodes = list(ast.walk(stmt)) if isinstance(stmt, ast.Assign | ast.AugAssign) else []
    if any(isinstance(node, ast.IfExp | ast.BoolOp) for node in nodes):
        return
    for node in nodes:
        match node:
            case ast.Subscript(ast.Subscript(ast.Name()) as row):
                yield ast.Subscript(row.value, row.slice, ast.Load())


class _Renamed(ast.NodeTransformer):
    def __init__(self, row: str, name: str) -> None:
        self.row = row
        self.name = name

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if ast.dump(ast.Subscript(node.value, node.slice, ast.Load())) == self.row:
            return ast.Name(self.name, ast.Load())
        self.generic_visit(node)
        return node
