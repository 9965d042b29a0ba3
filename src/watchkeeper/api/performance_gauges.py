"""Gauges of how well each version does on labels, for /metrics.

A version's figures are those of its newest window whose labels are mature, and say of which window they are; younger
windows may still change, so that an alert on these gauges is never about labels that have not come. How far labels have
come is told of the newest window. No scrape waits for figures (standings.py).

What is estimated without labels has gauges of its own, named so, of the newest window that has an estimate; only while
the record of its method is good, for an alert on another would be an alert on nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from watchkeeper import telemetry
from watchkeeper.api.context import Context
from watchkeeper.api.standings import Standing, Standings


def performance_gauges(context: Context) -> Iterator[tuple[telemetry.Metric, Mapping[tuple[str, ...], float]]]:
    """Each gauge with its samples by label values."""
    standing = _standings(context).all()
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
    return _standings(context).of(model, version)


def _standings(context: Context) -> Standings:
    return context.latest(("standings",), 0, functools.partial(Standings, context))


def _known(samples: Mapping[Any, float | None]) -> dict[tuple[str, ...], float]:
    return {labels: value for labels, value in samples.items() if value is not None}
