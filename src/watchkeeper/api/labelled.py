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
from watchkeeper.events.errors import TooLarge
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metrics import Metric, metrics
from watchkeeper.performance.pairs import REGRESSION, REWARD, Pairs
from watchkeeper.store.labelled_pairs import Sifted, labelled_pairs
from watchkeeper.store.labelled_rows import RowFilter
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.versions import Version
from watchkeeper.tallies.tally import IntArray

MOST_ROWS = 1_000_000
MOST_LEVELS = 20
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


def levels(column: Any) -> tuple[tuple[str, ...], IntArray]:
    """(names, place (n,) of each row's level): quarters of numbers, else values; beyond 20 the rarest are together."""
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
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
