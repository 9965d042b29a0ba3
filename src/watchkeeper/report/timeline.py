"""Verdicts over time: one row a feature, one cell a window, a mark where an alert began."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.events.verdict import Verdict
from watchkeeper.report.figure import Figure, empty_figure, layout, named_axis, time_axis
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import figure_text, iso, moment

ORDER = (Verdict.NOT_COMPUTABLE, Verdict.NOT_ENOUGH_DATA, Verdict.OK, Verdict.WARN, Verdict.ALARM)
GLYPH = {Verdict.ALARM: "■", Verdict.WARN: "▲", Verdict.OK: ""}
_GLYPH_WINDOWS = 60


@dataclass(frozen=True, kw_only=True)
class AlertMark:
    """An alert on the time line. Times are Unix seconds."""

    onset: float
    title: str
    feature: str | None = None


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """`verdicts[row][window]`, None where a window was not judged. `starts` are Unix seconds, `width` seconds."""

    rows: tuple[str, ...]
    starts: tuple[float, ...]
    width: float
    verdicts: tuple[tuple[Verdict | None, ...], ...]
    alerts: tuple[AlertMark, ...] = ()


def timeline_figure(timeline: Timeline, theme: Theme = LIGHT) -> Figure:
    """A calendar of verdicts. Alarm and warn carry a glyph as well as a colour while the cells are wide enough."""
    if not timeline.starts or not timeline.rows:
        return empty_figure("No window has been judged yet. The first verdict comes when a window closes.", theme)
    traces = [_cells(timeline, theme), _marks(timeline, theme)]
    traces += [_key(verdict, theme) for verdict in reversed(ORDER) if verdict in _present(timeline)]
    half = timeline.width / 2
    span = [iso(timeline.starts[0] - half * 0.2), iso(timeline.starts[-1] + half * 2.2)]
    rows = len(timeline.rows)
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=104 + 22 * rows,
            xaxis=time_axis(theme, range=span),
            yaxis=named_axis(theme, timeline.rows, limit=22, range=[rows - 0.5, -0.9]),
        ),
    }


def _present(timeline: Timeline) -> set[Verdict]:
    return {verdict for row in timeline.verdicts for verdict in row if verdict is not None}


def _cells(timeline: Timeline, theme: Theme) -> Figure:
    glyphs = len(timeline.starts) <= _GLYPH_WINDOWS
    return {
        "type": "heatmap",
        "x": [iso(start + timeline.width / 2) for start in timeline.starts],
        "y": list(range(len(timeline.rows))),
        "z": [[None if cell is None else ORDER.index(cell) for cell in row] for row in timeline.verdicts],
        "zmin": -0.5,
        "zmax": len(ORDER) - 0.5,
        "colorscale": _steps(theme),
        "showscale": False,
        "xgap": 1 if len(timeline.starts) <= 200 else 0,
        "ygap": 2,
        "text": [
            ["" if cell is None or not glyphs else GLYPH.get(cell, "·") for cell in row] for row in timeline.verdicts
        ],
        "texttemplate": "%{text}",
        "textfont": {"color": theme.surface, "size": 9},
        "customdata": _hovers(timeline),
        "hovertemplate": "%{customdata}<extra></extra>",
        "name": "verdict",
    }


def _glyph(verdict: Verdict | None) -> str:
    return "" if verdict is None else GLYPH.get(verdict, "·")


def _steps(theme: Theme) -> list[list[object]]:
    """A colour scale of flat steps, one a verdict."""
    colours = (theme.line, theme.line, theme.band, theme.warn, theme.alarm)
    steps: list[list[object]] = []
    for place, colour in enumerate(colours):
        steps += [[place / len(colours), colour], [(place + 1) / len(colours), colour]]
    return steps


def _hovers(timeline: Timeline) -> list[list[str]]:
    times = [moment(start) for start in timeline.starts]
    return [
        [f"{figure_text(name, 60)}<br>{time}<br>{cell or 'not judged'}" for time, cell in zip(times, row, strict=True)]
        for name, row in zip(timeline.rows, timeline.verdicts, strict=True)
    ]


def _marks(timeline: Timeline, theme: Theme) -> Figure:
    """Where alerts began: a flag above the first row, its text on hover."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "alert began",
        "showlegend": bool(timeline.alerts),
        "x": [iso(alert.onset) for alert in timeline.alerts],
        "y": [-0.72] * len(timeline.alerts),
        "marker": {"symbol": "triangle-down", "size": 11, "color": theme.ink},
        "text": [f"{figure_text(alert.title, 90)}<br>began {moment(alert.onset)}" for alert in timeline.alerts],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _key(verdict: Verdict, theme: Theme) -> Figure:
    """A legend entry for a cell colour."""
    colour = {Verdict.ALARM: theme.alarm, Verdict.WARN: theme.warn, Verdict.OK: theme.band}.get(verdict, theme.line)
    marker = {"symbol": "square", "size": 11, "color": colour}
    return {"type": "scatter", "mode": "markers", "name": verdict.value, "x": [None], "y": [None], "marker": marker}
