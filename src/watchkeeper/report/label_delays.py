"""How long labels take: the share of them that had come within a time of their prediction, on a scale of time by ten.

Only labels that have come are in it. Those of young predictions that are still on their way would move it to the right.
"""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.report.figure import Figure, axis, empty_figure, layout
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import duration, percent

NO_LABEL = "No label has come yet."
MARKS = {"1 s": 1, "1 min": 60, "1 h": 3600, "1 d": 86_400, "1 wk": 604_800, "30 d": 2_592_000, "1 y": 31_536_000}


def delays_figure(within: Sequence[float], shares: Sequence[float], theme: Theme = LIGHT) -> Figure:
    """`shares` (n,) of the labels that came `within` (n,) seconds, both rising."""
    if not len(within):
        return empty_figure(NO_LABEL, theme)
    curve = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "labels that have come",
        "x": [max(seconds, 1.0) for seconds in within],
        "y": [float(f"{share:.5g}") for share in shares],
        "line": {"color": theme.third, "width": 2},
        "marker": {"color": theme.third, "size": 5},
        "text": [f"{percent(share)} within {duration(seconds)}" for seconds, share in zip(within, shares, strict=True)],
        "hovertemplate": "%{text}<extra></extra>",
    }
    ticks = {"tickmode": "array", "tickvals": list(MARKS.values()), "ticktext": list(MARKS)}
    return {
        "data": [curve],
        "layout": layout(
            theme,
            height=200,
            showlegend=False,
            xaxis=axis(theme, title="time from prediction to label", type="log", showline=True, **ticks),
            yaxis=axis(theme, title="labels", tickformat=".0%", range=[0, 1.02], nticks=4),
        ),
    }
