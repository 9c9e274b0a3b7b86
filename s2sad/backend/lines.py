"""The lines of the output: wrapped where they are long, their comments in one column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

WIDTH = 88  # of code
NOTE_WIDTH = 96  # of code with a comment
TAB = 8


class Line(NamedTuple):
    """A line of code, the comment at its end, and whether it is to stay as it is."""

    code: str
    note: str = ""
    verbatim: bool = False


def layout(lines: list[Line]) -> str:
    result: list[str] = []
    group: list[Line] = []
    for line in lines:
        if line.note:
            group.append(line)
            continue
        if line.verbatim:
            _flush(group, result)
            group = []
        if group:
            group.append(line)
        else:
            result += _code(line)
    _flush(group, result)
    return "\n".join(result) + "\n"


def _code(line: Line) -> list[str]:
    return [line.code] if line.verbatim else wrap(line.code)


def _flush(group: list[Line], result: list[str]) -> None:
    """Write lines whose comments are aligned."""
    widths = [
        len(line.code)
        for line in group
        if line.note and _column(len(line.code)) + 2 + len(line.note) <= NOTE_WIDTH
    ]
    column = _column(max(widths, default=0))
    for line in group:
        fits = column + 2 + len(line.note) <= NOTE_WIDTH and len(line.code) + 2 <= column
        if line.note and fits:
            result.append(f"{line.code:<{column}}# {line.note}")
        else:
            result += _code(line)


def _column(width: int) -> int:
    """Where the comment of a line begins: two spaces on, then to the next tab stop."""
    return (width + 2) // TAB * TAB + TAB - 1


def wrap(code: str, width: int = WIDTH) -> list[str]:
    """Break a line of code that is too long, as the formatters do: what is between the
    last brackets goes to lines of its own, all on one or one part on each."""
    if len(code) <= width:
        return [code]
    margin = code[: len(code) - len(code.lstrip())]
    found = _last_brackets(_bracketed(code))
    if found is None:
        return [code]
    head, body, tail = found
    inner = margin + "    "
    if len(inner) + len(body) <= width:
        return [head, inner + body, margin + tail]
    result = [head]
    for part in _parts(body):
        result += wrap(inner + part, width)
    return [*result, margin + tail]


def _bracketed(code: str) -> str:
    """Put brackets around an expression that can only be broken inside some."""
    start = len(code) - len(code.lstrip())
    word = code[start:].split(" ", 1)[0]
    end = len(code) - (1 if code.endswith(":") else 0)
    if word in ("if", "elif", "while", "return", "raise"):
        return _around(code, start + len(word) + 1, end)
    if word == "for":
        middle = code.index(" in ")
        if _targets_longer(code):
            return _around(code, start + 4, middle)
        return _around(code, middle + 4, end)
    if code.endswith((",", "(", "[")):
        return code
    for sign in (" = ", " += ", " -= ", " *= ", " /= "):
        middle = code.find(sign)
        if middle >= 0 and "(" not in code[:middle]:
            if middle > WIDTH // 2:
                return _around(code, start, middle)
            return _around(code, middle + len(sign), end)
    return code


def _targets_longer(code: str) -> bool:
    """Is it a `for` whose targets take more room than what they run over?"""
    code = code.strip()
    middle = code.find(" in ")
    return code.startswith("for ") and 2 * middle > len(code)


def _around(code: str, start: int, end: int) -> str:
    part = code[start:end]
    return f"{code[:start]}({part}){code[end:]}" if _breaks(part) else code


def _last_brackets(code: str) -> tuple[str, str, str] | None:
    """What is before, between and after the brackets to break at: the last ones, or for
    a `for` with many targets those around these."""
    pairs = _pairs(code)
    if not pairs:
        return None
    start, end = pairs[0] if _targets_longer(code) else pairs[-1]
    body = code[start + 1 : end]
    if not body:
        return None
    return code[: start + 1], body, code[end:]


def _pairs(code: str) -> list[tuple[int, int]]:
    """The outermost brackets."""
    pairs: list[tuple[int, int]] = []
    depth = start = 0
    for i, c in _unquoted(code):
        if c in "([{":
            if not depth:
                start = i
            depth += 1
        elif c in ")]}":
            depth -= 1
            if not depth:
                pairs.append((start, i))
    return pairs


def _unquoted(code: str) -> Iterator[tuple[int, str]]:
    """The characters that are not inside strings."""
    quote, escaped = "", False
    for i, c in enumerate(code):
        if not quote:
            if c in "'\"":
                quote = c
            else:
                yield i, c
        elif escaped:
            escaped = False
        elif c == "\\":
            escaped = True
        elif c == quote:
            quote = ""


# From what binds least to what binds most.
_OPERATORS = (("if", "else"), ("or",), ("and",), ("<", "<=", ">", ">=", "==", "!=", "is", "in"))
_ARITHMETIC = (("+", "-"), ("*", "/", "//", "%"))
_RANK = {w: k for k, words in enumerate((*_OPERATORS, *_ARITHMETIC), 1) for w in words}


def _breaks(code: str) -> list[int]:
    """Where code outside brackets can be broken: after commas, else before the operators
    that bind least."""
    found: dict[int, list[int]] = {}
    depth = 0
    for i, c in _unquoted(code):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == " " and not depth:
            if code.startswith("for ", i + 1) and i:
                # A comprehension, whose commas belong to its targets.
                found.setdefault(-1, []).append(i + 1)
            elif code[i - 1] == ",":
                found.setdefault(0, []).append(i + 1)
            else:
                end = code.find(" ", i + 1)
                rank = _RANK.get(code[i + 1 : end]) if end > 0 else None
                if rank:
                    found.setdefault(rank, []).append(i + 1)
    return found[min(found)] if found else []


def _parts(body: str) -> list[str]:
    breaks = _breaks(body)
    if not breaks:
        return [body]
    commas = body[breaks[0] - 2] == ","
    parts = [
        body[start:end].rstrip()
        for start, end in zip([0, *breaks], [*breaks, len(body)], strict=True)
    ]
    if commas and not parts[-1].endswith(","):
        parts[-1] += ","
    return [part for part in parts if part]
