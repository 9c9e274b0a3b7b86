"""The report: one page that stands alone, with everything that there is to see.

The panes are linked by names: a line says what it defines, what it uses, and which value
of the primal it is about (`c_bar` is about `c`); the script lights what belongs together.
"""

from __future__ import annotations

import html
import io
import keyword
import linecache
import re
import tokenize
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import NamedTuple

from s2sad.inspect.derivation import Derivation
from s2sad.inspect.drawing import as_svg
from s2sad.inspect.graph import Graph
from s2sad.inspect.pattern import Pattern, described
from s2sad.inspect.pattern import as_svg as pattern_svg
from s2sad.inspect.render import result_html, section_html, shown
from s2sad.inspect.subject import Subject
from s2sad.inspect.validate import Validation
from s2sad.inspect.writing import TEXT
from s2sad.ir.nodes import Block, Let, Var
from s2sad.ir.walk import blocks, bound, defines, uses

_MOST_SOURCE = 4000


class Stage(NamedTuple):
    """A stage of the compiler: its name, what it is, its text."""

    name: str
    about: str
    text: str


class Page(NamedTuple):
    """What goes onto the page; what needs a point, and has none, is None."""

    subject: Subject
    command: str
    version: str
    source: str
    emitted: str
    stages: tuple[Stage, ...]
    derivation: Derivation | None
    graph: Graph | None
    validation: Validation | None
    missing: str = ""
    pattern: Pattern | None = None


class Marked(NamedTuple):
    """One line of a pane."""

    number: int
    text: str
    defines: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()


def page(made: Page) -> str:
    return "".join(_page(made))


def _page(made: Page) -> Iterator[str]:
    entry = made.subject.entry
    title = f"s2sad: the derivative of {entry.name}"
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f"<title>{html.escape(title)}</title>"
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
    )
    yield f'<meta name="generator" content="s2sad {html.escape(made.version)}">'
    yield f"<style>{_asset('report.css')}</style></head><body>"
    yield from _head(made)
    yield '<main class="wrap">'
    yield from _panes(made)
    yield from _derivation(made)
    yield from _graph(made)
    yield from _sparsity(made)
    yield from _numbers(made)
    yield from _stages(made)
    yield "</main>"
    yield f'<footer class="wrap">Made by <code>{html.escape(made.command)}</code></footer>'
    yield f"<script>{_asset('report.js')}</script></body></html>\n"


def _asset(name: str) -> str:
    return resources.files("s2sad.inspect").joinpath("assets", name).read_text("utf-8")


def _head(made: Page) -> Iterator[str]:
    entry, found = made.subject.entry, made.derivation
    place = f"{entry.loc.file}:{entry.loc.line}" if entry.loc else ""
    yield '<header class="wrap top">'
    yield f"<h1>The derivative of <code>{html.escape(entry.name)}</code></h1>"
    yield f'<p class="where"><code>{html.escape(place)}</code></p><dl class="facts">'
    if found is not None and found.point is not None:
        point = [f"{name} = {shown(value)}" for name, value in found.point]
        yield _fact("At", ", ".join(point[:8]) + (", …" if len(point) > 8 else ""))
        yield _fact("Value", shown(found.value, 12))
        for left, value in found.gradient[:6]:
            yield _fact(TEXT.write(left), shown(0.0 if value is None else value, 12))
    else:
        yield _fact("With respect to", ", ".join(made.subject.wish.wrt))
    if made.validation is not None:
        ok = made.validation.ok
        both = all(one.forward is not None for one in made.validation.inputs)
        said = "reverse, forward and differences" if both else "reverse and differences"
        said += " agree" if ok else " do not agree"
        yield _fact("Check", said, "good" if ok else "bad")
    yield "</dl></header>"
    yield '<nav class="bar" aria-label="Sections"><div class="wrap">'
    for key, name in (
        ("sweeps", "Sweeps"),
        ("derivation", "Derivation"),
        ("graph", "Graph"),
        ("sparsity", "Sparsity"),
        ("numbers", "Numbers"),
        ("stages", "Stages"),
    ):
        if key == "sparsity" and made.pattern is None:
            continue
        yield f'<a href="#{key}">{name}</a>'
    yield '<button type="button" id="theme" hidden>Dark</button></div></nav>'


