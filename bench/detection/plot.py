"""Seconds of a comparison by rows, both axes logarithmic, as a small SVG that needs nothing to be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.detection.figure import Figure
from bench.measure import number

WIDTH, HEIGHT, MARGIN = 640, 360, 60
_START, _END = "seconds at ", " rows"


def rows_plot(figures: Sequence[Figure]) -> str:
    """The figures that say `seconds at N rows` as points, with the line through the last one that is linear."""
    points = [
        (float(figure.what.removeprefix(_START).removesuffix(_END).replace(",", "")), figure.number)
        for figure in figures
        if figure.what.startswith(_START)
    ]
    rows, seconds = zip(*points, strict=True)
    axes = _Axis(rows, MARGIN, WIDTH - MARGIN / 2), _Axis(seconds, HEIGHT - MARGIN, MARGIN / 2)
    places = [(axes[0].at(x), axes[1].at(y)) for x, y in points]
    linear = [
        (axes[0].at(x), axes[1].at(seconds[-1] * x / rows[-1]))
        for x in (rows[-1], rows[-1] * axes[1].low / seconds[-1])
    ]
    parts = [
        *(_text(axes[0].at(tick), HEIGHT - MARGIN + 20, f"{tick:,.0f}", "middle") for tick in axes[0].ticks),
        *(_text(MARGIN - 8, axes[1].at(tick) + 4, number(tick), "end") for tick in axes[1].ticks),
        _text(WIDTH / 2, HEIGHT - 12, "rows on each side, 20 columns", "middle"),
        _text(MARGIN, 18, "seconds, from files", "start"),
        _line(linear, "#999999", "4 4"),
        _line(places, "#1f6feb", ""),
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1f6feb"/>' for x, y in places),
        *(_text(x, y - 10, number(second), "middle") for (x, y), second in zip(places, seconds, strict=True)),
    ]
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'
    back = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    return "\n".join([head, "<title>Seconds of a comparison by rows</title>", back, *parts, "</svg>", ""])


class _Axis:
    """A logarithmic axis over whole decades that hold `values`, from pixel `start` to pixel `end`."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self.ticks = [10.0**power for power in range(first, max(last, first + 1) + 1)]
        self.low, self.start, self.end = self.ticks[0], start, end

    def at(self, value: float) -> float:
        """The pixel of a value."""
        decades = math.log10(self.ticks[-1] / self.low)
        return self.start + (self.end - self.start) * math.log10(value / self.low) / decades


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#444444">{words}</text>'


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
