"""A distribution as a figure: bars of values, or named levels on their side; a bar apart for what is missing.

The bar for missing rows appears where their share moved by a point or more: a column that always lacks some is not
told so each time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from watchkeeper.report.distribution import Distribution
from watchkeeper.report.figure import Figure, axis, empty_figure, layout, named_axis
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import figure_text, number, percent

MISSING = "(missing)"
_MOVED = 0.01
_APART = 0.86  # where the axis of values ends when a bar stands apart


def distribution_figure(distribution: Distribution, theme: Theme = LIGHT, *, unit: str = "") -> Figure:
    """Now in colour over the reference in grey; named levels lie on their side so that long names can be read."""
    if not distribution.n_reference and not distribution.n_current:
        return empty_figure("No values in the reference or in this window.", theme)
    if distribution.centres is None:
        return _levels_figure(distribution, theme)
    return _values_figure(distribution, theme, unit)


def _missing_moved(distribution: Distribution) -> bool:
    return abs(distribution.missing[1] - distribution.missing[0]) >= _MOVED


def _values_figure(distribution: Distribution, theme: Theme, unit: str) -> Figure:
    shared = {"x": _rounded(distribution.centres), "width": _rounded(distribution.widths), "type": "bar"}
    reference = shared | {
        "name": "reference",
        "y": _rounded(distribution.reference),
        "marker": {"color": theme.reference, "opacity": 0.55},
        "hoverinfo": "skip",
    }
    outline = {"color": "rgba(0,0,0,0)", "line": {"color": theme.current, "width": 1.6}}
    current = shared | {
        "name": "now",
        "y": _rounded(distribution.current),
        "marker": outline,
        "text": distribution.names,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }
    more: dict[str, object] = _log_ticks(distribution) if distribution.log else {}
    apart = _missing_moved(distribution)
    if apart:
        more["domain"] = [0, _APART]
    return {
        "data": [reference, current, *(_apart(part, distribution) for part in (reference, current) if apart)],
        "layout": layout(
            theme,
            barmode="overlay",
            bargap=0,
            xaxis=axis(theme, title=figure_text(unit), showgrid=False, showline=True, **more),
            yaxis=axis(theme, title="share of rows", tickformat=".0%", rangemode="tozero", nticks=5),
        )
        | ({"xaxis2": _axis_apart(theme)} if apart else {}),
    }


def _apart(trace: Figure, distribution: Distribution) -> Figure:
    """The bar of rows without a number, in the style of a trace of values."""
    old, new = distribution.missing
    text = f"no number<br>now {percent(new)}, reference {percent(old)}"
    share = old if trace["name"] == "reference" else new
    bar = {"x": [0], "y": [share], "width": [0.8], "xaxis": "x2", "showlegend": False}
    return trace | bar | ({"text": [text]} if "text" in trace else {})


def _axis_apart(theme: Theme) -> Figure:
    return named_axis(theme, ["missing"], domain=[_APART + 0.03, 1], range=[-0.7, 0.7], showline=True)


def _rounded(values: Sequence[float] | None) -> list[float]:
    """Six digits: more than a screen shows, and a third of the bytes."""
    return [float(f"{value:.6g}") for value in values or ()]


def _log_ticks(distribution: Distribution) -> dict[str, object]:
    """Whole decades as ticks; at most eight."""
    centres = distribution.centres or (0.0,)
    first, last = int(np.floor(centres[0])), int(np.ceil(centres[-1]))
    step = max(1, (last - first) // 8 + 1)
    decades = list(range(first, last + 1, step))
    return {"tickmode": "array", "tickvals": decades, "ticktext": [number(10.0**d) for d in decades]}


def _levels_figure(distribution: Distribution, theme: Theme) -> Figure:
    names, olds, news = distribution.names, distribution.reference, distribution.current
    if _missing_moved(distribution):
        missing = distribution.missing
        names, olds, news = (*names, MISSING), (*olds, missing[0]), (*news, missing[1])
    places = list(range(len(names)))
    hover = [
        f"{figure_text(name, 60)}<br>now {percent(new)}, reference {percent(old)}"
        for name, old, new in zip(names, olds, news, strict=True)
    ]
    shared = {
        "type": "bar",
        "orientation": "h",
        "y": places,
        "text": hover,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }
    reference = shared | {"name": "reference", "x": olds, "marker": {"color": theme.reference}}
    current = shared | {"name": "now", "x": news, "marker": {"color": theme.current}}
    return {
        "data": [reference, current],
        "layout": layout(
            theme,
            height=90 + 26 * len(names),
            barmode="group",
            bargap=0.3,
            legend=layout(theme)["legend"] | {"traceorder": "normal"},
            xaxis=axis(theme, title="share of rows", tickformat=".0%", rangemode="tozero", nticks=5),
            yaxis=named_axis(theme, names, limit=24, autorange="reversed"),
        ),
    }
