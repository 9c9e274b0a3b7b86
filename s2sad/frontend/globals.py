"""The globals that a program reads: resolved once, noted for the wrapper and the header."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from s2sad.errors import Loc, S2sadError, UnsupportedFunction, UnsupportedSyntax
from s2sad.frontend import library
from s2sad.frontend.classes import Member
from s2sad.frontend.live import (
    MADE_MANAGER,
    LiveNamespace,
    LiveNumber,
    array_type,
    snapshot,
)
from s2sad.frontend.resolve import (
    ClassMeaning,
    ConstantMeaning,
    FunctionMeaning,
    Held,
    Meaning,
    ModuleMeaning,
    Namespace,
    NumberMeaning,
    ObjectMeaning,
    declare,
)
from s2sad.frontend.source import UserFunction, from_function
from s2sad.ir.node import replace
from s2sad.ir.types import GENERATOR, INT, Array
from s2sad.watched import MISSING, Dependency

if TYPE_CHECKING:
    from s2sad.frontend.declared import Declared
    from s2sad.ir.nodes import Func

_OURS = os.path.dirname(library.__file__)
# Modules whose names stay what they are.
_FIXED = ("math", "numpy", "s2sad.frontend.library", "s2sad.frontend.arrays.library")


class Constant(NamedTuple):
    """A module constant that goes into the output by its literal."""

    name: str
    value: float | int | bool


class Globals:
    def __init__(self) -> None:
        self.dependencies: dict[tuple[int, int, str], Dependency] = {}
        self.live: dict[str, LiveNumber] = {}
        # The names that were asked for, in whichever namespace.
        self.looked_up: set[str] = set()
        self.constants: dict[str, Constant] = {}
        self.sources: dict[str, str] = {}
        self.declared: dict[str, Declared] = {}
        self.cotangents: dict[str, Func] = {}  # the blocks that reverse sweeps run
        self.classes: dict[str, ClassMeaning] = {}
        # Of what is there before the call: what is read, what is changed and where. By the
        # object and the attribute, "" for what a list or a dict holds; with its class. The
        # same of arguments, of which only the class and the attribute are known.
        self.world_reads: dict[tuple[int, str], object] = {}
        self.world_changes: dict[tuple[int, str], tuple[str, Loc]] = {}
        self.given_changes: dict[tuple[object, str], tuple[str, Loc]] = {}
        # The globals that are counted, and the module that the output lives in.
        self.counted: dict[str, Loc] = {}
        self.home: Namespace | None = None
        self._meanings: dict[tuple[Namespace, str], Meaning | None] = {}
        self._functions: dict[int, UserFunction] = {}
        self._owners: dict[str, object] = {}

    def is_count(self, name: str) -> bool:
        """Is a global used as an int anywhere in the program?"""
        raise NotImplementedError

    def note_source(self, function: UserFunction) -> None:
        if function.source and not function.file.startswith(_OURS):
            self.sources.setdefault(function.file, function.source)

    def global_meaning(self, namespace: Namespace, name: str) -> Meaning | None:
        key = namespace, name
        if key not in self._meanings:
            self._meanings[key] = self._noted(namespace, name)
        return self._meanings[key]

    def _noted(self, namespace: Namespace, name: str) -> Meaning | None:
        meaning = namespace.lookup(name)
        self.looked_up.add(meaning.name if isinstance(meaning, ConstantMeaning) else name)
        match meaning:
            case NumberMeaning():
                return self._number(namespace, meaning)
            case ConstantMeaning():
                return self._constant(namespace, meaning)
            case None:
                return None
            case _:
                self._watch(namespace, name)
                return meaning

    def class_meaning_of(self, member: Member, name: str) -> Meaning:
        """What a class holds; noted, as it may be replaced."""
        self.looked_up.add(name)
        found = member.owner.found
        if isinstance(found, type):
            names = cast("Mapping[str, object]", vars(found))
            value = names.get(name)
            dependency = Dependency(name, value, names, None, snapshot(value, name))
            self.dependencies.setdefault((id(found), 0, name), dependency)
            if array_type(value, name) is not None:
                known = self._output_name(name, id(names))
                self.live.setdefault(known, LiveNumber(known, name, names, None))
                return NumberMeaning(known, array_type(value, known) or INT)
        return member.meaning

    def change_world(self, held: Held, name: str, part: str, loc: Loc) -> str:
        """The name by which the output changes an object of the module."""
        known = self._output_name(name.replace(".", "_"), id(held.found))
        self.looked_up.add(known)
        names = {known: held.found}
        self.live.setdefault(known, LiveNumber(known, known, names, None))
        self.world_changes.setdefault((id(held.found), part), (name, loc))
        for key, dependency in self.dependencies.items():
            if dependency.value is held.found:
                # What it holds is not compiled in.
                self.dependencies[key] = dependency._replace(content=MISSING)
        return known

    def count_global(self, namespace: Namespace, name: str, loc: Loc) -> None:
        """`global n; n += 1`, in the module that the output lives in."""
        if not isinstance(namespace, LiveNamespace):
            what = f"a change of the global {name}, which a file that is written cannot make,"
            raise UnsupportedSyntax(what, loc, "pass it as an argument and return it")
        if not self.home_is(namespace):
            what = f"a change of {name}, a global of another module,"
            raise UnsupportedSyntax(what, loc, "count in a dict or an object")
        self.looked_up.add(name)
        self.live.setdefault(name, LiveNumber(name, name, namespace.names, None))
        self.counted[name] = loc

    def home_is(self, namespace: Namespace) -> bool:
        home = self.home
        return (
            isinstance(namespace, LiveNamespace)
            and isinstance(home, LiveNamespace)
            and namespace.names is home.names
        )

    def check_counted(self) -> None:
        for namespace, name in self._meanings:
            if name in self.counted and self.home_is(namespace):
                raise UnsupportedSyntax(
                    f"a change of {name}, which outlives the call and may be read in it,",
                    self.counted[name],
                    "pass it as an argument and return it",
                )

    def check_world(self) -> None:
        """What is read of the module is read once, so that nothing may change it."""
        self.check_counted()
        alike = {(cls, name) for (_, name), cls in self.world_reads.items()}
        changes = {k: v for k, v in self.world_changes.items() if k in self.world_reads}
        given = {k: v for k, v in self.given_changes.items() if k in alike}
        for (_, part), (name, loc) in (*changes.items(), *given.items()):
            whole = f"{name}.{part}" if part else name
            raise UnsupportedSyntax(
                f"a change of {whole}, which outlives the call and may be read in it,",
                loc,
                "pass it as an argument and return it",
            )

    def attribute_meaning(self, owner: ObjectMeaning, name: str) -> Meaning | None:
        """What an object of the module has of its own; that it has none is noted too."""
        names = owner.held.members
        self.world_reads[id(owner.held.found), name] = owner.cls.found
        found = self.global_meaning(names, name)
        if found is None:
            self._watch(names, name)
        return found

    def member_meaning(self, owner: ModuleMeaning, name: str) -> Meaning | None:
        return self.global_meaning(owner.members, name)

    def watch_rule(self, primitive: str) -> None:
        """A user's rule is compiled in: one that is registered anew is another one."""
        rules = sys.modules.get("s2sad.rules")
        if rules is None or primitive not in rules.BOUND:
            return
        state = rules.STATE
        dependency = Dependency("registered", state["registered"], state, None)
        self.dependencies.setdefault((id(state), id(None), "registered"), dependency)

    def declare(self, declared: Declared, loc: Loc) -> None:
        """A rule that a file declares is used."""
        other = self.declared.setdefault(declared.__name__, declared)
        if other.file != declared.file:
            raise UnsupportedFunction(
                f"{declared.__name__} is in {declared.file} and in {other.file}",
                loc,
                "rename one of the files",
            )
        self.sources.setdefault(declared.file, declared.text)
        declare(declared)

    def _watch(self, namespace: Namespace, name: str) -> None:
        if isinstance(namespace, LiveNamespace) and namespace.module not in _FIXED:
            dependency = namespace.watch(name)
            key = id(dependency.names), id(dependency.cell), name
            self.dependencies.setdefault(key, dependency)

    def _number(self, namespace: Namespace, meaning: NumberMeaning) -> Meaning:
        assert isinstance(namespace, LiveNamespace)
        value = namespace.read(meaning.name)
        if isinstance(meaning.type, Array):
            self._watch(namespace, meaning.name)
        count = isinstance(value, int) and self.is_count(meaning.name)
        known = namespace.cells.get(meaning.name, None)
        owner = id(namespace.names if known is None else known)
        name = self._output_name(meaning.name, owner)
        self.live.setdefault(name, namespace.number(meaning.name, name))
        if meaning.type == GENERATOR:
            return NumberMeaning(name, GENERATOR)
        type_ = INT if count else array_type(value, name) or meaning.type
        return NumberMeaning(name, type_)

    def _constant(self, namespace: Namespace, meaning: ConstantMeaning) -> Meaning:
        if "." in meaning.name:
            return meaning
        name = self._output_name(meaning.name, id(namespace))
        self.constants.setdefault(name, Constant(name, meaning.value))
        return replace(meaning, name=name)

    def _output_name(self, name: str, owner: object) -> str:
        """Globals of one name in two modules get two names."""
        candidate, number = name, 1
        while self._owners.setdefault(candidate, owner) != owner:
            number += 1
            candidate = f"{name}_{number}"
        return candidate

    def need_class(self, meaning: ClassMeaning, loc: Loc | None = None) -> None:
        if getattr(meaning.namespace, "frame", None) is not None:
            raise UnsupportedSyntax(
                f"an object of {meaning.name}, a class inside a function, as the result",
                loc,
                "move the class out of the function",
            )
        known = self.classes.setdefault(meaning.name, meaning)
        if known != meaning:
            raise UnsupportedSyntax(
                f"two classes are called {meaning.name}", loc, "rename one of them"
            )

    def function_of(self, meaning: FunctionMeaning, loc: Loc) -> UserFunction:
        found = meaning.found
        if isinstance(found, UserFunction):
            return found
        if getattr(found, "__code__", None) is MADE_MANAGER:
            name = getattr(found, "__name__", "")
            raise UnsupportedSyntax(
                f"the context manager {name}, but for a `with` in its own file,",
                loc,
                "write the `with` there, or try and finally",
            )
        known = self._functions.get(id(found))
        if known is None:
            try:
                known = from_function(found)
            except S2sadError as error:
                if error.loc is None:
                    raise type(error)(error.what, loc, error.instead) from None
                raise
            self._functions[id(found)] = known
        return known

    def function_if_found(self, meaning: FunctionMeaning) -> UserFunction | None:
        """None for a function that will be refused where it is called."""
        try:
            return self.function_of(meaning, Loc("", 0, 0))
        except S2sadError:
            return None
