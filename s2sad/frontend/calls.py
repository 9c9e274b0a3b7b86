"""Calls: what is called with what; the program's own functions, inlined or not."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from s2sad.errors import UnsupportedFunction
from s2sad.frontend import iterators, recursion
from s2sad.frontend.arguments import bind_arguments
from s2sad.frontend.base import BOTTOM, Frame
from s2sad.frontend.branches import presence
from s2sad.frontend.expressions import Expressions
from s2sad.frontend.members import ADVICE
from s2sad.frontend.normalize.exits import may_return_none
from s2sad.frontend.normalize.hidden import RESULT
from s2sad.frontend.objects import objects_in
from s2sad.frontend.resolve import (
    ClassMeaning,
    ExpressionMeaning,
    ObjectMeaning,
    PrimitiveMeaning,
    RuleMeaning,
)
from s2sad.frontend.scope import is_generator
from s2sad.frontend.source import UserFunction
from s2sad.frontend.values import (
    UNBOUND,
    ChoiceValue,
    FunctionValue,
    Inline,
    Layout,
    ListValue,
    MethodValue,
    Obj,
    PartialValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    describe,
    leaves,
    rebuild,
)
from s2sad.ir.nodes import Call, Lit, Undef, Var
from s2sad.ir.types import NEVER
from s2sad.ops.core import lookup_callable

# They use up what they are given.
_WHOLE = frozenset(
    {
        "list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max",
        "math.fsum", "math.prod", "_functools.reduce", "functools.reduce",
        "enumerate", "map", "filter",
    }
)  # fmt: skip


class Calls(Expressions):
    # The call whose value is used up where it stands.
    used_up: ast.AST | None = None

    def drained_call(self, callee: Value, node: ast.Call) -> Value:
        raise NotImplementedError

    def call(self, node: ast.Call) -> Value:
        special = self.special_form(node)
        if special is not None:
            return special
        callee = self.callee(node.func)
        if self.makes_iterator(callee):
            assert isinstance(callee, PrimitiveMeaning)
            name = callee.dotted.removeprefix("_").rpartition(".")[2]
            if name == "iter":
                return self.call_of(callee, node)
            return iterators.of_builtin(self, callee, name, node)
        if isinstance(callee, PrimitiveMeaning) and callee.dotted == "range":
            return self.drained(callee, node)
        return self.call_of(callee, node)

    def used(self, value: Value, whole: bool, node: ast.AST) -> Value:
        """An argument of what uses iterables up."""
        if isinstance(value, Ref) and whole and self.has_method(value, "__iter__", node):
            found = self.as_list_value(value, node)
            return found if isinstance(found, ListValue) else TupleValue(found)
        return iterators.rest(self, value, node, whole)

    def kept_generator(self, node: ast.GeneratorExp) -> Value:
        return iterators.of_expression(self, node)

    def call_of(self, callee: Value, node: ast.Call) -> Value:
        """Call what was evaluated already."""
        if isinstance(callee, PrimitiveMeaning):
            found = self.lazy_call(callee.dotted, node)
            if found is not None:
                return found
        args = self.positional(node.args, self.consumes(callee))
        if self.consumes(callee):
            assert isinstance(callee, PrimitiveMeaning)
            whole = callee.dotted in _WHOLE
            if callee.dotted != "iter":
                args = [self.used(arg, whole, node) for arg in args]
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                named.update(self.unpacked_dict(keyword.value))
            else:
                named[keyword.arg] = self.expression(keyword.value)
        return self.apply(callee, args, named, node)

    def positional(self, nodes: list[ast.expr], consumes: bool) -> list[Value]:
        args: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                args += self.elements(self.sequence(node.value), node)
            elif consumes:
                args.append(self.sequence(node))
            else:
                args.append(self.expression(node))
        return args

    def unpacked_dict(self, node: ast.expr) -> dict[str, Value]:
        match self.content(self.expression(node), node):
            case Struct(Layout("dict", keys), items) if all(isinstance(k, str) for k in keys):
                return dict(zip(map(str, keys), items, strict=True))
            case other:
                raise self.refuse(node, f"{describe(other)} after **", "use a dict of names")

    def callee(self, node: ast.expr) -> Value:
        return (
            self.attribute(node) if isinstance(node, ast.Attribute) else self.expression(node)
        )

    def apply(
        self, callee: Value, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        match callee:
            case PrimitiveMeaning(dotted):
                return self.primitive_call(dotted, args, named, node)
            case RuleMeaning(primitive, declared):
                if declared is not None:
                    self.program.declare(declared, self.loc(node))
                return self.rule_call(primitive, args, named, node)
            case FunctionValue():
                return self.function_call(callee, args, named, node)
            case PartialValue(func, first, before):
                return self.apply(func, [*first, *args], {**dict(before), **named}, node)
            case ChoiceValue(cond, then, orelse):
                return self.choose(
                    cond,
                    lambda: self.apply(then, args, named, node),
                    lambda: self.apply(orelse, args, named, node),
                    (),
                    (),
                    node,
                )
            case MethodValue(owner, name):
                return self.builtin_method(owner, name, args, named, node)
            case ClassMeaning(name, found=type() as found) if _of_numpy(found):
                inner = "random." if "random" in found.__module__ else ""
                return self.arrays.call(f"numpy.{inner}{name}", args, named, node)
            case ClassMeaning():
                return self.construct(callee, args, named, node)
            case Ref() if self.has_method(callee, "__call__", node):
                return self.apply(self.member(callee, "__call__", node), args, named, node)
            case ObjectMeaning():
                return self.apply(self.member(callee, "__call__", node), args, named, node)
            case Var() | Lit() | Undef():
                raise self.refuse(
                    node, "calling a value", "call a function that is known by its name"
                )
            case _:
                raise self.refuse(node, f"calling {describe(callee)}", "call a function")

    # Functions.

    def function_call(
        self,
        callee: FunctionValue,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        args = [self.argument(arg) for arg in args]
        named = {name: self.argument(value) for name, value in named.items()}
        function = callee.function
        try:
            bound = bind_arguments(function, args, named, self.defaults(callee))
        except TypeError as error:
            raise self.refuse(node, str(error), "correct the call") from None
        arguments: dict[str, Value] = {}
        for param, value in bound.arguments.items():
            meant = function.meant.get(param)
            if value is None and meant is not None:
                value = self.usable(meant, node)
            if value is None:
                raise self.refuse(
                    node,
                    f"the default of {param} in {function.name} is no number",
                    "pass it in the call",
                )
            arguments[param] = value
        rest, others = function.node.args.vararg, function.node.args.kwarg
        if rest is not None:
            arguments[rest.arg] = TupleValue(bound.rest)
        if others is not None:
            layout = Layout("dict", tuple(bound.named))
            arguments[others.arg] = self.allocate(Struct(layout, tuple(bound.named.values())))
        return self.invoke(callee, arguments, node)

    def argument(self, value: Value) -> Value:
        """A literal that is handed over is not called by the caller's name."""
        return self.plain(value)

    def defaults(self, callee: FunctionValue) -> Mapping[str, Value | None]:
        return dict(callee.defaults) if callee.frame else callee.function.defaults

    def invoke(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        if is_generator(callee.function.node):
            return iterators.called(self, callee, arguments, node)
        if self.program.inlines(callee, arguments):
            value = self.inlined(callee, arguments, node)
        else:
            value = self.called(callee, arguments, node)
        if callee.function.cached and any(True for _ in objects_in(value)):
            raise self.refuse(
                node,
                f"{describe(self.content(value, node))} from the cache of"
                f" {callee.function.name}",
                "return a number or a tuple of numbers, or take the cache off",
            )
        present = presence(value)
        if present is not None and may_return_none(self.program.prepare(callee.function).body):
            self.emitter.givers[present] = callee.function.name
        return value

    def construct(
        self, cls: ClassMeaning, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        from s2sad.frontend.making import construct

        return construct(self, cls, args, named, node)

    def called(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        names = recursion.changed_names(callee.function)
        recursion.made_general(self, arguments, names)
        frozen = {name: self.frozen(value, node) for name, value in arguments.items()}
        captures, _ = self.program.captures(callee, frozen, self.loc(node))
        around = {one.label: one.now() for one in captures}
        recursion.made_general(self, around, names)
        special = self.program.specialised(callee, frozen, self.loc(node))
        slots = {**arguments, **around}
        if special.state:
            if self.program.trying:
                raise self.refuse(
                    node,
                    f"a call of {callee.function.name}, which is recursive and changes"
                    f" {next(iter(special.state))}, in a try",
                    "call it before the try, or return a new object",
                )
            recursion.check_apart(self, callee.function, slots, special.state, node)
        captured = [self.plain(self.frozen(value, node)) for value in special.captured_now()]
        args = tuple(
            self.emitter.raw(atom)
            for value in (*frozen.values(), *captured)
            for atom in leaves(value)
        )
        outs = tuple(Var(a.type) for value in special.results() for a in leaves(value))
        self.add(Call(outs, special.name, args, self.loc(node)))
        made = iter(outs)
        result, *state = [rebuild(value, made) for value in special.results()]
        if special.result is BOTTOM:
            result = BOTTOM  # not known yet
        for name, found in zip(special.state, state, strict=True):
            recursion.handed_back(self, slots[name], found, node)
        # What comes back may be what went in.
        given = frozenset(o for value in frozen.values() for o in origins_in(value))
        return self.thawed(with_origins(result, given))

    def inlined(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        """The callee's statements here, its names kept."""
        return self.run_inlined(
            self.program.frame(callee, self.emitter), arguments, callee, node
        )

    def run_inlined(
        self,
        frame: Frame,
        arguments: Mapping[str, Value],
        callee: FunctionValue,
        node: ast.AST,
    ) -> Value:
        frame.bind_parameters(arguments)
        with self.program.entering(callee, self.loc(node)):
            frame.block(frame.prepared.body)
        result = frame.env.get(RESULT, UNBOUND)
        # Behind a raise there is no value, of any type.
        return Undef(NEVER) if result is UNBOUND and self.emitter.raised() else result

    def method_frame(self) -> Frame | None:
        """The frame of the method that this code stands in, nested functions left."""
        frame: Frame | None = self
        while frame is not None and frame.of_class is None:
            frame = frame.closure
        return frame

    # Nested functions.

    def closure_value(self, node: ast.FunctionDef | ast.Lambda, name: str) -> Value:
        """A nested function: its defaults are evaluated now, what it captures at the call."""
        outer = self.function
        function = UserFunction(
            name=name,
            qualname=f"{outer.qualname}.<locals>.{name}",
            file=outer.file,
            node=node,
            namespace=outer.namespace,
            source=outer.source,
            doc=(ast.get_docstring(node) or "") if isinstance(node, ast.FunctionDef) else "",
        )
        args = node.args
        positional = [arg.arg for arg in (*args.posonlyargs, *args.args)]
        late = positional[len(positional) - len(args.defaults) :]
        defaults = {
            p: self.argument(self.expression(d))
            for p, d in zip(late, args.defaults, strict=True)
        }
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if default is not None:
                defaults[arg.arg] = self.argument(self.expression(default))
        function = self.program.nested_function(node, function)
        return FunctionValue(function, self, tuple(defaults.items()))

    def module_expression(self, meaning: ExpressionMeaning, node: ast.AST) -> Value:
        """A module constant that is a pure expression stands where it is used; what it
        makes can be read, not changed."""
        known = self.emitter.constants.get(id(meaning))
        if known is not None and known.obj in self.emitter.heap:
            return known
        before = set(self.emitter.heap)
        frame = self.program.expression_frame(meaning, self.emitter)
        with self.program.constant(meaning, self.loc(node)):
            value = frame.expression(meaning.node)
        for obj in self.emitter.heap.keys() - before:
            obj.fixed = f"{meaning.name}, which outlives the call,"
        if isinstance(value, Ref):
            self.emitter.constants[id(meaning)] = value
        if isinstance(value, Var) and not value.hint:
            value.hint, value.user = meaning.name, True
        return value

    def unknown(self, dotted: str, count: int, node: ast.AST) -> UnsupportedFunction:
        if lookup_callable(dotted, 1) or lookup_callable(dotted, 2):
            return UnsupportedFunction(
                f"{dotted} with {count} arguments is not supported",
                self.loc(node),
                "call it with numbers only",
            )
        return UnsupportedFunction(
            f"{dotted} has no derivative rule and no Python source", self.loc(node), ADVICE
        )


def origins_in(value: Value) -> set[Obj]:
    found: set[Obj] = set()
    match value:
        case Inline(content, origins):
            found |= origins | origins_in(content)
        case TupleValue(items) | Struct(_, items):
            for item in items:
                found |= origins_in(item)
        case _:
            pass
    return found


def with_origins(value: Value, given: frozenset[Obj]) -> Value:
    match value:
        case Inline(content):
            return Inline(with_origins(content, given), given)
        case TupleValue(items):
            return TupleValue(tuple(with_origins(item, given) for item in items))
        case Struct(layout, items):
            return Struct(layout, tuple(with_origins(item, given) for item in items))
        case _:
            return value


def _of_numpy(found: type) -> bool:
    return found.__module__ == "numpy" or found.__module__.startswith("numpy.random")
