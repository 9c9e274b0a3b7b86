"""Calls: of primitives, of the program's own functions, inlined or not."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from s2sad.errors import UnsupportedFunction
from s2sad.frontend.arguments import bind_arguments
from s2sad.frontend.branches import presence
from s2sad.frontend.builtins import flat_arguments
from s2sad.frontend.expressions import Expressions
from s2sad.frontend.members import ADVICE
from s2sad.frontend.normalize.exits import may_return_none
from s2sad.frontend.normalize.hidden import RESULT
from s2sad.frontend.resolve import (
    ClassMeaning,
    ExpressionMeaning,
    PrimitiveMeaning,
    RuleMeaning,
)
from s2sad.frontend.source import UserFunction
from s2sad.frontend.values import (
    UNBOUND,
    FunctionValue,
    ListValue,
    NewList,
    TupleValue,
    Value,
    describe,
    leaves,
    rebuild,
)
from s2sad.ir.nodes import Atom, Call, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT
from s2sad.ops.core import PRIMITIVES, lookup_callable

_TOLERANCES = {"rel_tol": Lit(1e-09, FLOAT), "abs_tol": Lit(0.0, FLOAT)}


class Calls(Expressions):
    def call(self, node: ast.Call) -> Value:
        callee = self.callee(node.func)
        match callee:
            case PrimitiveMeaning(dotted):
                return self.primitive_call(dotted, node)
            case RuleMeaning(primitive):
                return self.rule_call(primitive, node)
            case FunctionValue():
                return self.function_call(callee, node)
            case ClassMeaning(name=name):
                raise self.refuse(node, f"making an object of {name}", "use plain numbers")
            case Var() | Lit() | Undef():
                raise self.refuse(
                    node, "calling a value", "call a function that is known by its name"
                )
            case _:
                raise self.refuse(node, f"calling {describe(callee)}", "call a function")

    def callee(self, node: ast.expr) -> Value:
        if not isinstance(node, ast.Attribute):
            return self.expression(node)
        owner = self.owner(node.value)
        match owner:
            case ListValue() | NewList():
                raise self.refuse(
                    node,
                    f"the method {node.attr} of a list is not supported here",
                    "a list may be filled by one append in every pass of a loop",
                )
            case Var(type=type_) if type_ in (INT, BOOL) and node.attr == "__index__":
                return PrimitiveMeaning("__index__")
            case Var() | Lit() | Undef() | TupleValue():
                raise self.refuse(
                    node,
                    f"the method {node.attr} is not supported",
                    "call a function of numbers",
                )
            case _:
                return self.attribute(node)

    # Primitives.

    def primitive_call(self, dotted: str, node: ast.Call) -> Value:
        match dotted, node.args, node.keywords:
            case "s2sad.stop_gradient", [arg], []:
                atom = self.number(arg)
                return self.let("stop_gradient", (atom,), node, atom.type)
            case "__index__", [], []:
                assert isinstance(node.func, ast.Attribute)
                return self.index_of(node.func.value)
            case "len", [arg], []:
                return self.length(self.expression(arg), node)
            case "math.isclose", [_, _], [_, *_]:
                return self.isclose(node)
            case _, _, [keyword, *_]:
                raise self.refuse(
                    keyword.value,
                    f"a keyword argument of {dotted}",
                    "pass it by position",
                )
            case _:
                return self.positional_call(dotted, node)

    def rule_call(self, primitive: str, node: ast.Call) -> Value:
        """A function with a rule of the user's: called as it is."""
        params = PRIMITIVES[primitive].params
        if node.keywords or len(node.args) != len(params):
            raise self.refuse(
                node,
                f"{primitive} has a rule for {len(params)} arguments by position",
                "pass exactly these",
            )
        return self.let(primitive, tuple(self.number(arg) for arg in node.args), node)

    def positional_call(self, dotted: str, node: ast.Call) -> Value:
        name = lookup_callable(dotted, len(node.args))
        if name is None:
            raise self.unknown(dotted, node)
        values = [self.sequence(arg) for arg in node.args]
        flat = flat_arguments(dotted, values)
        if flat is None:
            raise self.refuse(
                node,
                f"{dotted} of something that is no tuple",
                "write the elements out in a tuple",
            )
        places = node.args if flat == values else [node] * len(flat)
        atoms = tuple(
            self.as_number(self.as_atom(value, place), place)
            for value, place in zip(flat, places, strict=True)
        )
        if isinstance(name, tuple):
            return TupleValue(tuple(self.let(part, atoms, node) for part in name))
        return self.let(name, atoms, node)

    def sequence(self, node: ast.expr) -> Value:
        """An argument; a list display that only a primitive sees is as good as a tuple."""
        if isinstance(node, ast.List):
            return TupleValue(tuple(self.expression(item) for item in node.elts))
        return self.expression(node)

    def unknown(self, dotted: str, node: ast.Call) -> UnsupportedFunction:
        if lookup_callable(dotted, 1) or lookup_callable(dotted, 2):
            return UnsupportedFunction(
                f"{dotted} with {len(node.args)} arguments is not supported",
                self.loc(node),
                "call it with numbers only",
            )
        return UnsupportedFunction(
            f"{dotted} has no derivative rule and no Python source",
            self.loc(node),
            ADVICE,
        )

    def index_of(self, node: ast.expr) -> Value:
        """`n.__index__()`, as emitted code makes an int of a bool: `+n` does the same."""
        atom = self.number(node)
        return atom if atom.type == INT else self.let("pos", (atom,), node)

    def length(self, value: Value, node: ast.Call) -> Value:
        match value:
            case TupleValue(items):
                return Lit(len(items), INT)
            case NewList():
                return Lit(0, INT)
            case ListValue():
                raise self.refuse(node, "the length of a list here", "pass it as an int")
            case _:
                raise self.refuse(node, "the length of a number", "pass the length as an int")

    def isclose(self, node: ast.Call) -> Value:
        named = {keyword.arg or "": keyword.value for keyword in node.keywords}
        if not set(named) <= set(_TOLERANCES):
            raise self.refuse(node, "this call of math.isclose", "pass two numbers")
        atoms: list[Atom] = [self.number(arg) for arg in node.args]
        for name, usual in _TOLERANCES.items():
            atoms.append(self.number(named[name]) if name in named else usual)
        return self.let("isclose_within", tuple(atoms), node)

    # Functions.

    def function_call(self, callee: FunctionValue, node: ast.Call) -> Value:
        given = [self.argument(arg) for arg in node.args]
        named = {keyword.arg or "": self.argument(keyword.value) for keyword in node.keywords}
        try:
            bound = bind_arguments(callee.function, given, named, self.defaults(callee))
        except TypeError as error:
            raise self.refuse(node, str(error), "correct the call") from None
        arguments: dict[str, Value] = {}
        for param, value in bound.items():
            if value is None:
                raise self.refuse(
                    node,
                    f"the default of {param} in {callee.function.name} is no number",
                    "pass it in the call",
                )
            arguments[param] = value
        return self.invoke(callee, arguments, node)

    def argument(self, node: ast.expr) -> Value:
        return self.plain(self.materialised(self.expression(node), node))

    def defaults(self, callee: FunctionValue) -> Mapping[str, Value | None]:
        return dict(callee.defaults) if callee.frame else callee.function.defaults

    def invoke(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        if self.program.inlines(callee):
            value = self.inlined(callee, arguments, node)
        else:
            value = self.called(callee, arguments, node)
        present = presence(value)
        if present is not None and may_return_none(self.program.prepare(callee.function).body):
            self.emitter.untested[present] = callee.function.name, self.loc(node)
        return value

    def called(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        special = self.program.specialised(callee, arguments, self.loc(node))
        captured = [self.plain(value) for value in special.captured_now()]
        args = tuple(
            atom for value in (*arguments.values(), *captured) for atom in leaves(value)
        )
        outs = tuple(Var(atom.type) for atom in leaves(special.result))
        self.add(Call(outs, special.name, args, self.loc(node)))
        return rebuild(special.result, iter(outs))

    def inlined(
        self, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
    ) -> Value:
        """The callee's statements here, its names kept."""
        frame = self.program.frame(callee, self.emitter)
        frame.env.update(arguments)
        with self.program.entering(callee, self.loc(node)):
            frame.block(frame.prepared.body)
        return frame.env.get(RESULT, UNBOUND)

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
        defaults = {p: self.argument(d) for p, d in zip(late, args.defaults, strict=True)}
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if default is not None:
                defaults[arg.arg] = self.argument(default)
        function = self.program.nested_function(node, function)
        return FunctionValue(function, self, tuple(defaults.items()))

    def module_expression(self, meaning: ExpressionMeaning, node: ast.AST) -> Value:
        """A module constant that is a pure expression stands where it is used."""
        frame = self.program.expression_frame(meaning, self.emitter)
        with self.program.constant(meaning, self.loc(node)):
            value = frame.expression(meaning.node)
        if isinstance(value, Var) and not value.hint:
            value.hint, value.user = meaning.name, True
        return value
