"""Memory against time of long loops: `python -m tests.bench.snapshots docs/snapshots.svg`.

Each point is a number of snapshots; the last one of a curve is the loop that records all.
Time is that of the process, the least of three runs; memory what `tracemalloc` sees.
"""

from __future__ import annotations

import math
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from s2sad import value_and_grad

Function = Callable[..., Any]


def pendulum(angle: float, n: int) -> float:
    speed = 0.0
    for _ in range(n):
        speed = speed - 0.001 * math.sin(angle)
        angle = angle + 0.001 * speed
    return angle


def burgers(start: Any, n: int) -> Any:
    u = start.copy()
    for _ in range(n):
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u * u)


class Curve(NamedTuple):
    label: str
    function: Function
    arguments: tuple[Any, ...]
    snapshots: tuple[int, ...]
    colour: str


CURVES = (
    Curve("10⁶ passes, two numbers", pendulum, (1.0, 10**6), (3, 4, 6, 10, 20, 50), "#0072b2"),
    Curve(
        "1000 passes, an array of 10⁴",
        burgers,
        (np.sin(np.linspace(0.0, 3.0, 10**4)), 1000),
        (3, 4, 6, 10, 20, 50, 200),
        "#d55e00",
    ),
)


class Point(NamedTuple):
    """snapshots: None where all is recorded."""

    snapshots: int | None
    seconds: float
    bytes: int


def measured(curve: Curve) -> Iterator[Point]:
    for snapshots in (*curve.snapshots, None):
        how = "revolve" if snapshots else None
        made = value_and_grad(curve.function, checkpoint=how, snapshots=snapshots)
        made(*curve.arguments[:-1], 2)
        seconds = min(_seconds(made, curve.arguments) for _ in range(3))
        tracemalloc.start()
        made(*curve.arguments)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        yield Point(snapshots, seconds, peak)


def _seconds(function: Function, arguments: tuple[Any, ...]) -> float:
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


# The picture.

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 70, 20, 20, 50
TIMES = (0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
SIZES = (1e5, 1e6, 1e7, 1e8)


def _x(ratio: float) -> float:
    low, high = math.log(0.65), math.log(8.0)
    return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(ratio) - low) / (high - low)


def _y(size: float) -> float:
    low, high = math.log(2e4), math.log(5e8)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log(size) - low) / (high - low)


def picture(curves: Sequence[tuple[Curve, list[Point]]]) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="12">',
        "<title>Peak memory of a gradient against its time, by the number of snapshots</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for ratio in TIMES:
        x = _x(ratio)
        parts.append(_line((x, TOP), (x, HEIGHT - BOTTOM), "#ddd"))
        parts.append(_text(x, HEIGHT - BOTTOM + 18, f"{ratio:g}", "middle"))
    for size in SIZES:
        y = _y(size)
        parts.append(_line((LEFT, y), (WIDTH - RIGHT, y), "#ddd"))
        label = f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} kB"
        parts.append(_text(LEFT - 6, y + 4, label, "end"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 10, "time, of the loop that records all", "middle"))
    for k, (curve, points) in enumerate(curves):
        parts += _curve(curve, points)
        parts.append(
            _text(WIDTH - RIGHT - 8, TOP + 18 + 18 * k, curve.label, "end", curve.colour)
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _curve(curve: Curve, points: list[Point]) -> Iterator[str]:
    whole = points[-1].seconds
    places = [(_x(point.seconds / whole), _y(point.bytes)) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{curve.colour}"/>'
    for point, (x, y) in zip(points, places, strict=True):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{curve.colour}"/>'
        label = f"{point.snapshots}" if point.snapshots else "all recorded"
        yield _text(x + 5, y - 6, label, "start", curve.colour)


def _line(start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def main() -> None:
    found = [(curve, list(measured(curve))) for curve in CURVES]
    for curve, points in found:
        print(curve.label)
        for snapshots, seconds, size in points:
            ratio = seconds / points[-1].seconds
            print(f"  {snapshots or 'all':>5}  {ratio:5.2f} x  {size / 1e6:8.2f} MB")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(picture(found), encoding="utf-8")


if __name__ == "__main__":
    main()
