"""A derivation as text of 80 columns, LaTeX, Markdown, HTML or JSON."""

from __future__ import annotations

import ast
import html
import json
import math
import os
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from s2sad.inspect.derivation import Derivation, Row, Section, source_line
from s2sad.inspect.latex import LATEX
from s2sad.inspect.mathml import MATHML
from s2sad.inspect.writing import TEXT, Writer, number_text

WIDTH = 80
_VALUE = 46


def shown(value: Any, digits: int = 10) -> str:
    """A value, shortly."""
    if isinstance(value, np.ndarray):
        if value.size > 6:
            return f"array of {' × '.join(map(str, value.shape))}"
        text = np.array2string(value, precision=5, separator=", ", max_line_width=400)
        return " ".join(text.split())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, complex):
        return f"{value:.{digits}g}"
    return number_text(value, digits)


# Text.


def as_text(made: Derivation) -> str:
    lines = [*_title(made), ""]
    for section in made.sections:
        lines += [section.title, "-" * len(section.title), *_text_rows(section, made), ""]
    lines += _ending(made)
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _title(made: Derivation) -> Iterator[str]:
    place = f"{_short(made.loc.file)}:{made.loc.line}" if made.loc else ""
    at = "" if made.point is None else f" at {_point(made)}"
    title = f"The derivative of {made.name}{at}"
    room = WIDTH - len(place) - 2
    if len(title) <= room:
        yield f"{title}{place:>{WIDTH - len(title)}}"
    else:
        yield from textwrap.wrap(title, WIDTH)
        yield place


def _point(made: Derivation) -> str:
    point = made.point or ()
    said = [f"{name} = {shown(value)}" for name, value in point[:8]]
    if len(point) > 8:
        said.append(f"… ({len(point)} inputs)")
    return ", ".join(said)


def _short(file: str) -> str:
    if not os.path.isabs(file):
        return file
    try:
        near = os.path.relpath(file)
    except ValueError:  # another drive
        return file
    return file if near.startswith("..") else near


def _text_rows(section: Section, made: Derivation) -> Iterator[str]:
    heading: tuple[object, ...] | None = None
    for row in section.rows:
        if row.note:
            indent = "  " * len(row.passes)
            line = (
                f"{row.loc.line:>5} | " if row.loc and not row.note.startswith("⋮") else " " * 8
            )
            yield from textwrap.wrap(
                f"{line}{indent}{row.note}", WIDTH, subsequent_indent=" " * 10
            )
            heading = None
            continue
        here = (row.loc and row.loc[:2], row.passes)
        if section.key == "intermediates" and here != heading and row.loc is not None:
            heading = here
            yield from _heading(row, made)
        yield from _text_row(section, row)


def _heading(row: Row, made: Derivation) -> Iterator[str]:
    assert row.loc is not None
    elsewhere = made.loc is not None and row.loc.file != made.loc.file
    file = f"{_short(row.loc.file)}:" if elsewhere else ""
    passes = "".join(f"  pass {number}" for _, number in row.passes)
    line = f"{file}{row.loc.line}"
    ahead = f"{line:>5} | "
    text = f"{source_line(row.loc)}{passes}"
    yield from textwrap.wrap(text, WIDTH, initial_indent=ahead, subsequent_indent=" " * 12)


def _text_row(section: Section, row: Row) -> Iterator[str]:
    equation = " = ".join(map(TEXT.write, row.sides))
    value = "" if row.value is None else f"= {shown(row.value)}"
    line = (
        "" if section.key in ("function", "intermediates") or not row.loc else str(row.loc.line)
    )
    where = f"line {line}" if line else ""
    number = f"({row.number})" if row.number is not None else ""
    tail = f"{where:<9}{number:>6}"
    pieces = list(_broken(equation, WIDTH - 4 - len(tail) - 1))
    for piece in pieces[:-1]:
        yield f"    {piece}"
    last = f"    {pieces[-1]}"
    if len(last) < _VALUE and len(value) <= WIDTH - _VALUE - len(tail):
        yield f"{f'{last:<{_VALUE}}{value}':<{WIDTH - len(tail)}}{tail}"
        return
    if value:
        if len(last) + 2 + len(value) + len(tail) + 1 <= WIDTH:
            yield f"{f'{last}  {value}':<{WIDTH - len(tail)}}{tail}"
            return
        yield last
        room = WIDTH - len(tail) - 1
        column = max(8, min(_VALUE, room - len(value)))
        if column + len(value) > room:
            yield from textwrap.wrap(value, WIDTH, initial_indent=" " * 8)[:3]
            yield f"{'':<{WIDTH - len(tail)}}{tail}"
            return
        last = f"{'':<{column}}{value}"
    yield f"{last:<{WIDTH - len(tail)}}{tail}"


