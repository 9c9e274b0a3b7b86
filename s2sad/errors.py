"""Located errors: what s2sad says when it refuses."""

from __future__ import annotations

import linecache
from typing import NamedTuple, NoReturn


class Loc(NamedTuple):
    """A place in a source file: 1-based line, 0-based column, as `ast` counts."""

    file: str
    line: int
    col: int
    end_col: int = -1


class S2sadError(Exception):
    """Base of every refusal: what is not supported, where, and what to write instead.

    `str(error)` is the diagnostic as the command line prints it, in the form that editors
    read: `file:line:column: error[code]: what`, the source line with a caret, and the
    advice. docs/errors.md explains each code.
    """

    code = "refused"

    def __init__(self, what: str, loc: Loc | None = None, instead: str = "") -> None:
        super().__init__(what, loc, instead)
        self.what = what
        self.loc = loc
        self.instead = instead
        # Read now: the file may have changed by the time the message is shown.
        self.source_line = _source_line(loc)

    @property
    def lineno(self) -> int | None:
        return self.loc.line if self.loc else None

    @property
    def filename(self) -> str | None:
        return self.loc.file if self.loc else None

    def __str__(self) -> str:
        lines = []
        if self.loc is None:
            lines.append(f"error[{self.code}]: {self.what}")
        else:
            place = f"{self.loc.file}:{self.loc.line}:{self.loc.col + 1}"
            lines.append(f"{place}: error[{self.code}]: {self.what}")
            if self.source_line:
                lines.append(f"    {self.source_line.strip()}")
                lines.append(f"    {_caret(self.source_line, self.loc)}")
        if self.instead:
            lines.append(f"  instead: {self.instead}")
        return "\n".join(lines)


class UnsupportedSyntax(S2sadError):
    """A construct of the language that s2sad does not take."""

    code = "unsupported-syntax"


class UnsupportedFunction(S2sadError):
    """A call of a function that has no rule and no source."""

    code = "unsupported-function"


class NotDifferentiable(S2sadError):
    """A derivative was asked for where there is none, or none of the kind asked."""

    code = "not-differentiable"


class SourceNotFound(S2sadError):
    """The source text of a function cannot be found."""

    code = "source-not-found"


class TypeRefused(S2sadError, TypeError):
    """A type that contradicts an annotation, or that s2sad does not take."""

    code = "type"


class InternalError(S2sadError):
    """The compiler broke a promise of its own; please report it."""

    code = "internal-error"


def _source_line(loc: Loc | None) -> str:
    return linecache.getline(loc.file, loc.line).rstrip("\n") if loc else ""


def _caret(line: str, loc: Loc) -> str:
    # ast counts columns in UTF-8 bytes, a terminal in characters.
    start = len(line.encode()[: loc.col].decode(errors="ignore"))
    end = len(line.encode()[: loc.end_col].decode(errors="ignore"))
    indent = len(line) - len(line.lstrip())
    width = max(1, end - start) if loc.end_col >= 0 else 1
    return " " * max(0, start - indent) + "^" * width


def assert_never(value: NoReturn) -> NoReturn:
    """`typing.assert_never`, which Python 3.10 lacks."""
    raise InternalError(f"no case for {value!r}")
