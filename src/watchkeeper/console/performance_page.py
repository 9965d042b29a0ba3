"""How well a model does: what labels say over time, how far they have come, curves, where it is bad, and export."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.alerts import alerts
from watchkeeper.api.context import Context
from watchkeeper.api.curves import CurvesView, curves
from watchkeeper.api.labels import labels
from watchkeeper.api.models import model, versions
from watchkeeper.api.performance import MOST_WINDOWS, PerformanceView, performance
from watchkeeper.api.records import FLAGS
from watchkeeper.api.segments import SegmentsView, WorstSegmentsView, segments, worst
from watchkeeper.api.span import newest_event
from watchkeeper.api.staleness import StalenessView, model_staleness
from watchkeeper.console.performance_series import BIAS, bias_series, metric_series, reward_series, shapes
from watchkeeper.console.performance_words import (
    bias_words,
    estimate_words,
    harm,
    lead,
    reference_words,
    reward_words,
    rise_words,
    segment_feature,
)
from watchkeeper.console.rendering import query, respond, segment
from watchkeeper.events.errors import BadInput, WatchkeeperError
from watchkeeper.performance.metric import Metric
from watchkeeper.report.ageing import Ageing, ageing_figure, ageing_words
from watchkeeper.report.label_delays import delays_figure
from watchkeeper.report.page import drawn
from watchkeeper.report.realised import coverage_figure, realised_figure
from watchkeeper.report.words import short

SPANS = (30, 90, MOST_WINDOWS)
AGEING_SECONDS = 60.0
WIDTHS = {"": "one window", "7d": "a week", "30d": "30 days"}
SEGMENT_ROWS = 60_000
"""Up to so many predictions the page shows segments without being asked."""


@dataclass(frozen=True)
class Asked:
    """What the reader chose, as it was typed."""

    version: str
    windows: int
    width: str
    metric: str
    threshold: str
    name: str
    feature: str
    search: bool


@dataclass(frozen=True)
class Bars:
    """Segments on one scale: their metric's interval as shares of the width, and where all rows together lie."""

    view: SegmentsView
    places: dict[str, tuple[float, float, float]]
    whole: float | None


def performance_page(context: Context, request: Request) -> Response:
    """The page of the model in the path."""
    name = request.path_params["model"]
    view = model(context, name)
    asked = _asked(request.query_params, view.version)
    if view.version is None:
        return respond(context, request, "performance.html", nav="models", model=view, told=None, asked=asked)
    told, fault = _told(context, name, asked)
    curved, wrong = _curves(context, name, asked, told)
    parts, missed = _segments(context, told, asked.feature)
    features = [feature.name for feature in context.version(name, told.version).schema.features]
    found = harm(alerts(context, name), told.version)
    return respond(
        context,
        request,
        "performance.html",
        nav="models",
        model=view,
        asked=asked,
        fault=fault or wrong or missed,
        versions=versions(context, name),
        told=told,
        main=told.total.get(told.main),
        metric_names=sorted(told.total) or [told.main],
        lead=lead(told),
        harm=found,
        harmed={alert.id: _read_on(told, segment_feature(alert, features)) for alert in found.seen},
        **_over_time(told, asked.metric or told.main),
        **_feedback(context, name),
        **_ageing(context, told),
        curves=curved,
        figures=shapes(curved),
        parts=parts,
        worst=(found_worst := _worst(context, told) if asked.search else None),
        rises=[rise_words(rise) for rise in found_worst.rises] if found_worst else [],
        features=features,
        spans=SPANS,
        widths=WIDTHS,
        flags=tuple(FLAGS),
    )


def _read_on(told: PerformanceView, feature: str | None) -> dict[str, str]:
    """Where the segments of a feature are, as text and address; nothing without one."""
    if feature is None:
        return {}
    asked = query(version=told.version, feature=feature)
    return {f"{short(feature)} by value": f"/models/{segment(told.model)}/performance{asked}#segments"}


def _over_time(told: PerformanceView, name: str) -> dict[str, Any]:
    """The time lines, and what is said of them."""
    series, bias, rewards = metric_series(told, name), bias_series(told), reward_series(told)
    final = _final(told)
    return {
        "realised": drawn(realised_figure(series)),
        "estimate": estimate_words(told, name),
        "reference": reference_words(told, name),
        "coverage": drawn(coverage_figure(series, final)),
        "final": final,
        "bias": bias and drawn(realised_figure(bias)),
        "bias_name": BIAS.get(told.task, ""),
        "bias_words": bias_words(told, BIAS.get(told.task, "")),
        "rewards": rewards and drawn(realised_figure(rewards)),
        "reward_words": reward_words(told),
    }


