"""Functions and names read off files: nothing of the user's is ever executed."""

from __future__ import annotations

import ast
import importlib
import math
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache

from s2sad.frontend.changes import Changes, makes
from s2sad.frontend.classes import ClassInfo, info_of
from s2sad.frontend.classes_static import StaticClass, enum_of, last_name
from s2sad.frontend.declared import declared
from s2sad.frontend.decorators import gives_rule, harmless, keeps
from s2sad.frontend.files import (
    bindings,
    builtin_meaning,
    find_module,
    is_pure,
    literal_of,
    parse_source,
    read_source,
)
from s2sad.frontend.live import HELPERS, LiveNamespace, helper_named, literal
from s2sad.frontend.outside import OUTSIDE
from s2sad.frontend.resolve import (
    ClassMeaning,
    ConstantMeaning,
    ExpressionMeaning,
    FunctionMeaning,
    Meaning,
    ModuleMeaning,
    Namespace,
    PrimitiveMeaning,
    RuleMeaning,
    UnknownMeaning,
    lookup_class,
)
from s2sad.frontend.source import UserFunction
from s2sad.frontend.syntax import check_syntax
from s2sad.ir.nodes import Lit


def _plain(stmt: ast.stmt) -> bool:
    """Does a statement of a class need nothing from outside?"""
    match stmt:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Constant()):
            return True
        case _:
            return False


