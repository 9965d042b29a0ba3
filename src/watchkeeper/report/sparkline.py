"""Small pictures without a script: inline SVG drawn with the page's own colours.

The SVG holds only numbers and fixed class names, so there is nothing in it to escape. It is decoration beside a number
or word that says the same, and is hidden from screen readers.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 120, 28


def sparkline(values: Sequence[float | None]) -> str:
    """A line over equally spaced values, gaps left open, the last value marked. Empty text without values."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = WIDTH / max(1, len(values) - 1)
    points = [
        None if value is None else (i * step, HEIGHT - 3 - (value - low) / span * (HEIGHT - 6))
        for i, value in enumerate(values)
    ]
    last = next(point for point in reversed(points) if point is not None)
    dot = f'<circle class="spark-dot" cx="{_n(min(last[0], WIDTH - 2.5))}" cy="{_n(last[1])}" r="2.5"/>'
    return _svg(f'<path class="spark-line" d="{_path(points)}"/>{dot}')


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{_n(point[0])} {_n(point[1])}")
        pen = "L"
    return "".join(parts)


def histogram(reference: Sequence[float], current: Sequence[float]) -> str:
    """Two sets of shares on the same bars: the reference filled, now as an outline. Empty text without any."""
    top = max([*reference, *current], default=0.0)
    if top <= 0:
        return ""
    width = WIDTH / len(reference)
    bars = "".join(
        f"M{_n(i * width)} {HEIGHT}V{_n(HEIGHT - share / top * (HEIGHT - 2))}h{_n(width * 0.92)}V{HEIGHT}Z"
        for i, share in enumerate(reference)
        if share > 0
    )
    return _svg(f'<path class="spark-ref" d="{bars}"/><path class="spark-now" d="{_outline(current, top, width)}"/>')


def _outline(current: Sequence[float], top: float, width: float) -> str:
    parts = [f"M0 {HEIGHT}"]
    for i, share in enumerate(current):
        parts.append(f"V{_n(HEIGHT - share / top * (HEIGHT - 2))}H{_n((i + 1) * width)}")
    return "".join([*parts, f"V{HEIGHT}"])


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _svg(inner: str) -> str:
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-hidden="true" focusable="false">{inner}</svg>'
    )
