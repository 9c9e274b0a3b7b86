"""Which line of the user's a line of the output comes from, and tracebacks that say so.

    File "<s2sad f_grad #1>", line 8, in f_grad
      d = math.sqrt(c)
    File "model.py", line 7, in f
      d = sqrt(c)
          ^^^^^^^
    ValueError: math domain error

Nothing is kept for it while all goes well: where an error comes out of a function that was
emitted, its text is made once more, and the statements of the two are paired in order.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import CodeType, FrameType, TracebackType

from s2sad.backend.text import Comment, Kept, Trailed
from s2sad.errors import Loc, S2sadError

Places = Mapping[int, Loc]  # by the line of the output

_PLACES: dict[str, Callable[[], Places]] = {}
_ATTRIBUTE = "_s2sad_loc"


def mark(stmt: ast.stmt, loc: Loc) -> None:
    """Say where a statement of the output comes from, unless that is known already."""
    stmt = stmt.stmt if isinstance(stmt, Kept | Trailed) else stmt
    if not hasattr(stmt, _ATTRIBUTE):
        setattr(stmt, _ATTRIBUTE, loc)


def places(text: str, functions: Iterable[ast.stmt]) -> Places:
    """Where the lines of a text come from that these functions were printed in."""
    parsed = {s.name: s for s in ast.parse(text).body if isinstance(s, ast.FunctionDef)}
    found: dict[int, Loc] = {}
    for function in functions:
        assert isinstance(function, ast.FunctionDef)
        made, read = list(_in_order([function])), list(_in_order([parsed[function.name]]))
        if len(made) != len(read):
            continue
        for stmt, line in zip(made, read, strict=True):
            loc = getattr(stmt, _ATTRIBUTE, None)
            if loc is not None:
                last = line.lineno if hasattr(line, "body") else line.end_lineno or line.lineno
                found.update(dict.fromkeys(range(line.lineno, last + 1), loc))
    return found


def _in_order(stmts: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements as they are printed, with those inside of them."""
    for stmt in stmts:
        if isinstance(stmt, Comment):
            continue
        stmt = stmt.stmt if isinstance(stmt, Kept | Trailed) else stmt
        yield stmt
        for field in ("body", "handlers", "orelse", "finalbody"):
            inner = getattr(stmt, field, ())
            for part in inner:
                yield from _in_order(
                    part.body if isinstance(part, ast.ExceptHandler) else [part]
                )


def remember(filename: str, found: Callable[[], Places]) -> None:
    """`found` tells the places of a text that was loaded under this name."""
    _PLACES[filename] = found


def told(error: Exception) -> Exception:
    """The error; under each emitted line of its traceback now stands the user's."""
    # The first entry is that of our own caller, and the one that raises this again.
    tb = error.__traceback__ and error.__traceback__.tb_next
    entries: list[tuple[FrameType, int, int]] = []
    while tb is not None:
        entries.append((tb.tb_frame, tb.tb_lasti, tb.tb_lineno))
        loc = _origin(tb)
        if loc is not None:
            known = tb.tb_next and tb.tb_next.tb_frame.f_code.co_filename == loc.file
            shown = None if known else _frame(tb.tb_frame, loc)
            if shown is not None:
                entries.append((shown.tb_frame, shown.tb_lasti, shown.tb_lineno))
        tb = tb.tb_next
    rebuilt: TracebackType | None = None
    for entry in reversed(entries):
        rebuilt = TracebackType(rebuilt, *entry)
    return error.with_traceback(rebuilt)


def _origin(tb: TracebackType) -> Loc | None:
    filename = tb.tb_frame.f_code.co_filename
    found = _PLACES.get(filename)
    if found is None:
        return None
    try:
        known = found()
    except S2sadError:
        known = {}
    _PLACES[filename] = lambda: known
    return known.get(tb.tb_lineno)


def _frame(emitted: FrameType, loc: Loc) -> TracebackType | None:
    """An entry of a traceback that points to the user's line, with the emitted function's
    variables: the same names."""
    name = _function_at(loc) or emitted.f_code.co_name
    stop = ast.parse("raise StopIteration")
    end = loc.end_col if loc.end_col >= 0 else len(linecache.getline(loc.file, loc.line))
    for node in ast.walk(stop):
        if isinstance(node, ast.stmt | ast.expr):
            node.lineno = node.end_lineno = loc.line
            node.col_offset, node.end_col_offset = loc.col, max(end, loc.col + 1)
    code: CodeType = compile(stop, loc.file, "exec").replace(co_name=name)
    try:
        exec(code, emitted.f_globals, dict(emitted.f_locals))
    except StopIteration as raised:
        return raised.__traceback__ and raised.__traceback__.tb_next
    return None


@lru_cache(maxsize=256)
def _function_at(loc: Loc) -> str:
    """The function that a line of the user's is in."""
    try:
        tree = ast.parse("".join(linecache.getlines(loc.file)))
    except SyntaxError:
        return ""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.lineno <= loc.line <= (node.end_lineno or node.lineno)
    ]
    return max(around, key=lambda node: node.lineno).name if around else ""
