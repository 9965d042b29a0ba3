"""What truly happened to performance, window by window, against what is ordinary and beside what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.report.figure import Figure, axis, empty_figure, layout, time_axis
from watchkeeper.report.lines import Values, band, line
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import figure_text, iso, moment


@dataclass(frozen=True, kw_only=True)
class LossSeries:
    """A loss by window. `times` are the windows' starts in Unix seconds; None where no label came.

    `low` and `high` are its 95 % interval, `estimated` what was said without labels. `ordinary` is the mean of the
    reference's blocks, `line` the loss beyond which a window counts as harmed (None: not known). `harmed` says which
    do, and `pages` are the times at which somebody was woken, with the words.
    """

    name: str
    times: tuple[float, ...]
    width: float
    loss: Values
    low: Values
    high: Values
    estimated: Values = ()
    ordinary: float | None = None
    line: float | None = None
    harmed: tuple[bool | None, ...] = ()
    pages: tuple[tuple[float, str], ...] = ()
    percent: bool = False


def losses_figure(series: LossSeries, theme: Theme = LIGHT) -> Figure:
    """The loss in its interval, the harm line dashed, harmed windows as marks, pages as flags along the top."""
    if not any(value is not None for value in series.loss):
        return empty_figure("No label came in this time, so performance is not known.", theme)
    middles = [time + series.width / 2 for time in series.times]
    traces = [
        *band("95 % interval", middles, series.low, series.high, theme.band),
        _with_format(line(series.name, middles, series.loss, theme.current), series),
    ]
    if any(value is not None for value in series.estimated):
        estimate = line("estimated without labels", middles, series.estimated, theme.second, dash="dot")
        traces.append(_with_format(estimate, series))
    traces += [*_levels(series, theme), _harmed(series, middles, theme), *_pages(series, theme)]
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=320,
            hovermode="closest",
            xaxis=time_axis(theme, range=[iso(series.times[0]), iso(series.times[-1] + series.width)]),
            yaxis=axis(theme, title=figure_text(series.name), nticks=5, tickformat=".0%" if series.percent else ""),
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        ),
    }


def _with_format(trace: Figure, series: LossSeries) -> Figure:
    shown = ":.1%" if series.percent else ":.4~g"
    return trace | {"hovertemplate": f"%{{x|%Y-%m-%d %H:%M}}<br>%{{y{shown}}}"}


def _levels(series: LossSeries, theme: Theme) -> list[Figure]:
    """What is ordinary, and the harm line, over the whole time."""
    ends = (series.times[0], series.times[-1] + series.width)
    levels = (("ordinary", series.ordinary, theme.reference, "dot"), ("harmed beyond", series.line, theme.warn, "dash"))
    return [
        _with_format(line(name, ends, (value, value), colour, dash=dash), series)
        for name, value, colour, dash in levels
        if value is not None
    ]


def _harmed(series: LossSeries, middles: Sequence[float], theme: Theme) -> Figure:
    at = [i for i, harmed in enumerate(series.harmed) if harmed]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "harmed window",
        "showlegend": bool(at),
        "x": [iso(middles[i]) for i in at],
        "y": [series.loss[i] for i in at],
        "marker": {"symbol": "diamond", "size": 8, "color": theme.alarm},
        "text": [moment(series.times[i]) for i in at],
        "hovertemplate": "harmed: %{text}<extra></extra>",
    }


def _pages(series: LossSeries, theme: Theme) -> list[Figure]:
    if not series.pages:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "would have paged",
            "yaxis": "y2",
            "x": [iso(time) for time, _ in series.pages],
            "y": [0.985] * len(series.pages),
            "marker": {"symbol": "triangle-down", "size": 12, "color": theme.ink},
            "text": [f"{figure_text(words, 90)}<br>told {moment(time)}" for time, words in series.pages],
            "hovertemplate": "%{text}<extra></extra>",
            "cliponaxis": False,
        }
    ]
