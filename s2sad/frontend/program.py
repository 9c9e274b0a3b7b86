"""The program that a function pulls in: what is called, inlined, or emitted on its own."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from types import FunctionType
from typing import TYPE_CHECKING, NamedTuple

from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.frontend.base import BOTTOM, Emitter, Frame
from s2sad.frontend.callgraph import CallGraph
from s2sad.frontend.external import Touched, mark_external
from s2sad.frontend.globals import Globals
from s2sad.frontend.iterators import Lazy
from s2sad.frontend.joins import join_templates, same_template
from s2sad.frontend.live import LiveNamespace, meaning_of
from s2sad.frontend.normalize.exits import may_return_none
from s2sad.frontend.normalize.hidden import RESULT
from s2sad.frontend.prepare import Found, Prepared, prepare
from s2sad.frontend.records import Records
from s2sad.frontend.recursion import changed_slots, check_alone, functions_in, joined_states
from s2sad.frontend.resolve import ClassMeaning, ExpressionMeaning, GivenMeaning, Held
from s2sad.frontend.scope import free_names, rare_nodes
from s2sad.frontend.shapes import key_of, parameter, structure_of
from s2sad.frontend.source import UserFunction, locate
from s2sad.frontend.statements import Statements
from s2sad.frontend.values import (
    UNBOUND,
    FunctionValue,
    Inline,
    Mixed,
    Nullable,
    Obj,
    Ref,
    Struct,
    TupleValue,
    Unbound,
    Value,
    bare,
    describe,
    is_nullable,
    leaves,
    purely_atoms,
    template,
    with_objects,
)
from s2sad.ir.nodes import Func, Var
from s2sad.ir.orders import apart_tests, order_tests
from s2sad.ir.types import NEVER
from s2sad.ir.walk import free_vars

if TYPE_CHECKING:
    from s2sad.frontend.classes_local import LocalNames
    from s2sad.frontend.exceptions import Guard

_MOST_CALLS = 60
_MOST_PASSES = 4000
# How often a recursive function is lowered until the type of its result is stable.
_MOST_ATTEMPTS = 40


class Capture(NamedTuple):
    """A variable of a frame, and what it is called among all that a function captures."""

    label: str
    name: str
    frame: Statements

    def now(self) -> Value:
        return self.frame.local(self.name)


class Special:
    """A function for given types of its arguments; `result` is its result's template."""

    def __init__(self, name: str, captured: tuple[Capture, ...]) -> None:
        self.name = name
        self.captured = captured
        self.result: Value = BOTTOM
        # What it changes of what it is given, by the name of the parameter or the captured
        # variable, with what it holds in the end.
        self.state: dict[str, Value] = {}
        self.finished = False
        self.assumed = False
        self.func: Func | None = None

    def results(self) -> tuple[Value, ...]:
        return (self.result, *self.state.values())

    def captured_now(self) -> list[Value]:
        return [one.now() for one in self.captured]


