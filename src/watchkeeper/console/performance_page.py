"""How well a model does: what labels say over time, how far they have come, curves, where it is bad, and export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.table import State
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
from watchkeeper.console.rendering import respond
from watchkeeper.events.errors import BadInput, WatchkeeperError
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import NONE_YET
from watchkeeper.report.ageing import Ageing, ageing_figure, ageing_words
from watchkeeper.report.metric_names import metric_name
from watchkeeper.report.page import Drawn, drawn
from watchkeeper.report.realised import Realised, coverage_figure, realised_figure
from watchkeeper.report.shapes import calibration_figure, curve_figure, errors_figure, scores_figure
from watchkeeper.report.words import count, number, percent

SPANS = (30, 90, MOST_WINDOWS)
DAY = 86_400
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
    shapes, wrong = _curves(context, name, asked, told)
    parts, missed = _segments(context, told, asked.feature)
    series = _series(told, asked.metric or told.main)
    age, ageing = _ageing(context, told)
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
        harm=[alert for alert in alerts(context, name) if alert.state is State.FIRING and alert.cause is Cause.HARM],
        feedback=labels(context, name),
        realised=drawn(realised_figure(series)),
        estimate=estimate_words(told, asked.metric or told.main),
        coverage=drawn(coverage_figure(series, _final(told))),
        final=_final(told),
        curves=shapes,
        figures=_figures(shapes),
        age=age,
        ageing=drawn(ageing_figure(ageing)),
        ageing_words=ageing_words(ageing),
        parts=parts,
        worst=_worst(context, told) if asked.search else None,
        features=[feature.name for feature in context.version(name, told.version).schema.features],
        spans=SPANS,
        widths=WIDTHS,
        flags=tuple(FLAGS),
    )


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


def lead(told: PerformanceView) -> str:
    """What is known of the performance now, in a sentence or two."""
    main = told.total.get(told.main)
    if main is None or main.value is None:
        return "No label has come for this version in this time, so how well it does is not known."
    rows, known = (sum(getattr(w.maturity, name) for w in told.windows) for name in ("predictions", "labels"))
    sure = "" if main.low is None else f" ({number(main.low)} to {number(main.high)})"
    share = percent(known / rows if rows else None)
    said = f"{metric_name(told.main)} {number(main.value)}{sure} on {count(known)} labels, {share} of predictions."
    young = [window for window in told.windows if not window.maturity.mature]
    if young:
        said += f" Labels of {len(young)} of {len(told.windows)} windows are still coming: their numbers may change."
    return said


def _final(told: PerformanceView) -> float | None:
    known = [w.maturity.final_coverage for w in told.windows if w.maturity.final_coverage is not None]
    return known[-1] if known else None


def _series(told: PerformanceView, name: str) -> Realised:
    windows = told.windows
    values = [window.metrics.get(name) for window in windows]
    estimates = [window.estimated.get(name) for window in windows]
    return Realised(
        name=metric_name(name),
        times=tuple(float(window.start) for window in windows),
        width=told.width,
        **{part: _part(values, part) for part in ("value", "low", "high")},
        labels=tuple(window.maturity.labels for window in windows),
        coverage=tuple(window.maturity.coverage for window in windows),
        mature=tuple(window.maturity.mature for window in windows),
        **{"estimated" + mark: _part(estimates, part) for mark, part in _ESTIMATED},
    )


_ESTIMATED = (("", "value"), ("_low", "low"), ("_high", "high"))


def estimate_words(told: PerformanceView, name: str) -> str:
    """What the estimates of a metric are worth by their own record; empty where there is none of it on the page."""
    if not any(name in window.estimated for window in told.windows):
        return ""
    record = told.record.get(name)
    if record is None or record.error is None:
        return f"Estimated without labels; {NONE_YET}."
    said = f"Estimated without labels; its own record in {count(record.windows)} windows with labels: off by "
    said += f"{number(record.error)} on average, where guessing that nothing changes is off by "
    said += f"{number(record.naive_error)}; {percent(record.coverage)} of its intervals held the truth."
    return said if record.good else f"{said} Do not rely on it: {record.note}."


def _part(metrics: list[Metric | None], part: str) -> tuple[float | None, ...]:
    return tuple(None if metric is None else getattr(metric, part) for metric in metrics)


def _figures(view: CurvesView) -> dict[str, Drawn]:
    """The pictures that this task has."""
    made: dict[str, Drawn] = {}
    if view.roc is not None:
        curve, titles = view.roc, ("false positive rate", "true positive rate")
        made["ROC curve"] = drawn(curve_figure(curve.x, curve.y, curve.threshold, titles, chance=True))
    if view.precision_recall is not None:
        curve, base = view.precision_recall, view.precision_recall.y[-1]
        made["Precision and recall"] = drawn(
            curve_figure(curve.x, curve.y, curve.threshold, ("recall", "precision"), level=base)
        )
    if view.calibration is not None:
        points = {name: getattr(view.calibration, name) for name in view.calibration.__struct_fields__}
        made["Calibration"] = drawn(calibration_figure(points))
    if view.scores is not None:
        made["Scores by label"] = drawn(scores_figure(view.scores.edges, view.scores.rows))
    if view.errors is not None:
        made["Errors"] = drawn(errors_figure(view.errors.edges, view.errors.rows["rows"]))
    return made


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


def _ageing(context: Context, told: PerformanceView) -> tuple[StalenessView, Ageing]:
    view = model_staleness(context, told.model, version=told.version)
    return view, Ageing(name=view.loss, ages=view.ages, means=view.means, rows=view.rows, curve=view.curve)


def _worst(context: Context, told: PerformanceView) -> WorstSegmentsView:
    return worst(context, told.model, version=told.version, start=str(told.start), end=str(told.end))