def _fact(name: str, value: str, kind: str = "") -> str:
    classes = f' class="{kind}"' if kind else ""
    return f"<div><dt>{html.escape(name)}</dt><dd{classes}>{html.escape(value)}</dd></div>"


# The panes.


def _panes(made: Page) -> Iterator[str]:
    yield '<section id="sweeps" aria-labelledby="h-sweeps">'
    yield '<h2 id="h-sweeps">From the source to both sweeps</h2>'
    yield (
        '<ul class="legend"><li><span class="k-same"></span>the line, and the same value'
        ' elsewhere</li><li><span class="k-from"></span>what it came from</li>'
        '<li><span class="k-to"></span>what it led to</li></ul><div class="panes">'
    )
    known = _names(made.subject)
    ssa = next((stage.text for stage in made.stages if stage.name == "ssa"), "")
    forward, reverse = _sweeps(re.sub(r"(?<=\S) {3,}# ", "  # ", made.emitted))
    yield _pane("Source", list(_source(made)), python=True)
    yield _pane("SSA", list(_ssa(ssa, known)), python=False)
    yield _pane("Forward sweep", list(_code(forward, known)), python=True)
    yield _pane("Reverse sweep", list(_code(reverse, known)), python=True)
    yield "</div></section>"


def _pane(title: str, lines: list[Marked], python: bool) -> str:
    items = []
    first = lines[0].number if lines else 1
    coloured = _coloured([line.text for line in lines]) if python else None
    for k, line in enumerate(lines):
        text = coloured[k] if coloured else html.escape(line.text)
        marks = "".join(
            f' data-{name}="{html.escape(" ".join(sorted(words)))}"'
            for name, words in (("def", line.defines), ("use", line.uses), ("of", line.of))
            if words
        )
        items.append(f"<li{marks}>{text}")
    return (
        f'<div class="card"><h3>{title}</h3><div class="scroll">'
        f'<ol class="lines" aria-label="{title}" style="counter-reset:n {first - 1}">'
        f"{''.join(items)}</ol></div></div>"
    )


def _names(subject: Subject) -> dict[str, set[int]]:
    """The names of the values, and the lines of the source that they are made on."""
    found: dict[str, set[int]] = {}

    def walked(block: Block) -> None:
        for var in block.params:
            found.setdefault(var.hint, set())
        for stmt in block.stmts:
            line = stmt.loc.line if stmt.loc else 0
            for var in (*defines(stmt), *bound(stmt)):
                lines = found.setdefault(var.hint, set())
                if isinstance(stmt, Let) and line:
                    lines.add(line)
            for inner in blocks(stmt):
                walked(inner)

    for func in subject.module.funcs.values():
        walked(func.body)
    found.pop("", None)
    return found


def _source(made: Page) -> Iterator[Marked]:
    """The lines of the function, each with what its statements define and use."""
    made_by: dict[int, set[str]] = {}
    used_by: dict[int, set[str]] = {}

    def walked(block: Block) -> None:
        for stmt in block.stmts:
            if stmt.loc is not None:
                made_by.setdefault(stmt.loc.line, set()).update(
                    var.hint for var in defines(stmt) if var.hint
                )
                used_by.setdefault(stmt.loc.line, set()).update(
                    atom.hint for atom in uses(stmt) if isinstance(atom, Var) and atom.hint
                )
            for inner in blocks(stmt):
                walked(inner)

    walked(made.subject.entry.body)
    first = made.subject.entry.loc.line if made.subject.entry.loc else 1
    params = frozenset(param.hint for param in made.subject.entry.params)
    for number, text in enumerate(made.source.splitlines()[:_MOST_SOURCE], first):
        own = frozenset(made_by.get(number, ()))
        if number == first:
            own = params
        yield Marked(number, text, own, frozenset(used_by.get(number, ())) - own)


_SSA_NAME = re.compile(r"%?([A-Za-z_]\w*)(?:\.\d+)?")


