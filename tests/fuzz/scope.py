"""What a function under construction may refer to."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

T = TypeVar("T")

# Magnitudes are estimated so that programs stay tame: variables are kept below CAP.
CAP = 8.0


class Term(NamedTuple):
    """An expression's text and a bound, only nominal, of its absolute value."""

    text: str
    bound: float


class Parameter(NamedTuple):
    """A parameter: ``kind`` is float or int, ``style`` any, positional or keyword."""

    name: str
    kind: str
    default: str | None = None
    style: str = "any"


@dataclass(frozen=True)
class Helper:
    """A function that can be called: its shape and its cost in loop passes."""

    name: str
    parameters: tuple[Parameter, ...]
    pair: bool = False
    cost: int = 1


@dataclass(frozen=True)
class Imports:
    """How a module spells ``math``: aliases of the module, names bound to functions."""

    lines: tuple[str, ...]
    aliases: tuple[str, ...]
    functions: tuple[tuple[str, str], ...] = ()


@dataclass
class Module:
    """What the module offers to its functions."""

    imports: Imports
    constants: dict[str, Term] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    helpers: list[Helper] = field(default_factory=list)

    def taken(self) -> set[str]:
        """Every name bound at module level."""
        functions = {local for local, _ in self.imports.functions}
        names = {*self.imports.aliases, *functions, *self.constants, *self.counts}
        return names | {h.name for h in self.helpers}


@dataclass
class Scope:
    """The names bound at a point of a function.

    ``floats`` hold numbers (float or int), ``ints`` small non-negative counts with
    their bounds, ``flags`` booleans.  Names in ``fixed`` are not assigned to here.
    ``passes`` bounds how often this point is reached in one call.  ``loop_variable`` is
    that of the innermost loop, which its body may overwrite.
    """

    module: Module
    local: frozenset[str]
    floats: dict[str, float] = field(default_factory=dict)
    ints: dict[str, int] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    helpers: list[Helper] = field(default_factory=list)
    fixed: set[str] = field(default_factory=set)
    aliases: tuple[str, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    passes: int = 1
    loops: int = 0
    blocks: int = 0
    loop_variable: str = ""

    def copy(self) -> Scope:
        """The scope of a nested block."""
        return Scope(
            self.module,
            self.local,
            dict(self.floats),
            dict(self.ints),
            set(self.flags),
            list(self.helpers),
            set(self.fixed),
            self.aliases,
            self.functions,
            self.passes,
            self.loops,
            self.blocks + 1,
            self.loop_variable,
        )

    def bind_float(self, name: str, bound: float) -> None:
        """After an assignment of a number."""
        self.unbind(name)
        self.floats[name] = max(bound, 1e-3)

    def bind_int(self, name: str, bound: int) -> None:
        """After an assignment of a count."""
        self.unbind(name)
        self.ints[name] = bound

    def bind_flag(self, name: str) -> None:
        """After an assignment of a boolean."""
        self.unbind(name)
        self.flags.add(name)

    def unbind(self, name: str) -> None:
        """Forget what the name held."""
        self.floats.pop(name, None)
        self.ints.pop(name, None)
        self.flags.discard(name)
        self.helpers = [h for h in self.helpers if h.name != name]

    def join(self, branches: list[Scope]) -> None:
        """Keep what every branch binds; a count stays one if all agree."""
        names = set.intersection(*({*b.floats, *b.ints} for b in branches))
        self.flags = set.intersection(*(b.flags for b in branches))
        ints = [n for n in names if all(n in b.ints for b in branches)]
        self.ints = {n: max(b.ints[n] for b in branches) for n in sorted(ints)}
        rest = sorted(names - set(ints))
        self.floats = {n: max(b.numbers()[n] for b in branches) for n in rest}
        self.helpers = [h for h in self.helpers if all(h in b.helpers for b in branches)]

    def constants(self) -> dict[str, Term]:
        """Numeric globals that no local hides."""
        return {n: t for n, t in self.module.constants.items() if n not in self.local}

    def numbers(self) -> dict[str, float]:
        """Every readable number with its bound."""
        return {**self.floats, **{n: float(b) for n, b in self.ints.items()}}

    def counts(self) -> dict[str, int]:
        """Every readable count with its bound, globals included."""
        known = {n: b for n, b in self.module.counts.items() if n not in self.local}
        return {**known, **self.ints}

    def builtin(self, name: str) -> bool:
        """Whether the name still means the builtin."""
        return name not in self.local and name not in self.module.taken()

    def spell(self, rng: random.Random, function: str) -> str | None:
        """A way to name a function of math, if one is left."""
        ways = [local for local, original in self.functions if original == function]
        ways += [f"{alias}.{function}" for alias in self.aliases]
        return rng.choice(ways) if ways else None


def pick(rng: random.Random, choices: dict[T, int]) -> T:
    """One of the keys, with the values as weights."""
    return rng.choices(list(choices), list(choices.values()))[0]
