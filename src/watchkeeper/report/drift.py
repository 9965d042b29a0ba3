"""Features ranked by how far they moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.events.verdict import Verdict
from watchkeeper.report.figure import Figure, axis, empty_figure, layout, named_axis
from watchkeeper.report.theme import LIGHT, Theme
from watchkeeper.report.words import figure_text, number


@dataclass(frozen=True, kw_only=True)
class DriftBar:
    """One feature's effect with its interval (either end None where the detector gives none)."""

    feature: str
    effect: float | None
    effect_name: str
    low: float | None = None
    high: float | None = None
    verdict: Verdict


def drift_figure(bars: Sequence[DriftBar], theme: Theme = LIGHT) -> Figure:
    """Horizontal bars in the given order, the first at the top; one legend entry, and one colour, per verdict."""
    if not bars:
        return empty_figure("No feature has been judged yet.", theme)
    traces = [_trace(bars, verdict, theme) for verdict in Verdict if any(bar.verdict is verdict for bar in bars)]
    names = {bar.effect_name for bar in bars}
    title = figure_text(names.pop()) if len(names) == 1 else "effect (each by its own measure)"
    return {
        "data": traces,
        "layout": layout(
            theme,
            height=96 + 24 * len(bars),
            barmode="overlay",
            bargap=0.35,
            xaxis=axis(theme, title=title, rangemode="tozero", nticks=5),
            yaxis=named_axis(theme, [bar.feature for bar in bars], limit=24, range=[len(bars) - 0.5, -0.5]),
        ),
    }


def _trace(bars: Sequence[DriftBar], verdict: Verdict, theme: Theme) -> Figure:
    chosen = [(place, bar) for place, bar in enumerate(bars) if bar.verdict is verdict]
    above = [_gap(bar.high, bar.effect) for _, bar in chosen]
    below = [_gap(bar.effect, bar.low) for _, bar in chosen]
    interval = {"type": "data", "symmetric": False, "array": above, "arrayminus": below}
    return {
        "type": "bar",
        "orientation": "h",
        "name": verdict.value,
        "x": [bar.effect for _, bar in chosen],
        "y": [place for place, _ in chosen],
        "error_x": interval | {"color": theme.muted, "thickness": 1, "width": 3},
        "marker": {"color": theme.verdict(verdict)},
        "text": [_hover(bar) for _, bar in chosen],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _gap(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(0.0, high - low)


def _hover(bar: DriftBar) -> str:
    interval = "" if bar.low is None or bar.high is None else f" ({number(bar.low)} to {number(bar.high)})"
    effect = f"{figure_text(bar.effect_name)} {number(bar.effect)}{interval}"
    return f"{figure_text(bar.feature, 60)}: {bar.verdict}<br>{effect}"
