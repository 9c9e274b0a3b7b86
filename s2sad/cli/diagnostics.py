"""Errors for editors: a line of JSON each, the kind as a code that docs/errors.md explains."""

from __future__ import annotations

from s2sad.cli.generated import Problem
from s2sad.errors import S2sadError


def code_of(error: Problem | S2sadError) -> str:
    """`unsupported-syntax`, …; `usage` of a wrong option or file."""
    return "usage" if isinstance(error, Problem) else error.code


def diagnostic(error: Problem | S2sadError) -> str:
    """Lines and columns count from 1, an end column is the one after the last."""
    import json

    loc = None if isinstance(error, Problem) else error.loc
    data = {
        "file": loc.file if loc else None,
        "line": loc.line if loc else None,
        "column": loc.col + 1 if loc else None,
        "end_column": loc.end_col + 1 if loc and loc.end_col >= 0 else None,
        "severity": "error",
        "code": code_of(error),
        "message": str(error) if isinstance(error, Problem) else error.what,
        "instead": "" if isinstance(error, Problem) else error.instead,
    }
    return json.dumps(data, ensure_ascii=False)
