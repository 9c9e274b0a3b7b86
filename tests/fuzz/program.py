"""What the generator makes and everything else takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Argument: TypeAlias = "float | int"


@dataclass(frozen=True)
class Program:
    """A module's source, the function in it, and arguments to call it with.

    Float arguments are differentiated, int arguments are counts.
    """

    source: str
    function: str
    arguments: tuple[Argument, ...]

    @property
    def active(self) -> tuple[int, ...]:
        """The positions of the float arguments."""
        return tuple(i for i, a in enumerate(self.arguments) if isinstance(a, float))

    def describe(self) -> str:
        """The program as a file that can be run."""
        call = f"{self.function}({', '.join(map(repr, self.arguments))})"
        return f"{self.source.rstrip()}\n\n\n# {call}\n"
