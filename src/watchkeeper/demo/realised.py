"""What labels said in the end: by month and by carrier, and how many predictions never got one."""

from __future__ import annotations

import functools
import operator

import msgspec

from watchkeeper.api.context import Context
from watchkeeper.api.segments import segments
from watchkeeper.demo.flights import month_of
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import MAIN, metrics
from watchkeeper.store.performance import Scored, read_layouts
from watchkeeper.store.store import Store

DAY = 86_400


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One month (`2013-04`) or one carrier: its predictions, those that got a label, and the metric with its interval.

    `late` is the share of late flights among the labels.
    """

    name: str
    predictions: int
    labels: int
    value: float | None
    low: float | None
    high: float | None
    late: float | None


class RealisedYear(msgspec.Struct, frozen=True, kw_only=True):
    """Performance on labels, `metric` by month and by carrier (the largest first). `coverage` is of all predictions."""

    metric: str
    predictions: int
    labels: int
    coverage: float
    months: tuple[Part, ...]
    carriers: tuple[Part, ...]


def realised(store: Store, model: str, version: str, start: float, end: float) -> RealisedYear | None:
    """What the store knows of flights scheduled in [start, end), Unix seconds; None without a label."""
    kept = store.performance.layout(model, version)
    first, last = int(start) // DAY * DAY, int(end) // DAY * DAY + DAY
    scored = store.performance.series(model, version, first, last, DAY)
    if kept is None or not scored:
        return None
    layout, _ = read_layouts(kept)
    asked = store.performance.predictions(model, version, first, last, DAY)
    by_month: dict[str, list[Scored]] = {}
    for step in scored:
        by_month.setdefault(month_of(step.start), []).append(step)
    months = []
    for month, steps in sorted(by_month.items()):
        counts = functools.reduce(operator.add, steps).counts
        told = {} if counts is None else metrics(layout, counts)
        predictions = sum(rows for at, rows in asked.items() if month_of(at) == month)
        months.append(_part(month, predictions, sum(step.rows for step in steps), told))
    context = Context(store, now=lambda: end)
    view = segments(context, model, "carrier", version=version, start=str(first), end=str(last))
    labels, predictions = sum(part.labels for part in months), sum(asked.values())
    return RealisedYear(
        metric=MAIN["binary"],
        predictions=predictions,
        labels=labels,
        coverage=labels / predictions,
        months=tuple(months),
        carriers=tuple(_part(one.segment, one.predictions, one.labels, one.metrics) for one in view.segments),
    )


def _part(name: str, predictions: int, labels: int, told: dict[str, Metric]) -> Part:
    main, late = told.get(MAIN["binary"], Metric(value=None)), told.get("positive_rate", Metric(value=None))
    return Part(
        name=name, predictions=predictions, labels=labels, value=main.value, low=main.low, high=main.high,
        late=late.value,
    )  # fmt: skip
