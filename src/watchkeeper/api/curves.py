"""What one span's labels say of a version in shapes: ROC, precision and recall, calibration, scores, confusion, errors.

All of it is read from the sum of the span's counts: any threshold, any span, at no cost by row.
"""

from __future__ import annotations

import functools
import operator
from typing import Annotated

import msgspec
import numpy as np
from fastapi import Query

from watchkeeper.api.context import Given
from watchkeeper.api.labelled import layout_of
from watchkeeper.api.performance import Route
from watchkeeper.api.span import End, Named, Start, span
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.curves import (
    CalibrationCurve,
    Curve,
    calibration_curve,
    precision_recall_curve,
    roc_curve,
    score_histogram,
)
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.store.performance import Scored
from watchkeeper.tallies.tally import FloatArray, IntArray

ERROR_BINS = 40
_CENTRAL = (0.005, 0.995)
Class = Annotated[
    str | None,
    Query(alias="class", description="A class against the rest; of a multiclass model the first if left out."),
]
Threshold = Annotated[
    float | None, Query(description="Decide score >= threshold instead of as the model did.", ge=0, le=1)
]


class CurveView(msgspec.Struct, frozen=True, kw_only=True):
    """Points in order of falling threshold; the threshold of no decision at all is null."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    threshold: tuple[float | None, ...]


class CalibrationView(msgspec.Struct, frozen=True, kw_only=True):
    """By bin of the probability: rows, mean probability, share that came true with its 95 % interval."""

    rows: tuple[float, ...]
    expected: tuple[float, ...]
    true: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """`rows[k][j]` (weighted) rows of class k that were taken for class j."""

    classes: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """Rows between `edges`, by what their label was (or `rows` where all are one)."""

    edges: tuple[float, ...]
    rows: dict[str, tuple[float, ...]]


class CurvesView(msgspec.Struct, frozen=True, kw_only=True):
    """A version over [start, end) (Unix seconds). What the task has not, or no label tells, is null.

    `name` is the class whose curves these are, `classes` those that can be asked for. `metrics` are at `threshold`
    where one was given. `errors` are prediction less truth of a regression, its central 99 %.
    """

    model: str
    version: str
    route: str | None
    task: str
    main: str
    start: int
    end: int
    name: str | None = None
    classes: tuple[str, ...] = ()
    threshold: float | None = None
    metrics: dict[str, Metric] = {}
    confusion: Confusion | None = None
    roc: CurveView | None = None
    precision_recall: CurveView | None = None
    calibration: CalibrationView | None = None
    scores: Histogram | None = None
    errors: Histogram | None = None


def curves(
    context: Given,
    model: str,
    *,
    version: Named = None,
    route: Route = None,
    start: Start = None,
    end: End = None,
    name: Class = None,
    threshold: Threshold = None,
) -> CurvesView:
    """Curves, confusion and scores by label, at any threshold. Without a span: the last thirty windows."""
    found = context.version(model, version)
    when = span(context, found, start, end)
    if threshold is not None and found.task != "binary":
        raise BadInput(f"A {found.task} model has no threshold.", hint="Leave threshold out.")
    view = CurvesView(
        model=model, version=found.version, route=route, task=found.task, main=MAIN[found.task], start=when.start,
        end=when.end, threshold=threshold,
    )  # fmt: skip
    layout = layout_of(context, found)
    buckets = context.store.performance.buckets(model, found.version, when.start, when.end, route=route)
    counts = functools.reduce(operator.add, buckets, Scored(0, 0)).counts
    if layout is None or counts is None:
        return view
    view = msgspec.structs.replace(view, metrics=metrics(layout, counts, threshold))
    if isinstance(layout, BinaryLayout):
        return _of_binary(view, layout, counts)
    if isinstance(layout, MulticlassLayout):
        return _of_multiclass(view, layout, counts, name)
    return _of_regression(view, layout, counts) if isinstance(layout, RegressionLayout) else view


def _of_binary(view: CurvesView, layout: BinaryLayout, counts: IntArray) -> CurvesView:
    table = layout.decisions(counts, view.threshold)
    view = msgspec.structs.replace(view, name=layout.classes[1], classes=(layout.classes[1],))
    return _with_curves(view, layout, counts, None, (layout.classes, table))


def _of_multiclass(view: CurvesView, layout: MulticlassLayout, counts: IntArray, name: str | None) -> CurvesView:
    chosen = name or layout.named[0]
    if chosen not in layout.named:
        raise NotFound(
            f"No class {chosen[:80]!r} is counted by itself.", hint=f"There are {', '.join(layout.named)[:300]}."
        )
    view = msgspec.structs.replace(view, name=chosen, classes=layout.named)
    return _with_curves(view, layout, counts, chosen, (layout.shown, layout.confusion(counts)))


def _with_curves(
    view: CurvesView, layout: Layout, counts: IntArray, name: str | None, confusion: tuple[tuple[str, ...], FloatArray]
) -> CurvesView:
    edges, scores = score_histogram(layout, counts, name)
    labels = (f"not {name}", name) if name else confusion[0]
    by_label = {str(label): _plain(rows) for label, rows in zip(labels, scores, strict=True)}
    matrix = Confusion(classes=tuple(confusion[0]), rows=tuple(_plain(row) for row in confusion[1]))
    return msgspec.structs.replace(
        view,
        confusion=matrix,
        roc=_curve(roc_curve(layout, counts, name)),
        precision_recall=_curve(precision_recall_curve(layout, counts, name)),
        calibration=_calibration(calibration_curve(layout, counts, name)),
        scores=Histogram(edges=_plain(edges), rows=by_label) if scores.any() else None,
    )


def _of_regression(view: CurvesView, layout: RegressionLayout, counts: IntArray) -> CurvesView:
    edges, rows = layout.error_bins(counts)
    middle, upto = (edges[:-1] + edges[1:]) / 2, np.cumsum(rows) / max(rows.sum(), 1.0)
    low, high = (float(middle[min(int(np.searchsorted(upto, q)), len(middle) - 1)]) for q in _CENTRAL)
    if not rows.any() or low >= high:
        return view
    even = np.linspace(low, high, ERROR_BINS + 1)
    inside = (middle >= low) & (middle <= high)
    place = np.clip(np.searchsorted(even, middle[inside], "right") - 1, 0, ERROR_BINS - 1)
    counted = np.bincount(place, rows[inside], ERROR_BINS)
    return msgspec.structs.replace(view, errors=Histogram(edges=_plain(even), rows={"rows": _plain(counted)}))


def _curve(curve: Curve) -> CurveView | None:
    if not len(curve.x):
        return None
    threshold = tuple(None if np.isinf(value) else value for value in curve.threshold.tolist())
    return CurveView(x=_plain(curve.x), y=_plain(curve.y), threshold=threshold)


def _calibration(curve: CalibrationCurve) -> CalibrationView | None:
    if not len(curve.rows):
        return None
    return CalibrationView(**{name: _plain(getattr(curve, name)) for name in CalibrationView.__struct_fields__})


def _plain(values: FloatArray | IntArray) -> tuple[float, ...]:
    return tuple(np.asarray(values, np.float64).tolist())