class StaticModule:
    """The global names of a file, as its top level binds them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = read_source(path)
        self.tree = parse_source(path, self.text)
        self._bindings: dict[str, list[ast.stmt]] | None = None
        self._meanings: dict[str, Meaning | None] = {}
        self._classes: dict[ast.ClassDef, StaticClass] = {}

    def lookup(self, name: str) -> Meaning | None:
        if name not in self._meanings:
            # An import in a circle ends here.
            self._meanings[name] = UnknownMeaning(f"{name}, which is imported in a circle")
            self._meanings[name] = self._resolve(name)
        return self._meanings[name]

    @property
    def bindings(self) -> dict[str, list[ast.stmt]]:
        if self._bindings is None:
            self._bindings = {}
            for name, stmt in bindings(self.tree, self.text):
                self._bindings.setdefault(name, []).append(stmt)
        return self._bindings

    def _resolve(self, name: str) -> Meaning | None:
        found = self.bindings.get(name, [])
        if not found:
            stars = [
                stmt for stmt in self.bindings.get("*", []) if isinstance(stmt, ast.ImportFrom)
            ]
            for stmt in reversed(stars):
                meaning = self._imported_from(stmt, name)
                if meaning is not None:
                    return meaning
            return builtin_meaning(name)
        last = found[-1]
        top_level = all(stmt in self.tree.body for stmt in found)
        if len(found) > 1 and not (top_level and isinstance(last, ast.FunctionDef)):
            return UnknownMeaning(
                f"{name}, which is bound in {len(found)} places",
                "bind it once at the top level",
            )
        return self._bound(name, last)

    def _bound(self, name: str, stmt: ast.stmt) -> Meaning | None:
        match stmt:
            case ast.FunctionDef():
                return self._function(stmt)
            case ast.AsyncFunctionDef():
                return UnknownMeaning(f"{name}, an async function", "write a plain function")
            case ast.ClassDef():
                exception = self._is_exception(stmt)
                texts = self._definition(stmt) if exception else None
                if not exception and any(last_name(base) == "Enum" for base in stmt.bases):
                    return enum_of(stmt, self.path)
                return ClassMeaning(name, exception, None, stmt, self, self.path, texts or ())
            case ast.Import(names=aliases):
                return self._imported(name, aliases)
            case ast.ImportFrom():
                alias = next(a for a in stmt.names if (a.asname or a.name) == name)
                return self._imported_from(stmt, alias.name)
            case (
                ast.Assign(targets=[ast.Name()], value=value)
                | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value)
            ):
                return self._assigned(name, value)
            case _:
                return UnknownMeaning(
                    f"{name}, a global that is no constant", "pass it as an argument"
                )

    def _assigned(self, name: str, value: ast.expr) -> Meaning | None:
        lit = literal_of(value)
        if lit is not None and isinstance(lit.value, bool | int | float):
            return ConstantMeaning(name, lit.type, lit.value)
        match value:
            case ast.Lambda():
                return FunctionMeaning(self.user_function("function", value))
            case ast.Name(id=other) if other != name:
                return self.lookup(other)
            case ast.Attribute(value=ast.Name(id=other), attr=attr):
                owner = self.lookup(other)
                if isinstance(owner, ModuleMeaning):
                    member = owner.members.lookup(attr)
                    if not isinstance(member, ConstantMeaning):
                        return member
        if is_pure(value):
            if not self.may_change(name, value):
                return ExpressionMeaning(name, value, self, self.path)
            return UnknownMeaning(
                f"{name}, a global that may be changed", "make it in the function, or pass it"
            )
        return UnknownMeaning(
            f"{name}, a global that is no literal",
            "make it a number, or pass it as an argument",
        )

    # Classes.

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        assert meaning.node is not None
        known = self._classes.get(meaning.node)
        if known is None:
            known = self._classes[meaning.node] = StaticClass(meaning, self)
        return known

    def method(self, node: ast.FunctionDef, decorators: Sequence[ast.expr]) -> Meaning:
        """A function in a class, but for these decorators a plain one."""
        for decorator in decorators:
            if not harmless(decorator, self.bindings, True):
                return UnknownMeaning(
                    f"{node.name}, which is decorated with {ast.unparse(decorator)}",
                    "take the decorator off",
                )
        return FunctionMeaning(self.user_function(node.name, node))

    def may_change(self, name: str, value: ast.expr) -> bool:
        """May what a name of the module is bound to be changed by the file?

        It may where something is stored into it, where it is handed to other code at the
        top level, and where a method may do so.
        """
        if not any(map(makes, ast.walk(value))):
            return False
        if any(
            isinstance(info, StaticClass) and info.changes_itself()
            for info in map(info_of, self._classes_called(value))
        ):
            return True
        return name in self.changes.names

    def may_change_attribute(self, name: str, value: ast.expr) -> bool:
        """May the file change what is bound to a name in the body of a class?"""
        return any(map(makes, ast.walk(value))) and name in self.changes.attributes

    def writes_attribute(self, owner: str, name: str) -> bool:
        """Is `owner.name` bound anywhere in the file?"""
        return (owner, name) in self.changes.bound_attributes

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.tree)

    def _classes_called(self, value: ast.expr) -> Iterator[ClassMeaning]:
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                meaning = self.lookup(node.func.id)
                if isinstance(meaning, ClassMeaning) and not meaning.exception:
                    yield meaning

    def meaning_of_expression(self, node: ast.expr, name: str = "") -> Meaning:
        """What an expression of the module's top means."""
        match node:
            case ast.Subscript(value):
                return self.meaning_of_expression(value, name)
            case ast.Name(other):
                found = self.lookup(other)
            case ast.Attribute(ast.Name(other), attr):
                owner = self.lookup(other)
                found = owner.members.lookup(attr) if isinstance(owner, ModuleMeaning) else None
                found = found or self._assigned(ast.unparse(node), node)
            case _:
                found = self._assigned(name or ast.unparse(node), node)
        return found or UnknownMeaning(f"{ast.unparse(node)}, which is not defined")

    def entry(self, name: str) -> Meaning | None:
        """What is to be differentiated: it may have s2sad's decorators."""
        last = self.bindings[name][-1]
        if isinstance(last, ast.FunctionDef) and last in self.tree.body:
            return self._function(last, entry=True)
        return self.lookup(name)

    def _function(self, node: ast.FunctionDef, entry: bool = False) -> Meaning:
        helper = node.name in HELPERS and helper_named(node.name, ast.unparse(node))
        if helper:
            from s2sad.ops.arrays.core import lookup_array

            if lookup_array(node.name):
                return PrimitiveMeaning(node.name)
            return RuleMeaning(helper)
        for decorator in node.decorator_list:
            if gives_rule(decorator, self.bindings) and len(node.decorator_list) == 1:
                return declared(decorator, node, self)
            if not harmless(decorator, self.bindings, entry):
                return UnknownMeaning(
                    f"{node.name}, which is decorated with {ast.unparse(decorator)}",
                    "take the decorator off",
                )
        return FunctionMeaning(self.user_function(node.name, node))

    def user_function(self, name: str, node: ast.FunctionDef | ast.Lambda) -> UserFunction:
        check_syntax(self.path, node)
        doc = ast.get_docstring(node, clean=False) if isinstance(node, ast.FunctionDef) else ""
        defaults = dict(self._defaults(node.args))
        cached = isinstance(node, ast.FunctionDef) and any(map(keeps, node.decorator_list))
        text, doc = self.text, doc or ""
        meant = {
            arg.arg: self.meaning_of_expression(value, arg.arg)
            for arg, value in _with_defaults(node.args)
            if isinstance(value, ast.Tuple) and all(map(literal_of, value.elts))
        }
        return UserFunction(
            name, name, self.path, node, self, text, doc, defaults, None, cached, meant
        )

    def _defaults(self, args: ast.arguments) -> Iterator[tuple[str, Lit | None]]:
        for arg, default in _with_defaults(args):
            yield arg.arg, self._default(default)

    def _default(self, node: ast.expr) -> Lit | None:
        if isinstance(node, ast.Name):
            meaning = self.lookup(node.id)
            return literal(meaning.value) if isinstance(meaning, ConstantMeaning) else None
        return literal_of(node)

    def _is_exception(self, node: ast.ClassDef) -> bool:
        for base in node.bases:
            if isinstance(base, ast.Name):
                meaning = lookup_class(self, base.id) if base.id != node.name else None
                if isinstance(meaning, ClassMeaning) and meaning.exception:
                    return True
        return False

    def _definition(self, node: ast.ClassDef) -> tuple[str, ...] | None:
        """The texts of an exception class that needs nothing else; None if it does."""
        if node.decorator_list or node.keywords or not all(map(_plain, node.body)):
            return None
        texts: dict[str, None] = {}
        for base in node.bases:
            meaning = self.lookup(base.id) if isinstance(base, ast.Name) else None
            if not isinstance(meaning, ClassMeaning) or not meaning.exception:
                return None
            if meaning.found is None:
                if not meaning.definition or meaning.file != self.path:
                    return None
                texts.update(dict.fromkeys(meaning.definition))
        return (*texts, ast.unparse(node))

    # Imports.

    def _imported(self, name: str, aliases: list[ast.alias]) -> Meaning:
        for alias in aliases:
            if alias.asname == name:
                return self.imported_module(alias.name, 0)
            if alias.asname is None and alias.name.split(".")[0] == name:
                return self.imported_module(name, 0)
        raise AssertionError(name)

    def _imported_from(self, stmt: ast.ImportFrom, name: str) -> Meaning | None:
        module = self.imported_module(stmt.module or "", stmt.level)
        if not isinstance(module, ModuleMeaning):
            return module
        member = module.members.lookup(name)
        if member is None and module.name not in _OURS:
            submodule = self.imported_module(
                f"{stmt.module}.{name}" if stmt.module else name, stmt.level
            )
            return submodule if isinstance(submodule, ModuleMeaning) else None
        return member

    def imported_module(self, dotted: str, level: int) -> Meaning:
        if not level and dotted in _OURS:
            return ModuleMeaning(dotted, _OURS[dotted])
        if not level and dotted in OUTSIDE:
            return ModuleMeaning(dotted, _Outside(dotted))
        if not level and dotted in _SAFE:
            return ModuleMeaning(
                dotted, LiveNamespace.of_module(importlib.import_module(dotted))
            )
        if not level and dotted.split(".")[0] in _LIBRARIES:
            return _library(dotted)
        here = os.path.dirname(os.path.abspath(self.path))
        roots = [here, *sys.path]
        if level:
            for _ in range(level - 1):
                here = os.path.dirname(here)
            roots = [here]
        path = find_module(dotted, roots)
        if path is None:
            return UnknownMeaning(f"{dotted}, a module without a Python file here")
        return ModuleMeaning(dotted, _Package(path, dotted))


