"""A graph as DOT, as Mermaid, as SVG."""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from s2sad.inspect.graph import Graph, Line, Point
from s2sad.inspect.layout import Layout, laid_out

_HEIGHT, _GAP, _MARGIN = 44.0, 52.0, 12.0
_LETTER = 7.3

STYLE = """
.s2-graph{--ink:#1c2430;--soft:#5b6675;--line:#9aa5b1;--node:#ffffff;--edge:#c3ccd6;
--active:#0b6bcb;--active-fill:#e8f2fd;--bar:#b3261e;--out:#0f7b4f;--out-fill:#e4f5ec;--halo:#ffffff}
@media (prefers-color-scheme:dark){.s2-graph{--ink:#e6ebf2;--soft:#a3afbd;--line:#66727f;
--node:#1b2129;--edge:#3b4653;--active:#6cb4ff;--active-fill:#16283b;--bar:#ff9d94;
--out:#6fd3a4;--out-fill:#142c22;--halo:#12161c}}
.s2-graph text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--ink)}
.s2-graph .n rect{fill:var(--node);stroke:var(--line)}
.s2-graph .n.active rect{fill:var(--active-fill);stroke:var(--active)}
.s2-graph .n.output rect{fill:var(--out-fill);stroke:var(--out);stroke-width:2}
.s2-graph .n.input rect{rx:21}
.s2-graph .n.folded rect{stroke-dasharray:5 4}
.s2-graph .l path{fill:none;stroke:var(--edge);stroke-width:1.5}
.s2-graph .l.active path{stroke:var(--active)}
.s2-graph .l text{paint-order:stroke;stroke:var(--halo);stroke-width:4px}
.s2-graph .v{font-size:11px;fill:var(--soft)}
.s2-graph .b{font-size:11px;fill:var(--bar)}
.s2-graph .lit rect{stroke-width:3}
.s2-graph .lit path{stroke-width:3}
"""


def as_svg(graph: Graph, style: bool = True) -> str:
    """`style`: with the colours in it, light and dark."""
    widths = {point.key: _width(point) for point in graph.points}
    edges = [(line.source, line.target) for line in graph.lines]
    layout = laid_out(widths, edges, _HEIGHT, _GAP)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    title = html.escape(f"s2sad: the data flow of {graph.name}")
    parts = [
        f'<svg class="s2-graph" xmlns="http://www.w3.org/2000/svg" role="img"'
        f' viewBox="{-_MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}" aria-label="{title}">',
        f"<title>{title}</title>",
    ]
    if style:
        parts.append(f"<style>{STYLE}</style>")
    parts.append(
        '<defs><marker id="s2-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"'
        ' fill="context-stroke" stroke="none"/></marker></defs>'
    )
    crowded = len(graph.lines) > 60
    points = {point.key: point for point in graph.points}
    ends = _ends(graph, layout, widths)
    parts += (_svg_line(line, layout, points, ends[line], crowded) for line in graph.lines)
    parts += (_svg_point(point, layout, widths[point.key]) for point in graph.points)
    return "".join([*parts, "</svg>\n"])


def _width(point: Point) -> float:
    below = len(point.value) + len(point.adjoint) + 5 if point.value else 0
    return max(56.0, _LETTER * len(point.title) + 22, 6.3 * below + 18)


class _Ends(NamedTuple):
    """Where along the sides of its nodes an edge leaves and arrives; the first edge that
    leaves a node tells its value."""

    leaves: float
    arrives: float
    first: bool


def _ends(graph: Graph, layout: Layout, widths: dict[str, float]) -> dict[Line, _Ends]:
    """The ends of the edges of a node side by side, in the order of where they go."""
    leaves: dict[Line, float] = {}
    arrives: dict[Line, float] = {}
    firsts: set[Line] = set()
    for point in graph.points:
        out = [line for line in graph.lines if line.source == point.key]
        into = [line for line in graph.lines if line.target == point.key]
        out.sort(key=lambda line: layout.ways[line.source, line.target][1][0])
        into.sort(key=lambda line: layout.ways[line.source, line.target][-2][0])
        for group, found in ((out, leaves), (into, arrives)):
            step = min(30.0, (widths[point.key] - 20) / max(1, len(group)))
            for k, line in enumerate(group):
                found[line] = layout.places[point.key][0] + step * (k - (len(group) - 1) / 2)
        firsts.update(out[-1:])
    return {line: _Ends(leaves[line], arrives[line], line in firsts) for line in graph.lines}


def _svg_line(
    line: Line, layout: Layout, points: dict[str, Point], ends: _Ends, crowded: bool
) -> str:
    way = layout.ways[line.source, line.target]
    begin = ends.leaves, way[0][1] + _HEIGHT / 2
    end = ends.arrives, way[-1][1] - _HEIGHT / 2 - 1
    stops = [begin, *way[1:-1], end]
    path = [f"M{begin[0]:.1f} {begin[1]:.1f}"]
    for (ax, ay), (bx, by) in itertools.pairwise(stops):
        middle = (ay + by) / 2
        path.append(f"C{ax:.1f} {middle:.1f} {bx:.1f} {middle:.1f} {bx:.1f} {by:.1f}")
    said = f"{points[line.source].title} to {points[line.target].title}"
    said += f": {line.value} forward" if line.value else ""
    said += f", {line.adjoint} back" if line.adjoint and line.value else ""
    text = ""
    if not crowded:
        centre = layout.places[line.target][0]
        side = -1 if end[0] < centre - 1 else 1
        if len(line.adjoint) <= 14:
            text = _label("b", end[0] + 6 * side, end[1] - 13, side, line.adjoint)
        if ends.first and len(line.value) <= 12 and len(way) == 2:
            text += _label("v", begin[0] + 6, begin[1] + 13, 1, line.value)
    active = " active" if line.active else ""
    return (
        f'<g class="l{active}"><title>{html.escape(said)}</title>'
        f'<path d="{"".join(path)}" marker-end="url(#s2-arrow)"/>{text}</g>'
    )


