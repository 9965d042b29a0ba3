"""What every figure shares: a Plotly figure as plain JSON (`{"data": […], "layout": {…}}`), quiet axes, one theme.

Plain dictionaries cost no import and no validation at run time; the tests pass every one of them through
`plotly.graph_objects.Figure`, which checks each property. Rules of the builders:
- categories stand at whole numbers with their names as tick texts, so no name is ever read as a number, date or key;
- names pass `figure_text`; templates hold only our own words and Plotly's placeholders;
- times are ISO 8601 strings on a date axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import figure_text

Figure = dict[str, Any]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"


def axis(theme: Theme, *, title: str = "", **more: Any) -> dict[str, Any]:
    """A quiet axis: no frame, faint grid, muted ticks. `more` is added as it is."""
    base: dict[str, Any] = {
        "gridcolor": theme.line,
        "zeroline": False,
        "linecolor": theme.line,
        "automargin": True,
        "tickfont": {"color": theme.muted, "size": 12},
        "title": {"text": title, "font": {"color": theme.muted, "size": 12}, "standoff": 8},
        "fixedrange": True,
    }
    return base | more


def time_axis(theme: Theme, **more: Any) -> dict[str, Any]:
    """A date axis in UTC without grid lines."""
    return axis(theme, type="date", showgrid=False, showline=True, nticks=6, **more)


def named_axis(theme: Theme, names: Sequence[str], *, limit: int = 28, **more: Any) -> dict[str, Any]:
    """An axis on which the i-th name stands at the number i."""
    ticks = [figure_text(name, limit) for name in names]
    return axis(theme, tickmode="array", tickvals=list(range(len(names))), ticktext=ticks, showgrid=False, **more)


def layout(theme: Theme, *, height: int = 280, **more: Any) -> dict[str, Any]:
    """The layout shared by all figures; `more` overrides it key by key."""
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": theme.ink},
        "hoverlabel": {
            "bgcolor": theme.surface,
            "bordercolor": theme.line,
            "font": {"color": theme.ink, "size": 13},
            "align": "left",
        },
        "hovermode": "closest",
        "dragmode": False,
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"color": theme.muted, "size": 12},
        },
    }
    return base | more


def empty_figure(message: str, theme: Theme = LIGHT) -> Figure:
    """A figure that has nothing to draw and says why."""
    note = {
        "text": message,
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "font": {"color": theme.muted, "size": 13},
    }
    hidden = {"visible": False}
    return {"data": [], "layout": layout(theme, height=160, xaxis=hidden, yaxis=hidden, annotations=[note])}
