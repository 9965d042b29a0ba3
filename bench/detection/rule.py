"""The rule under test: the product's own, on references compiled and windows tallied by the product's own code."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.monitors.row_null import RowJudgement, RowNull
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.tally import IntArray

AT_ONCE = 200
SCORE = "score"


def reference_of(rows: pa.Table) -> Reference:
    """A reference of `rows`; a column called `score` becomes the model's own output."""
    features = rows.drop_columns([SCORE]) if SCORE in rows.column_names else rows
    outputs = rows.select([SCORE]) if SCORE in rows.column_names else None
    schema = Schema(
        features=infer_schema(features).features,
        outputs=infer_schema(outputs).features if outputs is not None else (),
    )
    return compile_reference(features, schema, outputs=outputs)


def null_of(reference: Reference) -> RowNull:
    """The rule, ready for that reference; it is told of the score where there is one."""
    score = OUTPUT + SCORE if OUTPUT + SCORE in reference.binning.columns else None
    return RowNull.fit(reference, score=score)


def tallied(reference: Reference, rows: pa.Table, size: int) -> IntArray:
    """(W, size) tallies of consecutive windows of `size` rows."""
    table = prefixed(rows, INPUT)
    if SCORE in rows.column_names:
        table = table.rename_columns([OUTPUT + SCORE if name == INPUT + SCORE else name for name in table.column_names])
    bounds = np.arange(0, rows.num_rows + 1, size)
    return np.stack([tally.counts for tally in reference.binning.tally_groups(table, bounds)])


def judged(null: RowNull, windows: IntArray, q: float) -> Iterator[RowJudgement]:
    """The judgements of `windows` (W, size), so many at once that memory stays small."""
    for first in range(0, len(windows), AT_ONCE):
        yield null.judge(windows[first : first + AT_ONCE], q)
