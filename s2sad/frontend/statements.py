"""Statements of the normal form."""

from __future__ import annotations

import ast
import os

from s2sad.frontend import iterators
from s2sad.frontend.containers import as_slice
from s2sad.frontend.contexts import Contexts
from s2sad.frontend.joins import holds_atoms, rowed
from s2sad.frontend.liveness import appended_name
from s2sad.frontend.normalize.hidden import APPEND, is_hidden
from s2sad.frontend.objects import NotARecord, holds_before, holds_view, without_origins
from s2sad.frontend.resolve import ModuleMeaning, ObjectMeaning, PrimitiveMeaning
from s2sad.frontend.scope import alias_name
from s2sad.frontend.values import (
    UNBOUND,
    Appending,
    FunctionValue,
    Layout,
    ListValue,
    Nullable,
    Ref,
    Struct,
    TupleValue,
    Unbound,
    Value,
    describe,
    is_none,
    leaves,
    map_leaves,
    template,
)
from s2sad.ir.node import replace
from s2sad.ir.nodes import NOTHING, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, INT, NEVER, Array, List, Named, Opaque


def _not_fitting(values: int | str, targets: int, starred: bool) -> str:
    """What Python says where there are too few or too many values; `values` may be a text,
    if there are too few."""
    if starred:
        return f"not enough values to unpack (expected at least {targets - 1}, got {values})"
    if isinstance(values, int) and values > targets:
        return f"too many values to unpack (expected {targets})"
    return f"not enough values to unpack (expected {targets}, got {values})"


