"""What is asked for: functions, parameters, types; its one spelling as a command."""

from __future__ import annotations

import os
from typing import NamedTuple

from s2sad.cli.generated import Problem


class Target(NamedTuple):
    """`FILE:FUNCTION`, its file relative to where the command is run."""

    file: str
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.function}"


class Request(NamedTuple):
    """What is to be differentiated, and how; `command` is its one spelling."""

    targets: tuple[Target, ...]
    out: str | None = None
    wrt: tuple[str, ...] = ()
    of: int | None = None
    types: tuple[tuple[str, str], ...] = ()
    level: int = 1
    verb: str = "grad"
    order: int | None = None
    jit: str | None = None
    checkpoint: str | None = None
    snapshots: int | None = None
    memory: int | None = None
    strict: bool = False

    def command(self) -> list[str]:
        """The command line that asks for this."""
        words = ["s2sad", self.verb, *map(str, self.targets)]
        if self.out is not None:
            words += ["-o", self.out]
        if self.wrt:
            words += ["--wrt", ",".join(self.wrt)]
        if self.of is not None:
            words += ["--of", str(self.of)]
        if self.order is not None:
            words += ["--order", str(self.order)]
        for name, type_ in self.types:
            words += ["--type", f"{name}={type_}"]
        if self.level != 1:
            words.append(f"-O{self.level}")
        if self.jit is not None:
            words += ["--jit", self.jit]
        if self.checkpoint is not None:
            words += ["--checkpoint", self.checkpoint]
        if self.snapshots is not None:
            words += ["--snapshots", str(self.snapshots)]
        if self.memory is not None:
            words += ["--memory", str(self.memory)]
        if self.strict:
            words.append("--strict")
        return words


def portable(request: Request) -> Request:
    """The request with its paths relative to the working directory, and normalised."""
    targets = tuple(t._replace(file=_portable(t.file)) for t in request.targets)
    out = request.out if request.out is None else _portable(request.out)
    return request._replace(targets=tuple(dict.fromkeys(targets)), out=out)


def _portable(path: str) -> str:
    if not path.isprintable():
        raise Problem(f"{path!a}: the name of a file has to be printable")
    if not path:
        raise Problem("the name of a file is empty")
    try:
        path = os.path.relpath(path)
    except ValueError:  # another drive
        path = os.path.abspath(path)
    except OSError as error:
        raise Problem(f"the working directory: {error.strerror}") from None
    path = path.replace(os.sep, "/")
    return f"./{path}" if path.startswith("-") else path
