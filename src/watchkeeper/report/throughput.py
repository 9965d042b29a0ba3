"""How much was served, and how much of it failed, over time."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.report.figure import Figure, axis, empty_figure, layout, time_axis
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import iso


def throughput_figure(
    times: Sequence[float], served: Sequence[int], failed: Sequence[int], theme: Theme = LIGHT, *, width: float = 0
) -> Figure:
    """Stacked bars of rows answered and rows failed, `width` seconds each (0: let Plotly choose)."""
    if not times:
        return empty_figure("No prediction has been served in this time.", theme)
    middle = [iso(time + width / 2) for time in times]
    good = _bars("answered", middle, served, theme.current)
    bad = _bars("failed", middle, failed, theme.alarm) | {
        "marker": {
            "color": theme.alarm,
            "pattern": {"shape": "/", "bgcolor": theme.alarm, "fgcolor": theme.surface, "size": 5},
        }
    }
    return {
        "data": [good, bad],
        "layout": layout(
            theme,
            height=240,
            barmode="stack",
            bargap=0.15,
            hovermode="x unified",
            xaxis=time_axis(theme),
            yaxis=axis(theme, title="rows", rangemode="tozero", nticks=5),
        ),
    }


def _bars(name: str, times: Sequence[str | None], rows: Sequence[int], colour: str) -> Figure:
    return {
        "type": "bar",
        "name": name,
        "x": list(times),
        "y": list(rows),
        "marker": {"color": colour},
        "hovertemplate": "%{y:,}",
    }