def _broken(text: str, width: int) -> Iterator[str]:
    """An equation in lines, broken before a sign; what follows is set in."""
    indent = ""
    while len(indent) + len(text) > width:
        room = width - len(indent)
        places = [text.rfind(mark, 1, room) for mark in (" + ", " - ", " · ", " = ", ", ", " ")]
        place = next((p for p in places[:4] if p > room // 3), -1)
        if place < 0:
            place = max(places[4:])
        if place <= 0:
            place = room
        yield indent + text[:place].rstrip()
        text = text[place:].lstrip()
        indent = "      "
    yield indent + text


def _ending(made: Derivation) -> Iterator[str]:
    if made.point is not None:
        title = "At the point"
        yield title
        yield "-" * len(title)
        yield f"    {made.name} = {shown(made.value, 17)}"
        for left, value in made.gradient[:40]:
            said = f"    {TEXT.write(left)} = {shown(0.0 if value is None else value, 17)}"
            yield from textwrap.wrap(said, WIDTH, subsequent_indent=" " * 8)
        if len(made.gradient) > 40:
            yield f"    ⋮ {len(made.gradient) - 40} more"
        yield ""
    if made.counts is not None:
        yield from str(made.counts).splitlines()
        yield ""
    for remark in made.remarks:
        yield from textwrap.wrap(remark, WIDTH)


# LaTeX and Markdown.


def as_latex(made: Derivation) -> str:
    rows: list[str] = []
    for section in made.sections:
        rows.append(rf"\intertext{{{_latex_text(section.title)}}}")
        rows += [_latex_row(row) for row in section.rows]
    rows[1:] = [row if row.startswith(r"\intertext") else row + r" \\" for row in rows[1:]]
    for k in range(len(rows) - 1):
        if rows[k + 1].startswith(r"\intertext"):
            rows[k] = rows[k].removesuffix(r" \\")
    body = "\n".join(rows).rstrip().removesuffix(r"\\").rstrip()
    return f"\\begin{{align}}\n{body}\n\\end{{align}}\n"


def _latex_row(row: Row) -> str:
    if row.note:
        return rf"& \text{{{_latex_text(row.note)}}} \notag"
    left, *rest = map(LATEX.write, row.sides)
    text = " = ".join([f"{left} &", *rest]).replace("& =", "&=")
    if row.value is not None:
        text += f" = {_latex_value(row.value)}"
    return text if row.number is None else rf"{text} \tag{{{row.number}}}"


def _latex_value(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return LATEX.constant(float(f"{value:.10g}") if math.isfinite(value) else value)
    return rf"\text{{{_latex_text(shown(value))}}}"


def _latex_text(text: str) -> str:
    marks = {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "⋮": r"$\vdots$",
        "×": r"$\times$",
        "^": r"\^{}",
        "~": r"\~{}",
        "<": "$<$",
        ">": "$>$",
    }
    marks.update({char: f"\\{char}" for char in "_#%&$"})
    return "".join(marks.get(char, char) for char in text)


def as_markdown(made: Derivation) -> str:
    at = "" if made.point is None else f" at {_point(made)}"
    lines = [f"# The derivative of {made.name}{at}", ""]
    for section in made.sections:
        lines += [f"## {section.title}", ""]
        heading = None
        for row in section.rows:
            if row.note:
                lines += [f"*{row.note}*", ""]
                continue
            if section.key == "intermediates" and row.loc and row.loc.line != heading:
                heading = row.loc.line
                lines += [f"line {heading}: `{source_line(row.loc)}`", ""]
            lines += ["$$", _latex_row(row).replace("&=", "="), "$$", ""]
    lines += ["## Result", ""] if made.point is not None else []
    if made.point is not None:
        lines += [f"- {made.name} = {shown(made.value, 17)}"]
        lines += [f"- {TEXT.write(a)} = {shown(b, 17)}" for a, b in made.gradient]
    if made.counts is not None:
        lines += ["", *str(made.counts).splitlines()]
    return "\n".join([*lines, *made.remarks]).rstrip() + "\n"


# HTML.


def mathml(sides: tuple[ast.expr, ...], writer: Writer = MATHML) -> str:
    equals = "<mo>=</mo>"
    return (
        f'<math displaystyle="true"><mrow>{equals.join(map(writer.write, sides))}</mrow></math>'
    )


def section_html(section: Section, made: Derivation) -> Iterator[str]:
    """The rows of a section as those of a table."""
    yield f'<table class="s2-rows"><caption>{html.escape(section.title)}</caption><tbody>'
    for row in section.rows:
        if row.note:
            yield f'<tr class="s2-note"><td colspan="4">{html.escape(row.note)}</td></tr>'
            continue
        line = f"line {row.loc.line}" if row.loc else ""
        value = "" if row.value is None else f"= {html.escape(shown(row.value))}"
        attrs = f' data-of="{html.escape(row.about)}"' if row.about else ""
        number = f"({row.number})" if row.number is not None else ""
        yield (
            f"<tr{attrs}><td>{mathml(row.sides)}</td>"
            f'<td class="s2-value">{value}</td><td class="s2-line">{line}</td>'
            f'<td class="s2-number">{number}</td></tr>'
        )
    yield "</tbody></table>"


_STYLE = """<style>.s2-rows{border-collapse:collapse;margin:0 0 1em}
.s2-rows caption{text-align:left;font-weight:600;padding:.3em 0}
.s2-rows td{padding:.25em .9em .25em 0;text-align:left;vertical-align:middle}
.s2-value{font-variant-numeric:tabular-nums}.s2-line,.s2-number,.s2-note{opacity:.75}
</style>"""


def as_html(made: Derivation) -> str:
    """A fragment that stands alone in a notebook."""
    at = "" if made.point is None else f" at {html.escape(_point(made))}"
    parts = [_STYLE, f"<p>The derivative of <code>{html.escape(made.name)}</code>{at}</p>"]
    for section in made.sections:
        parts += section_html(section, made)
    parts += result_html(made)
    return "\n".join(parts) + "\n"


def result_html(made: Derivation) -> Iterator[str]:
    if made.point is not None:
        yield "<ul>"
        yield f"<li>{html.escape(made.name)} = {html.escape(shown(made.value, 17))}</li>"
        for left, value in made.gradient[:40]:
            said = html.escape(shown(0.0 if value is None else value, 17))
            yield f"<li>{mathml((left,))} = {said}</li>"
        yield "</ul>"
    if made.counts is not None:
        yield f"<p>{html.escape(str(made.counts))}</p>"
    for remark in made.remarks:
        yield f"<p>{html.escape(remark)}</p>"


# JSON.


def as_json(made: Derivation) -> str:
    data = {
        "function": made.name,
        "file": made.loc.file if made.loc else None,
        "line": made.loc.line if made.loc else None,
        "point": None if made.point is None else {n: plain_json(v) for n, v in made.point},
        "value": plain_json(made.value),
        "gradient": {TEXT.write(left): plain_json(value) for left, value in made.gradient},
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "rows": [_row_json(row) for row in section.rows],
            }
            for section in made.sections
        ],
        "operations": made.counts._asdict() if made.counts else None,
        "remarks": list(made.remarks),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _row_json(row: Row) -> dict[str, object]:
    if row.note:
        return {"note": row.note, "line": row.loc.line if row.loc else None}
    return {
        "number": row.number,
        "text": " = ".join(map(TEXT.write, row.sides)),
        "latex": " = ".join(map(LATEX.write, row.sides)),
        "value": plain_json(row.value),
        "line": row.loc.line if row.loc else None,
        "passes": [number for _, number in row.passes],
    }


def plain_json(value: Any) -> Any:
    """What JSON has: numbers that are none are told in words."""
    if isinstance(value, np.ndarray):
        return plain_json(value.tolist())
    if isinstance(value, np.generic):
        return plain_json(value.item())
    if isinstance(value, list):
        return [plain_json(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, complex):
        return [plain_json(value.real), plain_json(value.imag)]
    return value if isinstance(value, (int, float, str, bool, type(None))) else str(value)


FORMATS: dict[str, Callable[[Derivation], str]] = {
    "text": as_text,
    "latex": as_latex,
    "markdown": as_markdown,
    "html": as_html,
    "json": as_json,
}
