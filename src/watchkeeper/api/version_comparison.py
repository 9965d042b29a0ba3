"""Two versions side by side: on the same rows where both answered them, else over the windows in which both served.

The same rows are known by the caller's own ID of the request and the row in it (a caller that asked both), or by the
prediction ID where both have it and no ID of the caller's (a mirror that records what it was sent under the same ID).
From 30 such rows with a label on they are compared in pairs, which takes far fewer rows to tell. Over the same windows
the difference takes the noise of both sides, and is fair only where chance decided which version answered.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Annotated

import msgspec
import numpy as np
import pyarrow as pa
from fastapi import Query

from watchkeeper.api.context import Given
from watchkeeper.api.labelled import layout_of, levels, metrics_of, pairs_of, rows_of
from watchkeeper.api.segments import check_feature
from watchkeeper.api.span import End, Start, span
from watchkeeper.api.twins import Asked, Twins, twins
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.performance.pairs import BINARY, REGRESSION
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.performance.versions import Difference, PairedLayout, paired_auc, unpaired
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.store.performance import Scored
from watchkeeper.store.versions import Version

EXAMPLES = 20
SAME_ROWS, SAME_WINDOWS, OTHER_WINDOWS = "same rows", "same windows", "different windows"
SMALLER_IS_BETTER = frozenset({"mae", "rmse", "log_loss", "brier", "mape", "calibration_error"})
Side = Annotated[str, Query(description="A version.", max_length=64)]
By = Annotated[str | None, Query(description="A feature: differences by its values too.", max_length=200)]


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A row that one version got right and the other wrong; `right` names the version that was right."""

    prediction_a: str
    prediction_b: str
    truth: str
    right: str


class SegmentDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The main metric of both versions on the rows with one value, and b less a."""

    segment: str
    rows: int
    a: Metric | None
    b: Metric | None
    difference: Difference


class VersionsView(msgspec.Struct, frozen=True, kw_only=True):
    """Versions `a` and `b` over [start, end) (Unix seconds).

    `basis` is `same rows`, `same windows` or `different windows`; `note` says what that means for trust. `differences`
    are b less a. `better` is the version whose main metric is better beyond its interval, null where none is.
    `newly_wrong` and `newly_right` count rows by true class, `p_value` is McNemar's; they need the same rows.
    """

    model: str
    a: str
    b: str
    start: int
    end: int
    basis: str
    note: str
    main: str
    rows: int
    better: str | None
    metrics_a: dict[str, Metric]
    metrics_b: dict[str, Metric]
    differences: dict[str, Difference]
    newly_wrong: dict[str, int] | None = None
    newly_right: dict[str, int] | None = None
    p_value: float | None = None
    changed: tuple[Changed, ...] = ()
    feature: str | None = None
    segments: tuple[SegmentDifference, ...] = ()


def compare_versions(
    context: Given, model: str, a: Side, b: Side, *, start: Start = None, end: End = None, feature: By = None
) -> VersionsView:
    """Two versions on the same rows or the same windows. Without a span: the last thirty windows."""
    one, other = context.version(model, a), context.version(model, b)
    if a == b:
        raise BadInput("Both versions are the same.", hint="Name two.")
    if feature is not None:
        check_feature(one, feature)
        check_feature(other, feature)
    when = span(context, other, start, end)
    layouts = layout_of(context, one), layout_of(context, other)
    if layouts[0] is None or layouts[1] is None:
        lacking = a if layouts[0] is None else b
        return VersionsView(
            model=model, a=a, b=b, start=when.start, end=when.end, basis=OTHER_WINDOWS, main=MAIN[one.task], rows=0,
            note=f"Version {lacking} has no label yet.", better=None, metrics_a={}, metrics_b={}, differences={},
        )  # fmt: skip
    asked = Asked(context, one, other, when, (layouts[0], layouts[1]), feature)
    shared = twins(asked)
    return _unpaired(asked) if shared is None else _paired(asked, shared)


def _paired(asked: Asked, shared: Twins) -> VersionsView:
    paired = _layout(asked)
    told = paired.compare(paired.tally(shared.a, shared.b).counts)
    differences = dict(told.differences)
    if asked.a.task == BINARY:
        differences = {"roc_auc": paired_auc(shared.a, shared.b), **differences}
    main = MAIN[asked.a.task]
    return VersionsView(
        model=asked.a.model, a=asked.a.version, b=asked.b.version, start=asked.when.start, end=asked.when.end,
        basis=SAME_ROWS, note="Both versions answered these rows, so only the versions differ.", main=main,
        rows=told.rows, better=_better(asked, differences.get(main)),
        metrics_a=metrics_of(asked.layouts[0], shared.a), metrics_b=metrics_of(asked.layouts[1], shared.b),
        differences=differences, newly_wrong=told.newly_wrong, newly_right=told.newly_right, p_value=told.p_value,
        changed=_changed(asked, shared), feature=asked.feature, segments=_paired_segments(asked, shared, paired),
    )  # fmt: skip


def _layout(asked: Asked) -> PairedLayout:
    layout = asked.layouts[0]
    scale = layout.error.scale if isinstance(layout, RegressionLayout) else 1.0
    return PairedLayout(asked.a.task, layout.classes, scale)


def _changed(asked: Asked, shared: Twins) -> tuple[Changed, ...]:
    """The newest rows on which the versions part."""
    if asked.a.task == REGRESSION:
        return ()
    truth = np.asarray(shared.a.truth, np.int64)
    right_a, right_b = (np.asarray(side.predicted) == truth for side in (shared.a, shared.b))
    at = np.flatnonzero(right_a != right_b)
    at = at[np.argsort(-shared.rows_b["event_time"].cast(pa.int64()).to_numpy()[at], kind="stable")][:EXAMPLES]
    ids_a, ids_b = (rows["prediction_id"].to_pylist() for rows in (shared.rows_a, shared.rows_b))
    return tuple(
        Changed(
            prediction_a=ids_a[row],
            prediction_b=ids_b[row],
            truth=asked.layouts[0].classes[truth[row]],
            right=asked.a.version if right_a[row] else asked.b.version,
        )
        for row in at.tolist()
    )


def _paired_segments(asked: Asked, shared: Twins, paired: PairedLayout) -> tuple[SegmentDifference, ...]:
    if asked.feature is None:
        return ()
    name = "mae" if asked.a.task == REGRESSION else "accuracy"
    names, codes = levels(shared.rows_a.column(INPUT + asked.feature))
    found = []
    for place, segment in enumerate(names):
        here: BoolArray = codes == place
        some = shared.a.take(here), shared.b.take(here)
        difference = paired.compare(paired.tally(*some).counts).differences[name]
        sides = [metrics_of(layout, side).get(name) for layout, side in zip(asked.layouts, some, strict=True)]
        found.append(
            SegmentDifference(segment=segment, rows=int(here.sum()), a=sides[0], b=sides[1], difference=difference)
        )
    return tuple(sorted(found, key=lambda one: -one.rows))


def _unpaired(asked: Asked) -> VersionsView:
    width = asked.context.store.versions.model(asked.a.model).settings.window_seconds
    series = [_series(asked, version, width) for version in (asked.a, asked.b)]
    common = series[0].keys() & series[1].keys()
    basis = SAME_WINDOWS if common else OTHER_WINDOWS
    sides = [_metrics(layout, part, common) for layout, part in zip(asked.layouts, series, strict=True)]
    differences = unpaired(*sides)
    main = MAIN[asked.a.task]
    return VersionsView(
        model=asked.a.model, a=asked.a.version, b=asked.b.version, start=asked.when.start, end=asked.when.end,
        basis=basis, note=_NOTES[basis], main=main, rows=sum(m[main].n for m in sides if main in m),
        better=_better(asked, differences.get(main)) if common else None,
        metrics_a=sides[0], metrics_b=sides[1], differences=differences, feature=asked.feature,
        segments=_segments(asked, common, width),
    )  # fmt: skip


_NOTES = {
    SAME_WINDOWS: "Each version answered its own rows of the same windows: a fair comparison only where chance decided "
    "which of them answered.",
    OTHER_WINDOWS: "The versions have no labelled window in common. The difference may come from the time, not from "
    "the version.",
}


def _series(asked: Asked, version: Version, width: int) -> dict[int, Scored]:
    found = asked.context.store.performance.series(
        version.model, version.version, asked.when.start, asked.when.end, width
    )
    return {step.start: step for step in found if step.rows}


def _metrics(layout: Layout, series: Mapping[int, Scored], common: set[int]) -> dict[str, Metric]:
    steps = [step for start, step in series.items() if start in common or not common]
    counts = functools.reduce(operator.add, steps).counts if steps else None
    return {} if counts is None else metrics(layout, counts)


def _segments(asked: Asked, common: set[int], width: int) -> tuple[SegmentDifference, ...]:
    """By the values of the feature, cut alike for both versions."""
    if asked.feature is None:
        return ()
    tables = [
        _in_windows(rows_of(asked.context, version, asked.when, asked.features, labelled=True), common, width)
        for version in (asked.a, asked.b)
    ]
    column = INPUT + asked.feature
    names, codes = levels(pa.concat_tables([t.select([column]) for t in tables], promote_options="permissive")[column])
    parts = codes[: tables[0].num_rows], codes[tables[0].num_rows :]
    main, found = MAIN[asked.a.task], []
    sifted = [
        pairs_of(version, layout, rows)
        for version, layout, rows in zip((asked.a, asked.b), asked.layouts, tables, strict=True)
    ]
    for place, segment in enumerate(names):
        sides = [
            {} if pairs is None else metrics_of(layout, pairs.take((code == place)[good]))
            for (pairs, good), code, layout in zip(sifted, parts, asked.layouts, strict=True)
        ]
        one, other = (side.get(main) for side in sides)
        difference = unpaired(*sides).get(main, Difference(value=None, note="one version has no labelled row here"))
        rows = sum(int((code == place).sum()) for code in parts)
        found.append(SegmentDifference(segment=segment, rows=rows, a=one, b=other, difference=difference))
    return tuple(sorted(found, key=lambda one: -one.rows))


def _in_windows(rows: pa.Table, common: set[int], width: int) -> pa.Table:
    if not common or not rows.num_rows:
        return rows
    starts = rows["event_time"].cast(pa.int64()).to_numpy() // 1_000_000 // width * width
    return rows.filter(pa.array(np.isin(starts, list(common))))


def _better(asked: Asked, difference: Difference | None) -> str | None:
    """The version whose main metric is better, if its interval says so."""
    if difference is None or difference.low is None or difference.high is None:
        return None
    if difference.low <= 0 <= difference.high:
        return None
    higher = difference.low > 0
    smaller = MAIN[asked.a.task] in SMALLER_IS_BETTER
    return asked.b.version if higher != smaller else asked.a.version
