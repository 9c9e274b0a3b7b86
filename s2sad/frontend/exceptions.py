"""`try` and `raise`: paths that meet, as the branches of an `if` do.

A handler runs with the names as they were before its `try`: `normalize.throws` has seen
to it that nothing else is read there.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping

from s2sad.frontend.base import Change
from s2sad.frontend.branches import atom_key, hints_of, raises_always_stmt
from s2sad.frontend.classes import find_member, is_of_python
from s2sad.frontend.loops import Loops
from s2sad.frontend.normalize.carried import carried_by
from s2sad.frontend.normalize.effects import place_of
from s2sad.frontend.normalize.guards import ALL_CAUGHT, ALL_ERROR, guarded
from s2sad.frontend.normalize.hidden import APPEND, CHANGED, THROWN, is_hidden
from s2sad.frontend.objects import Contents, apart, fitted, only_bound, settled_outside
from s2sad.frontend.opaque import Template
from s2sad.frontend.resolve import ClassMeaning
from s2sad.frontend.values import (
    UNBOUND,
    FunctionValue,
    Layout,
    ListValue,
    Mixed,
    Obj,
    Ref,
    Stale,
    Struct,
    TupleValue,
    Value,
    leaves,
    rebuild,
    template,
)
from s2sad.ir.build import Builder
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    FALSE,
    NOTHING,
    Atom,
    Block,
    Call,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Raise,
    Range,
    Stmt,
    Try,
    Undef,
    Var,
)
from s2sad.ir.structure import READS_PART, STRUCTURE, WRITES_PART
from s2sad.ir.types import INT, Array, Opaque
from s2sad.ir.walk import blocks, defines
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

_ERROR = Opaque("exception")
_BROAD = ("Exception", "BaseException", "NameError", "UnboundLocalError")
_RAISING = frozenset({"python", "get", "set", "acc", "drop", "repeat"} | REDUCTIONS.keys())
_ARITHMETIC = (OverflowError, ZeroDivisionError, ValueError, TypeError)
# The part of an exception that holds what it was made of.
_MADE = "%made"
_QUOTIENT = (OverflowError, ZeroDivisionError)
_OF_NUMBERS = frozenset(
    "fmod remainder fma pow math_pow sqrt exp exp2 expm1 log log_base log1p"
    " log2 log10 sin cos tan asin acos sinh cosh acosh atanh gamma lgamma floor ceil trunc"
    " round round_digits int ldexp fsum lshift rshift comb perm factorial isqrt".split()
)
_ASYNCHRONOUS = ("RecursionError", "MemoryError", "KeyboardInterrupt")


class Guard:
    """A call that hands back what it raises: whether it has, and the exception."""

    def __init__(self, node: ast.Call) -> None:
        self.node = node
        self.caught: Value = FALSE
        self.error: Value = NOTHING


class Exceptions(Loops):
    handling = 0

    def raise_(self, node: ast.Raise) -> None:
        if node.exc is None:
            if not self.handling:
                raise self.refuse(node, "a bare raise", "name the exception")
            self.add(Raise(NOTHING, self.loc(node)))
            return
        exc = self.exception(node.exc)
        cause = None
        if node.cause is not None:
            none = isinstance(node.cause, ast.Constant) and node.cause.value is None
            cause = NOTHING if none else self.exception(node.cause)
        self.add(Raise(exc, self.loc(node), cause))

    def exception(self, node: ast.expr) -> Atom:
        """An exception: a variable that holds one, or one that is made here."""
        if isinstance(node, ast.Name) and (node.id in self.env or is_hidden(node.id)):
            value = self.env.get(node.id)
            if isinstance(value, Var) and value.type == _ERROR:
                return value
            if isinstance(value, Ref) and node.id.startswith(THROWN):
                return self.thrown(node, value)
        made = Template(self)
        text = made.exception(node)
        error = self.python(made.finished(text), tuple(made.atoms), node, _ERROR)
        cls = node.func if isinstance(node, ast.Call) else node
        meaning = None if isinstance(cls, ast.Name) and is_hidden(cls.id) else self.owner(cls)
        if isinstance(meaning, ClassMeaning):
            self.program.raised[error] = meaning
        return error

    def thrown(self, node: ast.Name, value: Ref) -> Var:
        """The exception that is raised, of what it carries."""
        content = self.content(value, node)
        assert isinstance(content, Struct)
        cls, made = content.layout.cls, Template(self)
        assert cls is not None
        args = content.items[content.layout.keys.index(_MADE)]
        assert isinstance(args, TupleValue)
        parts = [ast.unparse(made.value(arg, node)) for arg in args.items]
        text = made.finished(f"{cls.name}({', '.join(parts)})")
        error = self.python(text, tuple(made.atoms), node, _ERROR)
        self.program.thrown[error] = node.id
        self.program.raised[error] = cls
        return error

    def caught(self, handler: ast.ExceptHandler, node: ast.Try) -> str:
        """The text of what a handler catches."""
        match handler.type:
            case None:
                names = ["BaseException"]
            case ast.Tuple(elts=items):
                names = [Template(self).class_name(item) for item in items]
            case single:
                names = [Template(self).class_name(single)]
        for name in names:
            if name in _ASYNCHRONOUS:
                raise self.refuse(
                    handler,
                    f"a handler for {name}",
                    "what raises it depends on the interpreter: leave it to the caller",
                )
        unsure = self.prepared.unsure.get(node)
        ends_so = isinstance(handler.body[-1], ast.Raise) if handler.body else False
        if unsure is not None and not ends_so and set(names) & set(_BROAD):
            final = isinstance(handler.type, ast.Name) and is_hidden(handler.type.id)
            what = "with a finally" if final else "that catches NameError"
            instead = "" if final else ", or name the exceptions that are meant"
            raise self.refuse(
                unsure,
                f"{unsure.id}, which may be unbound, in a try {what}",
                f"bind {unsure.id} before{instead}",
            )
        if handler.type is None:
            return ""
        return f"({', '.join(names)})" if isinstance(handler.type, ast.Tuple) else names[0]

    def try_(self, node: ast.Try) -> None:
        live = self.prepared.live
        assigned, handed = live.assigned[node], live.handed[node]
        texts = [self.caught(handler, node) for handler in node.handlers]
        before, outside = self.snapshot(assigned), self.emitter.heap
        self.emitter.heap = dict(outside)
        around, self.emitter.changes = self.emitter.changes, []
        with self.emitter.nested() as builder:
            self.program.trying += 1
            self.block(node.body)
            self.program.trying -= 1
        changes, self.emitter.changes = self.emitter.changes, around
        self.check_carried(node, texts, builder)
        if not any(map(may_raise, builder.stmts)):
            for stmt in builder.stmts:
                self.add(stmt)
            around += [change for change in changes if change.obj in outside]
            return
        arms = [Arm(builder, self.snapshot(handed), (), self.emitter.heap)]
        catches = Catches(name for text in texts for name in _names(text))
        caught = self.at_handlers(outside, changes, builder, node, catches)
        for handler in node.handlers:
            self.restore(before)
            self.emitter.heap = dict(caught)
            arms.append(self.handler(handler, handed))
        self.restore(before)
        meeting = Meeting(self, arms, outside, node)
        self.emitter.heap = meeting.heap()
        around += [change for change in changes if change.obj in outside]
        for name in handed:
            self.env[name] = meeting.value(name)
        self.forget(tuple(name for name in assigned if name not in handed))
        body, *blocks_ = meeting.blocks()
        handlers = tuple(map(Handler, texts, blocks_))
        self.add(Try(tuple(meeting.outs), Var(INT, "path"), body, handlers, self.loc(node)))

    def check_carried(self, node: ast.Try, texts: list[str], builder: Builder) -> None:
        """Where a handler asks what an exception carries, it is one that was raised here."""
        for handler, text in zip(node.handlers, texts, strict=True):
            name = carried_by(node).get(ast.unparse(handler.type) if handler.type else "")
            if name is None:
                continue
            assert handler.type is not None
            caught = self.owner(handler.type)
            for stmt in _raising(builder.stmts, Catches([text])):
                exc = stmt.exc if isinstance(stmt, Raise) else None
                raised = self.program.raised.get(exc) if isinstance(exc, Var) else None
                if isinstance(exc, Var) and self.program.thrown.get(exc) == name:
                    continue
                if raised is not None and _apart(raised, caught):
                    continue
                raise self.refuse(
                    handler,
                    f"what a {text} carries, which may be raised elsewhere as well",
                    "keep it in a variable",
                )

    def payload(self, node: ast.Call) -> Value:
        """An exception that is made here, as an object with what it carries."""
        (made,) = node.args
        assert isinstance(made, ast.Call)
        Template(self).class_name(made.func)
        meaning = self.owner(made.func)
        if made.keywords or not isinstance(meaning, ClassMeaning):
            raise self.refuse(made, "an exception made like this", "pass by position")
        args = tuple(self.plain(value) for value in self.positional(made.args, False))
        layout = Layout("object", ("args", _MADE), meaning)
        ref = self.allocate(Struct(layout, (TupleValue(args), TupleValue(args))))
        init = find_member(meaning, "__init__")
        if init is not None and not is_of_python(init):
            function = self.member_value(init, "__init__", node)
            self.apply(function, [ref, *args], {}, node)
        return ref

    def guarded_call(self, node: ast.Call) -> Value:
        """The value of a call, whether it has raised, and the exception."""
        (call,) = node.args
        assert isinstance(call, ast.Call)
        outer, guard = self.program.guard, Guard(call)
        self.program.guard = guard
        start = len(self.emitter.builder.stmts)
        value = self.call(call)
        self.program.guard = outer
        if any(map(may_raise, self.emitter.builder.stmts[start:])):
            what = f"a call that changes an object, which {CHANGED}, and may then raise"
            raise self.refuse(call, what, "call a plain function or method there")
        return TupleValue((value, guard.caught, guard.error))

    def inlined(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        guard, function = self.program.guard, callee.function
        if guard is not None and guard.node is node:
            self.program.guard = None
            if isinstance(function.node, ast.FunctionDef):
                return self.inlined_guarded(guard, callee, arguments, node)
        if not (self.program.objects and self.program.trying):
            return super().inlined(callee, arguments, node)
        builder, before = self.emitter.builder, dict(self.emitter.heap)
        changes = len(self.emitter.changes)
        value = super().inlined(callee, arguments, node)
        if isinstance(node, ast.Call) and any(
            obj in before and any(map(may_raise, _after(where, builder)))
            for obj, where in self.emitter.changes[changes:]
        ):
            self.program.found.guarded.add(place_of(node))
        return value

    def inlined_guarded(
        self,
        guard: Guard,
        callee: FunctionValue,
        arguments: Mapping[str, Value],
        node: ast.AST,
    ) -> Value:
        known, function = self.program.guards, callee.function
        assert isinstance(function.node, ast.FunctionDef)
        if function.node not in known:
            known[function.node] = replace(function, node=guarded(function.node))
        callee = callee._replace(function=known[function.node])
        frame = self.program.frame(callee, self.emitter)
        value = self.run_inlined(frame, arguments, callee, node)
        guard.caught, guard.error = frame.env[ALL_CAUGHT], frame.env[ALL_ERROR]
        return value

    def at_handlers(
        self,
        outside: Contents,
        changes: list[Change],
        builder: Builder,
        node: ast.AST,
        catches: Catches,
    ) -> Contents:
        """The objects as a handler finds them: those that were changed before a point that
        may raise may be in either state."""
        heap = dict(outside)
        for obj, where in changes:
            if obj not in outside:
                continue
            after = _after(where, builder)
            if isinstance(outside[obj], ListValue):
                raise self.refuse(
                    node,
                    f"{obj.hint or 'a list'}, of unknown length, {CHANGED}",
                    "change it after the try",
                )
            if any(may_raise(stmt, catches) for stmt in after):
                heap[obj] = Stale(f"an object that {CHANGED}, before it may raise,")
        return heap

    def handler(self, handler: ast.ExceptHandler, handed: tuple[str, ...]) -> Arm:
        params: tuple[Var, ...] = ()
        if handler.name:
            error = Var(_ERROR, "error" if is_hidden(handler.name) else handler.name, True)
            self.env[handler.name] = error
            params = (error,)
        self.handling += 1
        with self.emitter.nested() as builder:
            self.block(handler.body)
        self.handling -= 1
        if handler.name:
            self.env[handler.name] = UNBOUND
        return Arm(builder, self.snapshot(handed), params, self.emitter.heap)


class Arm:
    def __init__(
        self,
        builder: Builder,
        values: dict[str, Value],
        params: tuple[Var, ...],
        heap: Contents,
    ) -> None:
        self.builder = builder
        self.values = values
        self.params = params
        self.heap = heap
        self.yields: list[Atom] = []
        self.raises = any(map(raises_always_stmt, builder.stmts))


class Meeting:
    """The outs of a `Try`, one for each row of atoms that are not all the same."""

    def __init__(
        self, frame: Exceptions, arms: list[Arm], outside: Contents, node: ast.AST
    ) -> None:
        self.frame = frame
        self.arms = arms
        self.outside = outside
        self.loc = frame.loc(node)
        self.reached = [arm for arm in arms if not arm.raises]
        self.inside = {
            var for arm in arms for stmt in arm.builder.stmts for var in defines(stmt)
        } | {param for arm in arms for param in arm.params}
        self.outs: list[Var] = []
        self.known: dict[tuple[object, ...], Var] = {}

    def value(self, name: str) -> Value:
        """What a name is after the paths."""
        values = [arm.values[name] for arm in self.reached]
        if not values:
            return UNBOUND
        held = only_bound(name, values, self.outside)
        if held is not None:
            return held
        if name.startswith(APPEND) and any(value is not values[0] for value in values):
            return Mixed("appended to in a try")
        return self.met(values, name)

    def heap(self) -> dict[Obj, Value]:
        """What the objects hold after the paths."""
        merged: dict[Obj, Value] = {}
        for arm in self.arms:
            merged.update(arm.heap)
        merged.update(self.outside)
        self.frame.emitter.heap = merged
        for obj in self.outside:
            contents = [arm.heap[obj] for arm in self.reached]
            if any(content is not self.outside[obj] for content in contents):
                merged[obj] = self.met(contents, obj.hint)
        return self.frame.emitter.heap

    def met(self, values: list[Value], name: str) -> Value:
        """Values that meet, their objects as each path leaves them."""
        heaps = [arm.heap for arm in self.reached]
        values = [
            settled_outside(value, self.outside, heap, self.loc)
            for value, heap in zip(values, heaps, strict=True)
        ]
        shape = template(values[0])
        for value, heap in zip(values[1:], heaps[1:], strict=True):
            old, new = apart(shape, value, (heaps[0], heap), self.loc)
            shape = self.frame.joined(template(old), new, name)
        fits = [
            fitted(value, shape, heap, self.loc)
            for value, heap in zip(values, heaps, strict=True)
        ]
        for fit in fits:
            shape = self.frame.joined(shape, fit, name)
        if not any(True for _ in leaves(shape)):
            return self.frame.thawed(shape)
        rows = zip(
            *(leaves(self.frame.coerce(value, shape, arm.builder))
              for arm, value in zip(self.reached, fits, strict=True)),
            strict=True,
        )  # fmt: skip
        return self.frame.thawed(rebuild(shape, self.joined(shape, rows, name)))

    def joined(
        self, shape: Value, rows: Iterable[tuple[Atom, ...]], name: str
    ) -> Iterator[Atom]:
        user = not is_hidden(name)
        for leaf, hint, row in zip(leaves(shape), hints_of(name, shape), rows, strict=True):
            yield self.out(leaf, list(map(self.frame.emitter.raw, row)), hint, user)

    def out(self, shape: Atom, row: list[Atom], hint: str, user: bool) -> Atom:
        keys = tuple(map(atom_key, row))
        if len(set(keys)) == 1 and row[0] not in self.inside:
            return row[0]
        known = self.known.get(keys)
        if known is None:
            known = self.known[keys] = Var(shape.type, hint, user and bool(hint))
            self.outs.append(known)
            atoms = iter(row)
            for arm in self.arms:
                arm.yields.append(Undef(shape.type) if arm.raises else next(atoms))
        return known

    def blocks(self) -> list[Block]:
        return [self.frame.closed(arm.builder, arm.params, arm.yields) for arm in self.arms]


class Catches:
    """What handlers catch of what Python's own operations raise.

    arithmetic: of operators and functions of numbers; index: of lists and dicts. A class
    of the user's is raised by name only.
    """

    def __init__(self, names: Iterable[str]) -> None:
        found = [getattr(builtins, name, None) for name in names]
        classes = tuple(cls for cls in found if isinstance(cls, type))
        self.arithmetic = any(issubclass(e, classes) for e in _ARITHMETIC)
        self.quotient = any(issubclass(e, classes) for e in _QUOTIENT)
        self.index = any(issubclass(e, classes) for e in (IndexError, KeyError))


def _after(where: tuple[tuple[Builder, int], ...], builder: Builder) -> list[Stmt]:
    """The statements of a block that may run after a place in it, or in a block of it."""
    found: list[Stmt] = []
    inner: list[Stmt] = []
    for around, position in where:
        if around is not where[0][0]:
            # What stands there holds the place.
            match around.stmts[position : position + 1]:
                case [If()]:
                    found += inner
                case [Try(handlers=handlers)]:
                    found += inner
                    found += [s for handler in handlers for s in handler.block.stmts]
                case whole:
                    found += whole
            inner = around.stmts[position + 1 :]
        else:
            inner = around.stmts[position:]
        if around is builder:
            return found + inner
    return builder.stmts


def _raising(stmts: Iterable[Stmt], catches: Catches) -> Iterator[Stmt]:
    """The statements that may raise what is caught so."""
    for stmt in stmts:
        inner = [s for block in blocks(stmt) for s in _raising(block.stmts, catches)]
        yield from inner
        if isinstance(stmt, Let) and stmt.out.type == _ERROR:
            continue  # an exception that is made, to be raised
        if not inner and not isinstance(stmt, Try) and may_raise(stmt, catches):
            yield stmt


def _apart(raised: ClassMeaning, caught: Value) -> bool:
    """Is an exception certain not to be of a class that is caught?"""
    cls = caught.found if isinstance(caught, ClassMeaning) else None
    return raised.found is not None and cls is not None and not issubclass(raised.found, cls)


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.strip("()").split(",")] if text else ["Exception"]


def may_raise(stmt: Stmt, catches: Catches | None = None) -> bool:
    """May a statement raise anything, or anything that is caught so?"""
    match stmt:
        case Let(_, op, args):
            if catches is not None and op in ("get", "set", "acc", "drop"):
                return catches.index
            if op in READS_PART or op in WRITES_PART:
                # An index, a shape that does not fit.
                return catches is None or catches.index or catches.arithmetic
            if sum(isinstance(arg.type, Array) for arg in args) > 1 and op in PRIMITIVES:
                return catches is None or catches.arithmetic
            primitive = PRIMITIVES.get(op)
            if primitive is None:
                return op in _RAISING or op not in STRUCTURE
            if catches is not None and op in ("div", "floordiv", "mod", "pow"):
                return catches.quotient
            if catches is not None and op in _OF_NUMBERS:
                return primitive.raises and catches.arithmetic
            return primitive.raises
        case Call() | Raise():
            return True
        case Try(_, _, _, (*_, Handler("BaseException")) as handlers):
            inside = (inner for handler in handlers for inner in handler.block.stmts)
            return any(may_raise(inner, catches) for inner in inside)
        case Loop(domain=Range(step=step)) if not (isinstance(step, Lit) and step.value):
            return True
        case _:
            return any(
                may_raise(inner, catches) for block in blocks(stmt) for inner in block.stmts
            )