def _ssa(text: str, known: dict[str, set[int]]) -> Iterator[Marked]:
    for number, line in enumerate(text.splitlines(), 1):
        left, equals, right = line.partition(" = ")
        if not equals:
            left, right = "", line
        if line.startswith("func "):
            left, right = line, ""
        said = {name for name in _SSA_NAME.findall(left) if name in known}
        used = {name for name in _SSA_NAME.findall(right) if name in known}
        yield Marked(number, line, frozenset(said), frozenset(used) - said)


def _sweeps(text: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The lines of the emitted text, up to the reverse sweep and from it on."""
    lines = list(enumerate(text.splitlines(), 1))
    for k, (_, line) in enumerate(lines):
        if line.strip() == "# reverse sweep":
            return lines[:k], lines[k:]
    return lines, []


_WORD = re.compile(r"[A-Za-z_]\w*")
_TARGETS = re.compile(r"^\s*(?:for (?P<loop>.+?) in |(?P<plain>[\w, .\[\]]+?) [-+*/]?= )")
_APPENDED = re.compile(r"^\s*(\w+)\.append\(")


def _code(lines: Sequence[tuple[int, str]], known: dict[str, set[int]]) -> Iterator[Marked]:
    for number, line in lines:
        code, _, comment = line.partition("  # ")
        match = _TARGETS.match(code)
        targets = (match["loop"] or match["plain"]) if match else ""
        appended = _APPENDED.match(code)
        if line.startswith("def "):
            targets = line.partition("(")[2]
        said = {name for name in _WORD.findall(targets) if _is_value(name, known)}
        said |= {appended[1]} if appended else set()
        rest = code[match.end() :] if match else code
        used = {name for name in _WORD.findall(rest) if _is_value(name, known)}
        about = {_primal(name) for name in said if _primal(name) != name}
        for part in comment.split("; ") if comment else ():
            about |= {part.partition(" = ")[0].strip()} & set(known)
        yield Marked(number, line, frozenset(said), frozenset(used) - said, frozenset(about))


def _primal(name: str) -> str:
    return re.sub(r"_(bar|in|i|rec)\d*$", "", name)


def _is_value(name: str, known: dict[str, set[int]]) -> bool:
    return name in known or (_primal(name) in known and _primal(name) != name)


def _coloured(lines: list[str]) -> list[str]:
    """Lines of Python with their keywords, numbers, texts and comments marked."""
    text = "\n".join(lines) + "\n"
    spans: dict[int, list[tuple[int, int, str]]] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = _kind(token)
            if kind:
                (row, start), (last, end) = token.start, token.end
                for line in range(row, last + 1):
                    begin = start if line == row else 0
                    finish = end if line == last else len(lines[line - 1])
                    spans.setdefault(line, []).append((begin, finish, kind))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass
    return [_with_spans(line, spans.get(k, [])) for k, line in enumerate(lines, 1)]


def _kind(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.COMMENT:
        return "c"
    if token.type == tokenize.STRING:
        return "s"
    if token.type == tokenize.NUMBER:
        return "d"
    return "k" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else ""


def _with_spans(line: str, spans: list[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for begin, end, kind in sorted(spans):
        if begin < at:
            continue
        parts.append(html.escape(line[at:begin], quote=False))
        parts.append(f'<span class="{kind}">{html.escape(line[begin:end], quote=False)}</span>')
        at = end
    return "".join([*parts, html.escape(line[at:], quote=False)])


# What follows.


def _section(key: str, title: str) -> str:
    return f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{title}</h2>'


def _region(key: str, classes: str) -> str:
    """What may be wider than the page: it scrolls, by the keyboard too."""
    return f'<div class="{classes}" tabindex="0" role="region" aria-label="{key}, in full">'


def _absent(made: Page, what: str) -> str:
    why = html.escape(made.missing or "it needs a point: --at x=…")
    return f'<p class="card pad">{what} is not shown: {why}</p></section>'


def _derivation(made: Page) -> Iterator[str]:
    yield _section("derivation", "The derivation")
    if made.derivation is None:
        yield _absent(made, "The derivation")
        return
    yield '<div class="card pad">'
    yield '<div class="columns">'
    for part in made.derivation.sections:
        key, title = html.escape(part.key), html.escape(part.title)
        yield f'<div class="part part-{key}" tabindex="0" role="region" aria-label="{title}">'
        yield from section_html(part, made.derivation)
        yield "</div>"
    yield "</div>"
    yield from result_html(made.derivation)
    yield "</div></section>"


def _graph(made: Page) -> Iterator[str]:
    yield _section("graph", "The graph")
    if made.graph is None:
        yield _absent(made, "The graph")
        return
    yield (
        '<ul class="legend"><li>In each node the value, and in the second colour its adjoint;'
        " blue: what varies; green: the result</li></ul>"
    )
    yield _region("graph", "card picture")
    yield as_svg(made.graph, style=False)
    yield "</div></section>"


def _sparsity(made: Page) -> Iterator[str]:
    if made.pattern is None:
        return
    yield _section("sparsity", "What depends on what")
    said = "".join(f"<li>{html.escape(line)}</li>" for line in described(made.pattern))
    yield f'<div class="card"><ul>{said}</ul>{pattern_svg(made.pattern)}</div></section>'


def _numbers(made: Page) -> Iterator[str]:
    yield _section("numbers", "The numbers")
    found = made.validation
    if found is None:
        yield _absent(made, "The check")
        return
    yield _region("numbers", "card pad derive")
    yield (
        '<table class="check"><thead><tr><th scope="col">Input</th><th scope="col">Reverse</th>'
        '<th scope="col">Forward</th><th scope="col">Differences</th><th scope="col">Verdict'
        "</th></tr></thead><tbody>"
    )
    for one in found.inputs[:200]:
        along = "–" if one.forward is None else shown(one.forward, 12)
        near = "–" if one.differences is None else shown(one.differences.value, 12)
        verdict = '<td class="good">agree</td>' if one.agrees else '<td class="bad">differ</td>'
        cells = "".join(
            f"<td>{html.escape(v)}</td>" for v in (shown(one.reverse, 12), along, near)
        )
        yield f"<tr><td>{html.escape(one.label)}</td>{cells}{verdict}</tr>"
    yield "</tbody></table>"
    if len(found.inputs) > 200:
        yield f"<p>{len(found.inputs) - 200} more inputs are not listed.</p>"
    if found.wrong:
        yield "<p>Local partials that differences of their own operation contradict:</p><ul>"
        yield from (f"<li>{html.escape(str(wrong))}</li>" for wrong in found.wrong)
        yield "</ul>"
    else:
        yield (
            f"<p>{found.partials} local partials agree with differences of their own"
            " operations.</p>"
        )
    yield "</div></section>"


def _stages(made: Page) -> Iterator[str]:
    yield _section("stages", "The stages")
    yield '<fieldset class="steps"><legend>Stage</legend>'
    yield '<button type="button" id="back">‹ Back</button>'
    for k, stage in enumerate(made.stages):
        checked = " checked" if k == 0 else ""
        yield (
            f'<label><input type="radio" name="stage" value="stage-{stage.name}"{checked}>'
            f"{k + 1} {stage.name}</label>"
        )
    yield '<button type="button" id="next">Next ›</button></fieldset>'
    before: set[str] = set()
    for k, stage in enumerate(made.stages):
        hidden = "" if k == 0 else " hidden"
        items = []
        for line in stage.text.splitlines():
            new = k > 0 and line.strip() and line.strip() not in before
            mark = ' class="new"' if new else ""
            items.append(f"<li{mark}>{html.escape(line, quote=False)}")
        before = {line.strip() for line in stage.text.splitlines()}
        marked = " Lines that are new are marked at their left." if k else ""
        yield (
            f'<div class="card" id="stage-{stage.name}"{hidden}><p class="about">'
            f'{html.escape(stage.about)}.{marked}</p><div class="scroll">'
            f'<ol class="lines" aria-label="{stage.name}">{"".join(items)}</ol></div></div>'
        )
    yield "</section>"


def source_of(subject: Subject) -> str:
    """The text of the function, from its file."""
    import ast

    loc = subject.entry.loc
    if loc is None:
        return ""
    lines = linecache.getlines(loc.file)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda) and node.lineno == loc.line:
            return "".join(lines[node.lineno - 1 : node.end_lineno])
    return "".join(lines[loc.line - 1 : loc.line + 40])