def _library(dotted: str) -> Meaning:
    """A library that is installed, no part of the program: its functions are known."""
    try:
        return ModuleMeaning(dotted, LiveNamespace.of_module(importlib.import_module(dotted)))
    except ImportError:
        return UnknownMeaning(f"{dotted}, which is not installed", "install it")


_LIBRARIES = frozenset({"numpy", "scipy"})


class _S2sad:
    """What user code may import from s2sad."""

    def imported_module(self, dotted: str, level: int) -> Meaning:
        return UnknownMeaning(f"s2sad.{dotted}")

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        raise NotImplementedError

    def lookup(self, name: str) -> Meaning | None:
        if name in ("stop_gradient", "cotangent"):
            return PrimitiveMeaning(f"s2sad.{name}")
        return UnknownMeaning(f"s2sad.{name} inside a function", "call the function itself")


class _Outside:
    """A module whose source is no part of the program: it is known by its names."""

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted

    def imported_module(self, dotted: str, level: int) -> Meaning:
        return UnknownMeaning(f"{self.dotted}.{dotted}")

    def lookup(self, name: str) -> Meaning | None:
        return ClassMeaning(f"{self.dotted}.{name}", False)

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        raise NotImplementedError


class _Package:
    """A module found on the path, and the modules inside it."""

    def imported_module(self, dotted: str, level: int) -> Meaning:
        return UnknownMeaning(f"{self.dotted}.{dotted}")

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        raise NotImplementedError

    def __init__(self, path: str, dotted: str) -> None:
        self.path = path
        self.dotted = dotted

    def lookup(self, name: str) -> Meaning | None:
        meaning = None
        if not os.path.isdir(self.path):
            module = load_module(self.path, os.stat(self.path).st_mtime_ns)
            known = name in module.bindings or "*" in module.bindings
            meaning = module.lookup(name) if known else None
            if not self.path.endswith("__init__.py"):
                return meaning
        if meaning is not None:
            return meaning
        folder = self.path if os.path.isdir(self.path) else os.path.dirname(self.path)
        inner = find_module(name, [folder])
        return ModuleMeaning(f"{self.dotted}.{name}", _Package(inner, name)) if inner else None


# Modules of the standard library that may be looked at as they are.
_SAFE = frozenset(
    {
        "abc", "collections", "collections.abc", "dataclasses", "enum", "functools",
        "itertools", "operator", "typing",
    }
)  # fmt: skip
_OURS: dict[str, Namespace] = {"math": LiveNamespace.of_module(math), "s2sad": _S2sad()}


@lru_cache(maxsize=64)
def load_module(path: str, _changed: int) -> StaticModule:
    return StaticModule(path)


def _with_defaults(args: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    positional = [*args.posonlyargs, *args.args]
    late = positional[len(positional) - len(args.defaults) :]
    pairs = [*zip(late, args.defaults, strict=True)]
    return pairs + [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
