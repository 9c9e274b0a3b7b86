"""Two paths that meet: `if`, the conditional expression, `and` and `or`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from s2sad.frontend.assumed import holds, is_assumption
from s2sad.frontend.atoms import Atoms
from s2sad.frontend.base import GIVEN, Frame
from s2sad.frontend.classes import find_member
from s2sad.frontend.normalize.hidden import APPEND, RESULT, is_hidden
from s2sad.frontend.objects import (
    Contents,
    Objects,
    apart,
    holds_view,
    inlines,
    only_bound,
    settled_outside,
)
from s2sad.frontend.resolve import ObjectMeaning, PrimitiveMeaning, RuleMeaning
from s2sad.frontend.values import (
    UNBOUND,
    ChoiceValue,
    FunctionValue,
    Inline,
    Layout,
    ListValue,
    Mixed,
    Nullable,
    PartialValue,
    Struct,
    TupleValue,
    Value,
    bare,
    callable_in_sight,
    is_none,
    leaves,
    rebuild,
    same_meaning,
    template,
    type_of,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import (
    FALSE,
    TRUE,
    Atom,
    Block,
    If,
    Lit,
    Stmt,
    Undef,
    Var,
    raises_always,
)
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, List, Named, Type, is_array
from s2sad.ir.walk import defines

_VALUE = "%value"
_CALLABLE = (FunctionValue, PartialValue, ChoiceValue)


class Branches(Atoms):
    def if_(self, node: ast.If) -> None:
        with self.evaluating(node.test):
            cond = self.condition(node.test)
        live = self.prepared.live

        def run(stmts: list[ast.stmt]) -> Callable[[], Value]:
            def lower() -> Value:
                self.block(stmts)
                return UNBOUND

            return lower

        self.choose(
            cond,
            run(node.body),
            run(node.orelse),
            live.assigned[node],
            live.handed[node],
            node,
        )

    def condition(self, node: ast.expr) -> Atom:
        """The atom that a condition tests."""
        tests = node.values if isinstance(node, ast.BoolOp) else [node]
        if all(is_assumption(t) and holds(t, self.type_of_part) for t in tests):
            return FALSE
        if isinstance(node, ast.BoolOp):
            return self.truth(self.boolean(node, tested=True), node)
        return self.truth(self.expression(node), node)

    def truth(self, value: Value, node: ast.AST) -> Atom:
        """Any number, opaque value or container has a truth."""
        content = self.content(value, node)
        match content:
            case Var() if is_array(content.type):
                raise self.refuse(node, "the truth of an array", "use its any() or all()")
            case Struct(Layout("list" | "dict" | "named"), items):
                return TRUE if items else FALSE
            case ListValue():
                length = self.let("len", (next(leaves(content)),), node, INT)
                return self.let("ne", (length, Lit(0, INT)), node)
            case Struct():
                return self.truth_of_object(value, node)
            case FunctionValue() | PartialValue() | PrimitiveMeaning() | RuleMeaning():
                return TRUE
            case ObjectMeaning(name, cls):
                if find_member(cls, "__bool__") or find_member(cls, "__len__"):
                    raise self.refuse(node, f"the truth of {name}", "compare a number")
                return TRUE
            case _:
                pass
        match value:
            case Nullable(item, present):
                # None is false.
                known = self.choose(present, lambda: item, lambda: FALSE, (), (), node)
                return self.as_atom(known, node)
            case Var() | Lit() | Undef():
                if is_array(value.type):
                    raise self.refuse(node, "the truth of an array", "use its any() or all()")
                if isinstance(value.type, List):
                    raise self.refuse(node, "the truth of a list", "compare a number")
                return FALSE if value.type == NONE else value
            case TupleValue(items):
                return TRUE if items else FALSE
            case _:
                raise self.refuse(
                    node, "the truth of something that is no number", "compare it"
                )

    def truth_of_object(self, value: Value, node: ast.AST) -> Atom:
        for name in ("__bool__", "__len__"):
            if self.has_method(value, name, node):
                if isinstance(node, ast.BoolOp):
                    # Python asks each operand once, and not what comes out of it.
                    raise self.refuse(
                        node, "the truth of objects in `and` or `or`", "compare their numbers"
                    )
                return self.truth(self.call_method(value, name, [], node), node)
        return TRUE

    def type_of_part(self, node: ast.expr) -> Type | None:
        """The type of a parameter or of a part of one."""
        match node:
            case ast.Name(name) if name in self.env:
                return type_of(bare(self.frozen(self.env[name], node)))
            case ast.Attribute(ast.Name() | ast.Attribute() | ast.Subscript() as owner, _):
                known = self.type_of_part(owner) is not None
            case ast.Subscript(owner, ast.Constant()):
                known = self.type_of_part(owner) is not None
            case _:
                known = False
        return type_of(bare(self.frozen(self.expression(node), node))) if known else None

    def _left_in(self, value: Value, builder: Builder, heap: Contents) -> Value:
        """A value that leaves a branch that is lowered already."""
        if any(map(raises_always_stmt, builder.stmts)) or not holds_view(value):
            return value
        assert isinstance(heap, dict)
        outer, self.emitter.heap = self.emitter.heap, heap
        with self.emitter.nested(builder):
            made = self.left(value)
        self.emitter.heap = outer
        return made

    def filled(self, value: Value, node: ast.AST) -> Value:
        """What may be None, with a number where it is: to be returned with its flag."""
        match value:
            case Nullable((Var() | Lit()) as item, present):
                zero = zero_of(item.type)
                made = self.choose(present, lambda: item, lambda: zero, (), (), node)
                return Nullable(made, present)
            case _:
                return value

    def as_element(self, value: Value, shape: Value, builder: Builder) -> Value:
        """What is put into a list of numbers of which some are None."""
        if not isinstance(shape, Nullable):
            return value
        if is_none(value):
            item = shape.item
            assert isinstance(item, Var | Lit | Undef)
            return Nullable(zero_of(item.type), FALSE)
        with self.emitter.nested(builder):
            return self.filled(value, self.at_hand or self.function.node)

    def choose(
        self,
        cond: Atom,
        then: Callable[[], Value],
        orelse: Callable[[], Value],
        assigned: tuple[str, ...],
        handed: tuple[str, ...],
        node: ast.AST,
    ) -> Value:
        """Lower two branches; the names handed on are joined, and the value of both."""
        if isinstance(cond, Lit):
            return then() if cond.value else orelse()
        before, heap = self.snapshot(assigned), self.emitter.heap
        fixed = {obj: obj.fixed for obj in heap}
        first, then_builder, then_heap = self._branch(then, handed, heap, cond, True, node)
        self.restore(before)
        # What is put into a list on both paths is put there once.
        given = {obj: obj.fixed for obj in heap if obj.fixed != fixed[obj]}
        for obj in given:
            obj.fixed = fixed[obj]
        second, else_builder, else_heap = self._branch(orelse, handed, heap, cond, False, node)
        self.restore(before)
        for obj, why in given.items():
            obj.fixed = GIVEN if GIVEN in (why, obj.fixed) else obj.fixed or why
        for name in handed:
            if first[name] is not second[name]:
                # On one path another value, on the other the view of before.
                first[name] = self._left_in(first[name], then_builder, then_heap)
                second[name] = self._left_in(second[name], else_builder, else_heap)
        self.emitter.heap = {**else_heap, **then_heap, **heap}
        heaps = then_heap, else_heap
        join = _Join(self, (then_builder, else_builder), heap, heaps, cond, node)
        for name in handed:
            joined = join.value(name, first[name], second[name])
            self.env[name] = joined
        for obj in heap:
            self.emitter.heap[obj] = join.value("", then_heap[obj], else_heap[obj])
        result = join.value(_VALUE, first[_VALUE], second[_VALUE])
        join.emit(cond, node)
        if join.raises[0] != join.raises[1]:
            self.emitter.learn(cond, join.raises[1])
        self.forget(tuple(name for name in assigned if name not in handed))
        return result

    def _branch(
        self,
        lower: Callable[[], Value],
        handed: tuple[str, ...],
        heap: Contents,
        cond: Atom,
        holds: bool,
        node: ast.AST,
    ) -> tuple[dict[str, Value], Builder, Contents]:
        self.emitter.heap = dict(heap)
        try:
            with self.emitter.nested() as builder:
                self.emitter.learn(cond, holds)
                before = self.snapshot(handed)
                values = {_VALUE: lower(), **self.snapshot(handed)}
                values = {
                    name: value if value is before.get(name) else self.left(value)
                    for name, value in values.items()
                }
                values = {name: self.narrowed(value) for name, value in values.items()}
                for obj in heap:
                    if self.emitter.heap[obj] is not heap[obj]:
                        self.detach_within(obj, node)
            return values, builder, self.emitter.heap
        finally:
            self.emitter.heap = dict(heap)


def zero_of(type_: Type) -> Lit:
    numbers: dict[Type, float] = {FLOAT: 0.0, BOOL: False}
    return Lit(numbers.get(type_, 0), type_)


class _Join:
    """The outs of an `If`, one for each pair of different atoms."""

    def __init__(
        self,
        frame: Objects,
        builders: tuple[Builder, Builder],
        outside: Contents,
        heaps: tuple[Contents, Contents],
        cond: Atom,
        node: ast.AST,
    ) -> None:
        self.frame = frame
        self.builders = builders
        self.outside = outside
        self.heaps = heaps
        self.cond = cond
        self.loc = frame.loc(node)
        self.raises = tuple(
            any(raises_always_stmt(stmt) for stmt in builder.stmts) for builder in builders
        )
        self.inside: set[Var] = {
            var for builder in builders for stmt in builder.stmts for var in defines(stmt)
        }
        self.outs: dict[tuple[object, object], Var] = {}
        self.yields: tuple[list[Atom], list[Atom]] = ([], [])

    def value(self, name: str, a: Value, b: Value) -> Value:
        """What a name is after the two branches."""
        if a is b:
            return a
        if self.raises[0] or self.raises[1]:
            side = 1 if self.raises[0] else 0
            reached = (a, b)[side]
            if isinstance(reached, _CALLABLE) and not self.in_sight(reached):
                return Mixed("a function that is made on one path only")
            reached = settled_outside(reached, self.outside, self.heaps[side], self.loc)
            shape = template(reached)
            a, b = (UNBOUND, reached) if self.raises[0] else (reached, UNBOUND)
        else:
            held = only_bound(name, [a, b], self.outside)
            if held is not None:
                return held
            if name.startswith(APPEND) and UNBOUND in (a, b):
                return Mixed("appended to on some paths only")
            if self.in_sight(a) and self.in_sight(b) and not same_meaning(a, b):
                return ChoiceValue(self.cond, a, b)
            a, b = apart(a, b, self.heaps, self.loc)
            shape = self.frame.joined(a, b, name)
        # What is put into a list on both paths is put there once.
        given = {o: o.fixed for i in (*inlines(a), *inlines(b)) for o in i.origins}
        firsts = leaves(self.frame.coerce(a, shape, self.builders[0]))
        once = {obj: obj.fixed for obj in given}
        for obj, why in given.items():
            obj.fixed = why
        seconds = leaves(self.frame.coerce(b, shape, self.builders[1]))
        for obj, why in once.items():
            obj.fixed = obj.fixed or why
        hints = _hints(name, shape)
        joined = rebuild(shape, self._outs(leaves(shape), firsts, seconds, hints, name))
        self._givers(joined, a, b)
        # What is appended stands in the list with what it holds.
        return joined if name.startswith(APPEND) else self.frame.thawed(joined)

    def _givers(self, joined: Value, *sides: Value) -> None:
        """What may be None on one of two paths may be None where they meet."""
        givers, flag = self.frame.emitter.givers, presence(joined)
        for side in map(presence, sides):
            if flag is not None and side in givers:
                givers[flag] = givers[side]

    def in_sight(self, value: Value) -> bool:
        """Is it a callable that means the same after the branches?"""
        frames: list[Frame] = []
        frame: Frame | None = self.frame
        while frame is not None:
            frames.append(frame)
            frame = frame.closure
        return callable_in_sight(value, frames)

    def _outs(
        self,
        shapes: Iterator[Atom],
        firsts: Iterator[Atom],
        seconds: Iterator[Atom],
        hints: Sequence[str],
        name: str,
    ) -> Iterator[Atom]:
        user = not is_hidden(name)
        for shape, a, b, hint in zip(shapes, firsts, seconds, hints, strict=True):
            yield self._out(shape, a, b, hint, user)

    def _out(self, shape: Atom, a: Atom, b: Atom, hint: str, user: bool) -> Atom:
        raw = self.frame.emitter.raw
        a, b = raw(a), raw(b)
        if _key(a) == _key(b):
            return a
        if self.raises[0] and self._outside(b):
            return b
        if self.raises[1] and self._outside(a):
            return a
        key = _key(a), _key(b)
        known = self.outs.get(key)
        if known is None:
            known = self.outs[key] = Var(shape.type, hint, user and bool(hint))
            self.yields[0].append(a)
            self.yields[1].append(b)
        return known

    def _outside(self, atom: Atom) -> bool:
        """Is an atom in sight after the branches as well?"""
        return isinstance(atom, Lit) or (isinstance(atom, Var) and atom not in self.inside)

    def emit(self, cond: Atom, node: ast.AST) -> None:
        blocks = [
            self.frame.closed(builder, (), yields)
            for builder, yields in zip(self.builders, self.yields, strict=True)
        ]
        if any(block.stmts for block in blocks) or self.outs:
            outs = tuple(self.outs.values())
            self.frame.add(If(outs, cond, blocks[0], blocks[1], self.frame.loc(node)))


def raises_always_stmt(stmt: Stmt) -> bool:
    return raises_always(Block((), (stmt,), ()))


def _hints(name: str, shape: Value) -> list[str]:
    if name == _VALUE or name.startswith(APPEND):
        hint = ""
    elif name == RESULT:
        hint = "result"
    else:
        hint = name.strip("%").split(".")[0] if is_hidden(name) else name
    inner = shape.content if isinstance(shape, Inline) else shape
    inner = inner.item if isinstance(inner, ListValue) else inner
    if isinstance(inner, Nullable):
        return [hint, f"{hint}_set" if hint else ""]
    count = sum(1 for _ in leaves(shape))
    if isinstance(shape, Struct) and shape.layout.kind == "table" and hint:
        return [f"{hint}_at", hint, *(f"{hint}_{i}" for i in range(2, count))][:count]
    if count <= 1:
        return [hint]
    return [f"{hint}_{i + 1}" if hint else "" for i in range(count)]


hints_of = _hints


def presence(value: Value) -> Var | None:
    """The variable that tells whether a value is None."""
    match value:
        case Nullable(_, Var() as present):
            return present
        case Var(type=Named()):
            return value
        case _:
            return None


def _key(atom: Atom) -> object:
    match atom:
        case Var():
            return atom
        case Lit():
            return atom.key
        case Undef():
            return "undef"


atom_key = _key
