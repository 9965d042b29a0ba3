"""A classifier in pictures: ROC, precision and recall, calibration, scores by label; and the errors of a regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from watchkeeper.report.figure import Figure, axis, empty_figure, layout
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import count, figure_text, number, percent

MOST_POINTS = 240
HEIGHT = 300


def curve_figure(
    x: Sequence[float],
    y: Sequence[float],
    threshold: Sequence[float | None],
    titles: tuple[str, str],
    theme: Theme = LIGHT,
    *,
    level: float | None = None,
    chance: bool = False,
) -> Figure:
    """A curve over thresholds; `chance` draws the diagonal, `level` a horizontal line of deciding by lot."""
    if not len(x):
        return empty_figure("It takes scores, and labels of both kinds.", theme)
    kept = _thinned(len(x))
    points = {
        "type": "scatter",
        "mode": "lines",
        "name": "model",
        "x": [_short(x[k]) for k in kept],
        "y": [_short(y[k]) for k in kept],
        "line": {"color": theme.current, "width": 2},
        "text": ["nothing decided" if threshold[k] is None else f"threshold {number(threshold[k])}" for k in kept],
        "hovertemplate": f"%{{text}}<br>{titles[0]} %{{x:.3f}}<br>{titles[1]} %{{y:.3f}}<extra></extra>",
    }
    ends = [0, 1] if chance else [level, level]
    lot = _straight("by lot", ends, theme) if chance or level is not None else None
    return {
        "data": [*([lot] if lot else []), points],
        "layout": layout(
            theme, height=HEIGHT, xaxis=_unit(theme, titles[0]), yaxis=_unit(theme, titles[1]),
        ),
    }  # fmt: skip


def calibration_figure(points: Mapping[str, Sequence[float]], theme: Theme = LIGHT) -> Figure:
    """What came true against what was said; `points` by bin: `expected`, `true`, `low`, `high`, `rows`."""
    expected, true, low, high, rows = (points[name] for name in ("expected", "true", "low", "high", "rows"))
    if not len(rows):
        return empty_figure("It takes scores and labels.", theme)
    said = [
        f"said {percent(e)}, came true {percent(t)} ({percent(a)} to {percent(b)})<br>{count(n)} rows"
        for e, t, a, b, n in zip(expected, true, low, high, rows, strict=True)
    ]
    curve = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "model",
        "x": [_short(value) for value in expected],
        "y": [_short(value) for value in true],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [_short(max(0.0, b - t)) for b, t in zip(high, true, strict=True)],
            "arrayminus": [_short(max(0.0, t - a)) for a, t in zip(low, true, strict=True)],
            "color": theme.current,
            "thickness": 1.2,
            "width": 3,
        },
        "line": {"color": theme.current, "width": 1.5},
        "marker": {"color": theme.current, "size": 7},
        "text": said,
        "hovertemplate": "%{text}<extra></extra>",
    }
    return {
        "data": [_straight("perfectly calibrated", [0, 1], theme), curve],
        "layout": layout(
            theme, height=HEIGHT, xaxis=_unit(theme, "probability said"), yaxis=_unit(theme, "share that came true"),
        ),
    }  # fmt: skip


def scores_figure(edges: Sequence[float], rows: Mapping[str, Sequence[float]], theme: Theme = LIGHT) -> Figure:
    """Shares of scores by what the label was: each label's bars sum to one, so rare labels are seen too."""
    if not any(sum(values) for values in rows.values()):
        return empty_figure("It takes scores and labels.", theme)
    colours = (theme.reference, theme.current, theme.third, theme.second)
    return {
        "data": [
            _bars(f"label {name}", edges, values, colours[place % len(colours)])
            for place, (name, values) in enumerate(rows.items())
        ],
        "layout": layout(
            theme,
            height=HEIGHT,
            barmode="overlay",
            bargap=0,
            xaxis=_unit(theme, "score"),
            yaxis=axis(theme, title="share of its label's rows", tickformat=".0%", rangemode="tozero", nticks=5),
        ),
    }


def errors_figure(edges: Sequence[float], rows: Sequence[float], theme: Theme = LIGHT) -> Figure:
    """How far predictions lay off: prediction less truth."""
    if not sum(rows):
        return empty_figure("It takes labels.", theme)
    zero = {
        "type": "line", "xref": "x", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1,
        "line": {"color": theme.muted, "width": 1, "dash": "dash"},
    }  # fmt: skip
    return {
        "data": [_bars("rows", edges, rows, theme.current)],
        "layout": layout(
            theme,
            height=HEIGHT,
            bargap=0,
            showlegend=False,
            shapes=[zero],
            xaxis=axis(theme, title="prediction less truth", showgrid=False, showline=True),
            yaxis=axis(theme, title="share of rows", tickformat=".0%", rangemode="tozero", nticks=5),
        ),
    }


def _bars(name: str, edges: Sequence[float], rows: Sequence[float], colour: str) -> Figure:
    total = sum(rows) or 1.0
    return {
        "type": "bar",
        "name": figure_text(name),
        "x": [_short((a + b) / 2) for a, b in pairwise(edges)],
        "width": [_short(b - a) for a, b in pairwise(edges)],
        "y": [_short(value / total) for value in rows],
        "marker": {"color": colour, "opacity": 0.62},
        "text": [f"{number(a)} to {number(b)}" for a, b in pairwise(edges)],
        "textposition": "none",
        "hovertemplate": "%{text}<br>%{y:.1%}",
    }


def _straight(name: str, ends: Sequence[float | None], theme: Theme) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [0, 1],
        "y": list(ends),
        "line": {"color": theme.reference, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _unit(theme: Theme, title: str) -> Figure:
    return axis(theme, title=title, range=[-0.02, 1.02], nticks=6, tickformat=".1~f", showline=True)


def _thinned(points: int) -> list[int]:
    """At most `MOST_POINTS` places, evenly, both ends among them."""
    if points <= MOST_POINTS:
        return list(range(points))
    return sorted({round(k * (points - 1) / (MOST_POINTS - 1)) for k in range(MOST_POINTS)})


def _short(value: float) -> float:
    return float(f"{value:.5g}")
