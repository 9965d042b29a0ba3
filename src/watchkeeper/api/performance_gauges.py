"""Gauges of how well each version does on labels, for /metrics.

A version's figures are those of its newest window whose labels are mature, and say of which window they are; younger
windows may still change, so that an alert on these gauges is never about labels that have not come. How far labels have
come is told of the newest window. Figures are kept for a minute: a scrape costs no more than its versions have news.

What is estimated without labels has gauges of its own, named so, of the newest window that has an estimate; only while
the record of its method is good, for an alert on another would be an alert on nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from watchkeeper import telemetry
from watchkeeper.api.context import Context
from watchkeeper.api.estimates import estimates
from watchkeeper.api.performance import as_of
from watchkeeper.api.span import Span
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.versions import Version

KEPT_SECONDS = 60.0
WINDOWS = 60


class Standing(NamedTuple):
    """`name` is the main metric, `metric` its value in the mature window that ends at `end`; None before the first.

    `estimated` is its estimate in the window that ends at `estimated_end`, None without one of a good record.
    """

    name: str
    metric: Metric | None
    end: int
    coverage: float | None
    arrived: float | None
    estimated: Metric | None = None
    estimated_end: int = 0


def performance_gauges(context: Context) -> Iterator[tuple[telemetry.Metric, Mapping[tuple[str, ...], float]]]:
    """Each gauge with its samples by label values."""
    labelled = {(source.model, source.version) for source, scored in context.store.performance.totals() if scored.rows}
    standing = {}
    for of in sorted(labelled):
        standing[of] = performance_standing(context, *of)
    told = {(*of, one.name): one.metric for of, one in standing.items() if one.metric is not None}
    yield telemetry.PERFORMANCE, _known({labels: metric.value for labels, metric in told.items()})
    yield telemetry.PERFORMANCE_LOW, _known({labels: metric.low for labels, metric in told.items()})
    yield telemetry.PERFORMANCE_HIGH, _known({labels: metric.high for labels, metric in told.items()})
    expected = {(*of, one.name): one.estimated for of, one in standing.items() if one.estimated is not None}
    yield telemetry.PERFORMANCE_ESTIMATED, _known({labels: metric.value for labels, metric in expected.items()})
    yield telemetry.PERFORMANCE_ESTIMATED_LOW, _known({labels: metric.low for labels, metric in expected.items()})
    yield telemetry.PERFORMANCE_ESTIMATED_HIGH, _known({labels: metric.high for labels, metric in expected.items()})
    expected_ends = {of: float(one.estimated_end) if one.estimated else None for of, one in standing.items()}
    yield telemetry.PERFORMANCE_ESTIMATED_TIMESTAMP, _known(expected_ends)
    ends = {of: float(one.end) if one.metric else None for of, one in standing.items()}
    yield telemetry.PERFORMANCE_TIMESTAMP, _known(ends)
    yield telemetry.LABEL_COVERAGE, _known({of: one.coverage for of, one in standing.items()})
    yield telemetry.LABELS_ARRIVED, _known({of: one.arrived for of, one in standing.items()})


def performance_standing(context: Context, model: str, version: str) -> Standing:
    """How well a version did when its labels were last known to have come; up to a minute old."""
    make = functools.partial(_standing, context, model, version)
    return context.remembered(("performance", model, version), KEPT_SECONDS, make)


def _known(samples: Mapping[Any, float | None]) -> dict[tuple[str, ...], float]:
    return {labels: value for labels, value in samples.items() if value is not None}


def _standing(context: Context, model: str, name: str) -> Standing:
    version, now = context.version(model, name), as_of(context, model)
    width = context.store.versions.model(model).settings.window_seconds
    end = int(now) // width * width + width
    windows = labelled_windows(context.store.performance, (model, name), (max(0, end - WINDOWS * width), end), width)
    learned = windows.learned(now)
    young = windows.maturity(learned, windows.starts[-1], now) if windows.starts else None
    standing = Standing(MAIN[version.task], None, 0, None, None if young is None else young.arrived)
    standing = standing._replace(**_estimated(context, version, windows, now))
    for start in reversed(windows.starts):
        found = windows.maturity(learned, start, now)
        if found.mature and found.labels:
            metric = _main(version, windows, start)
            return standing._replace(metric=metric, end=start + width, coverage=found.coverage)
    return standing


def _estimated(context: Context, version: Version, windows: LabelledWindows, now: float) -> dict[str, Any]:
    """The newest estimate of the main metric, where the record of the better method is good."""
    if not windows.starts:
        return {}
    span = Span(start=windows.starts[0], end=windows.starts[-1] + windows.width)
    found, name = estimates(context, version, windows, span, now), MAIN[version.task]
    record = found.record(found.first).get(name)
    newest = max((start for start in found.windows if name in found.of(start, found.first)), default=None)
    if record is None or not record.good or newest is None:
        return {}
    return {"estimated": found.of(newest, found.first)[name], "estimated_end": newest + windows.width}


def _main(version: Version, windows: LabelledWindows, start: int) -> Metric | None:
    counts = windows.at(start).counts
    if windows.layout is None or counts is None:
        return None
    return metrics(windows.layout, counts).get(MAIN[version.task])
