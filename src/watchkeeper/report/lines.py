"""Plain lines over time, the part that latency, throughput and prediction figures share."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.report.figure import Figure
from watchkeeper.report.words import figure_text, iso

Values = Sequence[float | None]


def line(
    name: str, times: Sequence[float], values: Values, colour: str, *, unit: str = "", dash: str = "solid"
) -> Figure:
    """One line; a None in `values` is a gap, never a bridge. `times` are Unix seconds."""
    lonely = len(times) < 2
    return {
        "type": "scatter",
        "mode": "lines+markers" if lonely else "lines",
        "name": figure_text(name),
        "x": [iso(time) for time in times],
        "y": list(values),
        "connectgaps": False,
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"color": colour, "size": 6},
        "hovertemplate": f"%{{y:.4~g}}{unit}",
    }


def band(name: str, times: Sequence[float], low: Values, high: Values, colour: str) -> list[Figure]:
    """The space between two lines: two traces, the second filled down to the first."""
    shared = {
        "type": "scatter",
        "mode": "lines",
        "x": [iso(time) for time in times],
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
    }
    lower = shared | {"y": list(low), "showlegend": False, "name": f"{figure_text(name)}, lower"}
    upper = shared | {"y": list(high), "fill": "tonexty", "fillcolor": colour, "name": figure_text(name)}
    return [lower, upper]
