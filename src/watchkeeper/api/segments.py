"""Performance by segment: the rows with one value of a feature; and a search for the worst of all features.

Counts are not kept by segment; they are made from the records and their labels, so the span may hold at most a million
rows that are still kept. Numbers are cut at the quartiles of the reference, as alerts cut them, or of the rows
asked for where it has none. Of many values the most frequent are told apart.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import pyarrow as pa
from fastapi import Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.labelled import layout_of, levels_of, metrics_of, pairs_of, rows_of
from watchkeeper.api.segment_rises import Looked, SegmentRise, rises_of
from watchkeeper.api.span import End, Named, Span, Start, span
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metrics import MAIN, Metric
from watchkeeper.performance.slices import Search, segment_moments, worst_segments
from watchkeeper.store.versions import Version

MOST_SEARCHED = 50_000
Feature = Annotated[str, Query(description="The feature whose values are the segments.", max_length=200)]
Depth = Annotated[int, Query(description="Segments of one feature, or of up to two.", ge=1, le=2)]


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


class WorstSegmentsView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version does worse than elsewhere over [start, end), corrected for having looked everywhere.

    `search` looked at `rows` labelled rows: all of them, or about one in `every`. `loss` says what its losses are.
    `rises` tell of each segment found how much more its loss rose in the newest windows than that of the other rows,
    null where the span has too few mature windows or labels to say.
    """

    model: str
    version: str
    start: int
    end: int
    loss: str
    rows: int
    every: int
    search: Search
    rises: tuple[SegmentRise | None, ...] = ()


LOSS = {
    "binary": "share of wrong decisions",
    "multiclass": "share of wrong decisions",
    "regression": "absolute error",
    "ranking": "1 - NDCG at 10",
    "reward": "reward, sign turned",
}


def segments(
    context: Given, model: str, feature: Feature, *, version: Named = None, start: Start = None, end: End = None
) -> SegmentsView:
    """Metrics on labels by the values of one feature. Without a span: the last thirty windows."""
    found = context.version(model, version)
    check_feature(found, feature)
    when = span(context, found, start, end)
    layout = layout_of(context, found)
    return SegmentsView(
        model=model,
        version=found.version,
        feature=feature,
        main=MAIN[found.task],
        start=when.start,
        end=when.end,
        segments=() if layout is None else _told(context, found, feature, when, layout),
    )


def worst(
    context: Given,
    model: str,
    *,
    version: Named = None,
    start: Start = None,
    end: End = None,
    depth: Depth = 2,
) -> WorstSegmentsView:
    """The worst segments, one and two features deep. Without a span: the last thirty windows."""
    found = context.version(model, version)
    when = span(context, found, start, end)
    every, rows, search = 1, 0, Search(found=(), tested=0, skipped=0)
    rises: tuple[SegmentRise | None, ...] = ()
    layout = layout_of(context, found)
    if layout is not None:
        names = [one.name for one in found.schema.features]
        every = _every(context, found, when)
        table = rows_of(context, found, when, names, labelled=True, one_in=every)
        pairs, good = pairs_of(found, layout, table)
        if pairs is not None:
            table, rows = table.filter(pa.array(good)), len(pairs)
            by_name = {name: levels_of(context, found, name, table) for name in names}
            search = worst_segments(segment_moments(pairs, by_name, depth))
            rises = rises_of(context, found, when, Looked(pairs, table, by_name), search.found)
    return WorstSegmentsView(
        model=model, version=found.version, start=when.start, end=when.end, loss=LOSS[found.task], rows=rows,
        every=every, search=search, rises=rises,
    )  # fmt: skip


def check_feature(version: Version, feature: str) -> None:
    """Raise BadInput unless the version has the feature."""
    names = [one.name for one in version.schema.features]
    if feature not in names:
        raise BadInput(f"The model has no feature {feature[:80]!r}.", hint=f"It has {', '.join(names)[:500]}.")


def _told(
    context: Context, version: Version, feature: str, when: Span, layout: Layout
) -> tuple[SegmentPerformance, ...]:
    rows = rows_of(context, version, when, [feature])
    cut = levels_of(context, version, feature, rows)
    pairs, good = pairs_of(version, layout, rows)
    told = []
    for place, name in enumerate(cut.names):
        here = cut.codes == place
        chosen = here[good]
        found = {} if pairs is None or not chosen.any() else metrics_of(layout, pairs.take(chosen))
        told.append(
            SegmentPerformance(segment=name, predictions=int(here.sum()), labels=int(chosen.sum()), metrics=found)
        )
    return tuple(sorted(told, key=lambda one: -one.predictions))


def _every(context: Context, version: Version, when: Span) -> int:
    """Of how many rows one must be taken for the search to stay quick."""
    rows = context.store.performance.rows(version.model, version.version, when.start, when.end)
    return max(1, -(-rows // MOST_SEARCHED))
