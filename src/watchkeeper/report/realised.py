"""Performance over time: what labels say, shaded where they have not come yet, and what is estimated without them.

The two are never one line: realised is a solid line in its band, estimated a dotted one in another colour.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from watchkeeper.report.figure import Figure, axis, empty_figure, layout, time_axis
from watchkeeper.report.lines import Values, band, line
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import count, figure_text, iso, moment, number, percent


@dataclass(frozen=True, kw_only=True)
class Realised:
    """A metric by window. `times` are the windows' starts in Unix seconds; None where there is no label.

    `labels` and `coverage` are what each rests on, `mature` whether it still may change. `estimated` is what was said
    without labels, empty where nothing was. `level` is what to compare with, under `level_name`: a dashed line.
    `said` is what `labels` counts: labels or rewards.
    """

    name: str
    times: tuple[float, ...]
    width: float
    value: Values
    low: Values
    high: Values
    labels: tuple[int, ...]
    coverage: Values
    mature: tuple[bool, ...]
    estimated: Values = field(default=())
    estimated_low: Values = field(default=())
    estimated_high: Values = field(default=())
    level: float | None = None
    level_name: str = "on its reference"
    said: str = "labels"


NO_LABEL = "No label came in this time. What is true is not known yet."


def realised_figure(series: Realised, theme: Theme = LIGHT) -> Figure:
    """The metric in its 95 % interval; windows whose labels still come stand on grey and are marked by open rings."""
    estimated = any(value is not None for value in series.estimated)
    if not estimated and not any(value is not None for value in series.value):
        return empty_figure(NO_LABEL, theme)
    middles = [time + series.width / 2 for time in series.times]
    traces = [
        *band("95 % interval", middles, series.low, series.high, theme.band),
        line(f"realised, on {series.said}", middles, series.value, theme.current)
        | {"hoverinfo": "skip", "hovertemplate": None},
        _points(series, middles, theme, mature=True),
        _points(series, middles, theme, mature=False),
    ]
    if estimated:
        traces += _estimate(series, middles, theme)
    if series.level is not None:
        traces.append(_level(series, series.level, theme))
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=320,
            shapes=_immature(series, theme),
            xaxis=time_axis(theme, range=[iso(series.times[0]), iso(series.times[-1] + series.width)]),
            yaxis=axis(theme, title=figure_text(series.name), nticks=6),
        ),
    }


def _points(series: Realised, middles: list[float], theme: Theme, *, mature: bool) -> Figure:
    at = [k for k, value in enumerate(series.value) if value is not None and series.mature[k] is mature]
    colour = theme.current if mature else theme.surface
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "labels have come" if mature else "labels still coming",
        "showlegend": bool(at) and not mature,
        "x": [iso(middles[k]) for k in at],
        "y": [series.value[k] for k in at],
        "marker": {"color": colour, "size": 5 if mature else 8, "line": {"color": theme.current, "width": 1.5}},
        "text": [_words(series, k) for k in at],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(series: Realised, at: int) -> str:
    value, low, high = (number(values[at]) for values in (series.value, series.low, series.high))
    rest = "" if series.mature[at] else "<br>labels are still coming: this may change"
    covered = f", {percent(series.coverage[at])} of predictions" if series.said == "labels" else ""
    return (
        f"{moment(series.times[at])}<br>{figure_text(series.name)} {value} ({low} to {high})<br>"
        f"{count(series.labels[at])} {series.said}{covered}{rest}"
    )


def _estimate(series: Realised, middles: list[float], theme: Theme) -> list[Figure]:
    dotted = line("estimated, without labels", middles, series.estimated, theme.second, dash="dot")
    dotted["hovertemplate"] = "%{x|%Y-%m-%d}<br>estimated %{y:.3f}<extra></extra>"
    ends = [
        line(f"estimate, {side}", middles, values, theme.second)
        | {"opacity": 0.35, "showlegend": False, "hoverinfo": "skip"}
        for side, values in (("lower", series.estimated_low), ("upper", series.estimated_high))
        if any(value is not None for value in values)
    ]
    for end in ends:
        end["line"] = {"color": theme.second, "width": 1, "dash": "dot"}
        end["hovertemplate"] = None
    return [*ends, dotted]


def _level(series: Realised, level: float, theme: Theme) -> Figure:
    """A dashed line from end to end; its numbers are of other rows than the windows', so it has a colour of its own."""
    ends = (series.times[0], series.times[-1] + series.width)
    drawn = line(series.level_name, ends, (level, level), theme.reference, dash="dash")
    drawn["hovertemplate"] = f"{figure_text(series.level_name)} {number(level)}<extra></extra>"
    return drawn


def _immature(series: Realised, theme: Theme) -> list[Figure]:
    """Grey behind each run of windows whose labels are still coming."""
    shapes: list[Figure] = []
    for place, (time, mature) in enumerate(zip(series.times, series.mature, strict=True)):
        if mature:
            continue
        if shapes and place and not series.mature[place - 1]:
            shapes[-1]["x1"] = iso(time + series.width)
            continue
        shapes.append(
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": iso(time),
                "x1": iso(time + series.width),
                "y0": 0,
                "y1": 1,
                "layer": "below",
                "line": {"width": 0},
                "fillcolor": theme.canvas,
            }
        )
    return shapes


def coverage_figure(series: Realised, final: float | None, theme: Theme = LIGHT) -> Figure:
    """The share of predictions that have a label, by window; what mature windows reach as a dashed line."""
    if not series.times:
        return empty_figure("No prediction in this time.", theme)
    middles = [iso(time + series.width / 2) for time in series.times]
    bars = {
        "type": "bar",
        "name": "have a label",
        "x": middles,
        "y": [value or 0.0 for value in series.coverage],
        "marker": {"color": theme.third},
        "text": [
            f"{count(n)} labels, {percent(share)}" for n, share in zip(series.labels, series.coverage, strict=True)
        ],
        "textposition": "none",
        "hovertemplate": "%{x|%Y-%m-%d %H:%M}<br>%{text}<extra></extra>",
    }
    data = [bars]
    if final is not None:
        ends = (series.times[0], series.times[-1] + series.width)
        data.append(line("mature windows reach", ends, (final, final), theme.reference, dash="dash"))
        data[-1]["hovertemplate"] = "%{y:.1%}"
    return {
        "data": data,
        "layout": layout(
            theme,
            height=190,
            bargap=0.2,
            xaxis=time_axis(theme, range=[iso(series.times[0]), iso(series.times[-1] + series.width)]),
            yaxis=axis(theme, title="coverage", tickformat=".0%", range=[0, 1.02], nticks=4),
        ),
    }