def _feedback(context: Context, name: str) -> dict[str, Any]:
    view = labels(context, name)
    curve = view.delay_curve
    figure = delays_figure([one.within for one in curve], [one.share for one in curve]) if curve else None
    return {"feedback": view, "delays": figure and drawn(figure)}


def _asked(given: Mapping[str, str], live: str | None) -> Asked:
    windows = given.get("windows", "")
    return Asked(
        version=given.get("version") or live or "",
        windows=int(windows) if windows in {str(span) for span in SPANS} else SPANS[0],
        width=given.get("width", "") if given.get("width", "") in WIDTHS else "",
        metric=given.get("metric", ""),
        threshold=given.get("threshold", "").strip(),
        name=given.get("class", ""),
        feature=given.get("feature", ""),
        search=given.get("search") == "yes",
    )


def _told(context: Context, name: str, asked: Asked) -> tuple[PerformanceView, str]:
    """The windows asked for; where their width does not suit the model, its own, and why."""
    version = context.version(name, asked.version)
    window = context.store.versions.model(name).settings.window_seconds
    end = newest_event(context, version) // window * window + window
    start = max(0.0, end - asked.windows * window)
    span = {"start": str(start), "end": str(end)}
    fault = ""
    if asked.width:
        try:
            return performance(context, name, version=version.version, window=asked.width, **span), ""
        except BadInput as error:
            fault = str(error)
    return performance(context, name, version=version.version, **span), fault


def _curves(context: Context, name: str, asked: Asked, told: PerformanceView) -> tuple[CurvesView, str]:
    """The curves at the threshold asked for; at the model's own decisions where that makes no sense, and why."""
    start, end = str(told.start), str(told.end)
    try:
        threshold = float(asked.threshold) if asked.threshold and told.task == "binary" else None
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError
    except ValueError:
        fault = f"threshold={asked.threshold[:40]!r} is no number from 0 to 1."
        return curves(context, name, version=told.version, start=start, end=end), fault
    chosen = asked.name if told.task == "multiclass" and asked.name else None
    return curves(context, name, version=told.version, start=start, end=end, name=chosen, threshold=threshold), ""


def _final(told: PerformanceView) -> float | None:
    known = [w.maturity.final_coverage for w in told.windows if w.maturity.final_coverage is not None]
    return known[-1] if known else None


def _segments(context: Context, told: PerformanceView, feature: str) -> tuple[Bars | None, str]:
    """Segments of the feature asked for; of the first with values to tell apart, where the rows are few."""
    rows = sum(window.maturity.predictions for window in told.windows)
    if not any(window.maturity.labels for window in told.windows):
        return None, ""
    features = context.version(told.model, told.version).schema.features
    named = [one.name for one in features if one.categories] or [one.name for one in features]
    if not feature and (rows > SEGMENT_ROWS or not named):
        return None, ""
    try:
        view = segments(
            context, told.model, feature or named[0], version=told.version, start=str(told.start), end=str(told.end)
        )
    except WatchkeeperError as error:
        return None, str(error)
    return _bars(view, told.total.get(told.main)), ""


def _bars(view: SegmentsView, whole: Metric | None) -> Bars:
    """Every interval on the scale from the lowest to the highest end."""
    metrics = {one.segment: one.metrics[view.main] for one in view.segments if view.main in one.metrics}
    ends = [(m.low, m.value, m.high) for m in metrics.values() if m.low is not None]
    low = min((end[0] for end in ends), default=0.0) or 0.0
    high = max((end[2] or 0.0 for end in ends), default=1.0)
    width = (high - low) or 1.0

    def share(value: float | None) -> float:
        return 0.0 if value is None else min(max((value - low) / width, 0.0), 1.0)

    places = {name: (share(m.low), share(m.value), share(m.high)) for name, m in metrics.items() if m.low is not None}
    middle = None if whole is None or whole.value is None else share(whole.value)
    return Bars(view, places, middle)


def _ageing(context: Context, told: PerformanceView) -> dict[str, Any]:
    """Read anew once a minute: it takes every window of the version's life, which one more label does not change."""
    read = functools.partial(model_staleness, context, told.model, version=told.version)
    view: StalenessView = context.remembered(("staleness", told.model, told.version), AGEING_SECONDS, read)
    ageing = Ageing(name=view.loss, ages=view.ages, means=view.means, rows=view.rows, curve=view.curve)
    return {"age": view, "ageing": drawn(ageing_figure(ageing)), "ageing_words": ageing_words(ageing)}


def _worst(context: Context, told: PerformanceView) -> WorstSegmentsView:
    return worst(context, told.model, version=told.version, start=str(told.start), end=str(told.end))
