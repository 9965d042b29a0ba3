"""What was estimated of each day before its labels came, beside what the labels said: by month, and in all.

An estimate is of one day, so months are means over their days, of the estimate and of the truth alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from watchkeeper.api.context import Context
from watchkeeper.api.performance import WindowPerformance, performance
from watchkeeper.demo.flights import month_of
from watchkeeper.performance.track_record import Scored, TrackRecord, track_record
from watchkeeper.store.store import Store


class EstimatedMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The mean over the `days` of a month (`2013-04`) that have both: what was estimated, and what labels said."""

    name: str
    days: int
    estimated: float
    realised: float


class EstimatedYear(msgspec.Struct, frozen=True, kw_only=True):
    """Estimates of `metric` by `method`, by month, and their record of all days."""

    metric: str
    method: str
    months: tuple[EstimatedMonth, ...]
    record: TrackRecord


def estimated(store: Store, model: str, version: str, span: tuple[float, float], metric: str) -> EstimatedYear | None:
    """What was estimated of days in `span` (Unix seconds), beside the truth; None where nothing was."""
    context = Context(store, now=lambda: span[1])
    view = performance(context, model, version=version, start=str(span[0]), end=str(span[1]))
    days = [day for day in view.windows if _both(day, metric)]
    if not days:
        return None
    kept = store.estimates.of(model, version, view.start, view.end, view.estimator)
    usual = {one.start: one.usual.get(metric) for one in kept}
    scored = [
        Scored(
            estimated=day.estimated[metric],
            realised=day.metrics[metric],
            labelled=day.maturity.coverage or 0.0,
            ordinary=usual.get(day.start),
        )
        for day in days
    ]
    return EstimatedYear(
        metric=metric,
        method=view.estimator,
        months=_months(days, metric),
        record=track_record(view.estimator, metric, scored),
    )


def _both(day: WindowPerformance, metric: str) -> bool:
    """Whether a day has an estimate and the truth."""
    return all(metric in told and told[metric].value is not None for told in (day.estimated, day.metrics))


def _months(days: Sequence[WindowPerformance], metric: str) -> tuple[EstimatedMonth, ...]:
    by_month: dict[str, list[WindowPerformance]] = {}
    for day in days:
        by_month.setdefault(month_of(day.start), []).append(day)
    return tuple(
        EstimatedMonth(
            name=name,
            days=len(some),
            estimated=_mean([day.estimated[metric].value for day in some]),
            realised=_mean([day.metrics[metric].value for day in some]),
        )
        for name, some in sorted(by_month.items())
    )


def _mean(values: Sequence[float | None]) -> float:
    return sum(value or 0.0 for value in values) / len(values)
