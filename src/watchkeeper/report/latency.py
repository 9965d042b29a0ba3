"""How long predictions took, by quantile, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchkeeper.report.figure import Figure, axis, empty_figure, layout, time_axis
from watchkeeper.report.lines import Values, line
from watchkeeper.report.theme import LIGHT, Theme


def latency_figure(times: Sequence[float], quantiles: Mapping[float, Values], theme: Theme = LIGHT) -> Figure:
    """One line a quantile (0.5, 0.95, 0.99 …), values in milliseconds, on a log axis: tails are ratios."""
    if not times:
        return empty_figure("No prediction has been served in this time.", theme)
    colours = (theme.current, theme.third, theme.second)
    dashes = ("solid", "dash", "dot")
    traces = [
        line(f"p{quantile * 100:g}", times, values, colours[i % 3], unit=" ms", dash=dashes[i % 3])
        for i, (quantile, values) in enumerate(sorted(quantiles.items()))
    ]
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=240,
            hovermode="x unified",
            xaxis=time_axis(theme),
            yaxis=axis(
                theme, title="milliseconds", type="log", nticks=6, exponentformat="none", minorloglabels="complete"
            ),
        ),
    }
