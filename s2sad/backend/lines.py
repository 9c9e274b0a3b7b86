"""The lines of the output: wrapped where they are long, their comments in one column."""

from __future__ import annotations

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
    """Break a line of code that is too long, inside brackets."""
    if len(code) <= width:
        return [code]
    indent = len(code) - len(code.lstrip())
    header = code.endswith(":")
    code = _bracketed(code, indent)
    breaks = [(position, depth) for position, depth in _break_points(code) if depth]
    margin = " " * (indent + (8 if header else 4))
    result: list[str] = []
    begin, prefix = 0, ""
    while len(prefix) + len(code) - begin > width:
        fitting = []
        room = begin + width - len(prefix)
        while breaks and breaks[-1][0] <= begin:
            breaks.pop()
        for position, depth in reversed(breaks):
            if position > room and fitting:
                break
            fitting.append((position, depth))
            if position > room:
                break
        if not fitting:
            break
        far = [b for b in fitting if b[0] - begin > (room - begin) // 2] or fitting
        depth = min(d for _, d in far)
        position = max(p for p, d in far if d == depth)
        result.append(prefix + code[begin:position].rstrip())
        begin, prefix = position, margin
    result.append(prefix + code[begin:])
    return result


def _bracketed(code: str, indent: int) -> str:
    """Put brackets around what can only be broken inside some."""
    word = code[indent:].split(" ", 1)[0]
    end = len(code) - (1 if code.endswith(":") else 0)
    if word in ("if", "elif", "while", "return", "raise"):
        return _around(code, indent + len(word) + 1, end)
    if word == "for":
        middle = code.index(" in ")
        return _around(code, indent + 4, middle) if middle > WIDTH // 2 else code
    for sign in (" = ", " += ", " -= ", " *= ", " /= "):
        middle = code.find(sign)
        if middle >= 0:
            code = _around(code, middle + len(sign), end)
            return _around(code, indent, middle) if middle > WIDTH // 2 else code
    return code


def _around(code: str, start: int, end: int) -> str:
    part = code[start:end]
    if any(depth == 0 for _, depth in _break_points(part)):
        return f"{code[:start]}({part}){code[end:]}"
    return code


_OPERATORS = frozenset("+ - * / // % ** and or if else < <= > >= == != is in".split())


def _break_points(code: str) -> list[tuple[int, int]]:
    """Where a line may be broken, with the depth of brackets there, last first."""
    points: list[tuple[int, int]] = []
    depth, i, quote = 0, 0, ""
    while i < len(code):
        c = code[i]
        if quote:
            if c == "\\":
                i += 1
            elif c == quote:
                quote = ""
        elif c in "'\"":
            quote = c
        elif c in "([{":
            depth += 1
            points.append((i + 1, depth))
        elif c in ")]}":
            depth -= 1
        elif c == " " and i:
            if code[i - 1] == ",":
                points.append((i + 1, depth))
            else:
                stop = code.find(" ", i + 1)
                if code[i + 1 : stop] in _OPERATORS:
                    points.append((i + 1, depth))
        i += 1
    points.reverse()
    return points
