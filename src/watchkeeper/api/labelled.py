"""Rows of a version with their labels, for what counts cannot tell: segments, and rows that two versions share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.api.context import Context
from watchkeeper.api.span import Span
from watchkeeper.compare.row_cells import cells_of, row_cells
from watchkeeper.events.errors import TooLarge, Unavailable
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.levels import Levels, distinct
from watchkeeper.performance.metrics import Metric, metrics
from watchkeeper.performance.pairs import REGRESSION, REWARD, Pairs
from watchkeeper.reference.reference import Reference
from watchkeeper.store.labelled_pairs import Sifted, labelled_pairs
from watchkeeper.store.labelled_rows import RowFilter
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.versions import Version
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray

MOST_ROWS = 1_000_000
MOST_LEVELS, QUARTERS = 20, 4
MISSING, OTHERS = "(missing)", "(others)"
_ENVELOPE = ("prediction_id", "request_id", "event_time")
_MICRO = 1_000_000


def layout_of(context: Context, version: Version) -> Layout | None:
    """How the version's labels are counted; None before its first row or label."""
    kept = context.store.performance.layout(version.model, version.version)
    return None if kept is None else read_layouts(kept)[0]


def rows_of(
    context: Context,
    version: Version,
    when: Span,
    features: Sequence[str],
    *,
    labelled: bool = False,
    one_in: int = 1,
    most: int = MOST_ROWS,
) -> pa.Table:
    """Answered rows: `features` as `input.…`, the outputs, `label` and `weight`; of them about one in `one_in`.

    Raises TooLarge beyond `most` rows.
    """
    store = context.store.labelled_rows
    wanted = RowFilter(
        start=when.start * _MICRO, end=when.end * _MICRO, version=version.version, labelled=labelled, one_in=one_in
    )
    inputs = {INPUT + name for name in features}
    there = store.columns(version.model, wanted)
    columns = {name: kind for name, kind in there.items() if name in inputs or name.startswith(OUTPUT)}
    numeric = version.task in (REGRESSION, REWARD)
    kept = [*_ENVELOPE, *columns, "label", "weight"]
    parts: list[pa.Table] = []
    rows = 0
    for part in store.parts(version.model, wanted, columns, numeric=numeric):
        rows += part.num_rows
        if rows > most:
            raise TooLarge(f"That are more than {most:,} rows.", hint="Ask for a shorter span.")
        parts.append(part.select(kept))
    if not parts:
        blank = {**dict.fromkeys(_ENVELOPE, pa.string()), **columns, "label": pa.string(), "weight": pa.float64()}
        parts = [pa.schema(blank).empty_table()]
    lacking = inputs - there.keys()
    table = pa.concat_tables(parts).combine_chunks()
    for name in sorted(lacking):
        table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
    return table


def pairs_of(version: Version, layout: Layout, rows: pa.Table, labels: pa.ChunkedArray | None = None) -> Sifted:
    """(pairs of the rows that have a label which can be read, which rows these are).

    `labels` stand in for those of `rows`.
    """
    return labelled_pairs(version.task, layout.classes, rows, labels)


def metrics_of(layout: Layout, pairs: Pairs | None) -> dict[str, Metric]:
    """The metrics of these pairs; none of none."""
    return {} if pairs is None or not len(pairs) else metrics(layout, layout.tally(pairs).counts)


def levels_of(context: Context, version: Version, feature: str, rows: pa.Table) -> Levels:
    """The levels of `input.<feature>` of `rows` (n): quarters of its reference's numbers where it has them.

    So a segment is called here as alerts call it (watch/segment_rows.py).
    """
    key = INPUT + feature
    column = rows[key]
    reference = _reference(context, version)
    bins = None if reference is None else reference.binning.columns.get(key)
    if reference is None or not isinstance(bins, NumericBins) or bins.length or not _is_number(column.type):
        return Levels(*levels(column))
    cells = cells_of(reference, key, QUARTERS)
    codes = row_cells(reference, cells, rows)
    used, places = np.unique(codes, return_inverse=True)
    names = (*distinct(cells.labels[:-1]), MISSING)
    return Levels(tuple(names[place] for place in used.tolist()), places)


def _reference(context: Context, version: Version) -> Reference | None:
    """The version's reference; None where it cannot be read."""
    try:
        return context.reference(version)
    except Unavailable:
        return None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def levels(column: Any) -> tuple[tuple[str, ...], IntArray]:
    """(names, place (n,) of each row's level): quarters of numbers, else values; beyond 20 the rarest are together."""
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if _is_number(column.type):
        return _quartiles(column)
    coded = pc.fill_null(pc.cast(column, pa.string()), MISSING).dictionary_encode()
    values, codes = tuple(coded.dictionary.to_pylist()), np.asarray(coded.indices.to_numpy(), np.int64)
    if len(values) <= MOST_LEVELS:
        return values, codes
    largest = np.argsort(-np.bincount(codes, minlength=len(values)), kind="stable")[: MOST_LEVELS - 1]
    moved = np.full(len(values), MOST_LEVELS - 1, np.int64)
    moved[largest] = np.arange(MOST_LEVELS - 1)
    return (*(values[place] for place in largest.tolist()), OTHERS), moved[codes]


def _quartiles(column: pa.Array) -> tuple[tuple[str, ...], IntArray]:
    """(names, place (n,)) of the quarter of the values that each lies in; a missing value is a level of its own."""
    values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    missing = np.isnan(values)
    if missing.all():
        return (MISSING,), np.zeros(len(values), np.int64)
    edges = np.unique(np.nanquantile(values, [0.25, 0.5, 0.75]))
    texts = [f"{edge:.6g}" for edge in edges.tolist()]
    names = [f"below {texts[0]}", *(f"{a} to {b}" for a, b in pairwise(texts)), f"{texts[-1]} or more", MISSING]
    place = np.where(missing, len(names) - 1, np.searchsorted(edges, values, "right"))
    used, codes = np.unique(place, return_inverse=True)
    return tuple(names[k] for k in used.tolist()), codes