class Program(Globals):
    """Everything that is shared while one function is lowered."""

    def __init__(
        self,
        entry: UserFunction,
        inline: bool,
        objects: bool = False,
        found: Found | None = None,
    ) -> None:
        super().__init__()
        self.inline = inline
        self.graph = CallGraph(entry, self)
        self.prepared: dict[ast.AST, Prepared] = {}
        self.nested: dict[ast.AST, UserFunction] = {}
        self.specials: dict[tuple[object, ...], Special] = {}
        self.records = Records()
        self.local_classes: dict[tuple[ast.ClassDef, Statements], LocalNames] = {}
        self.comprehensions: dict[ast.expr, ast.FunctionDef] = {}
        self.active: list[ast.AST] = []
        self.names: set[str] = set()
        self.numbers = 0
        self.constants_open: list[str] = []
        self.passes = 0
        # Iterators, and what they read; generators as functions that return lists; how many
        # `try` are open.
        self.lazy: dict[Obj, Lazy] = {}
        self.listings: dict[ast.AST, UserFunction] = {}
        self.trying = 0
        # Is each `try` taken apart where it changes an object?
        self.objects = objects
        # Functions among the arguments, by the output's names for them.
        self.given: dict[str, Held] = {}
        # What expressions in a `try` do; functions that hand back what they raise.
        self.found = found or Found()
        self.guards: dict[ast.AST, UserFunction] = {}
        self.guard: Guard | None = None
        # Exceptions that are raised: their classes; the names of what some carry.
        self.thrown: dict[Var, str] = {}
        self.raised: dict[Var, ClassMeaning] = {}
        # Of objects that are there before the call: their paths, and what is read of them.
        self.touched = Touched()

    def refusal(
        self, function: UserFunction, node: ast.AST, what: str, instead: str
    ) -> UnsupportedSyntax:
        return UnsupportedSyntax(what, locate(function.file, node), instead)

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def is_count(self, name: str) -> bool:
        return name in self.graph.counts()

    def start_again(self) -> None:
        """Forget what was lowered, as the layouts of the records have changed."""
        for special in self.specials.values():
            self.names.discard(special.name)
        self.specials.clear()

    def written_out(self, loc: Loc) -> None:
        """Count the passes of loops that are written out: there is an end to it."""
        self.passes += 1
        if self.passes > _MOST_PASSES:
            raise UnsupportedSyntax(
                "loops that would have to be written out at too great a length",
                loc,
                "use elements of one kind, so that they stay loops",
            )

    # Frames.

    def prepare(self, function: UserFunction) -> Prepared:
        known = self.prepared.get(function.node)
        if known is None:
            self.note_source(function)
            placed, outer = function, frozenset[str]()
            if any(isinstance(inner, ast.With) for inner in rare_nodes(function.node)):
                from s2sad.frontend.managed import with_managers

                placed, outer = with_managers(self, function)
            known = prepare(
                placed,
                lambda test: self.graph.needs_statements(function, test),
                lambda name: self.graph.dotted(function, name),
                self.graph.int_names(function),
                self.objects,
                self.found,
            )
            self.prepared[function.node] = known._replace(outer=outer)
        return self.prepared[function.node]

    def frame(self, callee: FunctionValue, emitter: Emitter) -> Statements:
        function = callee.function
        prepared, around = self.prepare(function), callee.frame
        while prepared.outer and around is not None:
            hidden = prepared.outer & around.prepared.locals.keys()
            if hidden:
                what = f"a context manager that reads a global {min(hidden)}, as a local has"
                raise UnsupportedSyntax(f"{what} that name,", function.loc, "rename the local")
            around = around.closure
        frame = Statements(self, function, prepared, emitter, callee.frame)
        frame.of_class = callee.owner
        return frame

    def nested_function(self, node: ast.AST, function: UserFunction) -> UserFunction:
        """The one object for a nested function, however often its `def` is lowered."""
        return self.nested.setdefault(node, function)

    def expression_frame(self, meaning: ExpressionMeaning, emitter: Emitter) -> Statements:
        node = ast.copy_location(
            ast.Lambda(ast.arguments([], [], None, [], [], None, []), meaning.node),
            meaning.node,
        )
        function = UserFunction(
            meaning.name, meaning.name, meaning.file, node, meaning.namespace
        )
        prepared = prepare(function, lambda _: False, lambda _: None, frozenset())
        return Statements(self, function, prepared, emitter)

    @contextmanager
    def constant(self, meaning: ExpressionMeaning, loc: Loc) -> Iterator[None]:
        if meaning.name in self.constants_open:
            raise UnsupportedSyntax(f"{meaning.name} is defined by itself", loc, "use a number")
        self.constants_open.append(meaning.name)
        try:
            yield
        finally:
            self.constants_open.pop()

    # Inlining.

    def inlines(self, callee: FunctionValue, arguments: Mapping[str, Value]) -> bool:
        """Does a call read better with the callee's statements in its place? Where
        something is passed that is no number, there is no other way."""
        node = callee.function.node
        if node in self.active or self.graph.is_recursive(callee.function):
            return False
        if callee.owner is not None or not all(map(purely_atoms, arguments.values())):
            return True
        if callee.frame is not None:
            return not _calls_itself(node)
        return self.inline and self.graph.reads_well_inlined(callee.function)

    @contextmanager
    def entering(self, callee: FunctionValue, loc: Loc) -> Iterator[None]:
        if len(self.active) >= _MOST_CALLS:
            again = callee.function.node in self.active
            what = (
                f"a recursion of {callee.function.name} with arguments that change their kind"
            )
            raise UnsupportedSyntax(
                f"{what}, or an endless one," if again else "calls nested too deeply",
                loc,
                "pass numbers, and lists of one kind, that it does not change"
                if again
                else "call fewer functions in functions",
            )
        if not self.active:
            self.home = callee.function.namespace
        self.active.append(callee.function.node)
        try:
            yield
        finally:
            self.active.pop()

    # Functions of their own.

    def specialised(
        self, callee: FunctionValue, arguments: Mapping[str, Value], loc: Loc
    ) -> Special:
        captured, static = self.captures(callee, arguments, loc)
        shapes = [template(value) for value in arguments.values()]
        node = callee.function.node
        around = [template(one.frame.frozen(one.now(), node)) for one in captured]
        parts = (*map(key_of, shapes), *map(key_of, around), *map(key_of, static))
        key = (callee.function.node, callee.frame, *parts)
        special = self.specials.get(key)
        if special is None:
            special = Special(self.unique(callee.function.name), captured)
            before = set(self.specials)
            self.specials[key] = special
            given = dict(zip(arguments, shapes, strict=True))
            try:
                self.settle(special, callee, given, around, loc)
            finally:
                if not special.finished:
                    # Refused: another attempt to read the caller begins anew.
                    self.forget(before)
        elif not special.finished:
            special.assumed = True
        return special

    def captures(
        self, callee: FunctionValue, arguments: Mapping[str, Value], loc: Loc
    ) -> tuple[tuple[Capture, ...], tuple[Value, ...]]:
        """The captured variables of a function that becomes one of its own, and of those
        that it is given, or captures; and what others of them are, which hold functions."""
        found: list[Capture] = []
        static: list[Value] = []
        pending = [callee, *(f for value in arguments.values() for f in functions_in(value))]
        seen: set[tuple[str, Frame]] = set()
        while pending:
            function = pending.pop(0)
            for name in sorted(free_names(function.function.node)):
                frame = function.frame
                while frame is not None and name not in frame.prepared.locals:
                    frame = frame.closure
                if frame is None or (name, frame) in seen:
                    continue
                seen.add((name, frame))
                value = frame.local(name)
                if isinstance(value, Unbound | Mixed) and function is not callee:
                    continue
                self.check_captured(name, frame, callee, loc)
                assert isinstance(frame, Statements)
                frozen = frame.frozen(value, callee.function.node)
                pending += functions_in(frozen)
                if purely_atoms(frozen):
                    count = sum(known.name == name for known in found)
                    label = f"{name}.{count + 1}" if count or name in arguments else name
                    found.append(Capture(label, name, frame))
                else:
                    static.append(frozen)
        return tuple(found), tuple(static)

    def check_captured(self, name: str, frame: Frame, callee: FunctionValue, loc: Loc) -> None:
        if name in frame.prepared.cells:
            raise UnsupportedSyntax(
                f"{name}, which a nested function rebinds, in the recursive"
                f" {callee.function.name}",
                loc,
                "pass it as an argument and return it",
            )
        if isinstance(frame.local(name), Unbound | Mixed):
            raise UnsupportedSyntax(
                f"{name}, which {callee.function.name} reads, may not be bound here",
                loc,
                f"bind {name} before the call",
            )

    def settle(
        self,
        special: Special,
        callee: FunctionValue,
        shapes: dict[str, Value],
        around: list[Value],
        loc: Loc,
    ) -> None:
        """Lower a function until the type of its result, assumed in recursion, is stable."""
        for attempt in count():
            if attempt == _MOST_ATTEMPTS:
                raise UnsupportedSyntax(
                    f"{special.name}, which returns more and more parts,",
                    callee.function.loc,
                    "return values of one kind",
                )
            made, version = set(self.specials), self.records.version
            special.assumed = False
            special.func, result, state = self.lowered(special, callee, shapes, around, loc)
            joined = self.records.settled(
                join_templates(special.result, result), (special.name, "result")
            )
            before, special.state = special.state, joined_states(special, state, loc)
            if isinstance(joined, Mixed):
                raise UnsupportedSyntax(
                    f"{special.name} returns {joined.why}, depending on the path",
                    callee.function.loc,
                    "return values of one kind",
                )
            same = before.keys() == special.state.keys() and all(
                same_template(before[name], special.state[name]) for name in before
            )
            stable = not special.assumed or (same and same_template(joined, special.result))
            if stable and version == self.records.version:
                special.result = joined
                break
            special.result = joined
            # What was lowered meanwhile may have assumed the old result.
            self.forget(made)
        if any(leaf.type == NEVER for leaf in leaves(special.result)):
            raise UnsupportedSyntax(
                f"{special.name} calls itself for ever",
                callee.function.loc,
                "return a number before the recursion",
            )
        special.finished = True

    def forget(self, but: Collection[object]) -> None:
        """Drop the functions that were lowered since."""
        for key in [key for key in self.specials if key not in but]:
            self.names.discard(self.specials.pop(key).name)

    def lowered(
        self,
        special: Special,
        callee: FunctionValue,
        shapes: dict[str, Value],
        around: list[Value],
        loc: Loc,
    ) -> tuple[Func, Value, dict[str, Value]]:
        emitter = Emitter(special.name)
        frame = self.frame(callee, emitter)
        params: list[Var] = []
        taken = {*shapes, *free_names(callee.function.node)}
        made = {
            name: with_objects(parameter(name, bare(shape), params, taken))
            for name, shape in shapes.items()
        }
        rest = callee.function.node.args.vararg
        if rest is not None and isinstance(tuple_ := made.get(rest.arg), Inline):
            # However many there are: a tuple does not change.
            made[rest.arg] = tuple_.content
        made = {name: self.with_functions(v, frame, loc) for name, v in made.items()}
        arguments = {name: frame.thawed(value) for name, value in made.items()}
        if not self.active:
            for name, value in arguments.items():
                mark_external(value, name, emitter.heap)
        if not self.active:
            for value in arguments.values():
                content = emitter.heap.get(value.obj) if isinstance(value, Ref) else None
                if isinstance(value, Ref) and isinstance(content, Var) and content in params:
                    emitter.dense[value.obj] = frozenset((content,))
        frame.bind_parameters(arguments)
        for name, value in frame.env.items():
            if isinstance(value, Ref):
                value.obj.hint = name
        outer: list[tuple[Statements, str, Value, Emitter]] = []
        for (_, name, owner), shape in zip(special.captured, around, strict=True):
            outer.append((owner, name, owner.local(name), owner.emitter))
            captured = with_objects(parameter(name, bare(shape), params))
            owner.env[name] = frame.thawed(captured)
        given, entry = dict(emitter.heap), not self.active
        alone = [obj for obj in given if not obj.fixed and not obj.shares]
        slots = {**arguments, **{one.label: one.now() for one in special.captured}}
        try:
            for owner, *_ in outer:
                owner.emitter = emitter
            with self.entering(callee, loc):
                frame.block(frame.prepared.body)
        finally:
            for owner, name, value, emitter_ in reversed(outer):
                owner.env[name] = value
                owner.emitter = emitter_
        changed = [change.obj for change in emitter.changes if change.obj in given]
        for param in callee.function.params if entry else ():
            ref = arguments.get(param.arg)
            if isinstance(ref, Ref) and ref.obj in changed and _has_default(callee, param):
                raise UnsupportedSyntax(
                    f"a change of {param.arg}, whose default outlives the call,",
                    callee.function.loc,
                    "make the list in the function",
                )
        if changed and special.assumed and entry:
            raise UnsupportedSyntax(
                f"{callee.function.name}, which is recursive, changes {changed[0].hint}",
                callee.function.loc,
                "return a new object",
            )
        if entry:
            self.check_world()
        tests = order_tests(emitter.contiguous), apart_tests(emitter.apart)
        emitter.builder.stmts[:0] = [*tests[0], *tests[1]]
        changes = {} if entry else changed_slots(frame, slots, given, changed)
        if changes:
            check_alone(callee.function, alone)
        for name in special.state:
            changes.setdefault(name, frame.frozen(slots[name], callee.function.node))
        func, result = self.finish(special.name, frame, params, tuple(changes.values()))
        stray = free_vars(func.body.stmts, func.body.yields).keys() - set(params)
        if stray:
            name = min(var.hint or "a value" for var in stray)
            raise UnsupportedSyntax(
                f"{name} of a function around, in {callee.function.name}, which is recursive,",
                callee.function.loc,
                "pass it as an argument",
            )
        return func, result, {name: template(value) for name, value in changes.items()}

    def with_functions(self, value: Value, frame: Statements, loc: Loc) -> Value:
        """An argument with what the functions in it mean."""
        match value:
            case GivenMeaning(name, held):
                self.given[name] = held
                function = held.found
                names = (
                    LiveNamespace.of_function(function)
                    if isinstance(function, FunctionType)
                    else LiveNamespace({}, {}, "", False)
                )
                return frame.usable(meaning_of(function, name, names), frame.function.node)
            case TupleValue(items):
                return TupleValue(tuple(self.with_functions(i, frame, loc) for i in items))
            case Struct(layout, items):
                parts = tuple(self.with_functions(i, frame, loc) for i in items)
                return Struct(layout, parts)
            case Inline(content, origins):
                return Inline(self.with_functions(content, frame, loc), origins)
            case _:
                return value

    def finish(
        self,
        name: str,
        frame: Statements,
        params: list[Var],
        state: tuple[Value, ...] = (),
    ) -> tuple[Func, Value]:
        function, emitter = frame.function, frame.emitter
        result = frame.frozen(frame.env.get(RESULT, UNBOUND), function.node)
        if self.active:
            result = frame.filled(result, function.node)
        elif isinstance(result, Nullable) and not may_return_none(frame.prepared.body):
            # Where what it returns is None after all, there is no derivative.
            result = frame.as_atom(result, function.node)
        if isinstance(result, Mixed):
            raise UnsupportedSyntax(
                f"{function.name} returns {result.why}, depending on the path",
                function.loc,
                "return values of one kind on every path",
            )
        if is_nullable(result) and not (self.active and isinstance(result, Nullable)):
            raise UnsupportedSyntax(
                f"{function.name} returns {describe(result)}, depending on the path",
                function.loc,
                "return a number on every path",
            )
        if not purely_atoms(result) and not isinstance(result, Unbound):
            raise UnsupportedSyntax(
                f"{function.name} returns what is no number",
                function.loc,
                "return numbers",
            )
        whole = (result, *state)
        yields = [emitter.raw(leaf) for value in whole for leaf in leaves(value)]
        body = frame.closed(emitter.builder, tuple(params), yields)
        numbers = iter(range(len(yields)))
        structure = tuple(numbers) if state else structure_of(bare(result), numbers)
        func = Func(name, body, structure, function.doc, (), 0, function.loc)
        return func, template(result)

    def unique(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.names:
            number += 1
            candidate = f"{name}_{number}"
        self.names.add(candidate)
        return candidate


def _has_default(callee: FunctionValue, param: ast.arg) -> bool:
    args = callee.function.node.args
    positional = [*args.posonlyargs, *args.args]
    late = positional[len(positional) - len(args.defaults) :]
    named = [a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    return param in (*late, *named)


def _calls_itself(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name in free_names(node)
