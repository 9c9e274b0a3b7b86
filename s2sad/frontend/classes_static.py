"""What is known of a class that is read off a file: as `classes.py`, without running it."""

from __future__ import annotations

import ast
import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.frontend.classes import Field, Member, info_of
from s2sad.frontend.files import literal_of
from s2sad.frontend.resolve import (
    ClassMeaning,
    FunctionMeaning,
    LiteralMeaning,
    Meaning,
    Namespace,
    UnknownMeaning,
)

if TYPE_CHECKING:
    from typing import Protocol

    class Module(Namespace, Protocol):
        """What a class asks of the module, or the function, that it stands in."""

        def meaning_of_expression(self, node: ast.expr, name: str = "") -> Meaning: ...

        def may_change_attribute(self, name: str, value: ast.expr) -> bool: ...

        def writes_attribute(self, owner: str, name: str) -> bool: ...

        def method(self, node: ast.FunctionDef, decorators: Sequence[ast.expr]) -> Meaning: ...


_OWN_WAYS = ("__new__", "__getattribute__", "__getattr__", "__setattr__", "__init_subclass__")
_HARMLESS = frozenset({"final", "runtime_checkable"})
_HARMLESS_METHODS = frozenset({"abstractmethod", "override", "final"})
# Classes of the standard library to derive from: they add nothing to the objects.
_PLAIN = frozenset({"ABC", "Generic", "Protocol", "object", "NamedTuple"})


def last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value) | ast.Call(func=value):
            return last_name(value)
        case _:
            return ""


class StaticClass:
    """The members, fields and ancestors of a class, by its text."""

    def __init__(self, meaning: ClassMeaning, module: Module) -> None:
        assert meaning.node is not None
        self.meaning = meaning
        self.node = meaning.node
        self.module = module
        self.stmts: dict[str, list[ast.stmt]] = {}
        odd = ""
        for stmt in self.node.body:
            names = _bound(stmt)
            if names is None:
                odd = f"a class with `{ast.unparse(stmt).splitlines()[0]}` in its body"
            for name in names or ():
                self.stmts.setdefault(name, []).append(stmt)
        self.named_tuple = any(last_name(base) == "NamedTuple" for base in self.node.bases)
        self.bases, strange = self._bases()
        self.ancestors, tangled = _linear(self.meaning, self.bases)
        decorator = next((d for d in self.node.decorator_list if _is_dataclass(d)), None)
        self.dataclass = decorator is not None
        options = _options(decorator)
        inherited = [info_of(base) for base in self.bases]
        self.frozen = options.get("frozen", any(base.frozen for base in inherited))
        equal = options.get("eq", True) if self.dataclass else False
        self.compared_by_fields = equal or any(b.compared_by_fields for b in inherited)
        self.ordered = self.dataclass and options.get("order", False)
        self.made_by_fields = self.dataclass and options.get("init", True)
        self.all_keyword_only = options.get("kw_only", False)
        self.refusal = (
            odd or strange or tangled or self._own_ways() or self._decorated() or ""
        ) or next((base.refusal for base in inherited if base.refusal), "")
        self.fields = None if self.refusal else self._fields()

    def _own_ways(self) -> str:
        for keyword in self.node.keywords:
            if keyword.arg != "metaclass" or last_name(keyword.value) != "ABCMeta":
                return f"a class with {keyword.arg or 'keywords'}"
        return next((f"a class with {name}" for name in _OWN_WAYS if name in self.stmts), "")

    def _decorated(self) -> str:
        for decorator in self.node.decorator_list:
            if not _is_dataclass(decorator) and last_name(decorator) not in _HARMLESS:
                return f"a class decorated with {ast.unparse(decorator)}"
        return ""

    def _bases(self) -> tuple[tuple[ClassMeaning, ...], str]:
        found: list[ClassMeaning] = []
        for base in self.node.bases:
            name = last_name(base)
            if name in _PLAIN:
                continue
            meaning = self.module.meaning_of_expression(base)
            if not isinstance(meaning, ClassMeaning) or meaning.exception:
                return (), f"a class derived from {ast.unparse(base)}"
            found.append(meaning)
        return tuple(found), ""

    def _fields(self) -> tuple[Field, ...] | None:
        if "__init__" in self.stmts or not (self.made_by_fields or self.named_tuple):
            inherited = [info_of(base) for base in self.bases]
            if "__init__" in self.stmts or self.dataclass:
                return None
            return next((base.fields for base in inherited if base.fields is not None), None)
        fields: dict[str, Field] = {}
        for ancestor in reversed(self.ancestors[1:]):
            for field in info_of(ancestor).fields or ():
                fields[field.name] = field
        keyword_only = self.all_keyword_only
        for stmt in self.node.body:
            match stmt:
                case ast.AnnAssign(ast.Name(name), annotation, value):
                    if last_name(annotation) == "KW_ONLY":
                        keyword_only = True
                    elif last_name(annotation) != "ClassVar":
                        fields[name] = self._field(name, value, keyword_only)
                case _:
                    pass
        return tuple(fields.values())

    def _field(self, name: str, value: ast.expr | None, keyword_only: bool) -> Field:
        if isinstance(value, ast.Call) and last_name(value.func) == "field":
            words = {k.arg: k.value for k in value.keywords}
            default, factory = words.get("default"), words.get("default_factory")
            own = words.get("kw_only")
            return Field(
                name,
                self.value(name, default) if default else None,
                self.module.meaning_of_expression(factory) if factory else None,
                not _is_false(words.get("init")),
                keyword_only if own is None else not _is_false(own),
            )
        return Field(
            name, self.value(name, value) if value else None, keyword_only=keyword_only
        )

    def value(self, name: str, node: ast.expr) -> Meaning:
        """A default, or a value in the body of the class."""
        lit = literal_of(node)
        if lit is not None:
            return LiteralMeaning(lit)
        if self.module.may_change_attribute(name, node):
            what = f"{name} of {self.node.name}, which may be changed"
            return UnknownMeaning(what, "make it in __init__")
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if names & self.stmts.keys():
            what = f"{name}, which is made of others in the class {self.node.name}"
            return UnknownMeaning(what, "write it out")
        return self.module.meaning_of_expression(node, name)

    def own(self, name: str) -> Member | None:
        stmts = self.stmts.get(name)
        if not stmts:
            return None
        owner = self.meaning
        if self.module.writes_attribute(self.node.name, name):
            what = f"{name} of {self.node.name}, which is changed in the file"
            return Member("value", UnknownMeaning(what, "pass it as an argument"), owner)
        match stmts[-1]:
            case ast.FunctionDef():
                return self._function(
                    name, [s for s in stmts if isinstance(s, ast.FunctionDef)]
                )
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if (
                len(stmts) == 1
            ):
                if self.fields is not None and self._is_field(stmts[-1], name):
                    lit = literal_of(value)
                    return Member("value", LiteralMeaning(lit), owner) if lit else None
                meaning = self.value(name, value)
                kind = "method" if isinstance(meaning, FunctionMeaning) else "value"
                return Member(kind, meaning, owner)
            case ast.AnnAssign():
                return None
            case _:
                what = f"{name}, which the class {self.node.name} binds several times"
                return Member("value", UnknownMeaning(what, "bind it once"), owner)

    def _is_field(self, stmt: ast.stmt, name: str) -> bool:
        known = any(field.name == name for field in self.fields or ())
        return known and isinstance(stmt, ast.AnnAssign)

    def _function(self, name: str, nodes: Sequence[ast.FunctionDef]) -> Member:
        last, kind, setter = nodes[-1], "method", None
        if any(_is_setter(d) for d in last.decorator_list):
            setter, last = self.module.method(last, ()), nodes[-2]
        rest = []
        for decorator in last.decorator_list:
            match last_name(decorator):
                case "staticmethod" | "classmethod" | "property" as word:
                    kind = {"staticmethod": "static", "classmethod": "class"}.get(word, word)
                case word if word not in _HARMLESS_METHODS:
                    rest.append(decorator)
        return Member(kind, self.module.method(last, rest), self.meaning, setter)

    def changes_itself(self) -> bool:
        """Does a method other than `__init__` write to an attribute, or into one?"""
        for name, stmts in self.stmts.items():
            if name in ("__init__", "__post_init__"):
                continue
            for node in (n for stmt in stmts for n in ast.walk(stmt)):
                if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(
                    node.ctx, ast.Load
                ):
                    return True
        return any(
            info.changes_itself()
            for info in map(info_of, self.bases)
            if isinstance(info, StaticClass)
        )


