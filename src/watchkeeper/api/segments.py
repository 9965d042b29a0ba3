"""Performance by segment: the rows with one value of a feature, where asked.

Counts are not kept by segment; they are made from the records and their labels, so the span may hold at most a million
rows that are still kept. Numbers are cut at the quartiles of the rows asked for. Of many values the most frequent are
told apart.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fastapi import Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.span import End, Named, Span, Start, span
from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.performance.pairs import Pairs
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.versions import Version

MOST_ROWS = 1_000_000
MOST_SEGMENTS = 20
MISSING, OTHERS = "(missing)", "(others)"
_FAILED = 400
_MICRO = 1_000_000
Feature = Annotated[str, Query(description="The feature whose values are the segments.", max_length=200)]


class SegmentPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """The rows with one value: how many were predicted, how many have a label, and their metrics."""

    segment: str
    predictions: int
    labels: int
    metrics: dict[str, Metric]


class SegmentsView(msgspec.Struct, frozen=True, kw_only=True):
    """Performance of a version over [start, end) (Unix seconds) by the values of `feature`, the largest first."""

    model: str
    version: str
    feature: str
    main: str
    start: int
    end: int
    segments: tuple[SegmentPerformance, ...]


def segments(
    context: Given, model: str, feature: Feature, *, version: Named = None, start: Start = None, end: End = None
) -> SegmentsView:
    """Metrics on labels by the values of one feature. Without a span: the last thirty windows."""
    found = context.version(model, version)
    names = [one.name for one in found.schema.features]
    if feature not in names:
        raise BadInput(f"The model has no feature {feature[:80]!r}.", hint=f"It has {', '.join(names)[:500]}.")
    when = span(context, found, start, end)
    kept = context.store.performance.layout(model, found.version)
    told = () if kept is None else _told(context, found, feature, when, read_layouts(kept)[0])
    return SegmentsView(
        model=model,
        version=found.version,
        feature=feature,
        main=MAIN[found.task],
        start=when.start,
        end=when.end,
        segments=told,
    )


def _told(
    context: Context, version: Version, feature: str, when: Span, layout: Layout
) -> tuple[SegmentPerformance, ...]:
    rows = _rows(context, version, INPUT + feature, when)
    ids = rows.column("prediction_id").to_pylist()
    labels = {
        key[0]: one.value for key, one in context.store.labels.get(version.model, ids).items() if key[1] == "label"
    }
    names, codes = _segments(rows.column(INPUT + feature).combine_chunks())
    labelled = np.array([name in labels for name in ids], bool)
    told = []
    for place, name in enumerate(names):
        here = codes == place
        chosen = np.flatnonzero(here & labelled)
        part = rows.take(pa.array(chosen))
        found = _metrics(version.task, layout, part, [labels[ids[row]] for row in chosen.tolist()])
        told.append(SegmentPerformance(segment=name, predictions=int(here.sum()), labels=chosen.size, metrics=found))
    return tuple(sorted(told, key=lambda one: -one.predictions))


def _rows(context: Context, version: Version, column: str, when: Span) -> pa.Table:
    """The answered rows of a version, with one input and the outputs."""
    store, start, end = context.store, when.start * _MICRO, when.end * _MICRO
    parts: list[pa.Table] = []
    rows = 0
    for file in store.records.files(version.model, start=start, end=end):
        names = pq.read_schema(store.records.path(file)).names
        wanted = [name for name in names if name in ("prediction_id", column) or name.startswith(OUTPUT)]
        condition = (pc.field("version") == version.version) & (pc.field("status") < _FAILED)
        condition &= (pc.field("event_time") >= _stamp(start)) & (pc.field("event_time") < _stamp(end))
        parts.append(pq.read_table(store.records.path(file), columns=wanted, filters=condition, partitioning=None))
        rows += parts[-1].num_rows
        if rows > MOST_ROWS:
            raise TooLarge(f"That are more than {MOST_ROWS:,} rows.", hint="Ask for a shorter span.")
    blank = pa.table({"prediction_id": pa.array([], pa.string()), column: pa.array([], pa.string())})
    parts = [part for part in parts if part.num_rows]
    return pa.concat_tables(parts, promote_options="permissive").combine_chunks() if parts else blank


def _stamp(micros: int) -> pa.Scalar:
    return pa.scalar(micros, pa.timestamp("us", tz="UTC"))


def _segments(column: pa.Array) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """(names, place (n,) of each row's segment)."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        column = _quartiles(column)
    coded = pc.fill_null(pc.cast(column, pa.string()), MISSING).dictionary_encode()
    values, codes = coded.dictionary.to_pylist(), np.asarray(coded.indices.to_numpy(), np.int64)
    if len(values) <= MOST_SEGMENTS:
        return values, codes
    largest = np.argsort(-np.bincount(codes, minlength=len(values)), kind="stable")[: MOST_SEGMENTS - 1]
    moved = np.full(len(values), MOST_SEGMENTS - 1, np.int64)
    moved[largest] = np.arange(MOST_SEGMENTS - 1)
    return [*(values[place] for place in largest.tolist()), OTHERS], moved[codes]


def _quartiles(column: pa.Array) -> pa.Array:
    """Which quarter of the values each lies in, in words; a missing value stays missing."""
    values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if np.isnan(values).all():
        return pa.nulls(len(values), pa.string())
    edges = np.unique(np.nanquantile(values, [0.25, 0.5, 0.75]))
    place = np.searchsorted(edges, values, "right")
    texts = [f"{edge:.6g}" for edge in edges.tolist()]
    names = [
        f"below {texts[0]}",
        *(f"{a} to {b}" for a, b in pairwise(texts)),
        f"{texts[-1]} or more",
    ]
    return pa.array([names[k] for k in place.tolist()], mask=np.isnan(values))


def _metrics(task: str, layout: Layout, rows: pa.Table, labels: list[Any]) -> dict[str, Metric]:
    if not labels:
        return {}
    outputs = rows.select([name for name in rows.column_names if name.startswith(OUTPUT)])
    pairs, _, _ = Pairs.sift(task, layout.classes, outputs, labels)
    return metrics(layout, layout.tally(pairs).counts)
