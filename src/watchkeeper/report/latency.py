"""How long predictions took, by quantile, over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from watchkeeper.report.figure import Figure, axis, empty_figure, layout, time_axis
from watchkeeper.report.lines import Values, line
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import number


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
            yaxis=axis(theme, title="milliseconds", type="log", **_ticks(quantiles.values())),
        ),
    }


def _ticks(lines: Iterable[Values]) -> dict[str, Any]:
    """Ticks at 1, 2 and 5 of each decade that the values touch; only at 1 where they span more than three."""
    known = [value for values in lines for value in values if value is not None and value > 0]
    if not known:
        return {}
    first, last = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    steps = (1, 2, 5) if last - first <= 3 else (1,)
    ticks = [step * 10.0**decade for decade in range(first, last + 1) for step in steps]
    return {"tickmode": "array", "tickvals": ticks, "ticktext": [number(tick, 1) for tick in ticks]}