def _bound(stmt: ast.stmt) -> list[str] | None:
    """The names that a statement of a class body binds; None for one that is not followed."""
    match stmt:
        case ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets) if all(isinstance(t, ast.Name) for t in targets):
            return [t.id for t in targets if isinstance(t, ast.Name)]
        case ast.AnnAssign(ast.Name(name)):
            return [name]
        case ast.Pass() | ast.Expr(ast.Constant()):
            return []
        case _:
            return None


def _is_dataclass(decorator: ast.expr) -> bool:
    return last_name(decorator) == "dataclass"


def _is_setter(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Attribute) and decorator.attr == "setter"


def _options(decorator: ast.expr | None) -> dict[str, bool]:
    if not isinstance(decorator, ast.Call):
        return {}
    return {k.arg: not _is_false(k.value) for k in decorator.keywords if k.arg is not None}


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _linear(
    meaning: ClassMeaning, bases: tuple[ClassMeaning, ...]
) -> tuple[tuple[ClassMeaning, ...], str]:
    """The class and its ancestors in the order in which Python looks (C3)."""
    lines = [list(info_of(base).ancestors) for base in bases] + [list(bases)]
    found = [meaning]
    while any(lines):
        lines = [line for line in lines if line]
        heads = (line[0] for line in lines)
        head = next((h for h in heads if not any(h in line[1:] for line in lines)), None)
        if head is None:
            return (meaning,), "a class whose bases have no common order"
        found.append(head)
        lines = [[c for c in line if c != head] for line in lines]
    return tuple(found), ""


def enum_of(node: ast.ClassDef, path: str) -> Meaning:
    """An enum of literals is made here anew: of the file nothing runs."""
    members: list[tuple[str, object]] = []
    unknown = UnknownMeaning(
        f"{node.name}, an enum of more than literals", "give its members literals"
    )
    for stmt in node.body:
        match stmt:
            case ast.Assign([ast.Name(name)], value) if not name.startswith("_"):
                if isinstance(value, ast.Call) and last_name(value) == "auto":
                    members.append((name, enum.auto()))
                    continue
                try:
                    members.append((name, ast.literal_eval(value)))
                except ValueError:
                    return unknown
            case ast.Expr(ast.Constant()) | ast.Pass():
                continue
            case _:
                return unknown
    if len(node.bases) != 1 or node.keywords or node.decorator_list or not members:
        return unknown
    made = enum.Enum(node.name, members)  # type: ignore[misc]
    return ClassMeaning(node.name, False, made, None, None, path)