def _label(kind: str, x: float, y: float, side: int, text: str) -> str:
    anchor = "start" if side > 0 else "end"
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{html.escape(text)}</text>' if text else ""


def _svg_point(point: Point, layout: Layout, width: float) -> str:
    x, y = layout.places[point.key]
    names = html.escape(" ".join(sorted(point.about)[:40]))
    classes = " ".join(filter(None, ("n", point.kind, "active" if point.active else "")))
    said = point.title + (f" = {point.value}" if point.value else "")
    said += f", adjoint {point.adjoint}" if point.adjoint else ""
    up = -4 if point.value else 4.5
    place = f'text-anchor="middle" x="{x:.1f}" y="{y + up:.1f}"'
    text = f"<text {place}>{html.escape(point.title)}</text>"
    if point.value:
        back = (
            f'<tspan class="b" dx="8">{html.escape(point.adjoint)}</tspan>'
            if point.adjoint
            else ""
        )
        text += (
            f'<text text-anchor="middle" x="{x:.1f}" y="{y + 13:.1f}">'
            f'<tspan class="v">{html.escape(point.value)}</tspan>{back}</text>'
        )
    return (
        f'<g class="{classes}" data-of="{names}"><title>{html.escape(said)}</title>'
        f'<rect x="{x - width / 2:.1f}" y="{y - _HEIGHT / 2:.1f}" width="{width:.1f}"'
        f' height="{_HEIGHT:.0f}" rx="6"/>{text}</g>'
    )


_COLOURS = {"output": "#0f7b4f", "active": "#0b6bcb", "": "#9aa5b1"}


def as_dot(graph: Graph) -> str:
    return "\n".join([*_dot(graph), ""])


def _dot(graph: Graph) -> Iterator[str]:
    yield f"// s2sad: the data flow of {graph.name}; red: adjoints"
    yield "digraph {"
    yield '  node [shape=box, style=rounded, fontname="monospace"];'
    yield '  edge [fontname="monospace", fontsize=10];'
    for point in graph.points:
        below = f"\n{point.value}" + (f"  ∂ {point.adjoint}" if point.adjoint else "")
        label = json.dumps(point.title + (below if point.value else ""), ensure_ascii=False)
        colour = _COLOURS[_shade(point)]
        style = ', style="rounded,dashed"' if point.kind == "folded" else ""
        yield f'  {point.key} [label={label}, color="{colour}"{style}];'
    for line in graph.lines:
        words = [
            line.value,
            f"∂ {line.adjoint}" if line.adjoint and line.value else line.adjoint,
        ]
        label = json.dumps("  ".join(filter(None, words)), ensure_ascii=False)
        colour = _COLOURS["active" if line.active else ""]
        yield f'  {line.source} -> {line.target} [label={label}, color="{colour}"];'
    yield "}"


def _shade(point: Point) -> str:
    return "output" if point.kind == "output" else "active" if point.active else ""


def as_mermaid(graph: Graph) -> str:
    return "\n".join([*_mermaid(graph), ""])


def _mermaid(graph: Graph) -> Iterator[str]:
    yield f"%% s2sad: the data flow of {graph.name}"
    yield "flowchart TD"
    for point in graph.points:
        below = f"<br/>{point.value}" + (f", ∂ {point.adjoint}" if point.adjoint else "")
        label = _quoted(point.title) + (_quoted(below) if point.value else "")
        opened, closed = ("([", "])") if point.kind == "input" else ("[", "]")
        label = label.replace("&lt;br/&gt;", "<br/>")
        yield f'  {point.key}{opened}"{label}"{closed}'
    for line in graph.lines:
        words = [
            line.value,
            f"∂ {line.adjoint}" if line.adjoint and line.value else line.adjoint,
        ]
        label = _quoted("  ".join(filter(None, words)))
        yield (
            f'  {line.source} -->|"{label}"| {line.target}'
            if label
            else (f"  {line.source} --> {line.target}")
        )
    for name in ("output", "active"):
        keys = [point.key for point in graph.points if _shade(point) == name]
        if keys:
            yield f"  classDef {name} stroke:{_COLOURS[name]},stroke-width:2px"
            yield f"  class {','.join(keys)} {name}"


def _quoted(text: str) -> str:
    """For Mermaid, whose strings know HTML's entities."""
    return html.escape(text).replace("&#x27;", "'").replace("|", "&#124;")


FORMATS: dict[str, Callable[[Graph], str]] = {
    "dot": as_dot,
    "mermaid": as_mermaid,
    "svg": as_svg,
}
