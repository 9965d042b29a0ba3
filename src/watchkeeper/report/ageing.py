"""A model's loss by its age: a ring for every block of time, steps for bands of age, and the line through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.performance.staleness import AgeBand, Staleness
from watchkeeper.report.figure import Figure, axis, empty_figure, layout
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import count, figure_text, number

YEAR = 365.25
MONTH = 30
NOT_KNOWN = "No window has mature labels yet, so whether the model ages is not known."


@dataclass(frozen=True, kw_only=True)
class Ageing:
    """Blocks by `ages` in days with their mean loss and labelled rows, and what they show."""

    name: str
    ages: tuple[float, ...]
    means: tuple[float, ...]
    rows: tuple[float, ...]
    curve: Staleness


def ageing_figure(told: Ageing, theme: Theme = LIGHT) -> Figure:
    """Blocks, bands with their 95 % intervals, and the trend where one could be fitted."""
    if not told.ages:
        return empty_figure(NOT_KNOWN, theme)
    traces = [_blocks(told, theme), _bands(told.curve.bands, theme), *_trend(told, theme)]
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=260,
            hovermode="closest",
            xaxis=axis(theme, title="age in days", rangemode="tozero"),
            yaxis=axis(theme, title=figure_text(told.name), nticks=5),
        ),
    }


def ageing_words(told: Ageing) -> str:
    """Whether the loss rises with age, how sure that is, and what may look like it."""
    curve = told.curve
    if not told.ages:
        return NOT_KNOWN
    if curve.rise is None or curve.low is None or curve.high is None:
        return f"Whether it ages is not known: {curve.note}."
    rise, low, high = (number(value * MONTH) for value in (curve.rise, curve.low, curve.high))
    if curve.low > 0:
        said = f"It ages: the loss rises by {rise} ({low} to {high}) in 30 days. Plan to train it again."
    elif curve.high < 0:
        said = f"It does not age: the loss falls by {number(-curve.rise * MONTH)} in 30 days ({low} to {high})."
    else:
        return f"No sign of ageing: in 30 days the loss changes by between {low} and {high}."
    if max(told.ages) - min(told.ages) < YEAR:
        said += " Less than a year is seen: a season looks the same."
    return said


def _blocks(told: Ageing, theme: Theme) -> Figure:
    words = [
        f"{number(age)} days: {number(mean)} on {count(round(rows))} labels"
        for age, mean, rows in zip(told.ages, told.means, told.rows, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "block of time",
        "x": list(told.ages),
        "y": list(told.means),
        "marker": {"color": theme.surface, "size": 5, "line": {"color": theme.reference, "width": 1}},
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _bands(bands: Sequence[AgeBand], theme: Theme) -> Figure:
    middles = [(band.start + band.end) / 2 for band in bands]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "mean at this age, 95 % interval",
        "x": middles,
        "y": [band.loss for band in bands],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [0.0 if band.high is None else band.high - band.loss for band in bands],
            "arrayminus": [0.0 if band.low is None else band.loss - band.low for band in bands],
            "color": theme.current,
        },
        "error_x": {"type": "data", "array": [(band.end - band.start) / 2 for band in bands], "width": 0},
        "marker": {"color": theme.current, "size": 7},
        "text": [f"{count(band.blocks)} blocks, {count(band.rows)} labels: {number(band.loss)}" for band in bands],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _trend(told: Ageing, theme: Theme) -> list[Figure]:
    curve = told.curve
    if curve.rise is None or curve.fresh is None:
        return []
    ends = [min(told.ages), max(told.ages)]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "trend",
            "x": ends,
            "y": [curve.fresh + curve.rise * age for age in ends],
            "line": {"color": theme.second, "width": 2, "dash": "dash"},
            "hoverinfo": "skip",
        }
    ]
