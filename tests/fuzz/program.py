"""What the generator makes and everything else takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

Argument: TypeAlias = "float | int"


@dataclass(frozen=True)
class Program:
    """A module's source, the function in it, and arguments to call it with.

    Float arguments are differentiated, int arguments are counts. ``points`` are more
    arguments, which lead to other paths.
    """

    source: str
    function: str
    arguments: tuple[Argument, ...]
    points: tuple[tuple[Argument, ...], ...] = ()

    @property
    def active(self) -> tuple[int, ...]:
        """The positions of the float arguments."""
        return tuple(i for i, a in enumerate(self.arguments) if isinstance(a, float))

    def at_points(self) -> Iterator[Program]:
        """The program at each of its arguments."""
        for arguments in (self.arguments, *self.points):
            yield replace(self, arguments=arguments, points=())

    def describe(self) -> str:
        """The program as a file that can be run."""
        call = f"{self.function}({', '.join(map(repr, self.arguments))})"
        more = "".join(f"# {self.function}{point!r}\n" for point in self.points)
        return f"{self.source.rstrip()}\n\n\n# {call}\n{more}"
