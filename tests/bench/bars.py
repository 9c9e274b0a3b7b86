"""The picture of the benchmark: a panel a workload, a bar a tool, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.bench.measure import ratio
from tests.bench.proof import HAND, NUMBA, NUMBA_PRIMAL, O1, O2, PRIMAL, C, Results

BARS = {
    O1: ("s2sad -O1", "#56b4e9"),
    O2: ("s2sad -O2", "#0072b2"),
    HAND: ("by hand", "#999999"),
    NUMBA: ("s2sad, Numba", "#009e73"),
    NUMBA_PRIMAL: ("primal, Numba", "#a6dbc9"),
    C: ("by hand, C", "#555555"),
    "jax.jit": ("jax.jit", "#e69f00"),
    "PyTorch": ("PyTorch", "#d55e00"),
    "autograd": ("autograd", "#cc79a7"),
    "tangent-ad": ("tangent-ad", "#f0e442"),
}
COLUMNS, WIDTH, HEIGHT, TOP, BAR = 5, 190, 150, 60, 14
LOW, HIGH = 1e-3, 1e4


def _y(value: float) -> float:
    """From the foot of a panel."""
    within = min(max(value, LOW), HIGH)
    return (HEIGHT - 40) * math.log(within / LOW) / math.log(HIGH / LOW)


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{text}</text>'


def _bar(x: float, y: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{BAR - 2}" height="{height:.1f}"'
        f' fill="{colour}"/>'
    )


def _panel(name: str, left: float, foot: float, values: dict[str, float]) -> Iterator[str]:
    for power in range(-3, 5):
        y = foot - _y(10.0**power)
        colour = "#888" if power == 0 else "#e4e4e4"
        yield (
            f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{left + BAR * len(BARS):.1f}"'
            f' y2="{y:.1f}" stroke="{colour}"/>'
        )
        if power % 2 == 0:
            label = f"{10.0**power:g}" if power <= 0 else f"{10**power:,}"
            yield _text(left - 4, y + 4, label, "end")
    for k, (tool, (_, colour)) in enumerate(BARS.items()):
        if tool in values:
            high = _y(values[tool])
            yield _bar(left + BAR * k + 1, foot - high, max(high, 1.0), colour)
    yield _text(left, foot + 16, name)


def picture(found: Results) -> str:
    rows = -(-len(found) // COLUMNS)
    width, height = COLUMNS * WIDTH + 20, TOP + rows * HEIGHT
    title = "CPU time of value and gradient over that of the primal in Python"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' font-family="sans-serif" font-size="11">',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        _text(40, 16, f"{title}; 1 is the primal"),
    ]
    for k, (label, colour) in enumerate(BARS.values()):
        x, y = 40 + 180 * (k % COLUMNS), 24 + 16 * (k // COLUMNS)
        parts += [_bar(x, y, 11, colour), _text(x + BAR + 2, y + 10, label)]
    for k, (name, entries) in enumerate(found.items()):
        values = {}
        for tool in BARS:
            value = ratio(entries[tool], entries[PRIMAL]) if tool in entries else None
            if value is not None:
                values[tool] = value
        left, foot = 40 + WIDTH * (k % COLUMNS), TOP + HEIGHT * (k // COLUMNS) + HEIGHT - 30
        parts += _panel(name, left, foot, values)
    return "\n".join([*parts, "</svg>"]) + "\n"
