"""What the model said, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.report.figure import Figure, axis, empty_figure, layout, time_axis
from watchkeeper.report.lines import Values, band, line
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import figure_text, iso


@dataclass(frozen=True, kw_only=True)
class PredictionSeries:
    """A numeric output window by window (None: no rows). `reference` is the mean over the reference, if it is known."""

    times: tuple[float, ...]
    mean: Values
    median: Values
    low: Values
    high: Values
    reference: float | None = None


def predictions_figure(series: PredictionSeries, theme: Theme = LIGHT, *, name: str = "") -> Figure:
    """Mean and median in the band between the 10th and the 90th percentile, the reference mean as a dashed line."""
    if not series.times:
        return empty_figure("No prediction in this time.", theme)
    traces = [
        *band("10th to 90th percentile", series.times, series.low, series.high, theme.band),
        line("mean", series.times, series.mean, theme.current),
        line("median", series.times, series.median, theme.third, dash="dot"),
    ]
    if series.reference is not None:
        level = [series.reference] * len(series.times)
        traces.append(line("reference mean", series.times, level, theme.reference, dash="dash"))
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=260,
            hovermode="x unified",
            xaxis=time_axis(theme),
            yaxis=axis(theme, title=figure_text(name), nticks=5),
        ),
    }


def classes_figure(times: Sequence[float], shares: Mapping[str, Values], theme: Theme = LIGHT) -> Figure:
    """Share of each predicted class, stacked; the first three classes have colours, further ones share the grey."""
    if not times or not shares:
        return empty_figure("No prediction in this time.", theme)
    colours = (theme.current, theme.third, theme.second)
    traces = [
        {
            "type": "bar",
            "name": figure_text(name),
            "x": [iso(time) for time in times],
            "y": list(values),
            "marker": {"color": colours[i] if i < len(colours) else theme.reference},
            "hovertemplate": "%{y:.1%}",
        }
        for i, (name, values) in enumerate(shares.items())
    ]
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=260,
            barmode="stack",
            bargap=0.1,
            hovermode="x unified",
            xaxis=time_axis(theme),
            yaxis=axis(theme, title="share of predictions", tickformat=".0%", range=[0, 1], nticks=5),
        ),
    }
