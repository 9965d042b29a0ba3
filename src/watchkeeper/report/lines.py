"""Plain lines over time, the part that latency, throughput and prediction figures share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

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
    """The space between two lines: an outline for each run of times where both are known, so no gap is bridged."""
    known = [None not in ends for ends in zip(low, high, strict=True)]
    x: list[str | None] = []
    y: list[float | None] = []
    for is_known, places in groupby(range(len(times)), key=known.__getitem__):
        if is_known:
            run = list(places)
            x += [iso(times[place]) for place in (*run, *reversed(run))] + [None]
            y += [low[place] for place in run] + [high[place] for place in reversed(run)] + [None]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": figure_text(name),
            "x": x,
            "y": y,
            "line": {"width": 0, "color": colour},
            "fill": "toself",
            "fillcolor": colour,
            "hoverinfo": "skip",
        }
    ]
