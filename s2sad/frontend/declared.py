"""Rules that a file declares, read off its text: `@s2sad.rule("math.cos(x)")`, and the same
with adjoints by name. Nothing of the file is run; the output imports the function.

    @s2sad.rule(slope)                  import model
    def response(x): ...                y = model.response(x)
                                        x_bar = y_bar * model.slope(x)
"""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

from s2sad.errors import InternalError
from s2sad.frontend.files import import_path
from s2sad.frontend.resolve import Meaning, RuleMeaning, UnknownMeaning, declare

if TYPE_CHECKING:
    from s2sad.frontend.static import StaticModule


class Declared:
    """Stands for a function of a file, by the dotted name that the output calls it by."""

    def __init__(self, name: str, file: str, text: str, node: ast.FunctionDef) -> None:
        self.__name__ = name
        self.file = file
        self.text = text
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        params = [inspect.Parameter(arg.arg, kind) for arg in node.args.args]
        self.__signature__ = inspect.Signature(params)
        self.partials: list[str | Declared | None] = []
        self.adjoints: dict[str, str | Declared] = {}
        self.result: str | None = None
        self.needs: list[Declared] = []  # rules that the texts of this one speak of

    def __call__(self, *args: object) -> float:
        raise InternalError(f"{self.__name__} is not to be run")


def declared(decorator: ast.expr, node: ast.FunctionDef, module: StaticModule) -> Meaning:
    """A function with this decorator, which is s2sad's `rule`."""
    try:
        made = _Reader(module).read(decorator, node)
        declare(made)
    except ValueError as error:
        return UnknownMeaning(f"{node.name}, whose rule cannot be read: {error},", _ADVICE)
    return RuleMeaning(made.__name__, made)


_ADVICE = "write it as lines of Python, or as functions of the same file"


class _Reader:
    def __init__(self, module: StaticModule) -> None:
        self.module = module
        path = import_path(module.path)
        if path is None:
            raise ValueError(f"{module.path} is no name of a module")
        self.path = path

    def read(self, decorator: ast.expr, node: ast.FunctionDef) -> Declared:
        made = self.stand_in(node)
        if not isinstance(decorator, ast.Call):
            raise ValueError("it has no partials")
        for arg in decorator.args:
            made.partials.append(self.part(arg, made, node))
        for keyword in decorator.keywords:
            value = self.part(keyword.value, made, node)
            match keyword.arg, value:
                case "result", str() | None:
                    made.result = value
                case str() as name, str() | Declared() if name != "of":
                    made.adjoints[name] = value
                case _:
                    raise ValueError(f"{ast.unparse(decorator)} is not understood")
        return made

    def stand_in(self, node: ast.FunctionDef) -> Declared:
        args = node.args
        if args.posonlyargs or args.kwonlyargs or args.vararg or args.kwarg:
            raise ValueError(f"{node.name} takes more than plain parameters")
        return Declared(f"{self.path}.{node.name}", self.module.path, self.module.text, node)

    def part(
        self, node: ast.expr, made: Declared, of: ast.FunctionDef
    ) -> str | Declared | None:
        match node:
            case ast.Constant(None):
                return None
            case ast.Constant(str() as text):
                return self.dotted(text, made, {arg.arg for arg in of.args.args})
            case ast.Name(name):
                helper = self.function(name)
                if helper is not None:
                    return self.stand_in(helper)
        raise ValueError(f"{ast.unparse(node)} is neither a line of Python nor a function here")

    def function(self, name: str) -> ast.FunctionDef | None:
        """A plain function of the file, which the output can import."""
        match self.module.bindings.get(name):
            case [ast.FunctionDef(decorator_list=[]) as node] if node in self.module.tree.body:
                return node
            case _:
                return None

    def dotted(self, text: str, made: Declared, params: set[str]) -> str:
        """A line of Python, in which functions of the file with rules have their full names."""
        try:
            tree = ast.parse(text, mode="eval")
        except SyntaxError as error:
            raise ValueError(f"the rule {text!r} is no expression: {error.msg}") from None
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - params
        known = {
            name: self.rule(name) for name in sorted(names) if name in self.module.bindings
        }
        found = {name: rule for name, rule in known.items() if rule is not None}
        if not found:
            return text
        made.needs += found.values()
        return ast.unparse(_Dotted({n: rule.__name__ for n, rule in found.items()}).visit(tree))

    def rule(self, name: str) -> Declared | None:
        meaning = self.module.lookup(name)
        return meaning.declared if isinstance(meaning, RuleMeaning) else None


class _Dotted(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        dotted = self.names.get(node.id)
        return ast.parse(dotted, mode="eval").body if dotted else node