class Statements(Contexts):
    def carried(self, node: ast.Call) -> Value:
        return self.payload(node)

    def guarded(self, node: ast.Call) -> Value:
        return self.guarded_call(node)

    def leaving(self, node: ast.Call) -> Value:
        return self.left_manager(node)

    def pattern(self, name: str, node: ast.Call) -> Value:
        from s2sad.frontend.patterns import asked

        return asked(self, name, node)

    def block(self, stmts: list[ast.stmt]) -> None:
        for stmt in stmts:
            self.at_hand = stmt
            if self.prepared.tries and isinstance(stmt, ast.Assign | ast.Expr):
                with self.evaluating(stmt.value):
                    self.statement(stmt)
            else:
                self.statement(stmt)
            if self.emitter.raised():
                return

    def statement(self, stmt: ast.stmt) -> None:
        match stmt:
            case ast.Assign(targets=targets, value=node):
                if self.swaps_rows(stmt) or self.counts_outside(stmt):
                    return
                unpacked = not any(isinstance(target, ast.Name) for target in targets)
                self.taken_apart = node if unpacked else None
                value = self.sequence(node) if unpacked else self.expression(node)
                for target in targets:
                    self.assign(target, value, stmt)
            case ast.If():
                self.if_(stmt)
            case ast.For():
                self.for_(stmt)
            case ast.While():
                self.while_(stmt)
            case ast.Raise():
                self.raise_(stmt)
            case ast.Try():
                self.try_(stmt)
            case ast.With():
                self.with_(stmt)
            case ast.Expr(value=node):
                self.expression_statement(stmt, node)
            case ast.Delete(targets=targets):
                for target in targets:
                    self.delete(target)
            case ast.Import(names=aliases):
                for alias in aliases:
                    dotted = alias.name if alias.asname else alias.name.split(".")[0]
                    module = self.function.namespace.imported_module(dotted, 0)
                    self.env[alias_name(alias)] = self.usable(module, stmt)
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    self.env[alias_name(alias)] = self.imported(stmt, alias)
            case ast.FunctionDef(name=name):
                self.name(name, self.decorated(stmt, self.closure_value(stmt, name)), stmt)
            case ast.ClassDef(name=name):
                from s2sad.frontend.classes_local import local_class

                self.name(name, local_class(self, stmt), stmt)
            case _:
                raise self.refuse(
                    stmt, f"{type(stmt).__name__} is not supported here", "rewrite it"
                )

    def counts_outside(self, stmt: ast.Assign) -> bool:
        """`COUNTS["f"] += 1`, `problem.calls += 1`: done to an object of the module?"""
        match stmt:
            case ast.Assign(
                targets=[
                    ast.Subscript(value=ast.Name(id=of)) | ast.Attribute(value=ast.Name(id=of))
                ],
                value=ast.BinOp(op=op, right=right) as changed,
            ) if getattr(changed, "in_place", False):
                owner = self.env.get(of, UNBOUND)
            case _:
                return False
        if self.world_of(owner) is None and not isinstance(owner, ObjectMeaning):
            return False
        sign = _SIGNS.get(type(op).__name__)
        if sign is None:
            return False
        (target,) = stmt.targets
        value = self.plain(self.expression(right))
        done = False
        if isinstance(target, ast.Subscript):
            done = self.in_world(owner, self.expression(target.slice), value, sign, stmt)
        elif isinstance(target, ast.Attribute) and isinstance(owner, ObjectMeaning):
            done = self.in_world_object(owner, target.attr, value, sign, stmt)
        if done:
            return True
        raise self.refuse(
            stmt,
            f"a change of {describe(owner)}, which outlives the call,",
            "pass it as an argument and return it",
        )

    def decorated(self, stmt: ast.FunctionDef, value: Value) -> Value:
        """What the decorators of a nested function make of it, the last one first."""
        for decorator in reversed(stmt.decorator_list):
            called = isinstance(decorator, ast.Call)
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            maker = self.expression(named)
            tool = _functool(maker)
            if tool in ("lru_cache", "cache") and isinstance(value, FunctionValue):
                value = value._replace(function=replace(value.function, cached=True))
            elif tool != "wraps" or not called:
                value = self.apply(self.expression(decorator), [value], {}, decorator)
        return value

    def swaps_rows(self, stmt: ast.Assign) -> bool:
        """`a[i], a[j] = a[j], a[i]` of rows: each stays in one place."""
        match stmt:
            case ast.Assign(
                targets=[ast.Tuple(elts=[ast.Subscript() as t1, ast.Subscript() as t2])],
                value=ast.Tuple(elts=[ast.Subscript() as v1, ast.Subscript() as v2]),
            ) if _same_place(t1, v2) and _same_place(t2, v1):
                owner = self.expression(t1.value)
            case _:
                return False
        content = self.content(owner, stmt) if isinstance(owner, Ref) else owner
        rows = isinstance(content, ListValue) and not isinstance(content.item, Var)
        if not rows or not isinstance(owner, Ref) or owner.obj.place is not None:
            return False
        places = [self.expression(t.slice) for t in (t1, t2)]
        found = [self.frozen(self.item_of(owner, k, stmt), stmt) for k in places]
        copies = [self.copied(value, stmt) for value in reversed(found)]
        for place, value in zip(places, copies, strict=True):
            self.store_item(owner, place, value, stmt)
        return True

    def copied(self, value: Value, node: ast.AST) -> Value:
        def copy(leaf: Atom) -> Atom:
            if not isinstance(leaf.type, List):
                return leaf
            return self.let("copy", (leaf,), node, leaf.type)

        return self.thawed(without_origins(map_leaves(value, copy)))

    def imported(self, stmt: ast.ImportFrom, alias: ast.alias) -> Value:
        dotted = stmt.module or ""
        module = self.function.namespace.imported_module(dotted, stmt.level)
        if not isinstance(module, ModuleMeaning):
            return self.usable(module, stmt)
        meaning = self.program.member_meaning(module, alias.name)
        if meaning is None:
            raise self.refuse(stmt, f"{module.name} has no {alias.name}", "check its spelling")
        return self.usable(meaning, stmt)

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        match target:
            case ast.Name(id=name):
                self.name(name, value, node)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for part, item in zip(targets, self.parts(value, targets, node), strict=True):
                    if isinstance(part, ast.Starred):
                        part = part.value
                    self.assign(part, item, node)
            case ast.Subscript(value=owner, slice=index):
                container = self.operand(owner)
                if isinstance(container, Ref) and self.is_array(container):
                    at = self.arrays.index(index, self.arrays.rank(container))
                    self.arrays.write(container, at, value, node)
                    return
                self.store_item(container, self.expression(index), self.plain(value), node)
            case ast.Attribute(value=owner, attr=name):
                self.store_attribute(self.operand(owner), name, self.plain(value), node)
            case _:
                raise self.refuse(
                    target,
                    "this target of an assignment",
                    "use one variable for each value",
                )

    def store_slice(
        self, container: Value, ends: list[Value], value: Value, node: ast.AST
    ) -> None:
        """`xs[a:b] = ys`, where the elements are known one by one."""
        known = [self.literal_end(end) for end in ends]
        items = self.static_items(value, node)
        match self.content(container, node):
            case Struct(Layout("list"), parts) if None not in known and items is not None:
                assert isinstance(container, Ref)
                changed = [*parts]
                try:
                    changed[as_slice(known)] = items
                except ValueError as error:
                    raise self.refuse(node, str(error), "match the lengths") from None
                self.store(container, Struct(Layout("list"), tuple(changed)), node)
            case (Struct(Layout("list")) | ListValue()) as content if known == [(None,)] * 3:
                assert isinstance(container, Ref)
                made = self.new_list(self.as_list_value(value, node), node)
                if isinstance(content, ListValue) or items is None:
                    self.emitter.resized.add(container.obj)
                self.store(container, self.content(made, node), node)
            case content:
                raise self.refuse(
                    node, f"assignment to a slice of {describe(content)}", "write a loop"
                )

    def parts(self, value: Value, targets: list[ast.expr], node: ast.AST) -> list[Value]:
        """What is unpacked, one value for each target."""
        if isinstance(value, Var) and isinstance(value.type, Named):
            value = self.unpacked(value, value.type.name, node)
        value = iterators.rest(self, value, node)
        items = self.static_items(value, node)
        if items is not None:
            return self.matched(items, targets, node)
        match self.content(value, node):
            case Var(type=type_) | Undef(type=type_) if type_ == NEVER:
                return [value] * len(targets)
            case ListValue() as content:
                return self.parts_of_list(value, content, targets, node)
            case Var(type=Array()) if isinstance(value, Ref):
                return self.parts_of_array(value, targets, node)
            case Struct(Layout("object")) if self.has_method(value, "__iter__", node):
                found = self.as_list_value(value, node)
                made = found if isinstance(found, ListValue) else TupleValue(found)
                return self.parts(made, targets, node)
            case other:
                raise self.refuse(node, f"unpacking {describe(other)}", "unpack a tuple")

    def matched(
        self, items: tuple[Value, ...], targets: list[ast.expr], node: ast.AST
    ) -> list[Value]:
        starred = [k for k, target in enumerate(targets) if isinstance(target, ast.Starred)]
        if not starred and len(items) == len(targets):
            return list(items)
        if not starred or len(items) < len(targets) - 1:
            if self.on_a_path:
                text = f"ValueError({_not_fitting(len(items), len(targets), bool(starred))!r})"
                return [self.raising(text, node)] * len(targets)
            raise self.refuse(
                node, f"{len(items)} values for {len(targets)} names", "match their numbers"
            )
        (k,) = starred
        end = len(items) - (len(targets) - 1 - k)
        middle = self.allocate(Struct(Layout("list"), items[k:end]))
        return [*items[:k], middle, *items[end:]]

    def parts_of_list(
        self, value: Value, content: ListValue, targets: list[ast.expr], node: ast.AST
    ) -> list[Value]:
        """The elements of a list of unknown length, which is tested."""
        starred = [k for k, target in enumerate(targets) if isinstance(target, ast.Starred)]
        length = self.let("len", (next(leaves(content)),), node, INT)
        self.expect_parts(length, targets, node)
        if starred:
            (k,) = starred
            behind = len(targets) - 1 - k
            end: Value = Lit(-behind, INT) if behind else NOTHING
            middle = self.slice_of(value, [Lit(k, INT), end, NOTHING], node)
            if isinstance(middle, ListValue):
                middle = self.allocate(middle)
            ends = [*range(k), *range(-behind, 0)]
            found = [self.element_at(value, content.item, Lit(j, INT), node) for j in ends]
            return [*found[:k], middle, *found[k:]]
        return [
            self.element_at(value, content.item, Lit(k, INT), node) for k in range(len(targets))
        ]

    def parts_of_array(self, value: Ref, targets: list[ast.expr], node: ast.AST) -> list[Value]:
        """`x, y = point`: the elements of an array, or its rows."""
        if any(isinstance(target, ast.Starred) for target in targets):
            raise self.refuse(node, "a starred target of an array", "take it by slices")
        length = self.as_atom(self.arrays.length(value, node), node)
        if not isinstance(length, Lit) or length.value != len(targets):
            self.expect_parts(length, targets, node)
        return [self.item_of(value, Lit(k, INT), node) for k in range(len(targets))]

    def expect_parts(self, length: Atom, targets: list[ast.expr], node: ast.AST) -> None:
        """Raise where there are not as many values as targets."""
        starred = any(isinstance(target, ast.Starred) for target in targets)
        count = Lit(len(targets) - starred, INT)
        unequal = self.let("lt" if starred else "ne", (length, count), node)

        def fail() -> Value:
            expected = int(str(count.value)) + starred
            few = _not_fitting("{{{0}}}", expected, starred)
            said = f"f{few!r}"
            if not starred:
                many = _not_fitting(expected + 1, expected, starred)
                said += f" if {{0}} < {expected} else {many!r}"
            text = f"ValueError({said})"
            error = self.python(text, (length,), node, Opaque("exception"))
            self.raise_value(error, node)
            return UNBOUND

        self.choose(unequal, fail, lambda: UNBOUND, (), (), node)

    def delete(self, target: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                value = self.local(name)
                self.env.pop(name, None)
                if name in self.prepared.cells:
                    self.emitter.heap[self.cell(name)] = UNBOUND
                if not is_hidden(name) and isinstance(value, Unbound):
                    raise self.refuse(
                        target, f"{name} is deleted before it is bound", "leave it out"
                    )
            case ast.Subscript(value=owner, slice=index) if not isinstance(index, ast.Slice):
                container = self.expression(owner)
                content = self.content(container, target)
                if not isinstance(content, ListValue | Struct) or (
                    isinstance(content, Struct)
                    and content.layout.kind not in ("list", "dict", "table")
                ):
                    raise self.refuse(
                        target, f"del of an element of {describe(content)}", "make a new list"
                    )
                self.builtin_method(container, "pop", [self.expression(index)], {}, target)
            case ast.Subscript(value=owner, slice=ast.Slice() as ends):
                self.delete_slice(self.expression(owner), ends, target)
            case _:
                raise self.refuse(target, "del of an attribute", "assign None to it")

    def delete_slice(self, container: Value, ends: ast.Slice, node: ast.AST) -> None:
        """`del xs[a:b]` is `xs[a:b] = ()`."""
        bounds = [
            self.expression(e) if e else NOTHING for e in (ends.lower, ends.upper, ends.step)
        ]
        known = [self.literal_end(end) for end in bounds]
        match self.content(container, node):
            case Struct(Layout("list"), parts) if None not in known:
                assert isinstance(container, Ref)
                left = [*parts]
                del left[as_slice(known)]
                self.store(container, Struct(Layout("list"), tuple(left)), node)
            case _:
                raise self.refuse(
                    node, "del of a slice of a list of unknown length", "make a new list"
                )

    def expression_statement(self, stmt: ast.Expr, node: ast.expr) -> None:
        name = appended_name(stmt) or ""
        own = name in self.prepared.locals or is_hidden(name)
        target = self.env.get(name) if own else None
        if isinstance(node, ast.Call) and self.prints(node):
            return
        if isinstance(target, Ref):
            content = self.emitter.heap.get(target.obj)
            if isinstance(content, Appending):
                assert isinstance(node, ast.Call)
                self.record(name, target, content, node)
                return
        self.expression(node)

    def record(self, name: str, target: Ref, content: Appending, node: ast.Call) -> None:
        """`name.append(value)`: what the pass that is being lowered records."""
        slot = APPEND + name
        if content.loop != self.loop or self.env.get(slot, UNBOUND) is not UNBOUND:
            raise NotARecord(target.obj)
        given = self.plain(self.expression(node.args[0]))
        if holds_view(given):
            # It may be written to through the list, where the loop is written out.
            raise NotARecord(target.obj)
        value = self.frozen(given, node)
        builder = self.emitter.builder
        if is_none(value):
            value = self.as_element(value, Nullable(Undef(INT), Undef(BOOL)), builder)
        value = self.filled(value, node)
        value = self.coerce(value, rowed(template(value)), builder)
        if not holds_atoms(value) or holds_before(value, self.emitter.outside):
            raise NotARecord(target.obj)
        self.env[slot] = self.give_away(value, target.obj)


_SIGNS = {"Add": " +=", "Sub": " -=", "Mult": " *=", "Div": " /="}


def _same_place(a: ast.Subscript, b: ast.Subscript) -> bool:
    """Do two subscripts of one name read alike, with indices that nothing changes?"""
    if not isinstance(a.value, ast.Name) or not isinstance(b.value, ast.Name):
        return False
    simple = all(
        isinstance(node, ast.Name | ast.Constant | ast.BinOp | ast.operator | ast.expr_context)
        for node in ast.walk(a.slice)
    )
    return simple and a.value.id == b.value.id and ast.dump(a.slice) == ast.dump(b.slice)


def _functool(maker: Value) -> str:
    """The name of a function of functools."""
    match maker:
        case PrimitiveMeaning(dotted) if "functools." in dotted:
            return dotted.rpartition(".")[2]
        case FunctionValue(function) if os.path.basename(function.file) == "functools.py":
            return function.name
        case _:
            return ""
